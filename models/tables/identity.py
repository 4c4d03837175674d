"""Identity: what each source said of people, pairs that may be one person, merges, and the golden record.

Merges form a forest: every merge that is not undone hangs one person under another. A sign or a card is at home
with the person it belonged to before any merge; it belongs to the root above its home. Undoing a merge removes
that one edge, whatever was merged before or after it.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class PersonAttr(Row):
    """One thing a source said of a person at a time; a row is added only where the source's word changed.

    It hangs on the identifier (the card, as a rule) by which the source knows the person, so that it follows merges.
    `attr` is name, gender, birth_year, language, home_area, channel, tier, phone or email; `sign_id` is the
    identifier that a phone or e-mail is.
    """

    __tablename__ = "person_attr"
    __table_args__ = kind(
        "F",
        Index("ix_person_attr_identifier_id", "identifier_id", "attr"),
        Index("ix_person_attr_sign_id", "sign_id"),
        Index("ix_person_attr_batch_id", "batch_id"),
        personal=True,
    )
    id: Mapped[bytes] = mapped_column(primary_key=True)
    identifier_id: Mapped[bytes] = mapped_column(ForeignKey("identifier.id"))
    attr: Mapped[str]
    source_id: Mapped[bytes] = mapped_column(ForeignKey("source.id"))
    value: Mapped[str] = mapped_column(info={"direct": True})
    sign_id: Mapped[bytes | None]
    observed_at: Mapped[int]
    batch_id: Mapped[bytes | None]


class AttrRule(Row):
    """Which of several values of an attribute the golden record takes: the mall's own rule, where it has one.

    `strategy` is most_recent, trusted_source, non_empty, oldest or most_frequent; `sources` a JSON list of source
    codes, the most trusted first.
    """

    __tablename__ = "attr_rule"
    __table_args__ = kind("R")
    attr: Mapped[str] = mapped_column(primary_key=True)
    strategy: Mapped[str]
    sources: Mapped[str]


class ProfileAttr(Row):
    """The golden record: the one value of an attribute of a person, where it comes from, and how many values differ.

    `source` is the source's code, `differing` counts other values that sources say now, `strategy` is the rule that
    chose. Rebuilt from what the sources said.
    """

    __tablename__ = "profile_attr"
    __table_args__ = kind("D", rowid=False)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    attr: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(info={"direct": True})
    source: Mapped[str]
    strategy: Mapped[str]
    observed_at: Mapped[int]
    differing: Mapped[int]


class MergeOp(Row):
    """One merge: `absorbed` hangs under `survivor` until it is undone. `evidence` is JSON without plain values.

    People may be erased, and imports taken back, without a trace of a merge being lost: no foreign keys.
    """

    __tablename__ = "merge_op"
    __table_args__ = kind(
        "E", Index("ix_merge_op_survivor", "survivor"), Index("ix_merge_op_absorbed", "absorbed"), personal=True
    )
    id: Mapped[bytes] = mapped_column(primary_key=True)
    survivor: Mapped[bytes]
    absorbed: Mapped[bytes]
    evidence: Mapped[str]
    reason: Mapped[str]
    actor: Mapped[str]
    at: Mapped[int]
    undone_by: Mapped[str | None]
    undone_at: Mapped[int | None]


class MergeMember(Row):
    """A card that a merge moved, and the person it is at home with; identifiers need none, their links say it."""

    __tablename__ = "merge_member"
    __table_args__ = kind("E", Index("ix_merge_member_home", "home"), personal=True)
    member_id: Mapped[bytes] = mapped_column(primary_key=True)
    home: Mapped[bytes]


class MergedPerson(Row):
    """Everyone who stands for another now: the root above them. Rebuildable from the merges that are not undone."""

    __tablename__ = "merged_person"
    __table_args__ = kind("D", Index("ix_merged_person_into_id", "into_id"), rowid=False)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    into_id: Mapped[bytes]


class DupCandidate(Row):
    """Two people who may be one. `person_a` is the lower id; `score` the match probability (0 to 1) of the last run.

    `evidence` is JSON: for each feature its level and weight (log2 of the Bayes factor), never a plain value.
    `state` is open, same or different; what a person decided is never asked again.
    """

    __tablename__ = "dup_candidate"
    __table_args__ = kind("E", Index("ix_dup_candidate_state", "state", "score"), personal=True)
    person_a: Mapped[bytes] = mapped_column(primary_key=True)
    person_b: Mapped[bytes] = mapped_column(primary_key=True)
    score: Mapped[float]
    evidence: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    found_at: Mapped[int]
    decided_by: Mapped[str | None]
    decided_at: Mapped[int | None]


class SharedSign(Row):
    """A phone or e-mail that several people gave: `verdict` is household (2 to 6 people) or public (more)."""

    __tablename__ = "shared_sign"
    __table_args__ = kind("D", Index("ix_shared_sign_person_id", "person_id"), rowid=False)
    identifier_id: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    people: Mapped[int]
    verdict: Mapped[str]
