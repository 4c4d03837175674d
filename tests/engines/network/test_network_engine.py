"""The networks at the border: who brings whom, who shares shoppers, and what is refused."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from engines.contract import Frames, Moment
from engines.network.engine import ENGINE, run
from engines.network.queries import advocates, figures, pairs_of, tenants
from models.errors import NotEnoughData

MOMENT = Moment(1_748_844_000_000, "2025-06-02", 840, "Asia/Shanghai", "CN", None, "CNY")


def person(n: int) -> bytes:
    return n.to_bytes(16, "big")


def mall(edges: int = 0, **rows: list[dict[str, Any]]) -> Frames:
    """Frames with `edges` referrals: person 0 brings ten, each of those one, and so on."""
    referrals = [
        {"person_id": person(i), "referrer_id": person(0 if i <= 10 else i - 10), "at": i, "day": "2025-05-01",
         "campaign_id": None, "bought_days": i % 2}
        for i in range(1, edges + 1)
    ]  # fmt: skip
    every = {"referrals": referrals} | rows
    return {r.name: pa.Table.from_pylist(every.get(r.name, []), schema=r.schema()) for r in ENGINE.takes}


def pair(a: int, b: int, people: int, chance: float) -> dict[str, Any]:
    return {"tenant_id": person(a), "other_id": person(b), "people": people, "chance": chance}


def test_an_empty_mall_is_refused_in_both_languages() -> None:
    with pytest.raises(NotEnoughData) as refused:
        run(MOMENT, **mall())
    assert "100" in refused.value.missing and refused.value.missing_zh


def test_under_a_hundred_referrals_nobody_is_ranked_and_it_is_said_how_many_are_lacking() -> None:
    given = run(MOMENT, **mall(60))
    rank = next(row for row in given["network_figure"].to_pylist() if row["name"] == "rank")
    assert rank["value"] is None and "40 more" in rank["missing"]
    assert given["network_person"].num_rows == 0 and given["network_tree"].num_rows == 1


def test_who_brings_those_who_bring_is_ranked_first_and_only_the_willing_are_allowed() -> None:
    consents = [{"person_id": person(3)}]
    given = run(MOMENT, **mall(120, profiling_consents=consents, nps_answers=[{"person_id": person(0), "nps": 10.0}]))
    people = sorted(given["network_person"].to_pylist(), key=lambda row: -row["rank"])
    assert people[0]["person_id"] == person(0) and people[0]["reach"] == 120 and people[0]["nps"] == 10
    assert [row["person_id"] for row in people if row["allowed"]] == [person(3)]
    assert all(0 <= row["advocate"] <= 100 and 0 <= row["stable"] <= 1 for row in people)


def test_shares_are_directed_and_lift_is_against_chance() -> None:
    rows = [pair(1, 1, 100, 0), pair(2, 2, 400, 0), pair(1, 2, 80, 40.0), pair(3, 3, 300, 0), pair(1, 3, 20, 40.0)]
    given = run(MOMENT, **mall(cross_shopping=rows))
    pairs = {(r["tenant_id"], r["other_id"]): r for r in given["network_pair"].to_pylist()}
    assert pairs[person(1), person(2)]["share"] == 0.8 and pairs[person(2), person(1)]["share"] == 0.2
    assert pairs[person(1), person(2)]["lift"] == 2.0 and pairs[person(1), person(2)]["low"] > 1
    assert pairs[person(1), person(3)]["high"] < 1
    community = {r["tenant_id"]: r["community"] for r in given["network_tenant"].to_pylist()}
    assert community[person(1)] == community[person(2)] > 0 and community[person(3)] == 0


def test_the_page_names_only_people_who_allow_profiling_now(demo_store: Any) -> None:
    store = demo_store
    assert figures(store)["cross_shopping"].n > 0
    shown = tenants(store)
    assert shown and all(0 <= p.share <= 1 for p in pairs_of(store, shown[0].tenant_id))
    with store.write("test", "withdrawing") as tx:
        tx.connection.exec_driver_sql("UPDATE network_person SET referred = referred")
        tx.connection.exec_driver_sql("DELETE FROM consent_decision WHERE purpose = 'profiling'")
    assert advocates(store) == []
