"""The rungs of qualification, and the next step that a score asks for.

Members: prospect, qualified (a marketing-qualified lead: composite from the qualified threshold on, and a touch of
their own within 30 days) and sales_ready (a sales-qualified lead: from the sales-ready threshold on, and a touch within
14 days). A threshold is the points of its setting (70, 85) or, where that lets fewer in, the composite that the top
share of prospects reaches (5 %, 1 %): a desk follows up as many as it can, the best first, and where hardly anybody
comes near 70 points the points alone would give it nobody. Deals: the stage that people gave them, but an enquiry that
scores high enough is qualified; nothing is written into the deal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MEMBER_RUNGS = ("prospect", "qualified", "sales_ready")
DEAL_RUNGS = ("enquiry", "qualified", "viewing", "terms", "legal", "signed")
LATELY = 14
SILENT = 30
#: The name in `lead_context` of the thresholds that the top shares reach.
SHARE = "share"


@dataclass(frozen=True)
class Thresholds:
    """From which composite on a prospect is qualified, and sales-ready."""

    qualified: float
    sales_ready: float


def by_points(settings: Mapping[str, float]) -> Thresholds:
    """The thresholds that the settings name in points."""
    return Thresholds(settings["leads.qualified"], settings["leads.sales_ready"])


def lower(points: Thresholds, share: Thresholds) -> Thresholds:
    """Of each threshold the one that lets more in."""
    return Thresholds(min(points.qualified, share.qualified), min(points.sales_ready, share.sales_ready))


def rungs(use: str) -> tuple[str, ...]:
    """The ladder of a use, lowest first."""
    return MEMBER_RUNGS if use == "member" else DEAL_RUNGS


def member_rung(composite: float, quiet_days: float, qualified: float, sales_ready: float) -> str:
    """The rung of someone who has not bought yet."""
    if composite >= max(sales_ready, qualified) and quiet_days <= LATELY:
        return "sales_ready"
    return "qualified" if composite >= qualified and quiet_days <= SILENT else "prospect"


def deal_rung(composite: float, stage: str | None, qualified: float) -> str:
    """The rung of a deal: never below the stage it has reached."""
    if stage in DEAL_RUNGS and stage != "enquiry":
        return str(stage)
    return "qualified" if composite >= qualified else "enquiry"


def member_step(rung: str, fields: Mapping[str, object]) -> str:
    """What to do next with someone who has not bought yet; nobody is written to who has not allowed it."""
    quiet, complete = _number(fields, "days_quiet"), _number(fields, "completeness")
    if fields.get("refused"):
        return "serve_on_site"
    if not fields.get("may_write"):
        return "ask_consent"
    if rung == "sales_ready":
        return "welcome_offer"
    if rung == "qualified":
        return "invite_visit"
    if quiet >= SILENT:
        return "wake_up"
    return "complete_profile" if complete < 60 else "warm_up"


def deal_step(rung: str, fields: Mapping[str, object]) -> str:
    """What to do next with a deal."""
    quiet = _number(fields, "days_quiet")
    if rung in ("terms", "legal"):
        return "chase_signature" if quiet >= LATELY else "close_terms"
    if quiet >= SILENT:
        return "call_again"
    if rung == "viewing":
        return "send_terms"
    if rung == "qualified":
        return "arrange_viewing"
    return "complete_brief" if _number(fields, "completeness") < 60 else "qualify_call"


def _number(fields: Mapping[str, object], name: str) -> float:
    found = fields.get(name)
    return float(found) if isinstance(found, int | float) else 0.0
