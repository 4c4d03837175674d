"""Where a person is in the store: found from the declared tables, so that a new table is reached by being declared.

A table is reached by a column that holds a person's id, an identifier's, a member's or an identifier's digest: by its
foreign key, or by the name that such a column bears. Facts that hang on a reached row (the lines of a receipt) are
reached through it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sqlalchemy import LargeBinary, Table

from models.tables import TABLES, table_class

PERSON = frozenset(
    {"person_id", "person_a", "person_b", "survivor", "absorbed", "home", "into_id", "referrer_id", "root_id",
     "largest_root", "subject_id"}
)  # fmt: skip
#: Columns whose name says a person in one table and something else in another.
PERSON_IN = frozenset({("network_company", "other_id")})
IDENTIFIER = frozenset({"identifier_id", "sign_id"})
MEMBER = frozenset({"member_id"})
DIGEST = frozenset({"value_hmac"})


@dataclass(frozen=True)
class Reach:
    """The columns of one table by what they hold; `parent` is the table whose rows bring its rows with them."""

    table: Table
    person: tuple[str, ...] = ()
    identifier: tuple[str, ...] = ()
    member: tuple[str, ...] = ()
    digest: tuple[str, ...] = ()
    parent: str | None = None

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    @property
    def derived(self) -> bool:
        """Whether its rows are worked out from others and can be worked out again."""
        return table_class(self.table) == "D"

    @property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """The columns by kind of id: person, identifier, member, digest."""
        return {
            "person": self.person, "identifier": self.identifier, "member": self.member, "digest": self.digest,
        }  # fmt: skip


@cache
def reached() -> tuple[Reach, ...]:
    """Every table that can hold a row about a person, in the order of their names."""
    found = [_reach(table) for _, table in sorted(TABLES.items())]
    return tuple(reach for reach in found if reach is not None)


def _reach(table: Table) -> Reach | None:
    blobs = [c for c in table.columns if isinstance(c.type, LargeBinary)]
    targets = {c.name: {f.column.table.name for f in c.foreign_keys} for c in blobs}
    own = {"person": "person", "identifier": "identifier", "member": "member"}.get(table.name)

    def holding(what: str, names: frozenset[str]) -> tuple[str, ...]:
        return tuple(
            c.name for c in blobs
            if what in targets[c.name] or c.name in names or (what == "person" and (table.name, c.name) in PERSON_IN)
            or (own == what and c.name == "id")
        )  # fmt: skip

    parent = table.info.get("parent")
    reach = Reach(
        table, holding("person", PERSON), holding("identifier", IDENTIFIER), holding("member", MEMBER),
        holding("digest", DIGEST), str(parent) if parent else None,
    )  # fmt: skip
    return reach if any(reach.columns.values()) or parent else None
