"""A group of cameras in one process, on a clock that the test moves: fair shares, and none harms another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.vision.scenes import standing
from vision.boxes import Boxes, Image
from vision.config import Config, Line
from vision.feed import FeedHealth
from vision.group import CameraGroup, GroupCamera
from vision.scene import Rows
from vision.source import Frame

DOOR = Config((640, 480), (Line("door", (320, 0), (320, 480), gate="G1"),))
MIDDAY_MS = 1_700_000_000_000


class Film:
    """A camera that always has a new picture; `paint` makes it, `None` means that nothing comes."""

    def __init__(self, mall: Mall, paint: Callable[[int], Image | None] | None = None) -> None:
        self.mall, self.paint = mall, paint or moving
        self.health = FeedHealth(connected=True, state="connected", fps=10.0, width=640, height=480)
        self.closed = False
        self.polls = 0

    def poll(self) -> Frame | None:
        self.polls += 1
        image = self.paint(self.polls)
        if image is None:
            return None
        return Frame(self.polls, self.mall.now, MIDDAY_MS + round(self.mall.now * 1000), image)

    def ask_to_stop(self) -> None:
        """Nothing runs."""

    def close(self) -> None:
        self.closed = True


def moving(n: int) -> Image:
    """A picture in which something always moves."""
    image = np.full((480, 640, 3), 90, np.uint8)
    image[::7, ::5] = 160
    left = (n * 40) % 600
    image[200:400, left : left + 40] = 250
    return image


def still(_: int) -> Image:
    """An empty hall with the noise of a real camera."""
    image = np.full((480, 640, 3), 90, np.uint8)
    image[::7, ::5] = 160
    image[0, 0] = np.random.default_rng(_).integers(80, 100)
    return image


class Walker:
    """A detector that sees one person walk in through the door, 20 pixels a frame, again and again."""

    name, fallback = "walker", False

    def __init__(self, mall: Mall, costs_s: float = 0.0) -> None:
        self.mall, self.costs_s, self.calls = mall, costs_s, 0

    def __call__(self, image: Image) -> Boxes:
        self.calls += 1
        self.mall.now += self.costs_s
        return standing((510 - 20 * (self.calls % 20), 400)) if self.calls % 20 < 18 else Boxes.empty()


class Mall:
    """A clock, a group, and what it told."""

    def __init__(self, costs_s: float = 0.0) -> None:
        self.now = 0.0
        self.rows: list[tuple[str, Rows]] = []
        self.states: dict[str, dict[str, Any]] = {}
        self.detector = Walker(self, costs_s)
        self.group = CameraGroup(
            self.detector,
            ZoneInfo("Asia/Shanghai"),
            on_rows=lambda code, rows: self.rows.append((code, rows)),
            on_state=lambda code, facts: self.states.update({code: facts}),
            clock=lambda: self.now,
        )
        self.films: dict[str, Film] = {}

    def camera(
        self, code: str, config: Config = DOOR, paint: Callable[[int], Image | None] | None = None, **given: Any
    ) -> Film:
        film = self.films[code] = Film(self, paint)
        self.group.add(GroupCamera(code, film, config, **given))
        return film

    def seconds(self, count: float) -> None:
        until = self.now + count
        while self.now < until:
            self.group.turn()
            self.now += 0.005

    def counted(self, code: str) -> tuple[int, int]:
        """The newest word on each quarter, added up."""
        held = {(row.gate, row.start_ms): row for c, rows in self.rows if c == code for row in rows.buckets}
        return sum(row.n_in for row in held.values()), sum(row.n_out for row in held.values())


def test_one_camera_is_counted_at_its_rate() -> None:
    mall = Mall()
    mall.camera("north")
    mall.seconds(20)
    assert mall.states["north"]["state"] == "counting"
    assert mall.states["north"]["fps_analysed"] == pytest.approx(7, abs=0.6)
    assert mall.detector.calls == pytest.approx(140, abs=5)
    n_in, n_out = mall.counted("north")
    assert n_in == pytest.approx(mall.detector.calls / 20, abs=1)
    assert n_out == 0


def test_too_many_cameras_share_the_machine_evenly_and_say_that_they_are_slow() -> None:
    mall = Mall(costs_s=0.02)
    for n in range(20):
        mall.camera(f"c{n}")
    mall.seconds(30)
    polls = Counter({code: film.polls for code, film in mall.films.items()})
    most, least = max(polls.values()), min(polls.values())
    assert most - least <= 2
    assert all("slow" in facts["flaws"] for facts in mall.states.values())
    assert all(facts["fps_analysed"] < 3.5 for facts in mall.states.values())


def test_a_silent_camera_takes_nothing_from_the_other() -> None:
    mall = Mall()
    silent = mall.camera("silent", paint=lambda _: None)
    silent.health = FeedHealth(reason="silent has not answered yet.")
    mall.camera("north")
    mall.seconds(20)
    assert mall.states["north"]["fps_analysed"] == pytest.approx(7, abs=0.6)
    assert mall.states["silent"]["state"] == "waiting"
    assert mall.states["silent"]["reason"] == "silent has not answered yet."


def test_a_camera_whose_picture_changed_shape_says_so_and_the_other_counts_on() -> None:
    mall = Mall()
    mall.camera("turned", paint=lambda n: moving(n) if n < 30 else np.ascontiguousarray(moving(n).transpose(1, 0, 2)))
    mall.camera("north")
    mall.seconds(20)
    assert mall.states["turned"]["state"] == "wrong"
    assert "another shape" in mall.states["turned"]["reason"]
    assert mall.states["north"]["state"] == "counting"
    assert mall.states["north"]["fps_analysed"] == pytest.approx(7, abs=0.6)


def test_what_was_counted_stays_when_a_picture_turns_and_comes_back() -> None:
    mall = Mall()
    turned = range(60, 90)
    mall.camera(
        "door", paint=lambda n: np.ascontiguousarray(moving(n).transpose(1, 0, 2)) if n in turned else moving(n)
    )
    mall.seconds(8)
    before = mall.counted("door")[0]
    mall.seconds(4)
    assert mall.states["door"]["state"] == "wrong"
    mall.seconds(130)
    assert mall.states["door"]["state"] == "counting"
    highest: dict[int, int] = {}
    for _, rows in mall.rows:
        for row in rows.buckets:
            assert row.n_in >= highest.get(row.start_ms, 0)
            highest[row.start_ms] = row.n_in
    assert sum(highest.values()) > before > 0


def test_a_camera_whose_picture_has_another_shape_than_its_lines_is_not_counted() -> None:
    mall = Mall()
    mall.camera("door", Config((640, 360), (Line("door", (320, 0), (320, 360)),)), strict=True)
    mall.seconds(3)
    assert mall.states["door"]["state"] == "wrong"
    assert "drawn for 640 x 360" in mall.states["door"]["reason"]
    assert mall.rows == []


def test_an_empty_hall_costs_one_detection_a_second_and_is_still_watched() -> None:
    mall = Mall()
    mall.group._detector = Nobody()  # type: ignore[assignment]
    mall.camera("hall", paint=still)
    mall.seconds(30)
    assert mall.states["hall"]["skipped_share"] > 0.7
    observed = {row.start_ms: row.seconds_observed for _, rows in mall.rows for row in rows.minutes}
    assert sum(observed.values()) == pytest.approx(30, abs=1.5)


class Nobody:
    name, fallback = "nobody", False

    def __call__(self, image: Image) -> Boxes:
        return Boxes.empty()


def test_the_fallback_without_weights_is_told_in_every_row() -> None:
    mall = Mall()
    mall.detector.fallback = True
    mall.camera("north")
    mall.seconds(5)
    assert all("reduced" in row.quality for _, rows in mall.rows for row in rows.minutes)


def test_a_camera_that_goes_gives_its_last_rows_and_is_closed() -> None:
    mall = Mall()
    film = mall.camera("north")
    mall.seconds(6.5)
    before = len(mall.rows)
    mall.group.remove("north")
    mall.seconds(0.1)
    assert film.closed
    assert len(mall.rows) > before
    assert mall.group.view("north") is None


def test_new_lines_begin_at_nought_and_the_pictures_go_on() -> None:
    mall = Mall()
    film = mall.camera("north")
    mall.seconds(20)
    mall.group.replace_config("north", Config((640, 480), (Line("other", (320, 0), (320, 480)),)))
    mall.seconds(0.3)
    view = mall.group.view("north")
    assert view is not None
    assert not film.closed
    header, picture, _ = view.answer(width=320, since=0)
    assert [line["name"] for line in header["lines"]] == ["other"]
    assert header["lines"][0]["n_in"] <= 1
    assert len(picture) == header["bytes"] == 320 * 240 * 3


def test_a_restart_goes_on_from_what_was_kept() -> None:
    first = Mall()
    first.camera("north")
    first.seconds(30)
    first.group.remove("north")
    first.seconds(0.1)
    kept = {row.start_ms: row for _, rows in first.rows for row in rows.buckets}
    from dataclasses import asdict

    second = Mall()
    second.now = first.now + 5
    second.camera("north", resume={"buckets": [asdict(row) for row in kept.values()]})
    second.seconds(30)
    assert second.counted("north")[0] == pytest.approx(first.counted("north")[0] * 2, abs=2)


def test_a_view_gives_what_is_new_since_the_last_look_and_heads_that_cannot_be_known() -> None:
    mall = Mall()
    mall.camera("north")
    mall.seconds(20)
    view = mall.group.view("north")
    assert view is not None
    header, _, number = view.answer(width=640, since=0)
    assert header["state"] == "counting"
    assert [each["direction"] for each in header["crossings"]] == ["in"] * header["lines"][0]["n_in"]
    again, _, _ = view.answer(width=640, since=number)
    assert again["crossings"] == []
