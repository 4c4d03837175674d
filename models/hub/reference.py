"""Reference data that the chain's office sets: read from a file, given to every site, read only there."""

from __future__ import annotations

import csv
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import Known
from models.hub.provision import administering
from models.hub.schema import Relation, relations
from models.ids import new_id
from models.sync.rows import blanks
from models.tables import TABLES
from models.times import now_ms

#: Tables that the office may set.
CENTRAL = ("brand", "calendar_day", "category", "consent_notice", "contact_policy", "occasion", "retention_rule")
OFFICE = "head office"


@dataclass(frozen=True)
class Published:
    """How many rows went to how many sites."""

    table: str
    rows: int
    sites: int


def publish(dsn: str, table: str, path: Path) -> Published:
    """Give the rows in a CSV file (UTF-8, columns named in its first line) or JSON list to every site, now and later.

    A row is known by its natural key: published again, the columns in the file change and the others stay. At a site
    that has a row with that key already, that row takes the values. Raises Known for a table the office does not set,
    an unknown column, a missing or wrong value; nothing is changed then.
    """
    relation = _central(table)
    rows = [_row(relation, given, line) for line, given in enumerate(_read(path), 2)]
    with administering(dsn) as connection:
        connection.execute("SET LOCAL ROLE atrium_owner")
        for row in rows:
            pk = "|".join(str(row.get(name)) for name in _names(relation))
            known = connection.execute("SELECT 1 FROM hub.reference WHERE tbl = %s AND pk = %s", (table, pk)).fetchone()
            whole = row if known else _whole(relation, row, pk)
            connection.execute("SELECT hub.publish(%s, %s, %s::jsonb)", (table, pk, json.dumps(whole)))
        sites = connection.execute("SELECT count(*) FROM hub.site").fetchone()[0]
    return Published(table, len(rows), int(sites))


def _central(table: str) -> Relation:
    if table not in CENTRAL:
        raise Known(f"The head office does not set '{table}'.", f"Choose one of: {', '.join(CENTRAL)}.", code=2)
    return relations()[table]


def _names(relation: Relation) -> Sequence[str]:
    """The columns by which a row is known."""
    return relation.naturals[0][0] if relation.naturals else relation.key


def _read(path: Path) -> list[Mapping[str, Any]]:
    try:
        text = path.read_text("utf-8-sig")
        if path.suffix.lower() == ".json":
            return [dict(item) for item in json.loads(text)]
        return list(csv.DictReader(text.splitlines()))
    except (OSError, ValueError, TypeError) as error:
        raise Known(f"{path} cannot be read: {error}.", "Give a CSV file in UTF-8, or a JSON list.", code=2) from error


def _row(relation: Relation, given: Mapping[str, Any], line: int) -> dict[str, Any]:
    """The given columns in their types."""
    unknown = sorted(str(name) for name in given if name not in relation.columns or name == "id")
    if unknown:
        names = ", ".join(name for name in relation.columns if name != "id")
        raise Known(f"{relation.name} has no column '{unknown[0]}'.", f"Its columns are: {names}.", code=2)
    row = {name: _typed(relation, name, value, line) for name, value in given.items() if value not in ("", None)}
    missing = [name for name in _names(relation) if name not in row]
    if missing:
        raise Known(f"Line {line} has no {missing[0]}.", "Fill it in: a row is known by it.", code=2)
    if relation.name == "consent_notice" and "text" in row:
        row["text_sha256"] = hashlib.sha256(str(row["text"]).encode()).hexdigest()
    return row


def _typed(relation: Relation, name: str, value: Any, line: int) -> Any:
    kind = relation.columns[name]
    try:
        if kind == "bigint":
            return int(value)
        return float(value) if kind == "double precision" else str(value)
    except (TypeError, ValueError):
        raise Known(f"Line {line}: '{value}' is no number, as {name} must be.", "Correct the file.", code=2) from None


def _whole(relation: Relation, row: dict[str, Any], pk: str) -> dict[str, Any]:
    """A new row with what a store asks for."""
    filled = {name: value for name, value in blanks(relation.name).items() if name not in row}
    for name, value in (("actor", OFFICE), ("at", now_ms())):
        if name in relation.columns:
            filled.setdefault(name, value)
    if relation.key == ("id",):
        filled["id"] = str(uuid.UUID(bytes=new_id()))
    whole = filled | row
    missing = [c.name for c in TABLES[relation.name].c if not c.nullable and whole.get(c.name) is None]
    if missing:
        raise Known(f"'{pk}' is new and has no {missing[0]}.", "Fill it in.", code=2)
    return whole
