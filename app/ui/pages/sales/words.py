"""Names and signs on the Sales page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from app.ui.format import MISSING, current
from app.ui.i18n import language, mark, tr

PAYMENTS: Mapping[str, str] = {
    "wechat": mark("WeChat Pay"), "alipay": mark("Alipay"), "card": mark("Bank card"), "cash": mark("Cash"),
    "voucher": mark("Voucher"),
}  # fmt: skip
AGAINST: Mapping[str, str] = {
    "previous": mark("against the period before"), "weekday": mark("against the same weekdays last year"),
    "date": mark("against the same dates last year"), "festival": mark("against the same days from the festival"),
}  # fmt: skip
COMPARED: Mapping[str, str] = {
    "previous": mark("Period before"), "weekday": mark("Last year"), "date": mark("Last year"),
    "festival": mark("Last year"),
}  # fmt: skip
STATES: Mapping[str, str] = {
    "missing": mark("Missing"), "due": mark("Due"), "late": mark("Late"), "declared": mark("On time"),
}  # fmt: skip
BASES: Mapping[str, str] = {"declared": mark("Declared"), "pos": mark("Till"), "receipt": mark("Receipt")}


def named(name: str, name_zh: str | None) -> str:
    """The name in the language in force."""
    return name_zh if name_zh and language() == "zh" else name


def payment_name(code: str | None) -> str:
    """A means of payment; senders' own words stay as they are."""
    if not code:
        return tr("Not stated")
    return tr(PAYMENTS[code.lower()]) if code.lower() in PAYMENTS else code


def state_name(state: str) -> str:
    """A declaration's state."""
    return tr(STATES[state])


def signed(share: float | None) -> str:
    """A change with its sign: +3.4%."""
    if share is None:
        return MISSING
    text = current().percent(abs(share))
    sign = "" if text == current().percent(0) else "+" if share > 0 else "−"
    return f"{sign}{text}"


def day(text: str, style: str = "short") -> str:
    """A business day; `long` styles add the weekday or the year."""
    when, form = date.fromisoformat(text), current()
    if style == "weekday":
        return f"{form.weekday(when.weekday())} {form.day(when, 'short')}"
    return form.day(when, "medium" if style == "medium" else "short")


def days(first: str, last: str) -> str:
    """A run of days with the year."""
    return day(first, "medium") if first == last else f"{day(first, 'medium')} – {day(last, 'medium')}"
