"""Who is staff: by the hour, by the zone they step into, by the colour they wear.

A track that is found to be staff is staff for all its life, what it did before included: what was counted of it
is taken back. A track's marks and colours die with it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

import numpy as np

from vision.boxes import Image
from vision.config import Config, Uniform
from vision.sightings import Moment, Person

TakeBack = Callable[[], object]

_REMEMBERED = 64  # counts of one track that can still be taken back
_LOOKS = 7  # looks at a track's clothes, then it is left alone
_DECIDES = 3
_APART_S = 0.3
_ACROSS, _FROM, _TO = 0.2, 0.2, 0.5  # the torso: the middle 60 % of the box, from 20 % to 50 % of its height
_SAMPLES = 12  # pixels across and down that are looked at
_DARK = 0.15  # value below which a pixel has no hue to speak of


class SiteClock:
    """The site's local date and minute of the day, worked out once a minute."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._turned: int | None = None
        self.day, self.minute = "", 0

    def turn(self, at_ms: int) -> None:
        """Goes to an instant."""
        minute = at_ms // 60_000
        if minute != self._turned:
            self._turned = minute
            local = datetime.fromtimestamp(minute * 60, UTC).astimezone(self._zone)
            self.day, self.minute = local.date().isoformat(), local.hour * 60 + local.minute

    def day_of(self, at_ms: int) -> str:
        """The local date of any instant, ISO."""
        if at_ms // 60_000 == self._turned:
            return self.day
        return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(self._zone).date().isoformat()


@dataclass(slots=True)
class _Clothes:
    shares: list[float] = field(default_factory=list)
    looked: float = -1e9


class StaffTracks:
    """Tells staff from customers among the tracks of one camera."""

    def __init__(self, config: Config, clock: SiteClock) -> None:
        self._hours, self._uniform, self._size = config.staff.hours, config.staff.uniform, config.size
        self._learns = self._uniform is not None or any(zone.purpose == "staff" for zone in config.zones)
        self._clock = clock
        self._marked: set[int] = set()
        self._counted: dict[int, deque[TakeBack]] = {}
        self._clothes: dict[int, _Clothes] = {}

    def __len__(self) -> int:
        """How many tracks something is remembered of."""
        return len(self._marked | self._counted.keys() | self._clothes.keys())

    @property
    def on_hours(self) -> bool:
        """Whether everybody is staff at this time of day."""
        return any(
            begin <= self._clock.minute < end if begin < end else not end <= self._clock.minute < begin
            for begin, end in self._hours
        )

    def marked(self, track: int) -> bool:
        """Whether the track was found to be staff."""
        return track in self._marked

    def mark(self, track: int) -> None:
        """The track is staff; what was counted of it is taken back."""
        if track not in self._marked:
            self._marked.add(track)
            for take_back in self._counted.pop(track, ()):
                take_back()

    def counted(self, track: int, take_back: TakeBack) -> None:
        """Something was counted of a customer who may yet turn out to be staff."""
        if self._learns:
            self._counted.setdefault(track, deque(maxlen=_REMEMBERED)).append(take_back)

    def look(self, image: Image | None, people: Iterable[Person], moment: Moment) -> None:
        """Looks at the clothes of those not yet decided, where a uniform is configured and a frame is at hand."""
        if self._uniform is None or image is None:
            return
        for person in people:
            clothes = self._clothes.setdefault(person.track, _Clothes())
            if len(clothes.shares) >= _LOOKS or moment.seconds - clothes.looked < _APART_S:
                continue
            clothes.looked = moment.seconds
            torso = _torso(image, person, self._size)
            if torso.size:
                clothes.shares.append(uniform_share(torso, self._uniform))
            if len(clothes.shares) >= _DECIDES and float(np.median(clothes.shares)) >= self._uniform.share:
                self.mark(person.track)

    def forget(self, tracks: Iterable[int]) -> None:
        """Drops what is remembered of tracks that have ended."""
        for track in tracks:
            self._marked.discard(track)
            self._counted.pop(track, None)
            self._clothes.pop(track, None)

    def clear(self) -> None:
        """Drops every track."""
        self._marked.clear()
        self._counted.clear()
        self._clothes.clear()


def uniform_share(torso: Image, uniform: Uniform) -> float:
    """The share (0..1) of a picture's pixels (blue first) that have the uniform's hue and saturation; hue and
    saturation as in HSV (Smith, Color gamut transform pairs, SIGGRAPH 1978)."""
    blue, green, red = (torso[..., i].astype(np.float32).ravel() / 255 for i in range(3))
    value, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    spread = value - least
    safe = np.where(spread > 0, spread, 1)
    sector = np.where(
        value == red, (green - blue) / safe, np.where(value == green, 2 + (blue - red) / safe, 4 + (red - green) / safe)
    )
    hue = (60 * sector) % 360
    begin, end = uniform.hue
    within = (hue >= begin) & (hue <= end) if begin <= end else (hue >= begin) | (hue <= end)
    vivid = (value > _DARK) & (spread > 0) & (spread >= uniform.least_saturation * value)
    return float((within & vivid).mean())


def _torso(image: Image, person: Person, size: tuple[int, int]) -> Image:
    """A few pixels of the torso: (n, m, 3), empty where the box has none in the frame."""
    high, wide = image.shape[:2]
    across, down = wide / size[0], high / size[1]
    width = person.right - person.left
    left, right = (person.left + _ACROSS * width) * across, (person.right - _ACROSS * width) * across
    top, bottom = (person.top + _FROM * person.height) * down, (person.top + _TO * person.height) * down
    part = image[max(round(top), 0) : max(round(bottom), 0), max(round(left), 0) : max(round(right), 0)]
    return part[:: max(part.shape[0] // _SAMPLES, 1), :: max(part.shape[1] // _SAMPLES, 1)]
