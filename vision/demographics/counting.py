"""Age bands and gender of the people whom one camera follows, as hourly counts by place."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from pathlib import Path
from statistics import median

from vision.boxes import Boxes, Floats, Image
from vision.demographics.attributes import AttributeNetwork, load_attributes
from vision.demographics.bands import UNKNOWN
from vision.demographics.emotions import EmotionNetwork, load_emotions
from vision.demographics.faces import Face, FaceFinder
from vision.demographics.hours import Hours
from vision.demographics.votes import Followed, Vote
from vision.rows import DemographicRow, ExpressionRow

LEAST_FACE = 60
"""Pixels that the camera's median face, and each face that is read, must be wide."""
FACES_MEASURED = 30
"""Faces after which the median is believed."""

_LOOKS_FOR_NOTHING = 300  # after so many without enough faces the camera is one that sees none
_REMEMBERED = 300  # widths of the newest faces, which make the median
_MOST_LOOKS = 12  # at one person; who turns away this often is unknown
_LOST_S = 3.0  # a track that was not there for so long has ended: longer than the tracker remembers one
_LEAST_S = 1.0  # shorter tracks are slips of the detector, not people
_MEASURING_RATE = 0.2  # looks a second while the camera's faces are too small
_AT_ONCE = 2  # looks in one frame
_LEAST_FRONTALITY = 0.25  # a face seen from the side is measured, not read
_GOOD_ENOUGH = 80.0  # three faces of this quality (100 px wide, sure and frontal) need no better ones


class Demographics:
    """Looks at the faces of one camera's tracks, at most `looks_per_second`, and counts groups by place and hour.

    Give the weights as paths, or networks that several cameras of one thread share. `places` are the codes of the
    places that are counted, None for all; a person counts once, at the place where it was seen the longest.
    Without `attribute_weights` (None) nothing is estimated, without `emotion_weights` no expression is.
    """

    def __init__(
        self,
        face_weights: Path | FaceFinder,
        attribute_weights: Path | AttributeNetwork | None,
        places: Collection[str] | None = None,
        least: int = 10,
        *,
        emotion_weights: Path | EmotionNetwork | None = None,
        looks_per_second: float = 4.0,
    ) -> None:
        """Raises `NotInstalled` for weights that are absent, `Known` for what cannot be run."""
        self._finder = FaceFinder(face_weights) if isinstance(face_weights, Path) else face_weights
        self._attributes = (
            load_attributes(attribute_weights) if isinstance(attribute_weights, Path) else attribute_weights
        )
        self._emotions = load_emotions(emotion_weights) if isinstance(emotion_weights, Path) else emotion_weights
        self._places = None if places is None else frozenset(places)
        self._groups, self._expressions = Hours(least), Hours(least)
        self._rate = looks_per_second
        self._allowed = 1.0
        self._seconds: float | None = None
        self._followed: dict[int, Followed] = {}
        self._widths: deque[float] = deque(maxlen=_REMEMBERED)
        self._looks = 0

    def __len__(self) -> int:
        """How many tracks are remembered."""
        return len(self._followed)

    @property
    def median_face(self) -> float | None:
        """The median width in pixels of the newest faces that were found, None before the first."""
        return float(median(self._widths)) if self._widths else None

    @property
    def measurable(self) -> bool:
        """Whether this camera's faces are large enough; False until enough of them were measured."""
        return len(self._widths) >= FACES_MEASURED and (self.median_face or 0.0) >= LEAST_FACE

    @property
    def reason(self) -> str:
        """Why nothing is estimated here; empty where it is."""
        if self.measurable:
            return ""
        if len(self._widths) < FACES_MEASURED and self._looks >= _LOOKS_FOR_NOTHING:
            return f"not measurable here ({len(self._widths)} faces in {self._looks} looks)"
        if len(self._widths) < FACES_MEASURED:
            return f"not measured yet ({len(self._widths)} of {FACES_MEASURED} faces)"
        return f"not measurable here (median face {self.median_face:.0f} px, needs {LEAST_FACE})"

    def observe(self, image: Image, tracked: Boxes, places_of: Mapping[int, str], seconds: float, at_ms: int) -> None:
        """Takes one frame: its tracked people in pixels of the picture, and the place each of them is in.

        Looks at a few faces, and counts those whose track ended. The picture is not kept.
        """
        self._end_lost(seconds)
        self._allow(seconds)
        present: dict[int, int] = {}
        for row, track in enumerate(tracked.track.tolist()):
            person = self._followed.setdefault(track, Followed(seconds, seconds, at_ms))
            person.last, person.last_ms = seconds, at_ms
            if (place := places_of.get(track)) is not None and (self._places is None or place in self._places):
                person.places[place] += 1
            present[track] = row
        for track in self._due(present):
            self._look(image, tracked.xyxy[present[track]], self._followed[track], seconds)

    def rows(self, now_ms: int) -> list[DemographicRow]:
        """The hours that are over and were not given yet; groups that are too small are pooled or left out."""
        weights = self._attributes.digest if self._attributes is not None else ""
        return [
            DemographicRow(place, start, band, gender, n, weights)
            for place, start, groups in self._groups.take(now_ms)
            for (band, gender), n in groups.items()
        ]

    def expressions(self, now_ms: int) -> list[ExpressionRow]:
        """The same for expressions; empty without weights for them."""
        weights = self._emotions.digest if self._emotions is not None else ""
        return [
            ExpressionRow(place, start, expression, n, weights)
            for place, start, groups in self._expressions.take(now_ms)
            for (expression, _), n in groups.items()
        ]

    def close(self) -> None:
        """Ends every track, as at the end of a recording or before the camera is let go."""
        self._end(list(self._followed))

    def _end_lost(self, seconds: float) -> None:
        back = self._seconds is not None and seconds < self._seconds
        self._end([t for t, person in self._followed.items() if back or seconds - person.last > _LOST_S])

    def _end(self, tracks: list[int]) -> None:
        people = [self._followed.pop(track) for track in tracks]
        for person in people:
            self._count(person)
        if any(person.looks for person in people):
            self._finder.forget()
            for network in (self._attributes, self._emotions):
                if network is not None:
                    network.forget()

    def _count(self, person: Followed) -> None:
        place = person.place()
        if place is None or person.last - person.first < _LEAST_S or not self.measurable:
            return
        if self._attributes is not None:
            self._groups.add(place, person.group(), person.last_ms)
        if self._emotions is not None:
            expression = person.expression()
            gender = UNKNOWN if expression == UNKNOWN else "all"
            self._expressions.add(place, (expression, gender), person.last_ms)

    def _allow(self, seconds: float) -> None:
        """Lets looks add up with time, but never to more than one frame may take."""
        known = len(self._widths) >= FACES_MEASURED or self._looks >= _LOOKS_FOR_NOTHING
        small = known and not self.measurable
        passed = 0.0 if self._seconds is None else max(0.0, seconds - self._seconds)
        self._allowed = min(float(_AT_ONCE), self._allowed + passed * (_MEASURING_RATE if small else self._rate))
        self._seconds = seconds

    def _due(self, present: Mapping[int, int]) -> list[int]:
        """The tracks to look at now: those with the fewest faces, then looked at the longest ago."""
        number = int(self._allowed)
        needing = [track for track in present if _needs(self._followed[track])] if number else []
        due = sorted(needing, key=lambda track: (*self._followed[track].turn(), track))[:number]
        self._allowed -= len(due)
        return due

    def _look(self, image: Image, box: Floats, person: Followed, seconds: float) -> None:
        self._looks += 1
        person.looks += 1
        person.looked = seconds
        face = self._finder.find_on(image, box)
        if face is None:
            return
        self._widths.append(face.width)
        readable = face.width >= LEAST_FACE and face.frontality >= _LEAST_FRONTALITY
        if self.measurable and readable and person.wants(face.quality):
            person.add(self._vote(image, face))

    def _vote(self, image: Image, face: Face) -> Vote:
        estimate = self._attributes.look(image, face) if self._attributes is not None else None
        expression = self._emotions.look(image, face) if self._emotions is not None else None
        return Vote(face.quality, estimate, expression)


def _needs(person: Followed) -> bool:
    """Whether another look at the person may find a face among its best ones."""
    return person.looks < _MOST_LOOKS and person.wants(_GOOD_ENOUGH)
