"""The tab of funnels: the mall's own counts, and funnels of known people with steps of one's own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal

from app.ui.child import Child
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.journeys.builder import Builder
from app.ui.pages.journeys.charts import funnel_chart, mall_chart, taken_chart
from app.ui.pages.journeys.panels import FigureCard
from app.ui.pages.journeys.state import Funnels, State
from app.ui.turns import Steps
from app.ui.widgets.card import Card
from app.ui.widgets.defined_card import TableCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.rows import Column
from engines.behaviour.funnel import as_text
from engines.behaviour.saved import SHIPPED, remove_funnel, save_funnel
from models.errors import Known
from models.store import Store


class FunnelsTab(CardGrid):
    """`listed(title, reader)` asks for people; a run happens in a process of its own and can be stopped by another."""

    listed = Signal(str, object)
    defined = Signal(str)
    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._state: State | None = None
        self._code = next(iter(SHIPPED))
        self._file = ""
        self._wanted: tuple[int, bool] | None = None
        self.child: Child | None = None
        self.document: Mapping[str, Any] = {}

    def building(self) -> Steps:
        """The cards, one after the other."""
        desk = self.desk
        self.mall = FigureCard(
            desk, mark("From the doors to the next purchase"), "mall", mark("Counts of the whole mall")
        )
        yield
        self.shops = FigureCard(
            desk, mark("At the counted shops"), "mall", mark("Counts of shops with a counted front")
        )
        yield
        self.form = Card("A funnel of known people", mark("The period chooses who enters"))
        yield
        self.builder = Builder()
        self.form.set_body(self.builder)
        yield
        self.result = FigureCard(desk, mark("How far they come"), "funnel", mark("A click lists who reached a step"))
        yield
        self.taken = FigureCard(desk, mark("Time to the last step"), "funnel", mark("Days from entry"))
        yield
        self.table = TableCard(
            desk, mark("Step by step"), mark("A double click lists who stopped before a step"),
            (
                Column("name", "Step"), Column("people", "People", "count", 76),
                Column("share", "Share", "percent", 84), Column("range", "95 % interval", width=144),
                Column("before", "Of the step before", "percent", 140), Column("median", "Median days", width=104),
                Column("slow", "P90 days", width=84),
            ), "funnel",
        )  # fmt: skip
        yield
        yield from self._lay_out()
        yield
        self._connect()
        yield

    def cards(self) -> tuple[FigureCard | TableCard, ...]:
        """The cards in the order of reading."""
        return (self.result, self.table, self.taken, self.mall, self.shops)

    def show_state(self, state: State) -> None:
        """The mall's funnel; a funnel of people is run when the tab is first seen and when the period changes."""
        before, self._state = self._state, state
        part = state.part
        if not isinstance(part, Funnels):
            return
        for card, shops in ((self.mall, False), (self.shops, True)):
            made = mall_chart(part, shops=shops)
            if made is None:
                card.explain("Nothing was counted in this period.", "Import sales", "intake", {"kind": "sales"})
            else:
                card.show_chart(made)
        fronts, tenants = (current().integer(n) for n in part.fronts)
        self.shops.say(tr("{fronts} shop fronts are counted; {tenants} tenants trade.", fronts=fronts, tenants=tenants))
        first = not self.builder.lines
        self.builder.show_part(part, self._code)
        if first:
            self.choose(self._code)
        elif before is not None and before.period != state.period:
            self.run()
        self._draw()

    def choose(self, code: str) -> None:
        """Show and run a known funnel."""
        part = self._state.part if self._state else None
        if not isinstance(part, Funnels):
            return
        saved = next((s for s in part.saved if s.code == code), part.saved[0])
        self._code = saved.code
        self.builder.show_funnel(saved.funnel, own=saved.version > 0)
        self.run()

    def run(self) -> None:
        """Run what stands in the builder over the period."""
        self._start(None)

    def save(self) -> None:
        """Save what stands in the builder under its name."""
        own = self._code not in SHIPPED
        code = self._code if own and self._same_name() else ""
        job = partial(save_funnel, self.desk.store, self.desk.actor, self.builder.funnel(), code)
        self.desk.work.run(job, self._saved, self.desk.fault)

    def remove(self) -> None:
        """Take the saved funnel away."""
        job = partial(remove_funnel, self.desk.store, self.desk.actor, self._code)
        self._code = next(iter(SHIPPED))
        self.desk.work.run(job, self._removed, self.desk.fault)

    def stop(self) -> None:
        """End a run that nobody waits for."""
        child, self.child = self.child, None
        if child is not None:
            child.kill()
            child.deleteLater()
            self.result.set_loading(False)
        self._tidy()

    def _start(self, wanted: tuple[int, bool] | None) -> None:
        """Run; `wanted` asks for the people of a step (from 1), or those lost before it."""
        if self._state is None:
            return
        self.stop()
        self._wanted = wanted
        handle, self._file = tempfile.mkstemp(suffix=".json", prefix="funnel-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(as_text(self.builder.funnel()))
        period = self._state.period
        words = ["--site", str(self.desk.folder), "journeys", "funnel", self._file]
        words += ["--from", period.first.isoformat(), "--to", period.last.isoformat()]
        if wanted is not None:
            words += ["--people", str(wanted[0]), *(["--lost"] if wanted[1] else [])]
        self.child = Child(words, self)
        self.child.ended.connect(self._ended)
        self.result.set_loading(True)
        self.child.start()
        self._draw()

    def _ended(self, code: int, document: Mapping[str, Any]) -> None:
        child, self.child = self.child, None
        if child is None:
            return
        child.deleteLater()
        self._tidy()
        self.result.set_loading(False)
        if code:
            self.desk.fault(Known(str(document.get("error", "")), str(document.get("step", ""))))
            self._draw()
            return
        self.document = document
        self._draw()
        if self._wanted is not None and "people" in document:
            step, lost = self._wanted
            name = tr(document["steps"][step - 1]["name"])
            title = tr("Stopped before: {name}", name=name) if lost else tr("Reached: {name}", name=name)
            self.listed.emit(title, partial(_ids, tuple(document["people"])))

    def _tidy(self) -> None:
        if self._file:
            Path(self._file).unlink(missing_ok=True)
            self._file = ""

    def _draw(self) -> None:
        if not self.document:
            words = mark("Being counted.") if self.child is not None else mark("Not run yet.")
            self.result.explain(words)
            self.taken.explain(words)
            self.table.table.set_empty(words)
            self.table.table.set_rows([])
            return
        made = funnel_chart(self.document)
        if made is None and self.document["entered"]:
            self.result.explain("Everyone who entered still has time. Choose an earlier period or a shorter window.")
        elif made is None:
            self.result.explain("Nobody entered in this period. Choose a longer one, or another first step.")
        else:
            self.result.show_chart(made)
        entered, immature = (current().integer(self.document[k]) for k in ("entered", "immature"))
        words = mark("{entered} entered; {immature} of them still have time and are not counted.")
        self.result.say(tr(words, entered=entered, immature=immature))
        self.table.table.set_rows([_line(i, s) for i, s in enumerate(self.document["steps"], 1)] if made else [])
        self.table.table.filter.hide()
        self.table.table.set_empty("Nobody had the whole window yet.")
        spread = taken_chart(self.document)
        if spread is None:
            self.taken.explain("Nobody reached the last step.")
        else:
            self.taken.show_chart(spread)

    def _same_name(self) -> bool:
        part = self._state.part if self._state else None
        saved = part.saved if isinstance(part, Funnels) else ()
        return any(s.code == self._code and s.funnel.name == self.builder.name.text().strip() for s in saved)

    def _saved(self, code: str) -> None:
        self._code = code
        self.desk.say("The funnel is saved.", "good")
        self.changed.emit()

    def _removed(self, _: None) -> None:
        self.builder.show_funnel(SHIPPED[self._code][0], own=False)
        self.changed.emit()

    def _reached(self, key: str) -> None:
        if key.isdecimal():
            self._start((int(key), False))

    def _lost(self, row: object) -> None:
        assert isinstance(row, Mapping)
        if row["number"] > 1:
            self._start((int(row["number"]), True))

    def _lay_out(self) -> Steps:
        self.add(self.form, span=7, height=430, least=560)
        yield
        self.add(self.result, span=5, height=430, least=400)
        yield
        self.add(self.table, span=8, height=280, least=600)
        yield
        self.add(self.taken, span=4, height=280, least=280)
        yield
        self.add(self.mall, span=6, height=320, least=400)
        yield
        self.add(self.shops, span=6, height=320, least=400)
        yield

    def _connect(self) -> None:
        self.builder.chosen.connect(self.choose)
        self.builder.run_wanted.connect(self.run)
        self.builder.save_wanted.connect(self.save)
        self.builder.remove_wanted.connect(self.remove)
        self.result.view.picked.connect(self._reached)
        self.table.table.activated.connect(self._lost)
        for card in self.cards():
            card.defined.connect(self.defined)


def _line(number: int, step: Mapping[str, Any]) -> dict[str, Any]:
    form = current()
    median, slow = ("–" if step[k] is None else form.decimal(step[k], 1) for k in ("median_days", "slow_days"))
    return {
        "number": number, "name": tr(step["name"]), "people": step["people"], "share": step["of_entered"],
        "range": f"{form.percent(step['low'])} – {form.percent(step['high'])}", "before": step["of_before"],
        "median": median, "slow": slow,
    }  # fmt: skip


def _ids(people: tuple[str, ...], _store: Store) -> list[bytes]:
    return [bytes.fromhex(one) for one in people]
