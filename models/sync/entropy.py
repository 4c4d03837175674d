# ruff: noqa: S608 - names come from the declared tables, never from a user
"""Anti-entropy: what no rule of sync foresaw is found by comparing both ends, table by table and day by day.

A row is one canonical text (hub.row_text says which), a day is the number of its rows and the sum of their 64-bit
hashes. Where these differ, the day's rows are compared by key: what only one end has, both get, unless it was deleted;
of a fact that differs, the node's word counts that made it, of a record the hub's, which has every node's clocks.
Direct identifiers that are no part of a key do not take part: they are sealed for the row under which they were made.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from models.hub.schema import Relation, relations
from models.recovery import is_held
from models.store import Store
from models.sync import asking
from models.sync.cycle import open_session, sync_once
from models.sync.link import Link
from models.sync.page import Page, pk_text
from models.sync.pull import Taker
from models.sync.push import Session
from models.sync.quarantine import log_again
from models.sync.rows import chunks
from models.sync.sealing import keyed_columns
from models.tables import TABLES
from models.times import business_day, now_ms
from models.version import STORE

#: Days that are compared every night; of those before, every seventh is.
RECENT_DAYS = 40
ALL_DAYS = -1
COMPARED = "compared_version"

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Comparison:
    """What a comparison found: tables and days looked at, days that differed, rows sent again and taken anew."""

    tables: int
    days: int
    differing: int
    sent: int
    taken: int


@dataclass(frozen=True)
class _Day:
    """A day's rows and the sum of their hashes."""

    n: int = 0
    total: int = 0


def compare_with_hub(store: Store, link: Link, *, whole: bool = False, progress: Progress | None = None) -> Comparison:
    """Compare and mend. `whole` looks at every day; so does the first comparison after an update of Atrium, since the
    hub may have columns and tables that the version before did not know.

    Raises Offline or Known. Does nothing while what goes out is held after a restore.
    """
    if is_held(store):
        return Comparison(0, 0, 0, 0, 0)
    sync_once(store, link)
    with store.read() as connection:
        version = connection.exec_driver_sql("SELECT value FROM meta WHERE name = ?", (COMPARED,)).scalar()
    with open_session(store, link) as session:
        comparer = _Comparer(session, whole or version != str(STORE))
        for n, relation in enumerate(relations().values()):
            if progress:
                progress(n / len(relations()), relation.name)
            comparer.table(relation)
    if comparer.sent:
        sync_once(store, link)
    comparer.note()
    return Comparison(len(relations()), comparer.days, len(comparer.differing), comparer.sent, comparer.taken)


class _Comparer:
    """Compares table after table."""

    def __init__(self, session: Session, whole: bool) -> None:
        self.session, self.store = session, session.store
        self.taker = Taker(session)
        today, _ = business_day(now_ms(), self.store.site.zone, self.store.site.day_starts_minute)
        recent = date.fromisoformat(today) - timedelta(days=RECENT_DAYS)
        self.since = recent.isoformat()
        self.turn = ALL_DAYS if whole else date.fromisoformat(today).weekday()
        self.days = self.sent = self.taken = 0
        self.differing: list[tuple[str, str]] = []
        self._notes: list[tuple[str, str, int, int, str, int]] = []

    def table(self, relation: Relation) -> None:
        """Compare one table, mend the days that differ."""
        columns, parent = hashed_columns(relation), str(TABLES[relation.name].info.get("parent", ""))
        here = self._sums_here(relation, columns, parent)
        there = {
            day: _Day(int(n), int(total))
            for day, n, total in asking.ask(
                self.session.connection,
                "SELECT * FROM sync.sync_sums(%s, %s, %s, %s::date, %s)",
                (relation.name, columns, parent, self.since, self.turn),
            )
        }
        for day in sorted(here.keys() | there.keys()):
            mine, its = here.get(day, _Day()), there.get(day, _Day())
            self.days += 1
            if mine != its:
                self._mend(relation, columns, parent, day)
                self.differing.append((relation.name, day))
            self._notes.append((relation.name, day, mine.n, its.n, "same" if mine == its else "resent", now_ms()))

    def note(self) -> None:
        """Write down what was found."""
        with self.store.write("sync", "noting a comparison with the hub") as tx:
            tx.touch("entropy_check")
            tx.execute_many(
                "INSERT INTO entropy_check (tbl, day, rows_here, rows_hub, state, at) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET rows_here = excluded.rows_here, rows_hub = excluded.rows_hub, "
                "state = excluded.state, at = excluded.at",
                self._notes,
            )
            tx.connection.exec_driver_sql(
                "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (COMPARED, str(STORE)),
            )

    def _sums_here(self, relation: Relation, columns: Sequence[str], parent: str) -> dict[str, _Day]:
        source, day = _dated(relation, parent)
        where, parameters = "", list[Any]()
        if day != "''":
            turn = f"CAST(julianday({day}) - julianday('2000-01-03') AS INTEGER) % 7"
            where, parameters = f" WHERE {day} >= ? OR ? = -1 OR {turn} = ?", [self.since, self.turn, self.turn]
        sql = f"SELECT {day}, count(*), entropy({row_text(relation, columns)}) FROM {source}{where} GROUP BY 1"
        with self.store.read() as connection:
            self._prepare(connection.raw)
            return {str(d): _Day(int(n), int(total)) for d, n, total in connection.raw.execute(sql, parameters)}

    def _mend(self, relation: Relation, columns: Sequence[str], parent: str, day: str) -> None:
        """Make a day the same at both ends."""
        here = self._hashes_here(relation, columns, parent, day)
        there = {
            str(pk): int(value)
            for pk, value, _ in asking.ask(
                self.session.connection,
                "SELECT * FROM sync.sync_hashes(%s, %s, %s, %s::date)",
                (relation.name, columns, parent, day or None),
            )
        }
        differing = sorted(pk for pk in here.keys() | there.keys() if here.get(pk, (0, 0))[1] != there.get(pk, 0))
        for part in chunks(differing, 1000):
            self._mend_rows(relation, part, here)

    def _mend_rows(self, relation: Relation, keys: list[str], here: dict[str, tuple[Any, int]]) -> None:
        page = self.taker.fetch(relation.name, keys)
        mine = self._to_send(relation, page, here)
        if mine:
            refused = self._refused(relation)
            mine = [pk for pk in mine if here[pk][0] not in refused]
            with self.store.write("sync", "sending rows again that the hub has otherwise") as tx:
                for pk in mine:
                    key = here[pk][0]
                    log_again(tx, relation.channel, relation, [v.hex() if isinstance(v, bytes) else v for v in key])
            self.sent += len(mine)
        self.taken += self.taker.apply_fetched(relation.channel, page)

    def _to_send(self, relation: Relation, page: Page, here: dict[str, tuple[Any, int]]) -> list[str]:
        """Keys that the hub has to take from here; they leave the page."""
        table = page.tables[relation.name]
        sent = [gone.pk for gone in table.gone if page.fate.get(gone.pk) == "none" and gone.pk in here]
        for gone in table.gone:
            fate = page.fate.get(gone.pk, "none")
            if fate not in ("none", "dead"):
                page.aliases.append((relation.name, gone.key[0], bytes.fromhex(fate.replace("-", ""))))
        if not relation.record:
            own = {row.pk for row in table.rows if row.node == self.taker.me and row.pk in here}
            table.rows = [row for row in table.rows if row.pk not in own]
            sent += sorted(own)
        return sent

    def _hashes_here(
        self, relation: Relation, columns: Sequence[str], parent: str, day: str
    ) -> dict[str, tuple[Any, int]]:
        source, its_day = _dated(relation, parent)
        listed = ", ".join(f't."{name}"' for name in relation.key)
        where, parameters = ("", []) if its_day == "''" else (f" WHERE {its_day} = ?", [day])
        with self.store.read() as connection:
            self._prepare(connection.raw)
            sql = f"SELECT row_hash({row_text(relation, columns)}), {listed} FROM {source}{where}"
            rows = connection.raw.execute(sql, parameters).fetchall()
        return {pk_text(relation, key, self.taker.sealer): (tuple(key), int(value)) for value, *key in rows}

    def _refused(self, relation: Relation) -> set[tuple[Any, ...]]:
        """Keys that the hub refused: a person decides about these."""
        import json

        with self.store.read() as connection:
            found = connection.exec_driver_sql(
                "SELECT pk FROM sync_quarantine WHERE tbl = ? AND state IN ('open', 'dropped')", (relation.name,)
            ).scalars()
        return {
            tuple(
                bytes.fromhex(value) if relation.columns[name] in ("uuid", "bytea") else value
                for name, value in zip(relation.key, json.loads(pk), strict=True)
            )
            for pk in found
        }

    def _prepare(self, raw: Any) -> None:
        raw.create_function("seal", 4, self.taker.sealer.seal)
        raw.create_function("row_hash", 1, row_hash, deterministic=True)
        raw.create_function("ieee", 1, _ieee, deterministic=True)
        raw.create_aggregate("entropy", 1, _Sum)


class _Sum:
    """The sum of rows' hashes, as text since it may exceed 64 bits."""

    def __init__(self) -> None:
        self.total = 0

    def step(self, text: str) -> None:
        self.total += row_hash(text)

    def finalize(self) -> str:
        return str(self.total)


def hashed_columns(relation: Relation) -> list[str]:
    """The columns that are compared."""
    keyed = keyed_columns(relation)
    return [name for name in relation.columns if name not in relation.sealed or name in keyed]


def row_hash(text: str) -> int:
    """The first 64 bits of the text's MD5, as a signed number."""
    digest = hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def row_text(relation: Relation, columns: Sequence[str]) -> str:
    """SQL of a row's canonical text, its columns in this order; `t` is the table."""
    return " || char(31) || ".join(_item(relation, name) for name in columns)


def _item(relation: Relation, name: str) -> str:
    value, kind = f't."{name}"', relation.columns[name]
    if name in relation.sealed:
        value = f"seal('{relation.name}', '{name}', '', {value})"
    if kind in ("uuid", "bytea"):
        text = f"lower(hex({value}))"
    elif kind == "double precision":
        text = f"ieee({value})"
    else:
        text = f"CAST({value} AS TEXT)"
    return f"iif({value} IS NULL, char(30), {text})"


def _ieee(value: float | None) -> str | None:
    return None if value is None else struct.pack(">d", value).hex()


def _dated(relation: Relation, parent: str) -> tuple[str, str]:
    """The table and SQL of the day by which its rows are compared."""
    if parent:
        return (
            f'"{relation.name}" t JOIN "{parent}" p ON p.id = t."{relation.key[0]}"',
            f'p."{relations()[parent].day}"',
        )
    return f'"{relation.name}" t', f't."{relation.day}"' if relation.day else "''"
