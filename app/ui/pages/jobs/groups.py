"""What a job is for: the groups under which the page lists it, as the navigation does its pages."""

from __future__ import annotations

from app.ui.i18n import mark

GROUPS: dict[str, str] = {
    "data": mark("Data"),
    "place": mark("The place"),
    "people": mark("Customers and members"),
    "business": mark("Business"),
    "run": mark("This site"),
}

_JOBS: dict[str, tuple[str, ...]] = {
    "data": ("mart", "capture", "identity"),
    "place": ("footfall", "kpi", "forecast", "anomalies", "outliers"),
    "business": ("attribution", "evaluation", "finance", "money_forecast"),
    "run": ("backup", "restore_drill", "backup_watch", "audit", "tidy", "compare", "golden", "erasures"),
}
_GROUP = {job: group for group, jobs in _JOBS.items() for job in jobs}


def group_of(job: str) -> str:
    """The group of a job; most analyses are about customers."""
    return _GROUP.get(job, "people")
