"""The rules of retention, what they would remove, and the proof of what they removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QSpinBox, QSplitter, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.child import Child
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.governance.state import State
from app.ui.pages.governance.words import action_name, chosen
from app.ui.widgets.card import Card
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import save_table
from app.ui.widgets.table import DataTable
from engines.privacy.retention import LONGEST, InForce, set_rule
from engines.privacy.retention_rules import BY_CODE
from models.errors import Known

SIDE = 340


class RetentionTab(QWidget):
    """Rules above, runs below, the chosen rule beside them."""

    done = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.child: Child | None = None
        self.table = DataTable(
            (
                Column("title", "Kind of data", width=210), Column("days", "Kept for", width=110),
                Column("action", "Then", width=220, write=action_name), Column("active", "On", "yes", 50),
                Column("found", "Too old now", "count", 100),
            ),
            "Rules", filterable=False, export=True,
        )  # fmt: skip
        self.runs = DataTable(
            (
                Column("rule", "Kind of data", width=210, write=_title), Column("at", "When", "instant", 150),
                Column("dry", "Trial", "yes", 60), Column("found", "Too old", "count", 90),
                Column("removed", "Removed", "count", 90), Column("oldest_left", "Oldest left", "day", 110),
                Column("actor", "By", width=110),
            ),
            "Runs", filterable=False,
        )  # fmt: skip
        self.runs.set_empty("Nothing was ever too old.")
        self.rehearse = QPushButton()
        self.table.add_control(self.rehearse)
        self.form = RuleForm(desk)
        self._found: Mapping[str, int] = {}
        self._rules: tuple[InForce, ...] = ()
        self._lay_out()
        self.rehearse.clicked.connect(self.try_out)
        self.table.selected.connect(self._chosen)
        self.table.export_wanted.connect(self.export)
        self.form.done.connect(self.done)
        self.form.run_wanted.connect(self.run_one)
        self.retranslate()

    def show_state(self, state: State) -> None:
        """The rules and runs as they stand."""
        self._rules = state.rules
        self._found = state.too_old
        self.table.set_rows([self._row(one) for one in state.rules])
        self.runs.set_rows(state.runs)
        code = self.form.one.rule.code if self.form.one else ""
        now = next((one for one in state.rules if one.rule.code == code), None)
        self.form.show_rule(now or next(iter(state.rules), None))

    def try_out(self) -> None:
        """Count what each rule would remove, in a process of its own: large tables are read."""
        self._start(["--dry-run"])

    def run_one(self, code: str) -> None:
        """Carry one rule out now."""
        self._start(["--rule", code])

    def export(self) -> None:
        """The rules as CSV or Excel."""
        save_table(self.desk, self, tr("Rules"), self.table)

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.rehearse.setText(tr("What would go?"))
        if self._rules:
            self.table.set_rows([self._row(one) for one in self._rules])

    def _start(self, more: list[str]) -> None:
        if self.child is None:
            self.child = Child(["--site", str(self.desk.folder), "privacy", "retention", *more], self)
            self.child.ended.connect(self._ended)
            self.rehearse.setEnabled(False)
            self.form.set_loading(True)
            self.child.start()

    def _ended(self, code: int, document: Any) -> None:
        self.child = None
        self.rehearse.setEnabled(True)
        self.form.set_loading(False)
        if code:
            self.desk.fault(Known(str(document.get("error", "")), str(document.get("step", ""))))
        self.done.emit()

    def _row(self, one: InForce) -> dict[str, Any]:
        return {
            "code": one.rule.code, "title": chosen((one.rule.title, one.rule.title_zh)), "days": kept_words(one),
            "action": one.rule.action, "active": one.active, "found": self._found.get(one.rule.code), "rule": one,
        }  # fmt: skip

    def _chosen(self, rows: Sequence[object]) -> None:
        if rows and isinstance(rows[0], dict):
            self.form.show_rule(rows[0]["rule"])

    def _lay_out(self) -> None:
        tables = QSplitter(Qt.Orientation.Vertical)
        tables.addWidget(self.table)
        tables.addWidget(self.runs)
        tables.setChildrenCollapsible(False)
        tables.setSizes([360, 200])
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 12, 0, 0)
        across.setSpacing(16)
        across.addWidget(tables, 1)
        across.addWidget(self.form)


class RuleForm(Card):
    """One rule: its days, whether it runs, and the law's ground. `run_wanted(code)` to carry it out now."""

    done = Signal()
    run_wanted = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setFixedWidth(SIDE)
        self.desk = desk
        self.one: InForce | None = None
        self.title, self.basis, self.decided, self.label = QLabel(), QLabel(), QLabel(), QLabel()
        theme.set_role(self.title, role="card-title")
        for text in (self.basis, self.decided):
            text.setWordWrap(True)
        theme.set_role(self.decided, role="caption")
        theme.set_role(self.label, role="caption")
        self.days, self.active = QSpinBox(), QCheckBox()
        self.days.setRange(0, LONGEST)
        self.save, self.run = QPushButton(), QPushButton()
        theme.set_role(self.save, kind="primary")
        theme.set_role(self.run, kind="quiet")
        self.set_body(self._fields())
        self.save.clicked.connect(self.keep)
        self.run.clicked.connect(self._run)

    def show_rule(self, one: InForce | None) -> None:
        """A rule to look at."""
        self.one = one
        if one is not None:
            self.days.setValue(one.days)
            self.active.setChecked(one.active)
            self._say()

    def keep(self) -> None:
        """Decide; where people sign in another person approves."""
        if self.one is not None:
            job = partial(
                set_rule, self.desk.store, self.desk.actor, self.one.rule.code, self.days.value(),
                active=self.active.isChecked(),
            )  # fmt: skip
            self.desk.work.run(job, self._kept, self.desk.fault)

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if getattr(self, "one", None) is not None:
            self._say()

    def _say(self) -> None:
        one = self.one
        assert one is not None
        rule, fixed = one.rule, one.rule.action == "keep"
        self.title.setText(chosen((rule.title, rule.title_zh)))
        self.basis.setText(one.basis if one.basis != rule.basis else chosen((rule.basis, rule.basis_zh)))
        by = tr("Decided by {actor} on {when}.", actor=one.actor, when=current().datetime(one.at)) if one.at else ""
        default = tr("Default: {days} days.", days=rule.days) if rule.days else ""
        self.decided.setText(" ".join(part for part in (by or default,) if part))
        self.label.setText(tr("Days kept; 0 is for ever"))
        self.days.setAccessibleName(tr("Days kept; 0 is for ever"))
        self.days.setSpecialValueText(tr("for ever"))
        self.active.setText(tr("Carried out each night"))
        self.save.setText(tr("Keep this rule"))
        self.run.setText(tr("Carry out now"))
        for part in (self.label, self.days, self.active, self.save):
            part.setVisible(not fixed)
        self.run.setVisible(not fixed and one.active and one.days > 0)

    def _fields(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self.title, self.basis, self.decided, self.label, self.days, self.active, self.save, self.run):
            column.addWidget(part)
        column.addStretch(1)
        return inside

    def _run(self) -> None:
        if self.one is not None:
            self.run_wanted.emit(self.one.rule.code)

    def _kept(self, _: object) -> None:
        self.desk.say("The rule is kept.", "good")
        self.done.emit()


def kept_words(one: InForce) -> str:
    """How long."""
    return tr("{n} days", n=current().integer(one.days)) if one.days else tr("for ever")


def _title(code: object) -> str:
    rule = BY_CODE.get(str(code))
    return chosen((rule.title, rule.title_zh)) if rule else str(code)
