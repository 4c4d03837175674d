"""The live segments, ready to run, each after those whose members it reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from engines.segments.codec import digest, from_json
from engines.segments.compiler import Compiled, compile_rule
from engines.segments.rule import Rule, included
from models.connection import Connection
from models.errors import Known

# A pin outweighs the rule; only a person who is neither merged nor erased belongs to anything.
_PINNED = "SELECT {column} FROM segment_pin k WHERE k.segment_id = :segment AND k.pin = '{pin}'"


@dataclass(frozen=True)
class Live:
    """A live segment: its rule as it stands, and the statements of its membership, pins included."""

    id: bytes
    code: str
    version: int
    rule: Rule
    compiled: Compiled

    @property
    def everyone(self) -> str:
        """Selects `person_id` of all who belong."""
        pinned_in = _PINNED.format(column="k.person_id", pin="in")
        pinned_out = _PINNED.format(column="k.person_id", pin="out")
        return (
            f"SELECT person_id FROM ({self.compiled.everyone}) WHERE person_id NOT IN ({pinned_out}) "  # noqa: S608
            "UNION SELECT p.id FROM person p WHERE p.state = 'active' AND "
            f"p.id IN ({pinned_in}) AND p.id NOT IN ({pinned_out})"
        )

    @property
    def person(self) -> str:
        """Selects one row if `:person` belongs, else none."""
        pin = "SELECT k.pin FROM segment_pin k WHERE k.segment_id = :segment AND k.person_id = :person"
        return (
            "SELECT 1 FROM person q WHERE q.id = :person AND q.state = 'active' AND "  # noqa: S608 - see compiler
            f"CASE ({pin}) WHEN 'in' THEN 1 WHEN 'out' THEN 0 ELSE EXISTS ({self.compiled.person}) END"
        )


def live_segments(connection: Connection, codes: Iterable[str] = ()) -> list[Live]:
    """The live segments (all, or those named with those that read them), each after those it includes.

    Raises Known where a version's rule is not what was saved.
    """
    rows = connection.exec_driver_sql(
        "SELECT s.id, s.code, v.version, v.rule, v.sha256 FROM segment s "
        "JOIN segment_version v ON v.segment_id = s.id AND v.version = s.version WHERE s.state = 'live' ORDER BY s.code"
    ).fetchall()
    ordered = in_order([_ready(bytes(i), code, version, text, sha) for i, code, version, text, sha in rows])
    wanted = set(codes)
    if not wanted:
        return ordered
    kept = []
    for segment in ordered:
        if segment.code in wanted or included(segment.rule) & wanted:
            wanted.add(segment.code)
            kept.append(segment)
    return kept


def in_order(segments: list[Live]) -> list[Live]:
    """Each segment after those it includes. Raises ValueError on a circle, which saving refuses."""
    present = {segment.code for segment in segments}
    placed: list[Live] = []
    names: set[str] = set()
    left = segments
    while left:
        ready = [s for s in left if included(s.rule) & present <= names]
        if not ready:
            raise ValueError(f"segments include each other: {[s.code for s in left]}")
        placed += ready
        names |= {s.code for s in ready}
        left = [s for s in left if s.code not in names]
    return placed


@lru_cache(maxsize=512)
def _ready(id_: bytes, code: str, version: int, text: str, sha256: str) -> Live:
    if digest(text) != sha256:
        raise Known(f"Version {version} of the segment {code} is not what was saved.", "Save its rule anew.")
    rule = from_json(text)
    return Live(id_, code, version, rule, compile_rule(rule))
