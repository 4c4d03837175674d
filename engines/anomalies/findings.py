"""A finding, its evidence and the sentence a person reads, filled from the evidence and from nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from engines.anomalies.sentences import SENTENCES, SUBJECTS, Language

__all__ = ["SENTENCES", "SUBJECTS", "Finding", "Language", "Value", "is_money", "render"]

Kind = Literal[
    "unusual_day", "unusual_week", "unusual_hours", "silent_hours", "level_change", "unusual_share", "slow_job",
    "failing_job", "dropped_frames", "rejected_rows",
]  # fmt: skip
Value = str | int | float | None


@dataclass(frozen=True)
class Finding:
    """Something unusual.

    `day` is ISO text; `score` counts robust standard deviations (its sign is the direction; for silent hours
    the count that was to be expected). `facts` fill the sentence; `evidence` are the rows that show it, each
    with what was observed, what was expected and the band outside which it was unusual.
    """

    kind: Kind
    subject: str
    day: str
    score: float
    sentence: str
    facts: Mapping[str, Value]
    evidence: tuple[Mapping[str, Value], ...]

    @property
    def fingerprint(self) -> str:
        """The same for the same finding made again: kind, subject, day and, for hours, the first hour.

        A change of level is known by sentence and month: its estimated day moves a little as days are added.
        """
        if self.kind == "level_change":
            return f"{self.sentence}:{self.subject}:{self.day[:7]}"
        hour = self.facts.get("from_hour")
        return ":".join([self.kind, self.subject, self.day] + ([] if hour is None else [str(hour)]))

    @property
    def severity(self) -> str:
        """ "warning" for what may be broken or lasting, "notice" for what is only unusual."""
        serious = ("silent_hours", "level_change", "failing_job", "dropped_frames")
        return "warning" if self.kind in serious else "notice"


MoneyWriter = Callable[[float, bool], str]
"""Writes an amount in the currency's main unit, without its minor unit where the second argument is true."""
#: Series whose values are amounts: the mall's sales, those of a tenant and of a trade.
_OF_MONEY = re.compile(r"sales|(?:tenant|category) .+")
_SEEN = ("observed", "expected", "low", "high", "before", "after")


class _Amount(float):
    """An amount that a template writes as money, whole where it asks for no decimals."""

    write: MoneyWriter

    def __format__(self, spec: str) -> str:
        return self.write(float(self), spec.endswith(".0f"))


def is_money(subject: str) -> bool:
    """Whether what is observed of the subject are amounts in the currency's main unit."""
    return _OF_MONEY.fullmatch(subject) is not None


def render(sentence: str, facts: Mapping[str, Value], language: Language, *, money: MoneyWriter | None = None) -> str:
    """The sentence of a template with its facts, amounts written by `money`: without it after the currency's code,
    where the facts have one. Raises KeyError where a fact is missing."""
    write = money or _plain(str(facts.get("currency") or ""))
    names = ("amount", *(_SEEN if is_money(str(facts["subject"])) else ()))
    amounts = {name: _amount(value, write) for name in names if isinstance(value := facts.get(name), int | float)}
    return SENTENCES[sentence][language].format(**{**facts, **amounts, "subject": _subject(facts, language)})


def _amount(value: float, write: MoneyWriter) -> _Amount:
    made = _Amount(value)
    made.write = write
    return made


def _plain(currency: str) -> MoneyWriter:
    def write(value: float, whole: bool) -> str:
        return f"{currency} {value:,.{0 if whole else 2}f}".strip()

    return write


def _subject(facts: Mapping[str, Value], language: Language) -> str:
    """The series' name as a person says it: the mall's own, a gate's code, or the name among the facts."""
    subject = str(facts["subject"])
    if named := facts.get("subject_zh" if language == "zh" else "subject_en"):
        return str(named)
    if subject in SUBJECTS:
        return SUBJECTS[subject][language]
    gate = subject.removeprefix("gate ")
    if gate == subject:
        return subject
    return f"入口 {gate}" if language == "zh" else f"Gate {gate}"
