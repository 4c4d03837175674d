"""Evaluation: what each event and campaign changed, against a baseline and against quiet times."""

from __future__ import annotations

from app.ui.desk import Desk
from app.ui.page import Page
from app.ui.pages.evaluation.board import EvaluationPage


def make(desk: Desk) -> Page:
    """The Evaluation page."""
    return EvaluationPage(desk)
