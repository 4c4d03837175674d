"""What the Attribution page says: names of models, channels, measures, and what each figure means."""

from __future__ import annotations

from collections.abc import Mapping

from app.ui.catalogue import language, mark, tr
from app.ui.format import current
from app.ui.widgets.channel_words import channel

MODELS: Mapping[str, str] = {
    "first": mark("First-touch"), "last": mark("Last-touch"), "linear": mark("Linear"), "decay": mark("Time decay"),
    "position": mark("Position 40/20/40"), "shapley": mark("Shapley on sets"), "markov": mark("Markov removal"),
    "touched": mark("After any touch"),
}  # fmt: skip
CONVERSIONS: Mapping[str, str] = {
    "purchase": mark("Every purchase"), "first": mark("First purchase"), "visit": mark("Visit (check-in)"),
}  # fmt: skip
LOOKBACKS = (7, 30, 90)
DIMENSIONS: Mapping[str, str] = {
    "channel": mark("Channels"), "campaign": mark("Campaigns"), "tenant": mark("Tenants"),
}  # fmt: skip
RATIOS: Mapping[str, str] = {
    "ok": mark("as planned"), "warns": mark("look at it"), "blocks": mark("not as planned: unreadable"),
    "unknown": mark("no plan"),
}  # fmt: skip

#: What a figure is and how it is worked out, by the name of its card.
MEANINGS: Mapping[str, tuple[str, str]] = {
    "models": (
        mark("Models compared"),
        mark(
            "A conversion's path is every touch of its person in the look-back before it: messages (one a day, "
            "whether sent, opened or clicked), web pages and app visits (one a day), referrals. Each model shares one "
            "conversion among its path: first or last touch takes all; linear shares equally; time decay halves a "
            "touch's weight with each half-life; position gives 40 % to the first, 40 % to the last, 20 % to those "
            "between; Shapley on sets shares equally among the different channels of the path, which is exact for "
            "the game in which a set of channels earns the paths that it covers; Markov removal asks what share of "
            "conversions would be lost if a channel led nowhere, solved exactly for a first-order chain with the "
            "paths that led to nothing. Every model's credits sum to the conversions after a touch. All of them are "
            "correlations: people who buy anyway get messages too."
        ),
    ),
    "league": (
        mark("League"),
        mark(
            "Attributed: the chosen model's credit, with the interval that holds 80 % of 200 resamplings of people. "
            "Added by holdout: receipts and sales of those a campaign was sent to, less those of people it was held "
            "back from, times the people reached, with a 95 % interval; campaigns whose days still run or whose "
            "groups did not come out as planned are left out. Return: (added sales x margin - cost) / cost, from the "
            "holdout first, from the model second. The margin, what the mall keeps of a sale, is a setting; until "
            "somebody sets it, no return is shown, only sales for each unit spent (sales / cost), which is no "
            "profit. Cost is what was booked for the campaign, else its budget. Returns of goods lower what holdouts "
            "measure, not what models credit."
        ),
    ),
    "paths": (
        mark("Commonest paths"),
        mark(
            "Channels in the order in which they touched, the newest six. Lost: paths that no conversion followed "
            "within the look-back; touches too young to tell are left out. Days are counted from the first touch."
        ),
    ),
    "lags": (
        mark("Time to convert"),
        mark(
            "Whole days from the first touch within the look-back to the conversion. A longer look-back finds older "
            "first touches, so figures of different look-backs do not compare."
        ),
    ),
    "holdouts": (
        mark("Checked by holdouts"),
        mark(
            "Each campaign: people it was sent to against people it was held back from by chance, from their "
            "assignment to the campaign's end (at least 7 days), whatever was opened. Shares: Newcombe's interval; "
            "receipts and sales a person: Welch's. Groups: chi-square of their sizes against the planned holdout "
            "share; below .001 the result is not to be read, below .01 somebody should look. Attributed receipts "
            "beside it show how much of a model's credit was not caused."
        ),
    ),
    "bridge": (
        mark("From touches to all sales"),
        mark(
            "Sales of known people in the year, by the channel that the chosen model credits, then those that no touch "
            "went before. Sales without a known customer are not part of it."
        ),
    ),
}  # fmt: skip


def said(words: Mapping[str, str], code: str) -> str:
    """The name of a code in the language in force; an unknown code says itself."""
    return tr(words[code]) if code in words else code


def path(text: str) -> str:
    """A path with its channels named."""
    return " → ".join(part if part == "…" else channel(part) for part in text.split(" > "))


def named(name: str, name_zh: str | None) -> str:
    """The name in the language in force."""
    return name_zh if language() == "zh" and name_zh else name


class Ranged(float):
    """A figure with its interval: it sorts and is exported as a number, and is read with both ends."""

    text: str

    def __new__(cls, value: float, text: str) -> Ranged:
        made = super().__new__(cls, value)
        made.text = text
        return made


def counted(value: float, low: float, high: float) -> Ranged:
    """A count with its interval."""
    form = current()
    return Ranged(value, f"{form.integer(value)} ({form.integer(low)} – {form.integer(high)})")


def paid(value: float, low: float, high: float) -> Ranged:
    """An amount (minor units) with its interval, in short."""
    form = current()
    middle, *ends = (form.money(round(v), compact=True) for v in (value, low, high))
    return Ranged(value, f"{middle} ({ends[0]} – {ends[1]})")


def returned(value: float, low: float, high: float) -> Ranged:
    """A share with its interval, in whole per cent."""
    middle, *ends = (current().decimal(v * 100, 0) for v in (value, low, high))
    return Ranged(value, f"{middle}% ({ends[0]} – {ends[1]})")


def times(value: float, low: float, high: float) -> Ranged:
    """Sales for each unit spent, with their interval."""
    form = current()
    words = tr("sales ×{times}", times=form.decimal(value, 1))
    return Ranged(value, f"{words} ({form.decimal(low, 1)} – {form.decimal(high, 1)})")


def points(value: float, low: float, high: float) -> Ranged:
    """A difference of shares with its interval, in percentage points."""
    middle, *ends = (current().decimal(v * 100, 1) for v in (value, low, high))
    return Ranged(value, tr("{points} pp", points=middle) + f" ({ends[0]} – {ends[1]})")


def ranged(value: object) -> str:
    """How a table writes a figure with its interval; nothing where there is none."""
    return value.text if isinstance(value, Ranged) else ""
