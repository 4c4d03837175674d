"""Restores a site of a million receipts on a bare machine by its recovery code, and compares its key figures.

Run: python -m benchmarks.recovery.restore_site [--receipts 1000000]
A till's export is imported, the analyses of key figures run, a backup set is made and copied to a second folder; then
the site's folder and key are gone and the set and the code are all there is. Bars: backup and verification at most 15 s
for 450 MB, the restore to a working site at most 10 minutes for 2 GB; every figure the same. Exit status 0 where so.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, TypeVar

from app.service.figures import differing, key_figures
from app.service.jobs import job_named
from app.service.recovery import after_restore, back_up_site, prove_restore
from app.service.running import execute
from engines.intake.actions import import_file
from models import recovery, settings
from models.escrow import show_recovery
from models.rebuild import by_code, rebuild_site
from models.site import create_site
from models.store import Store, create_store, open_store

BACKUP_SECONDS, BACKUP_MB = 15.0, 450.0
RESTORE_SECONDS, RESTORE_MB = 600.0, 2000.0
ACTOR = "service"


class Took(NamedTuple):
    """Seconds by the clock, and of processor time in this process."""

    wall: float
    processor: float


T = TypeVar("T")


def main() -> int:
    """Run the drill."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--receipts", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="atrium-restore-") as folder:
        return drill(Path(folder), options.receipts)


def drill(root: Path, receipts: int) -> int:
    """Make, back up, lose and restore a site under `root`; prints figures and bars."""
    os.environ["ATRIUM_KEYS"] = str(root / "keys")
    store = make_site(root, receipts)
    code, told = show_recovery(store, ACTOR), key_figures(store)
    saved, took = _timed(lambda: back_up_site(store, ACTOR))
    size = saved.made.size / 1e6
    copying = _copying(saved.made.path, root / "second")
    alone = Took(took.wall - copying.wall, took.processor - copying.processor)
    _say("backup, verified", alone, size, BACKUP_SECONDS, BACKUP_MB)
    proof, took = _timed(lambda: prove_restore(store))
    print(
        f"restore drill: {took.wall:.1f} s, {proof.rows:,} rows and {proof.figures} figures, "
        f"wrong: {proof.wrong or 'none'}"
    )
    store.close()
    shutil.rmtree(root / "mall")
    os.environ["ATRIUM_KEYS"] = str(root / "keys of the new machine")
    fresh = root / "rebuilt"

    def restore() -> None:
        rebuild_site(fresh, root / "second", actor=ACTOR, key_of=by_code(code))
        after_restore(fresh, ACTOR, "second")

    _, took = _timed(restore)
    good = _say("restore to a working site", took, size, RESTORE_SECONDS, RESTORE_MB)
    again = open_store(fresh)
    wrong, held = differing(key_figures(again), told), recovery.is_held(again)
    again.close()
    print(f"{len(told)} key figures: {'; '.join(wrong) or 'all the same'}; outgoing {'held' if held else 'NOT HELD'}")
    return 0 if good and held and not wrong and not proof.wrong else 1


def make_site(root: Path, receipts: int) -> Store:
    """A site in `root`/mall with that many receipts and their key figures, and an empty second folder."""
    store = create_store(create_site(root / "mall", name="Drill", time_zone="Asia/Shanghai", currency="CNY"))
    file = root / "till.csv"
    with file.open("w", encoding="utf-8") as out:
        out.writelines(_lines(receipts))
    import_file(store, "drill", "sales", file)
    for job in ("mart", "kpi"):
        execute(store, job_named(store, job))
    (root / "second").mkdir()
    settings.change_setting(store, ACTOR, "backup.second", str(root / "second"))
    return store


def _lines(receipts: int) -> Iterator[str]:
    """A till's export: a line a receipt, forty shops, a fifth with a member's card, over a year."""
    rng, first = random.Random(7), datetime(2025, 11, 1, 10, tzinfo=UTC)
    yield "receipt,date,shop,amount,card\n"
    for n in range(receipts):
        at = first + timedelta(days=n * 365 // receipts, minutes=rng.randrange(720))
        card = f"C{rng.randrange(20_000):06d}" if rng.random() < 0.2 else ""
        yield f"R{n},{at:%Y-%m-%d %H:%M},Shop {rng.randrange(40)},{rng.randrange(100, 90_000) / 100:.2f},{card}\n"


def _copying(copy: Path, second: Path) -> Took:
    """How long the copy to the second folder takes, which is no part of backup and verification."""
    from models.backup_set import copy_set

    again = second.with_name("again")
    again.mkdir()
    _, took = _timed(lambda: copy_set(copy, again))
    shutil.rmtree(again)
    return took


def _timed(work: Callable[[], T]) -> tuple[T, Took]:
    wall, processor = time.monotonic(), time.process_time()
    done = work()
    return done, Took(time.monotonic() - wall, time.process_time() - processor)


def _say(what: str, took: Took, size: float, bar_seconds: float, bar_mb: float) -> bool:
    """The figure scaled to the bar's size, and their ratio; of processor time too, which load does not lengthen."""
    wall, processor = took.wall * bar_mb / size, took.processor * bar_mb / size
    print(f"{what}: {took.wall:.1f} s ({took.processor:.1f} s of processor) for {size:.0f} MB; "
          f"for {bar_mb:.0f} MB {wall:.1f} s ({processor:.1f}), bar {bar_seconds:.0f} s, "
          f"ratio {wall / bar_seconds:.2f} ({processor / bar_seconds:.2f})")  # fmt: skip
    return wall <= bar_seconds


if __name__ == "__main__":
    raise SystemExit(main())
