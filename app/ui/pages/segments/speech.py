"""How the tabs say rules, reasons and states, in the language in force."""

from __future__ import annotations

from collections.abc import Mapping

from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.widgets.badge import Tone
from engines.segments import rule as r
from engines.segments.reasons import parse
from engines.segments.vocabulary import Vocabulary
from engines.segments.words import CAUSES, Speech, words

STATES: Mapping[str, tuple[str, Tone]] = {
    "live": (mark("In use"), "good"), "draft": (mark("Draft"), "accent"), "archived": (mark("Archived"), "neutral"),
}  # fmt: skip


def speech(vocabulary: Vocabulary | None) -> Speech:
    """The engine's words in the desktop's language, with names and money."""
    zh = language() == "zh"
    names = vocabulary.names(zh=zh) if vocabulary else {}
    return Speech(zh, names, _money)


def rule_words(rule: r.Rule, vocabulary: Vocabulary | None) -> str:
    """The rule in words, its first letter large."""
    said = words(rule, speech(vocabulary))
    return said[:1].upper() + said[1:]


def reason_words(code: str, rule: r.Rule | None, vocabulary: Vocabulary | None) -> str:
    """A reason's cause, and the conditions that it names."""
    cause, numbers = parse(code)
    talk = speech(vocabulary)
    said = talk.pick(CAUSES.get(cause, (cause, cause)))
    leaves = r.conditions(rule) if rule is not None else []
    named = [words(leaves[number], talk) for number in numbers if number < len(leaves)]
    return f"{said}: {'; '.join(named)}" if named else said


def state_words(state: str) -> str:
    """A state's name."""
    return tr(STATES[state][0]) if state in STATES else state


def change_words(change: int | None) -> str:
    """A growth or fall with its sign; a dash where the segment is too new."""
    if change is None:
        return "–"
    return ("+" if change > 0 else "") + current().integer(change)


def _money(minor: int) -> str:
    return current().money(minor)
