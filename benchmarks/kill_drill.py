"""Kills imports of real files at random moments and compares the store with one that was never killed.

Run: python -m benchmarks.kill_drill [--kills 40] [--seed 1] [KIND FILE ...]
Default: the two real sales files of ATRIUM_DATA. Each round starts `main.py import` in a process of its own
and kills it (SIGKILL) after a random part of the time a whole import takes; when a file has been loaded whole,
it is taken back, so that the next kill meets a load again. At the end everything is imported once more and
every table's content is compared. Exit status 0 where the stores are equal.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engines.intake.actions import import_file, undo_batch
from engines.intake.queries import batches
from models.site import create_site, load_site
from models.store import Store, create_store

ROOT = Path(__file__).resolve().parents[1]
REAL = ("transactions/istanbul-malls.csv", "transactions/online-retail.parquet")
CONTENT = {
    "sale": "SELECT s.source_key, t.code, i.value, s.at, s.day, s.gross_minor, s.units, s.txns, s.payment FROM sale s "
    "LEFT JOIN tenant t ON t.id = s.tenant_id LEFT JOIN identifier i ON i.id = s.identifier_id",
    "sale_line": "SELECT s.source_key, l.product_code, l.product, l.category, l.quantity, l.unit_minor, l.amount_minor "
    "FROM sale_line l JOIN sale s ON s.id = l.sale_id",
    "identifier": "SELECT i.kind, i.value FROM identifier i JOIN identifier_owner o ON o.identifier_id = i.id "
    "JOIN person p ON p.id = o.person_id JOIN identity_link k ON k.identifier_id = i.id AND k.person_id = p.id",
    "person": "SELECT state FROM person",
    "tenant": "SELECT code, name, state FROM tenant",
    "category": "SELECT code, name FROM category",
}


def main() -> int:
    """Run the drill and print what it found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("files", nargs="*", metavar="KIND FILE")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    data = Path(os.environ.get("ATRIUM_DATA", "../shared/data"))
    told = options.files or [text for name in REAL for text in ("sales", str(data / name))]
    jobs = list(zip(told[::2], map(Path, told[1::2]), strict=True))
    with tempfile.TemporaryDirectory(prefix="atrium-kills-") as folder:
        os.environ["ATRIUM_KEYS"] = str(Path(folder) / "keys")
        clean, seconds = _clean(Path(folder) / "clean", jobs)
        found, killed = _killed(Path(folder) / "killed", jobs, seconds, options)
    same = found == clean
    print(
        f"{killed} of {options.kills} imports killed while they ran; the stores are {'equal' if same else 'DIFFERENT'}"
    )
    for name, (rows, digest) in found.items():
        print(
            f"  {name}: {rows:,} rows {digest[:12]}"
            + ("" if clean[name] == (rows, digest) else f" (clean {clean[name]})")
        )
    return 0 if same else 1


def _make(folder: Path) -> Store:
    return create_store(create_site(folder, name="Drill", time_zone="Europe/London", currency="GBP", country="GB"))


def _clean(folder: Path, jobs: list[tuple[str, Path]]) -> tuple[dict[str, tuple[int, str]], dict[Path, float]]:
    store, seconds = _make(folder), {}
    for kind, file in jobs:
        began = time.monotonic()
        import_file(store, "drill", kind, file)
        seconds[file] = time.monotonic() - began
    found = _content(store)
    store.close()
    return found, seconds


def _killed(
    folder: Path, jobs: list[tuple[str, Path]], seconds: dict[Path, float], options: argparse.Namespace
) -> tuple[dict[str, tuple[int, str]], int]:
    _make(folder).close()
    rng, killed = random.Random(options.seed), 0
    for _ in range(options.kills):
        kind, file = rng.choice(jobs)
        killed += _kill_one(folder, kind, file, rng.uniform(0.2, 1.0 + 1.5 * seconds[file]))
        if rng.random() < 0.5:
            _take_back_last(folder)
    store = Store(load_site(folder))
    for kind, file in jobs:
        import_file(store, "drill", kind, file)
    found = _content(store)
    store.close()
    return found, killed


def _kill_one(folder: Path, kind: str, file: Path, after: float) -> bool:
    """Whether the import was still running when it was killed."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), "--site", str(folder), "import", kind, str(file)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT,
    )  # fmt: skip
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.kill()
    return process.wait() != 0


def _take_back_last(folder: Path) -> None:
    store = Store(load_site(folder))
    done = [row.id for row in batches(store, 5) if row.state == "done"]
    if done:
        undo_batch(store, "drill", done[0])
    store.close()


def _content(store: Store) -> dict[str, tuple[int, str]]:
    """Rows of each table, and a digest of their content whatever its order."""
    found = {}
    with store.read() as connection:
        for name, sql in CONTENT.items():
            rows = sorted(repr(tuple(row)) for row in connection.exec_driver_sql(sql))
            found[name] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


if __name__ == "__main__":
    raise SystemExit(main())
