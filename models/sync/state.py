"""How far this node and the hub have come with each other, as the node remembers it, and what a person is told of it.

The true cursor is the hub's. What is kept here spares a search: `acked_part` is the hub's cursor as last heard, and
`acked_seq` how far the log was looked through beyond it without finding anything for the channel.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from models.connection import Connection
from models.store import Store
from models.sync.link import has_link
from models.times import now_ms

CHANNELS = ("core", "telemetry")
FIRST_WAIT_MS, LONGEST_WAIT_MS = 1_000, 300_000


@dataclass
class ChannelState:
    """One channel's place; `hlc` is the newest clock sent or taken."""

    channel: str
    epoch: str
    looked: int = 0
    heard: str = ""
    hlc: int = 0
    stopped: str | None = None


@dataclass(frozen=True)
class Freshness:
    """What the badge shows. `ok_at` is when everything was last sent and taken; `waiting` changes are not at the hub.

    `joined` is False for a site that has joined no hub; `stopped` says why a channel stands still for a person;
    `quarantined` rows wait for one; `behind_ms` is the age of the oldest change that waits.
    """

    joined: bool
    ok_at: int | None
    last_error: str | None
    stopped: str | None
    waiting: int
    quarantined: int
    behind_ms: int
    next_try_at: int | None


def freshness(store: Store) -> Freshness:
    """How fresh the hub's picture of this node is, and this node's of the hub."""
    with store.read() as connection:
        states = connection.exec_driver_sql(
            "SELECT channel, acked_seq, min(pushed_at, ifnull(pulled_at, pushed_at)), last_error, stopped, next_try_at "
            "FROM sync_state"
        ).fetchall()
        seen = {row[0]: int(row[1]) for row in states}
        waiting, oldest = 0, None
        for channel in CHANNELS:
            n, at = connection.exec_driver_sql(
                "SELECT count(*), min(at) FROM change_log WHERE seq > ? AND channel = ?",
                (seen.get(channel, 0), channel),
            ).one()
            waiting, oldest = waiting + n, min(filter(None, (oldest, at)), default=None)
        kept = connection.exec_driver_sql("SELECT count(*) FROM sync_quarantine WHERE state = 'open'").scalar_one()
    oks = [row[2] for row in states]
    return Freshness(
        joined=has_link(store.site),
        ok_at=min(oks) if oks and None not in oks else None,
        last_error=next((row[3] for row in states if row[3]), None),
        stopped=next((row[4] for row in states if row[4]), None),
        waiting=waiting,
        quarantined=int(kept),
        behind_ms=max(0, now_ms() - oldest) if oldest else 0,
        next_try_at=max((row[5] for row in states if row[5]), default=None),
    )


def hub_mark(store: Store) -> int | None:
    """The last row of the change log that the hub has of every channel; None where the site has joined no hub.

    Rows beyond it must not be purged: the site would have to send everything.
    """
    if not has_link(store.site):
        return None
    with store.read() as connection:
        seen = dict(connection.exec_driver_sql("SELECT channel, acked_seq FROM sync_state").fetchall())
    return min(int(seen.get(channel, 0)) for channel in CHANNELS)


def read_state(connection: Connection, channel: str) -> ChannelState:
    """The channel's place; a new one where nothing was ever sent."""
    row = connection.exec_driver_sql(
        "SELECT epoch, acked_seq, acked_part, hlc, stopped FROM sync_state WHERE channel = ?", (channel,)
    ).one_or_none()
    return ChannelState(channel, row[0], row[1], row[2] or "", row[3], row[4]) if row else ChannelState(channel, "")


def keep_state(connection: Connection, state: ChannelState, rows: int) -> None:
    """Write the channel's place after `rows` more rows were confirmed."""
    connection.exec_driver_sql(
        "INSERT INTO sync_state (channel, epoch, acked_seq, acked_part, hlc, pulled_xid, pulled_rev, pushed_rows, "
        "pulled_rows, failures) VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, ?6, 0, 0) ON CONFLICT (channel) DO UPDATE SET "
        "epoch = excluded.epoch, acked_seq = excluded.acked_seq, acked_part = excluded.acked_part, "
        "hlc = max(hlc, excluded.hlc), pushed_rows = pushed_rows + excluded.pushed_rows",
        (state.channel, state.epoch, state.looked, state.heard, state.hlc, rows),
    )


def note_success(connection: Connection) -> None:
    """Everything has been sent and taken."""
    connection.exec_driver_sql(
        "UPDATE sync_state SET pushed_at = ?1, pulled_at = ?1, last_error = NULL, failures = 0, next_try_at = NULL",
        (now_ms(),),
    )


def note_failure(connection: Connection, epoch: str, why: str) -> None:
    """A round failed: the next is tried after a wait that doubles from a second to five minutes, by chance shorter.

    Without the chance all nodes of a chain would come back at the same moment.
    """
    for channel in CHANNELS:
        connection.exec_driver_sql(
            "INSERT INTO sync_state (channel, epoch, acked_seq, hlc, pulled_xid, pulled_rev, pushed_rows, pulled_rows, "
            "failures) VALUES (?, ?, 0, 0, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING",
            (channel, epoch),
        )
    failures = int(connection.exec_driver_sql("SELECT max(failures) FROM sync_state").scalar_one()) + 1
    connection.exec_driver_sql(
        "UPDATE sync_state SET last_error = ?, failures = ?, next_try_at = ?",
        (why, failures, now_ms() + wait(failures)),
    )


def wait(failures: int) -> int:
    """Milliseconds until the next try after so many failures in a row."""
    longest = min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** min(failures - 1, 20))
    return int(longest * random.uniform(0.5, 1))


def due(store: Store) -> bool:
    """Whether the wait after a failure is over."""
    with store.read() as connection:
        at = connection.exec_driver_sql("SELECT max(next_try_at) FROM sync_state").scalar()
    return at is None or at <= now_ms() or at > now_ms() + LONGEST_WAIT_MS  # a clock set back keeps nobody waiting
