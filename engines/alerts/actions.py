"""Raising alerts and deciding on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engines.access.guard import guarded
from models.errors import Known
from models.ids import new_ids
from models.relations import Column, Relation
from models.store import Store, Transaction
from models.times import now_ms

#: What an engine that raises alerts gives: `sentence` names a template, `facts` and `evidence` are JSON.
#: The fingerprint tells one finding from another and is the same each time the finding is made.
ALERTS = Relation(
    "alert",
    (
        Column("fingerprint", "text"),
        Column("kind", "text"),
        Column("severity", "text"),
        Column("subject", "text"),
        Column("day", "day"),
        Column("score", "float"),
        Column("sentence", "text"),
        Column("facts", "text"),
        Column("evidence", "text"),
    ),
    ("fingerprint",),
)

STATES = ("open", "acknowledged", "closed")


def merge_alerts(tx: Transaction, engine: str, found: Iterable[Mapping[str, Any]]) -> int:
    """Raise what is new, refresh what is still open, leave alone what a person has closed; returns rows found.

    An open alert of this engine that is no longer found is closed in the engine's name, and opened again when
    it is found once more.
    """
    rows = list(found)
    tx.execute_many(
        "UPDATE alert SET state = 'open', decided_by = NULL, decided_at = NULL "
        "WHERE fingerprint = ? AND state = 'closed' AND decided_by = ?",
        [(row["fingerprint"], engine) for row in rows],
    )
    known = {
        fingerprint: state
        for fingerprint, state in tx.connection.exec_driver_sql(
            "SELECT fingerprint, state FROM alert WHERE fingerprint LIKE ? ORDER BY raised_at", (f"{engine}:%",)
        )
    }
    fresh = [row for row in rows if row["fingerprint"] not in known]
    again = [row for row in rows if known.get(row["fingerprint"]) in ("open", "acknowledged")]
    names = ALERTS.names()
    tx.execute_many(
        f"INSERT INTO alert (id, {', '.join(names)}, state, raised_at) "  # noqa: S608 - declared names
        f"VALUES (?, {', '.join('?' for _ in names)}, 'open', ?)",
        [(i, *(row[n] for n in names), now_ms()) for i, row in zip(new_ids(len(fresh)), fresh, strict=True)],
    )
    tx.execute_many(
        "UPDATE alert SET severity = ?, score = ?, facts = ?, evidence = ? "
        "WHERE fingerprint = ? AND state <> 'closed' AND (score <> ? OR facts <> ? OR evidence <> ?)",
        [
            (r["severity"], *(changed := (r["score"], r["facts"], r["evidence"])), r["fingerprint"], *changed)
            for r in again
        ],
    )
    here = {row["fingerprint"] for row in rows}
    gone = [f for f, state in known.items() if state != "closed" and f not in here]
    tx.execute_many(
        "UPDATE alert SET state = 'closed', decided_by = ?, decided_at = ? WHERE fingerprint = ? AND state <> 'closed'",
        [(engine, now_ms(), fingerprint) for fingerprint in gone],
    )
    return len(rows)


@guarded
def decide_alert(store: Store, actor: str, alert_id: bytes, state: str) -> None:
    """Acknowledge, close or reopen an alert in a person's name."""
    if state not in STATES:
        raise ValueError(f"an alert is one of {STATES}, not {state!r}")
    with store.write(actor, "deciding on an alert") as tx:
        changed = tx.connection.exec_driver_sql(
            "UPDATE alert SET state = ?, decided_by = ?, decided_at = ? WHERE id = ?",
            (state, actor, now_ms(), alert_id),
        ).rowcount
        if not changed:
            raise Known("This alert is not in the store any more.", "Look at the list again.")
        tx.audit("decide", f"alert/{alert_id.hex()}", state=state)
