"""Jobs: every job with what a person can do about it, and the ledger page by page."""

from __future__ import annotations

import pytest

from app.service.jobs import all_jobs
from app.ui.pages.jobs import make
from app.ui.pages.jobs.groups import GROUPS, group_of
from app.ui.pages.jobs.history import PAGE_ROWS
from app.ui.pages.jobs.list import schedule
from models import ledger
from models.lease import Lease
from models.requests import requested


@pytest.fixture
def desk(open_desk, empty_site):
    return open_desk(empty_site)


@pytest.fixture
def page(qtbot, desk):
    made = make(desk)
    qtbot.addWidget(made)
    yield made
    made.leave()


def show(qtbot, page):
    with qtbot.waitSignal(page.model.changed):
        page.model.refresh()


def failed_run(store, job, *, message, error=None, state="failed"):
    run = ledger.start(store, job)
    with store.write("service", "test") as tx:
        ledger.finish(tx, run, state, seconds=1.5, message=message, error=error)
    return run


def test_every_job_has_a_row_and_says_that_it_never_ran(qtbot, page, desk):
    show(qtbot, page)
    assert set(page.jobs.rows) == {job.name for job in all_jobs(desk.store)}
    row = page.jobs.rows["backup"]
    assert row.state.text() == "Never ran"
    assert row.schedule.text() == "Daily at 02:30"
    assert row.due.text() == "When the service runs"


def test_jobs_stand_under_what_they_are_for(qtbot, page, desk):
    show(qtbot, page)
    assert {group_of(job.name) for job in all_jobs(desk.store)} == set(GROUPS)
    for group, (title, rows) in page.jobs.groups.items():
        held = [rows.itemAt(i).widget().name for i in range(rows.count())]
        assert title.text() == GROUPS[group] and held
        assert held == [job.name for job in all_jobs(desk.store) if group_of(job.name) == group]


def test_run_now_asks_the_service_and_starts_one_where_none_runs(qtbot, page, desk):
    show(qtbot, page)
    with qtbot.waitSignal(desk.service_wanted) as wanted:
        page.jobs.rows["audit"].button.click()
    assert wanted.args == [True]
    qtbot.waitUntil(lambda: page.jobs.rows["audit"].button.text() == "Asked for")
    assert requested(desk.store) == ["audit"]
    assert not page.jobs.rows["audit"].button.isEnabled()


def test_a_failure_shows_its_sentence_and_folds_its_trace_away(qtbot, page, desk):
    failed_run(desk.store, "tidy", message="The disk is full.", error="Traceback: line 1")
    show(qtbot, page)
    row = page.jobs.rows["tidy"]
    assert (row.state.text(), row.says.text()) == ("Failed", "The disk is full.")
    assert row.trace.text.isHidden()
    row.trace.button.click()
    assert not row.trace.text.isHidden()
    assert row.trace.text.toPlainText() == "Traceback: line 1"


def test_a_running_job_shows_progress_and_can_be_stopped(qtbot, page, desk):
    run = ledger.start(desk.store, "mart")
    ledger.report(desk.store, run, 0.4, "reading the change log")
    show(qtbot, page)
    row = page.jobs.rows["mart"]
    assert (row.bar.value(), row.when.text()) == (400, "reading the change log")
    row.button.click()
    qtbot.waitUntil(lambda: row.button.text() == "Stopping…")
    assert next(r for r in ledger.runs(desk.store) if r.id == run).cancel_requested


def test_the_service_is_named_while_it_holds_the_lease(qtbot, page, desk):
    show(qtbot, page)
    assert (page.service.badge.text(), page.service.button.text()) == ("Not running", "Start")
    lease = Lease(desk.store, owner="till-pc", pid=4711)
    assert lease.try_take()
    show(qtbot, page)
    assert page.service.badge.text() == "Running"
    assert "till-pc, process 4711" in page.service.below.text()
    assert page.service.button.isHidden()  # it is another's, so it is stopped where it was started
    assert page.jobs.rows["backup"].due.text() != "When the service runs"


def test_history_brings_older_runs_as_it_is_scrolled(qtbot, page, desk):
    with desk.store.write("service", "test") as tx:
        tx.execute_many(
            "INSERT INTO job_run (job, started_at, state, progress, token, attempts, cancel_requested) "
            "VALUES (?, ?, 'done', 1.0, 0, 1, 0)",
            [("mart" if n % 2 else "camera/door", n) for n in range(PAGE_ROWS + 30)],
        )
    show(qtbot, page)
    assert page.history.table.rows.rowCount() == PAGE_ROWS
    page.history.table.more_wanted.emit()
    qtbot.waitUntil(lambda: page.history.table.rows.rowCount() == PAGE_ROWS + 30)
    assert page.history.table.rows.text(PAGE_ROWS + 29, 0) == "Camera door"
    page.history.job.setCurrentIndex(page.history.job.findData("mart"))
    page.history.job.activated.emit(page.history.job.currentIndex())
    qtbot.waitUntil(lambda: page.history.table.rows.rowCount() == (PAGE_ROWS + 30) // 2)


@pytest.mark.parametrize(
    ("every", "words"), [("15m", "Every 15 min"), ("1h", "Every 1 h"), ("03:30", "Daily at 03:30")]
)
def test_schedules_in_words(every, words):
    assert schedule(every) == words
