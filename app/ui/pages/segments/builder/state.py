"""What the builder reads: what may be named, and the segment that is edited. What it stores: a segment's rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.ui.period import Period
from engines.segments import rule as r
from engines.segments.queries import SegmentRow, Version, segments, versions
from engines.segments.validate import Surroundings
from engines.segments.vocabulary import Vocabulary, vocabulary
from models.store import Store
from models.times import now_ms


@dataclass(frozen=True)
class BuilderState:
    """What there is to name, the segment that is edited (None: a new one) with its newest rule, the codes taken."""

    vocabulary: Vocabulary
    around: Surroundings
    row: SegmentRow | None
    version: Version | None
    codes: frozenset[str]


def read(store: Store, _period: Period, argument: object) -> BuilderState:
    """`argument` is {"edit": code}, {"copy": code} or nothing."""
    from engines.segments.actions import surroundings

    wanted: Mapping[str, Any] = argument if isinstance(argument, Mapping) else {}
    code = str(wanted.get("edit") or wanted.get("copy") or "")
    rows = segments(store, now_ms())
    row = next((one for one in rows if one.code == code), None)
    version = next((v for v in versions(store, code) if row and v.version == row.version), None) if row else None
    with store.read() as connection:
        around = surroundings(connection, code if wanted.get("edit") else "")
    return BuilderState(vocabulary(store), around, row, version, frozenset(one.code for one in rows))


def code_of(name: str, taken: frozenset[str]) -> str:
    """A code from a name that none has yet: small letters, digits and underscores; segment where none is left."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")[:40] or "segment"
    code, number = plain, 2
    while code in taken:
        code, number = f"{plain}_{number}", number + 1
    return code


def keep(
    store: Store, actor: str, *, code: str, name: str, name_zh: str | None, rule: r.Rule, new: bool, live: bool
) -> None:
    """Store a segment: a new one, or the next version of one there is, renamed where its names differ."""
    from engines.segments import actions

    if new:
        actions.create(store, actor, code, name, rule, name_zh=name_zh, live=live)
        return
    now = next(row for row in segments(store, now_ms()) if row.code == code)
    if (now.name, now.name_zh) != (name, name_zh):
        actions.rename(store, actor, code, name, name_zh)
    actions.save_version(store, actor, code, rule)


def put_back(store: Store, actor: str, *, code: str, rule: r.Rule) -> None:
    """Store the rule of an earlier version once more."""
    from engines.segments.actions import save_version

    save_version(store, actor, code, rule)
