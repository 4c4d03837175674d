"""The audit trail read back: searched, exported (which is audited too), and checked against what is kept elsewhere.

A chain alone cannot show that its newest entries are gone. So its head is kept outside the store's file, beside the
site's key, after each check, and at the hub after each sync (`keep_anchor`): the trail must still hold both.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from engines.access import threats
from engines.access.guard import guarded
from models import audit, keys
from models.connection import Connection
from models.errors import Known
from models.store import Store
from models.times import now_ms

COLUMNS = ("seq", "at", "actor", "action", "object", "detail")
BATCH = 2000
_SECRET = "audit-head"


@dataclass(frozen=True)
class Query:
    """What to look for: parts of words, case aside, in who, what was done and to what; instants UTC milliseconds."""

    actor: str = ""
    action: str = ""
    object: str = ""
    text: str = ""
    from_ms: int = 0
    to_ms: int = 1 << 62


@dataclass(frozen=True)
class Entry:
    """One audited act; `detail` is its JSON object as text."""

    seq: int
    at: int
    actor: str
    action: str
    object: str
    detail: str


@dataclass(frozen=True)
class Anchor:
    """The head of the trail as it was once seen: entry `seq` had `hash`. `source` is keys or hub."""

    seq: int
    hash: bytes
    source: str
    at: int


@dataclass(frozen=True)
class Checked:
    """What a check found: entries that hold, and in both languages what is wrong (empty: nothing)."""

    entries: int
    head: Anchor
    wrong: str = ""
    wrong_zh: str = ""


@guarded
def search(store: Store, actor: str, query: Query, *, before: int | None = None, limit: int = 200) -> list[Entry]:
    """Entries that match, the newest first; `before` is the last entry of the page before."""
    with store.read() as connection:
        return list(_entries(connection, query, before, limit))


@guarded
def export_trail(store: Store, actor: str, query: Query, file: Path) -> int:
    """Write what matches as .csv or .jsonl, the newest first; the export itself is an entry. Returns the rows.

    Raises Known for another kind of file, or one that cannot be written.
    """
    if file.suffix not in (".csv", ".jsonl"):
        raise Known("The audit log is written as .csv or .jsonl.", "Choose such a name.", code=2)
    with store.read() as connection:
        found = list(_entries(connection, query, None, 1 << 62))
    with store.write(actor, "booking an export") as tx:
        tx.audit("export", "audit", rows=len(found), columns=list(COLUMNS), file=file.name)
        threats.look_at_exports(tx, store)
    try:
        with file.open("w", encoding="utf-8-sig" if file.suffix == ".csv" else "utf-8", newline="") as out:
            _write(out, found, lines=file.suffix == ".jsonl")
    except OSError as error:
        raise Known(f"{file.name} cannot be written: {error.strerror}.", "Choose another place.") from error
    return len(found)


def check_trail(store: Store) -> Checked:
    """Walk the chain and compare it with every anchor; a break raises an alert. Where all holds, the head is kept."""
    with store.read() as connection:
        report = audit.verify(connection, keys.derive(store.key, "audit"))
        last = connection.exec_driver_sql("SELECT coalesce(max(seq), 0) FROM audit_entry").scalar_one()
        lost = None if report.broken_at is not None else _lost(connection, anchors(store))
    head = Anchor(int(last), report.head, "keys", now_ms())
    if report.broken_at is None and lost is None:
        keep_anchor(store, head)
        return Checked(report.entries, head)
    wrong = f"entry {report.broken_at} was changed or removed"
    wrong_zh = f"第 {report.broken_at} 条记录被更改或删除"
    if lost is not None:
        wrong = f"entry {lost.seq}, which was kept elsewhere, is missing or another one"
        wrong_zh = f"另处保存的第 {lost.seq} 条记录缺失或不一致"
    with store.write("service", "raising an alert") as tx:
        threats.raise_alert(tx, store, "audit_broken", wrong, "critical", subject_en=wrong, subject_zh=wrong_zh)
    return Checked(report.entries, head, wrong, wrong_zh)


def keep_anchor(store: Store, anchor: Anchor) -> None:
    """Keep a head outside the store's file, beside the site's key: one of this machine's own, one of the hub's."""
    with store.read() as connection:
        text = json.dumps({"seq": anchor.seq, "hash": anchor.hash.hex(), "at": anchor.at, "epoch": _epoch(connection)})
    keys.keep_secret(store.site.id, f"{_SECRET}-{anchor.source}", text.encode())


def anchors(store: Store) -> list[Anchor]:
    """The heads that are kept of this epoch: this machine's and the hub's, where there are any.

    A restored store begins a new epoch, audited, with an older trail: heads from before it are no longer its own.
    """
    found = []
    with store.read() as connection:
        epoch = _epoch(connection)
    for source in ("keys", "hub"):
        kept = keys.read_secret(store.site.id, f"{_SECRET}-{source}")
        if kept is not None:
            told = json.loads(kept)
            if told["epoch"] == epoch:
                found.append(Anchor(int(told["seq"]), bytes.fromhex(told["hash"]), source, int(told["at"])))
    return found


def head(store: Store) -> Anchor:
    """The newest entry, as the hub is told of it after a push."""
    with store.read() as connection:
        row = connection.exec_driver_sql("SELECT seq, hash FROM audit_entry ORDER BY seq DESC LIMIT 1").one_or_none()
    return Anchor(int(row[0]), bytes(row[1]), "hub", now_ms()) if row else Anchor(0, audit.GENESIS, "hub", now_ms())


def _epoch(connection: Connection) -> str | None:
    found = connection.exec_driver_sql("SELECT value FROM meta WHERE name = 'epoch'").scalar()
    return None if found is None else str(found)


def _lost(connection: Connection, kept: list[Anchor]) -> Anchor | None:
    for anchor in kept:
        found = connection.exec_driver_sql("SELECT hash FROM audit_entry WHERE seq = ?", (anchor.seq,)).scalar()
        if anchor.seq and (found is None or bytes(found) != anchor.hash):
            return anchor
    return None


def _entries(connection: Connection, query: Query, before: int | None, limit: int) -> Iterator[Entry]:
    like = [f"%{_escaped(text)}%" for text in (query.actor, query.action, query.object, query.text)]
    rows = connection.exec_driver_sql(
        "SELECT seq, at, actor, action, object, detail FROM audit_entry WHERE at >= ? AND at < ? AND seq < ? "
        "AND actor LIKE ? ESCAPE '\\' AND action LIKE ? ESCAPE '\\' AND object LIKE ? ESCAPE '\\' "
        "AND detail LIKE ? ESCAPE '\\' ORDER BY seq DESC LIMIT ?",
        (query.from_ms, query.to_ms, before or (1 << 62), *like, limit),
    )
    return (Entry(*row) for row in rows.fetchall())


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _write(file: TextIO, found: list[Entry], *, lines: bool) -> None:
    if lines:
        for entry in found:
            file.write(json.dumps({**vars(entry), "detail": json.loads(entry.detail)}, ensure_ascii=False) + "\n")
        return
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows([[_safe(getattr(entry, name)) for name in COLUMNS] for entry in found])


def _safe(cell: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe (OWASP, CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
