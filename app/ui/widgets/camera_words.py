"""How a camera's state and its picture's flaws are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.ui.catalogue import mark, tr
from app.ui.format import current
from app.ui.widgets.badge import Tone

FLAWS: Mapping[str, tuple[str, Tone]] = {
    "dark": (mark("Night picture"), "warning"), "frozen": (mark("The picture stands still"), "bad"),
    "black": (mark("The picture is black"), "bad"), "covered": (mark("The lens is covered"), "bad"),
    "moved": (mark("The camera was moved"), "bad"), "slow": (mark("Too few pictures"), "warning"),
    "partial": (mark("Watched in part"), "warning"), "reduced": (mark("Reduced accuracy"), "warning"),
}  # fmt: skip
"""What lessens a picture's worth."""
STATES: Mapping[str, tuple[str, Tone]] = {
    "counting": (mark("Counting"), "good"), "waiting": (mark("Waiting for a picture"), "warning"),
    "lost": (mark("No picture"), "bad"), "ended": (mark("Ended"), "neutral"),
    "wrong": (mark("Needs setting up"), "bad"),
}  # fmt: skip


def named_flaws(flaws: Iterable[str]) -> tuple[tuple[str, Tone], ...]:
    """Each flaw in words with its tone, the worst first; one that has no name is left out."""
    known = [(tr(words), tone) for words, tone in (FLAWS[flaw] for flaw in flaws if flaw in FLAWS)]
    return tuple(sorted(known, key=_severity))


def flaw_list(flaws: Iterable[str]) -> str:
    """The flaws in words, the worst first: "The lens is covered, Night picture"; empty where there is none."""
    return ", ".join(words for words, _ in named_flaws(flaws))


def _severity(flaw: tuple[str, Tone]) -> bool:
    return flaw[1] != "bad"


def flaw_words(minutes: Mapping[str, int]) -> str:
    """Minutes by flaw, the longest first: "Night picture 3 h, The lens is covered 5 min"."""
    ranked = sorted(minutes.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(
        f"{tr(FLAWS[name][0]) if name in FLAWS else name} {current().duration(n * 60)}" for name, n in ranked if n
    )
