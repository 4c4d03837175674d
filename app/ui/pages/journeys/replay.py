"""Zone to zone over a day, played by the quarter hour on the floor plan: sums of people, never one person's way."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QWidget

from app.ui import theme
from app.ui.charts.floorplan import FloorPlan, Zone
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.pages.journeys.panels import FigureCard
from app.ui.pages.journeys.state import Paths
from app.ui.widgets.head_tools import Choice

QUARTER = 15
TICK_MS = 700


class ReplayCard(FigureCard):
    """Arrivals from other zones by quarter hour of the day, over the days of the period; groups too small stay out."""

    ended = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, mark("Zone to zone by the quarter hour"), "replay", mark("Arrivals, on the floor plan"))
        self._part: Paths | None = None
        self._least = 0
        self.floor = Choice("Floor")
        self.play = QPushButton()
        theme.set_role(self.play, kind="quiet")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 95)
        self.slider.setPageStep(4)
        self.at = QLabel()
        self.bar = QWidget()
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.play, self.slider, self.at):
            row.addWidget(widget)
        self.add_choice(self.floor)
        self.add_footer(self.bar)
        self._clock = QTimer(self)
        self._clock.setInterval(TICK_MS)
        self._clock.timeout.connect(self._step)
        self.play.clicked.connect(self.toggle)
        self.slider.valueChanged.connect(self.draw)
        self.floor.chosen.connect(self.draw)
        self.retranslate()

    def show_part(self, part: Paths, least: int) -> None:
        """The flows of the period; without any, why."""
        self._part, self._least = part, least
        drawn = {zone.floor for zone in part.zones if zone.outline}
        zh = language() == "zh"
        floors = tuple((f.code, (f.name_zh or f.name) if zh else f.name) for f in part.floors if f.code in drawn)
        self.floor.offer(floors, self._busiest(part))
        self.floor.setVisible(bool(part.arrivals) and bool(floors))
        self.bar.setVisible(bool(part.arrivals) and bool(floors))
        if not part.arrivals or not floors:
            self.stop()
            self.say("")
            self.explain(
                "No camera saw people go from zone to zone in this period, so there is nothing to replay. "
                "One camera must see two zones.", "Open Live", "live",
            )  # fmt: skip
            return
        if self.slider.value() * QUARTER not in part.arrivals:
            self.slider.setValue(min(part.arrivals) // QUARTER)
        self.draw()

    def toggle(self) -> None:
        """Play or pause."""
        if self._clock.isActive():
            self.stop()
        else:
            self._clock.start()
            self.retranslate()

    def stop(self) -> None:
        """Pause."""
        self._clock.stop()
        self.retranslate()

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if hasattr(self, "_clock"):
            self.play.setText(tr("Pause") if self._clock.isActive() else tr("Play"))
            self.slider.setAccessibleName(tr("Time of day"))

    def draw(self, _value: object = None) -> None:
        """The chosen quarter hour on the chosen floor."""
        part = self._part
        if part is None or not part.arrivals:
            return
        minute = self.slider.value() * QUARTER
        now = part.arrivals.get(minute, {})
        arrived: dict[str, int] = {}
        for (_, target), n in now.items():
            arrived[target] = arrived.get(target, 0) + n
        zh = language() == "zh"
        zones = [z for z in part.zones if z.outline and z.floor == self.floor.code()]
        made = tuple(
            Zone((z.name_zh or z.name) if zh else z.name, z.outline, self._shown(arrived.get(z.code)), z.code)
            for z in zones
        )
        self.at.setText(current().minute(minute))
        if made:
            self.show_chart(FloorPlan(made, measure=tr("Arrivals")))
        self.say(self._words(now, {z.code: (z.name_zh or z.name) if zh else z.name for z in part.zones}))

    def _words(self, now: dict[tuple[str, str], int], names: dict[str, str]) -> str:
        most = sorted(((n, pair) for pair, n in now.items() if n >= self._least), reverse=True)[:3]
        words = ", ".join(f"{names.get(a, a)} → {names.get(b, b)} {current().integer(n)}" for n, (a, b) in most)
        return words or tr("Fewer than {count} people on each way.", count=self._least)

    def _shown(self, n: int | None) -> float:
        return float(n) if n is not None and n >= self._least else math.nan

    def _busiest(self, part: Paths) -> str:
        sums: dict[str, int] = {}
        floors = {zone.code: zone.floor or "" for zone in part.zones}
        for pairs in part.arrivals.values():
            for (_, target), n in pairs.items():
                floor = floors.get(target, "")
                sums[floor] = sums.get(floor, 0) + n
        return max(sums, key=lambda floor: sums[floor]) if sums else ""

    def _step(self) -> None:
        minutes = sorted(self._part.arrivals) if self._part else []
        later = [m for m in minutes if m > self.slider.value() * QUARTER]
        if later:
            self.slider.setValue(later[0] // QUARTER)
        else:
            self.slider.setValue(minutes[0] // QUARTER if minutes else 0)
            self.stop()
