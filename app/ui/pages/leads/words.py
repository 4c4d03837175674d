"""What the page says of rungs, steps, factors and causes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.ui.catalogue import mark, tr
from app.ui.format import current
from app.ui.widgets.people_words import tier_name

RUNGS: Mapping[str, str] = {
    "prospect": mark("Prospect"), "qualified": mark("Qualified"), "sales_ready": mark("Sales-ready"),
    "enquiry": mark("Enquiry"), "viewing": mark("Viewing"), "terms": mark("Terms"), "legal": mark("Legal"),
    "signed": mark("Signed"),
}  # fmt: skip
PARTS: Mapping[str, str] = {
    "behavioural": mark("Behaviour"), "demographic": mark("Fit and profile"), "engagement": mark("Engagement"),
    "predictive": mark("Prediction"), "recency": mark("Recency"), "trend": mark("Trend"), "breadth": mark("Breadth"),
    "satisfaction": mark("Satisfaction"),
}  # fmt: skip
STEPS: Mapping[str, str] = {
    "serve_on_site": mark("Serve on site, do not write"),
    "ask_consent": mark("Ask for consent on site"),
    "welcome_offer": mark("Send the welcome offer today"),
    "invite_visit": mark("Invite to the next event"),
    "wake_up": mark("Wake up with one message"),
    "complete_profile": mark("Ask for the missing profile"),
    "warm_up": mark("Keep warm, no offer yet"),
    "chase_signature": mark("Chase the signature"),
    "close_terms": mark("Close the terms"),
    "call_again": mark("Call again: silent for 30 days"),
    "send_terms": mark("Send the terms"),
    "arrange_viewing": mark("Arrange a viewing"),
    "complete_brief": mark("Complete the brief"),
    "qualify_call": mark("Call to qualify"),
}
PIPELINES: Mapping[str, str] = {
    "member": mark("People"), "leasing": mark("Leasing"), "casual": mark("Casual leasing"), "space": mark("Space hire"),
    "media": mark("Media"),
}  # fmt: skip
TOUCHES: Mapping[str, str] = {
    "join": mark("Joined"), "signup": mark("Signed up"), "visit": mark("Visits"), "referral": mark("Referrals"),
    "campaign_opened": mark("Messages opened"), "campaign_clicked": mark("Messages clicked"), "nps": mark("Answers"),
    "csat": mark("Answers about shops"), "app_open": mark("App opened"), "page_view": mark("Pages viewed"),
    "offer_view": mark("Offers viewed"), "review": mark("Reviews"), "support": mark("Support requests"),
    "enquiry": mark("Enquiries"), "email": mark("E-mails sent"), "reply": mark("Replies"), "call": mark("Calls"),
    "meeting": mark("Meetings"), "viewing": mark("Viewings"), "quote": mark("Quotes"),
    "stage_qualified": mark("Reached qualified"), "stage_viewing": mark("Reached viewing"),
    "stage_terms": mark("Reached terms"), "stage_legal": mark("Reached legal"),
}  # fmt: skip
FACTORS: Mapping[str, str] = {
    "completeness": mark("Profile is complete"), "fit": mark("Area or trade that converts"),
    "engagement": mark("Engagement"), "predictive": mark("Predicted chance"),
}  # fmt: skip
CAUSES: Mapping[str, str] = {
    "first": mark("First score"), "touch": mark("{detail}"), "quiet": mark("Time without a touch"),
    "profile": mark("Profile or area"), "engagement": mark("Engagement moved"), "prediction": mark("Prediction moved"),
    "model": mark("New model, version {detail}"), "rules": mark("Rule: {detail}"),
    "weights": mark("New weights, version {detail}"), "stage": mark("Reached a stage"),
}  # fmt: skip
FIELDS: Mapping[str, str] = {
    "touches_28": mark("Touches in 28 days"), "days_quiet": mark("Days without a touch"),
    "days_known": mark("Days known"), "visits_28": mark("Visits in 28 days"), "clicks_28": mark("Clicks in 28 days"),
    "referrals": mark("Referrals"), "completeness": mark("Profile complete, %"), "home_area": mark("Home area"),
    "channel": mark("Channel"), "may_write": mark("May be written to (1 or 0)"),
    "meetings_28": mark("Meetings in 28 days"), "outlets": mark("Outlets elsewhere"), "gla_m2": mark("Area wanted, m²"),
    "value_minor": mark("Value a year, minor units"), "category": mark("Trade"), "pipeline": mark("Pipeline"),
    "stage": mark("Stage"),
}  # fmt: skip
OPS: Mapping[str, str] = {
    "at_least": mark("at least"), "at_most": mark("at most"), "is": mark("is"), "is_not": mark("is not"),
}  # fmt: skip
BANDS: Mapping[str, str] = {
    "thriving": mark("Thriving"), "steady": mark("Steady"), "at_risk": mark("At risk"), "critical": mark("Critical"),
}  # fmt: skip
COURSES: Mapping[str, str] = {
    "level": mark("Unchanged"), "falling": mark("Falling"), "rising": mark("Rising"),
}  # fmt: skip
MILESTONES: Mapping[str, str] = {
    "first_purchase": mark("First purchase"), "visit_10": mark("Tenth visit"), "receipt_100": mark("100th receipt"),
    "member_year": mark("A year a member"),
}  # fmt: skip


def said(words: Mapping[str, str], key: str | None) -> str:
    """The word of a key in the language in force; a key that only this mall has, as it is."""
    return tr(words.get(key, key)) if key else ""


def rung_name(rung: str | None) -> str:
    """A rung."""
    return said(RUNGS, rung)


def step_name(step: str | None) -> str:
    """A next step."""
    return said(STEPS, step)


def factor_name(factor: Mapping[str, Any]) -> str:
    """A factor with its figure."""
    name, value = str(factor["factor"]), float(factor["value"])
    form = current()
    if name.startswith("touch:"):
        return f"{said(TOUCHES, name[6:])} ({form.integer(value)})"
    if name.startswith("rule:"):
        return tr("Rule: {detail}", detail=name[5:])
    shown = form.percent(value) if name == "predictive" else form.integer(value)
    return f"{said(FACTORS, name)} ({shown})"


def cause_name(cause: str, detail: str) -> str:
    """Why a score moved."""
    if cause == "touch":
        return said(TOUCHES, detail)
    return tr(CAUSES.get(cause, cause), detail=detail)


def milestone_name(kind: str | None) -> str:
    """A milestone."""
    if kind and kind.startswith("tier:"):
        return tr("Reached the tier {tier}", tier=tier_name(kind[5:]))
    return said(MILESTONES, kind)
