"""The small editors of a condition: a choice, a number, days, an amount, codes with completion, a window of time."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QComboBox, QCompleter, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QSpinBox, QWidget

from app.ui import theme
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.widgets.calm import CalmWheel
from app.ui.widgets.spin import indented
from engines.segments.rule import Window

Items = Iterable[tuple[str, str]]
MOST = 36_500
FRAME = 76
"""Pixels of a choice around its words."""


class WholeUndo(QObject):
    """Leaves Ctrl+Z and Ctrl+Y to the builder, which undoes steps, instead of to the box that has the focus."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) and isinstance(event, QKeyEvent):
            ours = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo
            if any(event.matches(key) for key in ours):
                event.ignore()
                return True
        return super().eventFilter(watched, event)

    def keep(self, inside: QWidget) -> None:
        """Watch every line that can be typed in."""
        for line in inside.findChildren(QLineEdit):
            line.installEventFilter(self)
        for box in inside.findChildren(QSpinBox):  # which asks its line behind the filter's back
            box.installEventFilter(self)


class Pick(QComboBox):
    """A choice of keys with names; `edited()` fires when the person picks."""

    edited = Signal()

    def __init__(self, name: str, items: Items, chosen: str = "") -> None:
        super().__init__()
        self._calm = CalmWheel(self)
        self._calm.keep(self)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setAccessibleName(name)
        for key, title in items:
            self.addItem(title, key)
        if self.findData(chosen) < 0 and chosen:
            self.addItem(chosen, chosen)
        self.setCurrentIndex(max(self.findData(chosen), 0))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.activated.connect(self._tell)

    def sizeHint(self) -> QSize:
        """As wide as what is chosen, not as the widest choice, so that a row of them stays short."""
        hint = super().sizeHint()
        return QSize(min(self.fontMetrics().horizontalAdvance(self.currentText()) + FRAME, hint.width()), hint.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def showPopup(self) -> None:
        """The list as wide as its widest choice."""
        self.view().setMinimumWidth(super().sizeHint().width())
        super().showPopup()

    def key(self) -> str:
        """What is chosen."""
        return str(self.currentData() or "")

    def _tell(self, _index: int) -> None:
        self.updateGeometry()
        self.edited.emit()


class Count(QSpinBox):
    """A whole number."""

    edited = Signal()

    def __init__(self, name: str, value: int, low: int = 0, high: int = MOST) -> None:
        super().__init__()
        self._calm = CalmWheel(self)
        self._calm.keep(self)
        self.setRange(low, high)
        self.setValue(value)
        self.setAccessibleName(name)
        self.setFixedWidth(84)
        indented(self)
        self.valueChanged.connect(self._tell)

    def _tell(self, _value: int) -> None:
        self.edited.emit()


class Number(QLineEdit):
    """A number, or nothing; `money` is typed in major units and held in minor ones, `share` in percent."""

    edited = Signal()

    def __init__(self, name: str, value: float | None, kind: str = "number") -> None:
        super().__init__()
        self._kind = kind
        self.setAccessibleName(name)
        self.setPlaceholderText({"money": current().currency, "share": "%"}.get(kind, ""))
        self.setFixedWidth(96)
        if value is not None:
            self.setText(f"{value / self._scale():g}" if kind != "money" else _plain(value / self._scale()))
        self.textEdited.connect(self._tell)

    def value(self) -> float | None:
        """What is typed; None where that is nothing or no number."""
        text = self.text().strip().replace(",", "").replace("，", "")
        try:
            found = float(text)
        except ValueError:
            self._mark(bool(text))
            return None
        self._mark(found != found or abs(found) > 1e12)  # noqa: PLR0124 - only a NaN differs from itself
        if self.property("invalid") == "true":
            return None
        scaled = found * self._scale()
        return round(scaled) if self._kind == "money" or scaled == int(scaled) else scaled

    def _scale(self) -> float:
        return {"money": float(10 ** current().money_digits), "share": 0.01}.get(self._kind, 1.0)

    def _mark(self, wrong: bool) -> None:
        _invalid(self, wrong)

    def _tell(self, _text: str) -> None:
        self.edited.emit()


class Day(QLineEdit):
    """A date, written 2026-11-20; whatever else is typed is kept, so that the rule's sentence says what is wrong."""

    edited = Signal()

    def __init__(self, name: str, value: str) -> None:
        super().__init__(value)
        self.setAccessibleName(name)
        self.setPlaceholderText(tr("YYYY-MM-DD"))
        self.setFixedWidth(112)
        self.textEdited.connect(self._tell)

    def day(self) -> str:
        """What is typed."""
        return self.text().strip()

    def _tell(self, _text: str) -> None:
        self.edited.emit()


class Codes(QLineEdit):
    """One or more of known values, comma-separated, completed while typing. Names are shown, keys are given."""

    edited = Signal()

    def __init__(self, name: str, items: Items, chosen: Iterable[str] = (), *, free: bool = False) -> None:
        super().__init__()
        self._names = dict(items)
        self._keys = {title.casefold(): key for key, title in self._names.items()} | {
            k.casefold(): k for k in self._names
        }
        self._free = free
        self.setAccessibleName(name)
        self.setPlaceholderText(name)
        self.setMinimumWidth(140)
        self.setText(", ".join(self._names.get(key, key) for key in chosen))
        self._completer = QCompleter(sorted(self._names.values()), self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self._completer.setWidget(self)
        self._completer.activated.connect(self._complete)
        self.textEdited.connect(self._typed)

    def keys(self) -> tuple[str, ...]:
        """The values typed; an unknown one marks the box and counts only where any text will do."""
        typed = [part.strip() for part in self.text().replace("，", ",").split(",") if part.strip()]
        unknown = [part for part in typed if part.casefold() not in self._keys]
        _invalid(self, bool(unknown) and not self._free)
        return tuple(dict.fromkeys(self._keys.get(part.casefold(), part) for part in typed))

    def offer(self) -> None:
        """Show what there is to choose from."""
        self._completer.setCompletionPrefix(self.text().replace("，", ",").rpartition(",")[2].strip())
        self._completer.complete()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        popup = self._completer.popup()
        assert popup is not None
        if popup.isVisible() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            event.ignore()  # the list takes it
            return
        if event.key() == Qt.Key.Key_Down and not popup.isVisible():
            self.offer()
            return
        super().keyPressEvent(event)

    def _typed(self, _text: str) -> None:
        if self.hasFocus():
            self.offer()
        self.edited.emit()

    def _complete(self, chosen: str) -> None:
        before, comma, _ = self.text().replace("，", ",").rpartition(",")
        self.setText(f"{before}{comma}{' ' if comma else ''}{chosen}")
        self.edited.emit()


class When(QWidget):
    """A window of time: ever, the last so many days, or from one day to another."""

    edited = Signal()

    def __init__(self, window: Window) -> None:
        super().__init__()
        dated = window.first is not None or window.last is not None
        kind = "days" if window.days is not None else "dates" if dated else "ever"
        items = [("ever", tr("ever")), ("days", tr("in the last")), ("dates", tr("from … to"))]
        self.kind = Pick(tr("When"), items, kind)
        self.days = Count(tr("Days"), window.days or 30, 1)
        self.unit = QLabel(tr("days"))
        self.first, self.last = Day(tr("From"), window.first or ""), Day(tr("To"), window.last or "")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for part in (self.kind, self.days, self.unit, self.first, self.last):
            row.addWidget(part)
        self._show()
        self.kind.edited.connect(self._show)
        for part in (self.kind, self.days, self.first, self.last):
            part.edited.connect(self.edited)

    def chosen(self) -> Window:
        """The window chosen."""
        if self.kind.key() == "days":
            return Window(self.days.value())
        if self.kind.key() == "dates":
            return Window(None, self.first.day() or None, self.last.day() or None)
        return Window()

    def _show(self) -> None:
        kind = self.kind.key()
        for part in (self.days, self.unit):
            part.setVisible(kind == "days")
        for end in (self.first, self.last):
            end.setVisible(kind == "dates")


def _invalid(line: QLineEdit, wrong: bool) -> None:
    if line.property("invalid") != ("true" if wrong else "false"):
        line.setProperty("invalid", "true" if wrong else "false")
        theme.set_role(line)
        line.style().unpolish(line)
        line.style().polish(line)


def _plain(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


MARKED = (mark("ever"), mark("in the last"), mark("from … to"))
