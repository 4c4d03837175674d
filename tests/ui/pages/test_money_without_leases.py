"""Money without leases: no rent of nothing is drawn; the tab says what is missing and where it is imported."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel

from app.ui.pages.money import make
from app.ui.pages.money.state import Ask
from tests.engines.hand_mall import HandMall


@pytest.fixture
def page(qtbot, open_desk, tmp_path):
    mall = HandMall.make(tmp_path / "site")
    for key, day in (("1", "2026-01-01"), ("2", "2026-02-01")):
        mall.put("money_line", id=key.encode() * 16, source_id=mall.ref("source", "books", kind="file"), source_key=key,
                 day=day, side="income", head="parking", amount_minor=500_00 * int(key), batch_id=b"b" * 16)  # fmt: skip
    mall.store.close()
    desk = open_desk(tmp_path / "site", "90")
    made = make(desk)
    qtbot.addWidget(made)
    made.resize(1166, 680)
    with qtbot.waitSignal(made.model.changed):
        made.open("bridge")
    yield made
    made.leave()


def test_rents_are_left_out_and_the_button_leads_to_their_import(qtbot, page):
    tab = page.bridge
    assert "Rents are left out" in tab.note.text() and tab.leases.isVisibleTo(tab)
    assert [(c.name, c.value) for c in tab.chart.view.data.changes][1:2] == [("Parking", 50_000.0)]
    went = []
    page.desk.wanted.connect(lambda *there: went.append(there))
    tab.leases.click()
    assert went == [("intake", {"kind": "leases"})]


def test_a_period_of_which_nothing_is_known_has_no_bar_of_nothing(qtbot, page):
    with qtbot.waitSignal(page.model.changed):
        page.ask(Ask(before="2025-12", after="2026-01"))
    changes = page.bridge.chart.view.data.changes
    assert [c.name for c in changes] == ["Parking", "Jan 2026"]
    assert "¥0" not in " ".join(label.text() for label in page.bridge.chart.findChildren(QLabel))
