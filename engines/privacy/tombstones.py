# ruff: noqa: S608 - names of tables and columns are the program's own
"""Signs of erased people: they outlive the erasure, so that no import, restore or other node brings anybody back.

They are kept twice: in the store (`erasure_tombstone`, which goes to the hub and the site's other nodes), and sealed in
the site's folder, because a backup that is put back knows nothing of later erasures. A sign counts by its digest
whatever its kind: tills often give the card's number as the customer's.

Somebody who joins anew after the erasure is welcome: a member whose day of joining lies after it.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engines.people.identifiers import digest
from models import keys
from models.connection import Connection
from models.errors import Known
from models.store import Store, Transaction
from models.times import business_day

FILE = "erasures.sealed"
#: Why a row that names an erased person is refused; the row itself is not kept.
ERASED = "this person's data were erased on request; nothing of them is taken in again"
_NONCE = 12
#: Kinds of sign, so that SQLite's index of kinds and digests serves.
KINDS = ("card", "phone", "email", "customer", "device", "wechat")


@dataclass(frozen=True, order=True)
class Tombstone:
    """A sign of somebody erased: its digest, kind, the request, and the UTC millisecond of the erasure."""

    digest: bytes
    kind: str
    request: bytes
    at: int


def note(tx: Transaction, stones: Iterable[Tombstone]) -> int:
    """Keep tombstones in the store; one that is there stays as it is. Returns how many are new."""
    return tx.execute_many(
        "INSERT OR IGNORE INTO erasure_tombstone (value_hmac, kind, request_id, at) VALUES (?, ?, ?, ?)",
        [(s.digest, s.kind, s.request, s.at) for s in stones],
    )


def kept(connection: Connection) -> list[Tombstone]:
    """The tombstones of the store."""
    rows = connection.exec_driver_sql("SELECT value_hmac, kind, request_id, at FROM erasure_tombstone ORDER BY 1")
    return [Tombstone(bytes(d), kind, bytes(r), at) for d, kind, r, at in rows]


def barred(connection: Connection, digests: Iterable[bytes]) -> dict[bytes, int]:
    """Which of these signs may not come back, with the instant of the erasure: tombstoned, and nobody here has one.

    A sign that somebody bears again joined anew (`joined_since`) or was given by another before.
    """
    asked = json.dumps([d.hex() for d in digests])
    rows = connection.exec_driver_sql(
        "SELECT t.value_hmac, t.at FROM json_each(?) j CROSS JOIN erasure_tombstone t ON t.value_hmac = unhex(j.value) "
        f"WHERE NOT EXISTS (SELECT 1 FROM identifier i WHERE i.kind IN {KINDS} AND i.value_hmac = t.value_hmac)",
        (asked,),
    )
    return {bytes(digest): int(at) for digest, at in rows}


def any_kept(connection: Connection) -> bool:
    """Whether anybody was ever erased here."""
    return bool(connection.exec_driver_sql("SELECT EXISTS (SELECT 1 FROM erasure_tombstone)").scalar())


def erased_key(key: bytes, source_key: str) -> str:
    """What stands for a sender's key that held a sign: its digest, by which the same receipt is known again."""
    return f"erased|{digest(key, source_key).hex()[:32]}"


def joined_since(store: Store, joined_day: str | None, at: int) -> bool:
    """Whether somebody who joined on a day did so after an erasure: a new beginning, not an old file."""
    return joined_day is not None and joined_day > business_day(at, store.site.zone, store.site.day_starts_minute)[0]


def sealed(store: Store) -> list[Tombstone]:
    """The list in the site's folder; empty where there is none. Raises Known where it is not this site's."""
    path = store.site.folder / FILE
    if not path.exists():
        return []
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    whole = path.read_bytes()
    try:
        text = AESGCM(keys.derive(store.key, "erasures")).decrypt(whole[:_NONCE], whole[_NONCE:], _bound(store))
    except (InvalidTag, ValueError) as error:
        raise Known(
            f"The list of erasures {path.name} is damaged or belongs to another site.",
            "Move it away; the store and the hub still hold the list.",
            sentence_zh=f"删除记录 {path.name} 已损坏或属于其他站点。", step_zh="请将其移走；库和中心仍保留该记录。",
        ) from error  # fmt: skip
    return [Tombstone(bytes.fromhex(d), k, bytes.fromhex(r), at) for d, k, r, at in json.loads(text)]


def seal(store: Store) -> int:
    """Write the list in the site's folder anew: what it held and what the store holds. Returns its length.

    AES-256-GCM (NIST SP 800-38D) under a key of the site; it holds digests only, yet digests of whom a list of signs
    could be tried against.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    with store.read() as connection:
        here = {s.digest: s for s in kept(connection)}
    stones = sorted(({s.digest: s for s in sealed(store)} | here).values())
    if not stones:
        return 0
    text = json.dumps([(s.digest.hex(), s.kind, s.request.hex(), s.at) for s in stones]).encode()
    nonce = secrets.token_bytes(_NONCE)
    _replace(
        store.site.folder / FILE,
        nonce + AESGCM(keys.derive(store.key, "erasures")).encrypt(nonce, text, _bound(store)),
    )
    return len(stones)


def take_sealed(store: Store) -> int:
    """Bring what the folder's list knows and the store does not (a backup was put back); returns how many."""
    with store.read() as connection:
        here = {s.digest for s in kept(connection)}
    missing = [s for s in sealed(store) if s.digest not in here]
    if missing:
        with store.write("system", "bringing back the list of erasures") as tx:
            note(tx, missing)
            tx.audit("restore", "erasure_tombstone", n=len(missing))
    return len(missing)


def _bound(store: Store) -> bytes:
    return f"erasures|{store.site.id}".encode()


def _replace(path: Path, content: bytes) -> None:
    part = path.with_suffix(".part")
    try:
        with part.open("wb") as file:
            if os.name == "posix":
                os.fchmod(file.fileno(), 0o600)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Known(
            f"The list of erasures cannot be written: {error.strerror}.", "Free some space and run it again.",
            sentence_zh=f"无法写入删除记录：{error.strerror}。", step_zh="请释放空间后重试。",
        ) from error  # fmt: skip
