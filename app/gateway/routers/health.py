"""Is it there, and how does the site do; and the figures for Prometheus."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.gateway.callers import OPTIONAL, Here, MaybeCaller, allow, from_here, maybe_caller
from app.gateway.forms import HealthDetail, HealthOut
from app.gateway.metrics import TYPE
from app.gateway.problems import Problem
from engines.access.api_keys import Caller
from engines.alerts.queries import open_counts
from engines.footfall.queries import visits_today
from models import version
from models.lease import holder
from models.store import store_version
from models.times import now_ms

router = APIRouter(tags=["health"])


@router.get("/v1/health", summary="Is the gateway there; with a key, how the site does", openapi_extra=OPTIONAL)
def health(here: Here, found: MaybeCaller) -> HealthOut:
    """Without a key only that it answers."""
    at = now_ms()
    if found is None:
        return HealthOut(at=at)
    allow(here, found, "see")
    store = here.store
    return HealthOut(
        at=at,
        detail=HealthDetail(
            program=version.PROGRAM, store_version=store_version(store), service=holder(store) is not None,
            posts_waiting=here.writer.waiting(), live_sessions=here.live.count(),
            counted_until=visits_today(store, at).until, open_alerts=sum(open_counts(store).values()),
        ),
    )  # fmt: skip


@router.get(
    "/metrics", summary="Figures for Prometheus", response_class=Response, openapi_extra=OPTIONAL,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)  # fmt: skip
def metrics(request: Request, here: Here, found: Annotated[Caller | None, Depends(maybe_caller)]) -> Response:
    """For this machine itself, or a key with the right `metrics`."""
    if found is not None:
        allow(here, found, "metrics")
    elif not from_here(request):
        raise Problem(401, step="Give Prometheus a key with the right 'metrics'.",
                      headers={"WWW-Authenticate": "Bearer"})  # fmt: skip
    return Response(here.metrics.text(), media_type=TYPE)
