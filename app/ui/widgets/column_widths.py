"""How a table's columns share its width: headings and figures are never cut, texts take what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QFontMetrics

from app.ui import theme
from app.ui.tokens import BODY, CAPTION
from app.ui.widgets.rows import Rows

LOOKED_AT = 40
"""Rows measured: the ones that are seen first, so that a table of 100,000 rows lays out as fast as a short one."""
PADDING = 31
LEAST = 64
LEAST_TEXT = 120
MOST_TEXT = 560
MOST_AIR = 48
"""What a column may be given beyond its figures where no column takes the rest."""


@dataclass(frozen=True, slots=True)
class Width:
    """A column's width in pixels: `least` cuts nothing that must not be cut, `asked` is what its page asked for,
    `natural` shows its longest text; `text` columns may elide, `free` ones share what is left."""

    least: int
    asked: int
    natural: int
    text: bool
    free: bool


def measured(rows: Rows) -> tuple[Width, ...]:
    """Every column measured by its heading and its first rows."""
    body, head = QFontMetrics(theme.font(BODY)), QFontMetrics(theme.font(CAPTION, bold=True))
    shown = range(min(rows.rowCount(), LOOKED_AT))
    found = []
    for index, column in enumerate(rows.columns):
        heading = head.horizontalAdvance(rows.heading(index)) + PADDING
        inside = max((body.horizontalAdvance(rows.text(row, index)) for row in shown), default=0) + PADDING
        text = column.kind == "text"
        free = text and not column.width
        least = max(LEAST, heading, min(inside, LEAST_TEXT) if text else inside)
        found.append(Width(least, max(least, column.width), max(least, min(inside, MOST_TEXT)), text, free))
    return tuple(found)


def shared_out(columns: Sequence[Width], room: int) -> list[int]:
    """Widths for `room` pixels: first what may not be cut, then what was asked for, then long texts; free columns
    take the rest in equal parts; without any, all get a little air. Wider than the room where even the least is."""
    given = [c.least for c in columns]
    for wanted in ([c.asked for c in columns], [c.natural if c.text else c.asked for c in columns]):
        lacks = [max(0, w - g) for w, g in zip(wanted, given, strict=True)]
        spare, lacking = room - sum(given), sum(lacks)
        if spare <= 0:
            return given
        part = min(1.0, spare / lacking) if lacking else 0.0
        given = [g + int(lack * part) for g, lack in zip(given, lacks, strict=True)]
    free = [i for i, c in enumerate(columns) if c.free]
    spare = room - sum(given)
    for turn, index in enumerate(free):
        given[index] += spare // len(free) + (turn < spare % len(free))
    if not free and given:
        given = [width + min(MOST_AIR, spare // len(given)) for width in given]
    return given
