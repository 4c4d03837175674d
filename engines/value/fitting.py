"""Maximum likelihood for the value models: several starts, time rescaled, and the spread of the parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

import numpy as np

from engines.value import bgnbd, gamma_gamma, pareto
from engines.value.histories import Array, Histories
from models.errors import NotEnoughData

Method = Literal["bg_nbd", "pareto_nbd"]
MODELS: dict[Method, ModuleType] = {"bg_nbd": bgnbd, "pareto_nbd": pareto}

SAMPLE = 100_000
STEP = 1e-3
BOUND = 8.0
"""Parameters are looked for between exp(-8) and exp(8) in the rescaled time: beyond, the histories tell nothing."""

Loss = Callable[[Array], tuple[float, Array]]


@dataclass(frozen=True)
class Counting:
    """A fitted counting model: parameters (time in weeks), log-likelihood and the people it stands on."""

    method: Method
    parameters: tuple[float, ...]
    log_likelihood: float
    people: int

    def alive(self, h: Histories) -> Array:
        """The chance that each history's customer has not left, 0 to 1."""
        return np.asarray(MODELS[self.method].alive(np.array(self.parameters), h), float)

    def expected(self, h: Histories, days: float) -> Array:
        """Purchases of each history's customer in the next `days`."""
        return np.asarray(MODELS[self.method].expected(np.array(self.parameters), h, days / 7.0), float)


def fit_counting(method: Method, h: Histories) -> Counting:
    """Fit by L-BFGS on the logs of the parameters, from several starts. Raises NotEnoughData without a repeat purchase.

    Time is first divided by the mean time known, which cures most failures to converge.
    """
    if not (h.people.sum() and (h.x > 0).any()):
        raise NotEnoughData(
            "Nobody has bought on a second day yet: what comes next cannot be told.",
            "Import older sales that carry a card, or wait.",
            missing_zh="尚无客户在另一天再次消费，无法推断之后的消费。请导入更早的带卡号销售，或等待。",
        )
    scale = max(float(np.average(h.t, weights=h.people)), 1e-9)
    scaled = Histories(h.x, h.tx / scale, h.t / scale, h.people, h.place)
    model: Any = MODELS[method]
    logs, loss = _best(lambda v: model.negative(v, scaled), _starts(scaled, method))
    shift = np.log(scale) * np.array([0.0, 1.0, 0.0, 1.0 if method == "pareto_nbd" else 0.0])
    # A change of the unit of time changes the density of each of x purchases by the unit.
    log_likelihood = -loss - float(np.log(scale) * np.dot(h.people, h.x))
    return Counting(method, tuple(np.exp(logs + shift).tolist()), log_likelihood, int(h.people.sum()))


def fit_spend(x: Array, mean: Array) -> tuple[float, float, float]:
    """Fit the Gamma-Gamma model to people with `x` > 0 purchases of mean `mean` > 0; v is in the unit of `mean`.

    Raises NotEnoughData below ten such people.
    """
    if x.size < 10:
        raise NotEnoughData(
            f"Spend per purchase needs 10 customers with a repeat purchase; there are {x.size}.",
            "Import older sales that carry a card, or wait.",
            missing_zh=f"估算单次消费金额需要 10 位复购客户，目前为 {x.size} 位。请导入更早的带卡号销售，或等待。",
        )
    scale = float(np.median(mean))
    starts = [np.array(s) for s in ((1.0, 1.0, 0.5), (0.0, 0.5, 0.0), (2.0, 1.5, -1.0))]
    logs, _ = _best(lambda v: gamma_gamma.negative(v, x, mean / scale), starts)
    p, q, v = np.exp(logs).tolist()
    return p, q, v * scale


def bootstrap(fitted: Counting, h: Histories, n: int = 50, seed: int = 7) -> list[Counting]:
    """The model fitted to `n` resamples of people, each by one Newton step from the fit (Andrews 2002)."""
    model: Any = MODELS[fitted.method]
    centre = np.log(fitted.parameters)
    scores = model.scores(centre, h)
    gradients = [(model.scores(centre + s, h) - model.scores(centre - s, h)) @ h.people for s in STEP * np.eye(4)]
    hessian = np.stack(gradients) / (2 * STEP)
    curved = -(hessian + hessian.T) / 2 + 1e-6 * np.eye(4) * h.people.sum()
    luck = np.random.default_rng(seed)
    total = int(h.people.sum())
    found = []
    for _ in range(n):
        drawn = luck.multinomial(total, h.people / total)
        logs = centre + np.clip(np.linalg.solve(curved, scores @ (drawn - h.people)), -2.0, 2.0)
        found.append(Counting(fitted.method, tuple(np.exp(logs).tolist()), fitted.log_likelihood, total))
    return found


def sample_of(h: Histories, most: int = SAMPLE, seed: int = 7) -> Histories:
    """The histories, or those of `most` people drawn at random where there are more."""
    total = int(h.people.sum())
    if total <= most:
        return h
    weights = np.random.default_rng(seed).multivariate_hypergeometric(
        h.people.astype(np.int64), most, method="marginals"
    )
    return h.sampled(weights.astype(float))


def _starts(h: Histories, method: Method) -> list[Array]:
    """From the mean rate of purchases, and from two places that cure most of what does not converge."""
    rate = max(float(np.dot(h.people, h.x) / np.dot(h.people, h.t)), 1e-3)
    drop = (0.0, 0.5) if method == "bg_nbd" else (-0.5, 0.5)
    near = np.array([-0.5, -0.5 - np.log(rate), *drop])
    return [near, np.zeros(4), np.array([0.5, 1.0 - np.log(rate), -1.0, 1.5])]


def _best(loss: Loss, starts: Sequence[Array]) -> tuple[Array, float]:
    from scipy.optimize import minimize

    best: tuple[float, Array] | None = None
    for start in starts:
        with np.errstate(all="ignore"):
            found = minimize(
                loss, np.clip(start, -BOUND, BOUND), jac=True, method="L-BFGS-B", bounds=[(-BOUND, BOUND)] * len(start),
                options={"maxiter": 200, "ftol": 1e-10, "gtol": 1e-4},
            )  # fmt: skip
        if np.isfinite(found.fun) and (best is None or found.fun < best[0] - 1e-6):
            best = (float(found.fun), np.asarray(found.x, float))
        if found.success:
            break
    if best is None:
        raise NotEnoughData(
            "The purchases of these customers fit no buying rhythm: the model found no parameters.",
            "Import older sales that carry a card, or wait.",
            missing_zh="这些客户的消费不符合任何购买规律，模型未能得到参数。请导入更早的带卡号销售，或等待。",
        )
    return best[1], best[0]
