"""The value models reproduce the published fits, agree with brute force, and stay finite."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.value import bgnbd, pareto
from engines.value.backtest import Said, Truth, deciles, explained, measure, total_error
from engines.value.fitting import MODELS, Counting, bootstrap, fit_counting, fit_spend, sample_of
from engines.value.histories import Histories, group
from engines.value.worth import Buyers, Worth, fit, interval
from models.errors import NotEnoughData
from tests.data import data_file

END = date(1997, 9, 30)


@pytest.fixture(scope="module")
def cdnow() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(x, last, known) in days, money of repeat purchases, and purchases of the second half, of the 1/10 sample."""
    days: dict[str, dict[date, float]] = {}
    for line in data_file("transactions/CDNOW_sample.txt").read_text().splitlines():
        if line.strip():
            *_, who, day, _, money = line.split()
            at = date(int(day[:4]), int(day[4:6]), int(day[6:]))
            held = days.setdefault(who, {})
            held[at] = held.get(at, 0.0) + float(money)
    rows, spend, later = [], [], []
    for held in days.values():
        known = sorted(d for d in held if d <= END)
        rows.append((len(known) - 1, (known[-1] - known[0]).days, (END - known[0]).days))
        spend.append(sum(held[d] for d in known[1:]))
        later.append(len(held) - len(known))
    return np.array(rows, float), np.array(spend), np.array(later, float)


def test_the_published_fits_of_cdnow(cdnow: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    rows, spend, later = cdnow
    h = group(*rows.T)
    published = {
        "bg_nbd": ((0.243, 4.414, 0.793, 2.426), -9582.43, 0.62),
        "pareto_nbd": ((0.553, 10.578, 0.606, 11.669), -9594.98, 0.63),
    }
    for method, (parameters, log_likelihood, r) in published.items():
        found = fit_counting(method, h)  # type: ignore[arg-type]
        assert found.parameters == pytest.approx(parameters, rel=2e-3)
        assert round(found.log_likelihood, 2) == log_likelihood
        said = found.expected(h, 273)[h.place]
        assert np.corrcoef(said, later)[0, 1] >= r and abs(said.sum() / later.sum() - 1) < 0.125
    assert later.sum() == 1882
    bought = (rows[:, 0] > 0) & (spend > 0)
    p, q, v = fit_spend(rows[bought, 0], spend[bought] / rows[bought, 0])
    assert (round(p, 2), round(q, 3), round(v, 3)) == (6.25, 3.744, 15.444)


def histories(n: int = 3_000, seed: int = 1) -> Histories:
    luck = np.random.default_rng(seed)
    known = luck.integers(30, 400, n).astype(float)
    x = luck.poisson(luck.gamma(0.8, 3, n)).astype(float)
    last = np.where(x > 0, np.floor(known * luck.random(n)), 0)
    return group(x, last, known)


@pytest.mark.parametrize("method", ["bg_nbd", "pareto_nbd"])
def test_the_gradient_is_that_of_the_likelihood(method: str) -> None:
    h, at = histories(200), np.log([0.7, 3.0, 0.9, 4.0])
    model = MODELS[method]  # type: ignore[index]
    _, gradient = model.negative(at, h)
    for i, step in enumerate(1e-5 * np.eye(4)):
        slope = (model.negative(at + step, h)[0] - model.negative(at - step, h)[0]) / 2e-5
        assert gradient[i] == pytest.approx(slope, rel=1e-4, abs=1e-3)


def test_bg_nbd_expectation_agrees_with_simulation() -> None:
    r, alpha, a, b = 0.8, 5.0, 1.4, 3.0
    h = group([3, 0], [60, 0], [100, 100])
    luck = np.random.default_rng(2)
    n = 40_000
    found = bgnbd.expected(np.array([r, alpha, a, b]), h, 13.0)
    alive = bgnbd.alive(np.array([r, alpha, a, b]), h)
    for i in range(2):
        rate = luck.gamma(r + h.x[i], 1 / (alpha + h.t[i]), n)
        leaves = luck.beta(a, b + h.x[i], n)
        mean = (-np.expm1(-rate * leaves * 13.0) / leaves).mean()
        assert found[i] == pytest.approx(mean * alive[i], rel=0.03)


def test_pareto_is_the_same_whichever_rate_is_larger() -> None:
    h = group([2], [70], [140])
    below = pareto.alive(np.array([0.6, 9.999999, 0.6, 10.0]), h)
    above = pareto.alive(np.array([0.6, 10.000001, 0.6, 10.0]), h)
    assert below == pytest.approx(above, rel=1e-4)
    many = group([800], [395], [400])
    assert 0 <= pareto.alive(np.array([0.6, 8.0, 0.6, 12.0]), many)[0] <= 1


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 400), st.floats(0, 1), st.integers(0, 3_000)), min_size=1, max_size=15),
    st.lists(st.floats(-4, 4), min_size=4, max_size=4), st.integers(1, 400),
)  # fmt: skip
def test_any_history_and_any_parameters_give_finite_answers(
    people: list[tuple[int, float, int]], logs: list[float], days: int
) -> None:
    rows = np.array(
        [(x if known else 0, np.floor(share * known) if x else 0, known) for x, share, known in people], float
    )
    h = group(*rows.T)
    for method in ("bg_nbd", "pareto_nbd"):
        model = Counting(method, tuple(np.exp(logs).tolist()), 0.0, len(people))  # type: ignore[arg-type]
        alive, said = model.alive(h), model.expected(h, days)
        low, high = interval(model, h, days)
        assert np.isfinite([alive, said, low, high]).all()
        assert (alive >= 0).all() and (alive <= 1).all() and (said >= 0).all() and (low <= high).all()


def test_equal_histories_are_one_row_and_the_fit_does_not_mind() -> None:
    h = histories(800)
    assert h.people.sum() == 800 and h.x[h.place].size == 800
    again = Histories(*(c[h.place] for c in (h.x, h.tx, h.t)), np.ones(800), h.place)  # type: ignore[arg-type]
    assert fit_counting("bg_nbd", again).parameters == pytest.approx(fit_counting("bg_nbd", h).parameters, rel=1e-3)


def test_resampled_fits_spread_about_as_much_as_fits_of_resamples() -> None:
    h = histories(1_500)
    model = fit_counting("bg_nbd", h)
    one_step = np.std([np.log(m.parameters[0]) for m in bootstrap(model, h, n=60)])
    luck = np.random.default_rng(5)
    whole = [
        np.log(fit_counting("bg_nbd", h.sampled(luck.multinomial(1_500, h.people / 1_500).astype(float))).parameters[0])
        for _ in range(25)
    ]
    assert one_step == pytest.approx(np.std(whole), rel=0.5)


def test_a_sample_is_drawn_by_people() -> None:
    h = histories(2_000)
    assert sample_of(h, 500).people.sum() == 500 and sample_of(h, 5_000) is h


def test_pareto_is_right_where_lives_are_nearly_alike() -> None:
    """Large s and beta: the series summed term by term (all positive) is the truth; SciPy's function is off by 1e-7."""
    b, c, z = (
        np.array([147.25, 1.5, 147.25, 8.0]),
        np.array([150.5, 3.0, 248.5, 8.02]),
        np.array([0.9995, 0.9, 0.999, 0.99]),
    )
    steps = np.arange(100_000.0)
    summed = [
        1 + np.exp(np.cumsum(np.log((p + steps) / (q + steps) * r))).sum() for p, q, r in zip(b, c, z, strict=True)
    ]
    assert 1 / pareto._one_over_series(b, c, z) == pytest.approx(np.array(summed), rel=1e-12)


def test_the_impossible_is_an_error_and_too_little_is_refused() -> None:
    with pytest.raises(ValueError, match="negative figure"):
        group([1], [50], [40])
    with pytest.raises(NotEnoughData, match="second day"):
        fit_counting("bg_nbd", group([0, 0], [0, 0], [10, 20]))
    with pytest.raises(NotEnoughData, match="10 customers"):
        fit_spend(np.ones(3), np.ones(3))
    alike = Buyers(np.full(40, 2.0), np.full(40, 9.0), np.arange(20.0, 60.0), np.full(40, 200.0), 1.0)
    with pytest.raises(NotEnoughData, match="spends the same"):
        fit("bg_nbd", alike)


def test_a_trained_model_survives_its_text_and_widens_with_time() -> None:
    luck = np.random.default_rng(4)
    x = luck.poisson(2, 600).astype(float)
    known = luck.integers(200, 400, 600).astype(float)
    buyers = Buyers(x, np.where(x > 0, known // 2, 0), known, x * luck.gamma(5, 100, 600), 0.95)
    worth = fit("bg_nbd", buyers)
    again = Worth.from_json(worth.to_json())
    assert again == worth
    h = buyers.histories()
    spend = worth.per_purchase(buyers)
    middle, low, high = worth.total(h, spend, 90)
    assert low <= middle <= high and worth.total(h, spend, 365)[0] > middle
    assert np.isfinite(spend).all() and (spend > 0).all()


def test_the_test_says_what_came_and_what_rules_said() -> None:
    truth = Truth(np.array([0.0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), np.arange(10.0) * 100)
    perfect = Said(truth.purchases, truth.money, truth.purchases, truth.purchases)
    found = measure(truth, perfect)
    assert found["explained"].value == pytest.approx(1.0) and found["coverage_80"].value == 1.0
    assert found["total_error"].value == 0 and found["captured_10"].value == pytest.approx(0.2)
    assert explained(truth.purchases, np.full(10, 4.5)) == pytest.approx(0.0)
    assert np.isnan(total_error(np.zeros(3), np.ones(3)))
    rows = deciles(truth, {"model": perfect, "flat": Said(np.ones(10), np.ones(10))})
    assert rows[0] == [9.0, 9.0, 1.0] and len(rows) == 10
