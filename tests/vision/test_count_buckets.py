"""Crossings to quarter hours: sums, watched time, gaps, repeats."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vision.buckets import BUCKET_MS, BucketRow, Buckets
from vision.config import Line
from vision.counter import Crossing

DOOR = Line("door", (0, 0), (0, 9), gate="G1")
SIDE = Line("side door", (5, 0), (5, 9), gate="G1")
PLAZA = Line("plaza", (7, 0), (7, 9))
Held = dict[tuple[str, int], BucketRow]


def held(rows: list[BucketRow], before: Held | None = None) -> Held:
    """What a writer holds that replaces rows of the same key."""
    return {**(before or {}), **{(row.gate, row.start_ms): row for row in rows}}


def crossing(line: Line, at_ms: int, direction: str = "in") -> Crossing:
    return Crossing(line.name, 0, direction, at_ms)  # type: ignore[arg-type]


def watched(buckets: Buckets, begin: int, end: int, step: int = 1000) -> None:
    for at in range(begin, end, step):
        buckets.observe(at)


def test_a_whole_quarter_is_900_seconds_and_is_finished_when_the_next_begins() -> None:
    buckets = Buckets([PLAZA])
    watched(buckets, 0, BUCKET_MS)
    buckets.add([crossing(PLAZA, 5), crossing(PLAZA, 6), crossing(PLAZA, 7, "out")])
    (running,) = buckets.changed()
    assert (running.n_in, running.n_out, running.seconds_observed, running.finished) == (2, 1, 899, False)
    buckets.observe(BUCKET_MS)
    first, second = buckets.changed()
    assert (first.n_in, first.n_out, first.seconds_observed, first.finished) == (2, 1, 900, True)
    assert (second.start_ms, second.n_in, second.seconds_observed, second.finished) == (BUCKET_MS, 0, 0, False)
    assert buckets.changed() == []


def test_a_gap_is_not_watched_time_and_an_unwatched_quarter_has_no_row() -> None:
    buckets = Buckets([PLAZA])
    watched(buckets, 0, 60_001)
    watched(buckets, 2 * BUCKET_MS + 30_000, 2 * BUCKET_MS + 60_001)
    rows = held(buckets.changed())
    assert {start: row.seconds_observed for (_, start), row in rows.items()} == {0: 60, 2 * BUCKET_MS: 30}


def test_lines_of_one_gate_are_added_up() -> None:
    buckets = Buckets([DOOR, SIDE, PLAZA])
    buckets.observe(0)
    buckets.add([crossing(DOOR, 0), crossing(SIDE, 0), crossing(PLAZA, 0, "out")])
    rows = held(buckets.changed())
    assert {gate: (row.lines, row.n_in, row.n_out) for (gate, _), row in rows.items()} == {
        "G1": (("door", "side door"), 2, 0),
        "plaza": (("plaza",), 0, 1),
    }


def test_a_crossing_that_is_sure_only_in_the_next_quarter_counts_in_its_own() -> None:
    buckets = Buckets([PLAZA])
    watched(buckets, BUCKET_MS - 5000, BUCKET_MS + 2000)
    rows = held(buckets.changed())
    buckets.add([crossing(PLAZA, BUCKET_MS - 100)])
    rows = held(buckets.changed(), rows)
    assert (rows["plaza", 0].n_in, rows["plaza", 0].finished, rows["plaza", BUCKET_MS].n_in) == (1, True, 0)


def test_frames_seen_and_dropped_are_the_quality_of_the_row() -> None:
    buckets = Buckets([PLAZA])
    buckets.observe(0)
    buckets.observe(200, dropped=3)
    (row,) = buckets.changed()
    assert (row.frames_seen, row.frames_dropped) == (2, 3)


def test_a_restart_goes_on_from_the_rows_that_were_written() -> None:
    first = Buckets([PLAZA])
    watched(first, 0, 60_001)
    first.add([crossing(PLAZA, 10)])
    rows = first.changed()
    again = Buckets([PLAZA], resume=rows)
    assert again.changed() == []
    watched(again, 90_000, 120_001)
    again.add([crossing(PLAZA, 100_000)])
    (row,) = again.changed()
    assert (row.n_in, row.seconds_observed) == (2, 90)


def test_a_clock_set_back_resumes_the_quarter() -> None:
    buckets = Buckets([PLAZA])
    watched(buckets, 0, BUCKET_MS + 10_000)
    buckets.add([crossing(PLAZA, 100)])
    rows = held(buckets.changed())
    buckets.observe(100_000)
    buckets.add([crossing(PLAZA, 100_000)])
    rows = held(buckets.changed(), rows)
    assert rows["plaza", 0].n_in == 2
    assert rows["plaza", 0].seconds_observed == 900


def test_a_month_leaves_a_bounded_number_of_rows() -> None:
    buckets = Buckets([PLAZA])
    for quarter in range(30 * 96):
        buckets.observe(quarter * BUCKET_MS)
        buckets.add([crossing(PLAZA, quarter * BUCKET_MS)])
        assert len(buckets.changed()) <= 2
    assert len(buckets) <= 33


@given(
    st.lists(st.integers(0, 5000), min_size=2, max_size=60),
    st.lists(st.booleans(), min_size=60, max_size=60),
    st.integers(0, 10 * BUCKET_MS),
)
def test_when_rows_are_asked_for_does_not_matter(steps: list[int], asked: list[bool], start: int) -> None:
    often, once = Buckets([DOOR, PLAZA]), Buckets([DOOR, PLAZA])
    rows: Held = {}
    at = start
    for step, ask in zip(steps, asked, strict=False):
        at += step
        for buckets in (often, once):
            buckets.observe(at)
            buckets.add([crossing(DOOR, at)])
        if ask:
            rows = held(often.changed(), rows)
    final = held(once.changed(ended=True))
    assert held(often.changed(ended=True), rows) == final
    assert sum(row.n_in for row in final.values()) == len(steps)
    assert all(0 <= row.seconds_observed <= 900 for row in final.values())
