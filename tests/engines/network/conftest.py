"""A small demo mall with its networks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.demo.actions import make_demo
from engines.driver import run_engine
from engines.network.engine import ENGINE
from models.store import Store, open_store


@pytest.fixture
def demo_store(tmp_path: Path) -> Iterator[Store]:
    """Sixty days, 300 members, on which the network engine ran."""
    folder = tmp_path / "mall"
    make_demo(folder, days=60, members=300, seed=1, until="2026-11-20T18:00")
    store = open_store(folder)
    try:
        run_engine(store, ENGINE)
        yield store
    finally:
        store.close()
