"""People in a zone by minute, read apart from the page; only where a person has calibrated the zone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from app.ui.charts.data import Series
from app.ui.charts.line import Band, Line
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.pages.zones.cards import caption
from app.ui.pages.zones.state import State
from app.ui.pages.zones.words import ADD_CAMERA, OPEN_LIVE, day_words, named
from app.ui.widgets.defined_card import DefinedCard
from app.ui.widgets.head_tools import Choice
from engines.zones.queries import presence
from engines.zones.views import ZonePresence
from models.errors import NotEnoughData
from models.store import Store

MINUTE_MS = 60_000
CALIBRATE = mark("Calibrate")


@dataclass(frozen=True)
class Reading:
    """A zone's minutes on a day, or the sentences (English and Chinese) that say why there are none."""

    zone: str
    day: str
    found: ZonePresence | None = None
    why: tuple[str, str] = ("", "")


def read_presence(store: Store, zone: str, day: str) -> Reading:
    """The minutes of a zone (its code) on a business day."""
    try:
        return Reading(zone, day, presence(store, zone, day))
    except NotEnoughData as missing:
        return Reading(zone, day, None, (missing.missing, missing.missing_zh))


class PresenceCard(DefinedCard):
    """One zone on one day, with the range in which the number of people likely lies."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, mark("People in a zone"), subtitle=mark("By minute, calibrated by hand counts"))
        self.zone, self.day = Choice("Zone"), Choice("Day")
        for choice in (self.zone, self.day):
            self.add_choice(choice)
        self.words = caption()
        self.add_footer(self.words)
        self.zone.chosen.connect(self.read)
        self.day.chosen.connect(self.read)
        self._state: State | None = None
        self.reading: Reading | None = None

    def show_state(self, state: State) -> None:
        """Offer the zones and days of the state that have minutes, and read the chosen one."""
        new, self._state = state is not self._state, state
        names = state.names()
        zones = tuple(dict.fromkeys(zone for zone, _ in state.minutes))
        self.zone.offer(tuple((code, named(*names.get(code, (code, None)))) for code in zones), self._first(zones))
        self._offer_days()
        for choice in (self.zone, self.day):
            choice.setVisible(bool(zones))
        if not zones:
            self._say("", chart=False)
            self.explain("No minutes of a zone are kept on these days.", ADD_CAMERA, "live", "add")
        elif new:
            self.read()
        else:
            self.draw()

    def read(self, _code: str = "") -> None:
        """Read the chosen zone and day off the UI thread; what is shown stays until they arrive."""
        self._offer_days()
        if self.zone.code() and self.day.code():
            self.set_loading(True)
            job = partial(read_presence, self.desk.store, self.zone.code(), self.day.code())
            self.desk.work.run(job, self._arrived)

    def draw(self) -> None:
        """Draw what was read, with words in the language in force."""
        reading = self.reading
        if reading is None or self._state is None:
            return
        if reading.found is None:
            camera = self._state.seen_by.get(reading.zone)
            self._say("", chart=False)
            name = named(*self._state.names().get(reading.zone, (reading.zone, None)))
            why = reading.why[language() == "zh"].replace(reading.zone, name)
            self.explain("{why}", CALIBRATE if camera else OPEN_LIVE, "live", camera, why=why)
            return
        self._say(presence_words(reading.found), chart=True)
        self.show_chart(presence_chart(reading.found))

    def _first(self, zones: tuple[str, ...]) -> str:
        """A zone that a camera of this site sees, before those of which nothing more is known."""
        seen = self._state.seen_by if self._state else {}
        return next((zone for zone in zones if zone in seen), zones[0] if zones else "")

    def _offer_days(self) -> None:
        minutes = self._state.minutes if self._state else ()
        days = [day for zone, day in minutes if zone == self.zone.code()]
        self.day.offer(tuple((day, day_words(day)) for day in days), days[0] if days else "")

    def _arrived(self, reading: Reading) -> None:
        if (reading.zone, reading.day) == (self.zone.code(), self.day.code()):
            self.set_loading(False)
            self.reading = reading
            self.draw()

    def _say(self, words: str, *, chart: bool) -> None:
        self.words.setText(words)
        self.words.setVisible(chart)


def presence_chart(found: ZonePresence) -> Line:
    """People by minute with their range; a minute that was not watched is a gap."""
    known = {minute.at: minute for minute in found.minutes}
    every = range(min(known), max(known) + MINUTE_MS, MINUTE_MS)
    people, low, high = (
        tuple(getattr(known[at], name) if at in known else math.nan for at in every)
        for name in ("people", "low", "high")
    )
    places: tuple[datetime, ...] = tuple(current().local(at) for at in every)
    return Line(places, (Series(tr("People"), people),), "decimal", Band(tr("Likely range"), low, high))


def presence_words(found: ZonePresence) -> str:
    """The mean of the minutes, and what the factor rests on."""
    form = current()
    mean = sum(minute.people for minute in found.minutes) / len(found.minutes)
    return tr(
        "{mean} people on average. The camera's counts times {factor} ({low} to {high}, 95 %), found from {frames} "
        "frames counted by hand.",
        mean=form.decimal(mean), factor=form.decimal(found.factor, 2), low=form.decimal(found.factor_low, 2),
        high=form.decimal(found.factor_high, 2), frames=form.integer(found.frames),
    )  # fmt: skip
