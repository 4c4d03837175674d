"""The health board says how the memory of key figures was used."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from app.ui.pages.health.checks import HealthBoard
from engines.kpi import queries


def said(board: HealthBoard) -> str:
    return " ".join(label.text() for label in board.findChildren(QLabel))


def test_hits_and_misses_of_the_memory_are_shown(qtbot, open_desk, empty_site):
    desk = open_desk(empty_site)
    board = HealthBoard(desk)
    qtbot.addWidget(board)
    check = {"name": "x", "title": "X", "title_zh": "X", "state": "ok", "says": "Fine."}
    board.show_checks([check])
    assert "No key figure has been read" in said(board)
    for _ in range(3):
        queries.series(desk.store, "gross_sales", "day", "2026-01-01", "2026-01-31")
    board.show_checks([check])
    assert "Of 3 reads of key figures since the desktop began, 2 were answered from memory and 1 from" in said(board)
