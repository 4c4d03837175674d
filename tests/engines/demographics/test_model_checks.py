"""A network is used only while its file is the one that was checked; the check says where it is weak."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engines.demographics.checking import Checked, summed_up, weak_groups
from engines.demographics.weights import checked_weights, checks, digest_of, record_check
from models.errors import Known, NotInstalled
from models.site import create_site
from models.store import Store, create_store
from tests.engines.demographics.labelled import BANDS, labelled_set


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Mall"))
    yield made
    made.close()


def install(store: Store, name: str = "attributes", content: bytes = b"weights") -> Path:
    folder = store.site.folder / "weights" / name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.onnx"
    path.write_bytes(content)
    return path


def record(store: Store, name: str = "attributes") -> None:
    record_check(store, "anna", weights=name, labelled_set="faces 2026", faces=list(labelled_set()), bands=BANDS)


def test_a_labelled_set_is_added_up() -> None:
    found = summed_up([*labelled_set(young=7), replace(labelled_set()[0], told_age=None, told_band="unknown",
                       told_gender="unknown", face_width=None)], BANDS)  # fmt: skip
    whole = found.groups[0]
    assert (found.n, found.faceless, found.young, found.young_told, found.face_width) == (728, 1, 7, 7, 100)
    assert (whole.kind, whole.n, whole.gender_told, whole.gender_right) == ("all", 721, 720, 720 - 6 * 9)
    assert whole.gender_low < (whole.gender_share or 0) == 0.925 < whole.gender_high
    assert whole.band_right / whole.band_told == pytest.approx(1 - 0.25 * 5 / 6)
    assert whole.band_near == whole.band_told
    assert whole.age_error == pytest.approx(1 + 10 * 0.25 * 5 / 6)
    assert found.genders.counts == ((342, 18), (36, 324))
    assert found.bands.counts[0] == (90, 30, 0, 0, 0, 0)


def test_weak_groups_are_named() -> None:
    found = summed_up(labelled_set(weak_group=True), BANDS)
    assert ("group", "B") in {(group.kind, group.name) for group in weak_groups(found)}
    assert ("group", "A") not in {(group.kind, group.name) for group in weak_groups(found)}
    few = summed_up([*labelled_set(), *[replace(face, group="C") for face in labelled_set()[:5]]], BANDS)
    assert ("group", "C") in {(group.kind, group.name) for group in weak_groups(few)}


def test_a_check_comes_back_as_it_was_kept(store: Store) -> None:
    install(store)
    faces = list(labelled_set(young=3))
    kept = record_check(store, "anna", weights="attributes", labelled_set="faces 2026", faces=faces, bands=BANDS)
    assert checks(store) == [kept]
    assert kept.checked == Checked.of_json(kept.checked.as_json()) == summed_up(faces, BANDS)
    assert (kept.actor, kept.labelled_set) == ("anna", "faces 2026")


def test_only_the_very_file_that_was_checked_is_used(store: Store) -> None:
    with pytest.raises(NotInstalled, match="checked on labelled faces"):
        checked_weights(store)
    path = install(store)
    with pytest.raises(NotInstalled):
        checked_weights(store)
    record(store)
    assert checked_weights(store).path == path
    path.write_bytes(b"other weights")
    with pytest.raises(NotInstalled, match="'attributes' are not the ones that were checked"):
        checked_weights(store)
    path.unlink()
    with pytest.raises(NotInstalled, match="no longer in this site"):
        checked_weights(store)


def test_of_several_the_one_checked_last_is_used(store: Store) -> None:
    for name in ("first", "second"):
        install(store, name, name.encode())
        record(store, name)
    assert checked_weights(store).check.weights == "second"


def test_the_digest_covers_both_files_of_an_openvino_model(tmp_path: Path) -> None:
    (tmp_path / "m.xml").write_bytes(b"graph")
    (tmp_path / "m.bin").write_bytes(b"numbers")
    before = digest_of(tmp_path / "m.xml")
    (tmp_path / "m.bin").write_bytes(b"numberz")
    assert digest_of(tmp_path / "m.xml") != before


def test_a_check_of_absent_weights_is_refused(store: Store) -> None:
    with pytest.raises(Known, match="no weights 'absent'"):
        record(store, "absent")
