"""What lies over a picture, and the small things that boxes and labels are made of."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QDoubleSpinBox, QLineEdit, QSpinBox

from app.ui.widgets.elided import ElidedLabel
from app.ui.widgets.overlay import Frame, cleared, label_words
from app.ui.widgets.spin import INDENT, indented

FRAME = Frame(0, 0, 400, 300, 1.0)


def test_labels_give_way_to_each_other():
    first = QRectF(100, 100, 120, 22)
    second = cleared(QRectF(110, 104, 120, 22), FRAME, [first])
    assert not second.intersects(first)
    third = cleared(QRectF(105, 98, 120, 22), FRAME, [first, second])
    assert not third.intersects(first)
    assert not third.intersects(second)
    assert cleared(QRectF(300, 10, 90, 22), FRAME, [first]) == QRectF(300, 10, 90, 22)  # nothing in its way


def test_a_label_stays_inside_the_picture():
    bottom = QRectF(10, 276, 100, 22)
    moved = cleared(QRectF(12, 276, 100, 22), FRAME, [bottom])
    assert not moved.intersects(bottom)
    assert moved.bottom() <= 300


def test_a_label_without_room_stays_where_it_was():
    box = QRectF(10, 10, 100, 22)
    assert cleared(box, FRAME, [QRectF(0, 0, 400, 300)]) == box


def test_a_label_keeps_its_figures_and_cuts_the_name(qtbot):
    painter = QPainter(picture := QImage(400, 300, QImage.Format.Format_RGB32))
    words = label_words(painter, "The door to the lantern garden behind the fountain", "in 12, out 7")
    painter.end()
    assert not picture.isNull()
    assert words.endswith("…  in 12, out 7")


def test_a_long_name_ends_in_an_ellipsis_and_is_told_whole(qtbot):
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText("The recording of the last Friday before the festival")
    label.resize(120, 24)
    assert label.shown().endswith("…")
    assert label.text().endswith("festival")
    assert "festival" in label.toolTip()
    label.resize(900, 24)
    assert label.shown() == label.text()
    assert not label.grab().isNull()


@pytest.mark.parametrize("kind", [QSpinBox, QDoubleSpinBox])
def test_words_in_a_box_with_arrows_keep_their_distance(qtbot, kind):
    box = indented(kind())
    qtbot.addWidget(box)
    assert box.findChild(QLineEdit).textMargins().left() == INDENT
