"""Attribution: what went before purchases, by several models, and what holdouts say was caused."""

from __future__ import annotations

from app.ui.desk import Desk
from app.ui.page import Page
from app.ui.pages.attribution.board import AttributionPage


def make(desk: Desk) -> Page:
    """The Attribution page."""
    return AttributionPage(desk)
