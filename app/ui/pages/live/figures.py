"""Beside one camera's picture: what it counted today, who is in its zones now, and how well it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.format import MISSING, current
from app.ui.i18n import mark, tr
from app.ui.live_wire import View
from app.ui.pages.live.facts import Fact, FactList, health_facts
from app.ui.pages.live.overlays import counts_of, zone_words
from app.ui.pages.live.state import CameraView
from app.ui.widgets.card import Card
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable

MOST_ROWS = 6
WIDE = 400
"""From this width in pixels the gates of the lines are named."""


@dataclass(frozen=True)
class LineRow:
    """A line's counts of the day."""

    name: str
    gate: str
    n_in: int | None
    n_out: int | None


class Figures(QWidget):
    """`show_camera(camera, live, now, licences)`; `jobs_wanted()` and `setup_wanted()` from the empty states."""

    jobs_wanted = Signal()
    setup_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.lines = DataTable(
            (
                Column("name", "Line"), Column("gate", "Gate", width=96), Column("n_in", "In", "count", 72),
                Column("n_out", "Out", "count", 72),
            ),
            "Counts by line", filterable=False,
        )  # fmt: skip
        self.zones = FactList()
        self.health = FactList()
        self._gates = False
        self.note, self.aside = QLabel(), QLabel()
        self.day, self.now_card, self.health_card = Card(), Card("Zones now"), Card("Health")
        self._lay_out()
        self.day.acted.connect(self.setup_wanted)
        self.health_card.acted.connect(self.jobs_wanted)
        self.retranslate()

    def show_camera(
        self, camera: CameraView, live: View | None, now: int, licences: Mapping[str, str], report: str = ""
    ) -> None:
        """Everything beside the picture, from the store and from what is seen now."""
        self._show_day(camera, live, report)
        self._show_zones(camera, live)
        facts = health_facts(camera, live, now, licences)
        known = camera.health is not None or live is not None
        self.health_card.setVisible(known or camera.watched)
        if known:
            self.health.show_facts(facts)
            self.health_card.show_body()
        else:
            self.health_card.show_empty(
                "The service has told nothing of this camera yet. It counts while the service runs.", "Jobs"
            )

    def retranslate(self) -> None:
        """What is said under the zones."""
        self.aside.setText(tr("Who is seen is what the camera finds in this picture, not a calibrated presence."))

    def _show_day(self, camera: CameraView, live: View | None, report: str) -> None:
        day = current().day(camera.day) if camera.day else ""
        if camera.recording and live is not None and live.lines:
            self.day.set_title(mark("Counted while you watch"), mark("These counts are not kept"))
        elif camera.recording:
            self.day.set_title(mark("Counts"), mark("Recorded on {day}") if day else "", day=day)
        else:
            self.day.set_title(mark("Today"), mark("{day}"), day=day)
        rows = tuple(
            LineRow(line.name, line.gate, *counts_of(camera, line.name, live))
            if line.n_in is not None or live is not None
            else LineRow(line.name, line.gate, None, None)
            for line in camera.lines
        )
        if not rows:
            self.day.show_empty(camera.wrong or "No line is drawn in this picture yet.", "Set up")
            self.day.setFixedHeight(180)
            return
        self._gates = any(row.gate != row.name for row in rows)
        self._fit()
        self.day.show_body()
        self.day.setMinimumHeight(0)
        self.day.setMaximumHeight(16_777_215)
        _fill(self.lines, rows)
        self.note.setText(report)
        self.note.setVisible(bool(report))

    def _show_zones(self, camera: CameraView, live: View | None) -> None:
        self.now_card.setVisible(bool(camera.zones))
        seen = {zone.name: zone for zone in live.zones} if live is not None else {}
        facts = []
        for name, purpose in camera.zones:
            if purpose in ("staff", "ignore"):
                facts.append(Fact(name, tr("left out of the counts"), given=True))
            else:
                words = zone_words(seen[name]) if name in seen else ""
                facts.append(Fact(name, words or MISSING, given=True))
        self.zones.show_facts(facts)

    def _fit(self) -> None:
        """The gates' column stands only where there is room for it and it says something."""
        self.lines.view.setColumnHidden(1, not self._gates or self.width() < WIDE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _lay_out(self) -> None:
        for label in (self.note, self.aside):
            label.setWordWrap(True)
            theme.set_role(label, role="caption")
        for card, parts in (
            (self.day, (self.lines, self.note)), (self.now_card, (self.zones, self.aside)),
        ):  # fmt: skip
            inside = QWidget()
            column = QVBoxLayout(inside)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(6)
            for part in parts:
                column.addWidget(part)
            card.set_body(inside)
        self.lines.count.hide()
        self.health_card.set_body(self.health)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for card in (self.day, self.now_card, self.health_card):
            column.addWidget(card)
        column.addStretch(1)


def _fill(table: DataTable, rows: tuple[object, ...]) -> None:
    """New rows where they differ, and as high as they need."""
    if tuple(table.rows.at(n) for n in range(table.rows.rowCount())) == rows:
        return
    table.set_rows(rows)
    table.setFixedHeight(32 * (min(max(len(rows), 1), MOST_ROWS) + 1) + 14)
