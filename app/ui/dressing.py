"""A change of colours widget after widget, so that the window answers while hundreds of them change.

A new application style sheet would have Qt send every widget through a restyling at once, seconds where all pages are
built. So the one style sheet holds both schemes: the rules of the scheme at the start, and their twins for the other
one, which hold below a window whose property `scheme` names it. A change sets that property and polishes again.
"""

from __future__ import annotations

import re
from collections import deque

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from app.ui.tokens import Scheme
from app.ui.turns import Steps, Turns

SCHEME = "scheme"
"""The property of a window that says which colours its widgets have."""
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_POLISHED = Qt.WidgetAttribute.WA_WState_Polished


def twin(sheet: str, scheme: Scheme) -> str:
    """The rules of a style sheet for what lies in a window of a scheme; each outweighs the rule it is the twin of,
    since its selector is one attribute longer."""
    rules = (f"{_below(selectors, scheme)} {{{body}}}" for selectors, body in _RULE.findall(sheet))
    return "\n".join(rules)


def _below(selectors: str, scheme: Scheme) -> str:
    found: list[str] = []
    for selector in (one.strip() for one in selectors.split(",")):
        if selector in ("QMainWindow", "QDialog"):  # these may be the window itself
            found.append(f'{selector}[{SCHEME}="{scheme}"]')
        found.append(f'*[{SCHEME}="{scheme}"] {selector}')
    return ", ".join(found)


class Dressing(QObject):
    """Puts the colours in force on every widget: what is seen first, then the rest, in short turns of the loop.

    `done` fires when every widget has them. What is seen is painted again only once all of it has them.
    """

    done = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.turns = Turns(self)
        self._left: deque[QWidget] = deque()
        self._held: list[QWidget] = []

    def hold(self) -> None:
        """Paint nothing until what is seen has its colours."""
        for window in QApplication.topLevelWidgets():
            if window.isVisible() and window.updatesEnabled():
                window.setUpdatesEnabled(False)
                self._held.append(window)

    def begin(self, *, styled: bool) -> None:
        """Dress every widget there is; `styled` where the style sheet is on them already."""
        widgets = [one for one in QApplication.allWidgets() if isinstance(one, QWidget)]
        seen = [one for one in widgets if one.isVisible()]
        self._left = deque(one for one in widgets if not one.isVisible())
        self.turns.add(self._dressing(seen, styled=styled), "dress")

    def hurry(self, part: QWidget) -> None:
        """What lies in a part comes next: it is about to be seen."""
        if self._left:
            first = [one for one in self._left if isValid(one) and (one is part or part.isAncestorOf(one))]
            chosen = {id(one) for one in first}
            self._left = deque([*first, *(one for one in self._left if id(one) not in chosen)])

    def _dressing(self, seen: list[QWidget], *, styled: bool) -> Steps:
        for widget in seen:
            _dress(widget, styled=styled)
            yield
        for window in self._held:
            if isValid(window):
                window.setUpdatesEnabled(True)
        self._held.clear()
        yield
        while self._left:
            _dress(self._left.popleft(), styled=styled)
            yield
        if not styled:
            yield from _laid_out()
        self.done.emit()


def _laid_out() -> Steps:
    """Lay out what is hidden, from the inside outwards: else all of a page is when it is next seen."""
    for window in QApplication.topLevelWidgets():
        if not isValid(window):
            continue
        for widget in reversed(window.findChildren(QWidget)):
            if isValid(widget) and not widget.isVisible() and (inside := widget.layout()) is not None:
                inside.activate()
                yield


def _dress(widget: QWidget, *, styled: bool) -> None:
    if not isValid(widget):  # the loop has turned since
        return
    if not styled and widget.testAttribute(_POLISHED):
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()
    recolour = getattr(widget, "retheme", None)
    if callable(recolour):
        recolour()
