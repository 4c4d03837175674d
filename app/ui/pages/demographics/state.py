"""What the Demographics page shows, read off the UI thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.ui.period import Period
from engines.cameras.places import places
from engines.cameras.purposes import PurposeSwitch, history
from engines.demographics.expressions import Expressions, expression_places, expressions
from engines.demographics.hours import AudienceHour, audience_hours
from engines.demographics.queries import audience, camera_measures, places_measured
from engines.demographics.views import Audience, CameraMeasure
from engines.demographics.weights import FACE_WEIGHTS, ModelCheck, checked_weights, checks
from engines.kpi.queries import period_value
from models.errors import NotInstalled
from models.store import Store
from models.times import now_ms
from models.weights import find_weights


@dataclass(frozen=True)
class State:
    """The switches, what is measured, and the people at one place.

    `places` are the codes with people in the period, `place` the chosen one (empty where there is none); `found`,
    `hours` and `felt` (the expressions) are of it, None and empty where it has none. `check` is of the weights that
    may be used, `old_check` of weights that are gone or were changed. `finder` is whether the weights that find faces
    are here. `csat` is the mean of survey answers (1 to 5) in the period and `answers` how many there were.
    """

    now: int
    period: Period
    measures: tuple[CameraMeasure, ...]
    switches: tuple[PurposeSwitch, ...]
    check: ModelCheck | None
    old_check: ModelCheck | None
    missing: str
    finder: bool
    places: tuple[str, ...]
    place: str
    names: Mapping[str, tuple[str, str | None]]
    found: Audience | None
    hours: tuple[AudienceHour, ...]
    felt: Expressions
    csat: float | None
    answers: float

    @property
    def days(self) -> tuple[str, str]:
        """The period's first and last day."""
        return self.period.first.isoformat(), self.period.last.isoformat()

    @property
    def on(self) -> tuple[CameraMeasure, ...]:
        """The cameras at which ages and genders are switched on."""
        return tuple(each for each in self.measures if each.on)

    def newest(self, camera: str, purpose: str) -> PurposeSwitch | None:
        """The switch that holds for a camera's purpose."""
        found = [each for each in self.switches if (each.camera, each.purpose) == (camera, purpose)]
        return found[-1] if found else None

    def is_on(self, camera: str, purpose: str) -> bool:
        """Whether a camera's purpose is on."""
        switch = self.newest(camera, purpose)
        return switch is not None and switch.on

    def emotion_on(self) -> bool:
        """Whether expressions are switched on at any camera."""
        return any(self.is_on(each.camera, "emotion") for each in self.measures)


def read(store: Store, period: Period, argument: object) -> State:
    """The page's state; `argument` may be the code of the place to show. Runs on the background thread."""
    days = period.first.isoformat(), period.last.isoformat()
    measured = tuple(places_measured(store, *days))
    offered = tuple(sorted({*measured, *expression_places(store, *days)}))
    known = {code: audience(store, *days, code) for code in measured}
    most = max(measured, key=lambda code: known[code].people, default=next(iter(offered), ""))
    chosen = str(argument) if argument in offered else most
    found = known.get(chosen)
    check, missing = _check(store)
    every = checks(store)
    site = places(store)
    csat = period_value(store, "csat", *days)
    return State(
        now_ms(), period, tuple(camera_measures(store)), tuple(history(store)), check,
        every[0] if every and check is None else None, missing, _has_finder(store), offered, chosen,
        {gate.code: (gate.name, gate.name_zh) for gate in site.gates}
        | {zone.code: (zone.name, zone.name_zh) for zone in site.zones},
        found, tuple(audience_hours(store, found)) if found else (), expressions(store, *days, chosen),
        csat.value, csat.denominator or 0.0,
    )  # fmt: skip


def _check(store: Store) -> tuple[ModelCheck | None, str]:
    """The check of the weights that may be used, or why there are none."""
    try:
        return checked_weights(store).check, ""
    except NotInstalled as missing:
        return None, missing.sentence


def _has_finder(store: Store) -> bool:
    try:
        find_weights(store.site, FACE_WEIGHTS)
    except NotInstalled:
        return False
    return True
