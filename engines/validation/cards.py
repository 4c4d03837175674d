"""The card of a trained version, as a row of `model_version` and back.

The table is shared by engines: each takes its own rows (`VERSIONS`) and the pins (`PINS`), and gives its rows back with
the new one added (`kept`). An older version that is pinned can score again, because its artefact is in its row.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from engines.contract import as_frame
from engines.validation.guards import Finding
from engines.validation.metrics import CalibrationBin
from models.relations import of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

VERSIONS = of_table(TABLES["model_version"])
PINS = of_table(TABLES["model_pin"])
KEPT = 12

State = Literal["champion", "challenger", "retired"]


@dataclass(frozen=True)
class Measured:
    """A metric's value with its 80 % interval; without one `low` and `high` are None. `n` people were measured."""

    value: float
    low: float | None = None
    high: float | None = None
    n: int = 0


@dataclass(frozen=True)
class Limit:
    """A sentence of what the model cannot do, refuses, or must not be used for."""

    text: str
    text_zh: str


@dataclass(frozen=True)
class ModelCard:
    """Everything said of one trained version.

    `as_of` is the last day its data reach; `windows` are (name, first day, last day) such as ("test target", ...).
    `metrics` are of this version on the last time window, `baselines` the same metrics by baseline name (for churn:
    recency rule, majority). `features` are the columns it reads, `seed` and `code` make it repeatable.
    `about` names the outcome in words, `promotion` why it is (not) champion.
    """

    engine: str
    model: str
    version: int
    state: State
    method: str
    trained_at: int
    as_of: str
    n: int
    positives: int | None
    artefact: str
    features: tuple[str, ...] = ()
    windows: tuple[tuple[str, str, str], ...] = ()
    metrics: Mapping[str, Measured] = field(default_factory=dict)
    baselines: Mapping[str, Mapping[str, Measured]] = field(default_factory=dict)
    calibration: tuple[CalibrationBin, ...] = ()
    guards: tuple[Finding, ...] = ()
    limits: tuple[Limit, ...] = ()
    seed: int = 7
    code: str = "1"
    about: str = ""
    about_zh: str = ""
    promotion: str = ""
    promotion_zh: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def features_hash(self) -> str:
        """12 hex digits that change with the features or the code version."""
        return features_hash(self.features, self.code)

    @property
    def leaks(self) -> int:
        """How many leak guards fired; the gap of splits is a warning, not a leak."""
        return sum(f.fired and f.guard != "split_gap" for f in self.guards)

    def to_row(self) -> dict[str, Any]:
        """The row of model_version; figures that are not finite become null."""
        card = {
            "features": list(self.features), "features_hash": self.features_hash,
            "windows": [list(w) for w in self.windows],
            "baselines": {n: _metrics(m) for n, m in self.baselines.items()},
            "calibration": [row.to_json() for row in self.calibration], "guards": [f.to_json() for f in self.guards],
            "limits": [[x.text, x.text_zh] for x in self.limits], "seed": self.seed, "code": self.code,
            "about": [self.about, self.about_zh], "promotion": [self.promotion, self.promotion_zh],
            "extra": dict(self.extra),
        }  # fmt: skip
        own = ("engine", "model", "version", "state", "method", "trained_at", "as_of", "n", "positives", "artefact")
        row = {name: getattr(self, name) for name in own}
        return {**row, "metrics": _json(_metrics(self.metrics)), "card": _json(card)}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> ModelCard:
        """The card of a row of model_version."""
        card = json.loads(row["card"])
        plain = {k: row[k] for k in row if k not in ("metrics", "card")}
        return cls(
            **plain, features=tuple(card["features"]), windows=tuple((a, b, c) for a, b, c in card["windows"]),
            metrics=_measured(json.loads(row["metrics"])),
            baselines={n: _measured(m) for n, m in card["baselines"].items()},
            calibration=tuple(CalibrationBin(**b) for b in card["calibration"]),
            guards=tuple(Finding(**_numbers(f)) for f in card["guards"]),
            limits=tuple(Limit(a, b) for a, b in card["limits"]),
            seed=card["seed"], code=card["code"], about=card["about"][0], about_zh=card["about"][1],
            promotion=card["promotion"][0], promotion_zh=card["promotion"][1], extra=card["extra"],
        )  # fmt: skip


def features_hash(features: Sequence[str], code: str) -> str:
    """12 hex digits of the features' names and the version of the code that makes them."""
    return hashlib.sha256(json.dumps([list(features), code]).encode()).hexdigest()[:12]


def versions(frame: pa.Table) -> list[ModelCard]:
    """The cards of a frame of model_version rows, by engine, model and version, the newest last."""
    cards = [ModelCard.from_row(row) for row in frame.to_pylist()]
    return sorted(cards, key=lambda c: (c.engine, c.model, c.version))


def pins(frame: pa.Table) -> dict[tuple[str, str], int]:
    """The pinned version by (engine, model)."""
    return {(row["engine"], row["model"]): row["version"] for row in frame.to_pylist()}


def active(
    cards: Iterable[ModelCard], pinned: Mapping[tuple[str, str], int], engine: str, model: str
) -> ModelCard | None:
    """The version that scores people: the pinned one where it is still kept, else the newest champion, else none."""
    own = [c for c in cards if (c.engine, c.model) == (engine, model)]
    wanted = [c for c in own if c.version == pinned.get((engine, model))]
    champions = [c for c in own if c.state == "champion"]
    found = wanted or champions
    return max(found, key=lambda c: c.version) if found else None


def next_version(cards: Iterable[ModelCard], engine: str, model: str) -> int:
    """The number of the version to come."""
    return 1 + max((c.version for c in cards if (c.engine, c.model) == (engine, model)), default=0)


def added(cards: Sequence[ModelCard], new: ModelCard) -> list[ModelCard]:
    """The cards with a new one: a new champion retires all before it, a new challenger those of earlier days."""
    found = []
    for card in cards:
        same = (card.engine, card.model) == (new.engine, new.model)
        rival = card.state == "challenger" and card.as_of < new.as_of
        retires = same and (new.state == "champion" or (new.state == "challenger" and rival))
        found.append(replace(card, state="retired") if retires else card)
    return [*found, new]


def kept(cards: Iterable[ModelCard], pinned: Mapping[tuple[str, str], int], keep: int = KEPT) -> pa.Table:
    """The frame of model_version to give back: of each model the champion, the pinned and the `keep` newest."""
    cards = sorted(cards, key=lambda c: (c.engine, c.model, c.version))
    groups: dict[tuple[str, str], list[ModelCard]] = {}
    for card in cards:
        groups.setdefault((card.engine, card.model), []).append(card)
    stay = [
        card
        for key, group in groups.items()
        for i, card in enumerate(group)
        if i >= len(group) - keep or card.state == "champion" or card.version == pinned.get(key)
    ]
    rows = [card.to_row() for card in stay]
    return as_frame(VERSIONS, {name: [row[name] for row in rows] for name in VERSIONS.names()})


def _metrics(found: Mapping[str, Measured]) -> dict[str, list[float | int | None]]:
    return {name: [_finite(m.value), _finite(m.low), _finite(m.high), m.n] for name, m in found.items()}


def _measured(found: Mapping[str, Sequence[Any]]) -> dict[str, Measured]:
    return {name: Measured(math.nan if v is None else v, low, high, n) for name, (v, low, high, n) in found.items()}


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _numbers(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "figure": math.nan if found["figure"] is None else found["figure"]}


def _json(value: Any) -> str:
    return json.dumps(_clean(value), ensure_ascii=False, sort_keys=True, allow_nan=False)


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
