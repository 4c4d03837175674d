"""What the forecast says of itself: filled from its back-test and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Literal

from engines.forecast.daily import DailyForecast

Language = Literal["en", "zh"]

METHODS: Mapping[str, Mapping[Language, str]] = {
    "calendar_ridge": {"en": "calendar regression", "zh": "日历回归"},
    "blend": {"en": "mean of calendar regression and median of weekdays", "zh": "日历回归与星期中位数的平均"},
    "seasonal_naive": {"en": "same weekday last week", "zh": "上周同一天"},
    "median_of_weekdays": {"en": "median of the last four same weekdays", "zh": "最近四个同星期几的中位数"},
}

SENTENCES: Mapping[str, Mapping[Language, str]] = {
    "model_beats_baselines": {
        "en": "The calendar regression is used: over {origins} past weeks its error was {mase}, against "
        "{baseline_mase} for the same weekday last week (MASE).",
        "zh": "采用日历回归：过去 {origins} 周回测误差为 {mase}，而“上周同一天”为 {baseline_mase}（MASE）。",
    },
    "blend_beats_baselines": {
        "en": "The mean of the calendar regression and the median of four weeks is used: over {origins} past weeks its "
        "error was {mase}, against {baseline_mase} for the same weekday last week (MASE).",
        "zh": "采用日历回归与四周中位数的平均：过去 {origins} 周回测误差为 {mase}，"
        "而“上周同一天”为 {baseline_mase}（MASE）。",
    },
    "baseline_kept": {
        "en": "The calendar regression did not beat the simple rules over {origins} past weeks, so the better rule "
        "is used: its error was {mase}, against {model_mase} for the regression (MASE).",
        "zh": "过去 {origins} 周回测中，日历回归未优于简单规则，因此采用较好的规则：其误差为 {mase}，"
        "回归为 {model_mase}（MASE）。",
    },
    "history_short": {
        "en": "There are under eight weeks of history, so only simple rules are used.",
        "zh": "历史数据不足八周，因此只采用简单规则。",
    },
}


def facts(forecast: DailyForecast) -> dict[str, float | int | str | None]:
    """What the sentence of a forecast needs: method, origins and scaled errors."""
    errors = {b.method: b.mase if isfinite(b.mase) else None for b in forecast.backtests}
    return {
        "method": forecast.method,
        "origins": forecast.origins,
        "mase": errors[forecast.method],
        "baseline_mase": errors["seasonal_naive"],
        "model_mase": errors.get("calendar_ridge"),
    }


def render(reason: str, given: Mapping[str, float | int | str | None], language: Language) -> str:
    """The sentence for a forecast's `reason`; an error that could not be measured reads "–".

    Raises KeyError where a fact is missing.
    """
    shown = {k: "–" if v is None else f"{v:.2f}" if isinstance(v, float) else v for k, v in given.items()}
    return SENTENCES[reason][language].format(**shown)
