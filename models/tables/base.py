"""What every table shares: column types that SQLite's STRICT tables and PostgreSQL both take, and its class.

The class of a table (mall-practice 5.2) decides how its changes are captured:
F append-only fact, L ledger: the log holds the key, the row itself is the image.
E event-sourced state, R reference record: the log holds the full after-image.
D derived: rebuildable, never logged.
T detail of this machine: never logged, removed when it is old.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import REAL, LargeBinary, MetaData, Table, Text
from sqlalchemy import Integer as IntegerType
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(DeclarativeBase):
    """The declarative root: one metadata for every table of a site's store."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: IntegerType(),
        str: Text(),
        bytes: LargeBinary(),
        float: REAL(),
    }


def kind(
    letter: str,
    *constraints: Any,
    channel: str = "core",
    rowid: bool = True,
    counted: bool = False,
    **info: Any,
) -> Any:
    """`__table_args__` of a table: its class (F, L, E, R, D, T or S for system), constraints and sync channel.

    `rowid=False` clusters the table by its primary key; `counted` makes an integer key that is never
    used twice. Further facts about the table (`month`, `personal`, `parent`, `append_only`) go into `Table.info`:
    `shared` names the column by which several engines share a table of results, each replacing only its own rows;
    `history=True` marks one to which engines only add, a row whose key is there already being left as it is.
    """
    options: dict[str, Any] = {"sqlite_strict": True, "info": {"class": letter, "channel": channel, **info}}
    if not rowid:
        options["sqlite_with_rowid"] = False
    if counted:
        options["sqlite_autoincrement"] = True
    return (*constraints, options)


def table_class(table: Table) -> str:
    """The table's class letter: F, L, E, R, D, T, or S for the store's own system tables."""
    return str(table.info["class"])
