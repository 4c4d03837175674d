"""A killed import leaves a store that the next one puts right; two at once do not harm each other."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engines.intake.actions import import_file
from engines.intake.queries import batches
from models.site import create_site
from models.store import Store, create_store
from tests.engines.intake.content import content

ROOT = Path(__file__).resolve().parents[3]
KILLS = 24
SEED = 20_261


def sales_text(first: int, count: int) -> str:
    rng = random.Random(first)
    head = "invoice,date,shop,card,sku,category,qty,price\n"
    return head + "".join(
        f"{n // 2},2025-0{1 + n // 2 % 9}-1{n // 2 % 10} 10:{n // 2 % 60:02d},shop {n // 2 % 9},card {n // 2 % 700},"
        f"sku {rng.randrange(90)},{'food' if n % 3 else 'toys'},{1 + n % 4},"
        f"{'x' if n % 997 == 5 else rng.randrange(1, 9999) / 100}\n"
        for n in range(first, first + count)
    )


def members_text(count: int) -> str:
    return "card no,name,joined,phone\n" + "".join(
        f"card {n},name {n},2025-01-0{1 + n % 9},138{n:08d}\n" for n in range(count)
    )


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "a.csv").write_text(sales_text(0, 3000), encoding="utf-8")
    (tmp_path / "m.csv").write_text(members_text(900), encoding="utf-8")
    (tmp_path / "b.csv").write_text(sales_text(3000, 3000), encoding="utf-8")
    return [
        "sales", str(tmp_path / "a.csv"), "a", "members", str(tmp_path / "m.csv"), "m", "sales", str(tmp_path / "b.csv"), "b",
    ]  # fmt: skip


def start(folder: Path, told: list[str]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.engines.intake.importer", str(folder), *told],
        cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def make(folder: Path) -> Store:
    return create_store(create_site(folder, name="Test mall", time_zone="Asia/Shanghai", currency="CNY", country="CN"))


def run_all(store: Store, told: list[str]) -> None:
    for kind, file, source in zip(told[::3], told[1::3], told[2::3], strict=True):
        import_file(store, "me", kind, Path(file), source=source)


def test_a_store_after_many_kills_and_a_last_run_is_that_of_one_clean_run(tmp_path: Path, files: list[str]) -> None:
    clean = make(tmp_path / "clean")
    began = time.monotonic()
    run_all(clean, files)
    whole = time.monotonic() - began
    want = content(clean, "intake_batch")
    assert (len(want["sale"]), len(want["sale_line"]), len(want["member"])) == (2993, 5986, 900)
    clean.close()
    make(tmp_path / "killed").close()
    rng = random.Random(SEED)
    ends = []
    for _ in range(KILLS):
        process = start(tmp_path / "killed", files)
        time.sleep(rng.uniform(0, 1.1 * whole))
        process.kill()
        ends.append(process.wait())
        assert process.stdout is not None
        process.stdout.close()
    assert sum(code != 0 for code in ends) >= 12, ends
    killed = Store(create_again(tmp_path / "killed"))
    run_all(killed, files)
    assert content(killed, "intake_batch") == want
    states = [row.state for row in batches(killed, 500)]
    assert set(states) == {"done", "failed"}
    assert states.count("failed") >= 3, states
    with killed.read() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    killed.close()


def create_again(folder: Path):
    from models.site import load_site

    return load_site(folder)


def test_two_imports_at_once_both_finish_whole(tmp_path: Path, files: list[str]) -> None:
    store = make(tmp_path / "both")
    one, two = start(tmp_path / "both", files[:6]), start(tmp_path / "both", files[6:])
    for process in (one, two):
        assert process.wait(60) == 0
        assert process.stdout is not None
        process.stdout.close()
    both = content(store, "intake_batch")
    store.close()
    clean = make(tmp_path / "clean")
    run_all(clean, files)
    assert content(clean, "intake_batch") == both
    clean.close()


def test_another_writer_gets_in_while_an_import_runs(tmp_path: Path) -> None:
    (tmp_path / "big.csv").write_text(sales_text(0, 12_000), encoding="utf-8")
    store = make(tmp_path / "mall")
    process = start(tmp_path / "mall", ["sales", str(tmp_path / "big.csv"), "big"])
    waits = []
    while process.poll() is None:
        began = time.monotonic()
        with store.write("camera", "counting") as tx:
            tx.touch("count_bucket")
        waits.append(time.monotonic() - began)
        time.sleep(0.02)
    assert process.stdout is not None
    process.stdout.close()
    assert process.returncode == 0
    assert len(waits) >= 3
    assert max(waits) < 5
    store.close()
