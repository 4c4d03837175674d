"""The Gateway page: a key made and revoked, a webhook added and tested, on and off, in both languages."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from app.ui import i18n
from app.ui.desk import Desk
from app.ui.pages.gateway import GatewayPage, make
from engines.access.api_keys import api_keys, verify_key
from engines.hooks.queries import deliveries, endpoints
from models import settings


@pytest.fixture
def desk(open_desk: Callable[..., Desk], demo_copy: Path) -> Desk:
    made = open_desk(demo_copy)
    settings.change_setting(made.store, "cli:it", "hooks.private", "127.0.0.1")
    return made


def opened(qtbot: Any, desk: Desk, argument: object = None) -> GatewayPage:
    page = make(desk)
    assert isinstance(page, GatewayPage)
    qtbot.addWidget(page)
    page.resize(1160, 640)
    with qtbot.waitSignal(page.drawn, timeout=5000):
        page.open(argument)
    return page


def test_a_key_is_made_shown_once_and_revoked(qtbot: Any, desk: Desk) -> None:
    page = opened(qtbot, desk)
    tab: Any = page.tabs.part("keys")
    assert tab.new.told.isHidden()
    tab.new.fields[0].setText("till-export")
    tab.new.ticks["import"].setChecked(True)
    with qtbot.waitSignal(tab.done, timeout=5000):
        qtbot.mouseClick(tab.new.button, Qt.MouseButton.LeftButton)
    text = tab.new.told.text()
    found = verify_key(desk.store, text)
    assert found is not None
    assert found.rights == {"import"}
    qtbot.waitUntil(lambda: tab.table.rows.rowCount() == 1, timeout=5000)
    assert text not in str(api_keys(desk.store))
    tab.row = lambda: api_keys(desk.store)[0]
    with qtbot.waitSignal(tab.done, timeout=5000):
        tab.revoke()
    assert verify_key(desk.store, text) is None


def test_a_webhook_is_added_tested_and_switched_off(qtbot: Any, desk: Desk) -> None:
    page = opened(qtbot, desk, {"tab": "hooks"})
    tab: Any = page.tabs.part("hooks")
    tab.new.fields[0].setText("pager")
    tab.new.fields[1].setText("http://127.0.0.1:9/atrium")
    tab.new.ticks["alert.raised"].setChecked(True)
    with qtbot.waitSignal(tab.done, timeout=5000):
        qtbot.mouseClick(tab.new.button, Qt.MouseButton.LeftButton)
    assert tab.new.told.text().startswith("whsec_")
    tab.row = lambda: endpoints(desk.store)[0]
    for act in (tab.test, tab.switch):
        with qtbot.waitSignal(tab.done, timeout=5000):
            act()
    assert not endpoints(desk.store)[0].active
    assert [d.kind for d in deliveries(desk.store)] == ["test"]
    page.tabs.choose("messages")
    messages: Any = page.tabs.part("messages")
    qtbot.waitUntil(lambda: messages.table.rows.rowCount() == 1, timeout=5000)


def test_the_gateway_is_switched_on_and_says_where_in_both_languages(qtbot: Any, desk: Desk) -> None:
    page = opened(qtbot, desk)
    assert "cannot reach" in page.says.text()
    qtbot.mouseClick(page.switch, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "127.0.0.1:8620" in page.says.text(), timeout=5000)
    assert settings.read(desk.store, "gateway.on") is True
    i18n.set_language("zh")
    try:
        i18n.retranslate(page)
        assert "服务运行后" in page.says.text()
    finally:
        i18n.set_language("en")
    settings.change_setting(desk.store, "cli:it", "gateway.address", "0.0.0.0:8620")
    page.model.refresh()
    qtbot.waitUntil(lambda: "without TLS" in page.says.text(), timeout=5000)


def test_the_page_leaves_nothing_behind(qtbot: Any, desk: Desk) -> None:
    page = opened(qtbot, desk)
    page.leave()
    gone = weakref.ref(page)
    page.close()
    page.deleteLater()
    del page
    qtbot.wait(10)
    gc.collect()
    qtbot.waitUntil(lambda: gone() is None or not gone().isVisible(), timeout=1000)  # type: ignore[union-attr]
