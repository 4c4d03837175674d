"""Why a row was refused, in the language in force. The store keeps the reason in English, as the commands say it."""

from __future__ import annotations

import re
from functools import cache

from app.ui.catalogue import mark, tr
from app.ui.pages.intake.words import field_named

#: What the loaders say; {words} stands for what the sender wrote, {field} for a field that was empty.
REASONS: tuple[str, ...] = (
    mark("{field} is empty"),
    mark("'{words}' is none of {known}"),
    mark("'{words}' is too large for an amount"),
    mark("'{words}' is not in {currency}, the site's currency"),
    mark("'{words}' is not an amount"),
    mark("'{words}' is not a whole number"),
    mark("'{words}' is not a number with a decimal comma"),
    mark("'{words}' is not a number with a decimal point"),
    mark("'{words}' is not a month"),
    mark("'{words}' is not a date"),
    mark("'{words}' is not a time of day"),
    mark("'{words}' is no year of birth"),
    mark("'{words}' is no day of the calendar"),
    mark("'{words}' is still to come"),
    mark("'{words}' is neither yes nor no"),
    mark("'{words}' is neither in nor out"),
    mark("the year of {day} cannot be right"),
    mark("there is no zone '{words}'"),
    mark("there is no tenant '{words}'"),
    mark("there is no lease '{words}'"),
    mark("there is no deal '{words}'"),
    mark("there is no campaign '{words}'"),
    mark("there is no occasion '{words}'"),
    mark("the row has no amount, and no quantity with a price"),
    mark("the properties are no JSON object"),
    mark("the number of the receipt is empty"),
    mark("the file has another count for this gate and time"),
    mark("the file has more than one total for this shop and time"),
    mark("the amount is too large"),
    mark("the last day is before the first"),
    mark("it ended before it began"),
    mark("it ends before it begins"),
    mark("it is below 0"),
    mark("the row gives no rent; a lease without one says 0"),
    mark("an area is above 0"),
    mark("the share of sales is between 0 and 100 per cent"),
    mark("the share held back is between 0 and 100 per cent"),
    mark("the row is in {said}, the site's currency is {ours}"),
    mark("the count has no time of day"),
    mark("the row has no count, or one below zero"),
    mark("the row names neither a lease nor a tenant"),
    mark("the row names nobody by card, customer number, phone, e-mail or device"),
)


def reason_words(value: object) -> str:
    """The reason as a person reads it; one that is not known stays as it is."""
    text = str(value or "")
    for template, form in _forms():
        if found := form.fullmatch(text):
            parts = found.groupdict()
            if "field" in parts:
                parts["field"] = field_named(parts["field"])
            return tr(template, **parts)
    return text


@cache
def _forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((reason, re.compile(_pattern(reason), re.DOTALL)) for reason in REASONS)


def _pattern(template: str) -> str:
    """The template as a pattern: what stands in braces is any text."""
    parts = re.split(r"\{(\w+)\}", template)
    return "".join(f"(?P<{part}>.*)" if i % 2 else re.escape(part) for i, part in enumerate(parts))
