"""The desktop starts the service where none runs, shows it, and takes it with it when it closes."""

from __future__ import annotations

from PySide6.QtCore import QPoint

from app.ui.shell.background import Background, ServiceStatus
from models.lease import Lease, holder


def test_a_service_is_started_shown_and_ended(qtbot, open_desk, empty_site):
    desk = open_desk(empty_site)
    background, status = Background(desk), ServiceStatus(desk)
    qtbot.addWidget(status)
    background.changed.connect(status.show_holder)
    background.start_soon()
    background.page_drawn("today")
    process = None
    try:
        qtbot.waitUntil(lambda: background._process is not None, timeout=10_000)
        process = background._process
        qtbot.waitUntil(lambda: holder(desk.store) is not None, timeout=20_000)
        with qtbot.waitSignal(background.changed):
            background.look()
        assert desk.owns_service
        assert status.text() == "Service runs"
    finally:
        background.close()
    assert process.poll() is not None
    assert not desk.owns_service
    assert holder(desk.store) is None  # it gave the lease back, so that the next one need not wait


def test_another_service_is_left_alone(qtbot, open_desk, empty_site):
    desk = open_desk(empty_site)
    lease = Lease(desk.store, owner="server-room", pid=4711)
    assert lease.try_take()
    background, status = Background(desk), ServiceStatus(desk)
    qtbot.addWidget(status)
    background.changed.connect(status.show_holder)
    with qtbot.waitSignal(background.changed):
        background.want(True)
    assert background._process is None
    assert status.text() == "Service runs"
    assert "server-room" in status.toolTip()
    background.close()
    assert holder(desk.store) is not None


def test_the_status_opens_the_jobs(qtbot, open_desk, empty_site):
    desk = open_desk(empty_site)
    status = ServiceStatus(desk)
    qtbot.addWidget(status)
    status.show_holder(None)
    assert status.text() == "Service is not running"
    with qtbot.waitSignal(desk.wanted) as wanted:
        status.click()
    assert wanted.args[0] == "jobs"
    assert status.grab().toImage().pixelColor(QPoint(18, status.height() // 2)).isValid()
