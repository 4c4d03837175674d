"""The site's own rules of a score: tested on everyone first, switched on and off, never about a protected trait."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QSpinBox, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.leads.weights_panel import MOVES, labels_of, move_rows, preview_words
from app.ui.pages.leads.words import FIELDS, OPS, said
from app.ui.widgets.panel import SidePanel
from app.ui.widgets.rows import Column
from app.ui.widgets.spin import indented
from app.ui.widgets.table import DataTable
from engines.leads.actions import Done, add_rule, switch_rule
from engines.leads.preview import Preview, preview_rule
from engines.leads.queries import StoredRule, rules, words_of
from engines.leads.rules import FIELDS as ASKED
from engines.leads.rules import MOST_POINTS, NUMBERS, Rule
from engines.leads.rules import OPS as ALL_OPS
from models.store import Store

RULES = (
    Column("name", "Rule"),
    Column("when", "Condition"),
    Column("points", "Points", "count", 68),
    Column("on", "On", "yes", 52),
)


class RulesPanel(SidePanel):
    """`show_use("member")` opens; `saved()` fires when a rule was added or switched."""

    saved = Signal()

    def __init__(self, desk: Desk, host: QWidget) -> None:
        super().__init__(host)
        self.desk = desk
        self.use = "member"
        self.rules: list[StoredRule] = []
        self.name, self.value = QLineEdit(), QComboBox()
        self.field, self.op = QComboBox(), QComboBox()
        self.points = indented(QSpinBox())
        self.points.setRange(-MOST_POINTS, MOST_POINTS)
        self.points.setValue(5)
        self.value.setEditable(True)
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(16)
        self.labels = [QLabel() for _ in range(5)]
        for label, box in zip(self.labels, (self.name, self.field, self.op, self.value, self.points), strict=True):
            label.setBuddy(box)
            self.form.addRow(label, box)
        self.note, self.result = QLabel(), QLabel()
        for text in (self.note, self.result):
            text.setWordWrap(True)
            text.setTextFormat(Qt.TextFormat.PlainText)
        theme.set_role(self.note, role="caption")
        self.test_button, self.add_button = QPushButton(), QPushButton()
        theme.set_role(self.add_button, kind="primary")
        buttons = QHBoxLayout()
        buttons.addWidget(self.test_button)
        buttons.addWidget(self.add_button)
        buttons.addStretch(1)
        self.moves = DataTable(MOVES, "Who moves most", filterable=False)
        self.moves.setMinimumHeight(200)
        self.moves.hide()
        self.kept = DataTable(RULES, "Rules", filterable=False)
        self.kept.setMinimumHeight(180)
        self.kept.set_empty("No rules yet.")
        self.body.addLayout(self.form)
        self.body.addWidget(self.note)
        self.body.addLayout(buttons)
        for part in (self.result, self.moves, self.kept):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.field.activated.connect(self._choose_field)
        self.test_button.clicked.connect(self.test)
        self.add_button.clicked.connect(self.add)
        self.kept.activated.connect(self._switch)

    def show_use(self, use: str) -> None:
        """Read the rules of a use and open."""
        self.use = use
        self.desk.work.run(partial(rules, self.desk.store, use), self._arrived)

    def rule(self) -> Rule:
        """The rule as it stands in the boxes."""
        text = self.value.currentText().strip()
        field, op = str(self.field.currentData()), str(self.op.currentData())
        value: float | str = text
        if ASKED[self.use][field]:
            try:
                value = float(text.replace(",", "."))
            except ValueError:
                value = text
        return Rule("new", self.use, self.name.text(), field, op, value, self.points.value())

    def test(self) -> None:
        """Say whom the rule would move."""
        self.desk.work.run(partial(_tested, self.desk.store, self.rule()), self._tested)

    def add(self) -> None:
        """Keep the rule."""
        self.desk.work.run(partial(add_rule, self.desk.store, self.desk.actor, self.rule()), self._added)

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if hasattr(self, "kept"):
            self._draw()

    def _arrived(self, found: list[StoredRule]) -> None:
        self.rules = found
        self.result.setText("")
        self.moves.hide()
        self._draw()
        self.open_panel()

    def _draw(self) -> None:
        chosen = self.field.currentData()
        self.field.clear()
        for name in ASKED[self.use]:
            self.field.addItem(said(FIELDS, name), name)
        self.field.setCurrentIndex(max(self.field.findData(chosen), 0))
        self._choose_field()
        self.set_heading(tr("Rules of the score"), tr("Points that a fact adds or takes, all together at most 30"))
        words = (tr("Name"), tr("Field"), tr("Comparison"), tr("Value"), tr("Points"))
        for label, word in zip(self.labels, words, strict=True):
            label.setText(word)
        self.note.setText(
            tr("Gender, age, name, language and the like are refused. A double click on a rule switches it on or off.")
        )
        self.test_button.setText(tr("Test on everyone"))
        self.add_button.setText(tr("Add the rule"))
        self.kept.set_rows([_row(rule) for rule in self.rules])

    def _choose_field(self) -> None:
        field = str(self.field.currentData())
        number = ASKED[self.use].get(field, True)
        self.op.clear()
        for op in (*NUMBERS, *(o for o in ALL_OPS if o not in NUMBERS)) if number else ("is", "is_not"):
            self.op.addItem(said(OPS, op), op)
        self.value.clear()
        if not number:
            self.desk.work.run(partial(words_of, self.desk.store, self.use, field), self._offer)

    def _offer(self, words: list[str]) -> None:
        if not ASKED[self.use].get(str(self.field.currentData()), True):
            self.value.clear()
            self.value.addItems(words)

    def _tested(self, found: tuple[Preview, Mapping[bytes, str]]) -> None:
        preview, labels = found
        matched = tr("The rule applies to {count}.", count=current().integer(preview.matched or 0))
        self.result.setText(f"{matched} {preview_words(preview)}")
        self.moves.set_rows(move_rows(preview, labels))
        self.moves.setVisible(bool(preview.moves))

    def _added(self, done: Done) -> None:
        self.desk.say("Rule {code} added.", "good", code=done.name)
        self.name.clear()
        self.saved.emit()
        self.show_use(self.use)

    def _switch(self, row: Mapping[str, object]) -> None:
        job = partial(switch_rule, self.desk.store, self.desk.actor, str(row["code"]), on=not row["on"])
        self.desk.work.run(job, self._switched)

    def _switched(self, _done: Done) -> None:
        self.saved.emit()
        self.show_use(self.use)


def _tested(store: Store, rule: Rule) -> tuple[Preview, Mapping[bytes, str]]:
    preview = preview_rule(store, rule)
    return preview, labels_of(store, rule.use, preview)


def _row(stored: StoredRule) -> dict[str, object]:
    rule = stored.rule
    value = current().decimal(rule.value, 0) if isinstance(rule.value, float | int) else rule.value
    when = f"{said(FIELDS, rule.field)} {said(OPS, rule.op)} {value}"
    return {"code": rule.code, "name": rule.name, "when": when, "points": rule.points, "on": stored.on}
