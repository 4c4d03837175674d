"""The challenger: small gradient-boosted trees by LightGBM, kept as LightGBM's own text. From 5,000 people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engines.validation.calibration import Calibration, calibrate
from engines.validation.logistic import Reason, folds, reasons_of
from engines.validation.metrics import Array

CHALLENGES_FROM = 5_000
"""People in the training rows below which trees only add noise (measured: logistic regression is the better)."""

FOLDS = 3
ROUNDS = 120
PARAMETERS: dict[str, Any] = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 8, "min_data_in_leaf": 50, "feature_fraction": 0.8,
    "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5.0, "num_threads": 1, "deterministic": True,
    "force_row_wise": True, "seed": 7, "verbosity": -1,
}  # fmt: skip


@dataclass(frozen=True)
class Boosted:
    """Fitted trees with their calibration; `text` is LightGBM's model format."""

    names: tuple[str, ...]
    text: str
    n: int
    positives: int
    calibration: Calibration = field(default_factory=Calibration)

    method = "lightgbm"

    @cached_property
    def _booster(self) -> Any:
        import lightgbm

        return lightgbm.Booster(model_str=self.text)

    def score(self, x: ArrayLike) -> Array:
        """Logits before calibration, one per row."""
        return np.asarray(self._booster.predict(np.asarray(x, float), raw_score=True, num_threads=1), float)

    def probability(self, x: ArrayLike) -> Array:
        """Calibrated probabilities, 0 to 1, one per row (people x features, in the order of names)."""
        return self.calibration.probability(self.score(x))

    def reasons(self, x: ArrayLike, top: int = 3) -> list[tuple[Reason, ...]]:
        """Per row the `top` features by their SHAP value in the logit (Lundberg and others 2020)."""
        shares = self._booster.predict(np.asarray(x, float), pred_contrib=True, num_threads=1)
        return reasons_of(np.asarray(shares, float)[:, :-1], self.names, top)

    def to_json(self) -> str:
        """The model as JSON text around LightGBM's text."""
        fields = {name: getattr(self, name) for name in ("names", "text", "n", "positives")}
        return json.dumps({"method": self.method, **fields, "calibration": self.calibration.to_json()}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Boosted:
        """The model of a JSON text. Raises ValueError where the text is another kind of model."""
        found = json.loads(text)
        if found.pop("method", None) != cls.method:
            raise ValueError("this artefact is no set of boosted trees")
        calibration = Calibration.from_json(found.pop("calibration"))
        return cls(tuple(found["names"]), found["text"], found["n"], found["positives"], calibration)


def fit(x: ArrayLike, y: ArrayLike, names: Sequence[str], *, groups: ArrayLike | None = None) -> Boosted:
    """Fit and calibrate by 3-fold cross-fitting over `groups` (the person of each row). Ke and others (2017).

    The same rows in the same order give the same text; callers put people in order first.
    """
    matrix, truth = np.asarray(x, float), np.asarray(y, float)
    text = _train(matrix, truth, names)
    held = np.full(truth.size, np.nan)
    fold = folds(np.arange(truth.size) if groups is None else groups, FOLDS)
    for k in range(FOLDS):
        out = fold == k
        if out.any() and 0 < truth[~out].sum() < (~out).sum():
            held[out] = Boosted(tuple(names), _train(matrix[~out], truth[~out], names), 0, 0).score(matrix[out])
    known = np.isfinite(held)
    return Boosted(tuple(names), text, truth.size, int(truth.sum()), calibrate(held[known], truth[known]))


def _train(x: Array, y: Array, names: Sequence[str]) -> str:
    import lightgbm

    rows = lightgbm.Dataset(x, y, feature_name=list(names), params=PARAMETERS, free_raw_data=True)
    return str(lightgbm.train(PARAMETERS, rows, num_boost_round=ROUNDS).model_to_string())
