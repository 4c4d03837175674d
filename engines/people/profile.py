"""What the mall knows of one customer, masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engines.people.masking import mask_name, mask_value
from engines.people.months import months_between
from engines.people.quality import ALIKE
from engines.rfm.queries import Scored, score_of
from models.connection import Connection
from models.errors import Known
from models.store import Store


@dataclass(frozen=True)
class Card:
    """A membership; name and number are masked, `birth_year` and the rest as the member told."""

    name: str
    card: str
    tier: str | None
    gender: str | None
    birth_year: int | None
    language: str | None
    home_area: str | None
    channel: str | None
    joined_day: str
    state: str


@dataclass(frozen=True)
class KnownBy:
    """One identifier of a person, masked."""

    kind: str
    shown: str
    verified: bool


@dataclass(frozen=True)
class Related:
    """Someone who gave the same sign: `alike` where name, or year of birth and gender, agree too."""

    person_id: bytes
    label: str
    kind: str
    shown: str
    alike: bool


@dataclass(frozen=True)
class Totals:
    """Purchases (receipts that are no return), returns, money paid after returns, and their first and last days."""

    purchases: int
    returns: int
    net_minor: int
    first_day: str | None
    last_day: str | None
    visits: int


@dataclass(frozen=True)
class Favourite:
    """A shop by purchases, with what was paid there after returns (minor units)."""

    name: str
    name_zh: str | None
    purchases: int
    net_minor: int


@dataclass(frozen=True)
class MonthSpend:
    """A calendar month (YYYY-MM), what was paid in it after returns (minor units), purchases."""

    month: str
    net_minor: int
    purchases: int


@dataclass(frozen=True)
class Profile:
    """What the mall knows of a person, masked."""

    person_id: bytes
    label: str
    cards: tuple[Card, ...]
    known_by: tuple[KnownBy, ...]
    related: tuple[Related, ...]
    totals: Totals
    favourites: tuple[Favourite, ...]
    months: tuple[MonthSpend, ...]
    rfm: Scored | None


def profile(store: Store, person_id: bytes, today: date) -> Profile:
    """A person's profile as of the business day `today`. Raises Known for one who is not (or no longer) known."""
    with store.read() as connection:
        state = connection.exec_driver_sql("SELECT state FROM person WHERE id = ?", (person_id,)).scalar()
        if state != "active":
            raise Known("This customer is not in the store any more.", "Search again.")
        cards = _cards(connection, person_id)
        known = _known_by(connection, person_id)
        label = next((card.name for card in cards if card.name), "") or (known[0].shown if known else "")
        parts = (
            _related(connection, person_id),
            _totals(connection, person_id),
            _favourites(connection, person_id),
            _months(connection, person_id, today),
        )
    return Profile(person_id, label, cards, known, *parts, score_of(store, person_id))


_OWN_SALES = "FROM identifier_owner o JOIN sale s ON s.identifier_id = o.identifier_id"


def _cards(connection: Connection, person_id: bytes) -> tuple[Card, ...]:
    rows = connection.exec_driver_sql(
        "SELECT name, card_no, tier, gender, birth_year, language, home_area, channel, joined_day, state "
        "FROM member WHERE person_id = ? ORDER BY joined_day, id",
        (person_id,),
    )
    return tuple(Card(mask_name(name), mask_value("card", card), *rest) for name, card, *rest in rows)


def _known_by(connection: Connection, person_id: bytes) -> tuple[KnownBy, ...]:
    rows = connection.exec_driver_sql(
        "SELECT i.kind, i.value, i.verified_at FROM identifier_owner o JOIN identifier i ON i.id = o.identifier_id "
        "WHERE o.person_id = ? ORDER BY i.kind, i.id",
        (person_id,),
    )
    return tuple(KnownBy(kind, mask_value(kind, value), verified is not None) for kind, value, verified in rows)


def _related(connection: Connection, person_id: bytes) -> tuple[Related, ...]:
    """The others who gave one of the person's signs, a line each."""
    rows = connection.exec_driver_sql(
        "SELECT p.id, y.name, y.card_no, i.kind, i.value, max(coalesce("  # noqa: S608
        f"{ALIKE}, 0)) FROM identity_link a JOIN identity_link b ON b.identifier_id = a.identifier_id "
        "LEFT JOIN merged_person g ON g.person_id = b.person_id "
        "JOIN person p ON p.id = coalesce(g.into_id, b.person_id) AND p.state = 'active' AND p.id <> ?1 "
        "JOIN identifier i ON i.id = a.identifier_id "
        "LEFT JOIN member x ON x.person_id = ?1 LEFT JOIN member y ON y.person_id = p.id "
        "WHERE a.person_id IN (SELECT ?1 UNION ALL SELECT person_id FROM merged_person WHERE into_id = ?1) "
        "AND a.action = 'link' AND b.action = 'link' GROUP BY p.id, i.id ORDER BY 6 DESC, p.id LIMIT 12",
        (person_id,),
    )
    return tuple(
        Related(bytes(other), mask_name(name) or mask_value("card", card), kind, mask_value(kind, value), bool(alike))
        for other, name, card, kind, value, alike in rows
    )


def _totals(connection: Connection, person_id: bytes) -> Totals:
    row = connection.exec_driver_sql(
        "SELECT coalesce(sum(s.net_minor >= 0), 0), coalesce(sum(s.net_minor < 0), 0), "
        "coalesce(sum(s.net_minor), 0), min(CASE WHEN s.net_minor >= 0 THEN s.day END), "
        f"max(CASE WHEN s.net_minor >= 0 THEN s.day END) {_OWN_SALES} WHERE o.person_id = ?",
        (person_id,),
    ).one()
    purchases, returns, net, first, last = row
    return Totals(purchases, returns, net, first, last, _visits(connection, person_id))


def _visits(connection: Connection, person_id: bytes) -> int:
    """Days with a purchase or a check-in."""
    return int(
        connection.exec_driver_sql(
            f"SELECT count(*) FROM (SELECT s.day {_OWN_SALES} WHERE o.person_id = ?1 AND s.net_minor >= 0 "  # noqa: S608
            "UNION SELECT a.day FROM identifier_owner o JOIN activity a ON a.identifier_id = o.identifier_id "
            "WHERE o.person_id = ?1 AND a.kind = 'visit')",
            (person_id,),
        ).scalar_one()
    )


def _favourites(connection: Connection, person_id: bytes) -> tuple[Favourite, ...]:
    """The six shops with the most purchases."""
    rows = connection.exec_driver_sql(
        f"SELECT t.name, t.name_zh, sum(s.net_minor >= 0), sum(s.net_minor) {_OWN_SALES} "
        "JOIN tenant t ON t.id = s.tenant_id WHERE o.person_id = ? GROUP BY t.id ORDER BY 3 DESC, 4 DESC LIMIT 6",
        (person_id,),
    )
    return tuple(Favourite(*row) for row in rows)


def _months(connection: Connection, person_id: bytes, today: date) -> tuple[MonthSpend, ...]:
    """Every month from the first sale to today (or the last sale), at most the last 24; quiet ones are 0. Of one who
    bought nothing in those, the months up to the last sale."""
    rows = connection.exec_driver_sql(
        "SELECT substr(s.day, 1, 7), sum(s.net_minor), sum(s.net_minor >= 0) "
        f"{_OWN_SALES} WHERE o.person_id = ? GROUP BY 1 ORDER BY 1",
        (person_id,),
    )
    found = {month: MonthSpend(month, net, count) for month, net, count in rows}
    if not found:
        return ()
    newest = max(today.isoformat()[:7], *found)
    months = months_between(min(found), newest)
    if not found.keys() & set(months):
        months = months_between(min(found), max(found))
    return tuple(found.get(month, MonthSpend(month, 0, 0)) for month in months)
