"""Acts that need a second person: asked for by one, decided by another, done once within a day of the approval.

Where nobody signs in there is no second person to tell apart, and such acts go through, audited like any other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from engines.access.guard import guarded
from models.errors import Denied, Known
from models.ids import new_id
from models.rights import CLI, PROGRAMS, closed
from models.store import Store, Transaction
from models.times import now_ms

DAY_MS = 86_400_000
ASKED_MS, APPROVED_MS = 7 * DAY_MS, DAY_MS

#: The acts, in both languages.
ACTS: dict[str, tuple[str, str]] = {
    "export_personal": ("Export a list of people", "导出人员名单"),
    "undo_import": ("Take an import of money or points back", "撤销金额或积分导入"),
    "erase": ("Erase a person", "删除个人数据"),
    "adjust": ("Correct a ledger", "更正账目"),
    "retention": ("Change how long data are kept", "更改数据保留期限"),
}


class Waiting(Denied):
    """The act waits for another person's approval; `approval` is the request."""

    def __init__(self, approval: bytes) -> None:
        super().__init__(
            "This waits for another person's approval.",
            "Someone with the right 'approve' decides on the page Users and roles; then do it again.",
            sentence_zh="此操作须由另一人批准。", step_zh="有“approve”权限的人员在“用户与角色”页面批准后，请再次操作。",
        )  # fmt: skip
        self.approval = approval


@dataclass(frozen=True)
class Asked:
    """A request for approval. `what` tells the act apart from others like it; state as in `models.tables.access`."""

    id: bytes
    act: str
    what: dict[str, Any]
    reason: str
    asked_by: str
    asked_at: int
    state: str
    decided_by: str | None
    decided_at: int | None
    note: str | None


def ask(store: Store, actor: str, act: str, what: dict[str, Any], reason: str = "") -> bytes:
    """Ask for an approval; asking again for the same returns the request that waits already."""
    text = _canonical(what)
    with store.write(actor, "asking for an approval") as tx:
        waiting = tx.connection.exec_driver_sql(
            "SELECT id FROM approval WHERE act = ? AND what = ? AND asked_by = ? AND state = 'asked' AND asked_at > ?",
            (act, text, actor, now_ms() - ASKED_MS),
        ).scalar()
        if waiting is not None:
            return bytes(waiting)
        made = new_id()
        tx.connection.exec_driver_sql(
            "INSERT INTO approval (id, act, what, reason, asked_by, asked_at, state) "
            "VALUES (?, ?, ?, ?, ?, ?, 'asked')",
            (made, act, text, reason, actor, now_ms()),
        )
        tx.audit("ask", f"approval/{made.hex()}", act=act, what=what)
    return made


@guarded
def decide(store: Store, actor: str, approval: bytes, *, approve: bool, note: str = "") -> None:
    """Approve or refuse. Raises Denied for one's own request, and on a closed site for whoever has not signed in."""
    with store.write(actor, "deciding on an approval") as tx:
        row = tx.connection.exec_driver_sql(
            "SELECT asked_by FROM approval WHERE id = ? AND state = 'asked' AND asked_at > ?",
            (approval, now_ms() - ASKED_MS),
        ).one_or_none()
        if row is None:
            raise Known("This request does not wait any more.", sentence_zh="该申请已不在等待中。")
        if row[0] == actor or (closed(tx.connection) and actor.startswith(CLI)):
            raise Denied(
                "Another person has to decide on this.", "Someone else with the right 'approve' signs in and decides.",
                sentence_zh="须由另一人决定。", step_zh="请由另一位有“approve”权限的人员登录后决定。",
            )  # fmt: skip
        tx.connection.exec_driver_sql(
            "UPDATE approval SET state = ?, decided_by = ?, decided_at = ?, note = ? WHERE id = ?",
            ("approved" if approve else "refused", actor, now_ms(), note or None, approval),
        )
        tx.audit("decide", f"approval/{approval.hex()}", approved=approve, asked_by=row[0])


def ensure(store: Store, actor: str, act: str, what: dict[str, Any], reason: str = "") -> None:
    """Go on where another person has approved just this for this actor; the approval is used up by it.

    Raises Waiting after asking for it. An open site, and a part of Atrium itself, needs nobody.
    """
    with store.read() as connection:
        alone = actor in PROGRAMS or not closed(connection)
    if alone:
        return
    with store.write(actor, "using an approval") as tx:
        used = _use(tx, act, _canonical(what))
    if used is None:
        raise Waiting(ask(store, actor, act, what, reason))


def requests(store: Store, *, waiting: bool = True, limit: int = 200) -> list[Asked]:
    """Requests, the newest first; only those that wait, or all of them. One that waited a week reads as expired."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT id, act, what, coalesce(reason, ''), asked_by, asked_at, "
            "CASE WHEN state = 'asked' AND asked_at <= ?1 THEN 'expired' ELSE state END AS now, decided_by, "
            "decided_at, note FROM approval WHERE ?2 = 0 OR (state = 'asked' AND asked_at > ?1) "
            "ORDER BY asked_at DESC LIMIT ?3",
            (now_ms() - ASKED_MS, int(waiting), limit),
        ).fetchall()
    return [Asked(bytes(r[0]), r[1], json.loads(r[2]), *r[3:]) for r in rows]


def _use(tx: Transaction, act: str, what: str) -> bytes | None:
    found = tx.connection.exec_driver_sql(
        "SELECT id FROM approval WHERE act = ? AND what = ? AND asked_by = ? AND state = 'approved' "
        "AND decided_at > ? ORDER BY decided_at LIMIT 1",
        (act, what, tx.actor, now_ms() - APPROVED_MS),
    ).scalar()
    if found is None:
        return None
    tx.connection.exec_driver_sql("UPDATE approval SET state = 'done' WHERE id = ?", (found,))
    tx.audit("use", f"approval/{bytes(found).hex()}", act=act)
    return bytes(found)


def _canonical(what: dict[str, Any]) -> str:
    return json.dumps(what, ensure_ascii=False, sort_keys=True)
