"""Exports are booked before they are written: what cannot be booked is not written.

An export of people needs a right of its own, and above the site's number of rows a second person's approval.
"""

from __future__ import annotations

from collections.abc import Sequence

from engines.access import approvals, threats
from engines.access.guard import guarded
from models import settings
from models.store import Store


@guarded
def book_export(store: Store, actor: str, what: str, *, rows: int, columns: Sequence[str], file: str) -> None:
    """Book an export of figures: what, how many rows, which columns, which file. Raises Denied without the right."""
    _book(store, actor, what, rows=rows, columns=columns, file=file)


@guarded
def book_personal_export(store: Store, actor: str, what: str, *, rows: int, columns: Sequence[str], file: str) -> None:
    """Book an export of a list of people. Raises Denied without the right, Waiting where another must approve."""
    if rows > int(settings.read(store, "access.export_rows")):
        approvals.ensure(store, actor, "export_personal", {"list": what, "columns": list(columns)}, f"{rows} rows")
    _book(store, actor, what, rows=rows, columns=columns, file=file)


def _book(store: Store, actor: str, what: str, *, rows: int, columns: Sequence[str], file: str) -> None:
    with store.write(actor, "booking an export") as tx:
        tx.audit("export", what, rows=rows, columns=list(columns), file=file)
        threats.look_at_exports(tx, store)
