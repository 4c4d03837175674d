"""What the loaders of every kind but sales share: good rows in chunks, each as a dict of its fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engines.intake.batches import Reject
from engines.intake.bulk import select_by
from engines.intake.parse import Parsed
from engines.intake.sheet import Codes
from models.connection import Connection

CHUNK_ROWS = 10_000
Given = dict[str, Any]


@dataclass(frozen=True)
class RowChunk:
    """Good rows of the file, by their place from 0."""

    places: Codes

    @property
    def rows(self) -> int:
        """How many they are."""
        return len(self.places)


class RowLoader:
    """A file's good rows; what is asked of the store is asked for a whole chunk at once."""

    def __init__(self, parsed: Parsed) -> None:
        self.parsed = parsed
        self._good = parsed.good()

    def chunks(self) -> Iterator[RowChunk]:
        """Stretches of good rows."""
        for at in range(0, len(self._good), CHUNK_ROWS):
            yield RowChunk(self._good[at : at + CHUNK_ROWS])

    def prepare(self, chunk: RowChunk) -> None:
        """Nothing can be worked out without the store."""

    def given(self, chunk: RowChunk) -> list[Given]:
        """The rows, each as its fields."""
        lists = self.parsed.lists(chunk.places)
        return [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]

    def reject(self, place: int, field: str | None, reason: str) -> Reject:
        """A row that the store, not the file, gives reason to refuse."""
        column = self.parsed.mapping.columns.get(field) if field else None
        return Reject(place + 1, column, reason, self.parsed.sheet.raw(place))


def images(connection: Connection, table: str, key: str, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Whole rows of a table by a text key."""
    from models.tables import TABLES

    names = [column.name for column in TABLES[table].columns]
    sql = f'SELECT {", ".join(names)} FROM "{table}" WHERE "{key}" IN (SELECT value FROM json_each(?))'  # noqa: S608
    rows = (dict(zip(names, row, strict=True)) for row in select_by(connection, sql, keys))
    return {row[key]: row for row in rows}
