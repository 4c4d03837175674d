"""A known fault in the language of the desktop. Engines and commands know no language and say it in English.

A sentence is recognised by its pattern, a key of `resources/i18n/zh/refusals.json` whose `{a}` stands for any text,
and said anew; one that is not known stays as it came.
"""

from __future__ import annotations

import json
import re
from functools import cache

from app.ui.catalogue import language, sentences, tr
from app.ui.resources import RESOURCES
from models.errors import Known

PATTERNS = RESOURCES / "i18n" / "zh" / "refusals.json"


def told(error: Known) -> str:
    """The fault's sentence and its next step; Chinese that the fault brings itself goes first."""
    if language() == "en":
        return f"{error.sentence} {error.step}".strip()
    sentence, step = error.sentence_zh, error.step_zh
    sentence = words(sentence) if sentence == error.sentence else sentence
    step = words(step) if step == error.step else step
    return f"{sentence}{'' if sentence.endswith(('。', '！', '？')) else ' '}{step}".strip()


def words(text: str) -> str:
    """One sentence in the language in force."""
    if language() == "en" or not text or text in sentences(language()):
        return tr(text) if text else ""
    for pattern, source in _patterns():
        if found := pattern.fullmatch(text):
            return tr(source, **found.groupdict())
    return text


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The patterns, those with the most words of their own first, so that the closest one is taken."""
    sources = sorted(json.loads(PATTERNS.read_text(encoding="utf-8")), key=lambda s: (-len(_bare(s)), s))
    return tuple((re.compile(_expression(source), re.S), source) for source in sources if _bare(source) != source)


def _bare(source: str) -> str:
    return re.sub(r"\{\w+\}", "", source)


def _expression(source: str) -> str:
    parts = re.split(r"\{(\w+)\}", source)
    return "".join(f"(?P<{part}>.*?)" if i % 2 else re.escape(part) for i, part in enumerate(parts))
