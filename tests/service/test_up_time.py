"""The service's up-time: written as it runs, ended well or broken off, and what availability is reckoned from."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.service import up_time
from app.service.up_time import UpTime
from engines.monitor.speed import availability
from models.site import create_site
from models.store import Store, create_store

DAY = 86_400_000
START = 1_800_000_000_000


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return create_store(create_site(tmp_path / "site", name="Mall"))


def at(monkeypatch: pytest.MonkeyPatch, ms: int) -> None:
    monkeypatch.setattr(up_time, "now_ms", lambda: ms)
    monkeypatch.setattr("engines.monitor.speed.now_ms", lambda: ms)


def test_availability_counts_the_time_between_stretches_as_down(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert availability(store).share is None
    at(monkeypatch, START)
    first = UpTime(store)
    at(monkeypatch, START + 6 * DAY)
    first.write()  # and then the power is cut
    at(monkeypatch, START + 8 * DAY)
    second = UpTime(store)
    at(monkeypatch, START + 10 * DAY)
    second.close()
    found = availability(store)
    assert found.share == pytest.approx(0.8)
    assert (found.stretches, found.broken_off, found.since) == (2, 1, START)


def test_a_clock_set_back_neither_shortens_a_stretch_nor_counts_one_twice(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, START)
    up = UpTime(store)
    at(monkeypatch, START + DAY)
    up.write()
    at(monkeypatch, START + DAY // 2)
    up.write()
    UpTime(store).close()  # another service, within what the first has written
    at(monkeypatch, START + DAY)
    assert availability(store).up_ms == DAY
    assert availability(store).share == 1.0


def test_what_is_over_a_year_old_goes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, START)
    UpTime(store).close()
    at(monkeypatch, START + 500 * DAY)
    UpTime(store)
    assert availability(store, days=1000).stretches == 1
