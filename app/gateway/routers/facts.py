"""Counts, sales and activities: read by page, sent by batch."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from app.gateway.callers import Gateway, Here, Need
from app.gateway.forms import (
    ActivitiesIn,
    ActivityOut,
    CountOut,
    CountsIn,
    FromDay,
    Limit,
    Mark,
    Page,
    PostOut,
    RowProblem,
    SaleOut,
    SalesIn,
    SensorIn,
    ToDay,
)
from app.gateway.paging import check_days, pack, unpack_code, unpack_row
from app.gateway.problems import RETRY_SECONDS, Problem
from app.gateway.writer import Full
from engines.access.api_keys import Caller
from engines.footfall.feed import quarter_counts
from engines.intake.counts import QUARTER_MS, WatchedCount
from engines.intake.feeds import Act, Receipt, acts, receipts
from engines.intake.posting import Post, Posted, RowPost, SensorPost
from models.times import day_bounds, now_ms

router = APIRouter(tags=["facts"])
Sender = Annotated[Caller, Depends(Need("import"))]
#: Written late is worse than not at all: whoever waited so long sends again, and the rows are known by their keys.
WRITE_SECONDS = 20.0
#: A sensor may tell of quarter hours that began at most so long ago, and be so far ahead with its clock.
SENSOR_PAST_MS, SENSOR_AHEAD_MS = 7 * 86_400_000, 300_000
GateCode = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,60}$")]
NOT_ALL_BAD: dict[int | str, dict[str, Any]] = {
    202: {"description": "The good rows are stored; `errors` says which were refused and why."}
}


@router.get("/v1/counts", summary="Counts of gates by quarter hour")
def counts(
    *, here: Here, found: Annotated[Caller, Depends(Need("see"))], first: FromDay, last: ToDay,
    gate: Annotated[str | None, Query(max_length=80)] = None, limit: Limit = 100, after: Mark = None,
) -> Page[CountOut]:  # fmt: skip
    """In the order of time; at most 400 days at once."""
    from_day, to_day = check_days(first, last)
    site = here.store.site
    span = (
        day_bounds(from_day, site.zone, site.day_starts_minute)[0],
        day_bounds(to_day, site.zone, site.day_starts_minute)[1],
    )
    rows = quarter_counts(here.store, *span, gate=gate, limit=limit, after=unpack_code(after))
    items = [
        CountOut(gate=q.gate_code, at=q.bucket_start, day=q.day, minute=q.minute, entries=q.entries, exits=q.exits,
                 seconds_observed=q.seconds_observed)
        for q in rows
    ]  # fmt: skip
    return Page(items=items, next=pack(rows[-1].bucket_start, rows[-1].gate_code) if len(rows) == limit else None)


@router.get("/v1/sales", summary="Receipts")
def sales(
    *, here: Here, found: Annotated[Caller, Depends(Need("see_sales"))], first: FromDay, last: ToDay,
    tenant: Annotated[str | None, Query(max_length=80)] = None, limit: Limit = 100, after: Mark = None,
) -> Page[SaleOut]:  # fmt: skip
    """In the order of their days."""
    days = check_days(first, last)
    rows = receipts(here.store, *days, tenant=tenant, limit=limit, after=unpack_row(after, str))
    person = found.has("see_members")
    items = [SaleOut(**_shown(row, person=person)) for row in rows]
    return Page(items=items, next=pack(*rows[-1].place) if len(rows) == limit else None)


@router.get("/v1/activities", summary="Activities of customers")
def activities(
    *, here: Here, found: Annotated[Caller, Depends(Need("see_campaigns"))], first: FromDay, last: ToDay,
    kind: Annotated[str | None, Query(max_length=80)] = None, limit: Limit = 100, after: Mark = None,
) -> Page[ActivityOut]:  # fmt: skip
    """In the order of their days."""
    days = check_days(first, last)
    rows = acts(here.store, *days, kind=kind, limit=limit, after=unpack_row(after, str))
    person = found.has("see_members")
    items = [ActivityOut(**_shown(row, person=person)) for row in rows]
    return Page(items=items, next=pack(*rows[-1].place) if len(rows) == limit else None)


@router.post("/v1/counts", summary="Send counts", status_code=202, responses=NOT_ALL_BAD)
async def post_counts(here: Here, found: Sender, body: CountsIn) -> PostOut:
    """Known by gate, time and direction: a count that differs from the one sent before takes its place."""
    return await _post(here, found, "counts", body.source, body.rows)


@router.post("/v1/sales", summary="Send receipts", status_code=202, responses=NOT_ALL_BAD)
async def post_sales(here: Here, found: Sender, body: SalesIn) -> PostOut:
    """Known by sender and receipt: sent again they change nothing, sent otherwise they are refused."""
    return await _post(here, found, "sales", body.source, body.rows)


@router.post("/v1/activities", summary="Send activities", status_code=202, responses=NOT_ALL_BAD)
async def post_activities(here: Here, found: Sender, body: ActivitiesIn) -> PostOut:
    """Known by sender and key: sent again they change nothing, sent otherwise they are refused."""
    return await _post(here, found, "activities", body.source, body.rows)


@router.post("/v1/sensors/{gate}", summary="What a counting sensor has seen so far", status_code=202)
async def post_sensor(here: Here, found: Sender, gate: GateCode, body: SensorIn) -> PostOut:
    """Totals of the running quarter hour: they may be told as often as one likes, the last word stands."""
    at = _instant(here, body.at) if body.at else now_ms()
    if not -SENSOR_PAST_MS <= at - now_ms() <= SENSOR_AHEAD_MS:
        raise Problem(422, "The sensor's time is not within the last week.", "Set its clock.")
    start = at // QUARTER_MS * QUARTER_MS
    seen = min(900, max(0, (now_ms() - start) // 1000)) if body.seconds is None else body.seconds
    told: tuple[tuple[Literal["in", "out"], int], ...] = (("in", body.entries), ("out", body.exits))
    rows = tuple(WatchedCount(gate, start, way, n, seen, 0) for way, n in told)
    return await _write(here, SensorPost(found.actor, _source(found, None), rows))


async def _post(
    here: Gateway, found: Caller, kind: str, source: str | None, rows: Sequence[BaseModel]
) -> PostOut:  # fmt: skip
    given = [row.model_dump(exclude_none=True) for row in rows]
    post = await run_in_threadpool(RowPost, here.store, found.actor, _source(found, source), kind, given)
    return await _write(here, post)


async def _write(here: Gateway, post: Post) -> PostOut:
    """Wait for the writer. Raises Problem 503 where it has too much to do; nothing is lost by sending again."""
    busy = Problem(503, "The site has more to write than it can now.", "Send the same again.",
                   retry_after=RETRY_SECONDS)  # fmt: skip
    try:
        result = here.writer.submit(post)
    except Full:
        raise busy from None
    try:
        done = await asyncio.wait_for(asyncio.wrap_future(result), WRITE_SECONDS)
    except TimeoutError:
        raise busy from None
    for what in ("loaded", "updated", "unchanged", "rejected"):
        here.metrics.rows.labels(done.kind, what).inc(getattr(done, what))
    return _told(done)


def _told(done: Posted) -> PostOut:
    errors = [RowProblem(row=e.row, field=e.field, reason=e.reason) for e in done.errors]
    return PostOut(
        kind=done.kind, source=done.source, read=done.read, loaded=done.loaded, updated=done.updated,
        unchanged=done.unchanged, rejected=done.rejected, errors=errors,
    )  # fmt: skip


def _source(found: Caller, part: str | None) -> str:
    """A sender's rows are its own: no key can write over what another one sent."""
    own = found.actor if found.actor.startswith("api:") else f"api:user:{found.actor}"
    return f"{own}/{part}" if part else own


def _instant(here: Gateway, text: str) -> int:
    try:
        at = datetime.fromisoformat(text)
        return int((at if at.tzinfo else at.replace(tzinfo=here.store.site.zone)).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        raise Problem(422, "This is no time.", "Write it as in 2026-11-20T14:05:00+08:00.") from None


def _shown(row: Receipt | Act, *, person: bool) -> dict[str, Any]:
    """A row's columns, ids as text; who it was only where the caller may see customers."""
    found = {name: value.hex() if isinstance(value, bytes) else value for name, value in asdict(row).items()}
    return found if person else {**found, "person": None}
