# ruff: noqa: S608 - the statement comes from the compiler; every value is a parameter
"""The size of a rule that is being written: how many people, of how many, and some of them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Any

from engines.contract import moment_of
from engines.segments.buckets import teach_buckets
from engines.segments.compiler import compile_rule
from engines.segments.rule import Rule
from models.connection import DatabaseError
from models.errors import Cancelled
from models.store import Store, driver
from models.times import now_ms

SAMPLE = 12


@dataclass(frozen=True)
class Size:
    """People that a rule is true of, all people, and the ids of a few of the former, the same few each time."""

    people: int
    everyone: int
    sample: tuple[bytes, ...]

    @property
    def share(self) -> float:
        """The rule's people of all, 0 where there is nobody."""
        return self.people / self.everyone if self.everyone else 0.0


class Sizing:
    """One question for the size of a valid rule; another thread may give it up."""

    def __init__(self, store: Store, rule: Rule, at_ms: int | None = None) -> None:
        self.rule = rule
        self._store = store
        self._at = at_ms
        self._guard = threading.Lock()
        self._raw: Any = None
        self._given_up = False

    def ask(self) -> Size:
        """The size. Raises Cancelled when it was given up."""
        compiled = compile_rule(self.rule)
        moment = moment_of(self._store.site, now_ms() if self._at is None else self._at)
        statement = (
            f"WITH found AS MATERIALIZED ({compiled.everyone}) "
            "SELECT (SELECT count(*) FROM person WHERE state = 'active'), (SELECT count(*) FROM found), person_id "
            "FROM (SELECT 1) LEFT JOIN (SELECT person_id FROM found ORDER BY person_id LIMIT :sample) ON 1"
        )
        with self._store.read() as connection:
            teach_buckets(connection)
            self._begin(driver(connection))
            try:
                parameters = {**compiled.parameters(moment), "sample": SAMPLE}
                rows = connection.exec_driver_sql(statement, parameters).fetchall()
            except DatabaseError as error:
                if self._given_up:
                    raise Cancelled("another rule is being sized") from error
                raise
            finally:
                self._end()
        size = Size(int(rows[0][1]), int(rows[0][0]), ())
        return replace(size, sample=tuple(bytes(person) for *_, person in rows if person is not None))

    def give_up(self) -> None:
        """End the statement if it runs; one that has not begun does not begin."""
        with self._guard:
            self._given_up = True
            if self._raw is not None:
                self._raw.interrupt()

    def _begin(self, raw: Any) -> None:
        with self._guard:
            if self._given_up:
                raise Cancelled("another rule is being sized")
            self._raw = raw

    def _end(self) -> None:
        with self._guard:
            self._raw = None
