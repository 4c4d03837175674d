"""Zones: stays, queues, flows, heat, presence, displays and how cameras watched, on the demo mall and with a camera."""

from __future__ import annotations

import gc
import math
import re
import weakref
from datetime import date

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

from app.ui import i18n, theme
from app.ui.charts.floorheat import FloorHeat
from app.ui.charts.line import Line
from app.ui.pages.zones import make
from app.ui.pages.zones.charts import flows_chart, lengths_chart, queue_chart, stays_chart, watched_chart
from app.ui.pages.zones.heat import HOURS, read_heat
from app.ui.pages.zones.presence import read_presence
from app.ui.pages.zones.state import KPIS, read
from app.ui.pages.zones.tables import camera_row, display_rows, queue_rows, zone_rows
from app.ui.pages.zones.tiles import tiles_of
from app.ui.period import Period
from app.ui.widgets.head_tools import PageLink
from engines.cameras.counts import keep_counts
from engines.cameras.presence import record_calibration
from engines.cameras.records import remember_camera
from engines.zones import queries
from tests.ui.conftest import NOW_MS
from tests.ui.pages.vision_rows import LINES, MINUTE_MS, QUARTER_MS, bucket, zone, zone_minute

LAST = date(2026, 3, 14)
WEEK = ("2026-03-08", "2026-03-14")


@pytest.fixture
def desk(open_desk, demo_site):
    return open_desk(demo_site)


@pytest.fixture
def watched(open_desk, empty_site):
    """A site whose one camera has watched the last three hours: a line, a zone, a display."""
    desk = open_desk(empty_site)
    remember_camera(desk.store, "me", code="C1", name="Door", address="rtsp://127.0.0.1:9/x", lines=LINES)
    start = NOW_MS // QUARTER_MS * QUARTER_MS - 12 * QUARTER_MS
    starts = [start + i * QUARTER_MS for i in range(12)]
    zones = [zone("lobby", "presence", at, {100: 3, 150: 1}) for at in starts]
    zones += [zone("shelf", "display", at, {90: 4}, reaches=1) for at in starts]
    minutes = [zone_minute("lobby", start + i * MINUTE_MS, 4.0) for i in range(180) if not 60 <= i < 90]
    rows = {"buckets": [bucket(at, 12, 10) for at in starts], "zones": zones, "zone_minutes": minutes}
    keep_counts(desk.store, "C1", rows)
    return desk


@pytest.fixture
def made(qtbot):
    windows = []

    def show(desk):
        window = QWidget()
        page = make(desk)
        page.setParent(window)
        window.resize(1166, 700)
        page.resize(1166, 700)
        window.show()
        windows.append((window, page, desk))
        return page

    yield show
    for window, page, desk in windows:
        page.leave()
        qtbot.waitUntil(desk.work.idle)
        window.close()
        window.deleteLater()


def opened(qtbot, page):
    with qtbot.waitSignal(page.model.changed):
        page.open()
    qtbot.waitUntil(page.desk.work.idle)
    return page.model.state


def week(desk):
    return read(desk.store, Period.of("7", LAST, "previous"), None)


def test_another_page_may_ask_for_a_zone(qtbot, made, desk):
    page = made(desk)
    with qtbot.waitSignal(page.model.changed):
        page.open({"zone": "kids"})
    qtbot.waitUntil(lambda: page.lengths.zone.code() == "kids")
    page.open({"zone": "food_court"})
    qtbot.waitUntil(lambda: page.lengths.zone.code() == "food_court")


def test_a_zone_that_nobody_measured_is_said_and_no_other_is_shown_for_it(qtbot, made, desk):
    page = made(desk)
    with qtbot.waitSignal(desk.said) as said:
        page.open({"zone": "no_such_zone"})
    assert "Nobody measured" in said.args[0].sentence


def test_stays_are_those_that_the_sensors_kept(desk):
    state = week(desk)
    kept = {one.zone: one for one in queries.dwell(desk.store, *WEEK, by_day=False)}
    rows = zone_rows(state)
    assert {row["code"]: row["visits"] for row in rows} == {code: one.visits for code, one in kept.items()}
    chart = stays_chart(state)
    half, most = chart.series
    assert all(a < b for a, b in zip(half.values, most.values, strict=True))
    assert half.values[chart.keys.index("atrium")] == pytest.approx(kept["atrium"].p50 / 60)


def test_the_running_day_is_left_out_of_changes(desk):
    state = week(desk)
    assert state.over == ("2026-03-08", "2026-03-13")
    assert state.then == ("2026-03-01", "2026-03-06")
    then = {one.zone: one.visits for one in queries.dwell(desk.store, *state.then, by_day=False)}
    over = {one.zone: one.visits for one in queries.dwell(desk.store, *state.over, by_day=False)}
    for row in zone_rows(state):
        assert row["visits_change"] == pytest.approx(over[row["code"]] / then[row["code"]] - 1)


def test_nothing_is_compared_where_nothing_is_chosen(desk):
    state = read(desk.store, Period.of("7", LAST, "none"), None)
    assert all(row["visits_change"] is None for row in zone_rows(state))
    assert all(row["p50_change"] is None for row in queue_rows(state))


def test_the_distribution_holds_every_visit_that_it_does_not_tell_in_words(desk):
    stay = next(one for one in week(desk).stays if one.zone == "atrium")
    chart = lengths_chart(stay)
    assert 0.97 * stay.visits <= sum(chart.counts) <= stay.visits + 1e-6
    half = next(i for i in range(len(chart.counts)) if sum(chart.counts[: i + 1]) >= stay.visits / 2)
    assert chart.edges[half] <= stay.p50 / 60 <= chart.edges[half + 1]


def test_a_queue_has_a_wait_a_length_and_a_share_unserved_by_hour(desk):
    state = week(desk)
    code = next(q.zone for q in state.queues if q.hour < 0)
    rows = [q for q in state.queues if q.zone == code]
    assert {len(queue_chart(rows, name).categories) for name in ("wait", "length", "unserved")} == {
        sum(row.hour >= 0 and row.waits + row.unserved > 0 for row in rows)
    }
    shares = queue_chart(rows, "unserved").series[0].values
    assert all(0 <= share <= 1 for share in shares if not math.isnan(share))


def test_flows_go_from_zone_to_zone_by_name(desk):
    chart = flows_chart(week(desk))
    kept = queries.flows(desk.store, *WEEK)
    assert [flow.value for flow in chart.flows] == [flow.n for flow in kept]
    assert "Atrium" in {flow.source for flow in chart.flows}


def test_the_page_draws_all_of_it(qtbot, desk, made):
    page = made(desk)
    state = opened(qtbot, page)
    assert [tile.key for tile in tiles_of(state)[0]] == list(KPIS)
    assert len(page.tiles.tiles) == len(KPIS)
    assert isinstance(page.heat.view.data, FloorHeat)
    assert page.flows.view.data is not None
    assert page.lengths.zone.count() == sum(stay.visits > 0 for stay in state.stays)
    assert page.cameras.isHidden()


def test_heat_follows_floor_and_hours(desk):
    whole = read_heat(desk.store, "L1", "all", WEEK)
    parts = [read_heat(desk.store, "L1", name, WEEK) for name in HOURS if name != "all"]
    assert whole.cells
    assert sum(c.seconds for c in whole.cells) == pytest.approx(sum(c.seconds for p in parts for c in p.cells))


def test_presence_is_not_shown_before_a_person_has_calibrated_it(qtbot, watched, made):
    page = made(watched)
    opened(qtbot, page)
    gone = []
    watched.wanted.connect(lambda *where: gone.append(where))
    assert page.presence.view.data is None
    assert "not calibrated" in page.presence._empty._label.text()
    page.presence._empty.button.click()
    assert gone == [("live", "C1")]


def test_calibrated_presence_has_its_range_and_its_gaps(qtbot, watched, made):
    record_calibration(watched.store, "me", camera="C1", zone="lobby", frames=[(6.0 + i % 2, 5.0) for i in range(20)])
    page = made(watched)
    opened(qtbot, page)
    chart = page.presence.view.data
    assert isinstance(chart, Line)
    people = chart.series[0].values
    assert sum(math.isnan(value) for value in people) == 30
    known = [(low, value, high) for low, value, high in zip(chart.band.low, people, chart.band.high, strict=True)]
    assert all(low <= value <= high for low, value, high in known if not math.isnan(value))
    assert people[0] == pytest.approx(4.0 * 6.5 / 5)
    assert "20 frames" in page.presence.words.text()


def test_a_zone_without_minutes_says_so_in_both_languages(watched):
    found = read_presence(watched.store, "lobby", "2020-01-01")
    assert found.found is None
    assert all(found.why)


def test_a_display_has_reaches_with_their_limit(qtbot, watched, made):
    page = made(watched)
    state = opened(qtbot, page)
    (row,) = display_rows(state)
    assert (row["visits"], row["reaches"], row["rate"]) == (48, 12, 0.25)
    assert row["each"] == pytest.approx(2.0)
    assert "upper bound" in page.displays._below.text()
    assert "shelf" not in {each["code"] for each in zone_rows(state)}


def test_a_camera_s_day_has_its_share_its_drift_and_its_gaps(qtbot, watched, made):
    page = made(watched)
    (camera,) = opened(qtbot, page).cameras
    row = camera_row(camera)
    assert row["drift"] == pytest.approx(24 / 264)
    assert 0 < row["watched"] < 1
    assert row["gaps"] == len(page.gaps.table.rows._rows) > 0
    assert watched_chart([camera]).values[0][-1] == pytest.approx(row["watched"])
    assert not page.cameras.isHidden()


def test_the_wait_of_a_week_stands_on_its_tile_and_the_way_back_to_footfall_beside_the_stays(qtbot, desk, made):
    page = made(desk)
    state = opened(qtbot, page)
    tile = next(tile for tile in tiles_of(state)[0] if tile.key == "queue_wait_p50")
    over = [q.p50 / 60 for q in queries.queues(desk.store, *state.over) if q.hour < 0 and q.waits]
    then = [q.p50 / 60 for q in state.queues_then.values() if q.waits]
    assert min(over) <= tile.value <= max(over)
    assert min(then) <= tile.value / (1 + tile.delta) <= max(then)
    assert re.fullmatch(r"nine in ten up to [\d.]+ min", tile.note)
    went = []
    desk.wanted.connect(lambda *where: went.append(where))
    page.stays.findChild(PageLink).click()
    assert went == [("footfall", None)]


def test_a_row_leads_to_its_zone_queue_or_camera(qtbot, desk, watched, made):
    page = made(desk)
    state = opened(qtbot, page)
    row = zone_rows(state)[-1]
    page.zones.table.activated.emit(row)
    assert page.lengths.zone.code() == row["code"]
    queue = queue_rows(state)[-1]
    page.queues.table.activated.emit(queue)
    assert page.queue.zone.code() == queue["code"]
    other = made(watched)
    (camera,) = opened(qtbot, other).cameras
    gone = []
    watched.wanted.connect(lambda *where: gone.append(where))
    other.cameras.table.activated.emit(camera_row(camera))
    assert gone == [("live", "C1")]


def test_a_figure_opens_its_definition(qtbot, desk, made):
    page = made(desk)
    opened(qtbot, page)
    page.tiles.opened.emit("queue_abandonment")
    qtbot.waitUntil(lambda: page._panel is not None and page._panel.isVisible())
    assert page._panel.meaning.figure.kpi == "queue_abandonment"


def test_an_empty_site_says_how_to_begin(qtbot, open_desk, empty_site, made):
    desk = open_desk(empty_site)
    page = made(desk)
    opened(qtbot, page)
    gone = []
    desk.wanted.connect(lambda *where: gone.append(where))
    assert page.board.isHidden() and not page.nothing.isHidden()
    page.nothing.acted.emit()
    assert gone == [("live", "add")]


def test_the_page_exports_its_charts_and_tables(qtbot, desk, made, monkeypatch, tmp_path):
    from python_calamine import CalamineWorkbook

    page = made(desk)
    opened(qtbot, page)
    target = tmp_path / "zones.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    page.export()
    qtbot.waitUntil(desk.work.idle)
    book = CalamineWorkbook.from_path(target)
    assert len(book.sheet_names) >= 6
    assert "invented" in str(book.get_sheet_by_index(0).to_python()[0][0])


def test_language_and_theme_change_at_once(qtbot, qapp, desk, made):
    page = made(desk)
    opened(qtbot, page)
    i18n.set_language("zh")
    i18n.retranslate(page)
    qtbot.waitUntil(desk.work.idle)
    assert page.queues._heading.text() == "队列"
    assert page.stays.view.data.categories[0] == "中庭"
    theme.start(qapp, "dark")
    theme.appearance().apply("light")
    assert page.stays.view.data is not None


def test_nothing_is_wider_than_a_small_window(qtbot, desk, made):
    page = made(desk)
    opened(qtbot, page)
    assert page.area.horizontalScrollBar().maximum() == 0


def test_a_closed_page_is_gone(qtbot, desk):
    page = make(desk)
    with qtbot.waitSignal(page.model.changed):
        page.open()
    qtbot.waitUntil(desk.work.idle)
    page.leave()
    gone = weakref.ref(page)
    page.deleteLater()
    del page
    qtbot.wait(10)
    gc.collect()
    assert gone() is None
