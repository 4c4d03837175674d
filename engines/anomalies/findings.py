"""A finding, its evidence and the sentence a person reads, filled from the evidence and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engines.anomalies.sentences import SENTENCES, SUBJECTS, Language

__all__ = ["SENTENCES", "SUBJECTS", "Finding", "Language", "Value", "render"]

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


def render(sentence: str, facts: Mapping[str, Value], language: Language) -> str:
    """The sentence of a template with its facts. Raises KeyError where a fact is missing."""
    return SENTENCES[sentence][language].format(**{**facts, "subject": _subject(facts, language)})


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
