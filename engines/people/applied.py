"""Golden records of people about whom another node sent something: they follow what sync applied."""

from __future__ import annotations

import json
from collections.abc import Sequence

from engines.people.survivorship import rebuild_in, rebuild_profiles
from models.connection import Connection
from models.store import Store

MARK = "golden_applied"
CHUNK = 500

_NEWEST = """
SELECT ifnull(max(seq), 0) FROM change_log WHERE seq > ? AND channel = 'applied'
  AND tbl IN ('attr_rule', 'identity_link', 'merge_op', 'person', 'person_attr')
"""
#: People of the rows of the log from ?1 on; whose a sign was before counts too, since they lose it.
_PEOPLE = """
WITH moved AS (
  SELECT DISTINCT tbl, pk FROM change_log WHERE seq > ?1 AND seq <= ?2 AND channel = 'applied' AND op <> 'D'),
signs AS (
  SELECT a.identifier_id AS id FROM moved m JOIN person_attr a ON a.id = m.pk WHERE m.tbl = 'person_attr'
  UNION SELECT l.identifier_id FROM moved m JOIN identity_link l ON l.id = m.pk WHERE m.tbl = 'identity_link')
SELECT pk FROM moved WHERE tbl = 'person'
UNION SELECT l.person_id FROM signs s JOIN identity_link l ON l.identifier_id = s.id
UNION SELECT o.person_id FROM signs s JOIN identifier_owner o ON o.identifier_id = s.id
"""
_MERGED = """
SELECT o.survivor, o.absorbed, g.into_id FROM change_log c JOIN merge_op o ON o.id = c.pk
LEFT JOIN merged_person g ON g.person_id = o.absorbed
WHERE c.seq > ? AND c.seq <= ? AND c.channel = 'applied' AND c.tbl = 'merge_op' AND c.op <> 'D'
"""
_WIDE = """
SELECT 1 FROM change_log WHERE seq > ? AND seq <= ? AND channel = 'applied'
  AND (tbl = 'attr_rule' OR (tbl IN ('person_attr', 'merge_op') AND op = 'D')) LIMIT 1
"""


def are_behind(store: Store) -> bool:
    """Whether another node's rows have come on which golden records rest."""
    with store.read() as connection:
        mark = _mark(connection)
        return int(connection.exec_driver_sql(_NEWEST, (mark,)).scalar_one()) > mark


def follow_applied(store: Store) -> int:
    """Make anew the golden records of the people concerned (everyone's after a rule or a removal); how many people."""
    with store.read() as connection:
        mark = _mark(connection)
        newest = int(connection.exec_driver_sql(_NEWEST, (mark,)).scalar_one())
        wide = connection.exec_driver_sql(_WIDE, (mark, newest)).scalar() is not None
        people = [] if wide else _people(connection, mark, newest)
    done = rebuild_profiles(store) if wide else len(people)
    for at in range(0, len(people), CHUNK):
        with store.write("system", "golden records that another node moved") as tx:
            rebuild_in(tx, people[at : at + CHUNK])
    with store.write("system", "noting golden records") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (MARK, json.dumps(max(mark, newest))),
        )
    return done


def _people(connection: Connection, mark: int, newest: int) -> Sequence[bytes]:
    found = {bytes(p) for p in connection.exec_driver_sql(_PEOPLE, (mark, newest)).scalars()}
    for row in connection.exec_driver_sql(_MERGED, (mark, newest)):
        found |= {bytes(p) for p in row if p is not None}
    return sorted(found)


def _mark(connection: Connection) -> int:
    told = connection.exec_driver_sql("SELECT value FROM meta WHERE name = ?", (MARK,)).scalar()
    return int(told) if told else 0
