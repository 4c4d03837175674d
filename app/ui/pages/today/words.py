"""Names of weather, kinds of day and jobs."""

from __future__ import annotations

from collections.abc import Mapping

from app.ui.i18n import mark

WEATHER: Mapping[str, str] = {
    "clear": mark("clear"), "cloud": mark("cloudy"), "rain": mark("rain"), "storm": mark("storm"),
    "snow": mark("snow"), "fog": mark("fog"), "heat": mark("heat"), "wind": mark("wind"),
}  # fmt: skip
DAY_TYPES: Mapping[str, str] = {
    "workday": mark("workday"), "weekend": mark("weekend"), "holiday": mark("public holiday"),
    "makeup_workday": mark("make-up workday"),
}  # fmt: skip
JOBS: Mapping[str, str] = {
    "footfall": mark("Footfall sums"), "kpi": mark("Key figures"), "forecast": mark("Forecast"),
    "anomalies": mark("Anomalies"), "rfm": mark("Recency, frequency, value"), "clusters": mark("Clusters of buyers"),
    "movement": mark("Moves between segments"), "value": mark("Customer value"), "churn": mark("Churn risk"),
    "propensity": mark("Propensities"), "winback": mark("Win-back"), "journeys": mark("Journeys and stages"),
    "behaviour": mark("Behaviour"), "health": mark("Customer health"), "retention": mark("Customers to look after"),
    "leads": mark("Lead scores"), "milestones": mark("Milestones"), "network": mark("Networks"),
    "fraud": mark("Fraud"), "habits": mark("Changes of habit"),
    "outliers": mark("Unusual at tenants, campaigns and in operation"), "attribution": mark("Attribution"),
    "evaluation": mark("Evaluation"), "finance": mark("Income by lease and month"), "picks": mark("Recommendations"),
    "next_action": mark("Next best action"), "money_forecast": mark("Money ahead"), "identity": mark("Who is who"),
    "segments": mark("Segments"), "backup": mark("Backup"),
    "restore_drill": mark("Restore drill"), "backup_watch": mark("Backup watch"),
    "audit": mark("Audit check"), "tidy": mark("Tidying"),
    "mart": mark("Mart"), "capture": mark("Change capture"),
    "compare": mark("Comparison with the hub"), "golden": mark("Golden records from elsewhere"),
    "erasures": mark("Erasures made elsewhere"),
}  # fmt: skip
