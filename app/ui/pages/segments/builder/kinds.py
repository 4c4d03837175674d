"""The kinds of condition that the builder offers, and what a new one begins with."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.ui.i18n import mark
from engines.segments import fields
from engines.segments import rule as r
from engines.segments.vocabulary import Vocabulary

TITLES: Mapping[str, str] = {
    "performed": mark("Did"), "not_performed": mark("Did not do"), "last_performed": mark("Last did"),
    "spend": mark("Spent"), "trait": mark("Field"), "lifecycle": mark("Stage"), "score": mark("Score"),
    "consent": mark("Consent"), "includes": mark("Segment"), "bucket": mark("Random share"),
    "everyone": mark("Everyone"),
}  # fmt: skip
_FIRST: Mapping[str, Callable[[Vocabulary], r.Rule]] = {
    "performed": lambda _v: r.Performed(r.PURCHASE, "at_least", 1, r.Window(30)),
    "not_performed": lambda _v: r.NotPerformed(r.PURCHASE, r.Window(30)),
    "last_performed": lambda _v: r.LastPerformed(r.PURCHASE, "before", 30),
    "spend": lambda _v: r.Spend("at_least", 10_000, r.Window(90)),
    "trait": lambda _v: r.Trait("tier", "is", ("gold",)),
    "lifecycle": lambda _v: r.Lifecycle(()),
    "score": lambda _v: r.Score(fields.SCORES[0].name, "ge", ()),
    "consent": lambda _v: r.Consent("marketing", "sms"),
    "includes": lambda v: r.Includes(v.segments[0].code if v.segments else ""),
    "bucket": lambda _v: r.Bucket(10.0, "test"),
    "everyone": lambda _v: r.Everyone(),
}
_NAMES: Mapping[type[object], str] = {
    r.Performed: "performed", r.NotPerformed: "not_performed", r.LastPerformed: "last_performed", r.Spend: "spend",
    r.Trait: "trait", r.Lifecycle: "lifecycle", r.Score: "score", r.Consent: "consent", r.Includes: "includes",
    r.Bucket: "bucket", r.Everyone: "everyone",
}  # fmt: skip


def offered() -> list[str]:
    """The kinds that this site can use: stages and scores only where an engine gives them."""
    absent = {*(("lifecycle",) if fields.STAGE is None else ()), *(() if fields.SCORES else ("score",))}
    return [name for name in TITLES if name not in absent]


def kind_of(node: r.Rule) -> str:
    """The kind of a condition."""
    return _NAMES[type(node)]


def first(kind: str, vocabulary: Vocabulary) -> r.Rule:
    """What a new condition of the kind begins with."""
    return _FIRST[kind](vocabulary)
