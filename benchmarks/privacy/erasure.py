"""Erasing 200 people who nobody else is like, then looking for them byte by byte.

    python -m benchmarks.privacy.erasure [--people 400] [--erased 200]

A mall is filled by files as a mall would, its engines run, its mart is written. Then 200 people are erased one request
after the other, and every seeded value (card, name, phone, e-mail, a remark) is looked for in the decrypted pages of
the store and its log (free pages too), every cell of every table, every text of the mart, a new backup, and whatever
else lies in the site's folder. Bar: 0 hits. The naive variant deletes the member's row and what
hangs on the person by the tables' keys, as a cascade would; it must fail.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from engines.privacy.dossier import collect
from engines.privacy.requests import Asked, Means, open_request, run_request, verify_request
from models import backup, mart
from models.store import Store
from tests.engines.privacy import seeded
from tests.engines.privacy.seeded import Seeded, person_of
from tests.plain_pages import hits

DPO = "cli:dpo"


def main() -> int:
    """Both variants; 0 where the product leaves nothing and the naive one does."""
    options = argparse.ArgumentParser()
    options.add_argument("--people", type=int, default=400)
    options.add_argument("--erased", type=int, default=200)
    chosen = options.parse_args()
    left = {name: _variant(name, chosen.people, chosen.erased) for name in ("product", "naive")}
    good = left["product"] == 0 and left["naive"] > 0
    print(f"bar: 0 hits for the product, more for the naive variant: {'met' if good else 'MISSED'}")
    return 0 if good else 1


def _variant(name: str, people: int, erased: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        store = seeded.make_site(Path(folder) / "site")
        try:
            return _run(store, Path(folder), seeded.customers(people), erased, naive=name == "naive")
        finally:
            store.close()


def _run(store: Store, folder: Path, people: list[Seeded], erased: int, *, naive: bool) -> int:
    files = folder / "files"
    files.mkdir()
    seeded.fill(store, files, people, engines=True)
    mart.refresh(store)
    gone = people[:erased]
    needles = [needle for one in gone for needle in one.needles]
    before = len(hits(store.site.database, store.key, needles))
    money = seeded.money(store)
    began, spent = time.perf_counter(), time.process_time()
    for n, one in enumerate(gone):
        (_naive if naive else _request)(store, one, files / f"{n}.zip")
    wall, processor = time.perf_counter() - began, time.process_time() - spent
    if naive:
        mart.refresh(store)
    found = _found(store, folder, needles)
    total = sum(found.values())
    name = "naive  " if naive else "product"
    each = processor / erased * 1000
    print(f"{name}  {before} of {len(needles)} seeded values in the store before")
    print(f"{name}  {erased} people erased in {wall:.1f} s, {each:.0f} ms of processor time each")
    left = ", ".join(f"{count} in {where}" for where, count in found.items() if count)
    print(f"{name}  left: {left or 'nothing'}; receipts and money the same: {seeded.money(store) == money}")
    return total


def _request(store: Store, one: Seeded, file: Path) -> None:
    """As the desk does it: booked, verified, carried out."""
    person = person_of(store, one)
    assert collect(store, person).rows > 0
    code = open_request(store, DPO, Asked("erasure", person))
    verify_request(store, DPO, code, "card")
    run_request(store, DPO, code, Means(file))


def _naive(store: Store, one: Seeded, _file: Path) -> None:
    """A cascade over the keys of the tables, and nothing around them."""
    person = person_of(store, one)
    with store.write("naive", "deleting a person") as tx:
        ask = tx.connection.exec_driver_sql
        ask("PRAGMA secure_delete = OFF")
        ask("PRAGMA defer_foreign_keys = ON")
        signs = "SELECT identifier_id FROM identifier_owner WHERE person_id = ?"
        for table in ("sale", "activity"):
            ask(f"UPDATE {table} SET identifier_id = NULL WHERE identifier_id IN ({signs})", (person,))  # noqa: S608
        for table in ("consent_decision", "person_attr", "identity_link"):
            ask(f"DELETE FROM {table} WHERE identifier_id IN ({signs})", (person,))  # noqa: S608
        ask("UPDATE activity SET related_id = NULL WHERE related_id IN (SELECT id FROM identifier)")
        ask(f"DELETE FROM identifier WHERE id IN ({signs})", (person,))  # noqa: S608
        for table in ("identifier_owner", "member"):
            ask(f"DELETE FROM {table} WHERE person_id = ?", (person,))  # noqa: S608


def _found(store: Store, folder: Path, needles: list[bytes]) -> dict[str, int]:
    made = backup.make_backup(store, folder / "after")
    return {
        "cells": sum(seeded.cells_with(store, needles).values()),
        "pages of the store and its log": sum(hits(store.site.database, store.key, needles).values()),
        "pages of a new backup": sum(hits(made.path, store.key, needles).values()),
        "tables of the mart": len(seeded.mart_cells_with(store, needles)),
        "other files": len(seeded.files_with(store.site.folder, needles)),
    }


if __name__ == "__main__":
    sys.exit(main())
