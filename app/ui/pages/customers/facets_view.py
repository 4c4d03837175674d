"""What the engines found of a person: a small card a facet; and how the person moved through the stages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.widgets.card import Card
from app.ui.widgets.grid import CardGrid
from engines.journeys.queries import ChangeRow
from engines.journeys.stages import NAMES as STAGES
from engines.people.facets import Facet, Fact

ROW, HEAD, SUBTITLE = 26, 60, 18
ROOMY = 400
"""A card narrower than this would break its figures from their intervals, so it gets a row of its own."""
CAUSES = {
    "join": mark("joined the programme"), "message": mark("got a message"), "visit": mark("came by"),
    "purchase": mark("bought"), "referral": mark("brought a friend"), "promoter": mark("praised the mall"),
    "act": mark("did something"), "silence": mark("was not seen for long"),
    "fewer_purchases": mark("bought less often"), "praise_aged": mark("the praise is long ago"),
}  # fmt: skip
MOST_CHANGES = 8


class Facets(QWidget):
    """`show_facets(facets, history)`; hidden where nothing is known."""

    def __init__(self) -> None:
        super().__init__()
        self.grid = CardGrid()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.grid)
        self.cards: list[Card] = []
        self._shown: tuple[Sequence[Facet], Sequence[ChangeRow]] = ((), ())
        self.hide()

    def show_facets(self, facets: Sequence[Facet], history: Sequence[ChangeRow]) -> None:
        """The cards of one person."""
        if (facets, history) == self._shown:
            return
        self._shown = (facets, history)
        self._draw()

    def retranslate(self) -> None:
        """Titles and figures in the language in force."""
        self._draw()

    def _draw(self) -> None:
        facets, history = self._shown
        self.grid.clear()
        self.cards = [_facet_card(facet) for facet in facets]
        if history:
            self.cards.append(_history_card(history))
        sizes = [(len(facet.facts), any(fact.version is not None for fact in facet.facts)) for facet in facets]
        if history:
            sizes.append((min(len(history), MOST_CHANGES), False))
        for card, (lines, said) in zip(self.cards, sizes, strict=True):
            self.grid.add(card, span=6, height=HEAD + SUBTITLE * said + ROW * lines, least=ROOMY)
        self.setVisible(bool(self.cards))


def fact_value(fact: Fact) -> str:
    """A figure in its unit, with its interval where it is an estimate."""
    if isinstance(fact.value, str) and fact.unit == "text":
        return (language() == "zh" and fact.value_zh) or fact.value
    shown = _figure(fact, fact.value)
    if fact.low is None or fact.high is None:
        return shown
    return tr("{value} ({low} to {high})", value=shown, low=_figure(fact, fact.low), high=_figure(fact, fact.high))


def _figure(fact: Fact, value: float | str) -> str:
    form = current()
    if fact.unit == "day":
        return form.day(dt.date.fromisoformat(str(value)))
    number = float(value)
    if fact.unit == "instant":
        return tr("since {day}", day=form.day(form.local(int(number)).date()))
    if fact.unit == "money":
        return form.money(round(number))
    if fact.unit == "percent":
        return form.percent(number)
    return form.integer(round(number)) if fact.unit == "count" else form.decimal(number, 1)


def _facet_card(facet: Facet) -> Card:
    zh = language() == "zh"
    card = Card()
    versions = {(fact.version, fact.as_of) for fact in facet.facts if fact.version is not None}
    said = ""
    for version, as_of in sorted(versions, key=str)[:1]:
        day = current().day(dt.date.fromisoformat(as_of)) if as_of else ""
        said = tr("Model version {version}, as of {day}", version=version, day=day) if day else ""
    lines = [((zh and f.label_zh) or f.label, fact_value(f)) for f in facet.facts]
    card.set_title("{name}", "{said}" if said else "", name=(zh and facet.title_zh) or facet.title, said=said)
    card.set_body(_lines(lines))
    return card


def _history_card(history: Sequence[ChangeRow]) -> Card:
    card = Card("Stage history")
    zh = language() == "zh"
    lines = []
    for change in history[:MOST_CHANGES]:
        name, name_zh = STAGES.get(change.stage, (change.stage, change.stage))  # type: ignore[call-overload]
        cause = tr(CAUSES[change.cause]) if change.cause in CAUSES else change.cause
        day = current().day(dt.date.fromisoformat(change.day))
        lines.append((day, tr("{stage}: {cause}", stage=name_zh if zh else name, cause=cause)))
    card.set_body(_lines(lines))
    return card


def _lines(lines: Sequence[tuple[str, str]]) -> QWidget:
    inside = QWidget()
    grid = QGridLayout(inside)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(1, 1)
    for row, (label, value) in enumerate(lines):
        name, shown = QLabel(label), QLabel(value)
        theme.set_role(name, role="muted")
        for part in (name, shown):
            part.setTextFormat(Qt.TextFormat.PlainText)
            part.setWordWrap(part is shown)
        shown.setAccessibleName(f"{label}: {value}")
        grid.addWidget(name, row, 0)
        grid.addWidget(shown, row, 1)
    grid.setRowStretch(len(lines), 1)
    return inside
