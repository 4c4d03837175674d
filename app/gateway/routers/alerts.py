"""Alerts in words."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from app.gateway.callers import Here, Need
from app.gateway.forms import AlertOut, Limit
from engines.access.api_keys import Caller
from engines.alerts.queries import alerts as read_alerts
from engines.hooks.words import words_of

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])


@router.get("", summary="Alerts that are open or acknowledged")
def alerts(here: Here, found: Annotated[Caller, Depends(Need("alerts"))], limit: Limit = 100) -> list[AlertOut]:
    """Open ones first, the newest day first."""
    rows = read_alerts(here.store, limit=limit)
    made = []
    for alert in rows:
        english, chinese = words_of(alert.sentence, alert.facts)
        made.append(
            AlertOut(id=alert.id.hex(), kind=alert.kind, severity=alert.severity, day=alert.day, state=alert.state,
                     raised_at=alert.raised_at, sentence=english, sentence_zh=chinese)
        )  # fmt: skip
    return made
