"""A recording with faces: what its last hour held is given at its end, once, and a new tracker begins with nobody."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import numpy as np

from models.weights import digest_of
from tests.vision.demographics.drawn_faces import drawn_face, finder, skin, write_answering, write_network
from vision.boxes import Boxes, Image
from vision.config import Config, Zone
from vision.demographics import Demographics
from vision.demographics.counting import FACES_MEASURED
from vision.pipeline import Pipeline
from vision.rows import HOUR_MS
from vision.source import Frame

START = 400_000 * HOUR_MS + 1_800_000
WHOLE = Zone("Z1", ((0, 0), (640, 0), (640, 480), (0, 480)))
CONFIG = Config((640, 480), zones=(WHOLE,))


def film(pipeline: Pipeline, faces: list[Image], begin: float, seconds: float) -> float:
    """People stand there for so long; returns when they have gone."""
    image = np.full((480, 640, 3), 110, np.uint8)
    boxes = []
    for slot, face in enumerate(faces):
        image[40:240, slot * 210 : slot * 210 + 200] = face
        boxes.append((slot * 210, 40, slot * 210 + 200, 440))
    people = Boxes.of(np.array(boxes).reshape(-1, 4), [0.9] * len(boxes))
    for n in range(round(seconds * 5)):
        at = begin + n / 5
        pipeline.step(Frame(round(at * 5), at, START + round(at * 1000), image), people)
    return begin + seconds


def test_the_running_hour_is_given_at_the_end_of_a_recording(tmp_path: Path) -> None:
    smiling = np.array([0.1, 0.8, 0.05, 0.03, 0.02]).reshape(1, 5, 1, 1)
    emotions = write_answering(tmp_path / "emotion.xml", (1, 3, 64, 64), {"prob": smiling})
    faces = Demographics(finder(), write_network(tmp_path / "attributes.xml"), least=2, emotion_weights=emotions)
    pipeline = Pipeline(CONFIG, UTC, name="film", demographics=faces)
    woman, now = drawn_face(200, skin(40, False)), 0.0
    while len(faces._widths) < FACES_MEASURED:
        now = film(pipeline, [], film(pipeline, [woman] * 3, now, 3), 5)
    film(pipeline, [woman] * 3, now, 3)
    assert not pipeline.changed().demographics
    pipeline.end(0.2)
    rows = pipeline.changed(ended=True)
    told = {(row.place, row.age_band, row.gender): row.n for row in rows.demographics if row.n}
    assert told["Z1", "35-44", "female"] >= 3  # those who stood there at the end are among them
    assert {row.start_ms for row in rows.demographics} == {START // HOUR_MS * HOUR_MS}
    assert {row.expression for row in rows.expressions if row.n} <= {"happy", "unknown"}
    assert sum(row.n for row in rows.expressions) == sum(row.n for row in rows.demographics)
    networks = {row.weights for row in rows.demographics}, {row.weights for row in rows.expressions}
    assert networks == ({digest_of(tmp_path / "attributes.xml")}, {digest_of(emotions)})
    again = pipeline.changed(ended=True)
    assert (again.demographics, again.expressions) == ((), ())


def test_a_new_tracker_s_numbers_are_nobody_whom_the_old_one_followed(tmp_path: Path) -> None:
    faces = Demographics(finder(), write_network(tmp_path / "attributes.xml"), least=2)
    film(Pipeline(CONFIG, UTC, name="film", demographics=faces), [drawn_face(200, skin(40, False))], 0.0, 1)
    assert len(faces) == 1
    Pipeline(CONFIG, UTC, name="film", demographics=faces)
    assert len(faces) == 0
