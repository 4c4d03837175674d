"""A change of colours widget after widget, so that the window answers while hundreds of them change.

A new application style sheet would have Qt send every widget through a restyling at once, seconds where all pages are
built. So the one style sheet holds both schemes: the rules of the scheme at the start, and their twins for the other
one, which hold below a window whose property `scheme` names it. A change sets that property and polishes again.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator

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
        self._left.clear()
        self.turns.add(self._dressing(styled=styled), "dress")

    def hurry(self, part: QWidget) -> None:
        """What lies in a part comes next: it is about to be seen."""
        first = [one for one in self._left if isValid(one) and (one is part or one.isAncestorOf(part))]
        for one in first:
            self._left.remove(one)
            self._left.appendleft(one)

    def _dressing(self, *, styled: bool) -> Steps:
        for window in [one for one in QApplication.topLevelWidgets() if one.parentWidget() is None]:
            for widget in self._walk(window, seen=True):
                _dress(widget, styled=styled)
                yield
        for window in self._held:
            if isValid(window):
                window.setUpdatesEnabled(True)
        self._held.clear()
        yield
        while self._left:
            for widget in self._walk(self._left.popleft(), seen=False):
                _dress(widget, styled=styled)
                yield
        if not styled:
            yield from _laid_out()
        self.done.emit()

    def _walk(self, root: QWidget, *, seen: bool) -> Iterator[QWidget]:
        """A widget and all inside it, from the outside inwards; of what is `seen`, hidden parts are left for later."""
        waiting = [root]
        while waiting:
            widget = waiting.pop()
            if not isValid(widget):  # the loop has turned since
                continue
            if seen and not widget.isVisible():
                self._left.append(widget)
                continue
            yield widget
            if isValid(widget):
                waiting += [one for one in reversed(widget.children()) if isinstance(one, QWidget)]


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
    if not styled and widget.testAttribute(_POLISHED):
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()
    recolour = getattr(widget, "retheme", None)
    if callable(recolour):
        recolour()
