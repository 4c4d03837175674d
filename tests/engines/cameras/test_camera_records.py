"""How cameras are, what they may measure, where presence may be shown, and what was not watched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from engines.cameras.counts import keep_counts
from engines.cameras.health import camera_days, gaps
from engines.cameras.presence import calibration, factor_of, record_calibration
from engines.cameras.purposes import history, is_on, purposes, switch_purpose
from engines.cameras.records import remember_camera, remove_camera
from engines.cameras.state import note_state, states
from models.errors import Known, NotEnoughData
from models.site import create_site
from models.store import Store, create_store

LINES = """
size = [640, 480]
[[zone]]
name = "hall"
zone = "Z1"
polygon = [[0, 0], [600, 0], [600, 400]]
[[line]]
name = "door"
a = [0, 0]
b = [10, 0]
"""


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    remember_camera(made, "it", code="C1", address="rtsp://here", lines=LINES)
    yield made
    made.close()


def frames(n: int = 30, seed: int = 1) -> list[tuple[float, float]]:
    rng = np.random.default_rng(seed)
    there = rng.integers(15, 45, n)
    return [(float(t), float(rng.binomial(t, 0.6))) for t in there]


def test_the_last_word_on_a_camera_stands_and_goes_with_it(mall: Store) -> None:
    assert states(mall) == []
    assert note_state(mall, "C1", {"state": "counting", "fps_in": 12.5, "night": True, "width": 640}, at=5)
    assert note_state(mall, "C1", {"fps_in": 11.0, "losses": 2}, at=6)
    (one,) = states(mall)
    assert (one.code, one.at, one.state, one.fps_in, one.night, one.width, one.losses) == (
        "C1", 6, "counting", 11.0, True, 640, 2,
    )  # fmt: skip
    assert one.flaws == ()
    assert note_state(mall, "C1", {"flaws": "dark,slow"}) and note_state(mall, "C1", {"fps_in": 10.0})
    assert states(mall)[0].flaws == ("dark", "slow")
    assert note_state(mall, "C1", {"flaws": ""})
    assert states(mall)[0].flaws == ()
    assert not note_state(mall, "C9", {"state": "lost"})
    with mall.read() as connection:
        logged = connection.exec_driver_sql("SELECT count(*) FROM change_log WHERE tbl = 'camera_state'").scalar()
    assert logged == 0
    remove_camera(mall, "it", "C1")
    assert states(mall) == []


@pytest.mark.parametrize("facts", [{"state": "asleep"}, {"state": "lost", "mood": 1}, {"fps_in": 2.0}])
def test_what_is_no_state_is_refused(mall: Store, facts: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="state"):
        note_state(mall, "C1", facts)
    assert states(mall) == []


def test_a_purpose_is_off_until_someone_states_why(mall: Store) -> None:
    assert not is_on(mall, "C1", "demographics")
    for basis, notice in ((None, None), ("consent", " "), ("", "We estimate ages.")):
        with pytest.raises(Known, match="legal basis"):
            switch_purpose(mall, "ann", "C1", "demographics", True, basis, notice)
    switch_purpose(mall, "ann", "C1", "demographics", True, "consent at the door", "We estimate ages.")
    assert is_on(mall, "C1", "demographics")
    assert not is_on(mall, "C1", "emotion")
    switch_purpose(mall, "bob", "C1", "demographics", False)
    (now,) = purposes(mall)
    assert (now.on, now.actor) == (False, "bob")
    assert [(one.actor, one.on, one.legal_basis) for one in history(mall)] == [
        ("ann", True, "consent at the door"),
        ("bob", False, None),
    ]
    with mall.read() as connection:
        acts = connection.exec_driver_sql("SELECT object FROM audit_entry WHERE action = 'switch'").scalars()
    assert acts == ["camera/C1/demographics"] * 2


def test_a_purpose_or_camera_there_is_not_is_refused(mall: Store) -> None:
    for camera, purpose in (("C9", "emotion"), ("C1", "faces")):
        with pytest.raises(Known):
            switch_purpose(mall, "ann", camera, purpose, True, "x", "y")
    assert history(mall) == []


def test_a_factor_makes_counts_right_on_average_and_its_interval_holds() -> None:
    covered = inside = 0
    for seed in range(200):
        found = factor_of(frames(30, seed))
        covered += found.low <= 1 / 0.6 <= found.high
        rng = np.random.default_rng(1000 + seed)
        there = int(rng.integers(15, 45))
        _, low, high = found.people(float(rng.binomial(there, 0.6)))
        inside += low <= there <= high
    assert covered >= 184  # 95 % of 200 less three standard deviations of chance
    assert inside >= 184


@pytest.mark.parametrize("some", [frames(19), [(0.0, 0.0)] * 30, [(5.0, 0.0)] * 29 + [(5.0, 3.0)]])
def test_too_few_frames_or_nobody_seen_is_no_calibration(mall: Store, some: list[tuple[float, float]]) -> None:
    with pytest.raises(NotEnoughData):
        record_calibration(mall, "ann", camera="C1", zone="Z1", frames=some)
    assert calibration(mall, "C1", "Z1") is None


def test_a_calibration_is_void_once_the_zone_is_drawn_anew(mall: Store) -> None:
    made = record_calibration(mall, "ann", camera="C1", zone="Z1", frames=frames())
    assert calibration(mall, "C1", "Z1") == made
    remember_camera(mall, "it", code="C1", address="rtsp://there", lines=LINES.replace('"door"', '"entrance"'))
    kept = calibration(mall, "C1", "Z1")
    assert kept is not None and not kept.stale
    remember_camera(mall, "it", code="C1", address="rtsp://there", lines=LINES.replace("[600, 400]", "[600, 300]"))
    void = calibration(mall, "C1", "Z1")
    assert void is not None and void.stale
    remove_camera(mall, "it", "C1")
    gone = calibration(mall, "C1", "Z1")
    assert gone is not None and gone.stale


def watch(store: Store, start: int, minutes: range, seconds: float = 60.0, quality: tuple[str, ...] = ()) -> None:
    row = {"gate": "G1", "n_in": 1, "n_out": 0, "n_pass": 0, "staff_in": 0, "staff_out": 0, "frames_seen": 400,
           "frames_dropped": 0, "quality": quality, "seconds_observed": seconds}  # fmt: skip
    keep_counts(store, "C1", {"minutes": [{**row, "start_ms": start + 60_000 * m} for m in minutes]})


def open_on(store: Store, day: str, opens: int, closes: int, closed: int = 0) -> int:
    """The instant at which the mall opens (its zone is UTC)."""
    with store.write("it", "x") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO calendar_day (day, opens_minute, closes_minute, closed) VALUES (?, ?, ?, ?)",
            (day, opens, closes, closed),
        )
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000) + opens * 60_000


def test_gaps_and_flaws_of_a_day_are_told_by_the_minute(mall: Store) -> None:
    start = open_on(mall, "2030-05-06", 600, 720)
    watch(mall, start, range(40))
    watch(mall, start, range(40, 45), seconds=12.0, quality=("partial",))
    watch(mall, start, range(50, 120), quality=("dark", "slow"))
    (one,) = camera_days(mall, "2030-05-06", "2030-05-06", start + 86_400_000)
    assert [(gap.started_at, gap.minutes) for gap in one.gaps] == [(start + 40 * 60_000, 10)]
    assert one.flaws == {"partial": 5, "dark": 70, "slow": 70}
    assert one.seconds_expected == 7200
    assert one.share == pytest.approx((110 * 60 + 5 * 12) / 7200)
    assert not one.coarse


def test_what_is_still_to_come_is_no_gap_and_a_camera_that_says_nothing_is_one(mall: Store) -> None:
    start = open_on(mall, "2030-05-06", 600, 720)
    assert gaps(mall, "2030-05-06", start) == []
    (gap,) = gaps(mall, "2030-05-06", start + 30 * 60_000)
    assert (gap.camera, gap.started_at, gap.minutes) == ("C1", start, 30)


def test_a_closed_day_a_day_before_the_camera_and_a_camera_that_is_off_expect_nothing(mall: Store) -> None:
    open_on(mall, "2030-05-07", 600, 720, closed=1)
    assert camera_days(mall, "2030-05-07", "2030-05-07", 2_000_000_000_000) == []
    open_on(mall, "2020-05-07", 600, 720)
    assert camera_days(mall, "2020-05-07", "2020-05-07", 2_000_000_000_000) == []
    start = open_on(mall, "2030-05-08", 600, 720)
    remember_camera(mall, "it", code="C1", address="x", lines=LINES, active=False)
    assert gaps(mall, "2030-05-08", start + 86_400_000) == []


def test_quarter_hours_stand_in_where_minutes_are_no_longer_kept(mall: Store) -> None:
    start = open_on(mall, "2030-05-06", 600, 720)
    row = {"gate": "G1", "n_in": 1, "n_out": 0, "frames_seen": 400, "frames_dropped": 0, "quality": ("reduced",)}
    told = [{**row, "start_ms": start + 900_000 * q, "seconds_observed": 900} for q in range(8) if q != 3]
    keep_counts(mall, "C1", {"buckets": told})
    (one,) = camera_days(mall, "2030-05-06", "2030-05-06", start + 86_400_000)
    assert one.coarse
    assert [(gap.started_at, gap.minutes) for gap in one.gaps] == [(start + 45 * 60_000, 15)]
    assert one.share == pytest.approx(7 / 8)
    assert one.flaws == {"reduced": 105}
