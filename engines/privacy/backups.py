"""Backups that still hold an erased person, and the day on which the last of them goes.

A backup is not opened and rewritten (EDPB and national authorities accept that, where it is let go within its term
and not put back into use with the person in it): the site's retention of backups ends it, and a restore erases again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models import backup, settings
from models.store import Store

#: A backup is kept for no more than sixty months (the settings' highest), so that the search ends.
_LONGEST_DAYS = 61 * 31


@dataclass(frozen=True)
class Holding:
    """A copy of the store that was made before an erasure; `gone_on` is None where no rule lets it go by itself."""

    file: str
    made_at: datetime | None
    gone_on: str | None


def holding(store: Store, at_ms: int) -> list[Holding]:
    """The copies in the site's `backups/` that were made before `at_ms`, the newest first.

    `gone_on` supposes a backup each night from now on, as the settings keep them. Copies by another name (what a
    restore or an upgrade replaced) go only by hand.
    """
    folder = store.site.folder / "backups"
    before = datetime.fromtimestamp(at_ms / 1000, UTC)
    dated = {backup.made_at(path): path.name for path in backup.list_backups(folder)}
    ends = _ends(store, [at for at in dated if at < before], list(dated))
    found = [Holding(dated[at], at, ends[at]) for at in sorted(ends, reverse=True)]
    others = [p for p in sorted(folder.glob("*.db")) if p.name not in dated.values()]
    return found + [
        Holding(p.name, None, None) for p in others if datetime.fromtimestamp(p.stat().st_mtime, UTC) < before
    ]  # fmt: skip


def _ends(store: Store, old: list[datetime], there: list[datetime]) -> dict[datetime, str | None]:
    """On which day each of `old` is let go: the nights to come are played through."""
    keep = {name: int(settings.read(store, f"backup.{name}")) for name in ("daily", "weekly", "monthly")}
    present, left = set(there), set(old)
    ends: dict[datetime, str | None] = dict.fromkeys(old)
    night = max([datetime.now(UTC), *there])
    for _ in range(_LONGEST_DAYS):
        if not left:
            break
        night += timedelta(days=1)
        present = backup.to_keep({*present, night}, **keep)
        for at in left - present:
            ends[at] = night.date().isoformat()
        left &= present
    return ends
