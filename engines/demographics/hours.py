"""People at a place by local clock hour, as the network told them: not corrected, unknown and suppressed among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from engines.demographics.views import Audience
from models.store import Store

_ROWS = (
    "SELECT d.minute / 60, d.age_band, d.gender, sum(d.n) FROM demographic_hour d "
    "JOIN source s ON s.id = d.source_id WHERE d.day BETWEEN ? AND ? AND d.place = ? AND s.code = ? AND d.weights = ? "
    "AND NOT EXISTS (SELECT 1 FROM demographic_hour n WHERE n.place = d.place AND n.hour_start = d.hour_start "
    "AND n.age_band = d.age_band AND n.gender = d.gender AND n.weights = d.weights AND n.source_id = d.source_id "
    "AND n.revision > d.revision) GROUP BY 1, 2, 3"
)


@dataclass(frozen=True)
class AudienceHour:
    """A local clock hour (0..23) over the days of a period: people by what was told of their age band and gender."""

    hour: int
    bands: Mapping[str, int]
    genders: Mapping[str, int]

    @property
    def people(self) -> int:
        """Everybody who was seen in the hour."""
        return sum(self.genders.values())


def audience_hours(store: Store, found: Audience) -> list[AudienceHour]:
    """The hours with anybody at the place, in the order of the day, by the camera and network that `found` rests on."""
    asked = (found.first_day, found.last_day, found.place, found.source, found.weights)
    with store.read() as connection:
        rows = connection.exec_driver_sql(_ROWS, asked).fetchall()
    bands: dict[int, Counter[str]] = {}
    genders: dict[int, Counter[str]] = {}
    for hour, band, gender, n in map(tuple, rows):
        bands.setdefault(hour, Counter())[band] += n
        genders.setdefault(hour, Counter())[gender] += n
    return [AudienceHour(hour, dict(bands[hour]), dict(genders[hour])) for hour in sorted(bands)]
