"""Panels at the page's side: what a figure means, writing an event down, and a decision that needs words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.evaluation.state import State
from app.ui.pages.evaluation.words import BASELINES, KINDS, MEANINGS, SCOPES, named, said
from app.ui.widgets.panel import SidePanel
from app.ui.widgets.spin import indented
from engines.evaluation.actions import Plan, add_occasion, edit_occasion
from engines.evaluation.queries import SubjectRow
from models.store import Store

MOST_COST = 1e12


class ExplainPanel(SidePanel):
    """`explain(name, ran)` opens with the meaning of a card; `ran` is when it was worked out (UTC ms)."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._name, self._ran = "", 0
        self.words, self.facts = QLabel(), QLabel()
        for label in (self.words, self.facts):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.body.addWidget(label)
        theme.set_role(self.facts, role="caption")
        self.body.addStretch(1)

    def explain(self, name: str, ran: int | None) -> None:
        """The card `name` of MEANINGS."""
        self._name, self._ran = name, ran or 0
        self.retranslate()
        self.open_panel()

    def retranslate(self) -> None:
        """Say it in the language in force."""
        super().retranslate()
        if not getattr(self, "_name", ""):
            return
        from engines.registry import engine_named

        engine = engine_named("attribution" if self._name in ("advice", "rates") else "evaluation")
        title, words = MEANINGS[self._name]
        self.set_heading(tr(title))
        self.words.setText(tr(words))
        when = current().datetime(self._ran) if self._ran else tr("not yet")
        told = tr("Analysis {name}, version {version}. Worked out: {when}.",
                  name=engine.name, version=engine.version, when=when)  # fmt: skip
        self.facts.setText(told)


class DecisionPanel(SidePanel):
    """`ask(title, words, label, button, do)` opens with one line to fill in; `do(store, text)` is done with it off the
    UI thread, then `done()` fires."""

    done = Signal()

    def __init__(self, desk: Desk, host: QWidget) -> None:
        super().__init__(host)
        self.desk = desk
        self._do: Callable[[Store, str], object] | None = None
        self.words, self.label, self.text, self.button = QLabel(), QLabel(), QLineEdit(), QPushButton()
        self.words.setWordWrap(True)
        self.label.setBuddy(self.text)
        theme.set_role(self.button, kind="primary")
        for part in (self.words, self.label, self.text):
            self.body.addWidget(part)
        self.body.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)
        self.button.clicked.connect(self.decide)
        self.text.returnPressed.connect(self.decide)

    def ask(self, title: str, words: str, label: str, button: str, do: Callable[[Store, str], object]) -> None:
        """Open; all words are translated already."""
        self._do = do
        self.set_heading(title)
        self.words.setText(words)
        self.label.setText(label)
        self.button.setText(button)
        self.text.clear()
        self.open_panel()
        self.text.setFocus()

    def decide(self) -> None:
        """Do it with what was written."""
        if self._do is not None:
            self.desk.work.run(partial(self._do, self.desk.store, self.text.text()), self._finished)

    def _finished(self, _answer: object) -> None:
        self.close_panel()
        self.done.emit()


class OccasionPanel(SidePanel):
    """`write(state)` for a new event, `change(state, row)` for one there is; `saved(code)` fires when it is kept."""

    saved = Signal(str)

    def __init__(self, desk: Desk, host: QWidget) -> None:
        super().__init__(host)
        self.desk = desk
        self._state: State | None = None
        self._row: SubjectRow | None = None
        self.name, self.name_zh = QLineEdit(), QLineEdit()
        self.kind, self.scope, self.place, self.baseline = QComboBox(), QComboBox(), QComboBox(), QComboBox()
        self.first, self.last = QDateEdit(), QDateEdit()
        for edit in (self.first, self.last):
            edit.setCalendarPopup(True)
            indented(edit)
        self.cost, self.weeks = indented(QDoubleSpinBox()), indented(QSpinBox())
        self.cost.setRange(0, MOST_COST)
        self.cost.setGroupSeparatorShown(True)
        self.weeks.setRange(2, 12)
        self.save, self.note = QPushButton(), QLabel()
        self.note.setWordWrap(True)
        theme.set_role(self.note, role="caption")
        theme.set_role(self.save, kind="primary")
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(16)
        self.labels = [QLabel() for _ in self._boxes()]
        for label, box in zip(self.labels, self._boxes(), strict=True):
            label.setBuddy(box)
            self.form.addRow(label, box)
        self.body.addLayout(self.form)
        self.body.addWidget(self.note)
        self.body.addWidget(self.save, alignment=Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)
        self.scope.activated.connect(self._offer_places)
        self.save.clicked.connect(self.keep)

    def write(self, state: State) -> None:
        """A new event, from today."""
        self._open(state, None)

    def change(self, state: State, row: SubjectRow) -> None:
        """An event there is; its baseline is chosen elsewhere."""
        self._open(state, row)

    def plan(self) -> Plan:
        """The event as it stands in the boxes."""
        digits = current().money_digits
        scope = str(self.scope.currentData())
        return Plan(
            self.name.text(), str(self.kind.currentData()), _iso(self.first), _iso(self.last),
            self.name_zh.text().strip() or None, scope,
            str(self.place.currentData() or "") if scope != "mall" else None,
            round(self.cost.value() * 10**digits) or None, str(self.baseline.currentData()), self.weeks.value(),
        )  # fmt: skip

    def keep(self) -> None:
        """Write it down, or change it."""
        if self._row is None:
            job: Callable[[], object] = partial(add_occasion, self.desk.store, self.desk.actor, self.plan())
        else:
            job = partial(_edited, self.desk.store, self.desk.actor, self._row.code, self.plan())
        self.desk.work.run(job, self._kept)

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if getattr(self, "_state", None) is not None:
            self._say()

    def _boxes(self) -> tuple[QWidget, ...]:
        return (
            self.name, self.name_zh, self.kind, self.first, self.last, self.scope, self.place, self.cost,
            self.baseline, self.weeks,
        )  # fmt: skip

    def _open(self, state: State, row: SubjectRow | None) -> None:
        self._state, self._row = state, row
        self._say()
        today = self.desk.today
        first, last = (dt.date.fromisoformat(d) for d in (row.from_day, row.to_day)) if row else (today, today)
        self.first.setDate(QDate(first.year, first.month, first.day))
        self.last.setDate(QDate(last.year, last.month, last.day))
        self.name.setText(row.name if row else "")
        self.name_zh.setText((row.name_zh or "") if row else "")
        self.cost.setDecimals(current().money_digits)
        self.cost.setValue((row.cost_minor or 0) / 10 ** current().money_digits if row else 0)
        self.weeks.setValue(row.weeks if row else 4)
        for box, code in ((self.kind, row.kind if row else "fair"), (self.scope, row.scope if row else "mall")):
            box.setCurrentIndex(max(box.findData(code), 0))
        self._offer_places()
        self.place.setCurrentIndex(max(self.place.findData(row.scope_code if row else None), 0))
        self.baseline.setCurrentIndex(max(self.baseline.findData(row.assigned if row else "weeks"), 0))
        for fixed in (self.baseline, self.weeks):
            fixed.setEnabled(row is None)
        self.open_panel()
        self.name.setFocus()

    def _say(self) -> None:
        words = (
            tr("Name"), tr("Chinese name"), tr("Kind"), tr("First day"), tr("Last day"), tr("Where"), tr("Which"),
            tr("Cost"), tr("Baseline"), tr("Weeks of baseline"),
        )  # fmt: skip
        for label, word in zip(self.labels, words, strict=True):
            label.setText(word)
        for box, names in ((self.kind, KINDS), (self.scope, SCOPES), (self.baseline, BASELINES)):
            chosen = box.currentData()
            box.clear()
            for code in names:
                box.addItem(said(names, code), code)
            box.setCurrentIndex(max(box.findData(chosen), 0))
        self.set_heading(tr("New event") if self._row is None else tr("Edit event"))
        self.note.setText(
            tr("The baseline is assigned before anyone sees the result. It can be judged by another one later, with a "
               "reason; the first one stays on record.")
        )  # fmt: skip
        self.save.setText(tr("Save"))

    def _offer_places(self) -> None:
        assert self._state is not None
        scope = self.scope.currentData()
        self.place.clear()
        for code, name, name_zh in {"zone": self._state.zones, "tenant": self._state.tenants}.get(str(scope), ()):
            self.place.addItem(named(name, name_zh), code)
        self.form.setRowVisible(self.place, scope != "mall")

    def _kept(self, code: object) -> None:
        self.close_panel()
        self.saved.emit(str(code))


def _edited(store: Store, actor: str, code: str, plan: Plan) -> str:
    edit_occasion(store, actor, code, plan)
    return code


def _iso(edit: QDateEdit) -> str:
    date = edit.date()
    return f"{date.year():04d}-{date.month():02d}-{date.day():02d}"
