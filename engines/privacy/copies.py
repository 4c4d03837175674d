# ruff: noqa: S608 - names of tables and columns are the program's own
"""Copies of personal values outside their own rows: refused rows, what imports replaced, the log, messages, alerts.

They are looked through by what they say, since no key leads to them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engines.privacy.reach import reached
from engines.privacy.traces import Traces
from models.connection import Connection
from models.store import Transaction, driver
from models.tables import TABLES

#: Longer than the day that the log keeps of a dated fact, so that only images are looked at.
IMAGE = 11


@dataclass(frozen=True)
class Copies:
    """A table whose texts may speak of somebody: the columns looked at, and what each of `blank` becomes (a row goes
    where it is None); `sent` marks texts as senders wrote them."""

    table: str
    columns: tuple[str, ...]
    blank: Mapping[str, str | None] | None
    sent: bool = False
    where: str = ""


COPIES: tuple[Copies, ...] = (
    Copies("intake_reject", ("raw",), {"raw": None}, sent=True, where="raw IS NOT NULL"),
    Copies("intake_before", ("row",), None, where="row IS NOT NULL"),
    Copies("job_run", ("message", "error"), {"message": None, "error": None}),
    Copies("alert", ("subject", "facts", "evidence", "fingerprint"), None),
    Copies("fraud_case", ("subjects", "facts", "evidence"), None),
    Copies("approval", ("what", "reason", "note"), {"reason": None, "note": None}),
    Copies("hook_delivery", ("body", "key"), {"body": "{}"}),
    Copies("sync_quarantine", ("pk", "row", "error"), {"row": None, "error": "erased"}),
    Copies("sync_conflict", ("pk", "kept", "lost"), {"kept": None, "lost": None}),
    Copies("money_line", ("note",), {"note": None}, where="note IS NOT NULL"),
)


def speaking(connection: Connection, traces: Traces, *, log: bool = True) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """(table, key) of every copy that speaks of one of them; of the log too."""
    for copies in COPIES:
        keys = _keys(copies.table)
        columns = ", ".join(f'"{name}"' for name in (*keys, *copies.columns))
        hit = traces.sent if copies.sent else traces.speaks
        rows = driver(connection).execute(
            f'SELECT {columns} FROM "{copies.table}"{f" WHERE {copies.where}" if copies.where else ""}'
        )
        for row in rows:
            if any(hit(text) for text in row[len(keys) :]):
                yield copies.table, tuple(row[: len(keys)])
    if log:
        yield from (("change_log", (seq,)) for seq in _logged(connection, traces))


def scrub(tx: Transaction, traces: Traces, members: list[bytes]) -> dict[str, int]:
    """Blank or remove every copy; returns how many of each table. What imports replaced of `members` goes too."""
    gone: dict[str, list[tuple[Any, ...]]] = {}
    for table, key in list(speaking(tx.connection, traces)):
        gone.setdefault(table, []).append(key)
    for copies in COPIES:
        if copies.table in gone:
            _blank(tx, copies, gone[copies.table])
    if "change_log" in gone:
        tx.execute_many("UPDATE change_log SET row = ? WHERE seq = ?", list(_images(tx.connection, gone["change_log"])))
    made = tx.execute_many("DELETE FROM intake_before WHERE tbl = 'member' AND pk = ?", [(m,) for m in members])
    counts = {table: len(keys) for table, keys in gone.items()}
    return counts | ({"intake_before": counts.get("intake_before", 0) + made} if made > 0 else {})


def _blank(tx: Transaction, copies: Copies, keys: list[tuple[Any, ...]]) -> None:
    where = " AND ".join(f'"{name}" = ?' for name in _keys(copies.table))
    if copies.blank is None:
        tx.execute_many(f'DELETE FROM "{copies.table}" WHERE {where}', keys)
        return
    sets = ", ".join(f'"{name}" = ?' for name in copies.blank)
    values = tuple(copies.blank.values())
    tx.execute_many(f'UPDATE "{copies.table}" SET {sets} WHERE {where}', [(*values, *key) for key in keys])


def _logged(connection: Connection, traces: Traces) -> Iterator[int]:
    """Rows of the log with an image that speaks of one of them; images are of records, whose ids they hold."""
    rows = driver(connection).execute(
        "SELECT seq, row FROM change_log WHERE op <> 'B' AND length(row) >= ?", (IMAGE,)
    )  # fmt: skip
    yield from (seq for seq, row in rows if traces.speaks(row))


def _images(connection: Connection, keys: list[tuple[Any, ...]]) -> Iterator[tuple[str, int]]:
    """The images with nothing left but ids: who follows the log needs to know of whom it speaks, not what it says."""
    known = {reach.name: {c for columns in reach.columns.values() for c in columns} for reach in reached()}
    for (seq,) in keys:
        table, text = driver(connection).execute("SELECT tbl, row FROM change_log WHERE seq = ?", (seq,)).fetchone()
        image = json.loads(text)
        kept = (known.get(table, set()) - {"value_hmac"}) | set(_keys(table))
        yield json.dumps({name: value for name, value in image.items() if name in kept}), seq


def _keys(table: str) -> tuple[str, ...]:
    return tuple(c.name for c in TABLES[table].primary_key.columns)
