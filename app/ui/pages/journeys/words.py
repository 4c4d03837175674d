"""What the Journeys page says: names of stages, causes, channels and places, and what each figure means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from app.ui.catalogue import language, mark, tr
from engines.journeys.groups import Group
from engines.journeys.stages import NAMES, Stage

CAUSES: Mapping[str, str] = {
    "join": mark("Joined"), "message": mark("Was written to"), "visit": mark("A visit"),
    "purchase": mark("A purchase"), "referral": mark("Brought a friend"), "promoter": mark("Would recommend the mall"),
    "act": mark("Did something"), "silence": mark("Silence"), "fewer_purchases": mark("Fewer purchases"),
    "praise_aged": mark("The recommendation is old"),
}  # fmt: skip
CHANNELS: Mapping[str, str] = {
    "website": mark("Website"), "store": mark("In the mall"), "email": mark("E-mail"), "sms": mark("SMS"),
    "app": mark("App and messenger"), "purchase": mark("Purchases"), "review": mark("Answers and reviews"),
    "support": mark("Support"), "other": mark("Other"),
}  # fmt: skip
STEPS: Mapping[str, str] = {
    "passers": mark("Passed by"), "entries": mark("Came in"), "receipts": mark("Receipts"),
    "members": mark("Of known people"), "repeat": mark("Who had bought before"),
}  # fmt: skip
EVENTS: Mapping[str, str] = {
    "sale": mark("A purchase"), "return": mark("A return"), "visit": mark("A visit"), "join": mark("Joining"),
    "campaign_sent": mark("A message sent"), "campaign_opened": mark("A message opened"),
    "campaign_clicked": mark("A message clicked"), "nps": mark("An answer: recommending"),
    "csat": mark("An answer: content"), "referral": mark("Being brought by a friend"), "*": mark("Anything"),
    "parking": mark("Parking"), "app_open": mark("The app opened"), "page_view": mark("A page viewed"),
    "offer_view": mark("An offer viewed"), "web_visit": mark("A visit of the site"), "signup": mark("Signing up"),
    "review": mark("A review"), "support": mark("A support request"), "social_mention": mark("A mention"),
    "campaign_holdout": mark("A message held back"), "ces": mark("An answer: effort"), "wifi": mark("Wi-Fi used"),
}  # fmt: skip
MODELS: Mapping[str, str] = {
    "tenure": mark("By stage and time in it"), "stage": mark("By stage alone (base rate)"),
    "stays": mark("Everyone stays"),
}  # fmt: skip
KINDS: Mapping[str, str] = {
    "everyone": mark("Everyone"), "rfm": mark("RFM segment"), "tier": mark("Tier"), "channel": mark("Joined by"),
    "joined": mark("Joined in"), "segment": mark("Segment"),
}  # fmt: skip
ADVICE: Mapping[str, str] = {
    "aware": mark("A welcome offer with an end date"),
    "visited": mark("A small offer at shops near their visit"),
    "bought": mark("Write within days of the first purchase"),
    "regular": mark("Reward bringing a friend"),
    "zone": mark("Check offers, waiting and signs here"),
}  # fmt: skip


def stage_name(stage: str | None) -> str:
    """A stage in the language in force; None is somebody new."""
    if stage is None:
        return tr("New")
    names = NAMES.get(cast(Stage, stage))
    return names[language() == "zh"] if names else stage


def cause_name(cause: str) -> str:
    """Why a stage changed."""
    return tr(CAUSES.get(cause, cause))


def channel_name(channel: str) -> str:
    """A channel in the language in force."""
    return tr(CHANNELS.get(channel, channel))


def event_name(kind: str) -> str:
    """A kind of event; one that only an import knows as it was given."""
    return tr(EVENTS[kind]) if kind in EVENTS else kind.replace("_", " ")


def place_name(code: str, names: Mapping[str, tuple[str, str]]) -> str:
    """A place of a path: a category's or a zone's name."""
    if code in ("start", "end"):
        return tr("Arrived") if code == "start" else tr("Left")
    kind, _, bare = code.partition(":")
    if code not in names:
        return tr("A shop") if kind == "shop" else bare or tr("The mall")
    name = names[code][language() == "zh"]
    return tr("Shops: {name}", name=name) if kind == "shop" else name


def group_name(group: Group) -> str:
    """A group of people in words."""
    from app.ui.widgets.people_words import segment_name, tier_name

    kind = tr(KINDS[group.kind])
    if group.kind == "everyone":
        return kind
    value = {"rfm": segment_name, "tier": tier_name, "channel": channel_name}.get(group.kind, str)(group.name)
    return f"{kind}: {value}"
