"""What the Segments tab reads: every segment, and everything about the chosen one."""

from __future__ import annotations

from dataclasses import dataclass

from app.ui.period import Period
from engines.segments.queries import (
    DAY_MS,
    Member,
    Moved,
    Overlap,
    Pinned,
    SegmentRow,
    SizePoint,
    Version,
    members,
    moved,
    overlap,
    pins,
    segments,
    sizes,
    versions,
)
from engines.segments.rule import Rule
from engines.segments.vocabulary import Vocabulary, vocabulary
from models import settings
from models.store import Store
from models.times import now_ms

PAGE_ROWS = 100
HISTORY_DAYS = 400
MOST_OVERLAPS = 9


@dataclass(frozen=True)
class ListState:
    """Every segment, and whether there are people at all. `now` is UTC milliseconds."""

    now: int
    rows: tuple[SegmentRow, ...]
    people: bool


@dataclass(frozen=True)
class DetailState:
    """Everything about one segment. `smallest` people must be in a cell of the overlap for it to be shown."""

    now: int
    row: SegmentRow
    vocabulary: Vocabulary
    versions: tuple[Version, ...]
    members: tuple[Member, ...]
    moved: tuple[Moved, ...]
    pins: tuple[Pinned, ...]
    sizes: tuple[SizePoint, ...]
    overlap: Overlap
    smallest: int

    @property
    def rule(self) -> Rule:
        """The rule in force."""
        return self.rule_of(self.row.version) or self.versions[0].rule

    def rule_of(self, version: int) -> Rule | None:
        """The rule of a version."""
        return next((one.rule for one in self.versions if one.version == version), None)


def read_list(store: Store, _period: Period, _argument: object) -> ListState:
    """The list."""
    from engines.people.queries import headcount

    now = now_ms()
    return ListState(now, tuple(segments(store, now)), headcount(store).people > 0)


def read_detail(store: Store, _period: Period, argument: object) -> DetailState | None:
    """The segment whose code is the argument; None where there is none any more."""
    now = now_ms()
    rows = segments(store, now)
    row = next((one for one in rows if one.code == argument), None)
    if row is None:
        return None
    others = [one.code for one in rows if one.state == "live" and one.code != row.code][:MOST_OVERLAPS]
    return DetailState(
        now, row, vocabulary(store), tuple(versions(store, row.code)),
        tuple(members(store, row.code, limit=PAGE_ROWS)), tuple(moved(store, row.code, limit=PAGE_ROWS)),
        tuple(pins(store, row.code)), tuple(sizes(store, row.code, now - HISTORY_DAYS * DAY_MS)),
        overlap(store, [row.code, *others]), int(settings.read(store, "privacy.smallest_group")),
    )  # fmt: skip
