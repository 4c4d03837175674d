"""Reads of recommendations and next actions. Whoever is shown an action is asked again whether it is allowed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from engines.consent.queries import may_contact
from engines.picks.evidence import ACTIONS
from models.connection import Connection
from models.store import Store

TOP = 3
_PICKED = "SELECT basis, refused, picks FROM person_pick WHERE person_id = ?"
_SHOPS = (
    "SELECT i.number, i.code, t.name, coalesce(t.name_zh, t.name), i.price_minor FROM pick_item i "
    "JOIN tenant t ON t.id = i.tenant_id WHERE i.number IN (SELECT value FROM json_each(?))"
)
_ACTION = (
    "SELECT person_id, action, blocked, wanted, subject, channel, channel_basis, minute, hour_basis, opens, "
    "probability, stake_minor, cost_minor, expected_minor, evidence, confidence, ranked, as_of FROM next_action"
)
_SUBJECT = (
    "SELECT name, coalesce(name_zh, name) FROM tenant WHERE code = :code UNION ALL "
    "SELECT name, coalesce(name_zh, name) FROM campaign WHERE code = :code UNION ALL "
    "SELECT name, coalesce(name_zh, name) FROM occasion WHERE code = :code LIMIT 1"
)
# Both lists are short beside the people: signs that may not be written to, and the people who hold them.
_SUPPRESSED = """
SELECT DISTINCT o.person_id, s.channel FROM suppression s CROSS JOIN identifier i ON i.value_hmac = s.value_hmac
CROSS JOIN identifier_owner o ON o.identifier_id = i.id WHERE s.at <= :now AND (s.until IS NULL OR s.until > :now)
"""


@dataclass(frozen=True)
class Pick:
    """A shop to show: the chance of a purchase within the window, why, and the shop that the reason names ('' for
    none); `new` where the person has not bought there. `basis` is blend, rules or popular."""

    code: str
    name: str
    name_zh: str
    chance: float
    because: str
    other: str
    other_zh: str
    new: bool
    basis: str


@dataclass(frozen=True)
class Action:
    """A person's row of `next_action`; see there. `subject_name` is the shop's, campaign's or occasion's."""

    person_id: bytes
    action: str
    blocked: str
    wanted: str
    subject: str
    channel: str
    channel_basis: str
    minute: int | None
    hour_basis: str
    opens: int
    probability: float
    stake_minor: int
    cost_minor: int
    expected_minor: int
    evidence: str
    confidence: str
    ranked: str
    as_of: str
    subject_name: str = ""
    subject_name_zh: str = ""


@dataclass(frozen=True)
class Model:
    """What the lists rest on; see the table `pick_model`."""

    version: int
    as_of: str
    window_days: int
    people: int
    buyers: int
    pairs: int
    items: int
    personal: bool
    blended: int
    by_rules: int
    popular: int
    refused: int
    ridge: float | None
    weights: Mapping[str, Mapping[str, float]]
    covered: float
    listed_gini: float


@dataclass(frozen=True)
class Tested:
    """A method's figure on the last window with its 95 % interval; see the table `pick_test`."""

    among: str
    method: str
    metric: str
    value: float
    low: float
    high: float
    people: int


@dataclass(frozen=True)
class Shop:
    """A trading shop: its buyers, and in how many lists it stands; see the table `pick_item`."""

    code: str
    name: str
    name_zh: str
    buyers: int
    buyers_lately: int
    listed: int
    listed_new: int
    best: int


@dataclass(frozen=True)
class Proof:
    """What held-out people say an action changes; see the table `action_evidence`."""

    action: str
    campaigns: int
    sent: int
    held: int
    effect: float | None
    low: float | None
    high: float | None
    state: str


@dataclass(frozen=True)
class Mix:
    """People by action and, where there is none, by reason; what the actions are expected to bring (minor units)."""

    action: str
    blocked: str
    people: int
    expected_minor: int


def picks_of(store: Store, person: bytes, limit: int = 10) -> list[Pick]:
    """A person's shops, the best first; none before the engine has answered."""
    with store.read() as connection:
        return picks_on(connection, person, limit)


def picks_on(connection: Connection, person: bytes, limit: int = 10) -> list[Pick]:
    """The same within a read that is under way."""
    row = connection.exec_driver_sql(_PICKED, (person,)).one_or_none()
    if row is None:
        return []
    basis, _, told = row
    listed: list[list[Any]] = json.loads(told)[:limit]
    wanted = {number for pick in listed for number in (pick[0], pick[3]) if number is not None}
    shops = {r[0]: r[1:] for r in connection.exec_driver_sql(_SHOPS, (json.dumps(sorted(wanted)),)).fetchall()}
    found = []
    for number, chance, because, other, new in listed:
        code, name, name_zh, _ = shops[number]
        _, named, named_zh, _ = shops[other] if other is not None else ("", "", "", 0)
        found.append(Pick(code, name, name_zh, chance, because, named, named_zh, bool(new), basis))
    return found


def action_of(store: Store, person: bytes, at_ms: int) -> Action | None:
    """What to do about a person now; None before the engine has answered."""
    with store.read() as connection:
        row = connection.exec_driver_sql(f"{_ACTION} WHERE person_id = ?", (person,)).one_or_none()
    return _now(store, [Action(*row)], at_ms)[0] if row else None


def actions(
    store: Store,
    action: str,
    at_ms: int,
    *,
    blocked: str = "",
    limit: int = 100,
    after: tuple[int, bytes] | None = None,
) -> list[Action]:
    """People of an action (of a reason, where there is none), those worth most first; `after` is the last row's
    (expected_minor, person_id). Who may not be contacted any more stays in the list, with the reason."""
    expected, person = after or (None, None)
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            f"{_ACTION} WHERE action = :action AND (:blocked = '' OR blocked = :blocked) "
            "AND (:expected IS NULL OR (expected_minor, person_id) < (:expected, :person)) "
            "ORDER BY expected_minor DESC, person_id DESC LIMIT :limit",
            {"action": action, "blocked": blocked, "expected": expected, "person": person, "limit": limit},
        ).fetchall()
    return _now(store, [Action(*row) for row in rows], at_ms)


def mix(store: Store, at_ms: int) -> list[Mix]:
    """People by action and reason as of the last run; who is suppressed is told apart, as only the store knows that."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT action, blocked, count(*), sum(expected_minor) FROM next_action GROUP BY 1, 2"
        ).fetchall()
        shut = _suppressed(connection, at_ms)
    counts = {(a, b): [n, money] for a, b, n, money in rows}
    for action, expected in shut:
        counts[action, ""][0] -= 1
        counts[action, ""][1] -= expected
        taken = counts.setdefault(("none", "suppressed"), [0, 0])
        taken[0] += 1
    order = {name: i for i, name in enumerate((*ACTIONS, "none"))}
    found = [Mix(a, b, n, money) for (a, b), (n, money) in counts.items() if n]
    return sorted(found, key=lambda m: (order[m.action], -m.people, m.blocked))


def model(store: Store) -> Model | None:
    """What the lists rest on, None before the engine has answered."""
    names = [field.name for field in fields(Model)]
    with store.read() as connection:
        row = connection.exec_driver_sql(f"SELECT {', '.join(names)} FROM pick_model").one_or_none()  # noqa: S608
    if row is None:
        return None
    told: dict[str, Any] = dict(zip(names, row, strict=True))
    return Model(**{**told, "personal": bool(told["personal"]), "weights": json.loads(told["weights"])})


def tests(store: Store) -> list[Tested]:
    """Every figure of the offline test."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT among, method, metric, value, low, high, people FROM pick_test ORDER BY among, method, metric"
        ).fetchall()
    return [Tested(*row) for row in rows]


def shops(store: Store) -> list[Shop]:
    """Trading shops, those in most lists first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT i.code, t.name, coalesce(t.name_zh, t.name), i.buyers, i.buyers_lately, i.listed, i.listed_new, "
            "i.best FROM pick_item i JOIN tenant t ON t.id = i.tenant_id WHERE i.trading = 1 "
            "ORDER BY i.listed DESC, i.code"
        ).fetchall()
    return [Shop(*row) for row in rows]


def evidence(store: Store) -> list[Proof]:
    """What held-out people say, by action."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT action, campaigns, sent, held, effect, low, high, state FROM action_evidence"
        ).fetchall()
    order = {name: i for i, name in enumerate(ACTIONS)}
    return sorted((Proof(*row) for row in rows), key=lambda p: order.get(p.action, len(order)))


def _suppressed(connection: Connection, at_ms: int) -> list[tuple[str, int]]:
    """Action and expected value of everyone who would be written to through a suppressed sign."""
    shut: dict[bytes, set[str]] = {}
    for person, channel in connection.exec_driver_sql(_SUPPRESSED, {"now": at_ms}).fetchall():
        shut.setdefault(bytes(person), set()).add(channel)
    rows = connection.exec_driver_sql(
        "SELECT n.person_id, n.action, n.channel, n.expected_minor FROM json_each(:people) asked "
        "CROSS JOIN next_action n ON n.person_id = unhex(asked.value) WHERE n.action <> 'none'",
        {"people": json.dumps(sorted(p.hex() for p in shut))},
    ).fetchall()
    return [(action, money) for p, action, channel, money in rows if shut[bytes(p)] & {channel, "any"}]


def _now(store: Store, rows: Sequence[Action], at_ms: int) -> list[Action]:
    """The rows as consent and policy stand at this instant, with names."""
    doors: dict[tuple[bytes, str], str] = {}
    for purpose, channel in sorted({_through(row) for row in rows if row.action != "none"}):
        asked = [row.person_id for row in rows if row.action != "none" and _through(row) == (purpose, channel)]
        doors |= {
            (p, channel): g.reason for p, g in may_contact(store, asked, purpose, channel, at_ms).items() if not g.yes
        }
    names = _names(store, {row.subject for row in rows if row.subject})
    found = []
    for row in rows:
        name, name_zh = names.get(row.subject, ("", ""))
        one = replace(row, person_id=bytes(row.person_id), subject_name=name, subject_name_zh=name_zh)
        why = doors.get((row.person_id, row.channel))
        found.append(
            replace(one, action="none", blocked=why, wanted=row.action, channel="", minute=None, confidence="")
            if why else one
        )  # fmt: skip
    return found


def _through(row: Action) -> tuple[Literal["research", "marketing"], str]:
    return ("research" if row.action == "feedback" else "marketing"), row.channel


def _names(store: Store, codes: Iterable[str]) -> dict[str, tuple[str, str]]:
    with store.read() as connection:
        found = {code: connection.exec_driver_sql(_SUBJECT, {"code": code}).one_or_none() for code in sorted(codes)}
    return {code: (row[0], row[1]) for code, row in found.items() if row is not None}
