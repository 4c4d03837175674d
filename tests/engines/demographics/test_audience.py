"""What a page is given: shares with their error, or the reason why there is no chart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.cameras.counts import keep_counts
from engines.cameras.purposes import switch_purpose
from engines.cameras.records import remember_camera
from engines.cameras.state import note_state
from engines.demographics.hours import audience_hours
from engines.demographics.queries import audience, camera_measures, places_measured
from engines.demographics.weights import record_check
from models.site import create_site
from models.store import Store, create_store
from models.weights import add_weights
from tests.data import data_file
from tests.engines.demographics.labelled import BANDS, labelled_set

START = 1_780_000_000_000 // 3_600_000 * 3_600_000
HOUR = 3_600_000
FIRST, LAST = "2020-01-01", "2030-12-31"
CROWD = {("25-34", "female"): 300, ("35-44", "female"): 250, ("25-34", "male"): 200, ("65+", "male"): 180}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Mall"))
    remember_camera(made, "anna", code="C1", name="Door", address="rtsp://x", lines="")
    yield made
    made.close()


def check(store: Store, **errors: int) -> None:
    folder = store.site.folder / "weights" / "attributes"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(b"weights")
    record_check(
        store, "anna", weights="attributes", labelled_set="faces", faces=list(labelled_set(**errors)), bands=BANDS
    )


def keep(
    store: Store, groups: dict[tuple[str, str], int], *, hour: int = 0, camera: str = "C1", model: bytes = b"weights"
) -> None:
    """Rows that the network whose file holds `model` has told."""
    told = hashlib.sha256(model).hexdigest()
    rows = [
        {"place": "Z1", "start_ms": START + hour * HOUR, "age_band": band, "gender": gender, "n": n, "weights": told}
        for (band, gender), n in groups.items()
    ]
    keep_counts(store, camera, {"demographics": rows})


def codes(store: Store) -> list[str]:
    return [reason.code for reason in audience(store, FIRST, LAST, "Z1").reasons]


def test_shares_are_corrected_and_stand_beside_the_model_s_accuracy(store: Store) -> None:
    check(store)
    keep(store, {**CROWD, ("unknown", "unknown"): 70})
    keep(store, CROWD, hour=1)
    found = audience(store, FIRST, LAST, "Z1")
    assert (found.people, found.unknown, found.suppressed, found.reasons) == (1930, 70, 0, ())
    women, men = found.genders
    assert (women.name, women.n, men.n) == ("female", 1100, 760)
    assert women.observed == pytest.approx(1100 / 1860)
    assert women.corrected == pytest.approx((1100 / 1860 - 0.1) / 0.85)
    assert women.low < women.corrected < women.high
    assert [share.name for share in found.bands] == list(BANDS)
    assert sum(share.corrected for share in found.bands) == pytest.approx(1)
    assert found.check is not None
    assert found.check.labelled_set == "faces"
    assert found.source == "camera:C1"
    assert places_measured(store, FIRST, LAST) == ["Z1"]


def test_two_cameras_of_one_place_are_not_added_up(store: Store) -> None:
    check(store)
    remember_camera(store, "anna", code="C2", address="rtsp://y", lines="")
    keep(store, CROWD)
    keep(store, {("25-34", "male"): 40}, camera="C2")
    found = audience(store, FIRST, LAST, "Z1")
    assert (found.people, found.source) == (930, "camera:C1")


def test_a_correction_replaces_what_was_counted(store: Store) -> None:
    check(store)
    keep(store, CROWD)
    with store.write("anna", "a correction") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO demographic_hour (place, hour_start, age_band, gender, weights, source_id, revision, day, "
            "minute, n) SELECT place, hour_start, age_band, gender, weights, source_id, 1, day, minute, 100 "
            "FROM demographic_hour "
            "WHERE age_band = '65+'"
        )
    found = audience(store, FIRST, LAST, "Z1")
    assert found.people == 930 - 80


def test_days_outside_the_span_do_not_count(store: Store) -> None:
    check(store)
    keep(store, CROWD)
    assert audience(store, "2020-01-01", "2020-12-31", "Z1").people == 0


def test_suppressed_people_widen_the_bands_but_not_the_genders(store: Store) -> None:
    check(store)
    keep(store, CROWD)
    plain = audience(store, FIRST, LAST, "Z1")
    keep(store, {("suppressed", "female"): 60})
    found = audience(store, FIRST, LAST, "Z1")
    assert found.suppressed == 60
    assert found.genders[0].n == plain.genders[0].n + 60
    assert all(new.high > old.high for new, old in zip(found.bands, plain.bands, strict=True))
    keep(store, {("suppressed", "male"): 300})
    hidden = audience(store, FIRST, LAST, "Z1")
    assert (hidden.bands, bool(hidden.genders)) == ((), True)
    assert [reason.code for reason in hidden.reasons] == ["bands_suppressed"]


def test_no_weights_no_chart(store: Store) -> None:
    keep(store, CROWD)
    found = audience(store, FIRST, LAST, "Z1")
    assert (found.genders, found.bands, found.check) == ((), (), None)
    assert [reason.code for reason in found.reasons] == ["no_checked_weights"]
    assert "no chart" in found.reasons[0].text
    assert found.reasons[0].text_zh


def test_changed_weights_lose_their_chart(store: Store) -> None:
    check(store)
    keep(store, CROWD)
    (store.site.folder / "weights" / "attributes" / "model.onnx").write_bytes(b"others")
    assert codes(store) == ["no_checked_weights"]
    assert "not the ones that were checked" in audience(store, FIRST, LAST, "Z1").reasons[0].text


def test_two_networks_are_not_mixed_and_each_is_corrected_by_its_own_check(store: Store) -> None:
    check(store, wrong_women=0, wrong_men=0)
    keep(store, CROWD)
    before = audience(store, FIRST, LAST, "Z1")
    (store.site.folder / "weights" / "attributes" / "model.onnx").write_bytes(b"newer")
    record_check(store, "anna", weights="attributes", labelled_set="others", faces=list(labelled_set()), bands=BANDS)
    keep(store, {("25-34", "female"): 120, ("35-44", "male"): 80}, hour=1, model=b"newer")
    older = audience(store, FIRST, LAST, "Z1")
    assert (older.people, older.others, older.genders) == (930, 200, before.genders)
    assert older.check is not None and older.check.labelled_set == "faces"
    assert [reason.code for reason in older.reasons] == ["other_weights"]
    assert "200 people" in older.reasons[0].text
    keep(store, {**CROWD, ("35-44", "female"): 600}, hour=2, model=b"newer")
    newer = audience(store, FIRST, LAST, "Z1")
    assert (newer.check and newer.check.labelled_set, newer.people, newer.others) == ("others", 1480, 930)
    keep(store, {("25-34", "female"): 5000}, hour=3, model=b"never checked")
    again = audience(store, FIRST, LAST, "Z1")
    assert (again.people, again.others, again.genders) == (1480, 5930, newer.genders)


def test_people_measured_with_weights_that_were_never_checked_have_no_chart(store: Store) -> None:
    check(store)
    keep(store, CROWD, model=b"never checked")
    found = audience(store, FIRST, LAST, "Z1")
    assert (found.people, found.genders, found.bands, found.check) == (930, (), (), None)
    assert codes(store) == ["unchecked_weights"]


def test_too_few_people_and_too_few_labels_are_reasons(store: Store) -> None:
    check(store)
    keep(store, {("25-34", "female"): 20, ("25-34", "male"): 30})
    assert codes(store) == ["genders_few_people", "bands_few_people"]
    check(store, each=5, wrong_women=0, wrong_men=0)
    assert codes(store) == ["genders_few_labels", "bands_few_labels"]


def test_a_network_that_guesses_has_no_gender_chart(store: Store) -> None:
    check(store, wrong_women=28, wrong_men=28)
    keep(store, CROWD)
    assert codes(store) == ["genders_not_told_apart"]


def test_an_empty_place_says_what_keeps_it_empty(store: Store) -> None:
    check(store)
    assert codes(store) == ["off"]
    switch_purpose(store, "anna", "C1", "demographics", True, "consent", "Notice")
    assert codes(store) == ["no_checked_weights"]
    assert "face-detection-yunet-2026may" in audience(store, FIRST, LAST, "Z1").reasons[0].text
    add_weights(store, "anna", data_file("weights/face_detection_yunet_2026may.onnx"))
    assert codes(store) == ["not_measured"]
    note_state(store, "C1", {"state": "counting", "face_width_median": 26.0})
    reason = audience(store, FIRST, LAST, "Z1").reasons[0]
    assert reason.text == "Door: not measurable here (median face 26 px, needs 60)"
    assert "26" in reason.text_zh
    note_state(store, "C1", {"state": "counting", "face_width_median": 80.0})
    assert codes(store) == ["nobody"]


def test_each_camera_says_who_switched_it_on_and_why(store: Store) -> None:
    switch_purpose(store, "anna", "C1", "demographics", True, "consent at the door", "Notice")
    note_state(store, "C1", {"state": "counting", "face_width_median": 80.0})
    (measure,) = camera_measures(store)
    assert measure.reason is not None and measure.reason.code == "no_checked_weights"
    check(store)
    add_weights(store, "anna", data_file("weights/face_detection_yunet_2026may.onnx"))
    (measure,) = camera_measures(store)
    assert (measure.on, measure.actor, measure.legal_basis) == (True, "anna", "consent at the door")
    assert (measure.median_face, measure.reason) == (80.0, None)
    switch_purpose(store, "ben", "C1", "demographics", False)
    (measure,) = camera_measures(store)
    assert (measure.on, measure.actor, measure.reason.code if measure.reason else "") == (False, "ben", "off")


def test_hours_are_of_the_camera_and_network_that_the_chart_rests_on(store: Store) -> None:
    check(store)
    keep(store, {**CROWD, ("unknown", "unknown"): 70})
    keep(store, CROWD, hour=1)
    keep(store, {("25-34", "female"): 5}, camera="C2")
    keep(store, {("25-34", "female"): 40}, hour=2, model=b"others")
    first, second = audience_hours(store, audience(store, FIRST, LAST, "Z1"))
    assert (first.people, second.people) == (1000, 930)
    assert first.genders == {"female": 550, "male": 380, "unknown": 70}
    assert second.bands == {"25-34": 500, "35-44": 250, "65+": 180}
    assert second.hour == (first.hour + 1) % 24
