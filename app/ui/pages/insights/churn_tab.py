"""The tab of churn risk."""

from __future__ import annotations

from app.ui.charts.kpi import Kpi
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.pages.insights import charts
from app.ui.pages.insights.people import PeopleCard
from app.ui.pages.insights.state import State
from app.ui.pages.insights.tabs import NO_TEST, TILES, InsightTab
from app.ui.pages.insights.words import BANDS, made, measured
from app.ui.turns import Steps
from app.ui.widgets.defined_card import DefinedCard, TableCard
from app.ui.widgets.rows import Column
from app.ui.widgets.tiles import TileRow


class ChurnTab(InsightTab):
    """Who is likely to stay away."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)

    def building(self) -> Steps:
        """The cards, one after the other."""
        desk = self.desk
        self.tiles = TileRow(height=TILES, parent=self)
        yield
        self.chances = DefinedCard(desk, mark("Chance of no purchase"), "churn", mark("People by tenth"))
        yield
        self.calibration = DefinedCard(desk, mark("Said against came"), "churn", mark("On the last window"))
        yield
        self.lift = DefinedCard(
            desk, mark("Outcomes found among people chosen first"), "churn", mark("On the last window")
        )
        yield
        self.bands = TableCard(
            desk, mark("People by risk"), "",
            (
                Column("band", "Risk", width=92), Column("people", "People", "count", 92),
                Column("expected", "Expected to stay away", "count", 168), Column("money", "Spent so far", "money"),
            ), "churn",
        )  # fmt: skip
        yield
        self.people = PeopleCard(
            desk, mark("People at risk"), "churn",
            (
                Column("p", "Chance", "percent", 84), Column("recency_days", "Days since", "count", 96),
                Column("monetary_minor", "Spent so far", "money"), Column("why", "Why"),
            ), fitted=(5,), choice=mark("Who"),
        )  # fmt: skip
        yield
        self.add(self.tiles, span=12, height=TILES)
        yield
        self.add(self.bands, span=6, height=290)
        yield
        self.add(self.chances, span=6, height=290)
        yield
        self.add(self.calibration, span=6, height=310)
        yield
        self.add(self.lift, span=6, height=310)
        yield
        self.add(self.people, span=12, height=440)
        yield
        self._connect()
        yield

    def show_state(self, state: State) -> None:
        """The definition, bands, how far the chances can be trusted, and people with reasons."""
        found, card = state.churn, state.models.card("churn", "churn")
        if found is None or card is None:
            return
        self.tiles.show_kpis(self._tiles(state), empty=(NO_TEST,) * 4)
        self.bands.set_title(mark("People by risk"), card.about_zh if language() == "zh" else card.about)
        self.bands.table.set_rows(
            [
                {"band": tr(BANDS.get(b.band, b.band)), "people": b.people, "expected": round(b.expected),
                 "money": b.monetary_minor}
                for b in found.bands
            ]
        )  # fmt: skip
        self.chances.set_title(mark("Chance of no purchase"), made(card))
        self.chances.show_chart(charts.chances(tr("People"), found.chances))
        for chart, data in ((self.calibration, charts.calibration(card)), (self.lift, charts.lift(card))):
            if data is None:
                chart.explain(NO_TEST)
            else:
                chart.show_chart(data)
        self.people.choice.offer(
            (
                ("lately", tr("High risk, bought within {n} days", n=found.horizon)), ("high", tr("High risk, all")),
                ("medium", tr("Medium risk")), ("everyone", tr("Everyone")),
            ), "lately",
        )  # fmt: skip
        self.people.show_people(state.lists["churn"])

    def _tiles(self, state: State) -> tuple[Kpi, ...]:
        found, card = state.churn, state.models.card("churn", "churn")
        assert found is not None and card is not None
        high = sum(b.people for b in found.bands if b.band == "high")
        rule = card.baselines.get("rule", {})
        form = current()

        def beside(metric: str) -> str:
            known = rule.get(metric)
            if known is None:
                return ""
            figure = form.percent(known.value) if metric == "auc" else form.decimal(known.value, 2)
            return tr("simple rule {figure}", figure=figure)

        return (
            Kpi(tr("High risk"), float(high), "count", key="churn", good="down",
                note=tr("of {n} customers", n=form.integer(found.people))),
            Kpi(tr("Right order of two people (AUC)"), measured(card, "auc"), "percent", key="churn",
                note=beside("auc")),
            Kpi(tr("Lift in the top tenth"), measured(card, "lift_10"), "decimal", key="churn",
                note=" · ".join(filter(None, (form.decimal(measured(card, "lift_10"), 2), beside("lift_10"))))),
            Kpi(tr("Calibration error"), measured(card, "ece"), "percent", key="churn",
                note=tr("share with the outcome {rate}", rate=form.percent(measured(card, "base_rate")))),
        )  # fmt: skip
