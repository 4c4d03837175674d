"""Personal values as lists show them: enough to recognise someone who says who they are, no more."""

from __future__ import annotations

HIDDEN = "••••"


def mask_name(name: str | None) -> str:
    """The family name of a Chinese name, the first letter of each part of another; the rest is dots.

    A part of one letter is a dot, unless it is all there is of an initial ("A.").
    """
    if not name:
        return ""
    if any("\u4e00" <= letter <= "\u9fff" for letter in name):
        return name[0] + "•" * (len(name) - 1) if len(name) > 1 else "•"
    return " ".join(_masked(part) for part in name.split())


def mask_value(kind: str, value: str | None) -> str:
    """A phone, card or number keeps its last four (fewer of a short one), an e-mail its first letter and domain."""
    if not value:
        return ""
    if kind == "email" and "@" in value:
        local, _, domain = value.rpartition("@")
        return f"{local[:1]}•••@{domain}"
    shown = 4 if len(value) > 6 else min(2, len(value) - 1)
    return HIDDEN + (value[-shown:] if shown > 0 else "")


def _masked(part: str) -> str:
    return part[0] + "•" * min(len(part) - 1, 4) if len(part) > 1 else "•"
