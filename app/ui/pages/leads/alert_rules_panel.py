"""The site's own alert rules: which customers a desk hears of, how many that is now, and switching a rule on or off."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.widgets.alerts import SEVERITIES
from app.ui.widgets.panel import SidePanel
from app.ui.widgets.rows import Column
from app.ui.widgets.spin import indented
from app.ui.widgets.table import DataTable
from engines.health.actions import MOST_ALERTS, AlertRule, add_alert_rule, alert_rules, switch_alert_rule
from engines.health.queries import beyond
from models import settings
from models.store import Store

FIGURES: Mapping[str, str] = {
    "lapse": mark("Risk of leaving, %"), "health": mark("Health, 0 to 100"),
    "fall": mark("Points of health lost in 28 days"), "momentum": mark("Momentum, active days a week"),
}  # fmt: skip
RANGES: Mapping[str, tuple[float, float, float]] = {
    "lapse": (0, 100, 80), "health": (0, 100, 30), "fall": (0, 100, 25), "momentum": (-7, 7, -0.5),
}  # fmt: skip
"""Lowest, highest and first value of each figure, as it is typed."""
OPS: Mapping[str, str] = {"above": mark("above"), "below": mark("below")}
SHORT: Mapping[str, str] = {
    "lapse": mark("Risk of leaving"), "health": mark("Health score"), "fall": mark("Points lost in 28 days"),
    "momentum": mark("Momentum"),
}  # fmt: skip
RULES = (
    Column("name", mark("Rule")),
    Column("when", mark("Condition")),
    Column("on", mark("On"), "yes", 52),
)


class AlertRulesPanel(SidePanel):
    """`show_rules()` opens; `saved()` fires when a rule was added or switched."""

    saved = Signal()

    def __init__(self, desk: Desk, host: QWidget) -> None:
        super().__init__(host)
        self.desk = desk
        self.found: list[AlertRule] = []
        self.name, self.whom = QLineEdit(), QLineEdit()
        self.figure, self.op, self.severity = QComboBox(), QComboBox(), QComboBox()
        self.value, self.most = indented(QDoubleSpinBox()), indented(QSpinBox())
        self.most.setRange(1, MOST_ALERTS)
        self.most.setValue(5)
        boxes = (self.name, self.figure, self.op, self.value, self.severity, self.whom, self.most)
        self.labels = [QLabel() for _ in boxes]
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        for label, box in zip(self.labels, boxes, strict=True):
            label.setBuddy(box)
            form.addRow(label, box)
        self.note, self.result = QLabel(), QLabel()
        for text in (self.note, self.result):
            text.setWordWrap(True)
            text.setTextFormat(Qt.TextFormat.PlainText)
        theme.set_role(self.note, role="caption")
        self.count_button, self.add_button = QPushButton(), QPushButton()
        theme.set_role(self.add_button, kind="primary")
        buttons = QHBoxLayout()
        buttons.addWidget(self.count_button)
        buttons.addWidget(self.add_button)
        buttons.addStretch(1)
        self.kept = DataTable(RULES, mark("Alert rules"), filterable=False)
        self.kept.setMinimumHeight(220)
        self.body.addLayout(form)
        self.body.addLayout(buttons)
        for part in (self.result, self.note, self.kept):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.figure.activated.connect(self._choose)
        self.count_button.clicked.connect(self.count)
        self.add_button.clicked.connect(self.add)
        self.kept.activated.connect(self._switch)

    def show_rules(self) -> None:
        """Read the rules and open."""
        self.desk.work.run(partial(_read, self.desk.store), self._arrived)

    def rule(self) -> AlertRule:
        """The rule as it stands in the boxes."""
        field = str(self.figure.currentData())
        value = self.value.value() / (100 if field == "lapse" else 1)
        return AlertRule(
            "new", self.name.text(), field, str(self.op.currentData()), value, str(self.severity.currentData()),
            self.whom.text(), self.most.value(),
        )  # fmt: skip

    def count(self) -> None:
        """Say how many customers the rule finds now."""
        rule = self.rule()
        self.desk.work.run(partial(beyond, self.desk.store, rule.field, rule.op, rule.value), self._counted)

    def add(self) -> None:
        """Keep the rule."""
        self.desk.work.run(partial(add_alert_rule, self.desk.store, self.desk.actor, self.rule()), self._added)

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if hasattr(self, "kept"):
            self._draw()

    def _arrived(self, found: list[AlertRule]) -> None:
        self.found = found
        self.result.setText("")
        self._draw()
        self.open_panel()

    def _draw(self) -> None:
        fresh = self.figure.count() == 0
        severities = {key: words for key, (words, _tone) in SEVERITIES.items()}
        for box, names in ((self.figure, FIGURES), (self.op, OPS), (self.severity, severities)):
            _fill(box, names)
        if fresh:
            self.severity.setCurrentIndex(self.severity.findData("notice"))
            self.whom.setText(tr("member desk"))
            self._choose()
        self.set_heading(tr("Alert rules"), tr("Which customers a desk hears of each night"))
        words = (
            tr("Name"), tr("Figure"), tr("Comparison"), tr("Value"), tr("Severity"), tr("Who hears of it"),
            tr("At most a night"),
        )  # fmt: skip
        for label, word in zip(self.labels, words, strict=True):
            label.setText(word)
        self.note.setText(
            tr("The first two rules are settings. A double click on another one switches it on or off. Whom a rule has "
               "found is not told again while the alert is open.")
        )  # fmt: skip
        self.count_button.setText(tr("How many now"))
        self.add_button.setText(tr("Add the rule"))
        self.kept.set_rows([_row(rule) for rule in self.found])

    def _choose(self) -> None:
        field = str(self.figure.currentData())
        low, high, first = RANGES[field]
        self.value.setDecimals(1 if field == "momentum" else 0)
        self.value.setSingleStep(0.1 if field == "momentum" else 1)
        self.value.setRange(low, high)
        self.value.setValue(first)
        self.op.setCurrentIndex(self.op.findData("above" if field in ("lapse", "fall") else "below"))

    def _counted(self, people: int) -> None:
        self.result.setText(tr("The rule finds {count} customers now.", count=current().integer(people)))

    def _added(self, code: str) -> None:
        self.desk.say("Rule {code} added.", "good", code=code)
        self.name.clear()
        self.saved.emit()
        self.show_rules()

    def _switch(self, row: Mapping[str, object]) -> None:
        if row["code"]:
            job = partial(switch_alert_rule, self.desk.store, self.desk.actor, str(row["code"]), on=not row["on"])
            self.desk.work.run(job, self._switched)
        else:
            self.desk.go("settings")

    def _switched(self, _done: None) -> None:
        self.saved.emit()
        self.show_rules()


def _read(store: Store) -> list[AlertRule]:
    """The two that every site has by its settings (without a code), then the site's own."""
    lapse, fall = (float(settings.read(store, name)) for name in ("churn.high", "health.fall"))
    most = int(settings.read(store, "health.alerts"))
    return [
        AlertRule("", mark("High risk of lapsing"), "lapse", "above", lapse, "warning", mark("member desk"), most),
        AlertRule("", mark("Health is falling"), "fall", "above", fall, "notice", mark("member desk"), most),
        *alert_rules(store),
    ]


def _row(rule: AlertRule) -> dict[str, object]:
    form = current()
    shown = form.percent(rule.value, 0) if rule.field == "lapse" else form.decimal(rule.value, rule.field == "momentum")
    when = f"{tr(SHORT[rule.field])} {tr(OPS[rule.op])} {shown}"
    name = rule.name if rule.code else tr(rule.name)
    return {"code": rule.code, "name": name, "when": when, "on": rule.on}


def _fill(box: QComboBox, names: Mapping[str, str]) -> None:
    chosen = box.currentData()
    box.clear()
    for key, words in names.items():
        box.addItem(tr(words), key)
    box.setCurrentIndex(max(box.findData(chosen), 0))
