"""A page of predictions says where its newest sale is old."""

from __future__ import annotations

from datetime import date

from PySide6.QtWidgets import QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from app.ui import i18n
from app.ui.widgets.folded_tabs import fold
from app.ui.widgets.silence import silence


def test_old_sales_are_named_with_their_day_and_new_ones_are_not() -> None:
    assert silence(None, date(2026, 11, 22)) == ""
    assert silence("2026-10-01", date(2026, 11, 22)) == ""
    said = silence("2011-12-09", date(2026, 11, 22))
    assert "9 Dec 2011" in said and "5,462 days" in said and "Import later sales" in said
    i18n.set_language("zh")
    try:
        assert "2011年12月9日" in silence("2011-12-09", date(2026, 11, 22))
    finally:
        i18n.set_language("en")


def test_folded_tabs_leave_their_row_alone(qtbot: QtBot) -> None:
    tabs = QTabWidget()
    qtbot.addWidget(tabs)
    tabs.addTab(QWidget(), "One")
    tabs.resize(400, 300)
    fold(tabs, folded=True)
    assert tabs.maximumHeight() < 60 and tabs.widget(0).isHidden()
    fold(tabs, folded=False)
    assert tabs.maximumHeight() > 10_000 and not tabs.widget(0).isHidden()
