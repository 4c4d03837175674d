"""What the tab of offers and next actions shows, read off the UI thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engines.people.queries import Customer, customers_of, search
from engines.picks.queries import (
    Action,
    Mix,
    Model,
    Pick,
    Proof,
    Shop,
    Tested,
    action_of,
    actions,
    evidence,
    mix,
    model,
    picks_of,
    shops,
    tests,
)  # fmt: skip
from models.store import Store
from models.times import now_ms

PAGE_ROWS = 100
FOUND_ROWS = 20
Key = tuple[int, bytes]


@dataclass(frozen=True)
class PickState:
    """Everything of the tab but people."""

    model: Model | None
    tests: tuple[Tested, ...]
    shops: tuple[Shop, ...]
    mix: tuple[Mix, ...]
    evidence: tuple[Proof, ...]

    def tested(self, among: str, method: str, metric: str) -> Tested | None:
        """A figure of the offline test."""
        return next((t for t in self.tests if (t.among, t.method, t.metric) == (among, method, metric)), None)


@dataclass(frozen=True)
class People:
    """A page of people: `choice` is an action, none: and a reason, or find: and a text. Names are masked."""

    choice: str
    after: Key | None
    rows: tuple[tuple[Customer | None, Action], ...]


def read_picks(store: Store) -> PickState:
    """The tab's figures."""
    return PickState(
        model(store), tuple(tests(store)), tuple(shops(store)), tuple(mix(store, now_ms())), tuple(evidence(store))
    )


def read_people(store: Store, choice: str, after: Key | None = None, limit: int = PAGE_ROWS) -> People:
    """A page of people of an action or reason, or those whom a text names."""
    kind, _, what = choice.partition(":")
    if kind == "find":
        who = [c.person_id for c in search(store, what, limit=FOUND_ROWS)] if what.strip() else []
        found = [a for p in who if (a := action_of(store, p, now_ms())) is not None]
    else:
        found = actions(store, kind, now_ms(), blocked=what, limit=limit, after=after)
    named = customers_of(store, [a.person_id for a in found])
    return People(choice, after, tuple((named.get(a.person_id), a) for a in found))


def read_shops_of(store: Store, person: bytes) -> tuple[bytes, list[Pick]]:
    """A person's ten shops."""
    return person, picks_of(store, person)


def everyone(choice: str, store: Store) -> list[Any]:
    """All people of a choice, for an export."""
    return list(read_people(store, choice, limit=-1).rows)
