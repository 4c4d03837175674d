"""The tab of paths: visits of known people, places one after the other, engagement, and zone to zone by cameras."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal

from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.pages.journeys.charts import engagement_chart, paths_chart, zones_chart
from app.ui.pages.journeys.panels import FigureCard
from app.ui.pages.journeys.replay import ReplayCard
from app.ui.pages.journeys.state import Paths, State
from app.ui.pages.journeys.words import place_name
from app.ui.turns import Steps
from app.ui.widgets.defined_card import TableCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.rows import Column
from engines.behaviour.queries import engaged_people
from models.store import Store

TALL, LOW = 420, 210
"""Heights of the cameras' cards with and without anything to show, in pixels."""


class PathsTab(CardGrid):
    """`listed(title, reader)` asks for people."""

    listed = Signal(str, object)
    defined = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    def building(self) -> Steps:
        """The cards, one after the other."""
        desk = self.desk
        self.flows = FigureCard(desk, mark("Within a visit"), "patterns", mark("One place straight after the other"))
        yield
        self.patterns = TableCard(
            desk, mark("Places one after the other"), mark("Visits of known people in the last 90 days"),
            (
                Column("places", "Places"), Column("visits", "Visits", "count", 76),
                Column("share", "Share", "percent", 72), Column("lift", "Lift", "decimal", 60),
            ), "patterns",
        )  # fmt: skip
        yield
        self.engagement = FigureCard(desk, mark("Engagement"), "engagement", mark("Known people by score, 0 to 100"))
        yield
        self.top = TableCard(
            desk, mark("By engagement"), mark("A double click lists the people"),
            (Column("range", "Score"), Column("people", "People", "count", 96)), "engagement",
        )  # fmt: skip
        yield
        self.zones = FigureCard(desk, mark("From zone to zone"), "replay", mark("As cameras saw it in the period"))
        yield
        self.replay = ReplayCard(desk)
        yield
        self.add(self.flows, span=6, height=400, least=420)
        yield
        self.add(self.patterns, span=6, height=400, least=400)
        yield
        self.add(self.engagement, span=8, height=290, least=420)
        yield
        self.add(self.top, span=4, height=290, least=260)
        yield
        self.add(self.zones, span=6, height=420, least=400)
        yield
        self.add(self.replay, span=6, height=420, least=400)
        self.top.table.activated.connect(self._list)
        for card in self.cards():
            card.defined.connect(self.defined)
        yield

    def cards(self) -> tuple[FigureCard | TableCard, ...]:
        """The cards in the order of reading."""
        return (self.flows, self.patterns, self.engagement, self.top, self.zones, self.replay)

    def show_state(self, state: State) -> None:
        """Everything, or why there is nothing."""
        part = state.part
        if not isinstance(part, Paths):
            return
        made = paths_chart(part)
        if made is None:
            self.flows.explain("No visits with more than one place are known. Import check-ins or timed receipts.",
                               "Import activities", "intake", {"kind": "activities"})  # fmt: skip
        else:
            self.flows.show_chart(made)
        self.flows.say(_visit_words(part))
        self.patterns.table.set_rows([
            {"places": " → ".join(place_name(p, part.names) for p in row.places), "visits": row.sessions,
             "share": row.share, "lift": row.lift}
            for row in part.patterns
        ])  # fmt: skip
        self.patterns.table.set_empty("No pattern is common enough to show.")
        self._draw_engagement(part)
        self._draw_zones(part, state.least)

    def _draw_engagement(self, part: Paths) -> None:
        made = engagement_chart(part)
        if made is None:
            self.engagement.explain("Engagement has not been worked out yet.")
        else:
            self.engagement.show_chart(made)
        self.top.table.filter.hide()
        quarters = [sum(part.engagement[i : i + 4]) for i in range(0, 20, 4)] if part.engagement else []
        self.top.table.set_rows(
            [{"range": f"{i * 20}–{i * 20 + 20}", "people": n, "low": i * 20} for i, n in enumerate(quarters)][::-1]
        )

    def _draw_zones(self, part: Paths, least: int) -> None:
        zh = language() == "zh"
        seen = zones_chart(part, {z.code: (z.name_zh or z.name) if zh else z.name for z in part.zones})
        if seen is None:
            words = mark("No camera saw people go from zone to zone in this period. One camera must see two zones.")
            self.zones.explain(words, "Open Live", "live")
        else:
            self.zones.show_chart(seen)
        self.replay.show_part(part, least)
        for card in (self.zones, self.replay):
            self.set_height(card, TALL if part.seen else LOW)

    def _list(self, row: object) -> None:
        assert isinstance(row, dict)
        low = int(row["low"])
        self.listed.emit(tr("Engagement {range}", range=row["range"]), partial(_engaged, low))


def _visit_words(part: Paths) -> str:
    visits, form = part.visits, current()
    if visits is None:
        return ""
    minutes = "–" if visits.minutes is None else form.duration(round(visits.minutes) * 60)
    return tr(
        "{visits} visits of {people} people in 90 days; {several} with more than one stop, which lasted at least "
        "{minutes} on average; {bought} with a receipt.",
        visits=form.integer(visits.visits), people=form.integer(visits.people), several=form.integer(visits.several),
        minutes=minutes, bought=form.percent(visits.with_receipt),
    )  # fmt: skip


def _engaged(low: int, store: Store) -> list[bytes]:
    return engaged_people(store, float(low), float(low + 20))
