"""The chart cards of the Zones page that have a choice or words of their own."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.pages.zones.charts import (
    drift_chart,
    drift_words,
    flows_chart,
    flows_words,
    lengths_chart,
    lengths_words,
    queue_chart,
    watched_chart,
)
from app.ui.pages.zones.state import MOST_DAYS, State
from app.ui.pages.zones.words import ADD_CAMERA, LAST_WATCHED, NO_QUEUE, NO_STAYS, OPEN_LIVE, named
from app.ui.widgets.defined_card import DefinedCard
from app.ui.widgets.head_tools import Choice

LENGTHS = mark("How long people stay")
QUEUES = mark("Queue by hour")
FLOWS = mark("From zone to zone")
WATCHED = mark("Cameras' watched time")
DRIFT = mark("Drift by day")
MEASURES = (
    ("wait", mark("Waiting time"), "queue_wait_p50"), ("length", mark("Length"), "queue_length"),
    ("unserved", mark("Left unserved"), "queue_abandonment"),
)  # fmt: skip


class LengthsCard(DefinedCard):
    """One zone's stays by their length."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, LENGTHS, "dwell_minutes", mark("Visits by how long they lasted"))
        self.zone = Choice("Zone")
        self.add_choice(self.zone)
        self.words = caption()
        self.add_footer(self.words)
        self.zone.chosen.connect(self.draw)
        self._state: State | None = None

    def show_state(self, state: State) -> None:
        """The zones of the state, the most visited chosen."""
        self._state = state
        seen = sorted((s for s in state.stays if s.visits), key=lambda s: -s.visits)
        self.zone.offer(tuple((s.zone, named(s.name, s.name_zh)) for s in seen), seen[0].zone if seen else "")
        self.zone.setVisible(bool(seen))
        self.draw()

    def offers(self, zone: str) -> bool:
        """Whether stays of the zone are known."""
        return self.zone.findData(zone) >= 0

    def choose(self, zone: str) -> None:
        """Show one zone."""
        self.zone.choose(zone)
        self.draw()

    def draw(self, _code: str = "") -> None:
        """The chosen zone."""
        state = self._state
        stay = next((s for s in state.stays if s.zone == self.zone.code()), None) if state else None
        made = lengths_chart(stay)
        words = lengths_words(stay, made)
        self.words.setText(words)
        self.words.setVisible(bool(words))
        if made is None:
            self.explain(NO_STAYS, LAST_WATCHED)
        else:
            self.show_chart(made)


class QueueCard(DefinedCard):
    """One queue by clock hour."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, QUEUES, "queue_wait_p50")
        self.zone, self.measure = Choice("Queue"), Choice("Figure")
        for choice in (self.zone, self.measure):
            self.add_choice(choice)
            choice.chosen.connect(self.draw)
        self._state: State | None = None

    def show_state(self, state: State) -> None:
        """The queues of the state."""
        self._state = state
        queues = [q for q in state.queues if q.hour < 0]
        self.zone.offer(tuple((q.zone, named(q.name, q.name_zh)) for q in queues), queues[0].zone if queues else "")
        self.measure.offer(tuple((code, tr(name)) for code, name, _ in MEASURES), "wait")
        for choice in (self.zone, self.measure):
            choice.setVisible(bool(queues))
        self.draw()

    def choose(self, zone: str) -> None:
        """Show one queue."""
        self.zone.choose(zone)
        self.draw()

    def draw(self, _code: str = "") -> None:
        """The chosen queue and figure."""
        if self._state is None:
            return
        chosen, measure = self.zone.code(), self.measure.code()
        self.define.kpi = next((kpi for code, _, kpi in MEASURES if code == measure), "queue_wait_p50")
        made = queue_chart([q for q in self._state.queues if q.zone == chosen], measure)
        if made is None:
            self.explain(NO_QUEUE, OPEN_LIVE, "live")
        else:
            self.show_chart(made)


class FlowCard(DefinedCard):
    """Passages between the zones that one camera sees, as a Sankey diagram."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            desk, FLOWS, subtitle=mark("People who left one zone and next entered another of the same camera")
        )
        self.words = caption()
        self.add_footer(self.words)

    def show_state(self, state: State) -> None:
        """The passages of the state."""
        made = flows_chart(state)
        self.words.setText(flows_words(state) if made else "")
        self.words.setVisible(made is not None)
        if made is None:
            self.explain("Nobody was seen going from one zone to another. One camera must see both.", OPEN_LIVE, "live")
        else:
            self.show_chart(made)


class WatchedCard(DefinedCard):
    """How much of the opening hours each camera watched, by day."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, WATCHED, "data_completeness", mark("Share of the opening hours, by day"))

    def show_state(self, state: State) -> None:
        """The cameras of the state."""
        if state.period.days > MOST_DAYS:
            self.set_title(WATCHED, mark("Share of the opening hours, the newest {days} days"), days=MOST_DAYS)
        else:
            self.set_title(WATCHED, mark("Share of the opening hours, by day"))
        made = watched_chart(state.cameras)
        if made is not None:
            self.show_chart(made)
        elif state.cameras:
            self.explain("No camera was to watch on these days.", OPEN_LIVE, "live")
        else:
            self.explain("No camera yet: these counts come from elsewhere.", ADD_CAMERA, "live", "add")


class DriftCard(DefinedCard):
    """What one camera's entries less its exits leave at closing."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, DRIFT, subtitle=mark("Entries less exits at closing; the nightly reset takes it away"))
        self.camera = Choice("Camera")
        self.add_choice(self.camera)
        self.words = caption()
        self.add_footer(self.words)
        self.camera.chosen.connect(self.draw)
        self._state: State | None = None

    def show_state(self, state: State) -> None:
        """The cameras of the state that counted at a line."""
        self._state = state
        known = [camera for camera in state.cameras if camera.drift]
        self.camera.offer(tuple((c.code, c.name) for c in known), known[0].code if known else "")
        self.camera.setVisible(bool(known))
        self.draw()

    def draw(self, _code: str = "") -> None:
        """The chosen camera."""
        known = self._state.cameras if self._state else ()
        camera = next((c for c in known if c.code == self.camera.code()), None)
        made = drift_chart(camera)
        self.words.setText(drift_words(camera) if made else "")
        self.words.setVisible(made is not None)
        if made is not None:
            self.show_chart(made)
        elif known:
            self.explain("No camera counted at a line on these days.", OPEN_LIVE, "live")
        else:
            self.explain("No camera yet: these counts come from elsewhere.", ADD_CAMERA, "live", "add")


def caption() -> QLabel:
    """A line of small words under a chart."""
    label = QLabel()
    theme.set_role(label, role="caption")
    label.setWordWrap(True)
    return label
