"""Reads for the Segments page and the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engines.people.queries import Customer, customers_of
from engines.segments.codec import digest, from_json
from engines.segments.rule import Rule
from models.connection import Connection
from models.errors import Known
from models.store import Store

DAY_MS = 86_400_000


@dataclass(frozen=True)
class SegmentRow:
    """A line of the list. `change_7` and `change_30` compare the size with the one so many days ago (None: too new).

    `ran_at` is the last run over everyone (UTC ms, None before it), `drift` what it found.
    """

    code: str
    name: str
    name_zh: str | None
    state: str
    version: int
    people: int
    share: float
    change_7: int | None
    change_30: int | None
    ran_at: int | None
    drift: int | None
    pinned: int


@dataclass(frozen=True)
class Version:
    """A version of a rule: who saved it, when."""

    version: int
    rule: Rule
    sha256: str
    actor: str
    at: int


@dataclass(frozen=True)
class Member:
    """Someone of a segment, masked: since when and the code of the reason; `pin` is in, or empty."""

    key: tuple[int, bytes]
    person_id: bytes
    label: str
    card: str
    tier: str | None
    since: int
    why: str
    pin: str


@dataclass(frozen=True)
class Moved:
    """Someone who entered or left, masked; `version` is the rule whose conditions `why` numbers."""

    key: tuple[int, bytes]
    person_id: bytes
    label: str
    card: str
    at: int
    change: str
    why: str
    version: int


@dataclass(frozen=True)
class Pinned:
    """A person whom someone has pinned in or out."""

    person_id: bytes
    label: str
    card: str
    pin: str
    reason: str
    actor: str
    at: int


@dataclass(frozen=True)
class SizePoint:
    """The size after a run."""

    at: int
    size: int


@dataclass(frozen=True)
class Overlap:
    """Live segments by code with their sizes, and how many of row's people are in column's too."""

    codes: tuple[str, ...]
    sizes: tuple[int, ...]
    both: tuple[tuple[int, ...], ...]


_LIST = """
SELECT s.code, s.name, s.name_zh, s.state, s.version,
  (SELECT count(*) FROM segment_member m WHERE m.segment_id = s.id) AS people,
  (SELECT r.size FROM segment_run r WHERE r.segment_id = s.id AND r.at <= :week ORDER BY r.at DESC, r.id DESC LIMIT 1),
  (SELECT r.size FROM segment_run r WHERE r.segment_id = s.id AND r.at <= :month ORDER BY r.at DESC, r.id DESC LIMIT 1),
  (SELECT max(r.at) FROM segment_run r WHERE r.segment_id = s.id AND r.kind IN ('first', 'full')),
  (SELECT r.drift FROM segment_run r WHERE r.segment_id = s.id AND r.kind = 'full' ORDER BY r.id DESC LIMIT 1),
  (SELECT count(*) FROM segment_pin k WHERE k.segment_id = s.id)
FROM segment s ORDER BY s.state = 'archived', s.state = 'draft', people DESC, s.code
"""


def segments(store: Store, now: int) -> list[SegmentRow]:
    """Every segment: live ones by size, then drafts, then archived ones."""
    with store.read() as connection:
        whole = people(connection)
        rows = connection.exec_driver_sql(_LIST, {"week": now - 7 * DAY_MS, "month": now - 30 * DAY_MS}).fetchall()
    return [
        SegmentRow(
            code, name, zh, state, version, size, size / whole if whole else 0.0,
            None if week is None or state != "live" else size - week,
            None if month is None or state != "live" else size - month, ran, drift, pinned,
        )
        for code, name, zh, state, version, size, week, month, ran, drift, pinned in rows
    ]  # fmt: skip


def people(connection: Connection) -> int:
    """How many people there are who could belong."""
    return int(connection.exec_driver_sql("SELECT count(*) FROM person WHERE state = 'active'").scalar_one())


def versions(store: Store, code: str) -> list[Version]:
    """The versions of a segment's rule, the newest first. Raises Known for an unknown code or a changed rule."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT v.version, v.rule, v.sha256, v.actor, v.at FROM segment s "
            "JOIN segment_version v ON v.segment_id = s.id WHERE s.code = ? ORDER BY v.version DESC",
            (code,),
        ).fetchall()
    if not rows:
        raise Known(f"There is no segment '{code}'.", "Run: python main.py segments list", code=2)
    for version, text, sha, _, _ in rows:
        if digest(text) != sha:
            raise Known(f"Version {version} of the segment {code} is not what was saved.", "Save its rule anew.")
    return [Version(version, from_json(text), sha, actor, at) for version, text, sha, actor, at in rows]


def members(store: Store, code: str, *, limit: int = 100, after: tuple[int, bytes] | None = None) -> list[Member]:
    """The members, the newest first; `after` is the last row's key."""
    since, person = after or (None, None)
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT m.since, m.person_id, m.why, coalesce(k.pin, '') FROM segment s "
            "JOIN segment_member m ON m.segment_id = s.id "
            "LEFT JOIN segment_pin k ON k.segment_id = s.id AND k.person_id = m.person_id WHERE s.code = :code "
            "AND (:since IS NULL OR (m.since, m.person_id) < (:since, :person)) "
            "ORDER BY m.since DESC, m.person_id DESC LIMIT :limit",
            {"code": code, "since": since, "person": person, "limit": limit},
        ).fetchall()
    known = _named(store, [bytes(row[1]) for row in rows])
    return [Member((at, bytes(p)), bytes(p), *_shown(known.get(bytes(p))), at, why, pin) for at, p, why, pin in rows]


def moved(
    store: Store, code: str, *, change: str = "", limit: int = 100, after: tuple[int, bytes] | None = None
) -> list[Moved]:
    """Who entered or left (`change`, both where empty), the newest first."""
    at, person = after or (None, None)
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT d.at, d.person_id, d.change, d.why, r.version FROM segment s "
            "JOIN segment_delta d ON d.segment_id = s.id JOIN segment_run r ON r.id = d.run_id WHERE s.code = :code "
            "AND (:change = '' OR d.change = :change) "
            "AND (:at IS NULL OR (d.at, d.person_id) < (:at, :person)) "
            "ORDER BY d.at DESC, d.person_id DESC LIMIT :limit",
            {"code": code, "change": change, "at": at, "person": person, "limit": limit},
        ).fetchall()
    known = _named(store, [bytes(row[1]) for row in rows])
    return [
        Moved((when, bytes(p)), bytes(p), *_shown(known.get(bytes(p)))[:2], when, what, why, version)
        for when, p, what, why, version in rows
    ]


def pins(store: Store, code: str) -> list[Pinned]:
    """Everyone pinned in or out, the newest first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT k.person_id, k.pin, k.reason, k.actor, k.at FROM segment s "
            "JOIN segment_pin k ON k.segment_id = s.id WHERE s.code = ? ORDER BY k.at DESC",
            (code,),
        ).fetchall()
    known = _named(store, [bytes(row[0]) for row in rows])
    return [Pinned(bytes(p), *_shown(known.get(bytes(p)))[:2], *rest) for p, *rest in rows]


def sizes(store: Store, code: str, since: int) -> list[SizePoint]:
    """The size after each run since the instant; of runs of one day only the last, so that a line stays readable."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT max(r.at), r.size, max(r.id) FROM segment s JOIN segment_run r ON r.segment_id = s.id "
            "WHERE s.code = ? AND r.at >= ? GROUP BY r.day ORDER BY r.day",
            (code, since),
        ).fetchall()
    return [SizePoint(int(at), int(size)) for at, size, _ in rows]


def overlap(store: Store, codes: Iterable[str]) -> Overlap:
    """How many people any two of these live segments share."""
    wanted = tuple(dict.fromkeys(codes))
    marks = ", ".join("?" for _ in wanted)
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT s.code, t.code, count(*) FROM segment s JOIN segment_member a ON a.segment_id = s.id "  # noqa: S608
            f"CROSS JOIN segment_member b ON b.person_id = a.person_id JOIN segment t ON t.id = b.segment_id "
            f"WHERE s.code IN ({marks}) AND t.code IN ({marks}) GROUP BY 1, 2",
            (*wanted, *wanted),
        ).fetchall()
    found: Mapping[tuple[str, str], int] = {(a, b): int(n) for a, b, n in rows}
    return Overlap(
        wanted,
        tuple(found.get((code, code), 0) for code in wanted),
        tuple(tuple(found.get((a, b), 0) for b in wanted) for a in wanted),
    )


def segments_of(store: Store, person: bytes) -> list[tuple[str, str, str | None, int]]:
    """The live segments that a person belongs to: code, names, since when."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT s.code, s.name, s.name_zh, m.since FROM segment_member m JOIN segment s ON s.id = m.segment_id "
            "WHERE m.person_id = ? ORDER BY m.since DESC, s.code",
            (person,),
        ).fetchall()
    return [(str(code), str(name), zh, int(since)) for code, name, zh, since in rows]


def _named(store: Store, persons: list[bytes]) -> dict[bytes, Customer]:
    return customers_of(store, persons) if persons else {}


def _shown(customer: Customer | None) -> tuple[str, str, str | None]:
    return (customer.label, customer.card, customer.tier) if customer else ("", "", None)
