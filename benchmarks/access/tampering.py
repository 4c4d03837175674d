"""A thousand tampers with the audit trail, and how many are found: `python -m benchmarks.access.tampering`.

Each is one random edit, deletion, swap, insertion, cut of the tail, or entry rehashed by the thief, made with the
store's key and its triggers dropped, checked, and taken back. Three checks see each of them:

- ours: the chain, and the heads that are kept outside the store (beside the key; at the hub after a sync);
- the chain alone, which cannot see that its newest entries are gone: it must miss the cuts;
- a plain hash without a key, as a trail without one would have: the thief makes it anew, so it must miss everything.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.access.tampers import TAMPERS, tamper
from engines.access.trail import check_trail
from models import audit, keys
from models.site import create_site
from models.store import Store, create_store, driver


def chain_alone(store: Store) -> bool:
    """Whether the chain by itself shows the tamper."""
    with store.read() as connection:
        return audit.verify(connection, keys.derive(store.key, "audit")).broken_at is not None


def keyless(store: Store) -> bool:
    """Whether a hash that anyone can make would show it, once the thief has made it anew: never."""
    with store.read() as connection:
        rows = driver(connection).execute("SELECT at, actor, action, object, detail FROM audit_entry ORDER BY seq")
        stored = _hashes(rows.fetchall())
        rows = driver(connection).execute("SELECT at, actor, action, object, detail FROM audit_entry ORDER BY seq")
        return _hashes(rows.fetchall()) != stored


def _hashes(rows: list[tuple[object, ...]]) -> list[bytes]:
    made, prev = [], b""
    for row in rows:
        prev = hashlib.sha256(prev + repr(row).encode()).digest()
        made.append(prev)
    return made


def run(folder: Path, times: int, entries: int) -> bool:
    """Make the site, tamper, and print the table; whether ours found every one and the naive ones did not."""
    store = create_store(create_site(folder, name="Tampered mall"))
    with store.write("bench", "acts") as tx:
        for n in range(entries):
            tx.audit("act", f"thing/{n}", n=n)
    assert not check_trail(store).wrong
    chance, found, alarms = random.Random(2026), {name: [0, 0, 0, 0] for name in TAMPERS}, 0
    spent = 0.0
    for n in range(times):
        how = TAMPERS[n % len(TAMPERS)]
        undo = tamper(store, how, chance)
        began = time.process_time()
        seen = bool(check_trail(store).wrong)
        spent += time.process_time() - began
        for place, hit in enumerate((True, seen, chain_alone(store), keyless(store))):
            found[how][place] += hit
        undo()
        alarms += bool(n % 50 == 0 and check_trail(store).wrong)
    _print(found, alarms, spent / times, entries)
    total = [sum(row[k] for row in found.values()) for k in range(4)]
    store.close()
    return total[1] == times and total[2] < times and total[3] == 0 and not alarms


def _print(found: dict[str, list[int]], alarms: int, seconds: float, entries: int) -> None:
    say = sys.stdout.write
    say(f"{'tamper':<10}{'made':>8}{'ours':>8}{'chain':>8}{'keyless':>9}\n")
    for how, row in found.items():
        say(f"{how:<10}{row[0]:>8}{row[1]:>8}{row[2]:>8}{row[3]:>9}\n")
    total = [sum(row[k] for row in found.values()) for k in range(4)]
    say(f"{'all':<10}{total[0]:>8}{total[1]:>8}{total[2]:>8}{total[3]:>9}\n")
    say(f"found {total[1]} of {total[0]} (bar: all); false alarms {alarms}; ")
    say(f"{seconds * 1000:.1f} ms of processor time a check of {entries} entries\n")


def main() -> int:
    """Exit status 1 where the bar is missed."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    options.add_argument("--times", type=int, default=1000)
    options.add_argument("--entries", type=int, default=200)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as place:
        os.environ["ATRIUM_KEYS"] = str(Path(place) / "keys")
        return 0 if run(Path(place) / "site", asked.times, asked.entries) else 1


if __name__ == "__main__":
    sys.exit(main())
