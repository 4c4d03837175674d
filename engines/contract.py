"""What an engine is: a pure function and a card.

The function takes a moment and the frames of the relations it named, and gives frames of the
relations it promised: no clock, no disk, no network, no state of its own. The card says the rest, and
the driver does the rest: schedule, ledger, checks at the border, crash recovery.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from models.relations import Relation
from models.site import Site
from models.times import business_day

if TYPE_CHECKING:
    import pyarrow as pa

Frames = Mapping[str, "pa.Table"]


@dataclass(frozen=True)
class Moment:
    """The instant an analysis stands at, with what it must know of the site to tell days apart."""

    at: int
    day: str
    minute: int
    time_zone: str
    country: str
    subdivision: str | None
    currency: str
    day_starts_minute: int = 0

    @property
    def date(self) -> date:
        """The business day as a date."""
        return date.fromisoformat(self.day)

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.time_zone)


def moment_of(site: Site, at_ms: int) -> Moment:
    """The moment `at_ms` (UTC milliseconds) at the site."""
    day, minute = business_day(at_ms, site.zone, site.day_starts_minute)
    return Moment(
        at_ms, day, minute, site.time_zone, site.country, site.subdivision, site.currency, site.day_starts_minute
    )


@dataclass(frozen=True)
class Minimum:
    """At least `rows` rows of the relation `relation`; `says` (with {found} and {rows}) is the refusal."""

    relation: str
    rows: int
    says: str
    says_zh: str


@dataclass(frozen=True)
class Figure:
    """A figure of the engine's page: a chart kind, its titles, and the columns of a given relation it draws."""

    kind: Literal[
        "table", "line", "bar", "heatmap", "histogram", "scatter", "treemap", "band", "funnel", "sankey", "network",
        "waterfall", "matrix", "radar", "boxplot", "area", "pie",
    ]  # fmt: skip
    title: str
    title_zh: str
    relation: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Engine:
    """An engine's card.

    `run(moment, **frames)` gets one Arrow table per relation of `takes` (named by it) and returns one
    per relation of `gives`; it may raise NotEnoughData. `every` is '15m', '1h' or a local time of day
    such as '03:30'. `version` grows when the same input may give another result. A relation in `raises`
    is not replaced as a whole: its rows are alerts, merged by fingerprint.
    """

    name: str
    title: str
    title_zh: str
    version: int
    run: Callable[..., Frames]
    takes: tuple[Relation, ...]
    gives: tuple[Relation, ...]
    every: str
    minimum: tuple[Minimum, ...] = ()
    figures: tuple[Figure, ...] = ()
    budget_seconds: float = 30.0
    about: str = ""
    about_zh: str = ""


def as_frame(relation: Relation, columns: Mapping[str, Any]) -> pa.Table:
    """An Arrow table of the relation from its columns (lists, numpy arrays or Arrow columns)."""
    import pyarrow as pa

    schema = relation.schema()
    return pa.table({f.name: _column(columns[f.name], f.type) for f in schema}, schema=schema)


def _column(values: Any, kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    """Arrow columns stay what they are: a million ids are not made Python objects and back."""
    import pyarrow as pa

    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values if values.type == kind else values.cast(kind)
    return pa.array(values, type=kind, from_pandas=True)
