"""Expressions: off, without weights or of too few people there are none; else shares with their interval."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.cameras.counts import keep_counts
from engines.cameras.purposes import switch_purpose
from engines.cameras.records import remember_camera
from engines.cameras.state import note_state
from engines.demographics.expressions import expression_places, expressions
from engines.demographics.rules import wilson
from models.site import create_site
from models.store import Store, create_store
from models.weights import add_weights
from tests.data import data_file

START = 1_780_000_000_000 // 3_600_000 * 3_600_000
HOUR = 3_600_000
DAYS = ("2020-01-01", "2030-12-31")
FACES = {"neutral": 150, "happy": 50, "unknown": 40}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Mall"))
    for code in ("C1", "C2"):
        remember_camera(made, "anna", code=code, name=f"Camera {code}", address="rtsp://x", lines="")
    yield made
    made.close()


def switch(store: Store, camera: str = "C1", *, on: bool = True) -> None:
    switch_purpose(store, "anna", camera, "emotion", on, "consent", "Notice")


def put_weights(store: Store, model: bytes = b"moods") -> None:
    folder = store.site.folder / "weights" / "emotions"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(model)


def keep(store: Store, faces: dict[str, int], *, hour: int = 0, camera: str = "C1", model: bytes = b"moods") -> None:
    told = hashlib.sha256(model).hexdigest()
    rows = [
        {"place": "Z1", "start_ms": START + hour * HOUR, "expression": name, "n": n, "weights": told}
        for name, n in faces.items()
    ]
    keep_counts(store, camera, {"expressions": rows})


def codes(store: Store) -> list[str]:
    found = expressions(store, *DAYS, "Z1")
    assert found.shares == ()
    return [reason.code for reason in found.reasons]


def test_what_is_off_is_not_shown_even_where_rows_are_kept(store: Store) -> None:
    put_weights(store)
    keep(store, FACES)
    assert codes(store) == ["off"]
    assert expression_places(store, *DAYS) == []
    switch(store, "C2")
    assert codes(store) != ["off"]  # that camera saw nothing, and the other one is off
    switch(store)
    assert expressions(store, *DAYS, "Z1").people == 240
    assert expression_places(store, *DAYS) == ["Z1"]
    switch(store, on=False)
    switch(store, "C2", on=False)
    assert codes(store) == ["off"]


def test_why_there_is_nothing_is_said_one_thing_after_another(store: Store) -> None:
    switch(store)
    assert codes(store) == ["no_weights"]
    put_weights(store)
    assert codes(store) == ["no_weights"]
    assert "face-detection-yunet-2026may" in expressions(store, *DAYS, "Z1").reasons[0].text
    add_weights(store, "anna", data_file("weights/face_detection_yunet_2026may.onnx"))
    assert codes(store) == ["not_measured"]
    note_state(store, "C1", {"state": "counting", "face_width_median": 26.0})
    assert expressions(store, *DAYS, "Z1").reasons[0].text == (
        "Camera C1: not measurable here (median face 26 px, needs 60)"
    )
    note_state(store, "C1", {"state": "counting", "face_width_median": 80.0})
    assert codes(store) == ["nobody"]
    keep(store, {"neutral": 60, "happy": 39, "unknown": 500})
    assert codes(store) == ["few_people"]
    reason = expressions(store, *DAYS, "Z1").reasons[0]
    assert "99 people" in reason.text and "99" in reason.text_zh


def test_shares_are_of_those_whose_expression_is_known_with_wilson_s_interval(store: Store) -> None:
    switch(store)
    put_weights(store)
    keep(store, FACES)
    keep(store, FACES, hour=1)
    found = expressions(store, *DAYS, "Z1")
    assert (found.people, found.unknown, found.suppressed, found.reasons) == (480, 80, 0, ())
    assert [(one.name, one.n, one.observed) for one in found.shares] == [("neutral", 300, 0.75), ("happy", 100, 0.25)]
    assert (found.shares[1].low, found.shares[1].high) == pytest.approx(wilson(100, 400))
    assert found.source == "camera:C1"
    assert expressions(store, "2020-01-01", "2020-12-31", "Z1").people == 0


def test_the_pooled_may_have_shown_anything(store: Store) -> None:
    switch(store)
    put_weights(store)
    keep(store, {**FACES, "suppressed": 40})
    found = expressions(store, *DAYS, "Z1")
    low, high = wilson(50, 200)
    happy = found.shares[1]
    assert (found.suppressed, happy.observed) == (40, 0.25)
    assert (happy.low, happy.high) == pytest.approx((low * 200 / 240, high * 200 / 240 + 40 / 240))
    keep(store, {"suppressed": 60}, hour=1)
    assert codes(store) == ["suppressed"]


def test_only_what_the_weights_of_the_site_told_counts(store: Store) -> None:
    switch(store)
    put_weights(store)
    keep(store, FACES)
    keep(store, {"sad": 300}, hour=1, model=b"others")
    found = expressions(store, *DAYS, "Z1")
    assert (found.people, found.others) == (240, 300)
    assert [one.name for one in found.shares] == ["neutral", "happy"]
    assert [reason.code for reason in found.reasons] == ["other_weights"]
    put_weights(store, b"new")
    assert codes(store) == ["few_people", "other_weights"]


def test_two_cameras_of_one_place_are_not_added_up(store: Store) -> None:
    for camera in ("C1", "C2"):
        switch(store, camera)
    put_weights(store)
    keep(store, FACES)
    keep(store, {"sad": 200, "happy": 100}, camera="C2")
    found = expressions(store, *DAYS, "Z1")
    assert (found.people, found.source) == (300, "camera:C2")


def test_a_correction_replaces_what_was_counted(store: Store) -> None:
    switch(store)
    put_weights(store)
    keep(store, FACES)
    with store.write("anna", "a correction") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO expression_hour (place, hour_start, expression, weights, source_id, revision, day, minute, n) "
            "SELECT place, hour_start, expression, weights, source_id, 1, day, minute, 70 FROM expression_hour "
            "WHERE expression = 'happy'"
        )
    assert expressions(store, *DAYS, "Z1").people == 260
