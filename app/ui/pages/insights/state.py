"""What the page of predictions shows, read off the UI thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engines.churn.queries import AMONG, Among, RiskSummary, WonBack, won_back
from engines.churn.queries import people as risky_people
from engines.churn.queries import summary as risk_summary
from engines.people.queries import Customer, customers_of
from engines.propensity.queries import Spread, spreads
from engines.propensity.queries import people as likely_people
from engines.validation.queries import Models, models
from engines.value.queries import ValueSummary
from engines.value.queries import people as worthy_people
from engines.value.queries import summary as value_summary
from models import ledger
from models.store import Store
from models.times import now_ms

ENGINES = ("value", "churn", "propensity", "winback", "picks")
PAGE_ROWS = 100

Row = Mapping[str, Any]
Key = tuple[Any, bytes]


@dataclass(frozen=True)
class Ran:
    """An engine's last answer (UTC ms, None where there was none), and what its newest run said where it refused, in
    English and Chinese."""

    ended_at: int | None = None
    refused: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Listing:
    """A page of people: `kind` value, churn or propensity, of a choice within it; rows are masked."""

    kind: str
    choice: str
    after: Key | None
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class State:
    """Everything of the page but further people."""

    now: int
    ran: Mapping[str, Ran]
    models: Models
    value: ValueSummary | None
    churn: RiskSummary | None
    spreads: tuple[Spread, ...]
    won_back: tuple[WonBack, ...]
    lists: Mapping[str, Listing] = field(default_factory=dict)
    known: bool = False
    newest: str | None = None
    """The newest business day with a sale."""


def read(store: Store, _period: object, argument: object) -> State:
    """The state; `argument` is a mapping of the choices of lists by kind."""
    from engines.people.queries import headcount
    from engines.sales.receipts import newest_day

    chosen = argument if isinstance(argument, Mapping) else {}
    found = {
        "value": read_people(store, "value", str(chosen.get("value", ""))),
        "churn": read_people(store, "churn", str(chosen.get("churn", "lately"))),
    }
    asked = tuple(spreads(store))
    first = next((s.model for s in asked), "buy")
    found["propensity"] = read_people(store, "propensity", str(chosen.get("propensity", first)))
    return State(
        now_ms(), {name: _ran(store, name) for name in ENGINES}, models(store), value_summary(store),
        risk_summary(store), asked, tuple(won_back(store)), found, headcount(store).people > 0,
        newest_day(store),
    )  # fmt: skip


def read_people(store: Store, kind: str, choice: str, after: Key | None = None, limit: int = PAGE_ROWS) -> Listing:
    """A page of people of a kind and choice, masked."""
    found = _READERS[kind](store, choice, after, limit)
    named = customers_of(store, [row["person_id"] for row in found])
    return Listing(kind, choice, after, tuple({**_name(named.get(row["person_id"])), **row} for row in found))


def _name(who: Customer | None) -> dict[str, Any]:
    if who is None:
        return {"label": "", "card": "", "tier": None}
    return {"label": who.label, "card": who.card, "tier": who.tier}


def _worth(store: Store, choice: str, after: Key | None, limit: int) -> list[dict[str, Any]]:
    decile = int(choice) if choice.isdecimal() else None
    rows = worthy_people(store, decile=decile, limit=limit, after=after)
    return [{**vars(r), "key": (r.value_90_minor, r.person_id)} for r in rows]


def _at_risk(store: Store, choice: str, after: Key | None, limit: int) -> list[dict[str, Any]]:
    among: Among = next((a for a in AMONG if a == choice), "lately")
    rows = risky_people(store, among, limit=limit, after=after)
    return [{**vars(r), "key": (r.monetary_minor, r.person_id)} for r in rows]


def _likely(store: Store, choice: str, after: Key | None, limit: int) -> list[dict[str, Any]]:
    rows = likely_people(store, choice, limit=limit, after=after)
    return [{**vars(r), "key": (r.p, r.person_id)} for r in rows]


_READERS: Mapping[str, Callable[[Store, str, Key | None, int], list[dict[str, Any]]]] = {
    "value": _worth, "churn": _at_risk, "propensity": _likely,
}  # fmt: skip


def _ran(store: Store, engine: str) -> Ran:
    runs = ledger.runs(store, job=engine, limit=20)
    done = next((run.ended_at for run in runs if run.state == "done"), None)
    return Ran(done, runs[0].refusal if runs else ("", ""))
