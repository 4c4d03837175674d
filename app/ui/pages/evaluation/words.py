"""What the Evaluation page says: names of baselines, measures, verdicts, and what each figure means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from app.ui.catalogue import language, mark, tr
from app.ui.format import current
from engines.evaluation.queries import EffectRow

BASELINES: Mapping[str, str] = {
    "weeks": mark("Weeks before"), "year": mark("Year before"), "model": mark("Forecast model"),
}  # fmt: skip
MEASURES: Mapping[str, str] = {
    "footfall": mark("Footfall"), "sales": mark("Sales"), "people": mark("Known people"),
    "first_timers": mark("First-time visitors"),
}  # fmt: skip
SUBJECTS: Mapping[str, str] = {"occasion": mark("Live event"), "campaign": mark("Outreach")}
SCOPES: Mapping[str, str] = {"mall": mark("The whole mall"), "zone": mark("A zone"), "tenant": mark("A tenant")}
PHASES: Mapping[str, str] = {"during": mark("During"), "after": mark("Two weeks after")}
VERDICTS: Mapping[str, str] = {
    "up": mark("more than expected"), "down": mark("less than expected"), "unclear": mark("no clear change"),
    "short": mark("too few quiet times"), "none": mark("not enough data"), "running": mark("still running"),
    "ahead": mark("still to come"),
}  # fmt: skip
KINDS: Mapping[str, str] = {
    "fair": mark("Fair"), "show": mark("Show"), "sale": mark("Sale"), "festival": mark("Festival"),
    "other": mark("Other"),
}  # fmt: skip
STAGES: Mapping[str, str] = {
    "openers": mark("Opened"), "clickers": mark("Clicked"), "returned": mark("Came back within a week"),
}  # fmt: skip
STATES: Mapping[str, str] = {
    "new": mark("no band yet"), "usual": mark("as usual"), "low": mark("below the band"),
    "high": mark("above the band"),
}  # fmt: skip
OUTLOOKS: Mapping[str, str] = {
    "promising": mark("promising"), "unclear": mark("cannot tell"), "harmful": mark("took sales away"),
    "single": mark("only one so far"),
}  # fmt: skip
NOTES: Mapping[str, str] = {
    "holidays": mark("Its days hold public holidays or festivals: their effect is part of the figure."),
    "overlap": mark("Another event or campaign ran at the same time: the two cannot be told apart."),
    "gaps": mark("Some of its days were not counted in full and are left out."),
    "repeated": mark(
        "On the same days of the year before an event or campaign ran too: this baseline compares one with the other."
    ),
}  # fmt: skip

#: What a figure is and how it is worked out, by the name of its card.
MEANINGS: Mapping[str, tuple[str, str]] = {
    "list": (
        mark("Events and campaigns"),
        mark(
            "Effect: observed / expected - 1 over its days, on footfall, or on sales where nobody counts. Expected is "
            "what the baseline says: the mean of the same weekdays of the weeks before, the same weekdays a year "
            "before moved by the year's trend, or the calendar regression of the forecast trained on the days "
            "before. Days of other events and campaigns enter neither the weeks' baseline nor the model's. The "
            "interval holds 90 %: it comes from quiet times, for which the same baseline is known to be "
            "wrong by so much. A word is said only where the interval leaves 0 out. An "
            "event's first assigned baseline stays on record."
        ),
    ),
    "course": (
        mark("Observed and expected"),
        mark(
            "Four weeks before, its own days, and two weeks after it (the echo: visits that were only moved come back "
            "there). The band is where 90 % of quiet single days lie around the baseline."
        ),
    ),
    "quiet": (
        mark("Quiet times"),
        mark(
            "The same baseline applied to times of the same length (at most a week) in which no event, campaign, "
            "festival or holiday was: their spread is what chance does. The share of quiet times at least as far "
            "off is the p-value of the placebo test."
        ),
    ),
    "places": (
        mark("Tenants and zones"),
        mark(
            "Sales of each tenant and zone, and footfall of zones that are counted, against the weeks (or the year) "
            "before; the model has no figures of places. With so many comparisons some look special by chance: p is "
            "corrected by Holm's method over all tenants, or zones, of the event."
        ),
    ),
    "advice": (
        mark("Campaign advisor"),
        mark(
            "What campaigns of a channel added in this mall by their holdouts, put together as random effects; the "
            "range is the 80 % prediction interval of the next campaign, so it holds how much campaigns differ. "
            "Ranked by the lower end. The holdout is the smallest with which the lift seen so far would be found "
            "four times in five. Without a holdout there is no evidence, and none is made up."
        ),
    ),
    "rates": (
        mark("Answers to campaigns"),
        mark(
            "Opened, clicked, and came or bought within a week of the message, as shares of the people it was sent "
            "to. The band holds 95 % of what the campaigns before it lead one to expect (a normal on the logit "
            "scale, with Student's t for few); it needs four earlier campaigns."
        ),
    ),
}  # fmt: skip


class Ranged(float):
    """A figure with its interval: it sorts and is exported as a number, and is read with both ends."""

    text: str

    def __new__(cls, value: float, text: str) -> Ranged:
        made = super().__new__(cls, value)
        made.text = text
        return made


def said(words: Mapping[str, str], code: str) -> str:
    """The name of a code in the language in force; an unknown code says itself."""
    return tr(words[code]) if code in words else code


def named(name: str, name_zh: str | None) -> str:
    """The name in the language in force."""
    return name_zh if language() == "zh" and name_zh else name


def signed(share: float) -> str:
    """A share with its sign, in per cent with one decimal."""
    return f"{'+' if share > 0 else ''}{current().decimal(share * 100, 1)}%"


def lift(effect: EffectRow | None) -> Ranged | None:
    """The lift with its interval."""
    if effect is None or effect.lift is None:
        return None
    if effect.low is None or effect.high is None:
        return Ranged(effect.lift, signed(effect.lift))
    return Ranged(effect.lift, f"{signed(effect.lift)} ({signed(effect.low)} – {signed(effect.high)})")


def ranged(value: object) -> str:
    """How a table writes a figure with its interval."""
    return value.text if isinstance(value, Ranged) else "–"


def verdict(effect: EffectRow | None) -> str:
    """What the effect says."""
    if effect is None or effect.lift is None:
        return said(VERDICTS, "none")
    if effect.state == "running":
        return said(VERDICTS, "running")
    return said(VERDICTS, effect.verdict)


def days(first: str, last: str) -> str:
    """Two days as a range, the year once, where the language has it: before the day in Chinese, after it in English."""
    form = current()
    one, other = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    if one == other:
        return form.day(one, "medium")
    if one.year != other.year:
        return f"{form.day(one, 'medium')} – {form.day(other, 'medium')}"
    if language() == "zh":
        return f"{form.day(one, 'medium')} – {form.day(other, 'short')}"
    return f"{form.day(one, 'short')} – {form.day(other, 'medium')}"


def chance(p: float | None) -> str:
    """A p-value as it is read."""
    if p is None:
        return "–"
    return f"< {current().decimal(0.001, 3)}" if p < 0.001 else current().decimal(p, 3)


def figure(value: float | None, measure: str) -> str:
    """An observed or expected sum: money for sales, else a count."""
    if value is None:
        return "–"
    return current().money(round(value), compact=True) if measure == "sales" else current().integer(round(value))
