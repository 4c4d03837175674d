"""Sentences about customers: what happened, who they are, in the language in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from app.ui.format import current
from app.ui.i18n import language, mark, tr
from engines.people.profile import Card
from engines.people.quality import age_band
from engines.people.timeline import Entry, Group

GENDERS: Mapping[str, str] = {"f": mark("female"), "m": mark("male")}
AGES: Mapping[str, str] = {"-24": mark("under 25"), "55+": mark("55 and over")}
CHANNELS: Mapping[str, str] = {
    "wechat": mark("WeChat"), "app": mark("App"), "sms": mark("Text message"), "email": mark("E-mail"),
}  # fmt: skip
LANGUAGES: Mapping[str, str] = {"zh": mark("Chinese"), "en": mark("English")}
GROUPS: Mapping[Group, str] = {
    "purchases": mark("Purchases"), "visits": mark("Visits"), "messages": mark("Messages"),
    "answers": mark("Answers"), "membership": mark("Membership"), "other": mark("Other"),
}  # fmt: skip
ICONS: Mapping[str, str] = {
    "sale": "receipt", "return": "undo", "visit": "footfall", "join": "member", "referral": "user-add",
    "referred": "user-add", "campaign_sent": "mail", "campaign_opened": "mail", "campaign_clicked": "link",
    "campaign_holdout": "minus", "nps": "star", "csat": "star", "ces": "star",
}  # fmt: skip
AT_TENANT: Mapping[str, tuple[str, str]] = {
    "sale": (mark("Bought at {tenant}"), mark("Bought something")),
    "return": (mark("Returned goods at {tenant}"), mark("Returned goods")),
    "csat": (mark("Rated {tenant} {score} of 5"), mark("Rated a visit {score} of 5")),
    "ces": (mark("Rated the ease of {tenant} {score}"), mark("Rated the ease of a visit {score}")),
}  # fmt: skip
ABOUT: Mapping[str, tuple[str, str]] = {
    "campaign_sent": (mark("Was sent “{campaign}”"), mark("Was sent a message")),
    "campaign_opened": (mark("Opened “{campaign}”"), mark("Opened a message")),
    "campaign_clicked": (mark("Followed the link in “{campaign}”"), mark("Followed the link in a message")),
    "campaign_holdout": (
        mark("Was held out of “{campaign}” for comparison"), mark("Was held out of a campaign for comparison")
    ),
}  # fmt: skip
PLAIN: Mapping[str, str] = {
    "join": mark("Joined the programme"),
    "referral": mark("Joined because a member recommended it"),
    "referred": mark("Brought a friend who joined"),
    "nps": mark("Would recommend the mall: {score} of 10"),
}


def sentence(entry: Entry) -> str:
    """What happened, in a short sentence; a kind that only an import knows is named as it was given."""
    score = current().integer(entry.score) if entry.score is not None else "–"
    zh = language() == "zh"
    if entry.kind in AT_TENANT:
        tenant = (zh and entry.tenant_zh) or entry.tenant
        return tr(AT_TENANT[entry.kind][0 if tenant else 1], tenant=tenant, score=score)
    if entry.kind in ABOUT:
        campaign = (zh and entry.campaign_zh) or entry.campaign
        return tr(ABOUT[entry.kind][0 if campaign else 1], campaign=campaign)
    if entry.kind in PLAIN:
        return tr(PLAIN[entry.kind], score=score)
    place = (zh and entry.zone_zh) or entry.zone
    if entry.kind == "visit":
        return tr("Checked in: {place}", place=place) if place else tr("Checked in at the mall")
    kind = entry.kind.replace("_", " ")
    return f"{kind[:1].upper()}{kind[1:]}" + (f" · {place}" if place else "")


def gender_name(gender: str) -> str:
    """A gender as told."""
    return tr(GENDERS[gender]) if gender in GENDERS else gender


def age_name(band: str) -> str:
    """A band of age: 25-34 as 25–34."""
    return tr(AGES[band]) if band in AGES else band.replace("-", "–")


def about(card: Card, today: dt.date) -> str:
    """Who a member is, as far as they told: gender, age, language, channel, area."""
    band = age_band(card.birth_year, today.year)
    channel = tr(CHANNELS.get(card.channel, card.channel)) if card.channel else ""
    known = (
        gender_name(card.gender) if card.gender else "",
        age_name(band) if band else "",
        tr(LANGUAGES.get(card.language, card.language)) if card.language else "",
        tr("prefers {channel}", channel=channel) if channel else "",
        card.home_area or "",
    )
    return "  ·  ".join(part for part in known if part)
