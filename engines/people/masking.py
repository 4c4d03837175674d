"""Personal values as lists show them: enough to recognise someone who says who they are, no more."""

from __future__ import annotations


def mask_name(name: str | None) -> str:
    """The family name of a Chinese name, the first letter of each part of another; the rest is dots."""
    if not name:
        return ""
    if any("\u4e00" <= letter <= "\u9fff" for letter in name):
        return name[0] + "•" * (len(name) - 1)
    return " ".join(part[0] + "•" * min(len(part) - 1, 4) for part in name.split())


def mask_value(kind: str, value: str | None) -> str:
    """A phone or card keeps its last four, an e-mail its first letter and domain."""
    if not value:
        return ""
    if kind == "email" and "@" in value:
        local, _, domain = value.partition("@")
        return f"{local[:1]}•••@{domain}"
    shown = 4 if len(value) > 6 else min(2, len(value) - 1)
    return "••••" + (value[-shown:] if shown > 0 else "")
