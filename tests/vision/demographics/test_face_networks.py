"""Networks for faces: told by their shape, read as their makers say, and refused with a sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.errors import Known, NotInstalled
from tests.vision.demographics.drawn_faces import (
    drawn_face,
    finder,
    skin,
    write_answering,
    write_network,
    write_red_reader,
)
from vision.demographics.attributes import load_attributes
from vision.demographics.bands import BANDS, UNKNOWN, band_of, gender_of, group_of
from vision.demographics.emotions import expression_of, load_emotions
from vision.demographics.faces import PADDING, Face, FaceFinder, cut

CHIP = np.full((80, 70, 3), 99, np.uint8)


@pytest.mark.parametrize(
    ("age", "band"),
    [(0, UNKNOWN), (15.99, UNKNOWN), (16, "16-24"), (24.9, "16-24"), (25, "25-34"), (65, "65+"), (99, "65+"),
     (float("nan"), UNKNOWN)],
)  # fmt: skip
def test_bands(age: float, band: str) -> None:
    assert band_of(age) == band


def test_nothing_is_said_under_16_and_an_unsure_gender_is_unknown() -> None:
    assert group_of(15, 0.99) == (UNKNOWN, UNKNOWN)
    assert group_of(40, 0.5) == ("35-44", UNKNOWN)
    assert [gender_of(male) for male in (0.1, 0.45, 0.9)] == ["female", UNKNOWN, "male"]
    assert BANDS == ("16-24", "25-34", "35-44", "45-54", "55-64", "65+")


def test_the_retail_network_gives_age_in_hundredths_and_female_before_male(tmp_path: Path) -> None:
    answers = {"age_conv3": np.full((1, 1, 1, 1), 0.42), "prob": np.array([0.25, 0.75]).reshape(1, 2, 1, 1)}
    for order in (list(answers), list(answers)[::-1]):
        path = write_answering(tmp_path / f"{order[0]}.xml", (1, 3, 62, 62), {name: answers[name] for name in order})
        told = load_attributes(path).look_at(CHIP)
        assert (told.age, told.male) == (pytest.approx(42), pytest.approx(0.75))


def test_fairface_reads_gender_and_age_and_never_race(tmp_path: Path) -> None:
    logits = np.zeros((1, 18))
    logits[0, :7] = 1e6
    logits[0, 7:9] = 2.0, 0.0
    logits[0, 9 + 4] = 30.0
    network = load_attributes(write_answering(tmp_path / "fairface.xml", (1, 3, 224, 224), {"out": logits}))
    told = network.look_at(CHIP)
    assert told.age == pytest.approx(34.5)
    assert told.male == pytest.approx(1 / (1 + np.exp(-2)), abs=1e-5)
    assert network.output_shapes == [(1, 11)]


def test_fairface_is_given_red_first_and_centred_values(tmp_path: Path) -> None:
    network = load_attributes(write_red_reader(tmp_path / "red.xml"))
    pure = np.zeros((50, 50, 3), np.uint8)
    assert network.look_at(pure).male < 0.2  # red is below its mean
    pure[:, :, 2] = 255
    assert network.look_at(pure).male > 0.8
    assert network.look_at(pure[:, :, ::-1]).male < 0.2


def test_fairface_is_silent_where_a_person_may_be_under_16(tmp_path: Path) -> None:
    logits = np.zeros((1, 18))
    logits[0, 9 + 2] = 3.0
    told = load_attributes(write_answering(tmp_path / "f.xml", (1, 3, 224, 224), {"out": logits})).look_at(CHIP)
    assert band_of(told.age) == UNKNOWN


def test_ssrnet_is_told_by_the_names_of_its_outputs(tmp_path: Path) -> None:
    answers = {"pred_gender": np.array([[0.9]]), "pred_age": np.array([[31.0]])}
    told = load_attributes(write_answering(tmp_path / "s.xml", (1, 64, 64, 3), answers)).look_at(CHIP)
    assert (told.age, told.male) == (pytest.approx(31), pytest.approx(0.9))


def test_an_answer_that_is_no_number_is_unknown(tmp_path: Path) -> None:
    answers = {"age": np.array([[np.nan]]), "gender": np.array([[np.inf]])}
    told = load_attributes(write_answering(tmp_path / "n.xml", (1, 64, 64, 3), answers)).look_at(CHIP)
    assert group_of(told.age, told.male) == (UNKNOWN, UNKNOWN)


def test_emotions_are_named_only_when_sure(tmp_path: Path) -> None:
    def told(values: list[float], name: str) -> str:
        shape = np.array(values).reshape(1, 5, 1, 1)
        network = load_emotions(write_answering(tmp_path / name, (1, 3, 64, 64), {"prob_emotion": shape}))
        return expression_of(network.look_at(CHIP))

    assert told([0.1, 0.7, 0.1, 0.05, 0.05], "sure.xml") == "happy"
    assert told([0.4, 0.4, 0.1, 0.05, 0.05], "unsure.xml") == UNKNOWN


def test_a_network_of_another_kind_is_named_with_its_shape(tmp_path: Path) -> None:
    path = write_answering(tmp_path / "other.xml", (1, 3, 64, 64), {"x": np.zeros((1, 5))})
    with pytest.raises(Known, match=r"other.xml is not a network for age and gender: its input is \(1, 3, 64, 64\)"):
        load_attributes(path)


def test_absent_and_damaged_weights_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(NotInstalled):
        load_attributes(tmp_path / "absent.onnx")
    with pytest.raises(NotInstalled):
        FaceFinder(tmp_path / "absent.onnx")
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(b"\x08\x07garbage")
    with pytest.raises(Known, match="damaged"):
        load_attributes(damaged)
    with pytest.raises(Known, match="not a YuNet"):
        FaceFinder(damaged)


def test_the_cut_has_room_around_the_face_and_repeats_the_picture_s_edge() -> None:
    image = np.zeros((100, 100, 3), np.uint8)
    image[40:60, 40:60] = 255
    chip = cut(image, Face((40, 40, 20, 20), 1.0, 1.0), 68)
    white = np.flatnonzero(chip[34, :, 0] > 127)
    assert (white[0], white[-1]) == (pytest.approx(68 * PADDING / (1 + 2 * PADDING), abs=2), pytest.approx(53, abs=2))
    image[:, 99] = 200
    assert cut(image, Face((80, 40, 20, 20), 1.0, 1.0), 68)[34, -1, 0] == 200


def test_yunet_finds_a_drawn_face_of_a_person_and_not_the_neighbour_s() -> None:
    image = np.full((480, 640, 3), 110, np.uint8)
    image[100:300, 350:550] = drawn_face(200, skin(40, True))
    found = finder().find_on(image, np.array([340, 100, 560, 470], np.float32))
    assert found is not None
    assert 390 < found.box[0] < 400
    assert 100 < found.width < 125
    assert found.frontality > 0.7
    assert finder().find_on(image, np.array([150, 100, 400, 470], np.float32)) is None


def test_the_network_of_these_tests_reads_the_skin(tmp_path: Path) -> None:
    network, eyes = load_attributes(write_network(tmp_path / "a.xml")), finder()
    for age, male in ((20, True), (50, False), (70, True)):
        image = drawn_face(240, skin(age, male))
        told = network.look(image, eyes.find(image)[0])
        assert told.age == pytest.approx(age, abs=3)
        assert (told.male > 0.5) is male
