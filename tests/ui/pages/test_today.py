"""Today: real figures of a real mall, ways to begin on an empty one, and steps that lead where they say."""

from __future__ import annotations

import gc
import math
import re
import subprocess
import sys
import weakref
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton, QToolButton

from app.service.jobs import all_jobs
from app.ui import demo, i18n, theme
from app.ui.pages.today import make
from app.ui.pages.today import state as reading
from app.ui.pages.today.figures import hour_chart, tiles_of
from app.ui.pages.today.steps import steps_of
from app.ui.pages.today.words import JOBS
from engines.monitor.customers import customer_tasks
from models.ids import new_id
from models.times import day_bounds

DAY_MS = 86_400_000


@pytest.fixture(autouse=True)
def colours(qapp):
    theme.start(qapp, "light")


def first_cells(file):
    """The first shared string that each sheet of a workbook shows."""
    with zipfile.ZipFile(file) as book:
        words = re.findall(r"<t[^>]*>([^<]*)</t>", book.read("xl/sharedStrings.xml").decode())
        sheets = [n for n in book.namelist() if n.startswith("xl/worksheets/sheet")]
        return {n: words[int(re.search(r't="s"><v>(\d+)', book.read(n).decode())[1])] for n in sheets}


def opened(qtbot, desk):
    page = make(desk)
    qtbot.addWidget(page)
    page.resize(1118, 680)
    with qtbot.waitSignal(page.model.changed):
        page.open()
    page.leave()
    return page


def test_the_tiles_are_the_facts_of_the_store(open_desk, demo_site):
    desk = open_desk(demo_site)
    state = reading.read(desk.store, desk.period, None)
    kpis, _ = tiles_of(state)
    with desk.store.read() as connection:
        counted = connection.exec_driver_sql(
            "SELECT sum(c.n - c.staff_n) FROM count_bucket c JOIN gate g ON g.id = c.gate_id "
            "WHERE g.perimeter = 1 AND c.direction = 'in' AND c.day = '2026-03-14'"
        ).scalar_one()
        sold = connection.exec_driver_sql(
            "SELECT sum(net_minor) FROM sale WHERE day = '2026-03-14' AND minute >= 0"
        ).scalar_one()
    visits, inside, conversion, sales, alerts = kpis
    assert visits.value == counted > 0
    assert sales.value == sold > 0
    assert conversion.value == pytest.approx(state.selling.now.transactions / counted)
    assert 0 < inside.value <= counted
    assert alerts.value == sum(alert.state == "open" for alert in state.alerts)


def test_the_forecast_takes_over_where_counting_ends(open_desk, demo_site):
    desk = open_desk(demo_site)
    state = reading.read(desk.store, desk.period, None)
    counted = [h.hour for h in state.hours if h.counted is not None]
    ahead = [h.hour for h in state.hours if h.likely is not None]
    assert max(counted) == 15, "the hour that began at 16:00 is not over at 16:20"
    assert min(ahead) == 16
    assert all(low <= middle <= high for h in state.hours if h.likely for low, middle, high in [h.likely])
    low, _, high = tiles_of(state)[0][0].likely
    assert state.visits.visits <= low <= high
    chart = hour_chart(state)
    assert [s.name for s in chart.series] == ["Today", "Forecast"]
    assert chart.compare.name.endswith("7 Mar")


def test_a_week_ago_is_compared_up_to_the_same_time(open_desk, demo_site):
    desk = open_desk(demo_site)
    state = reading.read(desk.store, desk.period, None)
    assert state.week.then_day == "2026-03-07"
    assert state.week.then < state.week.then_whole
    assert tiles_of(state)[0][0].delta == pytest.approx(state.week.visits / state.week.then - 1)


def test_a_day_without_counts_shows_the_last_counted_day_and_says_so(open_desk, demo_site, monkeypatch):
    desk = open_desk(demo_site)
    later = desk.now() + 2 * DAY_MS
    monkeypatch.setattr(reading, "now_ms", lambda: later)
    state = reading.read(desk.store, desk.period, None)
    assert (state.today, state.day, state.live) == ("2026-03-16", "2026-03-14", False)
    visits, inside, _, sales, _ = tiles_of(state)[0]
    assert visits.label == "Visits on Sat 14 Mar"
    assert math.isnan(inside.value), "who is inside is not known on a day that nobody counts"
    assert sales.label == "Sales on Sat 14 Mar"


def test_it_speaks_both_languages_and_wears_both_themes(qtbot, open_desk, demo_site):
    page = opened(qtbot, open_desk(demo_site))
    assert page.tiles.tiles[0].accessibleName().startswith("Visits so far")
    i18n.set_language("zh")
    i18n.retranslate(page)
    theme.appearance().apply("dark")
    assert page.tiles.tiles[0].accessibleName().startswith("今日客流")
    assert page.line.day.text() == "2026年3月14日 周六"
    assert any("进场" in page.feed.list.item(i).text() for i in range(page.feed.list.count()))
    assert not page.grab().isNull()
    assert page.body.parentWidget().minimumSizeHint().width() <= 1118, "it would scroll sideways"


def test_every_button_says_what_it_does(qtbot, open_desk, demo_site):
    page = opened(qtbot, open_desk(demo_site))
    buttons = [b for kind in (QPushButton, QToolButton) for b in page.findChildren(kind) if b.isVisibleTo(page)]
    assert buttons
    assert not [b for b in buttons if not (b.text().strip() or b.accessibleName().strip())]


def test_steps_come_from_facts_and_lead_to_their_page(qtbot, open_desk, demo_site):
    desk = open_desk(demo_site)
    page = opened(qtbot, desk)
    steps = {step.page: step for step in steps_of(page.model.state)}
    assert steps["jobs"].sentence
    row = next(row for row in page.steps.rows if "backup" in row._text.text())
    with qtbot.waitSignal(desk.wanted) as wanted:
        row.button.click()
    assert wanted.args == ["jobs", "jobs"]


def test_what_waits_about_customers_is_a_line_with_its_count_only_where_there_is_something(
    qtbot, open_desk, demo_copy, empty_site
):
    desk = open_desk(demo_copy)
    with desk.store.write("test", "nothing waits") as tx:
        for statement in (
            "DELETE FROM fraud_case", "DELETE FROM dup_candidate", "DELETE FROM lead_score",
            "UPDATE person_health SET health = 10, before = 10",
        ):  # fmt: skip
            tx.connection.exec_driver_sql(statement)
    assert customer_tasks(desk.store) == []
    with desk.store.write("test", "health") as tx:
        tx.connection.exec_driver_sql(
            "UPDATE person_health SET before = 25 WHERE person_id IN (SELECT person_id FROM person_health LIMIT 3)"
        )
    page = opened(qtbot, desk)
    step = next(step for step in steps_of(page.model.state) if step.argument == {"tab": "health"})
    words = "Customers whose health fell by 15 points or more in four weeks: 3."
    assert (step.page, step.sentence) == ("leads", words)
    assert customer_tasks(open_desk(empty_site).store) == []


def test_a_conversion_that_lacks_counts_does_not_say_that_sales_are_missing(qtbot, open_desk, demo_copy):
    desk = open_desk(demo_copy)
    state = opened(qtbot, desk).model.state
    bare = replace(state, held=replace(state.held, counts=False))
    assert tiles_of(bare)[1][2:4] == ["No counts yet", "No sales yet"]
    assert tiles_of(replace(bare, selling=None))[1][2] == "No sales yet"


def test_every_job_has_a_name_in_the_feed(open_desk, empty_site):
    assert {job.name for job in all_jobs(open_desk(empty_site).store)} <= set(JOBS)


def test_the_feed_is_filtered_by_kind(qtbot, open_desk, demo_site):
    page = opened(qtbot, open_desk(demo_site))

    def rows():
        return [page.feed.list.item(i).text() for i in range(page.feed.list.count())]

    assert any("people came in" in row for row in rows())
    counts = next(b for b in page.feed.toggles.buttons() if b.text() == "Counts")
    counts.click()
    assert rows()
    assert not any("people came in" in row for row in rows())
    counts.click()
    assert any("people came in" in row for row in rows())


def test_an_empty_site_offers_three_ways_to_begin(qtbot, open_desk, empty_site):
    desk = open_desk(empty_site)
    page = opened(qtbot, desk)
    assert page.board.isHidden()
    ways = page._beginning.ways
    assert len(ways) == 3
    for number, target in ((0, ["live", "add"]), (1, ["intake", {"kind": "sales"}])):
        with qtbot.waitSignal(desk.wanted) as wanted:
            ways[number].button.click()
        assert wanted.args == target
    assert page._beginning.demo_folder == desk.folder.with_name("empty-demo")


def count(store, day, minute, entries, exits):
    gate, source = new_id(), new_id()
    start = day_bounds(day, store.site.zone)[0] + minute * 60_000
    with store.write("tester", "a count") as tx:
        tx.execute_many("INSERT INTO source (id, code, kind) VALUES (?, 'counter', 'camera')", [(source,)])
        tx.execute_many(
            "INSERT INTO gate (id, code, name, perimeter, active) VALUES (?, 'n', 'North', 1, 1)", [(gate,)]
        )
        tx.execute_many(
            "INSERT INTO count_bucket (gate_id, bucket_start, direction, source_id, revision, day, minute, n, staff_n, "
            "seconds_observed, frames_dropped) VALUES (?, ?, ?, ?, 0, ?, ?, ?, 0, 900, 0)",
            [(gate, start, way, source, day, minute, n) for way, n in (("in", entries), ("out", exits))],
        )


def test_the_first_counts_end_the_beginning(qtbot, open_desk, empty_site):
    desk = open_desk(empty_site)
    page = opened(qtbot, desk)
    count(desk.store, desk.today.isoformat(), 600, 12, 3)
    with qtbot.waitSignal(page.model.changed):
        page.model.refresh()
    assert not page.board.isHidden()
    assert page._beginning.isHidden()
    assert page.model.state.visits.visits == 12
    assert page.model.state.inside.inside == 9


def test_the_export_says_that_a_demo_mall_is_invented(qtbot, open_desk, demo_site, tmp_path, monkeypatch):
    desk = open_desk(demo_site)
    page = opened(qtbot, desk)
    file = tmp_path / "today.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    monkeypatch.setattr(demo._Held, "demo", True)
    with qtbot.waitSignal(desk.said) as said:
        page.export()
    assert said.args[0].kind == "good"
    sheets = first_cells(file)
    assert len(sheets) >= 2
    assert set(sheets.values()) == {demo.DEMO}


def looked_into(qtbot, page):
    page.define("footfall")
    qtbot.waitUntil(lambda: page._definition is not None and page._definition.meaning is not None)


def test_a_closed_page_is_gone(qtbot, open_desk, demo_site):
    desk = open_desk(demo_site)
    page = make(desk)
    with qtbot.waitSignal(page.model.changed):
        page.open()
    looked_into(qtbot, page)
    page.leave()
    watched = weakref.ref(page)
    page.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    del page
    gc.collect()
    assert watched() is None


def test_reading_it_loads_no_analysis_library(demo_site):
    """A cold start waits for this: numpy alone would cost a tenth of it."""
    script = (
        "import sys; from pathlib import Path; from models.store import open_store\n"
        "import app.ui.pages.today as today\n"
        "today.read(open_store(Path(sys.argv[1])), None, None)\n"
        "heavy = {'numpy', 'duckdb', 'pyarrow', 'scipy', 'sklearn', 'pyqtgraph', 'holidays', 'pandas', 'cv2'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-c", script, str(demo_site)]
    done = subprocess.run(command, check=True, cwd=root, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
