"""The shapes of a checked config; coordinates are pixels of the config's size, y down."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

CERTAIN = 0.25
"""Score from which a box counts as certain; the detectors' own documentation uses the same value."""

Point = tuple[float, float]
Polygon = tuple[Point, ...]
Purpose = Literal["presence", "queue", "display", "entry", "staff", "ignore"]
Runtime = Literal["openvino", "onnxruntime"]


@dataclass(frozen=True, slots=True)
class Line:
    """A counting line from `a` to `b`, in pixels of the config's size.

    A person whose foot point goes from the left of a -> b to its right, as seen in the picture, is `in`.
    `band` is the dead band on either side in pixels; None chooses max(6 px, 12 % of the box height).
    `gate` is the code of the gate that the counts belong to; None leaves the line's name.
    """

    name: str
    a: Point
    b: Point
    band: float | None = None
    gate: str | None = None

    @property
    def counted_as(self) -> str:
        """The gate's code, or the line's name where it has none."""
        return self.gate or self.name


@dataclass(frozen=True)
class Zone:
    """A part of the floor. A person is inside while the foot point is; the polygon does not cross itself.

    `code` is the site's zone; None leaves the name. `purpose`: `presence` and `display` have visits, `queue`
    waits, `entry` is where people come into and leave the picture, who steps into `staff` is staff, and who
    stands in `ignore` is not counted there. A stay ends when its person was outside for longer than `exit_s`
    seconds; one shorter than `least_s` is no visit. `served_by` names the line across which the people of a
    queue are served. `reach` is where a hand must be to count as a reach (display).
    """

    name: str
    polygon: Polygon
    code: str | None = None
    purpose: Purpose = "presence"
    exit_s: float = 1.0
    least_s: float = 2.0
    served_by: str | None = None
    reach: Polygon | None = None

    @property
    def counted_as(self) -> str:
        """The site's zone code, or the zone's name where it has none."""
        return self.code or self.name

    @property
    def counted(self) -> bool:
        """Whether the zone has rows of its own."""
        return self.purpose not in ("staff", "ignore")


@dataclass(frozen=True, slots=True)
class FrontView:
    """A shop front as a camera sees it: people who cross the polygon `passing` and do not go in by `line` are
    passers-by. `code` is the front's code, None leaves the name; `gate` is the gate whose rows hold the
    passers-by, None the line's."""

    name: str
    line: str
    passing: Polygon
    code: str | None = None
    gate: str | None = None

    @property
    def counted_as(self) -> str:
        """The front's code, or its name where it has none."""
        return self.code or self.name


@dataclass(frozen=True)
class Uniform:
    """The colour that staff wear: `hue` from and to in degrees 0..360 (the first may be the greater: through
    red), saturation at least `least_saturation` (0..1) over at least `share` (0..1) of the torso."""

    hue: tuple[float, float]
    least_saturation: float = 0.4
    share: float = 0.35


@dataclass(frozen=True, slots=True)
class Staff:
    """Who is not a customer: everybody within `hours` (pairs of minutes of the site's local day, 0..1440; the
    first may be the greater: over midnight), and who wears the `uniform`."""

    hours: tuple[tuple[int, int], ...] = ()
    uniform: Uniform | None = None


@dataclass(frozen=True)
class Groups:
    """People who cross one line within `gap_s` seconds and `apart` heights of each other are one group."""

    gap_s: float = 1.5
    apart: float = 1.2


@dataclass(frozen=True, slots=True)
class FloorView:
    """Where a camera's picture lies on a floor plan: at least four `points` (x, y, X, Y), pixels of the picture
    and metres of the plan of `floor`."""

    floor: str
    points: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True)
class Config:
    """The picture size (width, height) that coordinates are in, what to count, and what to detect with.

    `reentry_s` 0 switches the re-entry rule off. `fps` is how many pictures a second a camera is analysed at,
    `rotate` how far its picture is turned clockwise (0, 90, 180, 270). `detector_size` is (width, height) of
    the network's input, None what the weights were made for. `notes` are sentences about the file that a
    person should read, such as a setting that was not known; they and `path` are no part of the comparison.
    """

    size: tuple[int, int]
    lines: tuple[Line, ...] = ()
    zones: tuple[Zone, ...] = ()
    fronts: tuple[FrontView, ...] = ()
    staff: Staff = Staff()
    groups: Groups = Groups()
    reentry_s: float = 0.0
    floor: FloorView | None = None
    fps: float = 7.0
    rotate: int = 0
    weights: Path | None = None
    confidence: float = CERTAIN
    detector_size: tuple[int, int] | None = None
    runtime: Runtime | None = None
    folder_fps: float = 10.0
    notes: tuple[str, ...] = field(default=(), compare=False)
    path: Path | None = field(default=None, compare=False)
