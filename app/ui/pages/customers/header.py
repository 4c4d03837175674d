"""The head of a profile: who it is, the segment, and what was bought in all."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.customers.rfm_bars import RfmBars
from app.ui.pages.customers.words import about
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card
from app.ui.widgets.people_words import segment_name, tier_name
from engines.people.profile import Profile, Totals


class ProfileHeader(Card):
    """`closed()` fires from the button that leads back to the overview."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.name, self.about, self.since = QLabel(), QLabel(), QLabel()
        theme.set_role(self.name, role="section")
        for label in (self.about, self.since):
            theme.set_role(label, role="caption")
            label.setWordWrap(True)
        for label in (self.name, self.about, self.since):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.tier, self.segment, self.state = Badge(parent=self), Badge(parent=self), Badge(parent=self)
        self.bars = RfmBars()
        self.unscored = QLabel()
        theme.set_role(self.unscored, role="caption")
        self.unscored.setWordWrap(True)
        self.totals = TotalsRow()
        self.back = QToolButton()
        theme.set_role(self.back, kind="quiet")
        self.back.clicked.connect(self.closed)
        self._lay_out()
        self.retheme()

    def show_profile(self, profile: Profile, today: dt.date) -> None:
        """Draw the head."""
        card = profile.cards[0] if profile.cards else None
        self.name.setText(profile.label or tr("Unnamed customer"))
        self.tier.say(tier_name(card.tier) if card else "")
        self.segment.say(segment_name(profile.rfm.segment) if profile.rfm else "", "accent")
        ended = card is not None and card.state != "active"
        self.state.say(card.state if card and ended else "", "warning")
        self.since.setText(_since(profile))
        self.about.setText(about(card, today) if card else "")
        self.about.setVisible(bool(self.about.text()))
        self.bars.show_scores(profile.rfm)
        self.unscored.setVisible(profile.rfm is None)
        bought = profile.totals.purchases > 0
        self.unscored.setText(
            tr("Not scored yet: recency, frequency and value are worked out again each night.")
            if bought
            else tr("Has bought nothing yet that is known here.")
        )
        self.totals.show_totals(profile.totals)
        self.back.setToolTip(tr("Back to the overview"))
        self.back.setAccessibleName(tr("Back to the overview"))

    def retheme(self) -> None:
        """The icon in the theme's colour."""
        icons.set_icon(self.back, "close", "muted")

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self.name)
        for badge in (self.tier, self.segment, self.state):
            first.addWidget(badge)
        first.addStretch(1)
        first.addWidget(self.back)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.since)
        words.addWidget(self.about)
        words.addStretch(1)
        across = QHBoxLayout()
        across.setSpacing(16)
        across.addLayout(words, 1)
        across.addWidget(self.bars, 1)
        across.addWidget(self.unscored, 1)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(first)
        column.addLayout(across)
        column.addWidget(self.totals)
        self.set_body(inside)


class TotalsRow(QWidget):
    """Four figures in a row, each with its name under it."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(16)
        self.figures = [(QLabel(), QLabel()) for _ in range(4)]
        for figure, name in self.figures:
            theme.set_role(figure, role="section")
            theme.set_role(name, role="caption")
            name.setWordWrap(True)
            pair = QVBoxLayout()
            pair.setSpacing(0)
            pair.addWidget(figure)
            pair.addWidget(name)
            pair.addStretch(1)
            row.addLayout(pair, 1)

    def show_totals(self, totals: Totals) -> None:
        """What was paid, how often, how much each time, on how many days the person came."""
        form = current()
        mean = totals.net_minor / totals.purchases if totals.purchases else float("nan")
        returns = tr("Purchases, and {count} returned", count=form.integer(totals.returns))
        texts = (
            (form.money(totals.net_minor), tr("Spent after returns")),
            (form.integer(totals.purchases), returns if totals.returns else tr("Purchases")),
            (form.money(mean), tr("Each purchase on average")),
            (form.integer(totals.visits), tr("Days here, as far as known")),
        )
        for (figure, name), (value, words) in zip(self.figures, texts, strict=True):
            figure.setText(value)
            name.setText(words)
            figure.setAccessibleName(f"{words}: {value}")


def _since(profile: Profile) -> str:
    form = current()
    parts = []
    if profile.cards:
        joined = dt.date.fromisoformat(profile.cards[0].joined_day)
        parts.append(tr("Member since {day}", day=form.day(joined)))
    else:
        parts.append(tr("Not a member"))
    if len(profile.cards) > 1:
        parts.append(tr("{count} cards", count=form.integer(len(profile.cards))))
    lines = ["  ·  ".join(parts)]
    if profile.totals.last_day:
        last = form.day(dt.date.fromisoformat(profile.totals.last_day))
        lines.append(tr("Last purchase {day}", day=last))
    return "\n".join(lines)
