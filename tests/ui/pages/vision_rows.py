"""What cameras would have kept of a few hours, for the pages that show it."""

from __future__ import annotations

from typing import Any

QUARTER_MS, MINUTE_MS, HOUR_MS = 900_000, 60_000, 3_600_000
LINES = (
    'size = [640, 360]\n[[line]]\nname = "door"\na = [10, 200]\nb = [600, 200]\ngate = "K1"\n'
    '[[zone]]\nname = "shelf"\npolygon = [[10, 10], [200, 10], [200, 200]]\nzone = "shelf"\npurpose = "display"\n'
    '[[zone]]\nname = "lobby"\npolygon = [[210, 10], [400, 10], [400, 200]]\nzone = "lobby"\n'
)
"""A camera's drawing: a line, a display and a zone."""


def bucket(start: int, n_in: int, n_out: int) -> dict[str, Any]:
    """A quarter hour of the gate K1."""
    return {
        "gate": "K1", "lines": (), "start_ms": start, "n_in": n_in, "n_out": n_out, "n_pass": 0, "staff_in": 0,
        "staff_out": 0, "groups": 0, "seconds_observed": 900.0, "frames_seen": 6300, "frames_dropped": 0,
        "quality": (), "finished": True,
    }  # fmt: skip


def zone(code: str, purpose: str, start: int, dwell: dict[int, int], *, reaches: int = 0) -> dict[str, Any]:
    """A quarter hour of a zone whose visits lasted as the histogram says."""
    visits = sum(dwell.values())
    return {
        "zone": code, "start_ms": start, "purpose": purpose, "entries": visits, "exits": visits, "visits": visits,
        "seconds_total": sum(1.03 ** (i + 0.5) * n for i, n in dwell.items()), "dwell": dwell, "waits": {},
        "unserved": 0, "presence_mean": 2.0, "presence_max": 4, "queue_mean": 0.0, "queue_max": 0,
        "reaches": reaches, "reach_seconds": 2.0 * reaches, "groups": 0, "seconds_observed": 900.0, "quality": (),
    }  # fmt: skip


def zone_minute(code: str, start: int, mean: float) -> dict[str, Any]:
    """A minute of a zone with that many people in it."""
    return {
        "zone": code, "start_ms": start, "presence_mean": mean, "presence_max": 5, "queue_median": 0.0,
        "seconds_observed": 60.0, "quality": (),
    }  # fmt: skip
