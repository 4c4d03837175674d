"""From what a live view says to what is drawn over its picture."""

from __future__ import annotations

import math

from app.ui.format import current
from app.ui.i18n import tr
from app.ui.live_wire import LiveZone, View
from app.ui.pages.live.reasons import told
from app.ui.pages.live.state import CameraView, in_out
from app.ui.widgets.camera_words import named_flaws
from app.ui.widgets.picture import Mark, PictureBox, PictureLine, PictureZone

LEAST_BAND = 6.0
"""Half the dead band's width in pixels of the config where it is left to each person's height: then at least this."""
LATE_S = 4.0
BEGINNING_S = 20.0
"""How long the service may take until it counts a camera that it was just told of."""
NOT_COUNTED = "The service is not counting this camera now."
"""What the child says of a camera that no counting process has."""


def lines_of(camera: CameraView, view: View, counted: View | None) -> tuple[PictureLine, ...]:
    """The lines with their counts and dead bands, in pixels of the view's picture; `counted` is whose counts run."""
    scale = view.width / camera.size[0] if camera.size[0] else 1.0
    known = {line.name: line for line in camera.lines}
    made = []
    for line in view.lines:
        drawn = known.get(line.name)
        band = line.band or (LEAST_BAND if drawn is None or drawn.band is None else drawn.band) * scale
        made.append(PictureLine(line.name, line.a, line.b, in_out(*counts_of(camera, line.name, counted)), band))
    return tuple(made)


def counts_of(camera: CameraView, name: str, view: View | None) -> tuple[int, int]:
    """What the line counted today: the store's figure, or the running one where that is ahead of the store.

    A recording that is only watched is not kept, so that its running count stands for itself.
    """
    running = next(((line.n_in, line.n_out) for line in view.lines if line.name == name), (0, 0)) if view else (0, 0)
    kept = next((line for line in camera.lines if line.name == name), None)
    if kept is None or kept.n_in is None or kept.n_out is None or (camera.recording and view is not None):
        return running
    if sum(line.gate == kept.gate for line in camera.lines) > 1:
        return running if view is not None else (kept.n_in, kept.n_out)
    return max(running[0], kept.n_in), max(running[1], kept.n_out)


def zones_of(view: View) -> tuple[PictureZone, ...]:
    """The zones with who is in them."""
    return tuple(PictureZone(zone.name, zone.polygon, zone.purpose, zone_words(zone)) for zone in view.zones)


def zone_words(zone: LiveZone) -> str:
    """How many are seen in a zone, or how many wait and how long."""
    form = current()
    if zone.purpose in ("staff", "ignore"):
        return ""
    if zone.purpose == "queue" and zone.queue is not None:
        words = tr("{n} waiting", n=form.integer(zone.queue))
        return f"{words} · {form.duration(zone.wait_s)}" if zone.wait_s else words
    return tr("{n} seen", n=form.integer(zone.presence)) if zone.presence is not None else ""


def boxes_of(view: View) -> tuple[PictureBox, ...]:
    """The people."""
    return tuple(PictureBox(box.left, box.top, box.right, box.bottom, box.track) for box in view.boxes)


def flaw_marks(view: View, age_s: float = 0.0) -> tuple[Mark, ...]:
    """What ails the picture, worst first: its age where it is late (seconds), then its flaws."""
    less = ("reduced",) if view.fallback and "reduced" not in view.flaws else ()
    marks = [Mark(words, tone) for words, tone in named_flaws((*view.flaws, *less))]
    if view.state != "ended" and age_s > LATE_S:
        marks.insert(0, Mark(tr("{age} old", age=current().duration(age_s)), "warning"))
    return tuple(marks)


def foot_marks(view: View) -> tuple[Mark, ...]:
    """What is done to the picture."""
    if view.blurred:
        return (Mark(tr("Heads are blurred")),)
    return (Mark(tr("Heads are not blurred"), "warning"),)


def waiting_words(view: View, seconds: float) -> str:
    """Why there is no picture, `seconds` after it was first asked for: a service that has just been told of a camera
    needs a moment to begin with it."""
    if view.reason == NOT_COUNTED and seconds < BEGINNING_S:
        return tr("The service is beginning with this camera…")
    return told(view.reason)


def rate_words(fps: float) -> str:
    """Pictures a second."""
    return "" if math.isnan(fps) else tr("{n} a second", n=current().decimal(fps))
