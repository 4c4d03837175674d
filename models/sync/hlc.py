"""Hybrid logical clocks (Kulkarni et al. 2014, "Logical Physical Clocks"): 48 bits of UTC milliseconds, 16 of counter.

They order changes as their makers saw them: never behind the wall clock's time of the change, and always after
whatever the node had sent or taken before, also where a wall clock goes back.
"""

from __future__ import annotations

from collections.abc import Iterable

COUNTER_BITS = 16


def of(at: int) -> int:
    """The first clock of a UTC millisecond."""
    return at << COUNTER_BITS


def wall(hlc: int) -> int:
    """The clock's UTC milliseconds."""
    return hlc >> COUNTER_BITS


def after(last: int, at: int) -> int:
    """The clock of a change made at UTC millisecond `at`, on a node whose newest clock was `last`."""
    return max(last + 1, of(at))


def series(last: int, ats: Iterable[int]) -> list[int]:
    """The clocks of several changes, in the order of the log."""
    made = []
    for at in ats:
        last = after(last, at)
        made.append(last)
    return made


def receive(last: int, remote: int) -> int:
    """The node's newest clock once it has seen a remote one: its next change comes after both."""
    return max(last, remote)
