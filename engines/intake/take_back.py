# ruff: noqa: S608 - names of tables and columns are the program's own
"""Taking a batch back: what it brought goes, what it replaced returns, what others rest on stays.

Long work is done in steps of some thousand rows, each its own transaction, so that counting goes on
meanwhile. The batch keeps its state until the last step: a process that dies half-way is finished by
the next import or undo.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from engines.people.survivorship import forget_attributes
from models.connection import Connection
from models.errors import Known
from models.store import Store, Transaction, driver
from models.tables import TABLES
from models.times import now_ms

STEP = 20_000
FAR = b"\xff" * 16

#: What may rest on an entity that a batch made: (table, column, the entity's column).
RESTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "tenant": (
        ("sale", "tenant_id", "id"),
        ("activity", "tenant_id", "id"),
        ("lease", "tenant_id", "id"),
        ("money_line", "tenant_id", "id"),
    ),
    "lease": (("declaration", "lease_id", "id"),),
    "unit": (("lease", "unit_id", "id"), ("front", "unit_id", "id")),
    "category": (
        ("tenant", "category_id", "id"),
        ("category", "parent_code", "code"),
        ("sale_line", "category", "code"),
        ("prospect", "category_id", "id"),
    ),
    "brand": (("tenant", "brand_id", "id"),),
    "gate": (("count_bucket", "gate_id", "id"), ("front", "gate_id", "id")),
    "member": (),
    "calendar_day": (),
    "campaign": (("activity", "campaign_id", "id"), ("money_line", "campaign_id", "id")),
    "occasion": (("money_line", "occasion_id", "id"),),
    "prospect": (("deal", "prospect_id", "id"),),
    "deal": (("deal_activity", "deal_id", "id"),),
}
#: Facts that come in batches, by the range of their ids.
FACTS = ("sale", "activity", "deal_activity", "consent_decision", "money_line")
#: An identifier that the batch made and that nothing else uses: no fact, no other link, and no member who has
#: become the person that the batch made with it.
_FREE_IDENTIFIERS = """
    INSERT INTO gone (id, person_id)
    SELECT i.id, (SELECT k.person_id FROM identity_link k WHERE k.identifier_id = i.id LIMIT 1)
    FROM identifier i
    WHERE i.id BETWEEN ?1 AND ?2 AND i.batch_id = ?3
      AND NOT EXISTS (SELECT 1 FROM sale s WHERE s.identifier_id = i.id)
      AND NOT EXISTS (SELECT 1 FROM activity a WHERE a.identifier_id = i.id)
      AND NOT EXISTS (SELECT 1 FROM activity a WHERE a.related_id = i.id)
      AND NOT EXISTS (SELECT 1 FROM consent_decision d WHERE d.identifier_id = i.id)
      AND NOT EXISTS (SELECT 1 FROM identity_link k WHERE k.identifier_id = i.id AND k.reason <> ?4)
      AND NOT EXISTS (
          SELECT 1 FROM identity_link k JOIN member m ON m.person_id = k.person_id
          WHERE k.identifier_id = i.id AND k.person_id BETWEEN ?1 AND ?2)
    LIMIT ?5
"""
_LONELY_PERSONS = """
    DELETE FROM person WHERE id BETWEEN ?1 AND ?2 AND id IN (SELECT person_id FROM gone)
      AND NOT EXISTS (SELECT 1 FROM identity_link k WHERE k.person_id = person.id)
      AND NOT EXISTS (SELECT 1 FROM member m WHERE m.person_id = person.id)
"""


def take_back(store: Store, actor: str, batch: bytes, ends_as: str, note: str | None = None) -> int:
    """Remove what the batch brought and restore what it replaced; returns how many rows went or came back.

    `ends_as` is the state in which the batch ends: undone, cancelled or failed.
    """
    with store.read() as connection:
        first, last = connection.exec_driver_sql(
            "SELECT first_id, last_id FROM intake_batch WHERE id = ?", (batch,)
        ).one()
    span = (first or b"", last or FAR)
    moved = 0
    for facts in FACTS:
        moved += _repeat(store, actor, lambda tx, t=facts: _remove_facts(tx, t, batch, span))  # type: ignore[misc]
    with store.write(actor, "taking back an import") as tx:
        for table in ("count_bucket", "declaration"):
            moved += _run(tx, f"DELETE FROM {table} WHERE batch_id = ?", batch)
        forget_attributes(tx, batch)
        moved += restore(tx, batch)
    _repeat(store, actor, lambda tx: _remove_shares(tx, batch, span))
    moved += _repeat(store, actor, lambda tx: _remove_identifiers(tx, batch, span))
    with store.write(actor, "taking back an import") as tx:
        if ends_as != "undone":
            _run(tx, "DELETE FROM intake_reject WHERE batch_id = ?", batch)
        tx.connection.exec_driver_sql(
            "UPDATE intake_batch SET state = ?, ended_at = ?, last_id = ?, note = ifnull(?, note) WHERE id = ?",
            (ends_as, now_ms(), last, note, batch),
        )
        tx.audit("undo" if ends_as == "undone" else "import", f"intake_batch/{batch.hex()}", state=ends_as, rows=moved)
    return moved


def link_reason(batch: bytes) -> str:
    """What a link made by a batch gives as its reason; by it the batch's own links are known."""
    return f"import {batch.hex()}"


def share_reason(batch: bytes) -> str:
    """What a link gives as its reason by which a batch books that a sign is given by more than one person."""
    return f"shared, {link_reason(batch)}"


def _repeat(store: Store, actor: str, step: Callable[[Transaction], int]) -> int:
    moved = 0
    while True:
        with store.write(actor, "taking back an import") as tx:
            count = step(tx)
        if not count:
            return moved
        moved += count


def _run(tx: Transaction, sql: str, *values: Any) -> int:
    return int(driver(tx.connection).execute(sql, values).rowcount)


def _begin(tx: Transaction) -> None:
    _run(tx, "CREATE TEMP TABLE IF NOT EXISTS gone (id BLOB PRIMARY KEY, person_id BLOB) WITHOUT ROWID")
    _run(tx, "DELETE FROM temp.gone")


def _remove_facts(tx: Transaction, table: str, batch: bytes, span: tuple[bytes, bytes]) -> int:
    _begin(tx)
    count = _run(
        tx,
        f"INSERT INTO gone (id) SELECT id FROM {table} WHERE id BETWEEN ? AND ? AND batch_id = ? LIMIT ?",
        *span, batch, STEP,
    )  # fmt: skip
    if table == "sale":
        _run(tx, "DELETE FROM sale_line WHERE sale_id IN (SELECT id FROM gone)")
    _run(tx, f"DELETE FROM {table} WHERE id IN (SELECT id FROM gone)")
    return count


def _remove_shares(tx: Transaction, batch: bytes, span: tuple[bytes, bytes]) -> int:
    """Links that say no more than that someone else gave the sign too: nothing rests on them."""
    return _run(
        tx,
        "DELETE FROM identity_link WHERE id IN (SELECT id FROM identity_link WHERE id BETWEEN ? AND ? AND reason = ? "
        "LIMIT ?)",
        *span, share_reason(batch), STEP,
    )  # fmt: skip


def _remove_identifiers(tx: Transaction, batch: bytes, span: tuple[bytes, bytes]) -> int:
    _begin(tx)
    count = _run(tx, _FREE_IDENTIFIERS, *span, batch, link_reason(batch), STEP)
    for table, column in (
        ("person_attr", "identifier_id"),
        ("identifier_owner", "identifier_id"),
        ("identity_link", "identifier_id"),
        ("identifier", "id"),
    ):
        _run(tx, f"DELETE FROM {table} WHERE {column} IN (SELECT id FROM gone)")
    _run(tx, _LONELY_PERSONS, *span)
    tx.touch("identifier_owner")
    return count


def restore(tx: Transaction, batch: bytes) -> int:
    """Put back the images of changed rows, newest first, and remove rows that the batch made and nobody uses."""
    raw = driver(tx.connection)
    kept = raw.execute(
        "SELECT tbl, pk, row FROM intake_before WHERE batch_id = ? ORDER BY id DESC", (batch,)
    ).fetchall()
    moved = 0
    for table, pk, row in kept:
        moved += _remove_made(tx, table, pk) if row is None else _put_back(tx, table, pk, json.loads(row))
    raw.execute("DELETE FROM intake_before WHERE batch_id = ?", (batch,))
    return moved


def _put_back(tx: Transaction, table: str, pk: bytes, image: dict[str, Any]) -> int:
    values = {n: bytes.fromhex(v["hex"]) if isinstance(v, dict) else v for n, v in image.items()}
    sets = ", ".join(f'"{name}" = ?' for name in values)
    column, key = primary_key(table, pk)
    return _run(tx, f'UPDATE "{table}" SET {sets} WHERE {column} = ?', *values.values(), key)


def _remove_made(tx: Transaction, table: str, pk: bytes) -> int:
    column, key = primary_key(table, pk)
    free = "".join(
        f' AND NOT EXISTS (SELECT 1 FROM "{other}" AS o WHERE o.{theirs} = "{table}".{ours})'
        for other, theirs, ours in RESTS[table]
    )
    return _run(tx, f'DELETE FROM "{table}" WHERE {column} = ?{free}', key)


def primary_key(table: str, pk: bytes) -> tuple[str, bytes | str]:
    """The column and value of a kept key; a text key is kept as its UTF-8 bytes."""
    column = next(iter(TABLES[table].primary_key.columns)).name
    return column, pk if column == "id" else pk.decode()


def refuse_if_changed_since(connection: Connection, batch: bytes, ended_at: int) -> None:
    """Raise Known where a row that the batch changed has been changed again, by an import or by a person."""
    raw = driver(connection)
    changed = raw.execute(
        "SELECT tbl, pk FROM intake_before WHERE batch_id = ? AND row IS NOT NULL", (batch,)
    ).fetchall()
    if not changed:
        return
    later = raw.execute(
        "SELECT b.file FROM intake_before mine JOIN intake_before other ON other.tbl = mine.tbl AND other.pk = mine.pk "
        "AND other.id > mine.id AND other.batch_id <> mine.batch_id JOIN intake_batch b ON b.id = other.batch_id "
        "WHERE mine.batch_id = ? AND mine.row IS NOT NULL LIMIT 1",
        (batch,),
    ).fetchone()
    if later:
        raise Known(f"A later import ({later[0]}) changed rows of this one.", "Take that one back first.")
    both = set(changed) & _changed_since(connection, {table for table, _ in changed}, ended_at)
    if both:
        raise Known(
            f"{len(both)} rows that this import changed were changed again since; taking it back would lose that.",
            "Correct these rows by hand, or import a corrected file.",
        )


def _changed_since(connection: Connection, tables: set[str], at: int) -> set[tuple[str, bytes]]:
    """Keys of rows whose last logged image is another than the one they had at a moment."""
    marks = ", ".join("?" * len(tables))
    last = (
        "SELECT tbl, CAST(pk AS BLOB), row FROM change_log WHERE seq IN (SELECT max(seq) FROM change_log "
        f"WHERE tbl IN ({marks}) AND at <= ? GROUP BY tbl, pk)"
    )
    raw = driver(connection)
    then = {(table, pk): row for table, pk, row in raw.execute(last, (*tables, at))}
    now = {(table, pk): row for table, pk, row in raw.execute(last, (*tables, now_ms()))}
    return {key for key, row in now.items() if then.get(key) != row}
