"""Contractual churn, cross-validated: `OMP_NUM_THREADS=1 python benchmarks/churn/telco.py`.

The 7,043 telephone customers, 5-fold twice: logistic regression, boosted trees, and the mean of their logits, with the
product's own `fit`. Bars: AUC .849, calibration error .03. Customers of a contract are not a mall's shoppers: this
measures the learners, not the churn engine.
"""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from engines.validation import boosting, logistic, metrics  # noqa: E402
from engines.validation.calibration import calibrate  # noqa: E402

Array = NDArray[np.float64]
NUMBERS = ("tenure", "MonthlyCharges", "TotalCharges")


def main() -> None:
    """Mean over ten folds."""
    x, y, names = rows()
    found: dict[str, list[tuple[float, float, float]]] = {}
    for seed in (1, 2):
        fold = logistic.folds(np.arange(y.size), 5, seed)
        for k in range(5):
            train, test = fold != k, fold == k
            for name, p in predicted(x[train], y[train], x[test], names).items():
                found.setdefault(name, []).append(
                    (metrics.auc(y[test], p), metrics.average_precision(y[test], p), metrics.ece(y[test], p))
                )
    for name, folds in found.items():
        auc, precision, ece = np.mean(folds, axis=0)
        told = f"AUC {auc:.4f} (bar .849)  average precision {precision:.4f}  calibration error {ece:.4f} (bar .03)"
        print(f"{name:<10} {told}")


def predicted(x: Array, y: Array, unseen: Array, names: tuple[str, ...]) -> dict[str, Array]:
    """The probabilities of each learner for the unseen."""
    line, trees = logistic.fit(x, y, names, l2=10.0), boosting.fit(x, y, names)
    inner = logistic.folds(np.arange(y.size), 5, 3)
    held = np.zeros(y.size)
    for k in range(5):
        a, b = inner != k, inner == k
        parts = (logistic.fit(x[a], y[a], names, l2=10.0), boosting.fit(x[a], y[a], names))
        held[b] = np.mean([part.score(x[b]) for part in parts], axis=0)
    both = np.mean([line.score(unseen), trees.score(unseen)], axis=0)
    return {
        "logistic": line.probability(unseen), "lightgbm": trees.probability(unseen),
        "mean": calibrate(held, y).probability(both),
    }  # fmt: skip


def rows() -> tuple[Array, Array, tuple[str, ...]]:
    """Numbers with their logs and squares, categories as 0 and 1."""
    folder = Path(os.environ.get("ATRIUM_DATA", "../shared/data"))
    path = (folder if folder.is_absolute() else ROOT / folder) / "churn/Telco-Customer-Churn.csv"
    with path.open(encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))
    columns: dict[str, Array] = {}
    for name in people[0]:
        values = [person[name].strip() for person in people]
        if name in NUMBERS:
            number = np.array([float(v or 0) for v in values])
            columns |= {name: number, f"log {name}": np.log1p(number), f"{name} squared": number**2}
        elif name not in ("customerID", "Churn"):
            kinds = sorted(set(values))
            columns |= {f"{name} {i}": np.array([float(v == k) for v in values]) for i, k in enumerate(kinds[1:])}
    y = np.array([float(person["Churn"] == "Yes") for person in people])
    names = tuple(name.replace(" ", "_") for name in columns)
    return np.column_stack(list(columns.values())), y, names


if __name__ == "__main__":
    main()
