"""What models, metrics, methods, guards and reasons are called."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date

from app.ui.format import current
from app.ui.i18n import language, mark, tr
from engines.features.design import WORDS
from engines.validation.cards import Measured, ModelCard

MODELS: Mapping[tuple[str, str], str] = {
    ("value", "value"): mark("Customer value"), ("churn", "churn"): mark("Churn risk"),
    ("propensity", "buy"): mark("To buy"), ("propensity", "visit"): mark("To visit"),
    ("propensity", "open"): mark("To open a message"), ("propensity", "respond"): mark("To answer a message"),
    ("clusters", "clusters"): mark("Clusters of buyers"), ("leads", "deal"): mark("Leads: deals won"),
    ("leads", "member"): mark("Leads: first purchase"), ("movement", "rfm"): mark("Moves between segments"),
    ("movement", "cluster"): mark("Moves between clusters"),
}  # fmt: skip
METHODS: Mapping[str, str] = {
    "logistic": mark("Logistic regression"), "lightgbm": mark("Boosted trees"), "rule": mark("Simple rule"),
    "majority": mark("Same chance for all"), "bg_nbd": "BG/NBD", "pareto_nbd": "Pareto/NBD",
    "multinomial logistic regression, L2": mark("Multinomial logistic regression"),
    "gradient": mark("One continuous cloud"), "permuted": mark("Shuffled data"),
    "matrix": mark("Moves by segment alone"), "stays": mark("Everyone stays"),
    "recency": mark("Days since the last contact"),
    "same_again": mark("Same as the last 90 days"), "rate": mark("Own rate so far"),
}  # fmt: skip
STATES: Mapping[str, str] = {
    "champion": mark("Champion"), "challenger": mark("Challenger"), "retired": mark("Retired"),
}  # fmt: skip
#: How the engine of clusters writes its method.
CLUSTERED = re.compile(r"k-means, k = (\d+)")
#: Metric: name, and how it is written ("" a decimal, "%" a share, "+%" a signed share).
METRICS: Mapping[str, tuple[str, str]] = {
    "auc": (mark("AUC (order of people)"), ""),
    "average_precision": (mark("Average precision"), ""),
    "lift_10": (mark("Lift in the top tenth"), ""),
    "brier": (mark("Brier score (lower is better)"), ""),
    "ece": (mark("Calibration error"), ""),
    "base_rate": (mark("Share with the outcome"), "%"),
    "calibration_in_the_large": (mark("Came against said, in all"), "+%"),
    "silhouette": (mark("Silhouette (apart from others)"), ""),
    "stability": (mark("Stability (adjusted Rand index)"), ""),
    "accuracy": (mark("Told right"), "%"),
    "explained": (mark("Deviance explained"), "%"),
    "correlation": (mark("Correlation of purchases"), ""),
    "rank_correlation": (mark("Rank correlation of purchases"), ""),
    "total_error": (mark("Purchases said against came, in all"), "+%"),
    "total_money_error": (mark("Money said against came, in all"), "+%"),
    "mae": (mark("Mean absolute error, purchases"), ""),
    "captured_10": (mark("Money held by the top tenth"), "%"),
    "coverage_80": (mark("People inside the 80 % interval"), "%"),
}  # fmt: skip
BANDS: Mapping[str, str] = {"high": mark("High"), "medium": mark("Medium"), "low": mark("Low")}
GUARDS: Mapping[str, str] = {
    "future_rows": mark("Rows of the future"), "future_changes": mark("Features that the future changes"),
    "single_feature": mark("One feature tells all"), "post_outcome": mark("Written after the outcome"),
    "repeated_rows": mark("Repeated rows"), "resampled": mark("Resampled rows"),
    "same_window": mark("Same window"), "target_echo": mark("Target over again"),
    "shuffled_labels": mark("Outcomes dealt at random"), "split_gap": mark("Random against time"),
}  # fmt: skip


def model_name(engine: str, model: str) -> str:
    """A model as people call it; one that this page does not know, by its own name."""
    known = MODELS.get((engine, model))
    return tr(known) if known else f"{engine} / {model}"


def method_name(method: str) -> str:
    """A method or naive rule in words."""
    if found := CLUSTERED.fullmatch(method):
        return tr("k-means, {count} clusters", count=found[1])
    return tr(METHODS.get(method, method))


def metric_name(metric: str) -> str:
    """A metric in words; one that this page does not know, by its own name."""
    known = METRICS.get(metric)
    return tr(known[0]) if known else metric.replace("_", " ")


def short_metric(metric: str) -> str:
    """A metric's name without what its brackets explain."""
    return re.split(r"\s*[(（]", metric_name(metric), maxsplit=1)[0]


def written(metric: str, found: Measured | None) -> str:
    """A metric with its 80 % interval."""
    if found is None or not math.isfinite(found.value):
        return "–"
    if found.low is None or found.high is None:
        return _figure(metric, found.value)
    return f"{_figure(metric, found.value)}  [{_figure(metric, found.low)} – {_figure(metric, found.high)}]"


def why(reasons: Sequence[tuple[str, float]]) -> str:
    """Reasons in words, the strongest first: what raises the chance, then what lowers it."""
    zh = language() == "zh"
    up = [_feature(name, zh) for name, logit in reasons if logit > 0]
    down = [_feature(name, zh) for name, logit in reasons if logit < 0]
    comma = "、" if zh else ", "
    parts = [
        tr("raised by: {names}", names=comma.join(up)) if up else "",
        tr("lowered by: {names}", names=comma.join(down)) if down else "",
    ]
    return "; ".join(part for part in parts if part) or "–"


def about(card: ModelCard) -> str:
    """What the model says, in the language in force."""
    return card.about_zh if language() == "zh" else card.about


def made(card: ModelCard | None) -> str:
    """Model, method, version and the day of its data: one line under a title."""
    if card is None:
        return ""
    return tr(
        "{method}, version {version}, data up to {day}",
        method=method_name(card.method), version=card.version, day=current().day(date.fromisoformat(card.as_of)),
    )  # fmt: skip


def measured(card: ModelCard, metric: str) -> float:
    """A metric's value, NaN where there is none."""
    found = card.metrics.get(metric)
    return found.value if found else math.nan


def _figure(metric: str, value: float) -> str:
    how = METRICS.get(metric, ("", ""))[1]
    if how == "%":
        return current().percent(value)
    if how == "+%":
        return f"{'+' if value > 0 else ''}{current().percent(value)}"
    return current().decimal(value, 3)


def _feature(name: str, zh: bool) -> str:
    return WORDS.get(name, (name, name))[zh]
