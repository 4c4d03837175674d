"""Derived tables that follow logged ones at once, and so must when the logged ones come from another node.

What engines work out anew each night needs nothing here: they see the applied rows in the change log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from models.connection import Connection
from models.store import Transaction
from models.sync.rows import chunks


def follow(tx: Transaction, identifiers: Iterable[bytes], *, merges: bool) -> None:
    """Set anew whose these signs are; with `merges`, who stands for whom too, and whose everyone's signs are."""
    connection = tx.connection
    if merges:
        moved = _rebuild_roots(tx)
        for part in chunks(sorted(moved)):
            marks = ", ".join("?" * len(part))
            found = connection.exec_driver_sql(
                f"SELECT DISTINCT identifier_id FROM identity_link WHERE person_id IN ({marks})",  # noqa: S608
                part,
            )
            identifiers = {*identifiers, *map(bytes, found.scalars())}
    wanted = sorted(set(identifiers))
    if not wanted:
        return
    roots = {bytes(p): bytes(r) for p, r in connection.exec_driver_sql("SELECT person_id, into_id FROM merged_person")}
    for part in chunks(wanted):
        _own(connection, part, roots)
    tx.touch("identifier_owner")


def roots_of(edges: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """Who stands for each person of a forest of {absorbed: survivor}.

    Two nodes may have merged two people each into the other, or one person into two: in a ring the lowest id stands.
    """
    found: dict[bytes, bytes] = {}
    for person in edges:
        path = [person]
        while path[-1] in edges and edges[path[-1]] not in path:
            path.append(edges[path[-1]])
        last = path[-1]
        if last in edges:  # a ring: from where it closes to the end
            last = min(path[path.index(edges[last]) :])
        if person != last:
            found[person] = last
    return found


def _rebuild_roots(tx: Transaction) -> set[bytes]:
    """Write `merged_person` as the merges say; the people for whom it changed."""
    connection = tx.connection
    edges: dict[bytes, bytes] = {}
    for absorbed, survivor in connection.exec_driver_sql(
        "SELECT absorbed, survivor FROM merge_op WHERE undone_at IS NULL ORDER BY at, id"
    ):
        edges.setdefault(bytes(absorbed), bytes(survivor))
    now = roots_of(edges)
    before = {bytes(p): bytes(r) for p, r in connection.exec_driver_sql("SELECT person_id, into_id FROM merged_person")}
    moved = {p for p in now.keys() | before.keys() if now.get(p) != before.get(p)}
    tx.execute_many("DELETE FROM merged_person WHERE person_id = ?", [(p,) for p in moved if p not in now])
    tx.execute_many(
        "INSERT OR REPLACE INTO merged_person (person_id, into_id) VALUES (?, ?)",
        [(p, now[p]) for p in sorted(moved) if p in now],
    )
    if moved:
        tx.touch("merged_person")
    return moved


def _own(connection: Connection, identifiers: list[bytes], roots: Mapping[bytes, bytes]) -> None:
    marks = ", ".join("?" * len(identifiers))
    # A bare column beside max() is that of the row with the maximum: the newest link.
    newest = connection.exec_driver_sql(
        "SELECT identifier_id, person_id, max(printf('%020d', at) || hex(id)) FROM identity_link "  # noqa: S608
        f"WHERE identifier_id IN ({marks}) GROUP BY identifier_id",
        identifiers,
    ).fetchall()
    owners = {bytes(i): roots.get(bytes(p), bytes(p)) for i, p, _ in newest}
    connection.raw.executemany(
        "INSERT INTO identifier_owner (identifier_id, person_id) VALUES (?, ?) "
        "ON CONFLICT DO UPDATE SET person_id = excluded.person_id WHERE person_id <> excluded.person_id",
        list(owners.items()),
    )
    connection.raw.executemany(
        "DELETE FROM identifier_owner WHERE identifier_id = ?", [(i,) for i in identifiers if i not in owners]
    )
