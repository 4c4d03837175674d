"""People in front of a camera become hourly counts of groups, and nothing of them stays."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.vision.demographics.drawn_faces import drawn_face, finder, skin, write_answering, write_network
from vision.boxes import Boxes, Image
from vision.demographics import BANDS, Demographics
from vision.demographics.attributes import load_attributes
from vision.demographics.counting import FACES_MEASURED
from vision.rows import HOUR_MS, DemographicRow

START = 400_000 * HOUR_MS
OVER = START + 2 * HOUR_MS
STEP = 0.2


class Street:
    """A camera before which drawn people stand; each look of it is one frame."""

    def __init__(self, demographics: Demographics) -> None:
        self.demographics = demographics
        self.seconds = 0.0
        self.track = 0

    def frame(self, people: dict[int, Image], places: dict[int, str]) -> Image:
        image = np.full((480, 640, 3), 110, np.uint8)
        boxes = []
        for slot, face in enumerate(people.values()):
            side = len(face)
            image[40 : 40 + side, slot * 210 : slot * 210 + side] = face
            boxes.append((slot * 210, 40, slot * 210 + side, 40 + 2 * side))
        tracked = Boxes.of(np.array(boxes).reshape(-1, 4), track=np.array(list(people)))
        self.demographics.observe(image, tracked, places, seconds=self.seconds, at_ms=START + int(self.seconds * 1000))
        self.seconds += STEP
        return image

    def show(self, *faces: Image, place: str | None = "Z1", seconds: float = 3.0) -> None:
        """The people stand there together and go."""
        people = {self.track + number: face for number, face in enumerate(faces)}
        self.track += len(faces)
        for _ in range(round(seconds / STEP)):
            self.frame(people, {} if place is None else dict.fromkeys(people, place))

    def measure(self, face: Image) -> None:
        """Faces nowhere, until the camera's median is believed."""
        while len(self.demographics._widths) < FACES_MEASURED:
            self.show(face, face, face, place=None)


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return write_network(tmp_path / "attributes.xml")


def street(network: Path | None, **settings: Any) -> Street:
    return Street(Demographics(finder(), network, least=settings.pop("least", 2), **settings))


def by_group(rows: list[DemographicRow]) -> dict[tuple[str, str], int]:
    assert {row.start_ms for row in rows} <= {START}
    return {(row.age_band, row.gender): row.n for row in rows}


def test_people_are_counted_by_age_band_and_gender_at_their_place(network: Path) -> None:
    made = street(network)
    women, men = drawn_face(200, skin(40, False)), drawn_face(200, skin(60, True))
    made.measure(women)
    for _ in range(2):
        made.show(women, men, men)
    made.demographics.close()
    assert made.demographics.measurable
    assert made.demographics.reason == ""
    assert made.demographics.median_face == pytest.approx(111, abs=6)
    assert made.demographics.rows(START + 1000) == []
    rows = made.demographics.rows(OVER)
    assert {row.place for row in rows} == {"Z1"}
    assert by_group(rows) == {("35-44", "female"): 2, ("55-64", "male"): 4, ("unknown", "unknown"): 0}
    assert made.demographics.rows(OVER) == []


def test_children_and_faceless_people_are_unknown(network: Path) -> None:
    made = street(network)
    child, nobody = drawn_face(200, skin(9, True)), np.full((200, 200, 3), 110, np.uint8)
    made.measure(child)
    made.show(child, child, nobody)
    made.demographics.close()
    assert by_group(made.demographics.rows(OVER)) == {("unknown", "unknown"): 3}


def test_a_camera_with_small_faces_estimates_nothing_and_says_so(network: Path) -> None:
    made = street(network)
    face = drawn_face(60, skin(40, True))
    assert made.demographics.median_face is None
    assert made.demographics.reason == f"not measured yet (0 of {FACES_MEASURED} faces)"
    made.measure(face)
    for _ in range(4):
        made.show(face, face, face)
    made.demographics.close()
    median = made.demographics.median_face
    assert median is not None
    assert median < 40
    assert not made.demographics.measurable
    assert made.demographics.reason == f"not measurable here (median face {median:.0f} px, needs 60)"
    assert made.demographics.rows(OVER) == []


def test_a_camera_that_sees_no_faces_says_so_and_stops_trying_hard(network: Path) -> None:
    made = street(network)
    back = np.full((200, 200, 3), 90, np.uint8)
    while made.demographics._looks < 300:
        made.show(back, back, back)
    assert made.demographics.reason == "not measurable here (0 faces in 300 looks)"
    made.show(back, back, back, seconds=20)
    assert made.demographics._looks <= 306


def test_only_the_places_that_were_named_are_counted(network: Path) -> None:
    made = street(network, places={"Z2"}, least=1)
    face = drawn_face(200, skin(40, True))
    made.measure(face)
    made.show(face, place="Z1")
    made.show(face, place="Z2")
    made.demographics.close()
    assert [row.place for row in made.demographics.rows(OVER) if row.n] == ["Z2"]


def test_a_slip_of_the_detector_is_nobody(network: Path) -> None:
    made = street(network, least=1)
    face = drawn_face(200, skin(40, True))
    made.measure(face)
    made.show(face, seconds=0.6)
    made.demographics.close()
    assert made.demographics.rows(OVER) == []


def test_the_work_is_bounded_however_many_people_there_are(network: Path) -> None:
    made = street(network, looks_per_second=4.0)
    face = drawn_face(200, skin(40, True))
    looks = 0
    real = made.demographics._finder.find_on

    def counted(*given: Any) -> Any:
        nonlocal looks
        looks += 1
        return real(*given)

    made.demographics._finder.find_on = counted  # type: ignore[method-assign]
    made.show(face, face, face, seconds=4)
    assert 10 <= looks <= 4 * 4 + 2
    made.demographics._finder.find_on = real  # type: ignore[method-assign]


def test_state_dies_with_the_track(network: Path) -> None:
    made = street(network)
    face = drawn_face(200, skin(40, True))
    for _ in range(30):
        made.show(face, seconds=0.4)
        made.seconds += 4
    assert len(made.demographics) == 1
    made.frame({}, {})
    assert len(made.demographics) == 0


def test_a_clock_that_goes_back_ends_everybody(network: Path) -> None:
    made = street(network)
    face = drawn_face(200, skin(40, True))
    made.show(face, face)
    made.seconds = 0.0
    made.frame({}, {})
    assert len(made.demographics) == 0


def test_no_picture_of_anybody_survives(network: Path) -> None:
    attributes = load_attributes(network)
    made = Street(Demographics(finder(), attributes, least=2))
    face = drawn_face(200, skin(40, True))
    made.measure(face)
    image = made.frame({900: face}, {900: "Z1"})
    for _ in range(5):
        made.frame({900: face}, {900: "Z1"})
    kept = weakref.ref(image)
    del image
    gc.collect()
    assert kept() is None
    person = made.demographics._followed[900]
    assert person.votes
    arrays = [each for each in _reachable(made.demographics) if isinstance(each, np.ndarray)]
    assert all(array.size <= 5 for array in arrays)
    assert not attributes._request.get_input_tensor().data.any()
    made.demographics.close()
    assert len(made.demographics) == 0


def _reachable(root: Any) -> Iterator[Any]:
    """Every Python object that can be reached from `root` by attributes and containers."""
    seen: set[int] = set()
    left = [root]
    while left:
        each = left.pop()
        if (
            id(each) in seen
            or isinstance(each, type)
            or (type(each).__module__ in ("builtins", "types") and callable(each))
        ):
            continue
        seen.add(id(each))
        yield each
        left += list(each.values()) if isinstance(each, dict) else []
        left += list(each) if isinstance(each, list | tuple | set | frozenset) or hasattr(each, "popleft") else []
        left += list(getattr(each, "__dict__", {}).values())
        left += [getattr(each, name, None) for name in getattr(type(each), "__slots__", ())]


def test_expressions_are_counted_apart_and_only_with_their_own_weights(tmp_path: Path) -> None:
    smiling = np.array([0.1, 0.8, 0.05, 0.03, 0.02]).reshape(1, 5, 1, 1)
    emotion = write_answering(tmp_path / "emotion.xml", (1, 3, 64, 64), {"prob": smiling})
    made = street(None, emotion_weights=emotion)
    face = drawn_face(200, skin(40, True))
    made.measure(face)
    made.show(face, face, face)
    made.demographics.close()
    assert made.demographics.rows(OVER) == []
    found = {row.expression: row.n for row in made.demographics.expressions(OVER)}
    assert found == {"happy": 3, "unknown": 0}


def test_the_bands_a_chart_is_made_of_are_the_ones_that_are_counted() -> None:
    from engines.demographics import checking, queries
    from vision.demographics import SUPPRESSED, UNKNOWN
    from vision.demographics.counting import LEAST_FACE

    assert (queries.SUPPRESSED, checking.UNKNOWN, queries.LEAST_FACE) == (SUPPRESSED, UNKNOWN, LEAST_FACE)
    assert UNKNOWN not in BANDS
