"""A campaign that goes far other than those before it becomes one alert in the store, which lives as any other."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from engines.alerts.actions import decide_alert
from engines.alerts.queries import alerts
from engines.anomalies.findings import render
from engines.anomalies.outliers import ENGINE
from engines.driver import run_engine
from models.ids import new_ids
from tests.engines.hand_mall import HandMall

TODAY = date(2026, 3, 1)
PEOPLE = 150


def run_campaign(mall: HandMall, code: str, day: date, opened: int) -> None:
    """A campaign to everyone, opened by so many a day later."""
    text = day.isoformat()
    campaign = mall.ref("campaign", code, name=code.title(), name_zh="活动", channel="sms", from_day=text, to_day=text)
    source = mall.ref("source", "crm", kind="crm")
    rows = [("campaign_sent", n, day) for n in range(PEOPLE)]
    rows += [("campaign_opened", n, day + timedelta(days=1)) for n in range(opened)]
    with mall.store.write("t", "a campaign") as tx:
        tx.execute_many(
            "INSERT INTO activity (id, source_id, source_key, identifier_id, kind, at, day, minute, campaign_id, "
            "batch_id) VALUES (?, ?, ?, ?, ?, ?, ?, 600, ?, ?)",
            [
                (i, source, i.hex(), mall.ids["identifier", f"p{n}"], kind, mall.at(on.isoformat(), 600),
                 on.isoformat(), campaign, b"b" * 16)
                for i, (kind, n, on) in zip(new_ids(len(rows)), rows, strict=True)
            ],
        )  # fmt: skip


@pytest.fixture
def mall(tmp_path: Path):
    made = HandMall.make(tmp_path / "site")
    for n in range(PEOPLE):
        made.person(f"p{n}")
    for i, opened in enumerate((60, 63, 58, 61, 62)):
        run_campaign(made, f"c{i}", TODAY - timedelta(days=200 - 30 * i), opened)
    yield made
    made.store.close()


def test_it_is_raised_once_says_what_it_is_and_stays_closed_when_closed(mall):
    at = mall.at(TODAY.isoformat(), 600)
    run_campaign(mall, "ordinary", TODAY - timedelta(days=20), 59)
    run_engine(mall.store, ENGINE, at_ms=at)
    assert alerts(mall.store) == []
    run_campaign(mall, "dead", TODAY - timedelta(days=15), 4)
    run_engine(mall.store, ENGINE, at_ms=at)
    (found,) = alerts(mall.store)
    assert (found.kind, found.severity, found.subject) == ("unusual_share", "notice", "campaign dead opened")
    assert render(found.sentence, found.facts, "en").startswith("Openings of Dead: 2.7 % (4 of 150), below the usual")
    assert render(found.sentence, found.facts, "zh").startswith("活动打开率：2.7%")
    assert len(found.evidence) == 7
    run_engine(mall.store, ENGINE, at_ms=at)
    assert [a.id for a in alerts(mall.store)] == [found.id]
    decide_alert(mall.store, "me", found.id, "closed")
    run_engine(mall.store, ENGINE, at_ms=at)
    assert alerts(mall.store) == []


def test_it_is_gone_when_it_is_two_months_old(mall):
    run_campaign(mall, "dead", TODAY - timedelta(days=15), 4)
    run_engine(mall.store, ENGINE, at_ms=mall.at(TODAY.isoformat(), 600))
    assert len(alerts(mall.store)) == 1
    run_engine(mall.store, ENGINE, at_ms=mall.at((TODAY + timedelta(days=60)).isoformat(), 600))
    assert alerts(mall.store) == []
