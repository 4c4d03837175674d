"""The tables of the Footfall page: the league of gates, and the times that nobody watched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal

from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.footfall.state import State
from app.ui.pages.footfall.words import LAST_COUNTED, NO_COUNTS, named
from app.ui.widgets.defined_card import TableCard
from app.ui.widgets.head_tools import Choice
from app.ui.widgets.rows import Column
from engines.footfall.summary import GateGap

GATES = mark("Gates")
GAPS = mark("Not watched")
QUARTER_MINUTES = 15
MANY = 4
"""Gates that stopped and began again together are one row from here on."""


class GateCard(TableCard):
    """Gates by entries, with search, order and a choice of doors; `picked(code)` fires for a row."""

    picked = Signal(str)

    def __init__(self, desk: Desk) -> None:
        columns = (
            Column("name", "Gate"), Column("entries", "Entries", "count", 84), Column("share", "Share", "percent", 72),
            Column("change", "Change", "percent", 88, _signed), Column("watched", "Complete", "percent", 96),
            Column("missed", "Missed", "minutes", 108),
        )  # fmt: skip
        super().__init__(desk, GATES, "A double click shows the gate in the curve above", columns, "footfall")
        self.doors = Choice("Which gates")
        self.table.add_control(self.doors)
        self.doors.chosen.connect(self._draw_rows)
        self.table.activated.connect(self._pick)
        self.table.empty.acted.connect(self.acted)
        self._state: State | None = None

    def show_state(self, state: State) -> None:
        """The gates of the state."""
        self._state = state
        offers = (("outer", tr("Entrances")), ("inner", tr("Inside the mall")), ("", tr("All gates")))
        self.doors.offer(offers, "outer")
        self.table.set_empty(NO_COUNTS, LAST_COUNTED)
        self._draw_rows()

    def _draw_rows(self, _code: str = "") -> None:
        if self._state is not None:
            self.table.set_rows(gate_rows(self._state, self.doors.code()) if self._state.counted else ())

    def _pick(self, row: object) -> None:
        assert isinstance(row, Mapping)
        self.picked.emit(str(row["code"]))


class GapCard(TableCard):
    """When gates should have counted and did not; such times are shown as gaps and never filled in."""

    def __init__(self, desk: Desk) -> None:
        columns = (
            Column("gate", "Gate"), Column("since", "From", "instant", 132, _moment),
            Column("until", "To", "instant", 76, _time), Column("minutes", "Length", "minutes", 108),
        )  # fmt: skip
        words = "Opening hours without counts; never filled in"
        super().__init__(desk, GAPS, words, columns, "data_completeness")
        self.table.empty.acted.connect(self.acted)

    def show_state(self, state: State) -> None:
        """The gaps of the state."""
        if state.counted:
            self.table.set_empty("Every gate was watched through all opening hours.")
        else:
            self.table.set_empty(NO_COUNTS, LAST_COUNTED)
        self.table.set_rows(gap_rows(state))


def gate_rows(state: State, doors: str) -> list[dict[str, Any]]:
    """The league: `doors` is "outer", "inner" or "" for all."""
    missed: dict[str, int] = defaultdict(int)
    for gap in state.gaps:
        missed[gap.gate_code] += gap.buckets
    wanted = {"outer": (True,), "inner": (False,)}.get(doors, (True, False))
    return [
        {
            "code": g.code, "name": named(g.name, g.name_zh), "entries": g.entries, "share": g.share,
            "change": g.change, "watched": g.completeness, "missed": missed[g.code] * QUARTER_MINUTES or None,
        }
        for g in state.gates
        if g.perimeter in wanted
    ]  # fmt: skip


def gap_rows(state: State) -> list[dict[str, Any]]:
    """A row a gap, the newest first; gates that fell silent together share one."""
    names = {code: named(*both) for code, both in state.names().items()}
    together: dict[tuple[int, int], list[GateGap]] = defaultdict(list)
    for gap in state.gaps:
        together[gap.started_at, gap.ended_at].append(gap)
    found = []
    for same in together.values():
        called = [names.get(gap.gate_code, gap.gate_code) for gap in same]
        if len(same) < MANY:
            found += [_gap_row(name, gap) for name, gap in zip(called, same, strict=True)]
            continue
        count = current().integer(len(same))
        found.append(_gap_row(tr("{count} gates: {names}", count=count, names=", ".join(called)), same[0]))
    return found


def _gap_row(name: str, gap: GateGap) -> dict[str, Any]:
    return {"gate": name, "since": gap.started_at, "until": gap.ended_at, "minutes": gap.buckets * QUARTER_MINUTES}


def _moment(at: int) -> str:
    form = current()
    return f"{form.day(form.local(at).date(), 'short')} {form.time(at)}"


def _time(at: int) -> str:
    return current().time(at)


def _signed(share: float | None) -> str:
    form = current()
    return "–" if share is None else f"{'+' if share > 0 else ''}{form.percent(share)}"
