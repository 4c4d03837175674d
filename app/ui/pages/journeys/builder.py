"""The builder of funnels: steps with their kinds, limits and windows."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.i18n import language, tr
from app.ui.pages.journeys.state import Funnels
from app.ui.pages.journeys.words import event_name
from app.ui.widgets.head_tools import Choice, IconButton
from app.ui.widgets.spin import indented
from engines.behaviour.funnel import LONGEST_DAYS, MOST_STEPS, Funnel, Step

FIELDS = ("category", "tenant", "zone", "campaign")
ANY = "|"


class StepLine(QWidget):
    """One step: what it is, where, and within how many days of the step before. `removed(line)` from its button."""

    removed = Signal(object)

    def __init__(self, number: int, part: Funnels) -> None:
        super().__init__()
        self.number = number
        self._name = ""
        self.head = QLabel()
        self.head.setFixedWidth(18)
        theme.set_role(self.head, role="muted")
        self.kind, self.where = Choice("What happens"), Choice("Where")
        for choice in (self.kind, self.where):
            choice.setMinimumWidth(110)
            choice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.within = indented(QDoubleSpinBox())
        self.within.setRange(0.0, float(LONGEST_DAYS))
        self.within.setDecimals(1)
        self.remove = IconButton("close", "Remove step {name}", "")
        self.remove.clicked.connect(self._remove)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget, stretch in ((self.head, 0), (self.kind, 6), (self.where, 5), (self.within, 0), (self.remove, 0)):
            row.addWidget(widget, stretch)
        self.offer(part)
        self.renumber(number)

    def offer(self, part: Funnels) -> None:
        """What there is to choose from, in the language in force."""
        zh = language() == "zh"
        self.kind.offer(tuple((kind, event_name(kind)) for kind in part.kinds), "sale")
        limits = tuple((f"{f}|{code}", name_zh if zh else name) for f, code, name, name_zh in part.filters)
        self.where.offer(((ANY, tr("anywhere")), *limits), ANY)
        self.within.setSpecialValueText(tr("whole window"))
        self.within.setSuffix(tr(" days"))
        self.within.setToolTip(tr("Days after the step before"))
        self.within.setAccessibleName(tr("Days after the step before"))

    def renumber(self, number: int) -> None:
        """Its place in the funnel; the first step has no step before."""
        self.number = number
        self.head.setText(str(number))
        self.within.setEnabled(number > 1)

    def show_step(self, step: Step) -> None:
        """A step of a known funnel."""
        if self.kind.findData(step.kind) < 0:
            self.kind.addItem(event_name(step.kind), step.kind)
        self.kind.choose(step.kind)
        chosen = next((f"{f}|{getattr(step, f)}" for f in FIELDS if getattr(step, f)), ANY)
        self.where.choose(chosen)
        self.within.setValue(step.within)
        self._name = step.name

    def step(self) -> Step:
        """What stands in the line."""
        field, _, code = self.where.code().partition("|")
        kind = self.kind.code()
        limit = {field: code} if field else {}
        return Step(kind, self._name or event_name(kind), within=self.within.value(), **limit)  # type: ignore[arg-type]

    def _remove(self) -> None:
        self.removed.emit(self)


class Builder(QWidget):
    """`run_wanted()`, `save_wanted()` and `remove_wanted()` from its buttons; `chosen(code)` when another is picked."""

    run_wanted = Signal()
    save_wanted = Signal()
    remove_wanted = Signal()
    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._part: Funnels | None = None
        self.lines: list[StepLine] = []
        self.known = Choice("Funnel")
        self.name = QLineEdit()
        self.window_days = indented(QDoubleSpinBox())
        self.window_days.setRange(0.1, float(LONGEST_DAYS))
        self.window_days.setDecimals(1)
        self.any_order = QCheckBox()
        self.add_step, self.run, self.save, self.remove = (QPushButton() for _ in range(4))
        self.window_label = QLabel()
        theme.set_role(self.window_label, role="muted")
        theme.set_role(self.run, kind="primary")
        for button in (self.add_step, self.remove):
            theme.set_role(button, kind="quiet")
        self.steps = QVBoxLayout()
        self.steps.setSpacing(6)
        self._lay_out()
        self._connect()
        self.retranslate()

    def show_part(self, part: Funnels, code: str) -> None:
        """The funnels there are; `code` is the one to show."""
        self._part = part
        zh = language() == "zh"
        self.known.offer(
            tuple((s.code, (s.name_zh if zh and s.name_zh else tr(s.funnel.name))) for s in part.saved), code
        )
        self.known.choose(code)
        for line in self.lines:
            line.offer(part)
        self._allow()

    def show_funnel(self, funnel: Funnel, *, own: bool) -> None:
        """Fill in a funnel; only one's `own` can be removed."""
        assert self._part is not None
        while self.lines:
            self._drop(self.lines[-1])
        for step in funnel.steps:
            self._add(step)
        self.name.setText(funnel.name if own else "")
        self.window_days.setValue(funnel.window)
        self.any_order.setChecked(funnel.any_order)
        self.remove.setVisible(own)
        self._allow()

    def funnel(self) -> Funnel:
        """What stands in the builder."""
        steps = tuple(line.step() for line in self.lines)
        return Funnel(self.name.text().strip(), steps, self.window_days.value(), self.any_order.isChecked())

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.name.setPlaceholderText(tr("Name, to save it"))
        self.name.setAccessibleName(tr("Name of the funnel"))
        self.window_label.setText(tr("Whole window"))
        self.window_days.setSuffix(tr(" days"))
        self.window_days.setAccessibleName(tr("Whole window"))
        self.any_order.setText(tr("Steps after the first in any order"))
        self.add_step.setText(tr("Add a step"))
        self.run.setText(tr("Run"))
        self.save.setText(tr("Save"))
        self.remove.setText(tr("Remove"))

    def _add(self, step: Step) -> None:
        assert self._part is not None
        line = StepLine(len(self.lines) + 1, self._part)
        line.show_step(step)
        line.removed.connect(self._drop_line)
        self.lines.append(line)
        self.steps.addWidget(line)
        self._allow()

    def _add_one(self) -> None:
        self._add(Step("sale"))

    def _drop_line(self, line: StepLine) -> None:
        if len(self.lines) > 2:
            self._drop(line)

    def _drop(self, line: StepLine) -> None:
        self.lines.remove(line)
        line.hide()
        line.deleteLater()
        for number, kept in enumerate(self.lines, 1):
            kept.renumber(number)
        self._allow()

    def _allow(self) -> None:
        self.add_step.setEnabled(len(self.lines) < MOST_STEPS)
        for line in self.lines:
            line.remove.setEnabled(len(self.lines) > 2)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.known)
        column.addLayout(self.steps)
        column.addWidget(self.add_step)
        window = QHBoxLayout()
        for widget in (self.window_label, self.window_days, self.any_order):
            window.addWidget(widget)
        window.addStretch(1)
        column.addLayout(window)
        ends = QHBoxLayout()
        for part in (self.run, self.name, self.save, self.remove):
            ends.addWidget(part)
        column.addLayout(ends)
        column.addStretch(1)

    def _connect(self) -> None:
        self.known.chosen.connect(self.chosen)
        self.add_step.clicked.connect(self._add_one)
        self.run.clicked.connect(self.run_wanted)
        self.save.clicked.connect(self.save_wanted)
        self.remove.clicked.connect(self.remove_wanted)
