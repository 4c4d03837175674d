"""The period picker: which days, and compared with what."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import QDate, QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QDateEdit, QHBoxLayout, QSizePolicy, QWidget

from app.ui.catalogue import mark, tr
from app.ui.format import current
from app.ui.period import AGAINST, SPANS, Against, Period, Span

SPAN_NAMES: dict[Span, str] = {
    "today": mark("Today"),
    "7": mark("Last 7 days"),
    "30": mark("Last 30 days"),
    "90": mark("Last 90 days"),
    "year": mark("This year"),
    "custom": mark("Chosen days"),
}
AGAINST_NAMES: dict[Against, str] = {
    "none": mark("No comparison"),
    "previous": mark("Against the period before"),
    "weekday": mark("Against same weekdays last year"),
    "date": mark("Against same dates last year"),
    "festival": mark("Against same days from the festival"),
}


class PeriodPicker(QWidget):
    """`changed(Period)` fires when a person chooses; `set_value` is silent. `today` is the site's business day."""

    changed = Signal(object)

    def __init__(self, today: dt.date, value: Period | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._today = today
        self._value = value or Period.of("7", today)
        self.span, self.against = QComboBox(), QComboBox()
        self.first, self.last = QDateEdit(), QDateEdit()
        self.first.setCalendarPopup(True)
        self.last.setCalendarPopup(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for box in (self.span, self.first, self.last, self.against):
            row.addWidget(box)
            box.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        for box in (self.span, self.against):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        for span in SPANS:
            self.span.addItem("", span)
        for against in AGAINST:
            self.against.addItem("", against)
        self.retranslate()
        self.span.activated.connect(self._span_chosen)
        self.against.activated.connect(self._against_chosen)
        self.first.dateChanged.connect(self._days_chosen)
        self.last.dateChanged.connect(self._days_chosen)

    def value(self) -> Period:
        """What is chosen."""
        return self._value

    def set_value(self, value: Period) -> None:
        """Shows the period without telling anyone."""
        self._value = value
        self._show()

    def set_today(self, today: dt.date) -> None:
        """Moves to a new business day; tells the listeners when the chosen days moved with it."""
        self._today = today
        rolled = self._value.rolled(today)
        if rolled != self._value:
            self._choose(rolled)

    def retranslate(self) -> None:
        """Names, dates and accessible names in the chosen language."""
        for i, span in enumerate(SPANS):
            self.span.setItemText(i, tr(SPAN_NAMES[span]))
        for i, against in enumerate(AGAINST):
            self.against.setItemText(i, tr(AGAINST_NAMES[against]))
        pattern = "yyyy年M月d日" if current().language == "zh" else "d MMM yyyy"
        for edit, name in ((self.first, tr("First day")), (self.last, tr("Last day"))):
            edit.setLocale(current().locale)
            edit.setDisplayFormat(pattern)
            edit.setAccessibleName(name)
        self.span.setAccessibleName(tr("Period"))
        self.against.setAccessibleName(tr("Comparison"))
        self._show()

    def _show(self) -> None:
        blockers = [QSignalBlocker(box) for box in (self.span, self.against, self.first, self.last)]
        self.span.setCurrentIndex(SPANS.index(self._value.span))
        self.against.setCurrentIndex(AGAINST.index(self._value.against))
        for edit, day in ((self.first, self._value.first), (self.last, self._value.last)):
            edit.setDate(QDate(day.year, day.month, day.day))
            edit.setVisible(self._value.span == "custom")
        del blockers

    def _span_chosen(self, index: int) -> None:
        if SPANS[index] == "custom":
            self._choose(Period.custom(self._value.first, self._value.last, self._value.against))
        else:
            self._choose(Period.of(SPANS[index], self._today, self._value.against))

    def _against_chosen(self, index: int) -> None:
        self._choose(Period(self._value.span, self._value.first, self._value.last, AGAINST[index]))

    def _days_chosen(self) -> None:
        first, last = (_day(edit.date()) for edit in (self.first, self.last))
        self._choose(Period.custom(first, last, self._value.against))

    def _choose(self, value: Period) -> None:
        self._value = value
        self._show()
        self.changed.emit(value)


def _day(date: QDate) -> dt.date:
    return dt.date(date.year(), date.month(), date.day())
