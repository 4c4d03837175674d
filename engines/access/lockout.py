"""Lock-out: five wrong tries lock an account for a quarter of an hour, the next five for twice as long, up to a day."""

from __future__ import annotations

from dataclasses import dataclass

from engines.access import threats
from engines.access.refusals import Reason
from models.store import Transaction
from models.times import now_ms

TRIES = 5
FIRST_MS, LONGEST_MS = 15 * 60_000, 24 * 3_600_000
#: So long after the last wrong try, the count begins anew.
FORGET_MS = 24 * 3_600_000


@dataclass(frozen=True)
class Reserved:
    """A try that has been counted: what the secret is to be compared with. `code` is empty for a name nobody has."""

    code: str
    user_id: bytes | None
    active: bool
    password_hash: str | None
    pin_hash: str | None
    failed: int
    locked_until: int | None


@dataclass(frozen=True)
class Gate:
    """Why there is no try now, and until when."""

    code: str
    reason: Reason
    until: int


def lock_for(failed: int) -> int:
    """Milliseconds for which the account locks at this count of wrong tries; 0 where it does not.

    Every fifth wrong try locks: 15 minutes, 30, 60, ... and at most a day.
    """
    if failed <= 0 or failed % TRIES:
        return 0
    return min(FIRST_MS << min(failed // TRIES - 1, 10), LONGEST_MS)


def reserve(tx: Transaction, code: str) -> Reserved | Gate:
    """Count a try for this user before it is made: tries at the same time cannot be more than the rest that is left.

    A right one sets the count back. The whole site waits for a minute after many failures, whatever names were tried.
    """
    at = now_ms()
    n, last = threats.failures_lately(tx.connection)
    if n >= threats.SPRAY and at < last + threats.SPRAY_WAIT_MS:
        return Gate("", "busy", last + threats.SPRAY_WAIT_MS)
    row = tx.connection.exec_driver_sql(
        "SELECT u.id, u.active, s.password_hash, s.pin_hash, s.failed, s.failed_at, s.locked_until "
        "FROM user u LEFT JOIN user_secret s ON s.user_id = u.id WHERE u.code = ?",
        (code,),
    ).one_or_none()
    if row is None:
        return Reserved("", None, False, None, None, 0, None)
    user, active, password, pin, failed, failed_at, locked = row
    if locked is not None and locked > at:
        return Gate(code, "locked", int(locked))
    count = 1 if failed is None or failed_at is None or at - failed_at > FORGET_MS else int(failed) + 1
    until = at + lock_for(count) if lock_for(count) else None
    tx.connection.exec_driver_sql(
        "UPDATE user_secret SET failed = ?, failed_at = ?, locked_until = ? WHERE user_id = ?",
        (count, at, until, user),
    )
    return Reserved(code, bytes(user), bool(active), password, pin, count, until)
