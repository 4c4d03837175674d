"""What the Evaluation page shows, read off the UI thread."""

from __future__ import annotations

from dataclasses import dataclass

from app.ui.period import Period
from engines.attribution.queries import RateRow, rates
from engines.evaluation import queries
from engines.evaluation.queries import Advice, Detail, PlaybookRow, SubjectRow
from models import ledger
from models.store import Store
from models.times import now_ms

Place = tuple[str, str, str | None]


@dataclass(frozen=True)
class Ask:
    """Which subject a person looks at, and how; None takes the newest that began, its own baseline, its own measure."""

    subject: str | None = None
    code: str | None = None
    baseline: str | None = None
    measure: str | None = None


@dataclass(frozen=True)
class State:
    """The list, one subject in full (None without any), advice, answers, and the places an event may be for."""

    ask: Ask
    now: int
    ran: int | None
    refused: tuple[str, str]
    rows: tuple[SubjectRow, ...]
    detail: Detail | None
    baseline: str
    measure: str
    advice: tuple[Advice, ...]
    campaigns: tuple[Advice, ...]
    playbooks: tuple[PlaybookRow, ...]
    rates: tuple[RateRow, ...]
    zones: tuple[Place, ...]
    tenants: tuple[Place, ...]


def read(store: Store, _period: Period, argument: object) -> State:
    """Everything; `argument` is an Ask."""
    ask = argument if isinstance(argument, Ask) else Ask()
    rows = tuple(queries.subjects(store))
    row = _chosen(rows, ask)
    baseline = ask.baseline or (row.baseline if row else "weeks")
    measure = ask.measure or (row.effect.measure if row and row.effect else "footfall")
    ran, refused = _runs(store)
    return State(
        ask, now_ms(), ran, refused, rows, queries.detail(store, row, baseline, measure) if row else None, baseline,
        measure, tuple(queries.advice(store)), tuple(queries.campaign_advice(store)), tuple(queries.playbooks(store)),
        tuple(rates(store)), tuple(queries.places(store, "zone")), tuple(queries.places(store, "tenant")),
    )  # fmt: skip


def _chosen(rows: tuple[SubjectRow, ...], ask: Ask) -> SubjectRow | None:
    """The subject asked for, else the newest with an effect, else the newest."""
    for row in rows:
        if ask.code and row.code == ask.code and ask.subject in (None, row.subject):
            return row
    measured = (row for row in rows if row.effect is not None and row.effect.lift is not None)
    return next(measured, rows[0] if rows else None)


def _runs(store: Store) -> tuple[int | None, tuple[str, str]]:
    """When evaluation was last worked out, and in both languages why the newest run gave nothing."""
    runs = ledger.runs(store, job="evaluation", limit=20)
    done = next((run.ended_at for run in runs if run.state == "done"), None)
    newest = runs[0] if runs else None
    return done, newest.refusal if newest is not None else ("", "")
