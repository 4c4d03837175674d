"""Segments of people: the rule's versions, who belongs, who is pinned, and what each run changed."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class Segment(Row):
    """A named group of people. `state` is draft, live (its members are kept) or archived; `version` its rule's."""

    __tablename__ = "segment"
    __table_args__ = kind("R")
    id: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="draft")
    version: Mapped[int] = mapped_column(default=1)
    at: Mapped[int]
    actor: Mapped[str]


class SegmentVersion(Row):
    """One version of a segment's rule, never changed: canonical JSON (`rule`) and its SHA-256 in hexadecimal."""

    __tablename__ = "segment_version"
    __table_args__ = kind("R")
    segment_id: Mapped[bytes] = mapped_column(ForeignKey("segment.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str]
    sha256: Mapped[str]
    actor: Mapped[str]
    at: Mapped[int]


class SegmentMember(Row):
    """Who belongs to a live segment now: the rule's people with the pins; `why` is the cause and the conditions.

    `why` is a code such as fact:0,2 (the cause, then the numbers of the conditions that moved or decide); see
    engines/segments/reasons.py.
    """

    __tablename__ = "segment_member"
    __table_args__ = kind("D", Index("ix_segment_member_person_id", "person_id"), rowid=False, personal=True)
    segment_id: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    since: Mapped[int]
    why: Mapped[str]


class SegmentPin(Row):
    """A person's decision that someone belongs (`pin` in) or does not (out), whatever the rule says, until unpinned."""

    __tablename__ = "segment_pin"
    __table_args__ = kind("R", personal=True)
    segment_id: Mapped[bytes] = mapped_column(ForeignKey("segment.id"), primary_key=True)
    person_id: Mapped[bytes] = mapped_column(ForeignKey("person.id"), primary_key=True)
    pin: Mapped[str]
    reason: Mapped[str]
    actor: Mapped[str]
    at: Mapped[int]


class SegmentRun(Row):
    """A change of a segment's membership, or a full run over everyone.

    `kind` is first (the fill after a new rule), full (everyone), live (persons to whom something happened), pin or
    archive (its members went).
    `watermark` is the position in the change log that it saw; `size` the members after it; `drift` how many
    people of a full run differed from what was kept though neither time nor a score explains it (0 is right; NULL: not
    judged).
    """

    __tablename__ = "segment_run"
    __table_args__ = kind("D", Index("ix_segment_run_segment_id_at", "segment_id", "at"), counted=True, history=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    segment_id: Mapped[bytes]
    version: Mapped[int]
    kind: Mapped[str]
    at: Mapped[int]
    day: Mapped[str]
    watermark: Mapped[int]
    ms: Mapped[float]
    size: Mapped[int]
    entered: Mapped[int]
    exited: Mapped[int]
    drift: Mapped[int | None]


class SegmentDelta(Row):
    """Someone entered or left a segment in a run, and why. The first fill of a rule has none: all of it entered."""

    __tablename__ = "segment_delta"
    __table_args__ = kind(
        "D",
        Index("ix_segment_delta_segment_id_at", "segment_id", "at"),
        Index("ix_segment_delta_person_id", "person_id"),
        rowid=False,
        history=True,
        personal=True,
    )
    run_id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    segment_id: Mapped[bytes]
    at: Mapped[int]
    change: Mapped[str]
    why: Mapped[str]
