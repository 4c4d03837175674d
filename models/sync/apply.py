"""Applying a page of the hub's changes to the store, inside one write transaction.

What the hub has stands, except where this node changed the same column later and the hub does not know yet. Rows are
put after those they refer to and removed before them; what still cannot stand is held. The triggers log all of it,
for the mart and the desktop follow the log; at the end these rows of the log go to the channel `applied`.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from models.changes import parents_first
from models.connection import IntegrityError
from models.hub.schema import Relation, relations
from models.store import Transaction
from models.sync import conflicts, derived, held, twins
from models.sync.central import note_central
from models.sync.conflicts import Side
from models.sync.page import Gone, Incoming, Page, TablePage
from models.sync.pending import APPLIED, Pending, clock_of
from models.sync.rows import (
    Key,
    change_row,
    find,
    insert_sql,
    last_seq,
    parents_of,
    present,
    whole_row,
)
from models.sync.sealing import Sealer
from models.tables import TABLES

#: (table, id) to what the hub says of an id that has no row there: dead, none, or the id that stands.
Fates = dict[tuple[str, bytes], str]


class NeedRows(Exception):
    """Rows of the store stand in the way of the page's: what the hub knows of them decides. Nothing was applied."""

    def __init__(self, table: str, ids: Sequence[bytes]) -> None:
        super().__init__(f"{len(ids)} rows of {table}")
        self.table, self.ids = table, ids


class NeedUnion(Exception):
    """Two rows that stand at the hub have one natural key: it has to unite them. Nothing was applied."""

    def __init__(self, table: str, one: bytes, other: bytes) -> None:
        super().__init__(f"two rows of {table}")
        self.table, self.one, self.other = table, one, other


@dataclass
class Applied:
    """What came of a page: rows put, changed or removed; `held` are (table, pk, why)."""

    rows: int = 0
    held: list[tuple[str, str, str]] = field(default_factory=list)


class Applier:
    """Applies one page. `after` is the newest transaction that this node had taken before; `me` its node's id."""

    def __init__(
        self, tx: Transaction, page: Page, *, pending: Pending, fates: Fates, sealer: Sealer, after: int, me: str
    ) -> None:
        self.tx, self.page, self.pending, self.fates, self.sealer = tx, page, pending, fates, sealer
        self.after, self.me = after, me
        self.connection = tx.connection
        self.first = last_seq(tx.connection)
        self.done = Applied(held=[(table, pk, why) for table, pk, why in page.broken])
        self._sent: twins.Ranges = []
        self._freed: dict[tuple[str, Key], dict[str, Any]] = {}
        self._rows = {name: {row.key: row for row in part.rows} for name, part in page.tables.items()}
        self._signs: set[bytes] = set()

    def run(self) -> Applied:
        """Apply everything. Raises NeedRows before the page is through; the caller rolls back."""
        places = parents_first()
        tables = sorted(self.page.tables.values(), key=lambda table: places[table.relation.name])
        self._take_aliases()
        left = [(table, gone) for table in reversed(tables) for gone in self._remove(table.relation, table.gone)]
        for table in tables:
            self._put(table)
        for table, gone in reversed(left):
            if self._remove(table.relation, [gone]):
                self.done.held.append((table.relation.name, gone.pk, held.REFERRED))
        for told in self.page.conflicts:
            conflicts.keep_told(self.connection, told)
        note_central(self.connection, self.page.central)
        derived.follow(self.tx, self._signs, merges="merge_op" in self.page.tables)
        if self.page.conflicts:
            self.tx.touch("sync_conflict")
        self._sort_log()
        return self.done

    def _take_aliases(self) -> None:
        for table, id_, canonical in self.page.aliases:
            relation = relations()[table]
            self.pending.rename(self.connection, table, id_, canonical, all_lost=False)
            missing = not find(self.connection, table, ("id",), [(canonical,)], ("id",))
            self._give_up(relation, id_, canonical, told=True)
            if missing and not self._in_page(table, (canonical,)):
                self.done.held.append((table, _dashed(canonical), held.MISSING))
            self.done.rows += 1

    def _give_up(self, relation: Relation, id_: bytes, canonical: bytes, *, told: bool) -> None:
        self._sent += twins.give_up(self.tx, relation, id_, canonical, told=told)
        if relation.name == "identifier":
            self._signs |= {id_, canonical}

    def _remove(self, relation: Relation, gone: Sequence[Gone]) -> list[Gone]:
        """Delete rows; those that others still refer to are given back."""
        if TABLES[relation.name].info.get("append_only"):
            return []
        here = present(self.connection, relation, [g.key for g in gone if g.hlc is not None])
        left = []
        for item in gone:
            row = here.get(item.key)
            if row is None or item.hlc is None:
                continue
            waits = self.pending.newest(relation.name, item.key)
            if waits and clock_of(waits) >= item.hlc:
                continue  # it was changed later here: sending that brings it back everywhere
            if not twins.try_delete(self.connection, relation, item.key):
                left.append(item)
                continue
            self.pending.give_way(self.connection, relation.name, item.key)
            self.done.rows += 1
            if relation.name == "identity_link":
                self._signs.add(row["identifier_id"])
        return left

    def _put(self, table: TablePage) -> None:
        """Put and change the rows of a table. The way is cleared only where one stands in it, which is rare."""
        relation = table.relation
        rows = self._with_parents(relation, table.rows)
        here = present(self.connection, relation, [row.key for row in rows])
        rows = [row for row in rows if row.key in here or not self._stays_deleted(relation, row)]
        fresh = [row for row in rows if row.key not in here]
        moved = any(self._moves(relation, row, here[row.key]) for row in rows if row.key in here)
        at_once = not moved and self._insert_at_once(relation, fresh)
        if not at_once and relation.naturals:
            self._clear_way(table, rows)
            here = present(self.connection, relation, [row.key for row in rows])
            fresh = [row for row in rows if row.key not in here]
        for row in rows:
            if row.key in here:
                self._merge(relation, row, here[row.key])
        if not at_once:
            self._insert_each(relation, fresh)
        if relation.name == "identity_link":
            self._signs |= {row.values["identifier_id"] for row in rows}

    def _with_parents(self, relation: Relation, rows: list[Incoming]) -> list[Incoming]:
        """The rows whose references stand in the store; the others are held."""
        lacking: set[int] = set()
        for column, parent in parents_of(relation.name):
            wanted = {row.values.get(column) for row in rows} - {None}
            there = {row[0] for row in find(self.connection, parent, ("id",), [(w,) for w in wanted], ("id",))}
            for n, row in enumerate(rows):
                value = row.values.get(column)
                if value is None or value in there:
                    continue
                standing = twins.alias_of(self.connection, parent, value)
                if standing is not None:
                    row.values[column] = standing
                else:
                    lacking.add(n)
        self.done.held += [(relation.name, rows[n].pk, held.MISSING) for n in sorted(lacking)]
        return [row for n, row in enumerate(rows) if n not in lacking]

    def _clear_way(self, table: TablePage, rows: list[Incoming]) -> None:
        """Make room for rows whose natural key another row of the store has."""
        name, needed = table.relation.name, list[bytes]()
        for row, other in twins.in_the_way(self.connection, table.relation, rows):
            fate = self.fates.get((name, other))
            if self._in_page(name, (other,)):
                if twins.alike(table.relation, row, self._rows[name][other,]):
                    raise NeedUnion(name, row.key[0], other)
                self._freed[name, (other,)] = present(self.connection, table.relation, [(other,)])[other,]
                twins.free(self.connection, table.relation, other)
            elif fate is None and not any(gone.key == (other,) for gone in table.gone):
                needed.append(other)
            else:
                self._unite(table.relation, row, other, told=fate not in (None, "none", "dead"))
        if needed:
            raise NeedRows(name, needed)

    def _unite(self, relation: Relation, row: Incoming, other: bytes, *, told: bool) -> None:
        """This node's row is the twin of one at the hub, whose values stand."""
        mine = present(self.connection, relation, [(other,)]).get((other,))
        if mine is None:
            return
        waits = self.pending.newest(relation.name, (other,))
        if relation.record and not told:
            lost = clock_of(waits) if waits else 0
            for column, value in row.values.items():
                if column != "id" and value != mine[column]:
                    hlc, node, _ = row.clock(column)
                    self._note(relation, row, column, Side(value, node, hlc), Side(mine[column], self.me, lost))
        self.pending.rename(self.connection, relation.name, other, row.key[0], all_lost=not told)
        self._give_up(relation, other, row.key[0], told=told)

    def _stays_deleted(self, relation: Relation, row: Incoming) -> bool:
        """Whether this node deleted the row after its newest change; else the deletion gives way."""
        waits = self.pending.newest(relation.name, row.key)
        if waits is None or waits.op != "D":
            return False
        if (clock_of(waits), self.me) > (row.newest(), row.node):
            return True
        self.pending.give_way(self.connection, relation.name, row.key)
        if row.node != self.me:
            self._note(relation, row, "", Side(row.pk, row.node, row.newest()), Side(None, self.me, clock_of(waits)))
        return False

    def _merge(self, relation: Relation, row: Incoming, mine: dict[str, Any]) -> None:
        """Bring a row that is here to what the hub has."""
        if TABLES[relation.name].info.get("append_only"):
            return
        full = dict(zip(relation.columns, whole_row(relation, row.values), strict=True))
        changes = {
            name: full[name]
            for name in row.values
            if name not in relation.key and full[name] != mine[name] and self._yields(relation, row, name, mine[name])
        }
        if changes:
            try:
                self.connection.exec_driver_sql("SAVEPOINT merging")
                change_row(self.connection, relation, row.key, changes)
                self.done.rows += 1
            except IntegrityError as error:
                self.connection.exec_driver_sql("ROLLBACK TO merging")
                self.done.held.append((relation.name, row.pk, str(error)))
            finally:
                self.connection.exec_driver_sql("RELEASE merging")

    def _yields(self, relation: Relation, row: Incoming, column: str, mine: Any) -> bool:
        """Whether this node's value gives way to the hub's."""
        waits = self.pending.newest(relation.name, row.key, column)
        if waits is None:
            return True
        hlc, node, xid = row.clock(column) if relation.record else (row.hlc, row.node, self.after + 1)
        theirs, own = Side(row.values[column], node, hlc), Side(mine, self.me, clock_of(waits))
        freed = self._freed.get((relation.name, row.key))
        if freed and self._natural(relation, column):
            own = Side(freed[column], self.me, 0)
        elif xid <= self.after:
            return False  # it was known here when the change was made
        wins = (theirs.hlc, theirs.node) > (own.hlc, own.node)
        if wins:
            self.pending.give_way(self.connection, relation.name, row.key, column if relation.record else None)
        if relation.record and node != self.me:
            self._note(relation, row, column, *((theirs, own) if wins else (own, theirs)))
        return wins

    def _insert_at_once(self, relation: Relation, rows: list[Incoming]) -> bool:
        """Put new rows, in the order of their keys; False, with none of them put, where one cannot stand."""
        rows.sort(key=lambda row: row.pk)
        self.connection.exec_driver_sql("SAVEPOINT insertion")
        try:
            self.connection.raw.executemany(insert_sql(relation), [whole_row(relation, row.values) for row in rows])
            self.done.rows += len(rows)
        except IntegrityError:
            self.connection.exec_driver_sql("ROLLBACK TO insertion")
            return False
        finally:
            self.connection.exec_driver_sql("RELEASE insertion")
        return True

    def _insert_each(self, relation: Relation, rows: list[Incoming]) -> None:
        """Put new rows one by one; what cannot stand is held."""
        for row in rows:
            try:
                self.connection.exec_driver_sql(insert_sql(relation), whole_row(relation, row.values))
                self.done.rows += 1
            except IntegrityError as error:
                self.done.held.append((relation.name, row.pk, str(error)))

    def _note(self, relation: Relation, row: Incoming, column: str, kept: Side, lost: Side) -> None:
        conflicts.keep_own(self.connection, self.sealer, row, table=relation.name, field=column, kept=kept, lost=lost)
        self.tx.touch("sync_conflict")

    def _sort_log(self) -> None:
        """What was logged here is not sent, except what the hub cannot know."""
        at = self.first
        for first, last in [*sorted(self._sent), (last_seq(self.connection),) * 2]:
            self.connection.exec_driver_sql(
                "UPDATE change_log SET channel = ? WHERE seq > ? AND seq <= ?", (APPLIED, at, first)
            )
            at = last

    def _in_page(self, table: str, key: Key) -> bool:
        return key in self._rows.get(table, ())

    def _moves(self, relation: Relation, row: Incoming, mine: dict[str, Any]) -> bool:
        """Whether the row takes another natural key than it has here."""
        return any(
            row.values.get(name) != mine[name] for names, _ in relation.naturals for name in names if name in row.values
        )

    def _natural(self, relation: Relation, column: str) -> bool:
        return any(column in names for names, _ in relation.naturals)


def _dashed(id_: bytes) -> str:
    return str(uuid.UUID(bytes=id_))
