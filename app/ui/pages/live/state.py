"""What the Live page knows of a camera, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.ui.format import current
from app.ui.i18n import tr
from app.ui.widgets.badge import Tone
from engines.cameras.records import CameraRecord

SILENT_MS = 60_000


@dataclass(frozen=True)
class LineCount:
    """A line of the picture, the gate it counts for, and the counts of the day; None where nothing was counted."""

    name: str
    gate: str
    n_in: int | None
    n_out: int | None


@dataclass(frozen=True)
class CameraView:
    """A camera or recording. `day` is the business day that its counts are of; `wrong` says what ails its lines."""

    record: CameraRecord
    recording: bool
    day: date | None
    lines: tuple[LineCount, ...]
    fallback: bool
    wrong: str = ""


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
    return _seen(record, now)


def _seen(record: CameraRecord, now: int) -> tuple[str, Tone]:
    """When an active camera last gave a picture."""
    if record.last_frame_at is None:
        return (record.trouble, "bad") if record.trouble else (tr("Not seen yet"), "warning")
    silent = now - record.last_frame_at
    if silent > SILENT_MS:
        return tr("Not seen for {time}", time=current().duration(silent // 60_000 * 60)), "bad"
    return tr("Counting"), "good"


def totals(view: CameraView) -> str:
    """What its lines counted on the day, by gate once; empty where nothing was counted."""
    gates = {line.gate: (line.n_in, line.n_out) for line in view.lines if line.n_in is not None}
    if not gates:
        return ""
    form = current()
    n_in, n_out = (sum(count[way] or 0 for count in gates.values()) for way in (0, 1))
    return tr("in {n_in}, out {n_out}", n_in=form.integer(n_in), n_out=form.integer(n_out))
