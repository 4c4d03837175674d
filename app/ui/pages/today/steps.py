"""What to do next, each step derived from a fact, and the ways to begin on an empty site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.pages.today.state import State
from app.ui.widgets.card import Card
from app.ui.widgets.scrolled import scrolled

MANY_GATES = 3


@dataclass(frozen=True)
class Step:
    """Something to do: a sentence, the button's words, and the page it opens. Texts are in the language in force."""

    icon: str
    tone: str
    sentence: str
    action: str
    page: str
    argument: object = None


def steps_of(state: State) -> list[Step]:
    """What to do next, the most pressing first, each derived from a fact of the state."""
    form = current()
    found = _silent(state)
    warnings = sum(alert.state == "open" and alert.severity != "notice" for alert in state.alerts)
    if warnings:
        text = tr("Warnings that nobody has looked at: {count}.", count=form.integer(warnings))
        found.append(Step("bell", "warning", text, tr("See alerts"), "today", "alerts"))
    running = {"declarations": _declarations, "rejects": _rejects, "engines": _engines, "backup": _backup,
               "weights": _weights}  # fmt: skip
    people = {"pairs": _pairs, "fraud": _fraud, "leads": _leads, "falling": _falling}
    found += [running[task.kind](task.facts) for task in state.tasks if task.kind in running]
    if not state.served:
        text = tr("No service runs, so nothing is counted or worked out by itself.")
        found.append(Step("jobs", "warning", text, tr("Jobs"), "jobs"))
    if not state.held.sales:
        found.append(Step("receipt", "accent", tr("No sales yet."), tr("Import sales"), "intake", {"kind": "sales"}))
    if not state.held.counts:
        found.append(Step("camera", "accent", tr("No gate is counted yet."), tr("Add a camera"), "live", "add"))
    return found + [people[task.kind](task.facts) for task in state.tasks if task.kind in people]


def _silent(state: State) -> list[Step]:
    """Gates that stopped sending: each by name, or how many where they are many. A demo mall is never counted."""
    form, gates = current(), state.silent
    if not gates or state.demo:
        return []
    action = tr("Look at the gates")
    if len(gates) > MANY_GATES:
        since = form.time(min(gate.since for gate in gates))
        text = tr("Gates that send no counts: {count}, the first since {time}.", count=len(gates), time=since)
        return [Step("alert", "bad", text, action, "footfall")]
    texts = [
        tr("{gate} has sent no counts since {time}.", gate=_named(g.name, g.name_zh), time=form.time(g.since))
        for g in gates
    ]
    return [
        Step("alert", "bad", text, action, "footfall", {"gate": g.code}) for text, g in zip(texts, gates, strict=True)
    ]


def _declarations(facts: Mapping[str, Any]) -> Step:
    text = tr("Sales declarations past their due day: {count}.", count=current().integer(facts["count"]))
    return Step("tenant", "warning", text, tr("See which"), "sales", "declarations")


def _rejects(facts: Mapping[str, Any]) -> Step:
    form = current()
    text = tr(
        "Rows refused in recent imports: {rows}, in {files} files.",
        rows=form.integer(facts["rows"]), files=form.integer(facts["files"]),
    )  # fmt: skip
    return Step("import", "warning", text, tr("Review them"), "intake", "history")


def _engines(facts: Mapping[str, Any]) -> Step:
    never = facts.get("at") is None
    text = tr("Key figures were never worked out.") if never else tr(
        "Key figures are from {time}.", time=current().datetime(facts["at"])
    )  # fmt: skip
    return Step("refresh", "warning", text, tr("Jobs"), "jobs")


def _backup(facts: Mapping[str, Any]) -> Step:
    hours = facts.get("hours")
    text = tr("There is no backup yet.") if hours is None else tr(
        "The newest backup is {age} old.", age=current().duration(hours * 3600)
    )  # fmt: skip
    return Step("backup", "warning", text, tr("Back up"), "jobs", "jobs")


def _weights(_facts: Mapping[str, Any]) -> Step:
    text = tr("No detector weights: cameras count moving shapes, less exactly.")
    return Step("camera", "warning", text, tr("Settings"), "settings")


def _pairs(facts: Mapping[str, Any]) -> Step:
    text = tr("Pairs of customers that may be the same person: {count}.", count=current().integer(facts["count"]))
    return Step("customers", "accent", text, tr("Review"), "customers", {"tab": "review"})


def _fraud(facts: Mapping[str, Any]) -> Step:
    text = tr("Possible fraud that nobody has judged: {count}.", count=current().integer(facts["count"]))
    return Step("link", "accent", text, tr("See cases"), "network", {"tab": "fraud"})


def _leads(facts: Mapping[str, Any]) -> Step:
    text = tr("Qualified leads: {count}.", count=current().integer(facts["count"]))
    return Step("goal", "accent", text, tr("See leads"), "leads", {"tab": facts["tab"]})


def _falling(facts: Mapping[str, Any]) -> Step:
    form = current()
    text = tr(
        "Customers whose health fell by {points} points or more in four weeks: {count}.",
        points=form.decimal(facts["points"], 0), count=form.integer(facts["count"]),
    )  # fmt: skip
    return Step("insight", "accent", text, tr("See who"), "leads", {"tab": "health"})


class NextSteps(Card):
    """`show_steps(steps)`: a sentence and a button each."""

    chosen = Signal(str, object)

    def __init__(self) -> None:
        super().__init__(mark("What to do next"))
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self.rows: list[_StepRow] = []
        self._shown: list[Step] = []
        self.set_body(scrolled(self._inside))

    def show_steps(self, steps: Sequence[Step]) -> None:
        """One row a step."""
        if not steps:
            self.show_empty("Nothing waits for you. Counts, sales and backups are in order.")
        else:
            self.show_body()
        if list(steps) == self._shown:
            return
        self._shown = list(steps)
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = []
        for step in steps:
            row = _StepRow(step, first=not self.rows)
            row.chosen.connect(self.chosen)
            self._column.insertWidget(len(self.rows), row)
            self.rows.append(row)


class _StepRow(QFrame):
    chosen = Signal(str, object)

    def __init__(self, step: Step, *, first: bool) -> None:
        super().__init__()
        self._step = step
        self._icon, self._text = QLabel(), QLabel(step.sentence)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self.button = QPushButton(step.action)
        theme.set_role(self.button, kind="quiet")
        self.button.setAccessibleName(f"{step.action}: {step.sentence}")
        self.button.clicked.connect(self._choose)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 0, 4)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        if not first:
            line = QFrame()
            theme.set_role(line, role="line")
            grid.addWidget(line, 0, 0, 1, 3)
        grid.addWidget(self._icon, 1, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self._text, 1, 1)
        grid.addWidget(self.button, 1, 2, Qt.AlignmentFlag.AlignVCenter)
        grid.setColumnStretch(1, 1)
        self.retheme()

    def retheme(self) -> None:
        """The icon in the theme's colour."""
        self._icon.setPixmap(icons.icon(self._step.icon, self._step.tone).pixmap(QSize(18, 18)))

    def _choose(self) -> None:
        self.chosen.emit(self._step.page, self._step.argument)


def _named(name: str, name_zh: str | None) -> str:
    return name_zh if name_zh and language() == "zh" else name
