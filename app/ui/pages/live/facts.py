"""How well a camera is, as names and values under each other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.ui import theme
from app.ui.format import MISSING, current
from app.ui.i18n import mark, tr
from app.ui.live_wire import View
from app.ui.pages.live.overlays import flaw_marks, rate_words
from app.ui.pages.live.reasons import told
from app.ui.pages.live.state import CameraView, kept_flaws, last_seen
from app.ui.widgets.badge import Tone
from app.ui.widgets.camera_words import named_flaws

FALLBACK = "background-subtraction"
DRIFT_MS = 2_000
"""A camera whose clock is off by more than this is told of."""
UNKNOWN = mark("unknown")
MOST_FACTS = 100


@dataclass(frozen=True)
class Fact:
    """A name (English source; `given`: as it stands) and its value as it is shown; `tone` bad, warning or empty."""

    name: str
    value: str
    tone: str = ""
    given: bool = False

    @property
    def words(self) -> str:
        """The name in the language in force."""
        return self.name if self.given else tr(self.name)


class FactList(QWidget):
    """`show_facts((Fact(...), ...))`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: tuple[Fact, ...] = ()
        self._rows: list[tuple[QLabel, QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self._grid.setRowStretch(MOST_FACTS, 1)  # the room that is left goes below them

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """These facts in this order."""
        if tuple(facts) == self._facts:
            return
        self._facts = tuple(facts)
        while len(self._rows) < len(facts):
            self._rows.append(self._row(len(self._rows)))
        for place, pair in enumerate(self._rows):
            for label in pair:
                label.setVisible(place < len(facts))
        self.retranslate()

    def facts(self) -> tuple[Fact, ...]:
        """What is shown."""
        return self._facts

    def retranslate(self) -> None:
        """Names in the language in force."""
        for (name, value), fact in zip(self._rows, self._facts, strict=False):
            name.setText(fact.words)
            value.setText(fact.value)
            value.setAccessibleName(f"{fact.words}: {fact.value}")
        self.retheme()

    def retheme(self) -> None:
        """Tones in the colours in force."""
        tokens = theme.tokens()
        colors = {"bad": tokens.bad, "warning": tokens.warning}
        for (_, value), fact in zip(self._rows, self._facts, strict=False):
            value.setStyleSheet(f"color: {colors[fact.tone]};" if fact.tone in colors else "")

    def _row(self, place: int) -> tuple[QLabel, QLabel]:
        name, value = QLabel(), QLabel()
        for label in (name, value):
            label.setTextFormat(Qt.TextFormat.PlainText)
        theme.set_role(name, role="caption")
        value.setWordWrap(True)
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(name, place, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, place, 1, Qt.AlignmentFlag.AlignTop)
        return name, value


def health_facts(camera: CameraView, live: View | None, now: int, licences: Mapping[str, str]) -> tuple[Fact, ...]:
    """What is known of the camera's health, the newest of what is seen and what the counting noted."""
    return (
        *_rates(camera, live),
        *_stream(camera, now),
        *_picture(camera, live, now),
        *_detector(camera, live, licences),
    )


def _rates(camera: CameraView, live: View | None) -> list[Fact]:
    health, form = camera.health, current()
    received = live.fps_in if live is not None else math.nan
    analysed = live.fps if live is not None else math.nan
    if health is not None and math.isnan(received):
        received = math.nan if health.fps_in is None else health.fps_in
    if health is not None and math.isnan(analysed):
        analysed = math.nan if health.fps_analysed is None else health.fps_analysed
    facts = [
        Fact(mark("Pictures received"), rate_words(received) or MISSING),
        Fact(mark("Pictures analysed"), rate_words(analysed) or MISSING, "warning" if 0 < analysed < 3.5 else ""),
    ]
    if health is not None:
        facts.append(Fact(mark("Pictures dropped"), form.integer(health.frames_dropped)))
        if health.skipped_share is not None:
            facts.append(Fact(mark("Quiet, not analysed"), form.percent(health.skipped_share)))
        if health.process_ms:
            facts.append(Fact(mark("Time per picture"), tr("{n} ms", n=form.decimal(health.process_ms))))
    elif live is not None:
        facts.append(Fact(mark("Pictures dropped"), form.integer(live.dropped)))
    return facts


def _stream(camera: CameraView, now: int) -> list[Fact]:
    health, form = camera.health, current()
    facts = []
    seen = last_seen(camera)
    if seen is not None and not camera.recording:
        words = form.time(seen) if now - seen < 20 * 3_600_000 else form.datetime(seen)
        facts.append(Fact(mark("Last picture"), words))
    if health is None:
        return facts
    if health.drift_ms is not None:
        tone = "warning" if abs(health.drift_ms) > DRIFT_MS else ""
        facts.append(Fact(mark("Clock drift"), tr("{n} s", n=form.decimal(health.drift_ms / 1000)), tone))
    facts.append(Fact(mark("Lost and found again"), form.integer(health.losses)))
    facts.append(Fact(mark("Restarts"), form.integer(health.restarts)))
    if health.reason:
        facts.append(Fact(mark("Reason"), told(health.reason), "bad" if health.state != "counting" else ""))
    return facts


def _picture(camera: CameraView, live: View | None, now: int) -> list[Fact]:
    health = camera.health
    facts, seen = [], live is not None and bool(live.size)
    if health is not None and health.width and health.height:
        facts.append(Fact(mark("Picture size"), f"{health.width} × {health.height}"))
    night = bool(health.night) if health is not None else False
    if live is not None and seen:
        night = "dark" in live.flaws
        facts.append(_flaws([(each.words, each.tone) for each in flaw_marks(live)]))
    elif kept := kept_flaws(camera, now):
        facts.append(_flaws(named_flaws(kept)))
    if health is not None or seen:
        facts.append(Fact(mark("Lighting"), tr("Night picture") if night else tr("Day picture")))
    return facts


def _flaws(found: Sequence[tuple[str, Tone]]) -> Fact:
    words = ", ".join(words for words, _ in found) or tr("none")
    return Fact(mark("Flaws"), words, "bad" if any(tone == "bad" for _, tone in found) else "")


def _detector(camera: CameraView, live: View | None, licences: Mapping[str, str]) -> list[Fact]:
    name = (live.detector if live is not None else "") or (camera.record.detector or "")
    if not name:
        return []
    if name == FALLBACK or (live is not None and live.fallback):
        return [Fact(mark("Detector"), tr("Background subtraction (reduced accuracy)"), "warning")]
    licence = next((licences[known] for known in (name, name.split(" ")[0]) if known in licences), "")
    return [Fact(mark("Detector"), name), Fact(mark("Licence of its weights"), licence or tr(UNKNOWN))]
