"""The runner's lease: who runs the site's jobs, and the token that fences off whoever ran them before.

Two guards, for two kinds of mistake. The lock of the operating system (`ServiceLock`) ends with its
process and makes a second service on the machine leave at once. The lease row holds the token, which
grows at each takeover: a runner that slept through its lease and wakes up cannot commit a result,
because `fence` looks at the token inside the transaction that would store it.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.errors import Known
from models.site import Site
from models.store import Store, Transaction
from models.times import now_ms

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NAME = "runner"
TTL_MS = 30_000
_SINCE = "runner_since"
#: Far beyond the note in the lock file, because Windows forbids others to read a locked byte.
_LOCKED_BYTE = 1 << 20


class LeaseLost(Known):
    """Another runner has taken over; nothing of this one may be stored any more."""

    def __init__(self, token: int) -> None:
        super().__init__(f"Another service has taken over this site (lease {token} is void).", "Nothing was changed.")


@dataclass(frozen=True)
class Holder:
    """Who holds the lease; instants are UTC milliseconds, `since` is 0 when nobody holds it."""

    owner: str
    pid: int
    token: int
    expires_at: int
    since: int


class Lease:
    """One runner's claim on the site's jobs. `token` is 0 until it is taken."""

    def __init__(
        self,
        store: Store,
        *,
        owner: str = "",
        pid: int = 0,
        ttl_ms: int = TTL_MS,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self.token = 0
        self.ttl_ms = ttl_ms
        self._store = store
        self._owner = owner or platform.node() or "this machine"
        self._pid = pid or os.getpid()
        self._clock = clock

    def try_take(self) -> bool:
        """Take the lease if it is free, run out, or held by a dead process of this machine; True when held."""
        with self._store.write("service", "taking the lease") as tx:
            held, now = _holder(tx), self._clock()
            if held and not self._is_free(held, now):
                return False
            token = (held.token if held else 0) + 1
            tx.connection.exec_driver_sql(
                "INSERT INTO lease_row (name, owner, pid, token, expires_at) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, pid = excluded.pid, "
                "token = excluded.token, expires_at = excluded.expires_at",
                (NAME, self._owner, self._pid, token, now + self.ttl_ms),
            )
            _remember_since(tx, now)
        self.token = token
        return True

    def renew(self) -> None:
        """Extend the lease. Raises LeaseLost where another runner has it; an expired one nobody took is kept."""
        with self._store.write("service", "renewing the lease") as tx:
            fence(self.token)(tx)
            tx.connection.exec_driver_sql(
                "UPDATE lease_row SET expires_at = ? WHERE name = ?", (self._clock() + self.ttl_ms, NAME)
            )

    def release(self) -> None:
        """Give the lease back, so that the next runner need not wait; a lost lease is left to its holder."""
        with self._store.write("service", "giving the lease back") as tx:
            tx.touch("lease_row")
            tx.connection.exec_driver_sql(
                "UPDATE lease_row SET expires_at = 0 WHERE name = ? AND token = ?", (NAME, self.token)
            )

    def _is_free(self, held: Holder, now: int) -> bool:
        """A lease that ends later than any lease can was made by a clock that has since been set back."""
        dead = held.owner == self._owner and not alive(held.pid)
        return held.expires_at <= now or held.expires_at > now + 2 * max(self.ttl_ms, TTL_MS) or dead


def fence(token: int) -> Callable[[Transaction], None]:
    """What a job calls first in the transaction that stores its result: raises LeaseLost for a void token."""

    def check(tx: Transaction) -> None:
        row = tx.connection.exec_driver_sql("SELECT token FROM lease_row WHERE name = ?", (NAME,)).scalar()
        if row != token:
            raise LeaseLost(token)

    return check


def holder(store: Store, *, clock: Callable[[], int] = now_ms) -> Holder | None:
    """Who runs the site's jobs now, or None."""
    with store.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT owner, pid, token, expires_at, (SELECT value FROM meta WHERE name = ?) FROM lease_row "
            "WHERE name = ? AND expires_at > ?",
            (_SINCE, NAME, clock()),
        ).fetchone()
    return Holder(row[0], row[1], row[2], row[3], int(row[4] or 0)) if row else None


def alive(pid: int) -> bool:
    """Whether a process of this id runs on this machine."""
    if sys.platform == "win32":
        import ctypes

        query_limited, still_active = 0x1000, 259
        kernel32 = ctypes.windll.kernel32
        handle = kernel32.OpenProcess(query_limited, False, pid)
        if not handle:
            return False
        code = ctypes.c_ulong()
        kernel32.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel32.CloseHandle(handle)
        return code.value == still_active
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class ServiceLock:
    """The lock of the operating system on `service.lock` in the site's folder; it ends with its process."""

    def __init__(self, site: Site) -> None:
        self._path = site.folder / "service.lock"
        self._file = -1

    def take(self) -> None:
        """Take the lock. Raises Known, naming the process that holds it."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        try:
            _lock(file)
        except OSError as error:
            os.close(file)
            raise Known(
                f"A service already runs for this site{_described(self._path)}.", "There is nothing to do."
            ) from error
        note = json.dumps({"pid": os.getpid(), "since": now_ms()}).encode()
        os.ftruncate(file, 0)
        os.write(file, note)
        self._file = file

    def release(self) -> None:
        """Give the lock back; nothing happens where it is not held."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _lock(file: int) -> None:
    if sys.platform == "win32":
        os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        os.lseek(file, 0, os.SEEK_SET)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _described(path: Path) -> str:
    try:
        return f" (process {json.loads(path.read_text('utf-8'))['pid']})"
    except (OSError, ValueError, KeyError):
        return ""


def _holder(tx: Transaction) -> Holder | None:
    row = tx.connection.exec_driver_sql(
        "SELECT owner, pid, token, expires_at FROM lease_row WHERE name = ?", (NAME,)
    ).fetchone()
    return Holder(row[0], row[1], row[2], row[3], 0) if row else None


def _remember_since(tx: Transaction, now: int) -> None:
    tx.touch("lease_row")
    tx.connection.exec_driver_sql(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (_SINCE, str(now)),
    )
