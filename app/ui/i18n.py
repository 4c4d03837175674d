"""The language of the desktop: `tr` for every visible string, and a signal when the language changes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.ui.catalogue import LANGUAGES, Language, choose, language, mark, tr

__all__ = [
    "LANGUAGES",
    "Language",
    "Speech",
    "language",
    "mark",
    "retranslate",
    "set_language",
    "speech",
    "tr",
]


class Speech(QObject):
    """Carries the one signal; get it with `speech()`."""

    language_changed = Signal(str)


class _Held:
    speech: Speech | None = None


def speech() -> Speech:
    """The process's one `Speech`, whose `language_changed(str)` fires after a switch."""
    if _Held.speech is None:
        _Held.speech = Speech()
    return _Held.speech


def set_language(chosen: Language) -> None:
    """Switches the language; the shell then calls `retranslate(window)`."""
    if chosen == language():
        return
    choose(chosen)
    speech().language_changed.emit(chosen)


def retranslate(root: QWidget) -> None:
    """Calls `retranslate()` on the widget and on everything in it that has one, outermost first."""
    for widget in [root, *root.findChildren(QWidget)]:
        method = getattr(widget, "retranslate", None)
        if callable(method):
            method()
