"""What of customers waits for a person: pairs to review, fraud cases, falling health, qualified leads; each a count."""

from __future__ import annotations

from engines.monitor.board import Task
from models import settings
from models.store import Store

_WAITING = (
    "SELECT (SELECT count(*) FROM dup_candidate c JOIN person p ON p.id = c.person_a AND p.state = 'active' "
    "JOIN person q ON q.id = c.person_b AND q.state = 'active' WHERE c.state = 'open'), "
    "(SELECT count(*) FROM fraud_case c WHERE NOT EXISTS "
    "(SELECT 1 FROM fraud_decision d WHERE d.fingerprint = c.fingerprint)), "
    "(SELECT count(*) FROM lead_score WHERE use = 'deal' AND rung = 'qualified'), "
    "(SELECT count(*) FROM lead_score WHERE use = 'member' AND rung IN ('qualified', 'sales_ready')), "
    "(SELECT count(*) FROM person_health WHERE before - health >= ?)"
)


def customer_tasks(store: Store) -> list[Task]:
    """Only what there is; health counts those who lost the points of the setting `health.fall` within four weeks."""
    fall = settings.read(store, "health.fall")
    with store.read() as connection:
        pairs, cases, deals, members, fallen = connection.exec_driver_sql(_WAITING, (fall,)).one()
    found = [
        Task("pairs", {"count": pairs}), Task("fraud", {"count": cases}),
        Task("leads", {"count": deals + members, "tab": "deal" if deals else "member"}),
        Task("falling", {"count": fallen, "points": fall}),
    ]  # fmt: skip
    return [task for task in found if task.facts["count"]]
