# ruff: noqa: S608 - names of tables and columns are the program's own
"""How each rule finds what is too old, and how it goes: some rows at a time, so that nobody waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engines.privacy.erasure import ANONYMOUS, erase, finish
from engines.privacy.retention_rules import Rule
from models import logs
from models.connection import Connection
from models.mart_state import mart_state
from models.store import Store
from models.sync.state import hub_mark
from models.tables import TABLES
from models.times import local_time

#: Rows removed in one transaction.
CHUNK = 10_000
#: People erased in one transaction: each is looked for in every table.
PEOPLE = 50
CAMERAS = "source_id IN (SELECT id FROM source WHERE code LIKE 'camera:%')"


@dataclass(frozen=True)
class Before:
    """What counts as too old: business days before `day`, instants before `at`."""

    day: str
    at: int


@dataclass(frozen=True)
class Aged:
    """How a table tells its age: an SQL expression of a day or an instant, and what else must hold of a row to go."""

    age: str
    unit: str = "day"
    only: str = "1"


#: Tables whose rows tell their age by themselves; others have a `day`.
AGED: Mapping[str, Aged] = {
    "count_bucket": Aged("day", only=CAMERAS), "dwell_bucket": Aged("day", only=CAMERAS),
    "zone_bucket": Aged("day", only=CAMERAS), "zone_flow": Aged("day", only=CAMERAS),
    "demographic_hour": Aged("day", only=CAMERAS), "expression_hour": Aged("day", only=CAMERAS),
    "activity": Aged("day", only="(identifier_id IS NOT NULL OR related_id IS NOT NULL OR props IS NOT NULL)"),
    "sale": Aged("day", only="identifier_id IS NOT NULL"),
    "intake_reject": Aged("(SELECT started_at FROM intake_batch b WHERE b.id = batch_id)", "at"),
    "intake_before": Aged("(SELECT started_at FROM intake_batch b WHERE b.id = batch_id)", "at"),
    "user_session": Aged("ended_at", "at", "ended_at IS NOT NULL"),
    "hook_delivery": Aged("at", "at"),
    "sync_quarantine": Aged("first_seen", "at", "state <> 'open'"),
    "sync_conflict": Aged("at", "at"),
    "job_run": Aged("started_at", "at", "state <> 'running' AND id NOT IN (SELECT max(id) FROM job_run GROUP BY job)"),
}  # fmt: skip

#: Members with nothing of their own since a day: no purchase, no act, no consent, and joined before.
_INACTIVE = """
SELECT p.id FROM person p JOIN member m ON m.person_id = p.id
WHERE p.state = 'active'
GROUP BY p.id HAVING max(m.joined_day) < :day
  AND NOT EXISTS (SELECT 1 FROM identifier_owner o JOIN sale s ON s.identifier_id = o.identifier_id
                  WHERE o.person_id = p.id AND s.day >= :day)
  AND NOT EXISTS (SELECT 1 FROM identifier_owner o JOIN activity a ON a.identifier_id = o.identifier_id
                  WHERE o.person_id = p.id AND a.day >= :day)
  AND NOT EXISTS (SELECT 1 FROM identifier_owner o JOIN consent_decision d ON d.identifier_id = o.identifier_id
                  WHERE o.person_id = p.id AND d.at >= :at)
  AND NOT EXISTS (SELECT 1 FROM restriction r WHERE r.person_id = p.id)
"""


def count(connection: Connection, store: Store, rule: Rule, before: Before) -> tuple[int, dict[str, int]]:
    """Rows (people, files) older than the rule allows: all, and by table."""
    if rule.code == "logs":
        found = {"logs": len(_old_files(store, before.at))}
    elif rule.code == "members":
        found = {"member": len(_inactive(connection, before))}
    elif rule.code == "change_log":
        sql = f"SELECT count(*) FROM change_log WHERE {_LOGGED}"
        found = {"change_log": int(connection.exec_driver_sql(sql, (_mark(store), before.at)).scalar_one())}
    else:
        found = {table: _count(connection, table, before) for table in rule.tables if rule.action != "keep"}
    return sum(found.values()), found


def remove(store: Store, actor: str, rule: Rule, before: Before, run: bytes) -> int:
    """Carry the rule out; returns rows (people, files) that went."""
    if rule.code == "logs":
        return logs.remove_old(store.site.folder, before.at / 1000)
    if rule.code == "members":
        return _erase_inactive(store, actor, before, run)
    if rule.code == "change_log":
        sql = f"DELETE FROM change_log WHERE seq IN (SELECT seq FROM change_log WHERE {_LOGGED} ORDER BY seq LIMIT ?)"
        return _repeat(store, actor, "change_log", sql, (_mark(store), before.at, CHUNK))
    return sum(_remove(store, actor, table, before, rule) for table in rule.tables)


def oldest(connection: Connection, store: Store, rule: Rule) -> str | None:
    """The day of the oldest row that the rule could ever remove; None where there is none."""
    if rule.code in ("logs", "members") or rule.action == "keep":
        return None
    found = []
    for table in rule.tables:
        aged = AGED.get(table, Aged("at", "at") if table == "change_log" else Aged("day"))
        value = connection.exec_driver_sql(f"SELECT min({aged.age}) FROM {table} WHERE {aged.only}").scalar()
        if value is not None:
            found.append(
                str(value) if aged.unit == "day" else local_time(int(value), store.site.zone).date().isoformat()
            )
    return min(found, default=None)


_LOGGED = "seq <= ? AND at < ? AND seq < (SELECT max(seq) FROM change_log)"
"""The newest row stays for ever: whoever compares positions must not see an empty log."""


def _mark(store: Store) -> int:
    """The last logged change that the mart and, where there is one, the hub have."""
    mart, hub = mart_state(store).watermark, hub_mark(store)
    return mart if hub is None else min(mart, hub)


def _test(table: str) -> str:
    aged = AGED.get(table, Aged("day"))
    return f"{aged.age} < :{aged.unit} AND {aged.only}"


def _count(connection: Connection, table: str, before: Before) -> int:
    given = {"day": before.day, "at": before.at}
    return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table} WHERE {_test(table)}", given).scalar_one())


def _remove(store: Store, actor: str, table: str, before: Before, rule: Rule) -> int:
    keys = ", ".join(c.name for c in TABLES[table].primary_key)
    some = f"({keys}) IN (SELECT {keys} FROM {table} WHERE {_test(table)} LIMIT :most)"
    if rule.action == "anonymise":
        columns = ("identifier_id", *(("related_id",) if table == "activity" else ()), *ANONYMOUS[table])
        sql = f"UPDATE {table} SET {', '.join(f'{name} = NULL' for name in columns)} WHERE {some}"
    else:
        sql = f"DELETE FROM {table} WHERE {some}"
    return _repeat(store, actor, table, sql, {"day": before.day, "at": before.at, "most": CHUNK})


def _repeat(store: Store, actor: str, table: str, sql: str, given: Mapping[str, object] | tuple[object, ...]) -> int:
    removed = 0
    while True:
        with store.write(actor, "removing what is no longer kept") as tx:
            gone = tx.connection.exec_driver_sql(sql, given).rowcount
            if gone:
                tx.touch(table)
        removed += gone
        if gone < CHUNK:
            return removed


def _inactive(connection: Connection, before: Before) -> list[bytes]:
    return [bytes(p) for p in connection.exec_driver_sql(_INACTIVE, {"day": before.day, "at": before.at}).scalars()]


def _erase_inactive(store: Store, actor: str, before: Before, run: bytes) -> int:
    with store.read() as connection:
        people = _inactive(connection, before)
    for at in range(0, len(people), PEOPLE):
        erase(store, actor, people[at : at + PEOPLE], run)
    if people:
        finish(store)
    return len(people)


def _old_files(store: Store, before: float) -> list[str]:
    folder = store.site.folder / "logs"
    files = (*folder.glob("*.log.*"), *folder.glob("crash-*.txt"))
    return [path.name for path in files if path.stat().st_mtime < before / 1000]
