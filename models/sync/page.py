"""A page of the hub's changes as the node reads it: rows in the store's own types, direct identifiers opened."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.hub.schema import Relation, relations
from models.sync.sealing import Sealer, row_key

#: The clock of the office's reference data, which no node's change passes (hub/reference.sql).
FURTHEST = 1 << 62
#: What no hub and no other node may say: a demo mall lets everybody in (models.rights.closed).
OWN = frozenset({("site", "demo")})
#: What JSON gives for values of a store.
VALUES = frozenset({str, int, float, type(None)})
#: The ids by which a row went before, as `row_key` writes them: (table, key) to those.
FormerKeys = Callable[[str, Sequence[Any]], list[str]]


class TornPage(Exception):
    """What arrived is not what the hub sent: the page is asked for again."""


@dataclass(slots=True)
class Incoming:
    """A row as it stands at the hub. `clocks` holds [hlc, node, xid] for columns changed since its insertion."""

    pk: str
    key: tuple[Any, ...]
    values: dict[str, Any]
    hlc: int
    node: str
    xid: int
    clocks: dict[str, list[Any]]

    def clock(self, column: str) -> tuple[int, str, int]:
        """The clock, node and transaction of a column's value."""
        hlc, node, xid = self.clocks.get(column) or (self.hlc, self.node, self.xid)
        return int(hlc), str(node), int(xid)

    def newest(self) -> int:
        """The newest clock in the row."""
        return max([self.hlc, *(int(clock[0]) for clock in self.clocks.values())])


@dataclass(slots=True)
class Gone:
    """A key that has no row at the hub; `hlc` is the clock of its deletion, None where it is only unknown."""

    pk: str
    key: tuple[Any, ...]
    hlc: int | None


@dataclass(slots=True)
class TablePage:
    """The part of a page that is about one table."""

    relation: Relation
    columns: tuple[str, ...]
    rows: list[Incoming] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    """A page. `aliases` are (table, id, canonical id), `central` (table, pk) of rows that the chain's office set.

    `fate` tells of keys without a row when they were asked for by name: dead, none, or the id that stands.
    `broken` are (table, pk, why) of rows that could not be read; `hlc` is the newest clock.
    """

    hlc: int = 0
    tables: dict[str, TablePage] = field(default_factory=dict)
    aliases: list[tuple[str, bytes, bytes]] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    central: list[tuple[str, str]] = field(default_factory=list)
    fate: dict[str, str] = field(default_factory=dict)
    broken: list[tuple[str, str, str]] = field(default_factory=list)


def read_page(body: str, rows: int, digest: str, sealer: Sealer, former: FormerKeys) -> Page:
    """The page in `body`. Raises TornPage where its hash or its number of rows is not what the hub said.

    Tables and columns that this version does not know stay at the hub: after an update the nightly comparison
    brings them.
    """
    if hashlib.md5(body.encode(), usedforsecurity=False).hexdigest() != digest:
        raise TornPage("the hash differs")
    try:
        return _read(json.loads(body), rows, sealer, former)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OverflowError) as error:
        raise TornPage(f"it is no page: {type(error).__name__}") from error


def _read(told: dict[str, Any], rows: int, sealer: Sealer, former: FormerKeys) -> Page:
    page = Page(hlc=_clock(told["hlc"]), conflicts=told["conflicts"], fate=told.get("fate", {}))
    page.aliases = [(tbl, _id(old), _id(new)) for tbl, old, new in told["alias"] if tbl in relations()]
    count = len(told["alias"]) + len(told["conflicts"])
    for part in told["tables"]:
        count += len(part["rows"]) + len(part["gone"])
        relation = relations().get(part["t"])
        if relation is not None:
            page.tables[relation.name] = _read_table(relation, part, page, sealer, _with(former, page))
    if count != rows:
        raise TornPage(f"{count} rows instead of {rows}")
    page.central = [(tbl, pk) for tbl, keys in told["central"] for pk in keys if tbl in relations()]
    return page


def _with(former: FormerKeys, page: Page) -> FormerKeys:
    """The ids that the store knows and those that this page tells of."""

    def known(table: str, key: Sequence[Any]) -> list[str]:
        told = [row_key([old]) for tbl, old, new in page.aliases if tbl == table and [new] == list(key)]
        return told + former(table, key)

    return known


def key_of(relation: Relation, pk: str, sealer: Sealer) -> tuple[Any, ...]:
    """The store's key from the hub's text of it."""
    values = []
    for name, text in zip(relation.key, pk.split("\x1f"), strict=True):
        value = _converter(relation.columns[name])(text)
        values.append(sealer.open(relation.name, name, [""], value) if name in relation.sealed else value)
    return tuple(values)


def pk_text(relation: Relation, key: Sequence[Any], sealer: Sealer) -> str:
    """The hub's text of a key of the store."""
    parts = []
    for name, given in zip(relation.key, key, strict=True):
        value = sealer.seal(relation.name, name, "", given) if name in relation.sealed else given
        if isinstance(value, bytes):
            text = value.hex()
            dashed = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
            parts.append(dashed if relation.columns[name] == "uuid" else f"\\x{text}")
        else:
            parts.append(str(value))
    return "\x1f".join(parts)


def _read_table(relation: Relation, part: dict[str, Any], page: Page, sealer: Sealer, former: FormerKeys) -> TablePage:
    known = [
        (n, name) for n, name in enumerate(part["c"], 1)
        if name in relation.columns and (relation.name, name) not in OWN
    ]  # fmt: skip
    convert = [(name, _converter(relation.columns[name])) for _, name in known if _changes(relation.columns[name])]
    table, width = TablePage(relation, tuple(name for _, name in known)), len(part["c"])
    names = [name for _, name in known]
    whole = [n for n, _ in known] == list(range(1, width + 1))
    for raw in part["rows"]:
        given = raw[1 : width + 1] if whole else [raw[n] for n, _ in known]
        if not VALUES.issuperset(map(type, given)):
            raise TornPage(f"a value of {relation.name} is of no kind that a store has")
        values = dict(zip(names, given, strict=True))
        for name, converter in convert:
            if values[name] is not None:
                values[name] = converter(values[name])
        try:
            if relation.sealed:
                _open(relation, values, sealer, former)
        except ValueError as error:
            page.broken.append((relation.name, str(raw[0]), str(error)))
            continue
        key = tuple(values[name] for name in relation.key)
        hlc, node, xid, clocks = raw[width + 1 :]
        for at, _, _ in clocks.values() if clocks else ():
            _clock(at)
        table.rows.append(Incoming(str(raw[0]), key, values, _clock(hlc), str(node), int(xid or 0), clocks or {}))
    table.gone = [
        Gone(str(pk), key_of(relation, pk, sealer), None if hlc is None else _clock(hlc)) for pk, hlc in part["gone"]
    ]
    return table


def _open(relation: Relation, values: dict[str, Any], sealer: Sealer, former: FormerKeys) -> None:
    """Open what is sealed; a column of the key first, since the others are bound to the key."""
    for name in sorted(relation.sealed, key=lambda name: name not in relation.key):
        if values.get(name) is None:
            continue
        key = [values[part] for part in relation.key]
        try:
            values[name] = sealer.open(relation.name, name, [row_key(key)], values[name])
        except ValueError:
            values[name] = sealer.open(relation.name, name, former(relation.name, key), values[name])


def _clock(value: Any) -> int:
    """A clock. Raises ValueError for one that this node could never pass: it would never write again."""
    if type(value) is not int or not 0 <= value <= FURTHEST:
        raise ValueError("a clock that cannot be")
    return value


def _changes(kind: str) -> bool:
    return kind in ("uuid", "bytea", "double precision")


def _converter(kind: str) -> Callable[[Any], Any]:
    if kind == "uuid":
        return _id
    if kind == "bytea":
        return lambda text: bytes.fromhex(text[2:])
    if kind == "bigint":
        return int
    return float if kind == "double precision" else str


def _id(text: str) -> bytes:
    return bytes.fromhex(text.replace("-", ""))
