"""The usage log: off unless the site wants it, and then names of pages and acts alone."""

from __future__ import annotations

import json

import pytest

from app.ui import theme
from app.ui.shell.memory import Memory
from app.ui.shell.window import MainWindow
from models.logs import recent_lines
from models.settings import change_setting, setting_named


@pytest.fixture
def window(qtbot, open_desk, empty_site, tmp_path, monkeypatch):
    monkeypatch.setenv("ATRIUM_STATE", str(tmp_path / "state"))
    made = MainWindow(open_desk(empty_site), Memory())
    qtbot.addWidget(made)
    yield made
    made.close()
    theme.appearance().apply("light")


def log_of(window):
    return window.desk.folder / "logs" / "usage.log"


def lines(window):
    return [json.loads(line)["text"] for line in log_of(window).read_text("utf-8").splitlines()]


def test_nothing_is_kept_unless_the_site_wants_it(window, qtbot):
    with qtbot.waitSignal(window.page_drawn, timeout=20_000):
        window.open_page("jobs")
    assert setting_named("privacy.usage_log").default is False and not log_of(window).exists()


def test_pages_and_acts_are_kept_without_what_was_looked_at(window, qtbot):
    change_setting(window.desk.store, "tester", "privacy.usage_log", True)
    window.desk.moved.emit(frozenset({"setting"}))
    qtbot.waitUntil(lambda: log_of(window).exists(), timeout=5000)
    with qtbot.waitSignal(window.page_drawn, timeout=20_000):
        window.open_page("customers", {"text": "Wang Xiaoming"})
    window.choose_theme("dark")
    window.desk.say("The file secret.csv is bad.", "error")
    kept = lines(window)
    assert kept[0] == "log on" and "open customers" in kept and "theme dark" in kept and "error customers" in kept
    assert any(line.startswith("drawn customers after ") for line in kept)
    assert "Wang" not in "".join(kept) and "secret" not in "".join(kept)
    assert [line.name for line in recent_lines(window.desk.folder)].count("usage") == len(kept)  # where health looks


def test_switching_it_off_ends_it(window, qtbot):
    window.usage.switch(True)
    window.usage.switch(False)
    kept = lines(window)
    window.choose_theme("dark")
    assert lines(window) == kept and kept[-1] == "log off"
