"""The card of a model at the page's side: what it says, of what, how well, against which rules, and its limits."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.ui import theme
from app.ui.format import current
from app.ui.i18n import language, tr
from app.ui.pages.insights.words import about, method_name, metric_name, model_name, written
from app.ui.widgets.panel import SidePanel
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable
from engines.validation.cards import ModelCard


class ModelPanel(SidePanel):
    """`show_card(card)` opens it."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self.card: ModelCard | None = None
        self.words, self.facts, self.limits = (_label() for _ in range(3))
        theme.set_role(self.facts, role="caption")
        self.table = DataTable(
            (Column("metric", "Measured on the last window"), Column("value", "With 80 % interval", width=190)),
            "Measured on the last window", filterable=False,
        )  # fmt: skip
        self.table.setMinimumHeight(290)
        for widget in (self.words, self.facts, self.table, self.limits):
            self.body.addWidget(widget)
        self.body.addStretch(1)

    def show_card(self, card: ModelCard) -> None:
        """Say what stands on the card."""
        self.card = card
        self.retranslate()
        self.open_panel()

    def retranslate(self) -> None:
        """Say it in the language in force."""
        super().retranslate()
        card = getattr(self, "card", None)
        if card is None:
            return
        zh = language() == "zh"
        self.set_heading(model_name(card.engine, card.model), about(card))
        self.words.setText(card.promotion_zh if zh else card.promotion)
        self.facts.setText(facts(card))
        rows = [{"metric": metric_name(m), "value": written(m, card.metrics[m])} for m in card.metrics]
        for name, baseline in card.baselines.items():
            metric = "auc" if "auc" in baseline else "explained"
            beside = tr("{metric}, {rule}", metric=metric_name(metric), rule=method_name(name))
            rows.append({"metric": beside, "value": written(metric, baseline.get(metric))})
        self.table.set_rows(rows)
        self.limits.setText("\n".join(f"• {x.text_zh if zh else x.text}" for x in card.limits))


def facts(card: ModelCard) -> str:
    """Method, version, data, rows, features and windows of a card."""
    form = current()
    lines = [
        tr("{method}, version {version} ({state})", method=method_name(card.method), version=card.version,
           state=tr(card.state.capitalize())),
        tr("Data up to {day}; trained {when}", day=_day(card.as_of), when=form.datetime(card.trained_at)),
        tr("{n} rows, {features} features ({hash}), seed {seed}", n=form.integer(card.n),
           features=len(card.features), hash=card.features_hash, seed=card.seed),
    ]  # fmt: skip
    names = {
        "training": tr("Learned from"),
        "test": tr("Tested on"),
        "features": tr("Knew up to"),
        "target": tr("Tested on"),
    }
    lines += [
        f"{names.get(name, name)}: {_day(first) if first else '…'} – {_day(last)}" for name, first, last in card.windows
    ]
    return "\n".join(lines)


def _day(text: str) -> str:
    return current().day(date.fromisoformat(text))


def _label() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
