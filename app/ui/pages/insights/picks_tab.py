"""The tab of offers and next actions: how good the lists are, whom they favour, what to do about whom, and why not."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from PySide6.QtWidgets import QLabel

from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.funnel import Funnel, Step
from app.ui.charts.kpi import Kpi
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.pages.insights.picks_people import ActionPeople
from app.ui.pages.insights.picks_state import PickState, read_picks, read_shops_of
from app.ui.pages.insights.picks_words import (
    DEFINITIONS,
    METHODS,
    action_name,
    because,
    choice_name,
    either,
    figure,
    method,
)  # fmt: skip
from app.ui.pages.insights.state import State
from app.ui.pages.insights.tabs import TILES, InsightTab
from app.ui.turns import Steps
from app.ui.widgets.defined_card import DefinedCard, TableCard
from app.ui.widgets.panel import SidePanel
from app.ui.widgets.rows import Column
from app.ui.widgets.tiles import TileRow
from engines.picks.queries import Mix, Pick, Tested
from engines.picks.words import EVIDENCE

MOST_SHOPS = 12
SHUT = ("no_consent", "denied", "withdrawn", "expired", "no_address", "suppressed", "erased")
POPULAR_ONLY = mark(
    "Too little for personal lists: they need 500 buyers, 2,000 pairs of a person and a shop, and 12 weeks of sales. "
    "Everyone gets what is popular."
)
NO_TEST = mark("No test: the lists are not personal.")


class DefinitionPanel(SidePanel):
    """A definition at the page's side: `show_words(title, text)`."""

    def __init__(self, host: Any) -> None:
        super().__init__(host)
        self.key = ""
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.body.addWidget(self.words)
        self.body.addStretch(1)

    def show_key(self, key: str) -> None:
        """Open it on one of DEFINITIONS."""
        self.key = key
        self.retranslate()
        self.open_panel()

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if getattr(self, "key", ""):
            title, text = DEFINITIONS[self.key]
            self.set_heading(tr(title), "")
            self.words.setText(tr(text))


class PicksTab(InsightTab):
    """Offers and next actions; it reads its own figures when the page's are there."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._panel: DefinitionPanel | None = None

    def building(self) -> Steps:
        """The cards, one after the other."""
        desk = self.desk
        self.tiles = TileRow(height=TILES, parent=self)
        self._shown: PickState | None = None
        self._looked: tuple[bytes, list[Pick]] | None = None
        yield
        self.test = DefinedCard(desk, mark("Recall at ten on the last window"), "test", mark("Beside simple rules"))
        yield
        self.table = TableCard(
            desk, mark("Test on the last 28 days"), mark("Recall at ten with 95 % intervals"),
            (
                Column("method", "Method"), Column("new", "Shops new to them", width=160),
                Column("all", "All shops", width=160), Column("cold", "People with few shops", width=164),
            ), "test",
        )  # fmt: skip
        yield
        self.bias = DefinedCard(
            desk, mark("Most recommended shops"), "bias", mark("Share of places in lists beside share of buyers")
        )
        yield
        self.funnel = DefinedCard(desk, mark("Who may be written to"), "funnel", mark("People"))
        yield
        self.mix = TableCard(
            desk, mark("Next actions"), mark("By action, and by reason where there is none; a row shows its people"),
            (
                Column("action", "Action"), Column("people", "People", "count", 92),
                Column("expected", "Expected", "money", 120),
            ), "actions",
        )  # fmt: skip
        yield
        self.proof = TableCard(
            desk, mark("Evidence of effect"), mark("From people held out of campaigns"),
            (
                Column("action", "Action"), Column("sent", "Reached", "count", 92),
                Column("held", "Held out", "count", 92),
                Column("effect", "Effect on buying", width=220), Column("state", "Verdict", width=290),
            ), "evidence",
        )  # fmt: skip
        self.people = ActionPeople(desk)
        yield
        self.shops = TableCard(
            desk, mark("Shops to show"), mark("Choose a person in the list"),
            (
                Column("name", "Shop", width=160), Column("chance", "Chance to buy", "percent", 120),
                Column("why", "Why"),
            ), "lists",
        )  # fmt: skip
        yield
        yield from self._place()
        yield
        self._join()
        yield

    def show_state(self, state: State) -> None:
        """Read the tab's own figures; what is drawn stays until they are there."""
        self.desk.work.run(partial(read_picks, self.desk.store), self.show_picks)

    def show_picks(self, found: PickState) -> None:
        """Draw the figures."""
        if found.model is None:
            return
        fresh = self._shown is None or self._shown.mix != found.mix
        self._shown = found
        self._draw(found)
        if fresh:
            choices = [m.action if m.action != "none" else f"none:{m.blocked}" for m in found.mix]
            self.people.offer(choices)

    def show_shops(self, found: tuple[bytes, list[Pick]]) -> None:
        """The shops of the person chosen."""
        self._looked = found
        zh = language() == "zh"
        self.shops.table.set_rows(
            [{"name": p.name_zh if zh else p.name, "chance": p.chance, "why": because(p)} for p in found[1]]
        )

    def retranslate(self) -> None:
        """Everything in the language in force."""
        if getattr(self, "_shown", None) is not None:
            assert self._shown is not None
            self._draw(self._shown)
            choices = [m.action if m.action != "none" else f"none:{m.blocked}" for m in self._shown.mix]
            self.people.offer(choices)
        if getattr(self, "_looked", None) is not None:
            assert self._looked is not None
            self.show_shops(self._looked)

    # ---- drawing

    def _draw(self, found: PickState) -> None:
        self.tiles.show_kpis(self._tiles(found), empty=("", NO_TEST, "", "", ""))
        self._draw_test(found)
        self._draw_bias(found)
        self.funnel.show_chart(funnel(found.mix))
        self.mix.table.set_rows([_mix_row(m) for m in found.mix])
        self.proof.table.set_rows([
            {
                "action": action_name(p.action), "sent": p.sent, "held": p.held, "state": either(EVIDENCE[p.state]),
                "effect": _effect(p.effect, p.low, p.high),
            }
            for p in found.evidence if p.action != "feedback"
        ])  # fmt: skip

    def _draw_test(self, found: PickState) -> None:
        names = [m for m in METHODS if found.tested("all", m, "recall")]
        if not names:
            self.test.explain(POPULAR_ONLY)
            self.table.table.set_rows([])
            self.table.table.set_empty(POPULAR_ONLY)
            return
        series = tuple(
            Series(tr(title), tuple(_value(found.tested(among, m, "recall")) for m in names))
            for among, title in (("new", mark("Shops new to them")), ("all", mark("All shops")))
        )
        self.test.show_chart(Bars(tuple(method(m) for m in names), series, "grouped", "percent"))
        listed = [m for m in METHODS if any(t.method == m for t in found.tests)]
        self.table.table.set_rows(
            [
                {"method": method(m), **{a: figure(found.tested(a, m, "recall")) for a in ("new", "all", "cold")}}
                for m in listed
            ]
        )

    def _draw_bias(self, found: PickState) -> None:
        shops, zh = found.shops[:MOST_SHOPS], language() == "zh"
        places = max(sum(s.listed for s in found.shops), 1)
        buyers = max(sum(s.buyers for s in found.shops), 1)
        series = (
            Series(tr("Share of places in lists"), tuple(s.listed / places for s in shops)),
            Series(tr("Share of buyers"), tuple(s.buyers / buyers for s in shops)),
        )
        names = tuple(s.name_zh if zh else s.name for s in shops)
        self.bias.show_chart(Bars(names, series, "grouped", "percent"))

    def _tiles(self, found: PickState) -> tuple[Kpi, ...]:
        form, known = current(), found.model
        assert known is not None
        blend, popular = found.tested("all", "blend", "recall"), found.tested("all", "lately", "recall")
        acts = sum(m.people for m in found.mix if m.action != "none")
        shut = sum(m.people for m in found.mix if m.blocked in SHUT)
        beside = tr("popular {figure}", figure=form.percent(popular.value)) if popular else ""
        day = tr("version {version}, {day}", version=known.version, day=known.as_of)
        return (
            Kpi(tr("People with a personal list"), float(known.blended), "count", note=day, key="lists"),
            Kpi(tr("Recall at ten, all shops"), _value(blend), "percent", note=beside, key="test"),
            Kpi(tr("Shops that stand in a list"), known.covered, "percent", key="bias",
                note=tr("Gini of places {figure}", figure=form.decimal(known.listed_gini, 2))),
            Kpi(tr("People with a next action"), float(acts), "count", key="actions"),
            Kpi(tr("Not allowed to write to"), float(shut), "count", good="down", key="funnel"),
        )  # fmt: skip

    # ---- parts

    def _place(self) -> Steps:
        self.add(self.tiles, span=12, height=TILES)
        yield
        self.add(self.mix, span=6, height=400)
        yield
        self.add(self.funnel, span=6, height=400)
        yield
        self.add(self.people, span=12, height=440)
        yield
        self.add(self.shops, span=6, height=400)
        yield
        self.add(self.bias, span=6, height=400)
        yield
        self.add(self.proof, span=12, height=280)
        yield
        self.add(self.test, span=5, height=340, least=420)
        yield
        self.add(self.table, span=7, height=340, least=560)
        yield

    def _join(self) -> None:
        for card in (self.test, self.table, self.bias, self.funnel, self.mix, self.proof, self.shops):
            card.defined.connect(self.define)
        self.tiles.opened.connect(self.define)
        self.people.defined.connect(self.define)
        self.people.opened.connect(self.opened)
        self.people.looked.connect(self._look)
        self.mix.table.activated.connect(self._choose)
        self.mix.table.selected.connect(self._chosen)

    def define(self, key: str) -> None:
        """Open a definition."""
        if self._panel is None:
            self._panel = DefinitionPanel(self.window())
        self._panel.show_key(key)

    def _look(self, person: bytes) -> None:
        self.desk.work.run(partial(read_shops_of, self.desk.store, person), self.show_shops)

    def _chosen(self, rows: list[Any]) -> None:
        if rows:
            self._choose(rows[0])

    def _choose(self, row: Any) -> None:
        self.people.choice.choose(row["key"])
        self.people.choose(row["key"])


def funnel(mix: tuple[Mix, ...]) -> Funnel:
    """From everyone known to those with a next action."""
    whole = sum(m.people for m in mix)
    refused = sum(m.people for m in mix if m.blocked == "no_profiling")
    shut = sum(m.people for m in mix if m.blocked in SHUT)
    capped = sum(m.people for m in mix if m.blocked == "capped")
    idle = sum(m.people for m in mix if m.blocked == "not_worth")
    left = whole - refused
    return Funnel(
        (
            Step(tr("Known"), float(whole)), Step(tr("Did not refuse profiling"), float(left)),
            Step(tr("Consent and an address"), float(left - shut)),
            Step(tr("Within the contact policy"), float(left - shut - capped)),
            Step(tr("Something is worth it"), float(left - shut - capped - idle)),
        ), "count",
    )  # fmt: skip


def _mix_row(row: Mix) -> dict[str, Any]:
    acts = row.action != "none"
    key = row.action if acts else f"none:{row.blocked}"
    expected = row.expected_minor if acts else None
    return {"key": key, "action": choice_name(key), "people": row.people, "expected": expected}  # fmt: skip


def _effect(effect: float | None, low: float | None, high: float | None) -> str:
    if effect is None or low is None or high is None:
        return "–"
    signed = [f"{v * 100:+.1f}" for v in (effect, low, high)]
    return tr("{effect} points [{low} – {high}]", effect=signed[0], low=signed[1], high=signed[2])


def _value(found: Tested | None) -> float:
    return found.value if found is not None else math.nan
