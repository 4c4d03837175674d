"""What a person sees of sync: each channel's place, the site's nodes, what was refused, decided and compared."""

from __future__ import annotations

from dataclasses import dataclass

from models.store import Store
from models.sync.state import Freshness, freshness

NEWEST = 200


@dataclass(frozen=True)
class Channel:
    """One channel: rows sent and taken since the site joined, when last, and why it stands still."""

    channel: str
    pushed_rows: int
    pulled_rows: int
    pushed_at: int | None
    pulled_at: int | None
    failures: int
    trouble: str | None


@dataclass(frozen=True)
class Node:
    """A node of the site as the hub last told."""

    name: str
    mine: bool
    program: str | None
    store_version: int | None
    seen_at: int | None


@dataclass(frozen=True)
class Refused:
    """A change that the hub refused."""

    id: bytes
    table: str
    key: str
    error: str
    first_seen: int
    state: str


@dataclass(frozen=True)
class Decided:
    """A field that two nodes had changed: what stands, what gave way, and whose it was."""

    table: str
    key: str
    field: str
    kept: str | None
    lost: str | None
    lost_node: str | None
    at: int


@dataclass(frozen=True)
class Compared:
    """A table's last comparison with the hub: days that agreed, days that were sent again."""

    table: str
    same: int
    resent: int
    at: int


@dataclass(frozen=True)
class Overview:
    """Everything of sync at once; the lists hold the newest 200 rows."""

    fresh: Freshness
    channels: tuple[Channel, ...]
    nodes: tuple[Node, ...]
    refused: tuple[Refused, ...]
    decided: tuple[Decided, ...]
    compared: tuple[Compared, ...]


def overview(store: Store) -> Overview:
    """What there is to know of sync now."""
    fresh = freshness(store)
    with store.read() as connection:
        ask = connection.exec_driver_sql
        channels = ask(
            "SELECT channel, pushed_rows, pulled_rows, pushed_at, pulled_at, failures, ifnull(stopped, last_error) "
            "FROM sync_state ORDER BY channel"
        ).fetchall()
        nodes = ask(
            "SELECT name, mine, program, store_version, seen_at FROM sync_node ORDER BY mine DESC, name"
        ).fetchall()
        refused = ask(
            "SELECT id, tbl, pk, error, first_seen, state FROM sync_quarantine ORDER BY state <> 'open', "
            "first_seen DESC LIMIT ?",
            (NEWEST,),
        ).fetchall()
        decided = ask(
            "SELECT tbl, pk, field, kept, lost, lost_node, at FROM sync_conflict ORDER BY at DESC LIMIT ?", (NEWEST,)
        ).fetchall()
        compared = ask(
            "SELECT tbl, sum(state = 'same'), sum(state <> 'same'), max(at) FROM entropy_check "
            "GROUP BY tbl ORDER BY tbl"
        ).fetchall()
    return Overview(
        fresh,
        tuple(Channel(*row) for row in channels),
        tuple(Node(row[0], bool(row[1]), *row[2:]) for row in nodes),
        tuple(Refused(*row) for row in refused),
        tuple(Decided(*row) for row in decided),
        tuple(Compared(*row) for row in compared),
    )
