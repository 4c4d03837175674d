"""The tables of the Zones page: zones, queues, displays, cameras and their gaps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal

from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark
from app.ui.pages.zones.charts import unserved
from app.ui.pages.zones.state import State, Watching
from app.ui.pages.zones.words import (
    ADD_CAMERA,
    LAST_WATCHED,
    NO_QUEUE,
    NO_STAYS,
    OPEN_LIVE,
    change,
    named,
    signed,
)
from app.ui.widgets.camera_words import flaw_words
from app.ui.widgets.defined_card import TableCard
from app.ui.widgets.rows import Column
from engines.cameras.health import CameraGap

LIMIT = mark(
    "A box says where a body is, not where a hand is: reaches are an upper bound. Somebody may reach more than once."
)


class PickTable(TableCard):
    """A table card whose rows can be picked: `picked(code)`."""

    picked = Signal(str)

    def __init__(self, desk: Desk, title: str, subtitle: str, columns: tuple[Column, ...], kpi: str = "") -> None:
        super().__init__(desk, title, subtitle, columns, kpi)
        self.table.activated.connect(self._pick)
        self.table.empty.acted.connect(self.acted)

    def _pick(self, row: object) -> None:
        assert isinstance(row, Mapping)
        self.picked.emit(str(row["code"]))


class ZoneTable(PickTable):
    """Zones by visits."""

    def __init__(self, desk: Desk) -> None:
        columns = (
            Column("name", "Zone"), Column("visits", "Visits", "count", 76),
            Column("visits_change", "Visits ±", "percent", 84, signed), Column("p50", "Median", "seconds", 108),
            Column("p50_change", "Median ±", "percent", 92, signed), Column("p90", "P90", "seconds", 112),
        )  # fmt: skip
        words = mark("Changes are those of the days that are over; a double click shows a zone's stays")
        super().__init__(desk, mark("Zones"), words, columns, "dwell_minutes")

    def show_state(self, state: State) -> None:
        """The zones of the state."""
        self.table.set_empty(NO_STAYS, LAST_WATCHED)
        self.table.set_rows(zone_rows(state))


class QueueTable(PickTable):
    """Queues over all hours."""

    def __init__(self, desk: Desk) -> None:
        columns = (
            Column("name", "Queue"), Column("waits", "Served", "count", 76), Column("p50", "Median", "seconds", 100),
            Column("p50_change", "Median ±", "percent", 92, signed), Column("p90", "P90", "seconds", 108),
            Column("unserved", "Unserved", "percent", 92),
        )  # fmt: skip
        words = mark("Waits of those served; a double click shows a queue by hour")
        super().__init__(desk, mark("Queues"), words, columns, "queue_abandonment")

    def show_state(self, state: State) -> None:
        """The queues of the state."""
        self.table.set_empty(NO_QUEUE, OPEN_LIVE)
        self.table.set_rows(queue_rows(state))


class DisplayTable(PickTable):
    """Displays: who stopped there and who reached."""

    def __init__(self, desk: Desk) -> None:
        columns = (
            Column("name", "Display"), Column("visits", "Visits", "count", 100),
            Column("visits_change", "Visits ±", "percent", 100, signed), Column("reaches", "Reaches", "count", 100),
            Column("rate", "Reaches a visit", "decimal", 120, _exact), Column("each", "Mean reach", "seconds", 110),
            Column("p50", "Median stay", "seconds", 110), Column("p90", "P90", "seconds", 100),
        )  # fmt: skip
        super().__init__(desk, mark("Displays"), LIMIT, columns)

    def show_state(self, state: State) -> None:
        """The displays of the state."""
        self.table.set_empty(
            "No display was watched on these days. Draw a zone before it, and what can be reached.", OPEN_LIVE
        )
        self.table.set_rows(display_rows(state))


class CameraTable(PickTable):
    """Each camera over the days shown."""

    def __init__(self, desk: Desk) -> None:
        columns = (
            Column("name", "Camera", "text", 148), Column("watched", "Watched", "percent", 84),
            Column("gaps", "Gaps", "count", 64),
            Column("missed", "Missed", "minutes", 100), Column("drift", "Drift", "percent", 76, signed),
            Column("flaws", "Flaws"),
        )  # fmt: skip
        words = mark("Opening hours; a double click shows the camera")
        super().__init__(desk, mark("Cameras"), words, columns, "data_completeness")

    def show_state(self, state: State) -> None:
        """The cameras of the state."""
        self.table.set_empty("No camera yet: these counts come from elsewhere.", ADD_CAMERA)
        self.table.set_rows([camera_row(camera) for camera in state.cameras])


class GapTable(PickTable):
    """When a camera did not watch."""

    def __init__(self, desk: Desk) -> None:
        columns = (
            Column("camera", "Camera"), Column("since", "From", "instant", 128, _moment),
            Column("until", "To", "instant", 68, _time), Column("minutes", "Length", "minutes", 84),
        )  # fmt: skip
        words = mark("Opening hours that were not watched; never filled in")
        super().__init__(desk, mark("Gaps"), words, columns)

    def show_state(self, state: State) -> None:
        """The gaps of the state, the newest first."""
        if state.cameras:
            self.table.set_empty("Every camera watched through all opening hours.")
        else:
            self.table.set_empty("No camera yet: these counts come from elsewhere.", ADD_CAMERA)
        names = {camera.code: camera.name for camera in state.cameras}
        gaps = [gap for camera in state.cameras for day in camera.days for gap in day.gaps]
        self.table.set_rows([_gap_row(gap, names) for gap in sorted(gaps, key=lambda g: (-g.started_at, g.camera))])


def zone_rows(state: State) -> list[dict[str, Any]]:
    """A row a zone that is no display, the most visited first; changes are of the days that are over."""
    found = []
    for stay in sorted(state.stays, key=lambda s: -s.visits):
        if stay.purpose == "display":
            continue
        over, then = state.stays_over.get(stay.zone), state.stays_then.get(stay.zone)
        found.append({
            "code": stay.zone, "name": named(stay.name, stay.name_zh), "visits": stay.visits,
            "visits_change": change(over.visits, then.visits) if over and then else None,
            "p50": stay.p50, "p90": stay.p90,
            "p50_change": change(over.p50, then.p50) if over and then else None,
        })  # fmt: skip
    return found


def queue_rows(state: State) -> list[dict[str, Any]]:
    """A row a queue over all hours."""
    return [
        {
            "code": q.zone, "name": named(q.name, q.name_zh), "waits": q.waits, "p50": q.p50, "p90": q.p90,
            "unserved": unserved(q),
            "p50_change": change(q.p50, state.queues_then[q.zone].p50) if q.zone in state.queues_then else None,
        }
        for q in state.queues
        if q.hour < 0
    ]  # fmt: skip


def display_rows(state: State) -> list[dict[str, Any]]:
    """A row a display; `rate` is reaches over visits and may pass one."""
    found = []
    for stay in state.stays:
        if stay.purpose != "display":
            continue
        over, then = state.stays_over.get(stay.zone), state.stays_then.get(stay.zone)
        found.append({
            "code": stay.zone, "name": named(stay.name, stay.name_zh), "visits": stay.visits, "reaches": stay.reaches,
            "rate": stay.reaches / stay.visits if stay.visits else None,
            "each": stay.reach_seconds / stay.reaches if stay.reaches else None, "p50": stay.p50, "p90": stay.p90,
            "visits_change": change(over.visits, then.visits) if over and then else None,
        })  # fmt: skip
    return found


def camera_row(camera: Watching) -> dict[str, Any]:
    """One camera over the days shown."""
    expected = sum(day.seconds_expected for day in camera.days)
    crossed = sum(day.entries + day.exits for day in camera.drift)
    gaps = [gap for day in camera.days for gap in day.gaps]
    flaws: dict[str, int] = {}
    for day in camera.days:
        for flaw, minutes in day.flaws.items():
            flaws[flaw] = flaws.get(flaw, 0) + minutes
    return {
        "code": camera.code, "name": camera.name, "gaps": len(gaps),
        "watched": sum(day.seconds_observed for day in camera.days) / expected if expected else None,
        "missed": sum(gap.minutes for gap in gaps) or None,
        "drift": sum(day.left_over for day in camera.drift) / crossed if crossed else None, "flaws": flaw_words(flaws),
    }  # fmt: skip


def _gap_row(gap: CameraGap, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "code": gap.camera, "camera": names.get(gap.camera, gap.camera), "since": gap.started_at,
        "until": gap.ended_at, "minutes": gap.minutes,
    }  # fmt: skip


def _exact(value: float | None) -> str:
    return "–" if value is None else current().decimal(value, 2)


def _moment(at: int) -> str:
    form = current()
    return f"{form.day(form.local(at).date(), 'short')} {form.time(at)}"


def _time(at: int) -> str:
    return current().time(at)
