"""The drill in short: each kind of fault on a clock of their own, and that its judge would see each kind of wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.vision.fault_log import BACK_WITHIN_S, CameraLog, Counted, Fault, KeptMinute, judge_camera, table
from benchmarks.vision.fault_scene import Exact, Painter, Walks, stamp_of
from benchmarks.vision.fault_virtual import GROUP_KILLED, LONGEST, drill
from vision.boxes import Boxes
from vision.config import Config, Line
from vision.rows import MINUTE_MS
from vision.scene import Scene


def test_faults_lose_and_invent_nobody_outside_the_outages() -> None:
    faults, judged = drill(9, seed=5, cameras=4)
    assert {fault.kind for fault in faults} == {*LONGEST, GROUP_KILLED}
    assert {code: each.wrong for code, each in judged.items() if each.wrong} == {}
    assert all(fault.recovery_s < BACK_WITHIN_S for fault in faults)
    assert all(each.verdict.due > 100 for each in judged.values())
    assert all(line.equal == line.n for line in table(faults, {}))


@pytest.mark.parametrize("seconds", [0.0, 3.3, 71.234])
def test_the_drills_own_detector_and_clock_are_exact(seconds: float) -> None:
    walks = Walks()
    picture = Painter(walks, 1).picture(seconds, number=3, stamped=True)
    assert stamp_of(picture) == pytest.approx(seconds)
    assert len(Exact()(picture)) == len(walks.people(seconds))
    picture[4:12, 190:206] ^= 255
    assert stamp_of(picture) is None


# ---- the judge itself


def undisturbed(until: float = 130.0) -> tuple[CameraLog, dict[int, KeptMinute]]:
    """A camera that counted everybody, and rows that say so."""
    log = CameraLog(Walks())
    log.frames = [n / 8 for n in range(round(until * 8))]
    log.walls = [round(at * 1000) for at in log.frames]
    log.counted = [
        Counted(each.direction, each.seconds + 0.1, round(each.seconds * 1000) + 100)
        for each in log.walks.crossings(0.0, until)
    ]
    return log, kept_of(log, until)


def kept_of(log: CameraLog, until: float) -> dict[int, KeptMinute]:
    kept = {}
    for start in range(0, round(until * 1000), MINUTE_MS):
        ways = [each.direction for each in log.counted if start <= each.at_ms < start + MINUTE_MS]
        kept[start] = KeptMinute(ways.count("in"), ways.count("out"), min(until - start / 1000, 60.0))
    return kept


def wrong(log: CameraLog, kept: dict[int, KeptMinute], *faults: Fault) -> list[str]:
    return [sentence for _, sentence in judge_camera(log, faults, kept, 125.0).wrong]


def test_the_judge_finds_nothing_wrong_with_an_undisturbed_run() -> None:
    assert wrong(*undisturbed()) == []


def test_the_judge_sees_a_crossing_that_was_missed_and_one_that_was_counted_twice() -> None:
    log, _ = undisturbed()
    missed = log.counted.pop(40)
    log.counted.append(log.counted[50])
    found = wrong(log, kept_of(log, 130.0))
    assert len(found) == 2
    assert any("0 times" in each for each in found)
    assert any("2 times" in each for each in found)
    outage = Fault("silent", "x", missed.seconds - 1, missed.seconds + 1)
    assert not any("0 times" in each for each in wrong(log, kept_of(log, 130.0), outage))


def test_the_judge_sees_a_crossing_of_nobody() -> None:
    log, _ = undisturbed()
    log.counted.append(replace(log.counted[60], seconds=1.0))
    assert any("nobody went" in each for each in wrong(log, kept_of(log, 130.0)))


def test_the_judge_sees_rows_that_are_not_the_crossings() -> None:
    log, kept = undisturbed()
    kept[MINUTE_MS] = replace(kept[MINUTE_MS], n_in=kept[MINUTE_MS].n_in - 1)
    assert any("its row holds" in each for each in wrong(log, kept))


def test_the_judge_sees_a_gap_that_looks_like_a_minute_without_people() -> None:
    log, kept = undisturbed()
    frozen = Fault("frozen", "x", 58.0, 121.0)
    seen = [n for n, at in enumerate(log.frames) if not 58 <= at < 121]
    log.frames, log.walls = [log.frames[n] for n in seen], [log.walls[n] for n in seen]
    log.counted = [each for each in log.counted if not 58 <= each.seconds < 121]
    kept = kept_of(log, 130.0)
    assert any("nobody watched, and it has a row" in each for each in wrong(log, kept, frozen))
    honest = {
        0: replace(kept[0], seconds_observed=58.0),
        2 * MINUTE_MS: replace(kept[2 * MINUTE_MS], seconds_observed=9),
    }
    assert wrong(log, honest, frozen) == []


def test_the_judge_sees_a_camera_that_was_held_up_by_another() -> None:
    log, kept = undisturbed()
    seen = [n for n, at in enumerate(log.frames) if not 80 <= at < 84]
    log.frames, log.walls = [log.frames[n] for n in seen], [log.walls[n] for n in seen]
    assert any("without a fault of its own" in each for each in wrong(log, kept))


# ---- what the drill found, each for itself


def test_the_minute_before_a_picture_is_known_to_be_frozen_is_taken_back() -> None:
    from zoneinfo import ZoneInfo

    scene = Scene(Config((320, 240), (Line("door", (160, 0), (160, 240)),)), zone=ZoneInfo("UTC"))
    rows = {}
    for n in range(8 * 180):
        flaws = ("frozen",) if n >= 8 * 118 else ()
        if n == 8 * 118:
            scene.withdraw(58.0, flaws)
        scene.update(Boxes.empty(), (), index=n, at_ms=round(n * 125), seconds=n / 8, flaws=flaws)
        if n % 8 == 0:
            rows.update({row.start_ms: row for row in scene.changed().minutes})
    assert rows[0].seconds_observed == pytest.approx(57.5, abs=1.5)
    assert rows[MINUTE_MS].seconds_observed == 0
    assert rows[MINUTE_MS].frames_seen == 0
    assert {"frozen", "partial"} <= set(rows[MINUTE_MS].quality)
    assert 2 * MINUTE_MS not in rows, "a minute that nobody watched has no row"
