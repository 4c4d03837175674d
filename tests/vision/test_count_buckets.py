"""The book of minutes and quarters: sums, watched time, clocks, and how little it keeps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vision.book_rows import bucket_rows, minute_rows, read_resume
from vision.buckets import BUCKET_MS, Book, BucketRow, Spans
from vision.rows import MINUTE_MS

LINES = {"G1": ("door", "side door"), "plaza": ("plaza",)}
Held = dict[tuple[str, int], BucketRow]


def rows(book: Book, *, ended: bool = False) -> Held:
    found = bucket_rows(book.quarters.kept(), LINES, book.at_ms, ended=ended)
    return {(row.gate, row.start_ms): row for row in found}


def watched(book: Book, begin: int, end: int, step: int = 1000) -> None:
    for at in range(begin, end, step):
        book.watch(at, at / 1000, 0, (), 0)


def test_a_whole_quarter_is_900_seconds_and_is_finished_when_the_next_begins() -> None:
    book = Book()
    watched(book, 0, BUCKET_MS)
    running = rows(book)["plaza", 0]
    assert (running.seconds_observed, running.finished) == (899, False)
    book.watch(BUCKET_MS, BUCKET_MS / 1000, 0, (), 0)
    found = rows(book)
    assert (found["plaza", 0].seconds_observed, found["plaza", 0].finished) == (900, True)
    assert (found["plaza", BUCKET_MS].seconds_observed, found["plaza", BUCKET_MS].finished) == (0, False)
    assert rows(book) == {}


def test_a_gap_is_not_watched_time_and_an_unwatched_quarter_has_no_row() -> None:
    book = Book()
    watched(book, 0, 60_001)
    watched(book, 2 * BUCKET_MS + 30_000, 2 * BUCKET_MS + 60_001)
    found = {start: row.seconds_observed for (gate, start), row in rows(book).items() if gate == "plaza"}
    assert found == {0: 60, 2 * BUCKET_MS: 30}


def test_a_count_is_in_every_gate_of_its_line_and_can_be_taken_back() -> None:
    book = Book()
    watched(book, 0, 3000)
    book.count(("G1", "plaza"), 2000, "n_in")
    book.count(("G1",), 2000, "n_in")
    book.count(("G1",), 2000, "n_in", -1)
    found = rows(book)
    assert {gate: (row.lines, row.n_in) for (gate, _), row in found.items()} == {
        "G1": (("door", "side door"), 1),
        "plaza": (("plaza",), 1),
    }
    assert {row.gate: row.n_in for row in minute_rows(book.minutes.kept(), LINES)} == {"G1": 1, "plaza": 1}


def test_what_is_no_longer_kept_is_not_taken_back() -> None:
    book = Book()
    book.count(("G1",), 0, "n_in", -1)
    assert len(book.quarters) == len(book.minutes) == 0


def test_a_count_that_is_sure_only_in_the_next_quarter_is_in_its_own() -> None:
    book = Book()
    watched(book, BUCKET_MS - 5000, BUCKET_MS + 2000)
    rows(book)
    book.count(("plaza",), BUCKET_MS - 100, "n_in")
    (row,) = rows(book).values()
    assert (row.start_ms, row.n_in, row.finished) == (0, 1, True)


def test_a_restart_goes_on_from_whole_seconds_to_the_millisecond() -> None:
    first = Book()
    watched(first, 0, 60_401, 400)
    first.count(("plaza",), 10, "n_in")
    written = rows(first)
    minutes = list(minute_rows(first.minutes.kept(), LINES))
    again = Book()
    read_resume(
        again,
        {"buckets": [_asdict(row) for row in written.values()], "minutes": [_asdict(row) for row in minutes]},
        LINES,
        (),
    )
    assert rows(again) == written
    for at in range(90_000, 120_401, 400):
        again.watch(at, at / 1000, 0, (), 0)
    (row,) = [row for row in rows(again).values() if row.gate == "plaza"]
    assert (row.n_in, row.seconds_observed) == (1, 91)


def _asdict(row: object) -> dict[str, object]:
    return {name: getattr(row, name) for name in row.__slots__}  # type: ignore[attr-defined]


def test_only_what_was_touched_last_is_kept() -> None:
    spans = Spans(MINUTE_MS, list[int])
    for minute in range(5000):
        spans.at(minute * MINUTE_MS).append(minute)
        spans.at(7 * MINUTE_MS)
    assert len(spans) == 600
    assert spans.find(7 * MINUTE_MS) is not None and spans.find(8 * MINUTE_MS) is None
    assert len(spans.changed()) == 600


@given(
    st.lists(st.integers(0, 5000), min_size=2, max_size=60),
    st.lists(st.booleans(), min_size=60, max_size=60),
    st.integers(0, 10 * BUCKET_MS),
)
def test_when_rows_are_asked_for_does_not_matter(steps: list[int], asked: list[bool], start: int) -> None:
    often, once = Book(), Book()
    held: Held = {}
    at = start
    for step, ask in zip(steps, asked, strict=False):
        at += step
        for book in (often, once):
            book.watch(at, at / 1000, 0, (), 0)
            book.count(("G1",), at, "n_in")
        if ask:
            held |= rows(often)
    final = rows(once, ended=True)
    assert held | rows(often, ended=True) == final
    assert sum(row.n_in for row in final.values()) == len(steps)
    assert all(0 <= row.seconds_observed <= 900 for row in final.values())
