"""An alert as a sentence in both languages, for who reads it outside the desktop; it names no customer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from engines.access import threats
from engines.anomalies import findings

Language = Literal["en", "zh"]


def words_of(sentence: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """English and Chinese; a template that this version does not know stays its name."""
    if sentence in findings.SENTENCES:
        return _both(lambda language: findings.render(sentence, facts, language))
    if sentence in threats.SENTENCES:
        return _both(lambda language: threats.render(sentence, facts, language))
    return sentence, sentence


def _both(write: Callable[[Language], str]) -> tuple[str, str]:
    return write("en"), write("zh")
