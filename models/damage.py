"""What is damaged in a store's file: which pages, which tables lie on them, and what a restore will lack.

Every page carries a keyed hash (SQLCipher), so a flipped bit is named exactly; SQLite alone would give wrong rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher

PAGE_BYTES = 4096
_MOST = 50


@dataclass(frozen=True)
class Damage:
    """`pages` whose hash does not fit (the first fifty), how many there are of `page_count`, and the tables that can no
    longer be read whole. `torn`: the file ends before what it holds. `key_fits` is false where no page opens."""

    pages: tuple[int, ...]
    bad: int
    page_count: int
    torn: bool
    tables: tuple[str, ...]
    key_fits: bool

    @property
    def whole(self) -> bool:
        """Whether nothing is damaged."""
        return not (self.bad or self.torn or self.tables)


def find_damage(path: Path, key: bytes) -> Damage:
    """Read every page of the file as it lies on the disk. Raises OSError where the file cannot be read at all."""
    size = path.stat().st_size
    count = max(1, size // PAGE_BYTES)
    raw = _quiet(path, key)
    try:
        told = [str(row[0]) for row in raw.execute("PRAGMA cipher_integrity_check")]
        pages = tuple(int(text.rsplit(" ", 1)[1]) for text in told if text.startswith("HMAC verification failed"))
        fits = len(pages) < count
        lost = _lost_tables(raw) if fits and 1 not in pages and not (_is_whole(raw) and not pages) else ()
        torn = bool(size % PAGE_BYTES or (lost and not pages))
    finally:
        raw.close()
    return Damage(pages[:_MOST], len(pages), count, torn, lost, fits)


def imports_since(path: Path, key: bytes, since_ms: int) -> list[str]:
    """The files imported into a store since an instant (UTC milliseconds), oldest first: what to import again after an
    older backup was restored. Empty where their table can no longer be read."""
    raw = _quiet(path, key)
    try:
        rows = raw.execute(
            "SELECT kind, file FROM intake_batch WHERE started_at > ? AND state = 'done' ORDER BY started_at",
            (since_ms,),
        ).fetchall()
    except sqlcipher.DatabaseError:
        return []
    finally:
        raw.close()
    return [f"{kind}: {Path(file).name}" for kind, file in rows]


def _quiet(path: Path, key: bytes) -> Any:
    """A connection that changes nothing, and does not log each bad page to standard error."""
    raw = sqlcipher.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
    raw.execute("PRAGMA cipher_log_level = NONE")
    raw.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    return raw


def _is_whole(raw: Any) -> bool:
    try:
        return bool(raw.execute("PRAGMA quick_check").fetchone()[0] == "ok")
    except sqlcipher.DatabaseError:
        return False


def _lost_tables(raw: Any) -> tuple[str, ...]:
    """The tables of which some row or index entry lies on a bad page; the names themselves may be lost too."""
    try:
        names = [n for (n,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    except sqlcipher.DatabaseError:
        return ("sqlite_master",)
    return tuple(name for name in names if not _reads(raw, name))


def _reads(raw: Any, table: str) -> bool:
    try:
        return bool(raw.execute(f"PRAGMA integrity_check('{table}')").fetchone()[0] == "ok")
    except sqlcipher.DatabaseError:
        return False
