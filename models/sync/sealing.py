"""Direct identifiers leave the node sealed: AES-SIV (RFC 5297) under a key of the site, the same value the same way.

Sealing is deterministic so that the hub can see that two nodes gave one card, and that a row has not changed, without
seeing the card. What a value stands for is bound in: its table and column and, for a column that is no part of a key,
its row, so that a value moved elsewhere does not open.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from models import keys
from models.hub.schema import Relation, relations
from models.tables import TABLES

#: Before each value, since nothing at all cannot be sealed.
_MARK = b"="


def row_key(values: Sequence[object]) -> str:
    """A row's key as sealing binds it: blobs in lower-case hexadecimal, joined by chr(31)."""
    return "\x1f".join(v.hex() if isinstance(v, bytes) else str(v) for v in values)


def keyed_columns(relation: Relation) -> frozenset[str]:
    """The sealed columns that are part of a key: equal in every row that holds the value."""
    parts = {*relation.key, *(column for columns, _ in relation.naturals for column in columns)}
    return frozenset(relation.sealed) & parts


class Sealer:
    """Seals and opens the direct identifiers of one site."""

    def __init__(self, site_key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV

        self._cipher = AESSIV(keys.derive(site_key, "hub"))
        self._keyed = {name: keyed_columns(relation) for name, relation in relations().items() if relation.sealed}

    def seal(self, table: str, column: str, row: str, value: Any) -> Any:
        """The sealed value: a blob for a blob, base64 text for text, None for None. `row` is its `row_key`."""
        if value is None:
            return None
        plain = value if isinstance(value, bytes) else str(value).encode()
        sealed = self._cipher.encrypt(_MARK + plain, [self._bound(table, column, row)])
        return sealed if isinstance(value, bytes) else base64.b64encode(sealed).decode()

    def open(self, table: str, column: str, rows: Sequence[str], value: Any) -> Any:
        """The plain value. `rows` are the row's key and, after a twin, the keys it also went by; ValueError if none."""
        if value is None:
            return None
        from cryptography.exceptions import InvalidTag

        sealed = value if isinstance(value, bytes) else base64.b64decode(value)
        for row in rows:
            try:
                plain = self._cipher.decrypt(sealed, [self._bound(table, column, row)])
            except InvalidTag:
                continue
            plain = plain.removeprefix(_MARK)
            return plain if _is_blob(table, column) else plain.decode()
        raise ValueError(f"{table}.{column} was sealed by another key or for another row")

    def _bound(self, table: str, column: str, row: str) -> bytes:
        return f"{table}|{column}|{'' if column in self._keyed[table] else row}".encode()


def _is_blob(table: str, column: str) -> bool:
    from sqlalchemy import LargeBinary

    return isinstance(TABLES[table].c[column].type, LargeBinary)
