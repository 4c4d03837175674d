"""Governance as a data protection officer meets it: requests with clocks, consents, retention, the audit log."""

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
from app.ui.pages.governance import GovernancePage, make
from engines.privacy.notices import notices
from engines.privacy.requests import Asked, list_requests, open_request, request_of, verify_request
from engines.privacy.retention import in_force


@pytest.fixture
def desk(open_desk: Callable[..., Desk], demo_copy: Path) -> Desk:
    return open_desk(demo_copy)


def opened(qtbot: Any, desk: Desk, argument: object = None) -> GovernancePage:
    page = make(desk)
    assert isinstance(page, GovernancePage)
    qtbot.addWidget(page)
    page.resize(1120, 640)
    with qtbot.waitSignal(page.drawn, timeout=5000):
        page.open(argument)
    return page


def a_member(desk: Desk) -> tuple[bytes, str]:
    with desk.store.read() as connection:
        person, card = connection.exec_driver_sql("SELECT person_id, card_no FROM member ORDER BY id LIMIT 1").one()
    return bytes(person), str(card)


def test_a_request_is_booked_by_a_card_and_its_identity_checked(qtbot: Any, desk: Desk) -> None:
    person, card = a_member(desk)
    page = opened(qtbot, desk)
    tab: Any = page.tabs.part("requests")
    assert tab.table.rows.rowCount() == 0
    form = tab.new
    assert not form.book.isEnabled()
    form.sign.setText(card)
    qtbot.mouseClick(form.finder, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: form.found is not None, timeout=5000)
    assert form.found.person == person and card not in form.who.text()  # masked until there is a reason to look
    form.kind.setCurrentIndex(form.kind.findData("erasure"))
    with qtbot.waitSignal(page.drawn, timeout=5000):
        qtbot.mouseClick(form.book, Qt.MouseButton.LeftButton)
    (request,) = list_requests(desk.store)
    assert (request.kind, request.law, request.state) == ("erasure", "pipl", "open")
    card_of = tab.card
    assert request.code in card_of.kind.text()
    assert not card_of.run.isVisibleTo(card_of)
    with qtbot.waitSignal(page.drawn, timeout=5000):
        qtbot.mouseClick(card_of.verify, Qt.MouseButton.LeftButton)
    assert request_of(desk.store, request.code).state == "verified"
    assert card_of.run.isVisibleTo(card_of)
    qtbot.mouseClick(card_of.run, Qt.MouseButton.LeftButton)
    assert card_of.child is None and card_of.run.text() == "Erase for good"  # it asks once more
    with qtbot.waitSignal(page.drawn, timeout=5000):
        card_of.reason.setText("not the person")
        qtbot.mouseClick(card_of.refuse, Qt.MouseButton.LeftButton)
    assert request_of(desk.store, request.code).state == "refused"
    assert "not the person" in card_of.proof.text()


def test_a_late_clock_is_told_and_words_follow_the_language(qtbot: Any, desk: Desk) -> None:
    person, _ = a_member(desk)
    code = open_request(desk.store, "cli:dpo", Asked("access", person, received_at=desk.now() - 60 * 86_400_000))
    page = opened(qtbot, desk)
    tab: Any = page.tabs.part("requests")
    assert page.says.text().startswith("Late requests: 1")
    tab.table.view.selectRow(0)
    assert tab.card.request.code == code and "late" in tab.card.clock.text()
    i18n.set_language("zh")
    try:
        i18n.retranslate(page)
        qtbot.waitUntil(lambda: page.says.text().startswith("逾期请求"), timeout=5000)
        assert "逾期" in tab.card.clock.text()
    finally:
        i18n.set_language("en")


def test_a_notice_is_kept_and_consents_are_counted(qtbot: Any, desk: Desk) -> None:
    page = opened(qtbot, desk, {"tab": "consents"})
    tab: Any = page.tabs.part("consents")
    assert tab.table.rows.rowCount() > 3
    form = tab.form
    form.code.setText("marketing-9")
    form.title.setText("Marketing")
    form.text.setPlainText("We write to you.")
    with qtbot.waitSignal(page.drawn, timeout=5000):
        qtbot.mouseClick(form.save, Qt.MouseButton.LeftButton)
    assert [n.code for n in notices(desk.store)] == ["marketing-9"]
    assert tab.notices.rows.rowCount() == 1


def test_a_rule_is_decided(qtbot: Any, desk: Desk) -> None:
    page = opened(qtbot, desk, {"tab": "retention"})
    tab: Any = page.tabs.part("retention")
    row = next(n for n in range(tab.table.rows.rowCount()) if tab.table.rows.at(n)["code"] == "receipts")
    tab.table.view.selectRow(row)
    tab.form.days.setValue(2000)
    tab.form.active.setChecked(True)
    with qtbot.waitSignal(page.drawn, timeout=5000):
        qtbot.mouseClick(tab.form.save, Qt.MouseButton.LeftButton)
    assert (in_force(desk.store, "receipts").days, in_force(desk.store, "receipts").active) == (2000, True)
    assert tab.form.one.rule.code == "receipts"


def test_the_audit_log_is_searched_and_its_chain_checked(qtbot: Any, desk: Desk) -> None:
    person, _ = a_member(desk)
    code = open_request(desk.store, "cli:dpo", Asked("access", person))
    verify_request(desk.store, "cli:dpo", code, "card")
    page = opened(qtbot, desk, {"tab": "audit"})
    tab: Any = page.tabs.part("audit")
    tab.object.setText(code)
    tab.search()
    qtbot.waitUntil(lambda: tab.table.rows.rowCount() == 2, timeout=5000)
    tab.verify()
    qtbot.waitUntil(lambda: "hold" in tab.says.text(), timeout=10_000)


def test_an_empty_site_says_what_to_do_and_a_closed_page_is_gone(
    qtbot: Any, open_desk: Callable[..., Desk], empty_site: Path
) -> None:
    page = opened(qtbot, open_desk(empty_site))
    for tab in ("consents", "retention", "audit", "exports"):
        with qtbot.waitSignal(page.drawn, timeout=5000):
            page.open({"tab": tab})
    page.leave()
    gone = weakref.ref(page)
    page.close()
    page.deleteLater()
    del page
    qtbot.wait(10)
    gc.collect()
    qtbot.waitUntil(lambda: gone() is None or not gone().isVisible(), timeout=2000)
