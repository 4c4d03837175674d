"""What methods, funnel steps and definitions of the tab of offers and next actions are called."""

from __future__ import annotations

from collections.abc import Mapping

from app.ui.i18n import language, mark, tr
from engines.picks.queries import Action, Pick, Tested
from engines.picks.words import ACTIONS, BECAUSE, BLOCKED

METHODS: Mapping[str, str] = {
    "blend": mark("Blend"), "ease": "EASE", "own": mark("Own history"),
    "content": mark("Like shops"), "lately": mark("Popular lately"), "popular": mark("Popular ever"),
    "group": mark("Cold start"),
}  # fmt: skip
DEFINITIONS: Mapping[str, tuple[str, str]] = {
    "lists": (
        mark("Recommended shops"),
        mark(
            "Everyone has ten trading shops, ranked by the chance of a purchase within 28 days. It is a "
            "blend of EASE (who buys here also buys there), own purchases (one counts half after 90 "
            "days), like shops (category and price) and what is popular lately, weighed on a window "
            "before the test. Who has bought at fewer than two shops gets what people of the same tier "
            "and home area, or the same first purchase, buy. Who refused profiling gets what is popular. "
            "It shows what people buy anyway, not what a message changes."
        ),
    ),
    "test": (
        mark("The offline test"),
        mark(
            "Lists made of purchases up to 28 days ago, against what people then bought. Recall at ten is "
            "the part of the shops bought that stood in the list (of ten at most); brackets hold 95 % of "
            "a bootstrap over people. New means shops that they had not bought at. Where intervals "
            "overlap, methods tie: shops in a mall are few, and what is popular is hard to beat."
        ),
    ),
    "bias": (
        mark("Shops shown against shops bought"),
        mark(
            "The share of all places in lists that a shop has, beside its share of buyers. A bar far "
            "above the other means that lists make the popular more popular."
        ),
    ),
    "funnel": (
        mark("Who may be written to"),
        mark(
            "Everyone known, less who refused profiling, less who has no consent, no address or a "
            "suppressed one for every channel, less whose contact window is full, less for whom nothing "
            "is worth a message. As of the last run; lists ask again when they are shown."
        ),
    ),
    "actions": (
        mark("Next best action"),
        mark(
            "Expected value = chance that the action makes a purchase x the money of that purchase x "
            "margin - cost. Where held-out people show an effect, that effect is the chance; where none "
            "were held out, a part of the propensity (setting picks.unproven_share) stands in for it, "
            "which is an assumption. Margin and costs are settings too. Confidence is high with a shown "
            "effect and five own openings, medium with one of them. Nothing is sent."
        ),
    ),
    "evidence": (
        mark("Evidence of effect"),
        mark(
            "The difference in the share who buy between people sent a campaign and people held out of "
            "it, over all campaigns (Mantel-Haenszel), with its 95 % interval. Win-back counts people who "
            "had stayed away for 60 days."
        ),
    ),
}  # fmt: skip


def either(words: tuple[str, str]) -> str:
    """The English or the Chinese of a pair."""
    return words[1] if language() == "zh" else words[0]


def action_name(action: str) -> str:
    """An action in words."""
    return either(ACTIONS.get(action, (action, action)))


def blocked_name(reason: str) -> str:
    """A reason for no outreach in words."""
    return either(BLOCKED.get(reason, (reason, reason)))


def choice_name(choice: str) -> str:
    """An action or reason as the list's choice."""
    action, _, reason = choice.partition(":")
    return f"{action_name(action)}: {blocked_name(reason)}" if reason else action_name(action)


def because(pick: Pick) -> str:
    """Why a shop is shown."""
    zh = language() == "zh"
    return either(BECAUSE[pick.because]).format(shop=pick.other_zh if zh else pick.other)


def what(row: Action) -> str:
    """The action with its subject, or why there is none."""
    if row.blocked:
        return f"{action_name('none')}: {blocked_name(row.blocked)}"
    subject = row.subject_name_zh if language() == "zh" else row.subject_name
    if row.action == "second_shop" and subject:
        return subject  # the suggestion is the shop
    return f"{action_name(row.action)}: {subject}" if subject else action_name(row.action)


def figure(found: Tested | None) -> str:
    """A figure of the test with its interval."""
    return "–" if found is None else f"{found.value:.3f} [{found.low:.3f}–{found.high:.3f}]"


def method(name: str) -> str:
    """A method in words."""
    return tr(METHODS.get(name, name))
