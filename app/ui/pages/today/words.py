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
    "anomalies": mark("Anomalies"), "rfm": mark("Customer segments"), "backup": mark("Backup"),
    "audit": mark("Audit check"), "tidy": mark("Tidying"), "mart": mark("Mart"), "capture": mark("Change capture"),
}  # fmt: skip
