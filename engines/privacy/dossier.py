# ruff: noqa: S608 - names of tables and columns are the program's own
"""Everything the store holds about one person, read from every table that `reach` finds and every copy besides.

Access (GDPR art. 15, CCPA 1798.110, PIPL art. 45) gives all of it; portability (GDPR art. 20) what the person gave or
what was observed of them, not what was worked out from it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engines.people.identifiers import digest_key
from engines.privacy import copies
from engines.privacy.reach import Reach, reached
from engines.privacy.subject import Subject, subject_of
from engines.privacy.traces import Traces
from models.connection import Connection
from models.store import Store
from models.tables import TABLES

#: What a person gave or did, in the sense of GDPR article 20(1); the guidelines WP 242 count observed data in.
GIVEN = ("member", "identifier", "person_attr", "consent_decision", "sale", "sale_line", "activity")
#: Digests that only mean something under the site's key.
_HIDDEN = frozenset({"value_hmac"})
AUDIT = "audit_entry"
_AMONG = "IN (SELECT unhex(value) FROM json_each(?))"


@dataclass(frozen=True)
class Part:
    """One table's rows about a person: `columns` in the table's order, ids as hexadecimal text."""

    table: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Dossier:
    """What the store holds about a person."""

    person: bytes
    kind: str
    parts: tuple[Part, ...]

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(len(part.rows) for part in self.parts)

    def part(self, table: str) -> list[dict[str, Any]]:
        """A table's rows as mappings; empty where there are none."""
        return [dict(zip(p.columns, row, strict=True)) for p in self.parts if p.table == table for row in p.rows]


def collect(store: Store, person: bytes, kind: str = "access") -> Dossier:
    """Read it all in one view of the store; `kind` portability leaves out what was worked out. Raises Known where there
    is no such person."""
    with store.read() as connection:
        subject = subject_of(connection, person)
        parts = list(_tables(connection, subject, kind))
        if kind != "portability":
            parts += _copies(connection, store, subject)
            parts += _audit(connection, subject)
    return Dossier(subject.person, kind, tuple(part for part in parts if part.rows))


def _tables(connection: Connection, subject: Subject, kind: str) -> Iterable[Part]:
    found: dict[str, list[bytes]] = {}
    for reach in reached():
        if kind == "portability" and reach.name not in GIVEN:
            continue
        if reach.parent is None:
            rows = _rows(connection, reach, subject)
            if reach.name == "sale":
                found["sale"] = [row[0] for row in rows]
            yield _part(reach.name, rows)
    for reach in reached():
        if reach.parent is not None and found.get(reach.parent):
            column = f"{reach.parent}_id"
            yield _part(
                reach.name, _select(connection, reach.name, f'"{column}" {_AMONG}', _marks(found[reach.parent]))
            )


def _rows(connection: Connection, reach: Reach, subject: Subject) -> list[Any]:
    """The rows that any column leads to, once each."""
    tests, given = [], []
    for kind, columns in reach.columns.items():
        ids = subject.ids(kind)
        if kind in ("identifier", "digest") and reach.name not in ("sale", "activity", "consent_decision"):
            ids = [s.id if kind == "identifier" else s.digest for s in subject.signs]  # a lent sign is theirs as well
        for column in columns:
            tests.append(f'"{column}" {_AMONG}')
            given.append(_marks(ids))
    return _select(connection, reach.name, " OR ".join(tests), *given)


def _select(connection: Connection, table: str, where: str, *given: str) -> list[Any]:
    names = ", ".join(f'"{c.name}"' for c in TABLES[table].columns)
    order = ", ".join(f'"{c.name}"' for c in TABLES[table].primary_key.columns)
    return connection.exec_driver_sql(f'SELECT {names} FROM "{table}" WHERE {where} ORDER BY {order}', given).fetchall()


def _copies(connection: Connection, store: Store, subject: Subject) -> Iterable[Part]:
    """Copies that speak of the person, but for the log's, which repeat rows that are here anyway."""
    traces = Traces.of([subject], digest_key(store.key), store.site.country)
    keys: dict[str, list[tuple[Any, ...]]] = {}
    for table, key in copies.speaking(connection, traces, log=False):
        keys.setdefault(table, []).append(key)
    replaced = f"SELECT id FROM intake_before WHERE tbl = 'member' AND pk {_AMONG} ORDER BY id"
    marks = _marks(subject.members)
    made = {(n,) for n in connection.exec_driver_sql(replaced, (marks,)).scalars()}
    keys["intake_before"] = sorted(made.union(keys.get("intake_before", ())))
    for table, found in keys.items():
        where = " AND ".join(f'"{c.name}" = ?' for c in TABLES[table].primary_key.columns)
        names = ", ".join(f'"{c.name}"' for c in TABLES[table].columns)
        sql = f'SELECT {names} FROM "{table}" WHERE {where}'
        yield _part(table, [connection.exec_driver_sql(sql, key).one() for key in found])


def _audit(connection: Connection, subject: Subject) -> Iterable[Part]:
    """When their data were looked at, exported or changed, and why; not by which employee (CJEU C-579/21)."""
    objects = json.dumps([f"person/{p.hex()}" for p in subject.persons])
    rows = connection.exec_driver_sql(
        f"SELECT at, action, detail FROM {AUDIT} WHERE object IN (SELECT value FROM json_each(?)) ORDER BY seq",
        (objects,),
    ).fetchall()
    yield Part(AUDIT, _about(AUDIT), ("at", "action", "detail"), tuple(tuple(row) for row in rows))


def _part(table: str, rows: Iterable[Any]) -> Part:
    names = [c.name for c in TABLES[table].columns]
    shown = [n for n, name in enumerate(names) if name not in _HIDDEN]
    plain = tuple(tuple(_plain(row[n]) for n in shown) for row in rows)
    return Part(table, _about(table), tuple(names[n] for n in shown), plain)


def _about(table: str) -> str:
    """The first sentence of what the table is, from its declaration."""
    from models.tables import Row

    about = next((m.class_.__doc__ for m in Row.registry.mappers if m.local_table.name == table), "")  # type: ignore[attr-defined]
    return " ".join((about or "").split("\n\n")[0].split())


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _marks(ids: Iterable[bytes]) -> str:
    return json.dumps([i.hex() for i in ids])
