"""What tabs of predictions share, and those of value and win-back."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.ui.charts.kpi import Kpi
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.pages.insights import charts
from app.ui.pages.insights.people import PeopleCard
from app.ui.pages.insights.state import State
from app.ui.pages.insights.words import made, measured
from app.ui.turns import Steps
from app.ui.widgets.defined_card import DefinedCard, TableCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.rows import Column
from app.ui.widgets.tiles import TileRow

NO_TEST = mark("This version has no test on a last window.")
TILES = 118


class InsightTab(CardGrid):
    """`defined(engine)` asks for the card of an engine's model, `opened(person_id)` for a person."""

    defined = Signal(str)
    opened = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    def cards(self) -> tuple[DefinedCard | TableCard, ...]:
        """The charts and tables that an export holds."""
        return tuple(card for card in self.findChildren(QWidget) if isinstance(card, DefinedCard | TableCard))

    def show_state(self, state: State) -> None:
        """Draw the tab; each has its own way."""

    def _connect(self) -> None:
        for card in self.findChildren(QWidget):
            if isinstance(card, DefinedCard | TableCard | PeopleCard):
                card.defined.connect(self.defined)
            if isinstance(card, PeopleCard):
                card.opened.connect(self.opened)


class ValueTab(InsightTab):
    """What customers are expected to buy and bring."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)

    def building(self) -> Steps:
        """The cards, one after the other."""
        desk = self.desk
        self.tiles = TileRow(height=TILES, parent=self)
        yield
        self.deciles = DefinedCard(
            desk, mark("Value by tenth of people"), "value", mark("Expected in the next 90 days")
        )
        yield
        self.alive = DefinedCard(desk, mark("Chance to be still a customer"), "value", mark("People by tenth"))
        yield
        self.test = DefinedCard(desk, mark("Test on the last 90 days"), "value", mark("Mean purchases a person"))
        yield
        self.people = PeopleCard(
            desk, mark("People by value"), "value",
            (
                Column("value_90_minor", "Next 90 days", "money"), Column("money", "80 % interval", width=170),
                Column("purchases_90", "Purchases", "decimal", 92), Column("count", "80 % interval", width=104),
                Column("p_alive", "Still a customer", "percent", 124), Column("value_365_minor", "Next year", "money"),
            ), fitted=(3, 4, 8), choice=mark("People"),
        )  # fmt: skip
        yield
        self.add(self.tiles, span=12, height=TILES)
        yield
        self.add(self.deciles, span=6, height=300)
        yield
        self.add(self.alive, span=6, height=300)
        yield
        self.add(self.test, span=12, height=320)
        yield
        self.add(self.people, span=12, height=420)
        self.deciles.view.picked.connect(self.people.choose)
        yield
        self._connect()
        yield

    def show_state(self, state: State) -> None:
        """Totals, tenths, the test, and people."""
        found, card = state.value, state.models.card("value", "value")
        if found is None or card is None:
            return
        self.tiles.show_kpis(self._tiles(state), empty=(NO_TEST,) * 5)
        self.deciles.set_title(mark("Value by tenth of people"), made(card))
        self.deciles.show_chart(charts.deciles(found))
        self.alive.show_chart(charts.chances(tr("People"), found.alive))
        test = charts.backtest(card)
        if test is None:
            self.test.explain(NO_TEST)
        else:
            self.test.show_chart(test)
        offered = (("", tr("Everyone")), *((str(k), tr("Tenth {n}", n=k)) for k in range(1, 11)))
        self.people.choice.offer(offered, "")
        self.people.show_people(state.lists["value"])

    def _tiles(self, state: State) -> tuple[Kpi, ...]:
        found, card = state.value, state.models.card("value", "value")
        assert found is not None and card is not None
        form = current()
        totals = card.extra.get("totals", {})
        middle, low, high = totals.get("90", (math.nan, math.nan, math.nan))
        year = totals.get("365", (math.nan,))[0]
        between = "" if math.isnan(low) else tr(
            "80 %: {low} – {high}", low=form.money(low, compact=True), high=form.money(high, compact=True)
        )  # fmt: skip
        rules = [b["total_error"].value for b in card.baselines.values() if "total_error" in b]
        best = min(rules, key=abs, default=math.nan)
        return (
            Kpi(tr("Next 90 days"), float(middle), "money", note=between, key="value"),
            Kpi(tr("Next year"), float(year), "money", note=tr("the same people"), key="value"),
            Kpi(tr("Customers known"), float(found.people), "count", key="value"),
            Kpi(tr("Purchases said against came"), measured(card, "total_error"), "percent", key="value",
                note="" if math.isnan(best) else tr("best rule {rule}", rule=form.percent(best))),
            Kpi(tr("Money held by the top tenth"), measured(card, "captured_10"), "percent", key="value",
                note=tr("of the last 90 days")),
        )  # fmt: skip


class WinBackTab(InsightTab):
    """Who of the people at risk came back, against those held out."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)

    def building(self) -> Steps:
        """The cards, one after the other."""
        desk = self.desk
        self.table = TableCard(
            desk, mark("Win-back by campaign"),
            mark("People without a purchase for 60 days when the campaign began; back means a purchase within 30 days"),
            (
                Column("name", "Campaign"), Column("day", "Began", "day", 124),
                Column("sent", "Reached", "count", 84),
                Column("sent_rate", "Came back", "percent", 104), Column("held", "Held out", "count", 80),
                Column("held_rate", "Came back without", "percent", 160),
                Column("lift", "Difference", width=92),
                Column("interval", "95 % interval", width=136), Column("verdict", "Verdict", width=150),
            ), "winback",
        )  # fmt: skip
        yield
        self.add(self.table, span=12, height=420)
        yield
        self._connect()
        yield

    def show_state(self, state: State) -> None:
        """One row a campaign."""
        rows = []
        for one in state.won_back:
            sent = one.sent_back / one.sent if one.sent else None
            held = one.held_back / one.held if one.held else None
            rows.append(
                {
                    "name": one.campaign_zh if language() == "zh" else one.campaign, "day": one.first_day,
                    "sent": one.sent, "sent_rate": sent, "held": one.held, "held_rate": held, **_effect(one),
                }
            )  # fmt: skip
        self.table.table.set_rows(rows)


def _effect(one: Any) -> dict[str, str]:
    form = current()
    if one.lift is None or one.low is None or one.high is None:
        return {"lift": "–", "interval": "–", "verdict": tr("Nobody was held out")}
    signed = f"{'+' if one.lift > 0 else ''}{form.percent(one.lift)}"
    verdict = (
        tr("Brought people back") if one.low > 0 else tr("Kept people away") if one.high < 0 else tr("Not clear yet")
    )
    return {"lift": signed, "interval": f"{form.percent(one.low)} – {form.percent(one.high)}", "verdict": verdict}
