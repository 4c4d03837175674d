"""Tiles in rows, the panel at the side, a figure's definition with its rows, alerts with undo, workbooks."""

from __future__ import annotations

import json
import math
import re
import zipfile

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from app.ui import demo, i18n, theme
from app.ui.charts import export
from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.kpi import Kpi, kpi_card, spoken
from app.ui.charts.marks import Box, Size, Text
from app.ui.charts.style import ChartTheme
from app.ui.widgets.alerts import AlertList, sentence_of
from app.ui.widgets.chart_card import ChartCard
from app.ui.widgets.definition import PAGE_ROWS, DefinitionPanel, Figure
from app.ui.widgets.evidence import evidence_chart
from app.ui.widgets.panel import WIDE, SidePanel
from app.ui.widgets.save_book import chart_sheet, write_book
from app.ui.widgets.tiles import TileRow
from engines.alerts.actions import merge_alerts
from engines.alerts.queries import alerts, open_counts
from models.errors import Known


@pytest.fixture(autouse=True)
def colours(qapp):
    theme.start(qapp, "light")
    yield
    demo.declare(False)


@pytest.fixture
def host(qtbot):
    page = QWidget()
    page.resize(1100, 700)
    qtbot.addWidget(page)
    page.show()
    return page


# ---- tiles


def tile_row(qtbot, width, count, **options):
    row = TileRow(**options)
    qtbot.addWidget(row)
    row.resize(width, 10)
    row.show_kpis([Kpi(f"Figure {i}", float(i), key=f"k{i}") for i in range(count)])
    return row


def test_tiles_stand_in_one_row_where_they_fit_and_in_equal_rows_where_not(qtbot):
    wide = tile_row(qtbot, 1672, 8)
    assert len({tile.y() for tile in wide.tiles}) == 1
    narrow = tile_row(qtbot, 1118, 8)
    assert [sum(t.y() == y for t in narrow.tiles) for y in sorted({t.y() for t in narrow.tiles})] == [4, 4]
    for row in (wide, narrow):
        assert max(tile.geometry().right() for tile in row.tiles) == row.width() - 1
        assert row.height() == max(tile.geometry().bottom() for tile in row.tiles) + 1


def test_weights_make_the_first_tile_wider(qtbot):
    row = tile_row(qtbot, 1118, 5, weights=(4, 3, 3, 3, 3))
    widths = [tile.width() for tile in row.tiles]
    assert widths[0] == pytest.approx(widths[1] * 4 / 3, abs=2)
    assert widths[1] == pytest.approx(widths[4], abs=1)


def test_a_tile_says_which_figure_was_opened(qtbot):
    row = tile_row(qtbot, 1118, 3)
    with qtbot.waitSignal(row.opened) as opened:
        qtbot.mouseClick(row.tiles[2], Qt.MouseButton.LeftButton)
    assert opened.args == ["k2"]


def test_where_a_figure_is_heading_is_drawn_to_scale_and_read_aloud():
    kpi = Kpi("Visits", 600.0, likely=(900.0, 1000.0, 1100.0), note="on course for 1,000")
    marks = kpi_card(kpi, Size(260, 124), ChartTheme())
    boxes = [m for m in marks if isinstance(m, Box)]
    track, filled, band, tick = boxes
    assert filled.w / track.w == pytest.approx(600 / (1100 * 1.06))
    assert (tick.x + 1 - track.x) / track.w == pytest.approx(1000 / (1100 * 1.06))
    assert band.x < tick.x < band.x + band.w
    assert "on course for 1,000" in [m.text for m in marks if isinstance(m, Text)]
    assert "on course for 1,000" in spoken(kpi, ChartTheme())
    for mark in marks:
        left, top, right, bottom = mark.bounds()
        assert left >= 0
        assert top >= 0
        assert right <= 260
        assert bottom <= 124


# ---- the panel


def test_the_panel_follows_its_page_and_gives_the_focus_back(qtbot, host):
    button = QPushButton("Somewhere", host)
    button.show()
    button.setFocus()
    panel = SidePanel(host)
    panel.open_panel()
    assert panel.geometry().getRect() == (1100 - WIDE, 0, WIDE, 700)
    host.resize(400, 500)
    assert panel.geometry().getRect() == (0, 0, 400, 500)
    qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert panel.isHidden()
    assert button.hasFocus() or host.focusWidget() is button


# ---- definitions


def definition(qtbot, desk, host, figure):
    panel = DefinitionPanel(desk, host)
    panel.show_figure(figure)
    qtbot.waitUntil(panel.isVisible)
    return panel


def facts(panel):
    rows = range(panel.form.rowCount())
    return {panel.form.itemAt(r, panel.form.ItemRole.LabelRole).widget().text():
            panel.form.itemAt(r, panel.form.ItemRole.FieldRole).widget().text() for r in rows}  # fmt: skip


def test_a_figure_opens_its_definition_in_both_languages_and_its_rows(qtbot, open_desk, demo_site, host):
    desk = open_desk(demo_site)
    panel = definition(qtbot, desk, host, Figure("footfall", "2026-03-10", "2026-03-12"))
    assert (panel.heading.text(), panel.below.text()) == ("Footfall", "客流量")
    said = facts(panel)
    assert "people in at the perimeter gates" in said["Formula"]
    assert "外围各门进场人次" in said["Formula"]
    assert said["Identifier"] == "footfall, version 1"
    assert said["Source"] == "count_bucket"
    assert said["Worked out"] != "not yet"
    assert panel.table.rows.rowCount() == PAGE_ROWS
    panel.table.more_wanted.emit()
    qtbot.waitUntil(lambda: panel.table.rows.rowCount() == 2 * PAGE_ROWS)
    i18n.set_language("zh")
    panel.retranslate()
    assert panel.heading.text() == "客流量"


def test_its_value_is_the_sum_of_its_rows(qtbot, open_desk, demo_site, host):
    desk = open_desk(demo_site)
    panel = definition(qtbot, desk, host, Figure("sales", "2026-03-11", "2026-03-11"))
    while panel._after is not None:
        before = panel.table.rows.rowCount()
        panel.table.more_wanted.emit()
        qtbot.waitUntil(lambda seen=before: panel.table.rows.rowCount() > seen)
    rows = [panel.table.rows.at(i) for i in range(panel.table.rows.rowCount())]
    assert sum(row["net_minor"] for row in rows) == panel.meaning.value.value


def test_a_running_day_shows_the_figure_of_the_screen(qtbot, open_desk, demo_site, host):
    figure = Figure("footfall", "2026-03-14", "2026-03-14", shown=4321.0)
    panel = definition(qtbot, open_desk(demo_site), host, figure)
    assert panel.value.text() == "4,321"
    assert "still running" in panel.basis.text()


def test_a_figure_that_needs_something_says_what(qtbot, open_desk, demo_site, host):
    panel = definition(qtbot, open_desk(demo_site), host, Figure("unique_visitors", "2026-03-10", "2026-03-12"))
    assert panel.value.text() == "–"
    assert panel.basis.text().startswith("Needs a sensor")
    assert panel.table is None
    assert panel.rows_title.text().startswith("No rows")


# ---- alerts


def raise_alert(store, day="2026-03-12", severity="warning", observed=None):
    rows = [{"hour": h, "observed": observed, "expected": 60.0, "low": 50.0, "high": 80.0} for h in (13, 14)]
    told = {"subject": "gate west", "day": day, "from_hour": 13, "to_hour": 15, "observed": 0.0, "expected": 120.0}
    row = {
        "fingerprint": f"test:{day}", "kind": "silent_hours", "severity": severity, "subject": "gate west", "day": day,
        "score": 120.0, "sentence": "hours_missing", "facts": json.dumps(told), "evidence": json.dumps(rows),
    }  # fmt: skip
    with store.write("tester", "an alert") as tx:
        merge_alerts(tx, "test", [row])


def test_an_alert_is_a_sentence_in_the_language_in_force(open_desk, empty_site):
    desk = open_desk(empty_site)
    raise_alert(desk.store)
    (alert,) = alerts(desk.store)
    assert sentence_of(alert).startswith("Gate west sent no counts on 12 Mar 2026 from 13:00 to 15:00")
    i18n.set_language("zh")
    assert sentence_of(alert).startswith("入口 west 在 2026年3月12日")


def test_hours_that_nobody_counted_still_show_what_was_usual(open_desk, empty_site):
    desk = open_desk(empty_site)
    raise_alert(desk.store)
    line = evidence_chart(alerts(desk.store)[0])
    assert [s.name for s in line.series] == ["Observed", "Expected"]
    assert all(math.isnan(v) for v in line.series[0].values)
    assert line.series[1].values == (60.0, 60.0)
    assert line.band.high == (80.0, 80.0)
    assert line.x == ("13:00", "14:00")


def test_acknowledging_and_closing_can_be_taken_back(qtbot, open_desk, empty_site, host):
    desk = open_desk(empty_site)
    raise_alert(desk.store)
    listed = AlertList(desk, host)
    qtbot.addWidget(listed)
    listed.show_alerts(alerts(desk.store))
    assert listed.rows[0].seen_button.isVisibleTo(listed)
    for button, state, sentence in (
        ("seen_button", "acknowledged", "Alert acknowledged."),
        ("close_button", "closed", "Alert closed."),
    ):
        with qtbot.waitSignal(desk.said) as said, qtbot.waitSignal(desk.moved) as moved:
            getattr(listed.rows[0], button).click()
        assert said.args[0].sentence == sentence
        assert moved.args[0] == frozenset({"alert"})
        found = alerts(desk.store, ("open", "acknowledged", "closed"))[0]
        assert (found.state, found.decided_by) == (state, desk.actor)
        with qtbot.waitSignal(desk.moved):
            said.args[0].do()
        assert alerts(desk.store)[0].state == "open"


def test_evidence_opens_beside_the_page(qtbot, open_desk, empty_site, host):
    desk = open_desk(empty_site)
    raise_alert(desk.store, observed=3.0)
    listed = AlertList(desk, host)
    qtbot.addWidget(listed)
    listed.show_alerts(alerts(desk.store))
    listed.rows[0].show_button.click()
    assert listed.panel.isVisible()
    assert listed.panel.table.rows.text(0, 0) == "13:00"
    assert listed.panel.table.rows.rowCount() == 2


def test_open_alerts_are_counted_by_severity_and_listed_before_seen_ones(open_desk, empty_site):
    from engines.alerts.actions import decide_alert

    desk = open_desk(empty_site)
    raise_alert(desk.store, "2026-03-12")
    first = alerts(desk.store)[0]
    decide_alert(desk.store, "tester", first.id, "acknowledged")
    raise_alert(desk.store, "2026-03-10", severity="notice")
    assert open_counts(desk.store) == {"notice": 1}
    states = [alert.state for alert in alerts(desk.store)]
    assert states == sorted(states, reverse=True)


# ---- chart cards and workbooks


def chart(unit="count"):
    return Bars(("North", "South"), (Series("Visits", (1200.0, math.nan)),), unit=unit)


def test_an_empty_card_leads_to_the_next_step(qtbot, open_desk, empty_site):
    desk = open_desk(empty_site)
    card = ChartCard(desk, "Visits by day")
    qtbot.addWidget(card)
    card.explain("No sales yet.", "Import sales", "intake", {"kind": "sales"})
    assert card.sheet() is None
    assert card.button.isHidden()
    with qtbot.waitSignal(desk.wanted) as wanted:
        card.acted.emit()
    assert wanted.args == ["intake", {"kind": "sales"}]
    card.show_chart(chart())
    assert card.sheet().rows == (("North", 1200.0), ("South", None))


def test_a_workbook_has_a_sheet_a_chart_with_money_in_major_units(open_desk, empty_site, tmp_path):
    desk = open_desk(empty_site)
    sheets = [chart_sheet(desk, "Sales: by [day] / hour, with a very long title", chart("money"))] * 2
    assert sheets[0].rows[0] == ("North", 12.0)
    assert sheets[0].note == "", "a real mall's file carries no warning"
    write_book(tmp_path / "book.xlsx", sheets)
    with zipfile.ZipFile(tmp_path / "book.xlsx") as book:
        names = re.findall(r'<sheet name="([^"]*)"', book.read("xl/workbook.xml").decode())
    assert len(set(names)) == 2
    assert all(len(name) <= 31 for name in names)
    with pytest.raises(Known, match="cannot be written"):
        write_book(tmp_path / "nowhere" / "book.xlsx", sheets)


def test_a_picture_of_a_demo_mall_is_taller_by_its_warning():
    real = export.image((), Size(200, 100), "#ffffff", 1.0)
    demo.declare(True)
    invented = export.image((), Size(200, 100), "#ffffff", 1.0)
    assert (real.height(), invented.height()) == (100, 100 + export.STRIP)
    assert invented.pixelColor(100, 2).name() == theme.tokens().warning_soft
