"""Site set-up: the list follows what is there, leads to the page of each point, and is printed for IT."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.ui import i18n
from app.ui.desk import Desk
from app.ui.pages import PAGES
from app.ui.pages.setup import SetupPage, make
from app.ui.pages.setup.report import page_lines, sheet_of_list
from app.ui.pages.setup.state import State, says_of, title_of
from engines.access.actions import add_user, reset_password
from engines.access.rules import right_of_page
from engines.setup.golive import GROUPS, go_live
from models import escrow, settings
from models.store import Store, open_store


def _state(page: SetupPage) -> State:
    state = page.model.state
    assert isinstance(state, State)
    return state


def _open(qtbot: QtBot, desk: Desk) -> SetupPage:
    page = make(desk)
    assert isinstance(page, SetupPage)
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.drawn, timeout=20_000):
        page.open()
    return page


def _states(store: Store) -> dict[str, str]:
    return {point.check.name: point.check.state for point in go_live(store, installed=False).points}


def test_an_empty_site_lacks_what_it_lacks(empty_site: Path) -> None:
    store = open_store(empty_site)
    try:
        found = _states(store)
        assert found["calendar"] == "ok"
        for name in (
            "hours",
            "floors",
            "gates",
            "goals",
            "tenants",
            "sales",
            "members",
            "accounts",
            "notice",
            "second",
        ):
            assert found[name] == "warning", name
        for name in ("recovery", "administrators", "service"):
            assert found[name] == "bad", name
        for name in ("cameras_live", "cameras_checked", "hub", "gateway", "updates"):
            assert found[name] == "off", name
    finally:
        store.close()


def test_doing_a_thing_ticks_it(empty_site: Path) -> None:
    store = open_store(empty_site)
    try:
        before = go_live(store, installed=True)
        for name, value in (("mall.opens", "10:00"), ("mall.closes", "22:00"), ("backup.second", str(empty_site))):
            settings.change_setting(store, "cli:it", name, value)
        escrow.show_recovery(store, "cli:it")
        for user in ("anna", "bert"):
            add_user(store, "cli:it", user, user, "administrator")
            reset_password(store, "cli:it", user, "Quiet-Harbour-7719")
        found = _states(store)
        assert {found[name] for name in ("hours", "second", "recovery", "administrators")} == {"ok"}
        assert go_live(store, installed=True).done == before.done + 4
    finally:
        store.close()


def test_the_page_shows_every_point_and_how_far_the_site_is(
    qtbot: QtBot, open_desk: Callable[..., Desk], demo_site: Path
) -> None:
    page = _open(qtbot, open_desk(demo_site))
    shown = _state(page)
    assert page.head.figure.text() == f"{shown.list.done} of {shown.list.needed}"
    assert sum(len(card._lines) for card in page.cards.values()) == len(shown.list.points)
    shops = page.cards["data"]._lines[0]
    assert shops.name.text() == "Shops" and shops.badge.text() == "Done" and not shops.step.isVisibleTo(shops)
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert page.cards["data"]._lines[0].name.text() == "店铺"
    english = [says_of(p.check) for p in shown.list.points if says_of(p.check).isascii() and len(says_of(p.check)) > 30]
    assert english == [], "every sentence has its Chinese"


def test_every_point_leads_to_a_page_that_there_is(empty_site: Path) -> None:
    store = open_store(empty_site)
    try:
        pages = {card.name for card in PAGES} | {"governance"}
        for point in go_live(store, installed=None).points:
            assert point.page in pages, point.check.name
            assert point.group in {name for name, _, _ in GROUPS}
    finally:
        store.close()
    assert right_of_page("setup") == "configure"


def test_open_goes_there(qtbot: QtBot, open_desk: Callable[..., Desk], demo_site: Path) -> None:
    desk = open_desk(demo_site)
    page = _open(qtbot, desk)
    gone: list[tuple[str, Any]] = []
    desk.wanted.connect(lambda name, argument: gone.append((name, argument)))
    page.cards["data"]._lines[1].open.click()
    assert gone == [("intake", {"kind": "sales"})]


def test_the_list_is_printed_and_saved(
    qtbot: QtBot, open_desk: Callable[..., Desk], demo_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk(demo_copy)
    page = _open(qtbot, desk)
    pdf, table = tmp_path / "list.pdf", tmp_path / "list.csv"
    for file, kind, button in ((pdf, "PDF (*.pdf)", page.head.pdf), (table, "CSV (*.csv)", page.head.csv)):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, f=file, k=kind: (str(f), k))
        with qtbot.waitSignal(desk.said, timeout=20_000):
            button.click()
    assert pdf.read_bytes().startswith(b"%PDF") and pdf.stat().st_size > 5000
    lines = table.read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("Demo mall") and len(lines) == len(_state(page).list.points) + 2
    text = [cell for line in page_lines(desk, _state(page)) for cell, _ in line.cells]
    for point in _state(page).list.points:
        assert title_of(point.check) in text
    assert sheet_of_list(desk, _state(page)).rows[0][0] == "The site"


def test_the_page_goes_when_it_is_closed(qtbot: QtBot, open_desk: Callable[..., Desk], demo_site: Path) -> None:
    page = _open(qtbot, open_desk(demo_site))
    page.leave()
    gone = weakref.ref(page)
    page.deleteLater()
    qtbot.wait(50)
    del page
    gc.collect()
    assert gone() is None
