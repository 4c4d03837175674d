"""Staff by hour, zone and colour; groups; people who only stepped out."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vision.walks import HEIGHT, Path, Play, along, square
from vision.config import Config, Groups, Line, Staff, Uniform, Zone
from vision.scene import Scene
from vision.staff import uniform_share

DOOR = Line("door", (400, 600), (400, 0), gate="G1")  # `in` is to the right
SHANGHAI = ZoneInfo("Asia/Shanghai")
HALL = Zone("hall", square(450, 0, 250, 600))
OFFICE = Zone("office", square(700, 0, 100, 600), purpose="staff")


def at(clock: str) -> int:
    return int(datetime.fromisoformat(f"2026-11-20T{clock}").replace(tzinfo=SHANGHAI).timestamp() * 1000)


def walks(begin: float, y: float = 300, end: float = 650, speed: float = 120) -> Path:
    return along((begin, 250, y), (begin + (end - 250) / speed, end, y))


def there_and_back(begin: float, away: float, y: float = 300) -> Path:
    """Out of the door, `away` seconds unseen by nobody, and in again."""
    return along((begin, 500, y), (begin + 2, 300, y), (begin + 2 + away, 300, y), (begin + 4 + away, 500, y))


def watch(config: Config, at_ms: int | None = None) -> Play:
    return Play(Scene(config, zone=SHANGHAI), at_ms=at("12:00") if at_ms is None else at_ms)


@pytest.mark.parametrize(
    ("clock", "counted"),
    [("07:10", False), ("09:29", False), ("09:30", True), ("22:30", False), ("01:00", False), ("06:30", True)],
)
def test_before_opening_everybody_is_staff(clock: str, counted: bool) -> None:
    config = Config((800, 600), (DOOR,), (HALL,), staff=Staff(hours=((420, 570), (1320, 120))))
    play = watch(config, at(clock)).run({1: walks(2)}, 12).close()
    row, zone = play.only("buckets"), play.only("zones")
    assert (row.n_in, row.staff_in, row.groups) == ((1, 0, 1) if counted else (0, 1, 0))
    assert (zone.entries, zone.visits, zone.presence_max) == ((1, 0, 1) if counted else (0, 0, 0))
    assert play.scene.live().lines["door"] == ((1, 0) if counted else (0, 0))


def test_who_goes_to_the_staff_room_was_staff_at_the_door_too() -> None:
    play = watch(Config((800, 600), (DOOR,), (HALL, OFFICE)))
    play.run({1: walks(2, 300, 750), 2: walks(2, 500)}, 4)
    assert play.only("buckets").n_in == 2
    row = play.run({1: walks(2, 300, 750), 2: walks(2, 500)}, 14).close().only("buckets")
    assert (row.n_in, row.staff_in, row.groups) == (1, 1, 1)
    assert play.only("minutes").staff_in == 1
    assert play.only("zones").entries == 1
    assert play.scene.live().lines["door"] == (1, 0)
    assert len(play.scene) == 0


def dressed(colours: dict[float, tuple[int, int, int]]) -> np.ndarray:
    """A grey picture, half the config's size, with bands of colour (blue first) about heights y of foot points."""
    picture = np.full((300, 400, 3), 90, np.uint8)
    for y, colour in colours.items():
        picture[round((y - HEIGHT) / 2) : round(y / 2)] = colour
    return picture


BLUE, RED, GREY = (200, 60, 20), (20, 30, 200), (120, 120, 120)


def test_who_wears_the_colour_is_staff() -> None:
    config = Config((800, 600), (DOOR,), staff=Staff(uniform=Uniform((200, 250))))
    people = {1: walks(1, 150), 2: walks(1, 300), 3: walks(1, 450)}
    row = watch(config).run(people, 10, image=dressed({150: BLUE, 300: RED, 450: GREY})).close().only("buckets")
    assert (row.n_in, row.staff_in) == (2, 1)


def test_without_a_picture_or_a_uniform_nobody_is_judged_by_colour() -> None:
    config = Config((800, 600), (DOOR,), staff=Staff(uniform=Uniform((200, 250))))
    assert watch(config).run({1: walks(1, 150)}, 10).close().only("buckets").n_in == 1
    plain = Config((800, 600), (DOOR,))
    assert watch(plain).run({1: walks(1, 150)}, 10, image=dressed({150: BLUE})).close().only("buckets").n_in == 1


@given(st.integers(0, 2**32 - 1))
def test_the_share_agrees_with_opencv(seed: int) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (12, 12, 3), np.uint8)
    hue, saturation, value = np.moveaxis(cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_BGR2HSV), 2, 0)
    for begin, end in ((200, 250), (330, 30)):
        within = (hue >= begin) & (hue <= end) if begin < end else (hue >= begin) | (hue <= end)
        expected = float((within & (saturation >= 0.4) & (value > 0.15)).mean())
        assert uniform_share(picture, Uniform((begin, end), 0.4)) == pytest.approx(expected, abs=2 / 144)


def test_people_who_cross_together_are_one_group() -> None:
    config = Config((800, 600), (DOOR,), groups=Groups(1.5, 1.2))
    family = {1: walks(2, 300), 2: walks(2.4, 340), 3: walks(2.9, 260)}
    others = {4: walks(2.2, 560), 5: walks(9, 300)}
    row = watch(config).run({**family, **others}, 20).close().only("buckets")
    assert (row.n_in, row.groups) == (5, 3)


def test_a_person_who_stepped_out_for_a_moment_is_not_a_new_entry() -> None:
    people = {1: there_and_back(2, 6)}
    plain = watch(Config((800, 600), (DOOR,))).run(people, 20).close().only("buckets")
    assert (plain.n_in, plain.n_out) == (1, 1)
    play = watch(Config((800, 600), (DOOR,), reentry_s=10)).run(people, 20).close()
    row = play.only("buckets")
    assert (row.n_in, row.n_out) == (0, 0)
    assert [each.direction for each in play.crossings] == ["out", "in"]


@pytest.mark.parametrize(("away", "y"), [(20, 300), (4, 560)])
def test_who_comes_later_or_elsewhere_is_somebody_else(away: float, y: float) -> None:
    leaves = along((2, 500, 300), (4, 300, 300))
    comes = along((4 + away, 300, y), (6 + away, 500, y))
    row = watch(Config((800, 600), (DOOR,), reentry_s=10)).run({1: leaves, 2: comes}, 40).close().only("buckets")
    assert (row.n_in, row.n_out) == (1, 1)


def test_a_member_of_staff_who_stepped_out_is_taken_back_once() -> None:
    path = along((2, 500, 300), (4, 300, 300), (6, 300, 300), (9, 750, 300), (10, 760, 300))
    row = (
        watch(Config((800, 600), (DOOR,), (OFFICE,), reentry_s=10))
        .run({1: path, 2: along((1, 500, 500), (3, 300, 500))}, 20)
        .close()
        .only("buckets")
    )
    assert (row.n_in, row.n_out, row.staff_in, row.staff_out) == (0, 1, 0, 0)
