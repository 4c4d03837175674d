"""Stays, queues, flows, heat and presence of zones, as pages read them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.cameras.counts import keep_counts
from engines.cameras.presence import record_calibration
from engines.cameras.records import remember_camera
from engines.zones import rules
from engines.zones.queries import dwell, flows, heat, presence, queues
from models.errors import NotEnoughData
from models.site import create_site
from models.store import Store, create_store
from vision import rows as vision_rows

DAY = "2026-05-06"
START = 1_778_061_600_000  # 10:00 UTC of DAY
QUARTER = 900_000
LINES = 'size = [640, 480]\n[[zone]]\nname = "Z1"\npolygon = [[0, 0], [9, 0], [9, 9]]\n'


def zone(code: str = "Z1", quarter: int = 0, **more: Any) -> dict[str, Any]:
    row = {
        "zone": code, "purpose": "presence", "start_ms": START + quarter * QUARTER, "entries": 5, "exits": 4,
        "visits": 0, "seconds_total": 0.0, "dwell": {}, "waits": {}, "unserved": 0, "presence_mean": 1.5,
        "presence_max": 3, "queue_mean": 0.0, "queue_max": 0, "reaches": 0, "reach_seconds": 0.0, "groups": 0,
        "seconds_observed": 900.0, "quality": (),
    }  # fmt: skip
    return {**row, **more}


@pytest.fixture(scope="module")
def mall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = create_store(create_site(tmp_path_factory.mktemp("zones") / "mall", name="Test mall"))
    remember_camera(made, "it", code="C1", address="x", lines=LINES)
    bins = {rules.bin_of(60): 9, rules.bin_of(600): 1}
    queue: dict[str, Any] = {"purpose": "queue", "waits": {rules.bin_of(120): 4}, "queue_mean": 2.0, "queue_max": 5}
    keep_counts(
        made, "C1",
        {
            "zones": [
                zone(visits=10, seconds_total=1140.0, dwell=bins),
                zone(quarter=96, visits=1, seconds_total=60.0, dwell={rules.bin_of(60): 1}, seconds_observed=450.0),
                zone("Q1", **queue),
                zone("Q1", quarter=1, **{**queue, "queue_mean": 0.0, "seconds_observed": 300.0, "unserved": 3}),
                zone("Q1", quarter=8, purpose="queue", waits={rules.bin_of(600): 1}),
            ],
            "flows": [
                {"origin": "Z1", "target": "Q1", "start_ms": START, "n": 3, "seconds_total": 30.0},
                {"origin": "Z1", "target": "Z2", "start_ms": START, "n": 1, "seconds_total": 5.0},
                {"origin": "Q1", "target": "Z1", "start_ms": START + QUARTER, "n": 2, "seconds_total": 8.0},
            ],
            "heat": [
                {"floor": "L1", "start_ms": START + h * 3_600_000, "x": x, "y": 2, "seconds": s}
                for h, x, s in ((0, 1, 10.0), (1, 1, 5.0), (1, 2, 7.0))
            ],
            "zone_minutes": [
                {"zone": "Z1", "start_ms": START + 60_000 * m, "presence_mean": 6.0, "presence_max": 9,
                 "queue_median": 0.0, "seconds_observed": 60.0 if m else 10.0, "quality": ()}
                for m in range(3)
            ],
        },
    )  # fmt: skip
    shorter = [zone(visits=99, seconds_total=99.0, dwell={0: 99}, seconds_observed=300.0)]
    keep_counts(made, "C2", {"zones": shorter})
    keep_counts(made, "C2", {"heat": [{"floor": "L1", "start_ms": START, "x": 1, "y": 2, "seconds": 4.0}]})
    yield made
    made.close()


def test_stays_come_with_their_median_and_the_view_that_watched_longest(mall: Store) -> None:
    (one,) = dwell(mall, DAY, DAY)
    assert (one.zone, one.day, one.visits, one.mean) == ("Z1", DAY, 10, 114.0)
    assert one.p50 == pytest.approx(60, rel=0.02)
    assert one.p90 == pytest.approx(60, rel=0.02)
    assert one.completeness == 1
    days = dwell(mall, DAY, "2026-05-07")
    assert [(d.day, d.visits, d.completeness) for d in days] == [(DAY, 10, 1.0), ("2026-05-07", 1, 0.5)]
    (whole,) = dwell(mall, DAY, "2026-05-07", by_day=False)
    assert (whole.visits, whole.completeness) == (11, 0.75)
    assert dwell(mall, DAY, DAY, zone="Z9") == []


def test_queues_have_waits_by_hour_and_those_who_gave_up(mall: Store) -> None:
    whole, ten, noon = queues(mall, DAY, DAY)
    assert (whole.hour, ten.hour, noon.hour) == (-1, 10, 12)
    assert (ten.waits, ten.unserved, ten.length_max) == (8, 3, 5)
    assert ten.p50 == pytest.approx(120, rel=0.02)
    assert ten.length_mean == pytest.approx(2.0 * 900 / 1200)
    assert noon.p90 == pytest.approx(600, rel=0.02)
    assert whole.waits == 9


def test_flows_are_shares_of_those_who_left(mall: Store) -> None:
    found = flows(mall, DAY, DAY)
    assert [(f.origin, f.target, f.n, f.share, f.mean) for f in found] == [
        ("Z1", "Q1", 3, 0.75, 10.0),
        ("Q1", "Z1", 2, 1.0, 4.0),
        ("Z1", "Z2", 1, 0.25, 5.0),
    ]
    assert flows(mall, "2020-01-01", "2020-01-02") == []


def test_two_cameras_that_see_the_same_passage_are_not_added_and_none_is_lost(tmp_path: Path) -> None:
    store = create_store(create_site(tmp_path / "mall", name="Test mall"))

    def told(camera: str, origin: str, target: str, quarter: int, n: int) -> None:
        flow = {"origin": origin, "target": target, "start_ms": START + quarter * QUARTER, "n": n}
        keep_counts(store, camera, {"flows": [{**flow, "seconds_total": 2.0 * n}]})

    told("C1", "Z1", "Z2", 0, 9)
    told("C2", "Z1", "Z2", 0, 7)  # the same people, two of them unseen
    told("C2", "Z1", "Z2", 1, 4)  # the other camera was blind
    told("C2", "Z2", "Z3", 0, 5)  # only one camera sees both zones
    assert [(f.origin, f.target, f.n, f.mean) for f in flows(store, DAY, DAY)] == [
        ("Z1", "Z2", 13, 2.0),
        ("Z2", "Z3", 5, 2.0),
    ]
    with store.write("ann", "a correction") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO zone_flow (origin_id, target_id, bucket_start, source_id, revision, day, minute, n, "
            "seconds_total) SELECT origin_id, target_id, bucket_start, source_id, 1, day, minute, 6, 12.0 "
            "FROM zone_flow WHERE n = 9"
        )
    assert flows(store, DAY, DAY)[0].n == 6 + 4
    store.close()


def test_heat_is_by_square_metre_and_hour_and_two_views_are_not_added(mall: Store) -> None:
    assert [(c.x, c.y, c.seconds) for c in heat(mall, "L1", DAY, DAY)] == [(1, 2, 15.0), (2, 2, 7.0)]
    assert [(c.x, c.seconds) for c in heat(mall, "L1", DAY, DAY, hours=[10])] == [(1, 10.0)]
    assert heat(mall, "L9", DAY, DAY) == []


def test_presence_is_shown_only_once_it_is_calibrated_and_as_long_as_that_holds(mall: Store) -> None:
    with pytest.raises(NotEnoughData, match="not calibrated"):
        presence(mall, "Z1", DAY)
    record_calibration(mall, "ann", camera="C1", zone="Z1", frames=[(10.0 + i % 3, 5.0 + i % 2) for i in range(24)])
    found = presence(mall, "Z1", DAY)
    assert (found.camera, found.frames, [m.at for m in found.minutes]) == (
        "C1", 24, [START + 60_000, START + 120_000],
    )  # fmt: skip
    assert found.factor == pytest.approx(2.0, rel=0.02)
    assert found.minutes[0].low < found.minutes[0].people == pytest.approx(12.0, rel=0.02)
    with pytest.raises(NotEnoughData, match="No minute"):
        presence(mall, "Z1", "2026-05-07")
    remember_camera(mall, "it", code="C1", address="x", lines=LINES.replace("9, 9", "8, 8"))
    with pytest.raises(NotEnoughData, match="has changed"):
        presence(mall, "Z1", DAY)


def test_durations_are_binned_as_the_counting_bins_them() -> None:
    """Engines may not import vision, so both hold the rule; they must hold the same one."""
    for tenths in range(1, 200_000, 7):
        assert rules.bin_of(tenths / 10) == vision_rows.bin_of(tenths / 10)


@given(st.dictionaries(st.integers(0, 400), st.integers(0, 50), max_size=20), st.floats(0, 1))
def test_quantiles_are_read_as_the_counting_reads_them(histogram: dict[int, int], share: float) -> None:
    assert rules.quantile(histogram, share) == vision_rows.quantile(histogram, share)


@given(st.lists(st.floats(1, 20_000), min_size=1, max_size=60))
def test_a_quantile_is_within_a_bins_half_of_the_true_one(durations: list[float]) -> None:
    found = rules.quantile(rules.merged({rules.bin_of(d): 1} for d in durations), 0.5)
    true = sorted(durations)[(len(durations) + 1) // 2 - 1]
    assert found == pytest.approx(true, rel=0.016)


def test_histograms_come_back_from_the_store_and_add_up() -> None:
    assert rules.read('{"3": 2, "10": 1}') == {3: 2, 10: 1}
    assert rules.merged([{3: 2}, {3: 1, 5: 4}]) == {3: 3, 5: 4}
    assert rules.quantile({}, 0.5) is None
