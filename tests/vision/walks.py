"""Scripted people for the scene's tests: paths through a picture, as a tracker would report them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from itertools import pairwise
from typing import Any

import numpy as np

from vision.boxes import Boxes, Image
from vision.counter import Crossing
from vision.rows import Flaw
from vision.scene import Rows, Scene

Path = Callable[[float], tuple[float, float] | None]
HEIGHT, WIDTH = 100.0, 40.0
MEMORY_S = 2.0
START_MS = 1_800_000_000_000 - 1_800_000_000_000 % 3_600_000
"""A whole hour."""


def square(x: float, y: float, wide: float, high: float) -> tuple[tuple[float, float], ...]:
    return ((x, y), (x + wide, y), (x + wide, y + high), (x, y + high))


def along(*points: tuple[float, float, float]) -> Path:
    """A path through (second, x, y); nobody is seen before the first and after the last."""

    def path(at: float) -> tuple[float, float] | None:
        for (t0, x0, y0), (t1, x1, y1) in pairwise(points):
            if t0 <= at <= t1:
                share = (at - t0) / (t1 - t0)
                return x0 + share * (x1 - x0), y0 + share * (y1 - y0)
        return None

    return path


def hidden(path: Path, *spans: tuple[float, float]) -> Path:
    """The path, unseen within the spans."""
    return lambda at: None if any(begin <= at < end for begin, end in spans) else path(at)


def boxes_at(places: Mapping[int, tuple[float, float]], height: float = HEIGHT) -> Boxes:
    corners = [(x - WIDTH / 2, y - height, x + WIDTH / 2, y) for x, y in places.values()]
    return Boxes.of(np.array(corners).reshape(-1, 4), track=list(places))


class Play:
    """Plays paths to a scene at `fps`; tracks end two seconds after they were seen last."""

    def __init__(self, scene: Scene, *, fps: float = 10.0, at_ms: int = START_MS) -> None:
        self.scene, self.fps, self.at_ms = scene, fps, at_ms
        self.frame, self.seconds = 0, 0.0
        self.rows: dict[str, dict[tuple[Any, ...], Any]] = {each.name: {} for each in fields(Rows)}
        self.crossings: list[Crossing] = []
        self._last: dict[int, float] = {}

    def run(
        self,
        paths: Mapping[int, Path],
        until: float,
        *,
        flaws: tuple[Flaw, ...] = (),
        image: Image | None = None,
        ask_every: int = 10,
    ) -> Play:
        """Plays frames until `until` seconds, asking for rows now and then."""
        while self.seconds <= until + 1e-9:
            places = {track: place for track, path in paths.items() if (place := path(self.seconds)) is not None}
            self._last.update(dict.fromkeys(places, self.seconds))
            self.crossings += self.scene.update(
                boxes_at(places), self._ended(), index=self.frame, at_ms=self.at_ms + round(self.seconds * 1000),
                seconds=self.seconds, flaws=flaws, image=image,
            )  # fmt: skip
            if self.frame % ask_every == 0:
                self.keep(self.scene.changed())
            self.frame += 1
            self.seconds = self.frame / self.fps
        self.keep(self.scene.changed())
        return self

    def skip(self, seconds: float) -> Play:
        """Nobody watches for so long."""
        self.frame += round(seconds * self.fps)
        self.seconds = self.frame / self.fps
        return self

    def close(self) -> Play:
        """The recording is over."""
        self.scene.end(1 / self.fps)
        self.keep(self.scene.changed(ended=True))
        return self

    def keep(self, rows: Rows) -> None:
        """What a writer holds that replaces rows of the same key."""
        for row in rows.buckets:
            self.rows["buckets"][row.gate, row.start_ms] = row
        for minute in rows.minutes:
            self.rows["minutes"][minute.gate, minute.start_ms] = minute
        for zone in rows.zones:
            self.rows["zones"][zone.zone, zone.start_ms] = zone
        for zone_minute in rows.zone_minutes:
            self.rows["zone_minutes"][zone_minute.zone, zone_minute.start_ms] = zone_minute
        for flow in rows.flows:
            self.rows["flows"][flow.origin, flow.target, flow.start_ms] = flow
        for heat in rows.heat:
            self.rows["heat"][heat.floor, heat.start_ms, heat.x, heat.y] = heat

    def total(self, kind: str, field: str, code: str | None = None) -> float:
        """The sum of a field over the rows of a kind, of one gate or zone."""
        return sum(getattr(row, field) for key, row in self.rows[kind].items() if code is None or key[0] == code)

    def only(self, kind: str) -> Any:
        """The one row of a kind."""
        (row,) = self.rows[kind].values()
        return row

    def _ended(self) -> list[int]:
        ended = [track for track, last in self._last.items() if self.seconds - last > MEMORY_S]
        for track in ended:
            del self._last[track]
        return ended
