"""Where on a floor people stand, read apart from the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from app.ui.charts.floorheat import FloorHeat, Outline, Spot
from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.pages.zones.state import Days, State
from app.ui.pages.zones.words import OPEN_LIVE, named
from app.ui.widgets.defined_card import DefinedCard
from app.ui.widgets.head_tools import Choice
from engines.zones.queries import heat
from engines.zones.views import HeatCell
from models.store import Store

HOURS: Mapping[str, tuple[str, range]] = {
    "all": (mark("All hours"), range(24)), "morning": (mark("Before 12:00"), range(6, 12)),
    "noon": (mark("12:00 to 14:00"), range(12, 14)), "afternoon": (mark("14:00 to 17:00"), range(14, 17)),
    "evening": (mark("17:00 to 20:00"), range(17, 20)), "night": (mark("After 20:00"), range(20, 24)),
}  # fmt: skip


@dataclass(frozen=True)
class Warmth:
    """What was asked for (floor, hours, days) and the squares that were found."""

    floor: str
    hours: str
    days: Days
    cells: tuple[HeatCell, ...]


def read_heat(store: Store, floor: str, hours: str, days: Days) -> Warmth:
    """A floor's squares in a part of the day (a key of `HOURS`) over the days."""
    return Warmth(floor, hours, days, tuple(heat(store, floor, *days, hours=HOURS[hours][1])))


class HeatCard(DefinedCard):
    """A floor's heat under the outlines of its zones."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            desk, mark("Where people stand"), subtitle=mark("Person-minutes on each square metre, over the days kept")
        )
        self.hours, self.floor, self.part = Choice("Hours"), Choice("Floor"), Choice("Part of the floor")
        for choice in (self.floor, self.hours, self.part):
            self.add_choice(choice)
            choice.chosen.connect(self.read)
        self._state: State | None = None
        self.warmth: Warmth | None = None

    def show_state(self, state: State) -> None:
        """Offer the floors of the state that have heat, and read the chosen one."""
        new, self._state = state is not self._state, state
        names = {floor.code: named(floor.name, floor.name_zh) for floor in state.floors}
        self.floor.offer(tuple((code, names.get(code, code)) for code in state.warm), _ground(state))
        self.hours.offer(tuple((code, tr(name)) for code, (name, _) in HOURS.items()), "all")
        self.part.offer((("near", tr("Where it is seen")), ("whole", tr("Whole floor"))), "near")
        for choice in (self.floor, self.hours, self.part):
            choice.setVisible(bool(state.warm))
        if not state.warm:
            self.explain(
                "No camera shows this on a floor plan. Match four places of its picture with the plan.",
                OPEN_LIVE,
                "live",
            )
        elif new:
            self.read()
        else:
            self.draw()

    def read(self, _code: str = "") -> None:
        """Read the chosen floor and hours off the UI thread."""
        if self._state is not None and self.floor.code():
            self.set_loading(True)
            job = partial(read_heat, self.desk.store, self.floor.code(), self.hours.code(), self._state.days)
            self.desk.work.run(job, self._arrived)

    def draw(self) -> None:
        """Draw what was read."""
        if self.warmth is None or self._state is None:
            return
        made = heat_chart(self._state, self.warmth, near=self.part.code() == "near")
        if made is None:
            self.explain("Nobody was seen on this floor in these hours.")
        else:
            self.show_chart(made)

    def _arrived(self, warmth: Warmth) -> None:
        wanted = self.floor.code(), self.hours.code(), self._state.days if self._state else None
        if (warmth.floor, warmth.hours, warmth.days) == wanted:
            self.set_loading(False)
            self.warmth = warmth
            self.draw()


def heat_chart(state: State, warmth: Warmth, *, near: bool = False) -> FloorHeat | None:
    """The squares in person-minutes with the outlines of the floor's zones."""
    if not warmth.cells:
        return None
    drawn = tuple(
        Outline(named(zone.name, zone.name_zh), zone.outline)
        for zone in state.zones
        if zone.floor == warmth.floor and len(zone.outline) > 2
    )
    spots = tuple(Spot(float(cell.x), float(cell.y), cell.seconds / 60) for cell in warmth.cells)
    return FloorHeat(spots, 1.0, drawn, tr("Person-minutes a square metre"), near=near)


def _ground(state: State) -> str:
    """The warm floor nearest to the ground."""
    levels = {floor.code: abs(floor.level) for floor in state.floors}
    return min(state.warm, key=lambda code: (levels.get(code, 99), code), default="")
