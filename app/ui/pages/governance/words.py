"""Words of the page of governance that come from the engines, in the language in force."""

from __future__ import annotations

from app.ui.i18n import language, mark, tr
from engines.consent.words import CHANNELS, PURPOSES
from engines.privacy.laws import ARTICLES, KIND_NAMES, LAW_NAMES
from engines.privacy.requests import WAYS, Request
from engines.privacy.retention_rules import ACTIONS

STATES = {
    "open": mark("to be checked"), "verified": mark("to be done"), "done": mark("done"),
    "refused": mark("refused"),
}  # fmt: skip
ACTS = {
    "verified": mark("identity checked"), "extended": mark("clock extended"), "refused": mark("refused"),
    "done": mark("carried out"),
}  # fmt: skip
SOON_DAYS = 7


def chosen(pair: tuple[str, str]) -> str:
    """The one of an English and a Chinese text that is read now."""
    return pair[language() == "zh"]


def kind_name(kind: object) -> str:
    """A right."""
    return chosen(KIND_NAMES.get(str(kind), (str(kind), str(kind))))


def law_name(law: object) -> str:
    """A law, shortly."""
    return {"gdpr": "GDPR", "ccpa": "CCPA", "pipl": "PIPL"}.get(str(law), str(law))


def law_long(law: str) -> str:
    """A law with its country."""
    return chosen(LAW_NAMES.get(law, (law, law)))


def article(request: Request) -> str:
    """Where the law gives the right."""
    return f"{law_name(request.law)} {ARTICLES.get((request.law, request.kind), '')}".strip()


def state_name(state: object) -> str:
    """A request's state."""
    return tr(STATES.get(str(state), str(state)))


def way_name(way: str) -> str:
    """How an identity was checked."""
    return chosen(WAYS.get(way, (way, way)))


def action_name(action: object) -> str:
    """What a rule does."""
    return chosen(ACTIONS.get(str(action), (str(action), str(action))))


def purpose_name(purpose: object) -> str:
    """A purpose of consent."""
    return chosen(PURPOSES.get(str(purpose), (str(purpose), str(purpose))))


def channel_name(channel: object) -> str:
    """A channel of consent."""
    return chosen(CHANNELS.get(str(channel), (str(channel), str(channel))))


def left_words(request: Request) -> str:
    """How much of the clock is left."""
    if request.days_left is None:
        return ""
    if request.days_left < 0:
        return tr("{n} days late", n=-request.days_left)
    return tr("{n} days left", n=request.days_left)


def left_tone(request: Request) -> str:
    """The colour of the clock."""
    if request.days_left is None:
        return "neutral"
    return "bad" if request.days_left < 0 else "warning" if request.days_left <= SOON_DAYS else "good"
