"""The advisor: what an audience of a size may bring through each channel, from what holdouts measured here."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QSpinBox

from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.evaluation.words import OUTLOOKS, Ranged, ranged, said
from app.ui.widgets.channel_words import channel
from app.ui.widgets.defined_card import TableCard
from app.ui.widgets.rows import Column
from app.ui.widgets.spin import indented
from engines.evaluation.queries import Advice, plan

COLUMNS = (
    Column("name", "Channel"),
    Column("sales", "Sales expected, 80 %", "money", 220, ranged),
    Column("says", "Says", width=124),
    Column("holdout", "Hold back", width=88),
    Column("basis", "Measured", "count", 88),
)
AUDIENCE = 5000
"""People, until somebody says how many."""


class AdvisorCard(TableCard):
    """`show_advice(...)`; the audience's size is asked for in the card."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "Campaign advisor", "", COLUMNS, "advice")
        self._advice: tuple[Advice, ...] = ()
        self.audience = indented(QSpinBox())
        self.audience.setRange(100, 10_000_000)
        self.audience.setSingleStep(500)
        self.audience.setGroupSeparatorShown(True)
        self.audience.setValue(AUDIENCE)
        self.add_header(self.audience)
        self.audience.valueChanged.connect(self._draw)
        self.retranslate()

    def show_advice(self, advice: Sequence[Advice]) -> None:
        """Channels, the best lower end first; why there is none where no campaign held anybody back."""
        self._advice = tuple(advice)
        if not advice:
            self.show_empty("No campaign held anybody back here, so there is no evidence of what one adds.")
            return
        self.show_body()
        self._draw()

    def sizeHint(self) -> QSize:
        return QSize(460, 340)

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if hasattr(self, "audience"):
            self.audience.setAccessibleName(tr("People in the audience"))
            self.audience.setSuffix(f" {tr('people')}")

    def _draw(self) -> None:
        people, form = self.audience.value(), current()
        rows = []
        for one in self._advice:
            made = plan(one, people)
            low, middle, high = (form.money(round(v), compact=True) for v in made.spend)
            hold = made.holdout.share
            rows.append(
                {
                    "name": channel(one.channel), "sales": Ranged(made.spend[1], f"{middle} ({low} – {high})"),
                    "says": said(OUTLOOKS, one.spend.verdict if one.spend.campaigns > 1 else "single"),
                    "holdout": f"{form.decimal(hold * 100, 0)}%" if hold is not None else tr("too few"),
                    "basis": one.spend.campaigns,
                }
            )  # fmt: skip
        self.table.set_rows(rows)
        best = plan(self._advice[0], people).smallest
        words = (
            tr("With a tenth held back, an audience of this size shows lifts from {points} percentage points on.",
               points=form.decimal(best * 100, 1))
            if best is not None
            else tr("This audience is too small to show any lift with a tenth held back.")
        )  # fmt: skip
        self.set_title("Campaign advisor", "{words}", words=words)
