"""Short forms of drills that are commands in benchmarks/recovery: kills of a writer, and load on the write-ahead log."""

from __future__ import annotations

from pathlib import Path

from benchmarks.recovery.kill_writer import kill_often
from benchmarks.recovery.wal_stress import stress


def test_killing_a_writer_loses_no_acknowledged_row(tmp_path: Path) -> None:
    tally = kill_often(tmp_path / "mall", 4, seed=5)
    assert tally.kills == 4
    assert tally.acknowledged > 40
    assert (tally.lost, tally.wrong) == (0, "")


def test_three_writers_and_two_checkpointers_lose_no_row(tmp_path: Path) -> None:
    committed, lost, whole = stress(tmp_path / "mall", seconds=0.5, writers=3, checkpointers=2)
    assert committed > 10
    assert lost == 0
    assert whole
