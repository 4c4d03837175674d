# ruff: noqa: S608 - names come from the declared tables
"""Whether a node and the hub ended the same: every logged table byte for byte, and how often each change was done.

A row is the text by which anti-entropy compares, with the sealed columns as the node seals them. A ledger that
triggers keep at the hub, in the transaction of each change, counts the effects: a receipt that was taken twice, or
taken, deleted and taken again, shows there though the table looks right.
"""

from __future__ import annotations

import hashlib
import struct
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from models.hub.schema import Relation, relations
from models.store import Store
from models.sync.entropy import hashed_columns, row_text
from models.sync.outbox import logged_key
from models.sync.page import pk_text
from models.sync.sealing import Sealer, row_key
from tests.hub import Hub


@dataclass
class Ends:
    """What was compared, and what differs: rows that only one end has, effects beyond what the node's log says."""

    tables: int = 0
    rows: int = 0
    lost: int = 0
    strange: int = 0
    duplicated: int = 0
    sha_here: str = ""
    sha_hub: str = ""
    differing: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Both dumps are the same bytes and nothing was done twice."""
        return self.sha_here == self.sha_hub and not self.duplicated


def watch_effects(hub: Hub) -> None:
    """Have the hub count what is done to each row of each logged table."""
    with hub.connection() as connection:
        connection.execute(_LEDGER)
        for relation in relations().values():
            keys = ", ".join(f"'{name}'" for name in relation.key)
            connection.execute(
                f'CREATE TRIGGER drill_effect AFTER INSERT OR UPDATE OR DELETE ON atrium."{relation.name}" '
                f"FOR EACH ROW EXECUTE FUNCTION drill.note('{relation.name}', {keys})"
            )


_LEDGER = """
CREATE SCHEMA drill;
CREATE TABLE drill.effect (tbl text, op text, pk text);
CREATE FUNCTION drill.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE r jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
BEGIN
    INSERT INTO drill.effect SELECT TG_ARGV[0], left(TG_OP, 1), string_agg(r ->> k, chr(31) ORDER BY n)
    FROM unnest(TG_ARGV[1:]) WITH ORDINALITY AS u(k, n);
    RETURN NULL;
END $$;
"""


def compare_ends(hub: Hub, store: Store) -> Ends:
    """Compare every logged table at both ends, and the ledger with the node's log."""
    ends, here, there = Ends(), hashlib.sha256(), hashlib.sha256()
    raw = store.take_connection()
    try:
        sealer = Sealer(store.key)
        _prepare(raw, sealer)
        for relation in relations().values():
            mine, its = _rows_here(raw, relation), _rows_there(hub, relation, store.site.id)
            here.update("\n".join((relation.name, *mine, "")).encode("utf-8", "surrogatepass"))
            there.update("\n".join((relation.name, *its, "")).encode("utf-8", "surrogatepass"))
            ends.tables, ends.rows = ends.tables + 1, ends.rows + len(mine)
            if mine != its:
                ends.differing.append(relation.name)
                ends.lost += (Counter(mine) - Counter(its)).total()
                ends.strange += (Counter(its) - Counter(mine)).total()
        ends.beyond = _beyond_the_log(hub, raw, sealer)
        ends.duplicated = len(ends.beyond)
    finally:
        raw.close()
    ends.sha_here, ends.sha_hub = here.hexdigest(), there.hexdigest()
    return ends


def _prepare(raw: Any, sealer: Sealer) -> None:
    def seal(table: str, column: str, row: str, value: Any) -> Any:
        return sealer.seal(table, column, row, value)

    raw.create_function("seal", 4, seal)
    raw.create_function("ieee", 1, lambda v: None if v is None else struct.pack(">d", v).hex())
    raw.create_function("row_key", -1, lambda *values: row_key(values))


def _rows_here(raw: Any, relation: Relation) -> list[str]:
    keys = ", ".join(f't."{name}"' for name in relation.key)
    sealed = "".join(
        f" || char(31) || ifnull(seal('{relation.name}', '{name}', row_key({keys}), t.\"{name}\"), char(30))"
        for name in _sealed_alone(relation)
    )
    text = row_text(relation, hashed_columns(relation))
    return sorted(row[0] for row in raw.execute(f'SELECT {text}{sealed} FROM "{relation.name}" t'))


def _rows_there(hub: Hub, relation: Relation, site: bytes | str) -> list[str]:
    text = hub.one("SELECT hub.row_text(r, %s) FROM hub.relation r WHERE r.name = %s", hashed_columns(relation),
                   relation.name)  # fmt: skip
    sealed = "".join(f' || chr(31) || coalesce(t."{name}"::text, chr(30))' for name in _sealed_alone(relation))
    return sorted(row[0] for row in hub.rows(f'SELECT {text}{sealed} FROM atrium."{relation.name}" t'))


def _sealed_alone(relation: Relation) -> list[str]:
    """Sealed text columns that anti-entropy leaves out, since they are sealed for their row."""
    left = set(relation.sealed) - set(hashed_columns(relation))
    return [name for name in relation.columns if name in left and relation.columns[name] == "text"]


def _beyond_the_log(hub: Hub, raw: Any, sealer: Sealer) -> list[str]:
    """Effects at the hub for which the node's log has no row; a bulk load's row has the one of its load."""
    said: Counter[tuple[str, str, str]] = Counter()
    for table, op, pk, part in raw.execute("SELECT tbl, op, pk, part FROM change_log WHERE op <> 'B'"):
        if table in relations():
            said[table, op, pk_text(relations()[table], logged_key(relations()[table], pk, part), sealer)] += 1
    beyond = list[str]()
    for table, op, pk, n in hub.rows("SELECT tbl, op, pk, count(*) FROM drill.effect GROUP BY 1, 2, 3"):
        allowed = said[table, op, pk]
        if op == "I":
            allowed = max(1, allowed)
        elif op == "U" and said[table, "D", pk]:
            allowed += said[table, "I", pk]  # deleted and made again within one batch: the hub changes the row
        if n > allowed:
            beyond += [f"{table} {op} {pk}: {n} times, {allowed} by the log"] * (n - allowed)
    return beyond
