"""What somebody with the key and a database tool could do to the audit trail, and how to take it back."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from models.store import Store, driver

TAMPERS = ("edit", "delete", "swap", "insert", "cut", "rehash")
FIELDS = ("at", "actor", "action", "object", "detail", "prev_hash", "hash")


def tamper(store: Store, how: str, chance: random.Random) -> Callable[[], None]:
    """Change the trail in one way, at random; returns what puts it back. The table's triggers are no obstacle here."""
    with store.write("thief", "tampering") as tx:
        raw = driver(tx.connection)
        guards = raw.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entry'"
        ).fetchall()
        for name, _ in guards:
            raw.execute(f'DROP TRIGGER "{name}"')
        before = raw.execute("SELECT * FROM audit_entry ORDER BY seq").fetchall()
        _change(raw, how, [row[0] for row in before], chance)
        for _, sql in guards:
            raw.execute(sql)
        assert raw.execute("SELECT * FROM audit_entry ORDER BY seq").fetchall() != before

    def undo() -> None:
        with store.write("thief", "putting back") as tx:
            raw = driver(tx.connection)
            for name, _ in guards:
                raw.execute(f'DROP TRIGGER "{name}"')
            raw.execute("DELETE FROM audit_entry")
            raw.executemany("INSERT INTO audit_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)", before)
            for _, sql in guards:
                raw.execute(sql)

    return undo


def _change(raw: Any, how: str, seqs: list[int], chance: random.Random) -> None:
    seq = chance.choice(seqs[1:-1])
    if how == "edit":
        field = chance.choice(FIELDS)
        value: Any = {"at": 1, "prev_hash": bytes(32), "hash": chance.randbytes(32)}.get(field, "someone else")
        raw.execute(f"UPDATE audit_entry SET {field} = ? WHERE seq = ?", (value, seq))  # noqa: S608 - FIELDS
    elif how == "delete":
        raw.execute("DELETE FROM audit_entry WHERE seq = ?", (seq,))
    elif how == "swap":
        raw.execute("UPDATE audit_entry SET seq = -1 WHERE seq = ?", (seq,))
        raw.execute("UPDATE audit_entry SET seq = ? WHERE seq = ?", (seq, seq + 1))
        raw.execute("UPDATE audit_entry SET seq = ? WHERE seq = -1", (seq + 1,))
    elif how == "insert":
        raw.execute("UPDATE audit_entry SET seq = seq + 100000 WHERE seq > ?", (seq,))
        raw.execute("UPDATE audit_entry SET seq = seq - 99999 WHERE seq > 100000")
        raw.execute(
            "INSERT INTO audit_entry SELECT ?, at, 'someone', action, object, detail, hash, ? FROM audit_entry "
            "WHERE seq = ?",
            (seq + 1, chance.randbytes(32), seq),
        )
    elif how == "cut":
        raw.execute("DELETE FROM audit_entry WHERE seq >= ?", (chance.choice(seqs[1:]),))
    else:  # an entry changed with a hash of the thief's own making, and the next one bound to it
        made = chance.randbytes(32)
        raw.execute("UPDATE audit_entry SET actor = 'someone', hash = ? WHERE seq = ?", (made, seq))
        raw.execute("UPDATE audit_entry SET prev_hash = ? WHERE seq = ?", (made, seq + 1))
