"""Boxes for numbers and times whose words stand as far from the edge as those of the other boxes."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit

INDENT = 8
"""Pixels; a style sheet cannot say it, since Qt leaves the left padding of a box with buttons of its own out."""
Box = TypeVar("Box", bound=QAbstractSpinBox)


def indented(box: Box) -> Box:
    """The same box with its words moved in from the left edge."""
    line = box.findChild(QLineEdit)
    assert line is not None
    line.setTextMargins(INDENT, 0, 0, 0)
    return box
