"""A camera is counted once: whoever comes second is told so, and takes over when the first has gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.service import viewing
from app.service.counting import Members, add_camera
from app.service.faces import FaceReaders
from app.service.keeping import Keeper
from app.service.viewing import Doors, RemoteView
from engines.cameras.records import find_camera, remember_camera
from engines.cameras.state import states
from models.errors import Known
from models.site import create_site
from models.store import Store, create_store
from tests.vision.streams import until
from vision.boxes import Boxes, Image
from vision.feed import FeedHealth
from vision.group import CameraGroup

LINES = 'size = [160, 120]\n[[line]]\nname = "door"\na = [80, 0]\nb = [80, 120]\n'


class Nobody:
    """A detector before which nobody walks."""

    name, fallback = "nobody", False

    def __call__(self, image: Image) -> Boxes:
        return Boxes.empty()


class Still:
    """A camera without pictures."""

    health = FeedHealth(reason="It has not answered yet.")

    def poll(self) -> None:
        return None

    def ask_to_stop(self) -> None:
        """It gives nothing anyway."""

    def close(self) -> None:
        """Nothing is held open."""


@pytest.fixture
def mall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    remember_camera(made, "it", code="C1", address="rtsp://C1", lines=LINES)
    monkeypatch.setattr("vision.feed.CameraFeed", lambda *_, **__: Still())
    yield made
    made.close()


@pytest.fixture
def keeper(mall: Store) -> Iterator[Keeper]:
    made = Keeper(mall)
    yield made
    made.close()


def group_of(mall: Store, keeper: Keeper) -> CameraGroup:
    return CameraGroup(Nobody(), mall.site.zone, on_rows=keeper.rows, on_state=keeper.state)


@pytest.fixture
def first(mall: Store, keeper: Keeper) -> Iterator[Doors]:
    """C1 is counted, with its door open."""
    group = group_of(mall, keeper)
    doors = Doors(mall, group)
    add_camera(group, keeper, find_camera(mall, "C1"), FaceReaders(mall))
    group.turn()
    doors.follow(["C1"])
    yield doors
    doors.close()


def reason(mall: Store) -> str:
    return next((state.reason or "" for state in states(mall) if state.code == "C1"), "")


def test_the_second_to_count_a_camera_is_refused(mall: Store, keeper: Keeper, first: Doors) -> None:
    with pytest.raises(Known, match="being counted by another process"):
        add_camera(group_of(mall, keeper), keeper, find_camera(mall, "C1"), FaceReaders(mall))
    view = RemoteView(mall, "C1")
    assert view.ask(64) is not None, "the first keeps its door"
    view.close()


def test_a_group_takes_over_when_the_other_has_gone(mall: Store, keeper: Keeper, first: Doors) -> None:
    group = group_of(mall, keeper)
    members = Members(group, keeper, lambda code: find_camera(mall, code))
    members.follow({"C1": "1"})
    assert members.counted() == []
    assert until(lambda: "another process" in reason(mall))
    first.close()
    members.again()
    assert members.counted() == ["C1"]
    group.turn()
    assert group.view("C1") is not None


def test_a_new_set_up_of_its_own_camera_is_not_refused(mall: Store, keeper: Keeper) -> None:
    group = group_of(mall, keeper)
    members, doors = Members(group, keeper, lambda code: find_camera(mall, code)), Doors(mall, group)
    members.follow({"C1": "1"})
    doors.follow(members.counted())
    group.turn()
    add_camera(group, keeper, find_camera(mall, "C1"), FaceReaders(mall))
    group.turn()
    assert group.view("C1") is not None
    doors.close()


def test_a_counter_that_does_not_answer_counts(mall: Store, first: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    answered: list[Callable[[], Any]] = []
    monkeypatch.setattr(viewing, "ANSWER_S", 0.0)
    monkeypatch.setattr(RemoteView, "ask", lambda *_: until(lambda: bool(answered)))
    assert viewing.counted_elsewhere(mall, "C1")
    assert viewing.counted_elsewhere(mall, "C1"), "and is not asked by a second thread meanwhile"
    answered.append(lambda: None)
