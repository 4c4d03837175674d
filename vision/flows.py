"""Which zone leads to which: the zones that one track visits, in their order."""

from __future__ import annotations

from collections.abc import Iterator

from vision.buckets import Book, Span
from vision.rows import FlowRow
from vision.stays import Stay


class Flows:
    """Counts the ways of tracks from zone to zone into the book's quarters, in the quarter of the arrival."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._latest: dict[int, tuple[str, Stay]] = {}

    def __len__(self) -> int:
        """How many tracks are remembered."""
        return len(self._latest)

    def entered(self, track: int, zone: str, stay: Stay, *, counted: bool) -> None:
        """A track is in a zone; staff (`counted` False) leave no trace. The time between is 0 where zones meet."""
        before = self._latest.get(track)
        self._latest[track] = zone, stay
        if before is None or before[0] == zone or not counted:
            return
        flow = self._book.quarters.at(stay.entered_ms).flows.setdefault((before[0], zone), [0, 0.0])
        flow[0] += 1
        flow[1] += max(stay.entered - before[1].last, 0.0)

    def place(self, track: int) -> str | None:
        """The zone that the track came to last."""
        latest = self._latest.get(track)
        return latest[0] if latest else None

    def forget(self, track: int) -> None:
        """Drops an ended track."""
        self._latest.pop(track, None)

    def clear(self) -> None:
        """Drops every track."""
        self._latest.clear()


def flow_rows(start_ms: int, span: Span) -> Iterator[FlowRow]:
    """The rows of one quarter that differ from those given before."""
    for way, (n, seconds) in sorted(span.flows.items()):
        row = FlowRow(*way, start_ms, round(n), round(seconds, 3))
        if span.told.get(("flow", way)) != row:
            span.told["flow", way] = row
            yield row
