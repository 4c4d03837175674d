"""The tab of stages: where people stand, how they move, how long they stay, what comes next and where they stop."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Signal

from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.journeys.charts import conversion_chart, dwell_chart, moves_chart, stages_chart
from app.ui.pages.journeys.panels import FigureCard
from app.ui.pages.journeys.state import Stages, State
from app.ui.pages.journeys.words import ADVICE, MODELS, cause_name, place_name, stage_name
from app.ui.turns import Steps
from app.ui.widgets.defined_card import TableCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.head_tools import Choice
from app.ui.widgets.rows import Column
from engines.journeys.queries import FlowRow, people_in, transition_people
from models.store import Store

NOT_YET = mark("The stages have not been worked out yet.")
Row = dict[str, Any]


class StagesTab(CardGrid):
    """`listed(title, reader)` asks for people, `defined(name)` for what a figure means."""

    listed = Signal(str, object)
    defined = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._state: State | None = None

    def building(self) -> Steps:
        """The cards, one after the other."""
        desk = self.desk
        self.stages = FigureCard(desk, mark("People by stage"), "stages", mark("Known people by stage, now"))
        yield
        self.moves = FigureCard(desk, mark("Moves between stages"), "flows", mark("Who stands elsewhere than before"))
        yield
        self.buys = FigureCard(desk, mark("Purchase by stage"), "conversion", mark("With 95 % intervals"))
        yield
        self.horizon = Choice("Days")
        self.buys.add_choice(self.horizon)
        yield
        self.dwell = FigureCard(desk, mark("Time in a stage"), "dwell", mark("Share still in the stage, by days"))
        yield
        yield from self._tables(desk)
        yield
        yield from self._lay_out()
        yield

    def _tables(self, desk: Desk) -> Steps:
        self.lengths = TableCard(
            desk, mark("Stages in figures"), mark("Median time in the stage with its 95 % interval"),
            (
                Column("name", "Stage"), Column("people", "People", "count", 76),
                Column("share", "Share", "percent", 72), Column("median", "Median stay", width=104),
                Column("range", "95 % interval", width=112),
            ), "dwell",
        )  # fmt: skip
        yield
        self.stops = TableCard(
            desk, mark("Where people stop"), mark("The most worth first: if one in ten of the lost went on"),
            (
                Column("where", "Where", width=164), Column("entered", "Came so far", "count", 104),
                Column("lost", "Stopped", "count", 80), Column("share", "Share lost", "percent", 88),
                Column("range", "95 % interval", width=140), Column("worth", "Worth in 90 days", "money", 136),
                Column("advice", "What may help"),
            ), "bottlenecks",
        )  # fmt: skip
        yield
        self.next = TableCard(
            desk, mark("What comes next"), mark("Within 30 days, by stage and time in it"),
            (
                Column("stage", "Stage"), Column("band", "Days in it", width=84),
                Column("next", "Next", width=92), Column("share", "Share", "percent", 80),
                Column("range", "95 % interval", width=140), Column("base", "Base rate", "percent", 84),
                Column("people", "Cases", "count", 68),
            ), "next",
        )  # fmt: skip
        yield
        yield from self._tables_of_models_and_moves(desk)

    def _tables_of_models_and_moves(self, desk: Desk) -> Steps:
        self.models = TableCard(
            desk, mark("How well that is told"), mark("On the last 30 days, which no model had seen"),
            (
                Column("name", "Model"), Column("loss", "Log loss", width=84),
                Column("gain", "Saved, 95 % interval", width=190), Column("people", "People", "count", 80),
                Column("used", "Used", width=60),
            ), "next",
        )  # fmt: skip
        yield
        self.causes = TableCard(
            desk, mark("Every move of the period"), mark("Counted one by one"),
            (
                Column("was", "From"), Column("now", "To"), Column("cause", "Cause"),
                Column("people", "Moves", "count", 84),
            ), "flows",
        )  # fmt: skip

    def cards(self) -> tuple[FigureCard | TableCard, ...]:
        """The cards in the order of reading."""
        return (
            self.stages, self.moves, self.lengths, self.buys, self.stops, self.dwell, self.next, self.models,
            self.causes,
        )  # fmt: skip

    def show_state(self, state: State) -> None:
        """Everything, or why there is nothing."""
        self._state, part = state, state.part
        if not isinstance(part, Stages):
            return
        self.stages.show_chart(stages_chart(part))
        moved = moves_chart(part.moves)
        if moved is None:
            self.moves.explain("Nobody moved in this period. Choose a longer one.")
        else:
            self.moves.show_chart(moved)
        self.horizon.offer((("30", tr("30 days")), ("90", tr("90 days"))), "30")
        self._draw_buys()
        self._draw_dwell(part)
        self._draw_tables(part)

    def _draw_dwell(self, part: Stages) -> None:
        curve = dwell_chart(part)
        if curve is None:
            self.dwell.explain("Nobody has left a stage yet.")
        else:
            self.dwell.show_chart(curve)
        stays = [z for z in part.zones if z.mean is not None and z.visits][:3]
        from app.ui.i18n import language

        words = ", ".join(
            f"{(z.name_zh or z.name) if language() == 'zh' else z.name} {current().duration(z.mean or 0)}"
            for z in stays
        )
        self.dwell.say(
            tr("Mean stay by zone in the period: {zones}. More on the page of zones.", zones=words) if words else ""
        )

    def _draw_buys(self, _code: str = "") -> None:
        part = self._state.part if self._state else None
        made = conversion_chart(part, int(self.horizon.code() or 30)) if isinstance(part, Stages) else None
        if made is None:
            self.buys.explain("Nobody has been known for so long yet.")
        else:
            self.buys.show_chart(made)

    def _draw_tables(self, part: Stages) -> None:
        self.lengths.table.set_rows([_length(row) for row in part.stages])
        self.stops.table.set_rows([_stop(b, part.names) for b in part.bottlenecks])
        self.stops.table.set_empty("Too little is known: people must have been in a stage for 90 days.")
        self.next.table.set_rows([_next(n) for n in part.next])
        self.next.table.set_empty("Needs 30 people in a stage, 30 days ago.")
        self.models.table.set_rows([_model(t) for t in part.trials])
        self.models.table.set_empty("Needs 90 days of history to try a model on days that it has not seen.")
        self.causes.table.set_rows([_move(f) for f in part.flows])
        for card in (self.lengths, self.models):
            card.table.filter.hide()
        self.causes.table.set_empty("Nobody moved in this period. Choose a longer one.")

    def _pick_stage(self, stage: str) -> None:
        self.listed.emit(stage_name(stage), partial(_in_stage, stage))

    def _pick_move(self, key: str) -> None:
        before, arrow, now = key.partition(">")
        if not arrow or self._state is None:
            return
        title = tr("From {a} to {b}", a=stage_name(before or None), b=stage_name(now))
        days = (self._state.period.first.isoformat(), self._state.period.last.isoformat())
        self.listed.emit(title, partial(_moved, (before or None, now), days))

    def _lay_out(self) -> Steps:
        self.add(self.moves, span=7, height=380, least=420)
        yield
        self.add(self.stages, span=5, height=380, least=320)
        yield
        self.add(self.lengths, span=6, height=350, least=480)
        yield
        self.add(self.buys, span=6, height=350, least=400)
        yield
        self.add(self.stops, span=12, height=380)
        yield
        self.add(self.next, span=8, height=400, least=640)
        yield
        self.add(self.dwell, span=4, height=400, least=320)
        yield
        self.add(self.models, span=7, height=270, least=480)
        yield
        self.add(self.causes, span=5, height=270, least=400)
        yield
        self.stages.view.picked.connect(self._pick_stage)
        self.buys.view.picked.connect(self._pick_stage)
        self.moves.view.picked.connect(self._pick_move)
        self.horizon.chosen.connect(self._draw_buys)
        for card in self.cards():
            card.defined.connect(self.defined)


def _range(low: float, high: float) -> str:
    form = current()
    return f"{form.percent(low)} – {form.percent(high)}"


def _days(days: int | None) -> str:
    return "–" if days is None else tr("{days} days", days=current().integer(days))


def _length(row: Any) -> Row:
    low, high = ("–" if d is None else current().integer(d) for d in (row.low_days, row.high_days))
    return {
        "name": stage_name(row.stage), "people": row.people, "share": row.share, "median": _days(row.median_days),
        "range": "" if row.median_days is None else f"{low} – {high}",
    }  # fmt: skip


def _stop(stop: Any, names: dict[str, tuple[str, str]]) -> Row:
    where = (
        tr("After {stage}", stage=stage_name(stop.place))
        if stop.kind == "stage"
        else tr("Zone: {zone}", zone=place_name(f"zone:{stop.place}", names))
    )
    return {
        "where": where, "entered": stop.entered, "lost": stop.lost, "share": stop.share,
        "range": _range(stop.low, stop.high), "worth": stop.worth_minor,
        "advice": tr(ADVICE["zone" if stop.kind == "zone" else stop.place]),
    }  # fmt: skip


def _next(row: Any) -> Row:
    stays = row.next == row.stage
    return {
        "stage": stage_name(row.stage), "band": tr("any") if row.band == "all" else row.band.replace("-", "–"),
        "next": tr("stays") if stays else stage_name(row.next), "share": row.share, "range": _range(row.low, row.high),
        "base": row.base, "people": row.people,
    }  # fmt: skip


def _model(trial: Any) -> Row:
    form = current()
    gain = f"{form.decimal(trial.gain, 3)} ({form.decimal(trial.gain_low, 3)} – {form.decimal(trial.gain_high, 3)})"
    return {
        "name": tr(MODELS[trial.model]), "loss": form.decimal(trial.log_loss, 3),
        "gain": "–" if trial.model == "stage" else gain, "people": trial.people,
        "used": tr("yes") if trial.shipped else "",
    }  # fmt: skip


def _move(flow: FlowRow) -> Row:
    return {
        "was": stage_name(flow.previous), "now": stage_name(flow.stage), "cause": cause_name(flow.cause),
        "people": flow.people,
    }  # fmt: skip


def _in_stage(stage: str, store: Store) -> list[bytes]:
    return [bytes(row[0]) for row in people_in(store, stage, limit=1000)]


def _moved(flow: tuple[str | None, str], days: tuple[str, str], store: Store) -> list[bytes]:
    return transition_people(store, flow, *days)
