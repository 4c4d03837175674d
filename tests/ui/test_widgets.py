"""Cards, tiles, tables, toasts, pickers: what they show, say and offer; and that they go when closed."""

from __future__ import annotations

import datetime as dt
import gc
import math
import weakref
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QDate, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QWidget

from app.ui import icons, theme
from app.ui.charts.kpi import Kpi
from app.ui.charts.series import SeriesPlot
from app.ui.charts.view import ChartView
from app.ui.i18n import retranslate, set_language
from app.ui.period import Period
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card
from app.ui.widgets.empty import EmptyState
from app.ui.widgets.grid import GAP, CardGrid, flow
from app.ui.widgets.kpi import KpiTile
from app.ui.widgets.period import PeriodPicker
from app.ui.widgets.rows import Column
from app.ui.widgets.search import SearchBox
from app.ui.widgets.table import ROW_HEIGHT, DataTable
from app.ui.widgets.toasts import Toasts
from app.ui.widgets.toggles import Toggles

TODAY = dt.date(2026, 11, 21)
COLUMNS = (Column("name", "Name"), Column("spent", "Spent", "money"), Column("day", "Day", "day"))


@pytest.fixture(autouse=True)
def dressed(qapp):
    theme.start(qapp, "light")
    yield
    set_language("en")
    theme.appearance().apply("light")


@pytest.fixture
def window(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    return made


# ---- card


def test_card_shows_body_or_why_not(window, qtbot):
    card, body = Card("Change", "Today", window), QLabel("body")
    card.set_body(body)
    card.show()
    assert body.isVisible()
    card.show_empty("Nothing here yet.", "Close")
    assert not body.isVisible()
    button = card.findChild(EmptyState).button
    with qtbot.waitSignal(card.acted):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    card.show_body()
    assert body.isVisible()


def test_loading_bar_waits_300_ms_and_short_work_shows_none(window, qtbot):
    card = Card("Change", parent=window)
    card.show()
    card.set_loading(True)
    assert not card._bar.isVisible()
    card.set_loading(False)
    qtbot.wait(350)
    assert not card._bar.isVisible()
    card.set_loading(True)
    qtbot.waitUntil(card._bar.isVisible, timeout=2000)
    card.set_loading(False)
    assert not card._bar.isVisible()


def test_old_data_stays_greyed_with_its_age(window):
    card = Card("Change", parent=window)
    card.set_body(QLabel("body"))
    card.show()
    hour = 3_600_000
    card.set_age(10 * hour, 10 * hour + 20_000)
    assert card._age.text() == "just now" and not card._veil.isVisible()
    card.set_age(10 * hour, 12 * hour)
    assert card._age.text() == "2 h ago" and card._veil.isVisible() and card.body().isVisible()
    set_language("zh")
    retranslate(window)
    assert card._age.text() == "2小时前"
    card.set_age(None)
    assert not card._age.isVisible() and not card._veil.isVisible()


def test_card_title_follows_the_language(window):
    card = Card("Change", parent=window)
    set_language("zh")
    retranslate(window)
    assert card.accessibleName() == "变化"


# ---- KPI tile


def test_tile_speaks_and_opens(window, qtbot):
    tile = KpiTile(Kpi("Share", 0.25, "percent", delta=-0.1, key="share"), window)
    tile.show()
    assert tile.accessibleName() == "Share: 25.0%; down 10.0%, worse"
    with qtbot.waitSignal(tile.opened) as opened:
        qtbot.keyClick(tile, Qt.Key.Key_Space)
    assert opened.args == ["share"]
    set_language("zh")
    retranslate(window)
    assert tile.accessibleName() == "占比: 25.0%; 下降 10.0%, 变差"


def test_tile_without_a_figure_says_why(window):
    tile = KpiTile(parent=window)
    tile.show_kpi(Kpi("Share", math.nan), empty="Nothing here yet.")
    tile.resize(250, 112)
    assert not tile.grab().isNull()


# ---- toasts


def test_toasts_come_one_at_a_time_and_leave(window, qtbot):
    toasts = Toasts(window)
    toasts._timer.setInterval(30)
    toasts.say("Saved")
    toasts.say("{count} rows", count=3)
    assert toasts.text() == "Saved" and toasts.isVisible()
    assert toasts.geometry().right() <= window.width() and toasts.geometry().bottom() <= window.height()
    qtbot.waitUntil(lambda: toasts.text() == "3 rows", timeout=2000)
    qtbot.waitUntil(lambda: not toasts.isVisible(), timeout=2000)


def test_errors_stay_until_closed(window, qtbot):
    toasts = Toasts(window)
    toasts._timer.setInterval(10)
    toasts.say("Broken", "error")
    qtbot.wait(60)
    assert toasts.isVisible()
    qtbot.mouseClick(toasts.close_button, Qt.MouseButton.LeftButton)
    assert not toasts.isVisible()


def test_undo_runs_once(window, qtbot):
    toasts, done = Toasts(window), []
    toasts.say("Deleted", action="Undo", do=lambda: done.append(1))
    qtbot.mouseClick(toasts.action, Qt.MouseButton.LeftButton)
    assert done == [1] and not toasts.isVisible()
    toasts.say("Plain")
    assert not toasts.action.isVisible()
    toasts.dismiss()


# ---- table


@dataclass(frozen=True)
class Member:
    name: str
    spent: float | None
    day: dt.date


MEMBERS = [
    Member("Chen", 120000, dt.date(2026, 3, 1)), Member("Ana", 99, dt.date(2025, 12, 31)), Member("Bo", None, TODAY)
]  # fmt: skip


@pytest.fixture
def table(window):
    made = DataTable(COLUMNS, "Members", export=True, parent=window)
    made.resize(800, 300)
    made.set_rows(MEMBERS)
    made.show()
    return made


def texts(table, column):
    model = table.view.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_cells_are_written_by_kind(table):
    assert texts(table, 1) == ["¥1,200.00", "¥0.99", "–"]
    assert texts(table, 2) == ["1 Mar 2026", "31 Dec 2025", "21 Nov 2026"]
    assert table.view.rowHeight(0) == ROW_HEIGHT
    alignment = table.view.model().index(0, 1).data(Qt.ItemDataRole.TextAlignmentRole)
    assert alignment & int(Qt.AlignmentFlag.AlignRight)


def test_sorting_is_by_value_not_by_letters(table):
    table.view.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert texts(table, 0) == ["Chen", "Ana", "Bo"]
    table.view.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    assert texts(table, 0) == ["Ana", "Chen", "Bo"]


def test_filter_counts_what_it_leaves(table, qtbot):
    qtbot.keyClicks(table.filter, "chen")
    qtbot.waitUntil(lambda: texts(table, 0) == ["Chen"], timeout=2000)
    assert table.count.text() == "1 of 3 rows"


def test_copy_takes_chosen_rows_with_headings(table, qtbot):
    table.view.selectRow(1)
    qtbot.keyClick(table.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Name\tSpent\tDay\nAna\t¥0.99\t31 Dec 2025\n"
    assert table.selected_rows() == [MEMBERS[1]]


def test_enter_opens_the_row(table, qtbot):
    table.view.selectRow(2)
    with qtbot.waitSignal(table.activated) as opened:
        qtbot.keyClick(table.view, Qt.Key.Key_Return)
    assert opened.args == [MEMBERS[2]]


def test_scrolling_to_the_end_asks_for_more_once(table, qtbot):
    page = [{"name": f"M{i}", "spent": i, "day": "2026-01-01"} for i in range(60)]
    table.set_rows(page, has_more=True)
    assert table.count.text() == "60+ rows"
    QApplication.processEvents()
    asked = []
    table.more_wanted.connect(lambda: asked.append(1))
    bar = table.view.verticalScrollBar()
    bar.setValue(bar.maximum())
    bar.setValue(bar.maximum() - 1)
    assert asked == [1]
    place = bar.value()
    table.append_rows(page)
    assert bar.value() == place and table.count.text() == "120 rows"


def test_no_rows_say_why_with_one_action(table, qtbot):
    table.set_empty("Nothing here yet.", "Close")
    table.set_rows([])
    assert table.empty.isVisible() and not table.view.isVisible()
    with qtbot.waitSignal(table.empty.acted):
        qtbot.mouseClick(table.empty.button, Qt.MouseButton.LeftButton)


def test_export_is_a_hook(table, qtbot):
    with qtbot.waitSignal(table.export_wanted):
        qtbot.mouseClick(table.export, Qt.MouseButton.LeftButton)


# ---- grid, pickers


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(100, 500), st.integers(80, 400)), max_size=20),
       st.integers(240, 2000))  # fmt: skip
def test_cards_never_overlap_nor_leave_the_width(cells, width):
    placed = flow(cells, width)
    for left, top, wide, tall in placed:
        assert left >= 0 and left + wide <= width and wide > 0 and tall > 0 and top >= 0
    for i, (left, top, wide, tall) in enumerate(placed):
        for other in placed[:i]:
            apart = left >= other[0] + other[2] or other[0] >= left + wide
            assert apart or top >= other[1] + other[3] or other[1] >= top + tall


def test_four_tiles_stand_in_a_row_on_a_shop_pc_and_wrap_when_narrow(window):
    grid = CardGrid(window)
    for _ in range(4):
        grid.add(KpiTile(), span=3, height=112)
    tops = []
    for width in (1118, 1872, 500):
        grid.resize(width, 300)
        grid.arrange()
        tops.append({cell.widget.y() for cell in grid._cells})
    assert tops == [{0}, {0}, {0, 112 + GAP}]


def test_period_picker_tells_what_was_chosen(window, qtbot):
    picker = PeriodPicker(TODAY, parent=window)
    picker.show()
    assert not picker.first.isVisible()
    with qtbot.waitSignal(picker.changed) as changed:
        picker.span.setCurrentIndex(2)
        picker.span.activated.emit(2)
    assert changed.args == [Period.of("30", TODAY)]
    picker.span.activated.emit(5)
    assert picker.first.isVisible()
    picker.first.setDate(QDate(2026, 11, 1))
    assert picker.value() == Period.custom(dt.date(2026, 11, 1), TODAY)
    with qtbot.assertNotEmitted(picker.changed):
        picker.set_value(Period.of("year", TODAY, "festival"))
    assert picker.against.currentText() == "Against same days from the festival"


def test_search_waits_for_a_pause_but_not_for_enter(window, qtbot):
    box = SearchBox(parent=window)
    with qtbot.waitSignal(box.searched, timeout=2000) as searched:
        qtbot.keyClicks(box, " zara ")
    assert searched.args == ["zara"]
    box.setText("nike")
    with qtbot.waitSignal(box.searched, timeout=100):
        qtbot.keyClick(box, Qt.Key.Key_Return)


def test_names_that_look_like_html_are_shown_as_they_are(window):
    table = DataTable(COLUMNS, parent=window)
    table.set_rows([{"name": "<b>Zara</b>", "spent": 1, "day": TODAY}])
    assert "&lt;b&gt;Zara&lt;/b&gt;" in table.view.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    badge = Badge("<i>new</i>", parent=window)
    assert badge.textFormat() == Qt.TextFormat.PlainText


# ---- theme, names, leaks


def test_every_named_icon_exists(qapp):
    assert all(not icons.icon(name).pixmap(16, 16).isNull() for name in icons.NAMES)
    with pytest.raises(KeyError):
        icons.icon("no such icon")


def test_system_mode_and_switching(qapp):
    held, seen = theme.appearance(), []
    held.changed.connect(lambda: seen.append(held.tokens.name))
    held.apply("dark")
    assert qapp.palette().window().color().name() == theme.tokens().surface
    held.apply("light")
    held.apply("system")
    assert seen[:2] == ["dark", "light"] and held.mode == "system"


def test_combo_box_draws_its_arrow(window):
    box = QComboBox(window)
    box.addItem("x")
    box.resize(120, 32)
    box.show()
    image = box.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    muted = theme.tokens().muted
    corner = {image.pixelColor(x, y).name() for x in range(96, 118) for y in range(8, 24)}
    assert muted in corner


def everything(parent):
    grid = CardGrid(parent)
    card = Card("Change", parent=parent)
    card.set_body(ChartView("Change"))
    grid.add(KpiTile(Kpi("Share", 1)), height=112)
    toggles = Toggles(parent)
    toggles.show_names((("a", "#112233"), ("b", "#445566")))
    return [card, grid, DataTable(COLUMNS, parent=parent), PeriodPicker(TODAY, parent=parent), SearchBox(parent=parent),
            EmptyState("Nothing here yet.", "Close", parent), Badge("Today", parent=parent), toggles,
            SeriesPlot("Change", parent), Toasts(parent)]  # fmt: skip


def test_every_control_has_an_accessible_name(window):
    for widget in everything(window):
        widget.show()
        if isinstance(widget, Toasts):
            widget.say("Deleted", action="Undo", do=window.update)
    own = [
        widget
        for kind in (QAbstractButton, QLineEdit, QComboBox)
        for widget in window.findChildren(kind)
        if not widget.objectName().startswith("qt_") and widget.isVisibleTo(window)
    ]
    unnamed = [
        widget
        for widget in own
        if not (widget.accessibleName() or getattr(widget, "text", str)() or widget.parent().accessibleName())
        and type(widget).__name__ not in ("QTableCornerButton", "QAbstractButton", "QLineEditIconButton")
    ]
    assert len(own) > 8 and not unnamed
    window.findChild(Toasts).dismiss()


def test_switching_theme_and_language_reaches_everything(window):
    everything(window)
    set_language("zh")
    retranslate(window)
    theme.appearance().apply("dark")
    assert window.findChild(SearchBox).placeholderText() in ("搜索", "筛选当前行")


def test_closed_widgets_are_gone(qapp):
    parent = QWidget()
    gone = [weakref.ref(widget) for widget in everything(parent)]
    parent.show()
    QApplication.processEvents()
    theme.appearance().apply("dark")
    parent.close()
    parent.deleteLater()
    del parent
    QApplication.sendPostedEvents(None, 52)
    gc.collect()
    assert [ref() for ref in gone if ref() is not None] == []
