"""The switch for faces, end to end: drawn people before a scripted camera, counted by a group into the store's rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.service.cameras import active_cameras
from app.service.counting import Members
from app.service.faces import FaceReaders
from app.service.keeping import Keeper
from engines.cameras.purposes import switch_purpose
from engines.cameras.records import find_camera, remember_camera
from engines.cameras.state import states
from engines.demographics.weights import record_check
from models import settings
from models.site import create_site
from models.store import Store, create_store
from models.weights import add_weights, digest_of
from tests.data import data_file
from tests.engines.demographics.labelled import BANDS, labelled_set
from tests.vision.demographics.drawn_faces import drawn_face, skin, write_answering, write_network
from vision.boxes import Boxes, Image
from vision.feed import FeedHealth
from vision.group import CameraGroup
from vision.scene import Rows
from vision.source import Frame

HOUR_MS = 3_600_000
BEGIN_MS = 490_000 * HOUR_MS - 150_000  # two and a half minutes before an hour ends
LINES = 'size = [640, 480]\n[[zone]]\nname = "Z1"\npolygon = [[0, 0], [640, 0], [640, 480], [0, 480]]\n'
YUNET = "weights/face_detection_yunet_2026may.onnx"
HALL = np.full((480, 640, 3), 110, np.uint8)
HALL[::7, ::5] = 160


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    for code in ("C1", "C2"):
        remember_camera(made, "it", code=code, address=f"rtsp://{code}", lines=LINES)
    yield made
    made.close()


def switch(store: Store, on: bool, purpose: str = "demographics", camera: str = "C1") -> None:
    switch_purpose(store, "ann", camera, purpose, on, "consent at the door", "We estimate ages.")


def add_faces(store: Store) -> None:
    add_weights(store, "ann", data_file(YUNET))


def add_attributes(store: Store) -> Path:
    folder = store.site.folder / "weights" / "attributes"
    folder.mkdir(parents=True, exist_ok=True)
    path = write_network(folder / "attributes.xml")
    record_check(store, "ann", weights="attributes", labelled_set="drawn", faces=list(labelled_set()), bands=BANDS)
    return path


def add_emotions(store: Store) -> Path:
    folder = store.site.folder / "weights" / "emotions-recognition-retail-0003"
    folder.mkdir(parents=True)
    smiling = np.array([0.1, 0.8, 0.05, 0.03, 0.02]).reshape(1, 5, 1, 1)
    return write_answering(folder / "emotions.xml", (1, 3, 64, 64), {"prob": smiling})


class Street:
    """A group of cameras on a clock that the test moves; the same people stand before each of them."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store, self.now = store, 0.0
        self.faces: list[Image] = []
        self.opened: list[str] = []
        self.given = 0
        self.widths: dict[str, float | None] = {}
        self.closed = False
        self.keeper = Keeper(store)
        self.group = CameraGroup(self, store.site.zone, on_rows=self.take, on_state=self.hear, clock=lambda: self.now)
        monkeypatch.setattr("vision.feed.CameraFeed", self.feed)
        monkeypatch.setattr("app.service.keeping.now_ms", lambda: BEGIN_MS + round(self.now * 1000))
        self.members = Members(self.group, self.keeper, lambda code: find_camera(store, code))

    # what a detector is

    name, fallback = "drawn", False

    def __call__(self, image: Image) -> Boxes:
        people = [(n * 210, 40, n * 210 + len(face), 40 + 2 * len(face)) for n, face in enumerate(self.faces)]
        return Boxes.of(np.array(people).reshape(-1, 4), [0.9] * len(people))

    def feed(self, address: str, **_: Any) -> _Film:
        self.opened.append(address)
        return _Film(self)

    def take(self, code: str, rows: Rows) -> None:
        self.given += len(rows.demographics) + len(rows.expressions)
        self.keeper.rows(code, rows)

    def hear(self, code: str, facts: dict[str, Any]) -> None:
        self.widths[code] = facts["face_width_median"]
        self.keeper.state(code, facts)

    # what a test does

    def follow(self) -> None:
        """What the supervisor tells the group each second."""
        self.members.follow({plan.code: plan.version for plan in active_cameras(self.store)})

    def seconds(self, count: float) -> None:
        until = self.now + count
        while self.now < until:
            self.group.turn()
            self.now += 0.02

    def show(self, *faces: Image, times: int = 1) -> None:
        """People stand there for three seconds and go."""
        for _ in range(times):
            self.faces = list(faces)
            self.seconds(3)
            self.faces = []
            self.seconds(5)

    def until_the_hour_is_over(self) -> None:
        self.seconds(max(0.0, 165 - self.now))

    def close(self) -> None:
        """The process ends; all that it told is in the store."""
        if not self.closed:
            self.closed = True
            self.group.run(lambda: True)
            self.keeper.close()


class _Film:
    def __init__(self, street: Street) -> None:
        self._street, self._n = street, 0
        self.health = FeedHealth(connected=True, state="connected", fps=10.0, width=640, height=480)

    def poll(self) -> Frame:
        self._n += 1
        image = HALL.copy()
        image[::16, self._n % 16 :: 16] += np.uint8(self._n % 2)  # the noise of a camera that is not frozen
        for number, face in enumerate(self._street.faces):
            side = len(face)
            image[40 : 40 + side, number * 210 : number * 210 + side] = face
        now = self._street.now
        return Frame(self._n, now, BEGIN_MS + round(now * 1000), image)

    def ask_to_stop(self) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Nothing runs."""


@pytest.fixture
def street(mall: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    made = Street(mall, monkeypatch)
    yield made
    made.close()


def rows(store: Store, table: str, columns: str) -> list[tuple[Any, ...]]:
    with store.read() as connection:
        found = connection.exec_driver_sql(
            f"SELECT {columns}, t.n FROM {table} t JOIN source s ON s.id = t.source_id ORDER BY 1"
        ).fetchall()
    return [tuple(row) for row in found if row[-1]]


def test_people_before_a_camera_that_is_switched_on_become_rows_of_the_store(mall: Store, street: Street) -> None:
    add_faces(mall)
    weights = digest_of(add_attributes(mall))
    switch(mall, True)
    remember_camera(mall, "it", code="C2", address="rtsp://C2", lines=LINES, active=False)
    street.follow()
    woman, man = drawn_face(200, skin(40, False)), drawn_face(200, skin(60, True))
    street.show(woman, woman, woman, times=4)  # until the size of its faces is believed
    street.show(woman, man, woman, times=5)
    street.show(man, man, man, times=3)
    assert street.given == 0  # nothing leaves before the hour is over
    street.until_the_hour_is_over()
    street.close()
    found = rows(mall, "demographic_hour", "s.code, place, age_band, gender, weights, hour_start")
    assert {row[:2] + row[4:6] for row in found} == {("camera:C1", "Z1", weights, BEGIN_MS // HOUR_MS * HOUR_MS)}
    told = {row[2:4]: row[-1] for row in found}
    assert told["35-44", "female"] >= 10
    assert told["55-64", "male"] == 14
    (state,) = states(mall)
    assert state.face_width_median == pytest.approx(111, abs=6)


def test_a_switch_that_is_thrown_begins_and_stops_the_measuring_while_the_counting_goes_on(
    mall: Store, street: Street
) -> None:
    add_faces(mall)
    add_attributes(mall)
    woman = drawn_face(200, skin(40, False))
    street.follow()
    street.show(woman, woman, woman, times=2)
    assert street.widths == {"C1": None, "C2": None}
    switch(mall, True)
    street.follow()
    street.show(woman, woman, woman, times=4)
    assert {code: bool(width) for code, width in street.widths.items()} == {"C1": True, "C2": False}
    switch(mall, False)
    street.follow()
    street.show(woman, woman, woman, times=5)
    street.until_the_hour_is_over()
    street.close()
    assert rows(mall, "demographic_hour", "place") == []
    assert street.opened == ["rtsp://C1", "rtsp://C2", "rtsp://C1", "rtsp://C1"]
    assert street.widths["C1"] is None
    with mall.read() as connection:
        watched = connection.exec_driver_sql(
            "SELECT sum(seconds_observed), max(presence_max) FROM zone_bucket GROUP BY source_id"
        ).fetchall()
    assert len(watched) == 2
    assert all(seconds > 130 and most == 3 for seconds, most in watched)


def test_expressions_have_a_switch_and_weights_of_their_own(mall: Store, street: Street) -> None:
    add_faces(mall)
    weights = digest_of(add_emotions(mall))
    switch(mall, True, "emotion")
    street.follow()
    face = drawn_face(200, skin(40, True))
    street.show(face, face, face, times=8)
    street.until_the_hour_is_over()
    street.close()
    assert rows(mall, "demographic_hour", "place") == []
    (row,) = rows(mall, "expression_hour", "s.code, place, expression, weights")
    assert row[:4] == ("camera:C1", "Z1", "happy", weights)
    assert row[-1] >= 10


def test_a_camera_begun_anew_keeps_its_hour_and_another_view_is_measured_anew(mall: Store) -> None:
    add_faces(mall)
    add_attributes(mall)
    switch(mall, True)
    readers = FaceReaders(mall)
    first = readers.of("C1", ("rtsp://C1", 0))
    assert first is not None
    assert readers.of("C1", ("rtsp://C1", 0)) is first
    other = readers.of("C1", ("rtsp://C1", 90))
    assert other is not None and other is not first
    assert readers.of("C2") is None
    switch(mall, True, camera="C2")
    second = readers.of("C2")
    assert second is not None
    assert (second._finder, second._attributes) == (first._finder, first._attributes)  # one network a process


@pytest.mark.parametrize("missing", ["faces", "attributes", "check"])
def test_without_the_weights_nothing_is_measured_and_the_log_says_why(
    mall: Store, missing: str, caplog: pytest.LogCaptureFixture
) -> None:
    if missing != "faces":
        add_faces(mall)
    if missing != "attributes":
        path = add_attributes(mall)
        if missing == "check":
            write_network(path.with_name("attributes.xml"))
            path.with_suffix(".bin").write_bytes(path.with_suffix(".bin").read_bytes() + b"\0")
    switch(mall, True)
    assert FaceReaders(mall).of("C1") is None
    assert "camera C1 does not measure all that is switched on" in caplog.text


def versions(store: Store) -> dict[str, str]:
    return {plan.code: plan.version for plan in active_cameras(store)}


CHANGES: dict[str, Callable[[Store], object]] = {
    "switched off": lambda store: switch(store, False),
    "another purpose": lambda store: switch(store, True, "emotion"),
    "switched on anew": lambda store: switch(store, True),
    "weights checked": add_attributes,
    "weights added": add_emotions,
    "another smallest group": lambda store: settings.change_setting(store, "ann", "vision.minimum_group", 25),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_service_is_told_of_all_that_bears_on_faces_and_begins_no_other_camera(mall: Store, change: str) -> None:
    off = versions(mall)
    switch(mall, True)
    on = versions(mall)
    assert on["C1"] != off["C1"]
    CHANGES[change](mall)
    now = versions(mall)
    assert now["C1"] != on["C1"]
    assert now["C2"] == on["C2"] == off["C2"]
    assert (now["C1"] == off["C1"]) == (change == "switched off")


def test_another_password_begins_a_camera_anew(mall: Store) -> None:
    before = versions(mall)
    remember_camera(mall, "it", code="C1", address="rtsp://ann:hunter2@C1", lines=LINES)
    assert versions(mall)["C1"] != before["C1"]
    assert active_cameras(mall)[0].address == "rtsp://ann:hunter2@C1"
