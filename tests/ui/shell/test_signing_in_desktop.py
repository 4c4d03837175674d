"""The desktop of a site where people sign in: gate, lock, another user, hidden pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut

from app.ui import format, i18n, theme
from app.ui.child import Child
from app.ui.desk import Desk
from app.ui.pages import PAGES
from app.ui.shell.memory import Memory
from app.ui.shell.window import MainWindow
from engines.access import passwords, queries
from engines.access.actions import end_session, reset_password, set_active
from engines.access.own import set_own_pin
from engines.access.roles import set_role_rights
from engines.access.rules import PAGE_RIGHTS
from models.store import open_store
from tests.engines.access.people_in import PASSWORD, entries, give_password, make_site

NAMES = {card.name for card in PAGES}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed site: administrator, viewer and counter have the same password."""
    store = make_site(tmp_path_factory.mktemp("closed") / "site")
    for user in ("viewer", "counter", "tenant"):
        give_password(store, user)
    store.close()
    return store.site.folder


@pytest.fixture
def site(made: Path, tmp_path: Path) -> Path:
    import shutil

    return shutil.copytree(made, tmp_path / "site")


@pytest.fixture
def window(qtbot: Any, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("ATRIUM_STATE", str(tmp_path / "state"))
    store = open_store(site)
    format.configure(currency=store.site.currency, zone=store.site.time_zone)
    theme.start(qtbot.qapp if hasattr(qtbot, "qapp") else _app(), "light")
    made = MainWindow(Desk(store), Memory())
    made.resize(1366, 768)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    store.close()
    i18n.set_language("en")


def _app() -> Any:
    from PySide6.QtWidgets import QApplication

    return QApplication.instance()


def sign_in(qtbot: Any, window: MainWindow, user: str, password: str = PASSWORD) -> None:
    gate = window.guarding.gate
    assert gate is not None
    gate.user.setText(user)
    gate.secret.setText(password)
    qtbot.keyClick(gate.secret, Qt.Key.Key_Return)
    qtbot.waitUntil(gate.button.isEnabled, timeout=5000)


def shown(window: MainWindow) -> set[str]:
    return {name for name, button in window.navigation.buttons.items() if not button.isHidden()}


def test_a_closed_site_shows_the_sign_in_and_nothing_else(qtbot: Any, window: MainWindow) -> None:
    window.guarding.begin("today")
    assert window.curtain.currentWidget() is window.guarding.gate
    assert window.current() == "" and shown(window) == set()
    window.open_page("today")
    window.open_palette()
    window.export_page()
    assert window.current() == ""
    gate = window.guarding.gate
    sign_in(qtbot, window, "viewer", "not the password")
    assert "not right" in gate.error.text() and gate.secret.hasFocus()
    window.choose_language("zh")
    assert "不正确" in gate.error.text() and gate.button.text() == "登录"
    window.choose_language("en")
    sign_in(qtbot, window, "viewer")
    assert not window.guarding.shut
    assert window.current() == "today"
    rights = ("see", "see_sales", "see_campaigns", "look")
    assert shown(window) == {name for name, right in PAGE_RIGHTS.items() if right in rights and name in NAMES}
    assert Child.session and window.desk.actor == "viewer"


def test_a_page_without_the_right_is_refused_in_the_model_too(qtbot: Any, window: MainWindow) -> None:
    window.guarding.begin("today")
    sign_in(qtbot, window, "viewer")
    with qtbot.waitSignal(window.desk.said, timeout=3000) as said:
        window.open_page("customers")
    assert said.args[0].values["who"].startswith("Administrator")
    assert window.current() == "today"
    assert not any(command.name == "page.customers" for command in window.commands())
    page = window.page("today")
    page.model.right = "see_members"
    with qtbot.waitSignal(window.desk.said, timeout=3000):
        page.model.refresh()
    assert ("viewer", "right/see_members") in [row[:2] for row in entries(window.desk.store, "refuse")]


def test_the_lock_hides_all_and_a_pin_opens_it(qtbot: Any, window: MainWindow) -> None:
    store = window.desk.store
    set_own_pin(store, "administrator", PASSWORD, "7302")
    window.guarding.begin("today")
    sign_in(qtbot, window, "administrator")
    qtbot.waitUntil(window.desk.work.idle, timeout=5000)
    window.guarding.lock()
    gate = window.guarding.gate
    assert gate is not None and window.guarding.shut
    assert not window.navigation.isVisible() and not window.stack.isVisible()
    assert not any(s.isEnabled() for s in window.findChildren(QShortcut))
    window.desk.say("A secret of the page before")
    assert not window.toasts.text()
    gate.secret.setText("7303")
    qtbot.keyClick(gate.secret, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "not right" in gate.error.text(), timeout=5000)
    gate.secret.setText("7302")
    qtbot.mouseClick(gate.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.guarding.shut, timeout=5000)
    assert window.current() == "today" and window.stack.isVisible()


def test_it_locks_by_itself_after_the_roles_minutes(
    qtbot: Any, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.guarding.begin("today")
    sign_in(qtbot, window, "counter")
    real, ahead = time.monotonic, [110.0]
    monkeypatch.setattr("app.ui.shell.guarding.time.monotonic", lambda: real() + ahead[0])
    window.guarding.look_idle()
    assert not window.guarding.shut
    ahead[0] = 130.0  # counter staff have two minutes
    window.guarding.look_idle()
    assert window.guarding.shut and window.guarding.gate.mode == "lock"


def test_a_key_puts_the_lock_off(qtbot: Any, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    window.guarding.begin("today")
    sign_in(qtbot, window, "counter")
    real, ahead = time.monotonic, [130.0]
    monkeypatch.setattr("app.ui.shell.guarding.time.monotonic", lambda: real() + ahead[0])
    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_Shift)
    window.guarding.look_idle()
    assert not window.guarding.shut


def test_another_user_sees_their_own_pages_and_none_of_the_one_before(qtbot: Any, window: MainWindow) -> None:
    window.guarding.begin("today")
    sign_in(qtbot, window, "administrator")
    window.open_page("settings")
    qtbot.waitUntil(lambda: window.current() == "settings", timeout=5000)
    before = window.desk.session
    window.guarding.act("switch")
    assert window.guarding.shut and window.desk.session is None and not Child.session
    sign_in(qtbot, window, "counter")
    assert shown(window) == {
        name for name, right in PAGE_RIGHTS.items() if right in ("see_members", "look") and name in NAMES
    }
    assert window.current() in shown(window)
    assert [s.user for s in queries.sessions(window.desk.store)] == ["counter"]
    assert before is not None and before.user == "administrator"


def test_a_revoked_session_is_out(qtbot: Any, window: MainWindow) -> None:
    window.guarding.begin("today")
    sign_in(qtbot, window, "viewer")
    assert window.desk.session is not None
    end_session(window.desk.store, "administrator", window.desk.session.id)
    window.guarding.pulse()
    qtbot.waitUntil(lambda: window.guarding.shut, timeout=5000)
    assert window.desk.session is None and window.current() == ""


def test_rights_that_are_taken_close_the_page(qtbot: Any, window: MainWindow) -> None:
    window.guarding.begin("today")
    sign_in(qtbot, window, "viewer")
    set_role_rights(window.desk.store, "administrator", "viewer", ["see_sales"])
    window.guarding.pulse()
    qtbot.waitUntil(lambda: window.current() == "sales", timeout=5000)
    assert shown(window) == {"sales"}


def test_a_new_password_is_asked_for_before_anything_else(qtbot: Any, window: MainWindow) -> None:
    reset_password(window.desk.store, "administrator", "manager", "seven quiet lanterns")
    window.guarding.begin("today")
    sign_in(qtbot, window, "manager", "seven quiet lanterns")
    gate = window.guarding.gate
    assert gate.mode == "change" and window.guarding.shut and window.current() == ""
    gate.first.setText("brisk walnut ferry")
    gate.second.setText("brisk walnut fery")
    gate.submit()
    assert "not the same" in gate.error.text()
    gate.second.setText("brisk walnut ferry")
    gate.submit()
    qtbot.waitUntil(lambda: not window.guarding.shut, timeout=5000)
    assert window.desk.may("see_money")


def test_a_lock_out_is_told_in_minutes(qtbot: Any, window: MainWindow) -> None:
    window.guarding.begin("today")
    for _ in range(5):
        sign_in(qtbot, window, "viewer", "wrong")
    assert "15" in window.guarding.gate.error.text()


def test_nobody_is_left_to_sign_in_but_the_page_says_so(qtbot: Any, window: MainWindow) -> None:
    set_active(window.desk.store, "administrator", "viewer", active=False)
    window.guarding.begin("today")
    sign_in(qtbot, window, "viewer")
    assert "switched off" in window.guarding.gate.error.text()


def test_an_open_site_asks_nobody(qtbot: Any, open_desk: Callable[[Path], Desk], demo_site: Path) -> None:
    desk = open_desk(demo_site)
    assert PAGE_RIGHTS.keys() >= NAMES  # every page has its right
    assert desk.may("users") and not queries.must_sign_in(desk.store)
    assert queries.offers_sign_in(desk.store)
    assert passwords.FLOOR.passes == 2
