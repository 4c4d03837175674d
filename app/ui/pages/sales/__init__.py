"""Sales: what was sold, by whom, when and on how much space; declarations and turnover rent."""

from __future__ import annotations

from app.ui.desk import Desk
from app.ui.page import Page
from app.ui.pages.sales.board import SalesPage


def make(desk: Desk) -> Page:
    """The Sales page."""
    return SalesPage(desk)
