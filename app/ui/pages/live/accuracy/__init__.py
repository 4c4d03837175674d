"""Checking how exactly a camera counts: a person counts the same stretch by hand, without seeing its counts."""

from __future__ import annotations

from app.ui.pages.live.accuracy.view import AccuracyView

__all__ = ["AccuracyView"]
