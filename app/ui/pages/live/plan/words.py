"""What is said of each camera beside the plan."""

from __future__ import annotations

from app.ui.format import current
from app.ui.i18n import tr
from app.ui.live_wire import View
from app.ui.pages.live.reasons import told
from app.ui.pages.live.state import CameraView, reason_of, state_words
from app.ui.widgets.camera_words import STATES


def words_of(camera: CameraView, view: View | None, fault: str | None, now: int, *, asked: bool, here: int) -> str:
    """How many people of a camera are on the plan at the moment shown (`here`), or why none. `fault` is why its
    pictures ended, None where they have not; `asked` whether any are asked for."""
    if not asked:
        return tr("Recording: switch it on to play it") if camera.recording else tr("Switched off")
    if fault is not None:
        return told(fault) or tr("No picture came.")
    if view is None:
        return tr("Waiting for a picture…")
    if view.state != "counting":
        return told(view.reason) or tr(STATES[view.state][0])
    if view.plan is None:
        return reason_of(camera) or state_words(camera, now, counting=False)[0]
    return tr("People: {n}", n=current().integer(here))
