"""A table's columns: headings and figures are whole, texts take what is left, what a person dragged stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from app.ui import i18n, theme
from app.ui.tokens import BODY, CAPTION
from app.ui.widgets.column_widths import Width, shared_out
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform says so of every window

COLUMNS = (
    Column("name", "Name"), Column("sum", "Money", "money", 76), Column("rule", "Last week repeated", "count", 70),
    Column("says", "Says", width=90),
)  # fmt: skip
ROW = {"name": "Trail Fox", "sum": 1_234_567_890, "rule": 3, "says": "No method beat last week repeated."}


def _table(qtbot: QtBot, width: int) -> DataTable:
    table = DataTable(COLUMNS)
    qtbot.addWidget(table)
    table.resize(width, 300)
    table.set_rows([ROW] * 3)
    table.show()
    return table


def _cut(table: DataTable, column: int) -> bool:
    """Whether a heading or the first row's text is wider than its column."""
    heading = QFontMetrics(theme.font(CAPTION, bold=True)).horizontalAdvance(table.rows.heading(column)) + 30
    inside = QFontMetrics(theme.font(BODY)).horizontalAdvance(table.rows.text(0, column)) + 24
    return table.view.columnWidth(column) < max(heading, inside)


def test_nothing_is_cut_where_there_is_room(qtbot: QtBot) -> None:
    table = _table(qtbot, 1000)
    assert not any(_cut(table, column) for column in range(4))
    assert sum(table.view.columnWidth(c) for c in range(4)) <= table.view.viewport().width()


def test_figures_and_headings_are_whole_in_a_narrow_table(qtbot: QtBot) -> None:
    table = _table(qtbot, 420)
    assert not _cut(table, 1)
    assert not _cut(table, 2)
    assert not _cut(table, 0), "a short name is whole too"


def test_a_dragged_column_keeps_its_width(qtbot: QtBot) -> None:
    table = _table(qtbot, 1000)
    table.view.horizontalHeader().resizeSection(1, 300)
    table.resize(1200, 300)
    table.set_rows([ROW])
    assert table.view.columnWidth(1) == 300


def test_headings_of_another_language_fit(qtbot: QtBot) -> None:
    table = _table(qtbot, 900)
    i18n.set_language("zh")
    try:
        i18n.retranslate(table)
        assert not any(_cut(table, column) for column in range(4))
    finally:
        i18n.set_language("en")
        i18n.retranslate(table)


def test_columns_left_out_give_their_room_away(qtbot: QtBot) -> None:
    table = _table(qtbot, 1000)
    before = table.view.columnWidth(0)
    table.show_columns(("name", "sum"))
    assert table.view.columnWidth(0) > before
    assert table.rows.columnCount() == 4
    assert "Last week" in str(table.rows.headerData(2, Qt.Orientation.Horizontal))


WIDTHS = st.builds(
    lambda least, more, most, text, free: Width(least, least + more, least + most, text, text and free),
    st.integers(64, 300), st.integers(0, 200), st.integers(0, 500), st.booleans(), st.booleans(),
)  # fmt: skip


@given(st.lists(WIDTHS, min_size=1, max_size=12), st.integers(0, 3000))
def test_widths_never_cut_and_never_overflow_where_they_need_not(columns: list[Width], room: int) -> None:
    given_ = shared_out(columns, room)
    least = sum(c.least for c in columns)
    assert all(g >= c.least for g, c in zip(given_, columns, strict=True))
    assert sum(given_) <= max(room, least)
    if any(c.free for c in columns) and room >= sum(max(c.natural if c.text else 0, c.asked) for c in columns):
        assert sum(given_) == room, "free columns take the rest"
