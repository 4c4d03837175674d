"""What pages and exports are given of demographics."""

from __future__ import annotations

from dataclasses import dataclass

from engines.demographics.checking import GroupAccuracy
from engines.demographics.rules import Share
from engines.demographics.weights import ModelCheck


@dataclass(frozen=True)
class Reason:
    """Why something is not shown, in both languages; `code` stands for it in tests and exports."""

    code: str
    text: str
    text_zh: str


@dataclass(frozen=True)
class Audience:
    """Who was at a place in a span of days.

    `people` were seen, `unknown` of them without a face that could be read, under 16 or undecided; `suppressed` were
    in groups too small to be shown by age band (they are in the genders where their gender's total is large
    enough). `genders` and `bands` are empty where `reasons` say why. `check` is how right the network is and
    `weak` the groups where it is not: both belong beside every chart. `source` is the code of the camera's source,
    `weights` the digest of the network that told all of this; `others` people of that source, whom another network
    told of, are left out.
    """

    place: str
    first_day: str
    last_day: str
    people: int
    unknown: int
    suppressed: int
    genders: tuple[Share, ...]
    bands: tuple[Share, ...]
    reasons: tuple[Reason, ...]
    check: ModelCheck | None
    weak: tuple[GroupAccuracy, ...]
    source: str | None
    weights: str | None = None
    others: int = 0


@dataclass(frozen=True)
class CameraMeasure:
    """Whether a camera may estimate and can: the newest switch, and its median face in pixels (None: not measured).

    `reason` is None where it is on and its faces are large enough.
    """

    camera: str
    name: str
    on: bool
    actor: str | None
    since: int | None
    legal_basis: str | None
    notice: str | None
    median_face: float | None
    reason: Reason | None
