"""What the Attribution page shows, read off the UI thread."""

from __future__ import annotations

from dataclasses import dataclass

from app.ui.period import Period
from engines.attribution import queries
from engines.attribution.queries import Choice, Conversion, CreditRow, Dimension, LeagueRow, LiftRow, PathRow, Summary
from models import ledger
from models.store import Store
from models.times import now_ms


@dataclass(frozen=True)
class Ask:
    """How a person wants to look; None takes what is set."""

    conversion: Conversion = "purchase"
    lookback_days: int | None = None
    model: str | None = None
    dimension: Dimension = "channel"


@dataclass(frozen=True)
class State:
    """One way of looking in full; `shown` is the model shown, `refused` what the newest run said where it refused,
    in English and Chinese."""

    ask: Ask
    look: Choice
    now: int
    ran: int | None
    refused: tuple[str, str]
    told: Summary | None
    shown: str
    channels: tuple[CreditRow, ...]
    campaigns: tuple[CreditRow, ...]
    league: tuple[LeagueRow, ...]
    paths: tuple[PathRow, ...]
    lags: tuple[tuple[int, int], ...]
    lifts: tuple[LiftRow, ...]
    names: dict[str, tuple[str, str | None]]


def read(store: Store, _period: Period, argument: object) -> State:
    """Everything for one way of looking; `argument` is an Ask."""
    ask = argument if isinstance(argument, Ask) else Ask()
    look = queries.choice(store, conversion=ask.conversion, lookback_days=ask.lookback_days, model=ask.model)
    channels = queries.credit(store, look, "channel")
    ran, refused = _runs(store)
    return State(
        ask, look, now_ms(), ran, refused, queries.summary(store, look), queries.shipped(look, channels),
        tuple(channels), tuple(queries.credit(store, look, "campaign")),
        tuple(queries.league(store, look, ask.dimension)), tuple(queries.paths(store, look)),
        tuple(queries.lags(store, look)), tuple(queries.lifts(store)), queries.campaign_names(store),
    )  # fmt: skip


def _runs(store: Store) -> tuple[int | None, tuple[str, str]]:
    """When attribution was last worked out, and why the newest run gave nothing."""
    runs = ledger.runs(store, job="attribution", limit=20)
    done = next((run.ended_at for run in runs if run.state == "done"), None)
    return done, runs[0].refusal if runs else ("", "")
