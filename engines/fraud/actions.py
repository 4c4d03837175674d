"""Deciding on a case of possible fraud."""

from __future__ import annotations

from engines.access.guard import guarded
from models.errors import Known
from models.store import Store
from models.times import now_ms

DECISIONS = ("confirmed", "dismissed")


@guarded
def decide_case(store: Store, actor: str, fingerprint: str, decision: str, reason: str = "") -> None:
    """Confirm or dismiss a case in a person's name; its alert is closed with it. An empty decision opens it again.

    The decision is kept by the case's fingerprint, so that it stands when the engine finds the case again. Raises
    Known where the case is no more.
    """
    if decision and decision not in DECISIONS:
        raise ValueError(f"a case is one of {DECISIONS} or open (''), not {decision!r}")
    with store.write(actor, "deciding on a case") as tx:
        found = tx.connection.exec_driver_sql(
            "SELECT 1 FROM fraud_case WHERE fingerprint = ?", (fingerprint,)
        ).fetchone()
        if not found:
            raise Known("This case is not in the store any more.", "Look at the list again.")
        tx.connection.exec_driver_sql("DELETE FROM fraud_decision WHERE fingerprint = ?", (fingerprint,))
        if decision:
            tx.execute_many(
                "INSERT INTO fraud_decision (fingerprint, decision, reason, actor, at) VALUES (?, ?, ?, ?, ?)",
                [(fingerprint, decision, reason.strip(), actor, now_ms())],
            )
            tx.connection.exec_driver_sql(
                "UPDATE alert SET state = 'closed', decided_by = ?, decided_at = ? WHERE fingerprint = ? "
                "AND state <> 'closed'",
                (actor, now_ms(), fingerprint),
            )
        tx.audit("decide", f"fraud_case/{fingerprint}", decision=decision or "open", reason=reason.strip())
