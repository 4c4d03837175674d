"""What kinds of import, fields and states are called on the Import page."""

from __future__ import annotations

from app.ui.i18n import language, mark, tr
from app.ui.widgets.badge import Tone
from engines.intake.fields import KINDS as DECLARED
from engines.intake.fields import Field

KINDS: dict[str, str] = {
    "sales": mark("Sales"),
    "members": mark("Members"),
    "tenants": mark("Tenants"),
    "activities": mark("Activities"),
    "counts": mark("Counts"),
    "calendar": mark("Calendar"),
    "declarations": mark("Declarations"),
    "leases": mark("Leases"),
    "campaigns": mark("Campaigns"),
    "occasions": mark("Events"),
    "prospects": mark("Prospects"),
    "deals": mark("Deals"),
    "deal_activities": mark("Steps of deals"),
    "consents": mark("Consents"),
    "money": mark("Income and costs"),
}
STATES: dict[str, tuple[str, Tone]] = {
    "loading": (mark("Loading"), "accent"),
    "done": (mark("Done"), "good"),
    "failed": (mark("Failed"), "bad"),
    "cancelled": (mark("Cancelled"), "neutral"),
    "undoing": (mark("Being taken back"), "accent"),
    "undone": (mark("Taken back"), "neutral"),
}
_ENGLISH = {
    "at": "Date and time",
    "n": "People",
    "staff_n": "Staff",
    "txns": "Receipts in the row",
    "net": "Net amount",
    "gla": "Square metres",
    "from_day": "First day",
    "to_day": "Last day",
    "created_day": "First contact",
    "opened_day": "First day",
    "closed_day": "Day it ended",
    "occasion": "Event",
    "head": "What for",
    "side": "Income or cost",
}
_CHINESE = {"at": "日期时间", "n": "人数", "key": "编号", "props": "其他信息"}


def kind_title(kind: str) -> str:
    """A kind of import in the language in force."""
    return tr(KINDS.get(kind, kind))


def field_title(field: Field) -> str:
    """A field in the language in force; its declaration holds what senders call it in both."""
    if language() == "zh":
        return _CHINESE.get(field.name) or (field.names_zh[0] if field.names_zh else field.name)
    return _ENGLISH.get(field.name) or field.name.replace("_", " ").capitalize()


def field_named(name: str) -> str:
    """The title of a field of any kind; a name that no kind declares says itself."""
    found = (field for kind in DECLARED.values() for field in kind.fields if field.name == name)
    return next((field_title(field) for field in found), name)


def state_title(state: object) -> str:
    """The state of an import in the language in force."""
    return tr(STATES.get(str(state), (str(state), "neutral"))[0])
