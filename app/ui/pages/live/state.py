"""What the Live page knows of a camera, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.live.reasons import told
from app.ui.widgets.badge import Tone
from app.ui.widgets.camera_words import STATES
from engines.cameras.records import CameraRecord

if TYPE_CHECKING:
    from engines.cameras.state import CameraState

SILENT_MS = 60_000


@dataclass(frozen=True)
class LineCount:
    """A line of the picture, the gate it counts for, and the counts of the day; None where nothing was counted.

    `band` is its dead band in pixels of the config's size, None where it depends on each person's height.
    """

    name: str
    gate: str
    n_in: int | None
    n_out: int | None
    band: float | None = None


@dataclass(frozen=True)
class CameraView:
    """A camera or recording. `day` is the business day that its counts are of; `wrong` says what ails its lines.

    `size` is the picture size that the lines are drawn in, `zones` (name, purpose) what else is drawn, `health`
    what the counting process last noted of it. `floor` is the code of the floor that the picture is placed on (empty
    where it is on none) and `area` the outline in metres of what was placed.
    """

    record: CameraRecord
    recording: bool
    day: date | None
    lines: tuple[LineCount, ...]
    fallback: bool
    wrong: str = ""
    size: tuple[int, int] = (0, 0)
    zones: tuple[tuple[str, str], ...] = ()
    health: CameraState | None = None
    notes: tuple[str, ...] = ()
    floor: str = ""
    area: tuple[tuple[float, float], ...] = ()

    @property
    def code(self) -> str:
        """The camera's code."""
        return self.record.code

    @property
    def checkable(self) -> bool:
        """Whether a person can count beside it: crossings of a line, or the people in a zone."""
        counted = any(purpose not in ("staff", "ignore") for _, purpose in self.zones)
        return not self.wrong and (bool(self.lines) or counted)

    @property
    def watched(self) -> bool:
        """Whether the service counts it all the time."""
        return bool(self.record.active) and not self.recording and not self.wrong


def state_words(view: CameraView, now: int, *, counting: bool) -> tuple[str, Tone]:
    """The camera's state in words, and its tone."""
    record = view.record
    if counting:
        return tr("Counting now"), "accent"
    if view.wrong:
        return tr("Its lines cannot be read"), "bad"
    if view.recording:
        counted = any(line.n_in is not None for line in view.lines)
        return (tr("Recording, counted"), "good") if counted else (tr("Recording, not counted yet"), "neutral")
    if not record.active:
        return tr("Switched off"), "neutral"
    if view.health is not None and now - view.health.at <= SILENT_MS:
        words, tone = STATES.get(view.health.state, STATES["waiting"])
        return tr(words), tone
    return _seen(view, now)


def reason_of(view: CameraView) -> str:
    """Why the camera does not count as it should, in a sentence; empty where all is well."""
    if view.wrong:
        return told(view.wrong)
    if view.health is not None and view.health.state != "counting" and view.health.reason:
        return told(view.health.reason)
    return told(view.record.trouble) if view.record.active and view.record.trouble else ""


def kept_flaws(view: CameraView, now: int) -> tuple[str, ...]:
    """The flaws that the counting noted of its newest picture; none where nothing was heard of it lately."""
    health = view.health
    return health.flaws if health is not None and view.watched and now - health.at <= SILENT_MS else ()


def last_seen(view: CameraView) -> int | None:
    """When the camera last gave a picture (UTC milliseconds), as far as is known."""
    health = view.health
    times = [view.record.last_frame_at, health.at if health is not None and health.state == "counting" else None]
    return max((at for at in times if at is not None), default=None)


def _seen(view: CameraView, now: int) -> tuple[str, Tone]:
    """When an active camera last gave a picture."""
    seen = last_seen(view)
    if seen is None:
        return (tr("No picture"), "bad") if view.record.trouble else (tr("Not seen yet"), "warning")
    silent = now - seen
    if silent > SILENT_MS:
        return tr("Not seen for {time}", time=current().duration(silent // 60_000 * 60)), "bad"
    return tr("Counting"), "good"


def sums(view: CameraView) -> tuple[int, int] | None:
    """What its lines counted on the day, each gate once; None where nothing was counted."""
    gates = {line.gate: (line.n_in or 0, line.n_out or 0) for line in view.lines if line.n_in is not None}
    return (sum(n for n, _ in gates.values()), sum(n for _, n in gates.values())) if gates else None


def totals(view: CameraView) -> str:
    """The same in words; empty where nothing was counted."""
    counted = sums(view)
    return in_out(*counted) if counted else ""


def in_out(n_in: int, n_out: int) -> str:
    """Counts of a line in words."""
    form = current()
    return tr("in {n_in}, out {n_out}", n_in=form.integer(n_in), n_out=form.integer(n_out))
