"""The cards of the Today page: the day itself, what to do next, what happened, how fresh the data are."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.pages.today.state import State
from app.ui.pages.today.words import DAY_TYPES, JOBS, WEATHER
from app.ui.widgets.badge import Badge, Tone
from app.ui.widgets.card import Card

LATE_MS = 45 * 60_000


class DayLine(QWidget):
    """One line about the day: its name, weather, opening hours, the festival it is near."""

    def __init__(self) -> None:
        super().__init__()
        self.day, self.facts = QLabel(), QLabel()
        self.badge = Badge(parent=self)
        theme.set_role(self.day, role="card-title")
        theme.set_role(self.facts, role="muted")
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.day)
        row.addWidget(self.badge)
        row.addWidget(self.facts, 1)

    def show_day(self, state: State) -> None:
        """The day of the state."""
        self.day.setText(current().day(date.fromisoformat(state.today), "long"))
        self.facts.setText("  ·  ".join(day_words(state)))
        facts = state.facts
        name = (facts.holiday_zh if language() == "zh" else facts.holiday) if facts else None
        if facts and facts.closed:
            self.badge.say("Closed today", "warning")
        else:
            self.badge.say("{holiday}" if name else "", "accent", holiday=name or "")


def day_words(state: State) -> list[str]:
    """What the calendar knows of the day, in few words each."""
    facts, form = state.facts, current()
    if facts is None:
        return []
    words = [tr(DAY_TYPES[facts.day_type])] if facts.day_type and facts.day_type in DAY_TYPES else []
    if facts.school_holiday:
        words.append(tr("school holiday"))
    if facts.weather:
        words.append(tr(WEATHER.get(facts.weather, facts.weather)))
    if facts.temperature_max_c is not None:
        words.append(tr("up to {degrees} °C", degrees=form.decimal(facts.temperature_max_c, 0)))
    if facts.rain_mm:
        words.append(tr("{mm} mm of rain", mm=form.decimal(facts.rain_mm, 0)))
    if facts.opens_minute is not None and facts.closes_minute is not None:
        hours = (form.minute(facts.opens_minute), form.minute(facts.closes_minute % 1440))
        words.append(tr("open {first} to {last}", first=hours[0], last=hours[1]))
    if state.festival and facts.festival_offset is not None:
        name = state.festival[language() == "zh"]
        days = abs(facts.festival_offset)
        late = tr("{days} days after {festival}", days=days, festival=name)
        early = tr("{days} days to {festival}", days=days, festival=name)
        words.append(name if not days else late if facts.festival_offset > 0 else early)
    if facts.note:
        words.append(facts.note)
    return words


class Freshness(Card):
    """How old each kind of data is, whether the service runs, and what it runs now."""

    def __init__(self) -> None:
        super().__init__(mark("Data and jobs"))
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._rows: list[QWidget] = []
        self._column.addStretch(1)
        self.set_body(self._inside)

    def show_state(self, state: State) -> None:
        """Rows of the state."""
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = []
        for name, text, tone in freshness(state):
            self._add(_line(name, text, tone))
        for job, share in state.running:
            self._add(_progress(tr(JOBS.get(job, job)), share))

    def _add(self, row: QWidget) -> None:
        self._column.insertWidget(len(self._rows), row)
        self._rows.append(row)


def freshness(state: State) -> list[tuple[str, str, Tone]]:
    """Name, age and tone of each kind of data."""
    form = current()
    until = state.visits.until if state.visits else None
    found = [(tr("Counts"), *_aged(until, state.now, LATE_MS))]
    sold = state.selling.now.day if state.selling else None
    fresh: Tone = "good" if sold == state.today else "warning"
    text = tr("none") if sold is None else tr("today") if sold == state.today else form.day(date.fromisoformat(sold))
    found.append((tr("Sales"), text, fresh if sold else "neutral"))
    found.append((tr("Forecast"), *_aged(state.forecast_at, state.now, 3 * 3_600_000)))
    served: Tone = "good" if state.served else "warning"
    found.append((tr("Service"), tr("runs") if state.served else tr("does not run"), served))
    jobs = form.integer(len(state.running)) if state.running else tr("none running")
    return [*found, (tr("Jobs"), jobs, "accent" if state.running else "neutral")]


def _aged(at: int | None, now: int, late: int) -> tuple[str, Tone]:
    if at is None:
        return tr("none"), "neutral"
    age = tr("{age} ago", age=current().duration((now - at) // 60_000 * 60)) if now - at >= 60_000 else tr("just now")
    return age, "warning" if now - at > late else "good"


def _line(name: str, text: str, tone: Tone) -> QWidget:
    row = QWidget()
    across = QHBoxLayout(row)
    across.setContentsMargins(0, 0, 0, 0)
    label, badge = QLabel(name), Badge(parent=row)
    badge.say("{words}", tone, words=text)
    across.addWidget(label, 1)
    across.addWidget(badge)
    return row


def _progress(name: str, share: float) -> QWidget:
    row = QWidget()
    across = QHBoxLayout(row)
    across.setContentsMargins(0, 0, 0, 0)
    bar = QProgressBar()
    bar.setRange(0, 1000)
    bar.setValue(round(share * 1000))
    bar.setTextVisible(False)
    bar.setAccessibleName(name)
    across.addWidget(QLabel(name), 1)
    across.addWidget(bar, 1)
    return row
