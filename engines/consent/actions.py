"""Deciding and suppressing: each act leaves an audit entry in the same transaction."""

from __future__ import annotations

from engines.access.guard import guarded
from engines.consent.rules import CHANNELS, DECISIONS, PURPOSES, Policy, Said
from models.errors import Known
from models.ids import new_id
from models.store import Store, Transaction

SOURCE = "desk"


@guarded
def record_decision(
    store: Store, actor: str, said: Said, *, notice: str | None = None, evidence: str | None = None
) -> bytes:
    """Book a decision on an identifier; returns its id. Decisions are only added: the newest counts.

    `notice` names the text that was shown, `evidence` how it is known (a form, a call). Raises Known for a
    purpose, channel or decision that there is none of, an expiry before the decision, or an unknown identifier.
    """
    _check(said)
    made = new_id()
    with store.write(actor, "booking a consent") as tx:
        _refuse_unknown(tx, said.identifier)
        tx.connection.exec_driver_sql(
            "INSERT INTO consent_decision (id, source_id, source_key, identifier_id, purpose, channel, decision, "
            "notice, evidence, at, expires_at, actor) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                made, _source(tx), made.hex(), said.identifier, said.purpose, said.channel, said.decision,
                notice, evidence, said.at, said.expires_at, actor,
            ),
        )  # fmt: skip
        tx.audit(
            "consent", f"identifier/{said.identifier.hex()}", purpose=said.purpose, channel=said.channel,
            decision=said.decision,
        )  # fmt: skip
    return made


@guarded
def suppress(
    store: Store, actor: str, identifier_id: bytes, channel: str, reason: str, *, at_ms: int, until: int | None = None
) -> None:
    """Let nothing more be sent to a sign through a channel (or any), until an instant or for good.

    Kept by the sign's digest, so that it outlives the person's erasure. Raises Known for an unknown sign or channel.
    """
    if channel not in CHANNELS:
        raise Known(f"There is no channel '{channel}'.", f"Channels: {', '.join(CHANNELS)}.", code=2)
    with store.write(actor, "suppressing an address") as tx:
        digest = _refuse_unknown(tx, identifier_id)
        tx.connection.exec_driver_sql(
            "INSERT INTO suppression (value_hmac, channel, reason, at, until) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (value_hmac, channel) DO UPDATE SET reason = excluded.reason, at = excluded.at, "
            "until = excluded.until",
            (digest, channel, reason, at_ms, until),
        )
        tx.audit("suppress", f"identifier/{identifier_id.hex()}", channel=channel, reason=reason)


@guarded
def set_policy(store: Store, actor: str, policy: Policy) -> None:
    """Keep a contact policy in place of the one of its class and channel. Raises Known for impossible numbers."""
    minutes = [m for m in (policy.quiet_from, policy.quiet_to) if m is not None]
    if policy.most < 0 or policy.days < 0 or any(not 0 <= m < 1440 for m in minutes):
        raise Known("This contact policy is not possible.", "Numbers from 0, times of one day.", code=2)
    with store.write(actor, "setting a contact policy") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO contact_policy (message_class, channel, most, days, quiet_from_minute, quiet_to_minute) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (message_class, channel) DO UPDATE SET most = excluded.most, "
            "days = excluded.days, quiet_from_minute = excluded.quiet_from_minute, "
            "quiet_to_minute = excluded.quiet_to_minute",
            (policy.message_class, policy.channel, policy.most, policy.days, policy.quiet_from, policy.quiet_to),
        )
        tx.audit(
            "policy", f"contact_policy/{policy.message_class}/{policy.channel}", most=policy.most, days=policy.days
        )


def _check(said: Said) -> None:
    for what, value, known in (
        ("purpose", said.purpose, PURPOSES),
        ("channel", said.channel, CHANNELS),
        ("decision", said.decision, DECISIONS),
    ):
        if value not in known:
            raise Known(f"There is no {what} '{value}'.", f"Choose one of {', '.join(known)}.", code=2)
    if said.expires_at is not None and said.expires_at <= said.at:
        raise Known("A consent cannot end before it begins.", "Correct the expiry.", code=2)


def _refuse_unknown(tx: Transaction, identifier_id: bytes) -> bytes:
    found = tx.connection.exec_driver_sql("SELECT value_hmac FROM identifier WHERE id = ?", (identifier_id,)).scalar()
    if found is None:
        raise Known("This sign is not in the store any more.", "Search again.", code=2)
    return bytes(found)


def _source(tx: Transaction) -> bytes:
    """The source of what is entered at the desk, made when it is new."""
    found = tx.connection.exec_driver_sql("SELECT id FROM source WHERE code = ?", (SOURCE,)).scalar()
    if found is not None:
        return bytes(found)
    made = new_id()
    tx.connection.exec_driver_sql("INSERT INTO source (id, code, kind) VALUES (?, ?, 'desk')", (made, SOURCE))
    return made
