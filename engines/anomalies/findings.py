"""A finding, its evidence and the sentence a person reads, filled from the evidence and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["unusual_day", "unusual_hours", "silent_hours", "level_change"]
Language = Literal["en", "zh"]
Value = str | int | float | None

SENTENCES: Mapping[str, Mapping[Language, str]] = {
    "day_above": {
        "en": "{subject}: {observed:,.0f} on {day}, {percent:.0f} % above the {expected:,.0f} expected "
        "(usual range {low:,.0f} to {high:,.0f}).",
        "zh": "{subject}：{day} 为 {observed:,.0f}，比预期的 {expected:,.0f} 高 {percent:.0f}%"
        "（通常在 {low:,.0f} 至 {high:,.0f} 之间）。",
    },
    "day_below": {
        "en": "{subject}: {observed:,.0f} on {day}, {percent:.0f} % below the {expected:,.0f} expected "
        "(usual range {low:,.0f} to {high:,.0f}).",
        "zh": "{subject}：{day} 为 {observed:,.0f}，比预期的 {expected:,.0f} 低 {percent:.0f}%"
        "（通常在 {low:,.0f} 至 {high:,.0f} 之间）。",
    },
    "hours_above": {
        "en": "{subject}: on {day} from {from_hour}:00 to {to_hour}:00 {observed:,.0f}, much above "
        "the usual {expected:,.0f}.",
        "zh": "{subject}：{day} {from_hour}:00 至 {to_hour}:00 为 {observed:,.0f}，明显高于通常的 {expected:,.0f}。",
    },
    "hours_below": {
        "en": "{subject}: on {day} from {from_hour}:00 to {to_hour}:00 {observed:,.0f}, much below "
        "the usual {expected:,.0f}.",
        "zh": "{subject}：{day} {from_hour}:00 至 {to_hour}:00 为 {observed:,.0f}，明显低于通常的 {expected:,.0f}。",
    },
    "hours_zero": {
        "en": "{subject} counted nobody on {day} from {from_hour}:00 to {to_hour}:00, where about {expected:,.0f} "
        "is usual: check the counter.",
        "zh": "{subject} 在 {day} {from_hour}:00 至 {to_hour}:00 计数为零，通常约为 {expected:,.0f}，请检查计数设备。",
    },
    "hours_missing": {
        "en": "{subject} sent no counts on {day} from {from_hour}:00 to {to_hour}:00, where about {expected:,.0f} "
        "is usual: check the connection.",
        "zh": "{subject} 在 {day} {from_hour}:00 至 {to_hour}:00 没有数据，通常约为 {expected:,.0f}，请检查连接。",
    },
    "level_up": {
        "en": "{subject}: since about {day} the level is {percent:.0f} % higher than in the six weeks before, "
        "the calendar set aside ({before:,.0f} to {after:,.0f} on a typical day).",
        "zh": "{subject}：大约自 {day} 起，排除日历因素后，水平比此前六周高 {percent:.0f}%"
        "（典型日由 {before:,.0f} 变为 {after:,.0f}）。",
    },
    "level_down": {
        "en": "{subject}: since about {day} the level is {percent:.0f} % lower than in the six weeks before, "
        "the calendar set aside ({before:,.0f} to {after:,.0f} on a typical day).",
        "zh": "{subject}：大约自 {day} 起，排除日历因素后，水平比此前六周低 {percent:.0f}%"
        "（典型日由 {before:,.0f} 变为 {after:,.0f}）。",
    },
}

SUBJECTS: Mapping[str, Mapping[Language, str]] = {
    "footfall": {"en": "Footfall", "zh": "客流"},
    "sales": {"en": "Sales", "zh": "销售额"},
}


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
        return "warning" if self.kind in ("silent_hours", "level_change") else "notice"


def render(sentence: str, facts: Mapping[str, Value], language: Language) -> str:
    """The sentence of a template with its facts. Raises KeyError where a fact is missing."""
    return SENTENCES[sentence][language].format(**{**facts, "subject": _subject(str(facts["subject"]), language)})


def _subject(subject: str, language: Language) -> str:
    """The series' name as a person says it: the mall's own, or a gate's code."""
    if subject in SUBJECTS:
        return SUBJECTS[subject][language]
    gate = subject.removeprefix("gate ")
    if gate == subject:
        return subject
    return f"入口 {gate}" if language == "zh" else f"Gate {gate}"
