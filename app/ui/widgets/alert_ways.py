"""Which page an alert leads to: that of what was unusual, with the tenant or the customer where it names one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.ui.catalogue import mark

if TYPE_CHECKING:
    from engines.alerts.queries import Alert


@dataclass(frozen=True)
class Way:
    """A page, what it is opened with, and what the button says (English source)."""

    page: str
    words: str
    argument: object = None


FOOTFALL, SALES = Way("footfall", mark("Open Footfall")), Way("sales", mark("Open Sales"))
ATTRIBUTION, NETWORK = Way("attribution", mark("Open Attribution")), Way("network", mark("Open Network"))
SEGMENTS, LEADS = Way("segments", mark("Open Segments")), Way("leads", mark("Open Leads"))
JOBS, BACKUP = Way("jobs", mark("Open Jobs")), Way("backup", mark("Open Backup"))
BY_KIND = {
    "slow_job": JOBS, "failing_job": JOBS, "dropped_frames": Way("live", mark("Open Live")),
    "rejected_rows": Way("intake", mark("Open Import")), "segment_drift": SEGMENTS, "more_findings": NETWORK,
    "customer_risk": LEADS, "backup_stale": BACKUP, "backup_none": BACKUP, "backup_failed": BACKUP,
    "backup_copy": BACKUP, "restore_drill": BACKUP, "outgoing_held": BACKUP,
}  # fmt: skip
BY_SUBJECT = {
    "footfall": FOOTFALL, "gate": FOOTFALL, "sales": SALES, "category": SALES, "tier": SEGMENTS,
    "campaign": ATTRIBUTION,
}  # fmt: skip


def way_of(alert: Alert) -> Way | None:
    """The way; None where no page shows more than the alert does."""
    if person := alert.facts.get("person"):
        return Way("customers", mark("Open the customer"), {"person": bytes.fromhex(str(person))})
    word, _, code = alert.subject.partition(" ")
    if word in ("tenant", "returns") and code and not alert.kind.startswith("fraud"):
        return Way("sales", mark("Open the tenant"), {"tenant": code})
    if alert.kind.startswith("fraud"):
        return NETWORK
    return BY_KIND.get(alert.kind) or BY_SUBJECT.get(word)
