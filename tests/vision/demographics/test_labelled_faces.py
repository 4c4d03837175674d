"""A labelled set of faces: names and tables are read, bad ones refused, and a real network is judged on it."""

from __future__ import annotations

import contextlib
from pathlib import Path

import cv2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import Known
from tests.vision.demographics.drawn_faces import drawn_face, finder, skin, write_network
from vision.demographics.attributes import load_attributes
from vision.demographics.check import check_faces, labels_in


def test_faces_named_as_in_utkface(tmp_path: Path) -> None:
    network = load_attributes(write_network(tmp_path / "a.xml"))
    for name, age, male in (("40_0_2_x.jpg.png", 40, True), ("60_1_0_y.png", 60, False), ("8_1_1_z.png", 8, False)):
        cv2.imwrite(str(tmp_path / name), drawn_face(240, skin(age, male)))
    (tmp_path / "30_0_broken.jpg").write_bytes(b"no picture")
    (tmp_path / "holiday.jpg").write_bytes(b"not labelled")
    done: list[tuple[int, int]] = []
    found = check_faces(tmp_path, network, finder(), lambda now, of: done.append((now, of)))
    assert found.unreadable == ("30_0_broken.jpg",)
    assert done[-1] == (4, 4)
    by_age = {face.age: face for face in found.judged}
    assert (by_age[40].told_band, by_age[40].told_gender, by_age[40].group) == ("35-44", "male", "Asian")
    assert (by_age[60].told_band, by_age[60].told_gender, by_age[60].band) == ("55-64", "female", "55-64")
    assert (by_age[8].band, by_age[8].told_band, by_age[8].told_gender) == ("unknown",) * 3
    assert by_age[40].face_width == pytest.approx(133, abs=8)


def test_a_picture_without_a_face_is_judged_as_unknown(tmp_path: Path) -> None:
    import numpy as np

    cv2.imwrite(str(tmp_path / "40_0_x.png"), np.full((200, 200, 3), 90, np.uint8))
    face = check_faces(tmp_path, load_attributes(write_network(tmp_path / "a.xml")), finder()).judged[0]
    assert (face.told_age, face.told_gender, face.face_width) == (None, "unknown", None)


def test_a_table_gives_the_labels(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("\ufefffile,age,gender,group\na.png,40,F,门口\nsub/b.png,7.5,male,\n", "utf-8")
    first, second = labels_in(tmp_path)
    assert (first.age, first.gender, first.group) == (40, "female", "门口")
    assert (second.path, second.gender, second.group) == (tmp_path / "sub" / "b.png", "male", None)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("file,age\na.png,4\n", "lacks the column gender"),
        ("file,age,gender\na.png,old,f\n", "line 2"),
        ("file,age,gender\na.png,40,f\n,40,f\n", "line 3"),
        ("file,age,gender\na.png,400,f\n", "line 2"),
        ("file,age,gender\na.png,nan,f\n", "line 2"),
        ("file,age,gender\na.png\n", "line 2"),
        ("file,age,gender\n", "no labelled pictures"),
    ],
)
def test_a_bad_table_is_named_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "labels.csv").write_text(text, "utf-8")
    with pytest.raises(Known, match=sentence):
        labels_in(tmp_path)


@given(data=st.binary(max_size=200))
def test_any_bytes_as_a_table_are_labels_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("labels")
    (folder / "labels.csv").write_bytes(b"file,age,gender\n" + data)
    with contextlib.suppress(Known):
        assert all(0 <= label.age <= 120 for label in labels_in(folder))


def test_folders_without_labels_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Known, match="no folder"):
        labels_in(tmp_path / "absent")
    with pytest.raises(Known, match="no labelled pictures"):
        labels_in(tmp_path)
    (tmp_path / "20_0_x.jpg").write_bytes(b"")
    with pytest.raises(Known, match="can be read"):
        check_faces(tmp_path, load_attributes(write_network(tmp_path / "a.xml")), None)
