"""Everything a person can do from anywhere, as data: menu, shortcuts and palette read one list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """A thing to do: its title (English source), shortcut, extra words to find it by, and what it does."""

    name: str
    title: str
    do: Callable[[], None]
    shortcut: str = ""
    words: str = ""
    icon: str = "forward"


def matching(commands: Sequence[Command], typed: str, titles: Callable[[Command], str]) -> list[Command]:
    """Commands whose title, English or translated, or extra words hold every typed word; best first.

    A title that begins with what was typed comes before one that only holds it.
    """
    words = typed.casefold().split()
    found: list[tuple[int, int, Command]] = []
    for position, command in enumerate(commands):
        shown = titles(command).casefold()
        text = f"{shown} {command.title.casefold()} {command.words.casefold()}"
        if all(word in text for word in words):
            rank = 0 if shown.startswith(typed.casefold()) else 1
            found.append((rank, position, command))
    return [command for _, _, command in sorted(found, key=_rank)]


def _rank(entry: tuple[int, int, Command]) -> tuple[int, int]:
    return entry[0], entry[1]
