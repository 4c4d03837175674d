"""The way off the UI thread: answers come back on it, in order, and never to a page that is gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QThread
from PySide6.QtWidgets import QApplication

from app.ui.work import Work


class Receiver(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.answers: list[object] = []
        self.errors: list[Exception] = []
        self.on_ui_thread: list[bool] = []

    def done(self, answer: object) -> None:
        self.on_ui_thread.append(QThread.currentThread() is QApplication.instance().thread())
        self.answers.append(answer)

    def failed(self, error: Exception) -> None:
        self.errors.append(error)


@pytest.fixture
def work(qapp: QApplication) -> Iterator[Work]:
    made = Work()
    yield made
    made.close()


def test_answers_arrive_in_order_on_the_ui_thread(qtbot, work: Work) -> None:
    receiver = Receiver()
    for n in range(5):
        work.run(lambda n=n: (n, threading.current_thread().name), receiver.done)
    qtbot.waitUntil(lambda: len(receiver.answers) == 5)
    assert [n for n, _ in receiver.answers] == list(range(5))
    assert all(name.startswith("atrium-sql") for _, name in receiver.answers)
    assert all(receiver.on_ui_thread)
    assert work.idle()


def test_an_error_reaches_its_receiver_or_the_common_signal(qtbot, work: Work) -> None:
    receiver = Receiver()

    def fail() -> None:
        raise ValueError("no")

    work.run(fail, receiver.done, receiver.failed)
    qtbot.waitUntil(lambda: bool(receiver.errors))
    with qtbot.waitSignal(work.failed) as caught:
        work.run(fail, receiver.done)
    assert isinstance(caught.args[0], ValueError)
    assert receiver.answers == []


def test_an_answer_for_a_receiver_that_is_gone_is_dropped(qtbot, work: Work) -> None:
    gate = threading.Event()
    receiver = Receiver()
    answers = receiver.answers
    work.run(gate.wait, receiver.done)
    del receiver
    gate.set()
    qtbot.waitUntil(work.idle)
    assert answers == []
