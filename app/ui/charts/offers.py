"""What every chart offers in its context menu: copying and saving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.ui.catalogue import tr
from engines.access.exports import book_export
from models.store import Store

FILTERS = "PNG (*.png);;SVG (*.svg);;PDF (*.pdf)"


def context_menu(owner: QWidget, offers: Sequence[tuple[str, Callable[[], None]]], *, enabled: bool) -> QMenu:
    """A menu of words and bound methods of `owner`; it deletes itself when it closes."""
    menu = QMenu(owner)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for words, slot in offers:
        action = QAction(words, menu)
        action.triggered.connect(slot)
        action.setEnabled(enabled)
        menu.addAction(action)
    return menu


def ask_and_save(owner: QWidget, name: str, rows: int, save: Callable[[Path], None]) -> None:
    """Ask for a file and save there; in a window with a desk the export is booked first, and may be refused.

    `save` is a bound method.
    """
    path = ask_path(owner)
    if path is None:
        return
    desk: Any = getattr(owner.window(), "desk", None)
    if desk is None:
        save(path)
    else:
        desk.work.run(partial(_booked, desk.store, desk.actor, name, rows, path), save)


def _booked(store: Store, actor: str, name: str, rows: int, path: Path) -> Path:
    book_export(store, actor, f"chart/{name}", rows=rows, columns=(), file=path.name)
    return path


def ask_path(owner: QWidget) -> Path | None:
    """The file a person chooses for a chart, with a suffix; None when they change their mind."""
    name, chosen = QFileDialog.getSaveFileName(owner, tr("Save chart"), "", FILTERS)
    if not name:
        return None
    path = Path(name)
    return path if path.suffix else path.with_suffix("." + chosen[:3].lower())
