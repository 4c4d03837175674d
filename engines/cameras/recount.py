# ruff: noqa: S608 - names of tables and columns are the program's own
"""A recording is counted into a camera's rows: beside what other recordings counted there, or once more.

Rows are by quarter and hour, and recordings end where they like: two of one camera may share a quarter. What
another one counted there is gone on from; a quarter that already holds both is left as it is; and what an earlier
count of the same recording left that a new one does not give (a gate with another name, a cell of the heat map) goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from engines.cameras.counts import KINDS, find_zone, kept_since, key_of
from engines.cameras.day import source_of
from engines.cameras.kept_rows import (
    COUNTS,
    DWELL,
    GATES,
    HOUR_MS,
    MINUTE_MS,
    QUARTER_MS,
    SHAPES,
    ZONES,
    Given,
    Shape,
    count_rows,
    dwell_rows,
)
from engines.intake.counts import find_gate
from models.store import Store, Transaction

Kinds = Mapping[str, Sequence[Given]]
State = Literal["new", "again", "beside", "both"]
"""Of a span: nothing is kept; only what an earlier count of this recording gave; only others'; or both."""

_SLACK_S = 1.5  # how far the seconds of one stretch may differ between two counts of it
_HOURLY = ("heat", "demographics", "expressions")
_SETTLED = ("minutes", "zones", "zone_minutes", "flows", "heat")


class Recount:
    """The rows of one camera over the stretch that a recording of it covers (UTC milliseconds).

    `resume` are the rows to go on from. Give every row through `take`, and call `settle` when all was counted.
    """

    def __init__(self, store: Store, camera: str, begin_ms: int, end_ms: int) -> None:
        self._store, self._camera = store, camera
        self._begin, self._end = begin_ms, end_ms
        first = begin_ms - begin_ms % HOUR_MS
        kept = kept_since(store, camera, first)
        until = end_ms - end_ms % HOUR_MS + HOUR_MS
        self._kept = {kind: [row for row in rows if row["start_ms"] < until] for kind, rows in kept.items()}
        self._seconds = self._watched()
        self._states: dict[tuple[int, int], State] = {}
        self._written: dict[str, dict[tuple[Any, ...], Given]] = {kind: {} for kind in KINDS}
        self.resume: dict[str, list[Given]] = {
            kind: [row for row in rows if self._state(kind, row) == "beside" and kind not in _HOURLY[1:]]
            for kind, rows in self._kept.items()
        }

    @property
    def held(self) -> bool:
        """Whether some of the stretch already holds this recording and others, and is left as it is."""
        return any(state == "both" and span == QUARTER_MS for (_, span), state in self._states.items())

    def take(self, rows: Kinds) -> dict[str, list[Given]]:
        """The rows that are to be written."""
        kept = {kind: [row for row in several if self._state(kind, row) != "both"] for kind, several in rows.items()}
        for kind, several in kept.items():
            self._written[kind] |= {key_of(kind, row): row for row in several}
        return kept

    def settle(self) -> int:
        """The recording was counted to its end: rows of the stretch that were not given go; how many.

        A person's corrections stay.
        """
        buckets, zones = self._written["buckets"].values(), self._written["zones"].values()
        with self._store.write("watch", "counting a recording") as tx:
            source = tx.connection.exec_driver_sql(
                "SELECT id FROM source WHERE code = ?", (source_of(self._camera),)
            ).scalar()
            if source is None:
                return 0
            gone = self._drop(tx, source, COUNTS, [row for each in buckets for row in count_rows(each, front=True)])
            gone += self._drop(tx, source, DWELL, [row for each in zones for row in dwell_rows(each)])
            for kind in _SETTLED:
                gone += self._drop(tx, source, SHAPES[kind], self._written[kind].values())
        return gone

    def rivals(self) -> list[str]:
        """Codes of other sources that counted at the same gates in the same quarters: of two, one alone is shown."""
        with self._store.read() as connection:
            found = connection.exec_driver_sql(
                "SELECT DISTINCT s.code FROM count_bucket c JOIN source own ON own.code = ?1 JOIN count_bucket o ON "
                "o.gate_id = c.gate_id AND o.bucket_start = c.bucket_start AND o.source_id <> c.source_id "
                "JOIN source s ON s.id = o.source_id "
                "WHERE c.source_id = own.id AND c.bucket_start > ?2 AND c.bucket_start < ?3 ORDER BY 1",
                (source_of(self._camera), self._begin - QUARTER_MS, self._end),
            ).fetchall()
        return [str(code) for (code,) in found]

    def _drop(self, tx: Transaction, source: bytes, shape: Shape, written: Iterable[Given]) -> int:
        """Deletes the source's rows of one table in the stretch that are not among those written."""
        ids: dict[tuple[bool, Any], Any] = {}

        def key(row: Given) -> tuple[Any, ...]:
            return (*(_id(tx, name, row[name], ids) for name in shape.names), row["start_ms"])

        keys = {key(row) for row in written}
        columns = (*shape.keys, shape.start)
        own = "AND revision = 0" if shape.revised else ""
        found = tx.connection.exec_driver_sql(
            f"SELECT {', '.join(columns)} FROM {shape.table} WHERE source_id = ? AND {shape.start} > ? "
            f"AND {shape.start} < ? {own}",
            (source, self._begin - shape.span_ms, self._end),
        ).fetchall()
        old = [row for row in map(tuple, found) if row not in keys and self._again(row[-1], shape.span_ms)]
        where = " AND ".join(f"{column} = ?" for column in columns)
        for row in old:
            tx.connection.exec_driver_sql(
                f"DELETE FROM {shape.table} WHERE source_id = ? AND {where} {own}", (source, *row)
            )
        if old:
            tx.touch(shape.table)
        return len(old)

    def _again(self, start_ms: int, span_ms: int) -> bool:
        """Whether what is kept of a span can only be an earlier count of this recording."""
        return self._state_of(start_ms, max(span_ms, QUARTER_MS)) in ("new", "again")

    def _state(self, kind: str, row: Given) -> State:
        return self._state_of(row["start_ms"], HOUR_MS if kind in _HOURLY else QUARTER_MS)

    def _state_of(self, at_ms: int, span_ms: int) -> State:
        start = at_ms - at_ms % span_ms
        state = self._states.get((start, span_ms))
        if state is None:
            state = self._states[start, span_ms] = self._judged(start, start + span_ms)
        return state

    def _judged(self, start: int, end: int) -> State:
        """By the minutes that are kept: those beside the stretch are others', those within it this recording's."""
        begin, until = max(self._begin, start), min(self._end, end)
        within = range(begin + -begin % MINUTE_MS, until - MINUTE_MS + 1, MINUTE_MS)
        mine = any(minute in self._seconds for minute in within)
        others = False
        for minute in self._seconds:
            if not start <= minute < end or minute in within:
                continue
            share = (min(until, minute + MINUTE_MS) - max(begin, minute)) / 1000
            if share <= 0:
                others = True
            else:
                own, another = _whose(self._seconds[minute], share)
                mine |= own and not within
                others |= another or not mine
        if mine and others:
            return "both"
        return "again" if mine else "beside" if others else "new"

    def _watched(self) -> dict[int, float]:
        """The seconds that are kept of each minute."""
        seconds: dict[int, float] = {}
        for kind in ("minutes", "zone_minutes"):
            for row in self._kept[kind]:
                if row["seconds_observed"] > 0:
                    seconds[row["start_ms"]] = max(seconds.get(row["start_ms"], 0.0), row["seconds_observed"])
        return seconds


def _whose(kept: float, share: float) -> tuple[bool, bool]:
    """Whether so many kept seconds of a minute are this recording's, which covers `share` of them, and others'."""
    if abs(kept - share) <= _SLACK_S:
        return True, False
    fits = kept <= MINUTE_MS / 1000 - share + _SLACK_S
    return not fits, fits or kept > share


def _id(tx: Transaction, name: str, value: Any, known: dict[tuple[bool, Any], Any]) -> Any:
    """The id of a gate or zone by its code; any other part of a key as it is."""
    if name not in GATES | ZONES:
        return value
    at = (name in GATES, value)
    if at not in known:
        known[at] = find_gate(tx.connection, value) if name in GATES else find_zone(tx.connection, value)
    return known[at]
