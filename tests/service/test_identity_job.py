"""The nightly look for duplicates: run when people have changed, not when nothing has, never where analyses are off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.service.jobs import job_named
from app.service.progress import Progress
from models import ledger, settings
from tests.engines.hand_mall import HandMall


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[HandMall]:
    made = HandMall.make(tmp_path / "mall")
    yield made
    made.store.close()


def test_it_runs_when_people_have_changed_and_says_what_it_found(mall: HandMall) -> None:
    job = job_named(mall.store, "identity")
    assert job.lane == "mart"
    assert job.scheduled
    assert job.work is not None
    assert job.needed is not None
    mall.person("ann", joined="2026-01-01")
    mall.person("ben", joined="2026-01-01")
    assert job.needed(mall.store)
    run = ledger.start(mall.store, "identity", version="1", as_of=0, planned_at=None, token=0)
    done = job.work(mall.store, Progress(mall.store, run))
    assert done.says.startswith("2 people compared, 0 merged")
    assert not job.needed(mall.store)
    mall.person("cleo", joined="2026-01-01")
    assert job.needed(mall.store)


def test_a_site_without_scheduled_analyses_merges_nobody_by_night(mall: HandMall) -> None:
    settings.change_setting(mall.store, "meg", "feature.analyses", False)
    assert not job_named(mall.store, "identity").scheduled
