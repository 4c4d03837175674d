"""Leads where the engine ran and nobody was left to score: the page says that, not that nothing ran."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QLabel

from app.ui.pages.leads import make
from engines.driver import run_engine
from engines.leads.engine import ENGINE as LEADS
from tests.engines.hand_mall import HandMall

NOW_MS = int(datetime(2026, 3, 14, 16, 20, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)


def test_a_mall_where_everybody_has_bought_says_so(qtbot, open_desk, tmp_path):
    mall = HandMall.make(tmp_path / "mall")
    mall.person("ann")
    mall.sale("2026-03-01", 100, who="ann")
    run_engine(mall.store, LEADS, at_ms=NOW_MS)
    mall.store.close()
    page = make(open_desk(tmp_path / "mall"))
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.model.changed):
        page.open()
    assert any("Everybody known has bought" in label.text() for label in page.none.findChildren(QLabel))
    page.leave()
