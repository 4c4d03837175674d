"""How a camera's state and its picture's flaws are called."""

from __future__ import annotations

from collections.abc import Mapping

from app.ui.catalogue import mark, tr
from app.ui.format import current
from app.ui.widgets.badge import Tone

FLAWS: Mapping[str, str] = {
    "dark": mark("Night picture"), "frozen": mark("The picture stands still"), "black": mark("The picture is black"),
    "covered": mark("The lens is covered"), "moved": mark("The camera was moved"), "slow": mark("Too few pictures"),
    "partial": mark("Watched in part"), "reduced": mark("Reduced accuracy"),
}  # fmt: skip
STATES: Mapping[str, tuple[str, Tone]] = {
    "counting": (mark("Counting"), "good"), "waiting": (mark("Waiting for a picture"), "warning"),
    "lost": (mark("No picture"), "bad"), "ended": (mark("Ended"), "neutral"),
    "wrong": (mark("Needs setting up"), "bad"),
}  # fmt: skip


def flaw_words(minutes: Mapping[str, int]) -> str:
    """Minutes by flaw, the longest first: "Night picture 3 h, The lens is covered 5 min"."""
    ranked = sorted(minutes.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{tr(FLAWS.get(name, name))} {current().duration(n * 60)}" for name, n in ranked if n)
