"""What people decide about models: holding on to a version, going back to one, and letting go."""

from __future__ import annotations

from engines.access.guard import guarded
from engines.validation.queries import models
from models.errors import Known
from models.store import Store
from models.times import now_ms

SHORTEST_REASON = 3


@guarded
def pin(store: Store, actor: str, engine: str, model: str, *, version: int, reason: str) -> None:
    """Let a version score people from the next run on, whatever is trained, until the pin is taken out.

    Going back is a pin to an older version. Raises Known without a reason or for a version that is not kept; the
    decision is audited with the version before it.
    """
    told = _reason(reason)
    known = models(store)
    if known.card(engine, model, version) is None:
        kept = sorted(c.version for c in known.cards if (c.engine, c.model) == (engine, model))
        there = ", ".join(map(str, kept)) if kept else "none"
        raise Known(f"There is no version {version} of {engine}/{model}.", f"Versions kept: {there}.", code=2)
    before = known.used(engine, model)
    with store.write(actor, f"pinning {engine}/{model}") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO model_pin (engine, model, version, reason, actor, at) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (engine, model) DO UPDATE SET version = excluded.version, reason = excluded.reason, "
            "actor = excluded.actor, at = excluded.at",
            (engine, model, version, told, actor, now_ms()),
        )
        was = before.version if before else None
        tx.audit("pin", f"model/{engine}/{model}", version=version, before=was, reason=told)


@guarded
def unpin(store: Store, actor: str, engine: str, model: str, *, reason: str) -> None:
    """Let the champion score again. Raises Known without a reason, or where nothing is pinned."""
    told = _reason(reason)
    held = models(store).pin(engine, model)
    if held is None:
        raise Known(f"{engine}/{model} is not pinned.", "Nothing was changed.", code=2)
    with store.write(actor, f"releasing {engine}/{model}") as tx:
        tx.connection.exec_driver_sql("DELETE FROM model_pin WHERE engine = ? AND model = ?", (engine, model))
        tx.audit("unpin", f"model/{engine}/{model}", version=held.version, reason=told)


def _reason(reason: str) -> str:
    told = " ".join(reason.split())
    if len(told) < SHORTEST_REASON:
        raise Known("A model is held or released only for a reason.", "Write why.", code=2)
    return told
