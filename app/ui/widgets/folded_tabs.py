"""Tabs whose pane makes room for what is said in its place."""

from __future__ import annotations

from PySide6.QtWidgets import QTabWidget

UNLIMITED = (1 << 24) - 1
"""Qt's largest size of a widget, in pixels."""


def fold(tabs: QTabWidget, *, folded: bool) -> None:
    """Leave the row of tabs alone standing, or give the pane its room back."""
    corner = tabs.cornerWidget()
    row = max(tabs.tabBar().sizeHint().height(), corner.sizeHint().height() if corner is not None else 0)
    tabs.setMaximumHeight(row + 2 if folded else UNLIMITED)
    pane = tabs.currentWidget()
    if pane is not None:
        pane.setVisible(not folded)
