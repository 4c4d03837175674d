"""One picture of a source with its lines, for a page that draws them."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from models.errors import Known
from vision.boxes import Image
from vision.config import Config, Point
from vision.source import open_source

_WAIT_S = 15.0


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """A counting line in pixels of the preview's picture; `in` is from the left of a -> b to its right."""

    name: str
    a: Point
    b: Point


@dataclass(frozen=True, slots=True)
class Preview:
    """`image` is (height, width, 3) uint8, red first, contiguous; it is never written to disk."""

    image: Image
    lines: tuple[PreviewLine, ...]


def preview(source: str, config: Config | None = None, *, wait_s: float = _WAIT_S) -> Preview:
    """The first picture that the source gives, with the config's lines scaled to it.

    Waits at most `wait_s` seconds for a camera; raises `Known` where no picture comes.
    """
    until = time.monotonic() + wait_s
    with closing(open_source(source)) as opened:
        frame = next(iter(opened.frames(lambda: time.monotonic() > until)), None)
        if frame is None:
            raise Known(f"No picture came from {opened.name}.", "Check the camera's address and power, or the file.")
    height, width = frame.image.shape[:2]
    image = np.ascontiguousarray(frame.image[:, :, ::-1])
    return Preview(image, _scaled(config, width, height) if config else ())


def _scaled(config: Config, width: int, height: int) -> tuple[PreviewLine, ...]:
    across, down = width / config.size[0], height / config.size[1]

    def place(point: Point) -> Point:
        return point[0] * across, point[1] * down

    return tuple(PreviewLine(line.name, place(line.a), place(line.b)) for line in config.lines)
