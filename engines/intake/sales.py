"""Sales into the store: new receipts with their lines, known ones compared, chunk by chunk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from engines.intake.batches import Batch, Reject, Tally
from engines.intake.bulk import insert_columns, select_by
from engines.intake.parse import Parsed
from engines.intake.parties import Named, Signs, Tenants, make_categories
from engines.intake.receipts import gather
from engines.intake.sheet import Codes
from engines.privacy.payment_cards import hide_cards
from engines.privacy.tombstones import erased_key
from models.connection import Connection
from models.ids import new_ids
from models.store import Store, Transaction, driver

CHUNK_ROWS = 20_000
DIFFERS = "differs from what was imported"
_KNOWN = (
    "SELECT source_key, id, tenant_id, identifier_id, at, gross_minor, net_minor, units, txns, basis, payment "
    "FROM sale WHERE source_id = ? AND source_key IN (SELECT value FROM json_each(?))"
)
_KNOWN_LINES = (
    "SELECT sale_id, product_code, product, category, quantity, unit_minor, amount_minor FROM sale_line "
    "WHERE sale_id IN (SELECT unhex(value) FROM json_each(?))"
)


@dataclass(frozen=True)
class Chunk:
    """Receipts `first` to `last` (not with it)."""

    first: int
    last: int
    rows: int


class SalesLoader:
    """Loads one file's sales. `chunks` cuts between receipts; `load` writes a chunk, or only says what it would do."""

    def __init__(self, store: Store, parsed: Parsed, source: bytes | None) -> None:
        self.parsed = parsed
        self.receipts = gather(parsed, store.site.country)
        self._source, self._tenants, self._signs = source, Tenants(), Signs(store)
        self._categories: dict[str, bytes] = {}
        with store.read() as connection:
            raw = driver(connection)
            known = raw.execute("SELECT 1 FROM sale WHERE source_id = ? LIMIT 1", (source,)).fetchone()
            self._known, self._any_signs = (
                known is not None,
                bool(raw.execute("SELECT 1 FROM identifier LIMIT 1").fetchone()),
            )

    def chunks(self) -> Iterator[Chunk]:
        """Stretches of receipts of about CHUNK_ROWS rows."""
        starts, count = self.receipts.starts, len(self.receipts)
        first = 0
        while first < count:
            last = int(np.searchsorted(starts, starts[first] + CHUNK_ROWS, side="right")) - 1
            last = min(count, max(last, first + 1))
            yield Chunk(first, last, int(starts[last] - starts[first]))
            first = last

    def prepare(self, chunk: Chunk) -> dict[str, list[Any]]:
        """The chunk's lines as columns: work that needs no store, done while the chunk before is committed."""
        r = self.receipts
        return self._line_values(r.rows[r.starts[chunk.first] : r.starts[chunk.last]]) if r.has_lines else {}

    def compare(self, connection: Connection, chunk: Chunk) -> tuple[Codes, Tally]:
        """The chunk's new receipts, and what became of the rows of the others."""
        places, tally, r = np.arange(chunk.first, chunk.last), Tally(), self.receipts
        tally.loaded = chunk.rows
        if not self._known:
            return places, tally
        keys = r.keys[chunk.first : chunk.last]
        known = {row[0]: row[1:] for row in select_by(connection, _KNOWN, keys, self._source)}
        if self._signs.any_erased:
            hidden = {erased_key(self._signs.key, key): key for key in keys}
            found = select_by(connection, _KNOWN, list(hidden), self._source)
            known.update({hidden[row[0]]: row[1:] for row in found})
        old = np.array([chunk.first + i for i, key in enumerate(keys) if key in known], dtype=np.int64)
        lines = self._known_lines(connection, [row[0] for row in known.values()])
        heads = zip(*self._heads(connection, old).values(), strict=True)
        for place, head in zip(old.tolist(), heads, strict=True):
            rows = r.rows[r.starts[place] : r.starts[place + 1]]
            sale, *stored = known[r.keys[place]]
            tally.loaded -= len(rows)
            if tuple(stored) == head and lines.get(sale, Counter()) == self._lines(rows):
                tally.unchanged += len(rows)
            else:
                tally.rejects += [Reject(row + 1, None, DIFFERS, self.parsed.sheet.raw(row)) for row in rows.tolist()]
        return np.setdiff1d(places, old), tally

    def write(self, tx: Transaction, batch: Batch, fresh: Codes, prepared: dict[str, list[Any]]) -> None:
        """Insert new receipts with their lines."""
        r = self.receipts
        if not len(fresh):
            return
        rows, lengths = self._rows(fresh), r.starts[fresh + 1] - r.starts[fresh]
        self._make_parties(tx, batch, fresh, rows)
        sales = new_ids(len(fresh))
        tables = ("sale", "sale_line") if r.has_lines else ("sale",)
        with tx.bulk(*tables, batch=batch.id, first=sales[0], last=sales[-1]):
            insert_columns(tx.connection, "sale", len(sales), self._sale_columns(tx.connection, batch, fresh, sales))
            if r.has_lines:
                whole = len(prepared["amount_minor"]) == len(rows)
                values = prepared if whole else self._line_values(rows)
                keys = _line_keys(sales, lengths)
                insert_columns(tx.connection, "sale_line", len(rows), {**keys, **values})

    def _rows(self, places: Codes) -> Codes:
        """The file's rows of these receipts, receipt by receipt."""
        r = self.receipts
        if len(places) and places[-1] - places[0] + 1 == len(places):
            return r.rows[r.starts[places[0]] : r.starts[places[-1] + 1]]
        return np.concatenate([r.rows[r.starts[p] : r.starts[p + 1]] for p in places.tolist()])

    def _make_parties(self, tx: Transaction, batch: Batch, fresh: Codes, rows: Codes) -> None:
        """Make the shops, customers and categories that the new receipts name and the store lacks."""
        r = self.receipts
        shops = [r.tenants[t] for t in np.unique(r.tenant[fresh]).tolist() if t >= 0]
        there = self._tenants.find(tx.connection, shops)
        self._tenants.make(tx, batch, [Named(c, r.tenant_names.get(c, c)) for c in shops if there[c] is None])
        signs = [r.signs[s] for s in np.unique(r.sign[fresh]).tolist() if s >= 0]
        found = self._signs.find(tx.connection, signs, any_there=self._any_signs)
        barred = self._signs.barred(tx.connection, signs)  # such a receipt is kept, without its customer
        self._signs.make(tx, batch, [sign for sign in signs if found[sign] is None and sign not in barred])
        if "category" in self.parsed.fields:
            values = self.parsed.fields["category"]
            named = [values.values[c] for c in np.unique(values.codes[rows]).tolist()]
            make_categories(tx, batch, [text for text in named if text], self._categories)

    def _heads(self, connection: Connection, places: Codes) -> dict[str, list[Any]]:
        """Receipts as the store keeps them, but for key and day; None where a party is not there yet."""
        r = self.receipts
        shops = self._tenants.find(connection, [r.tenants[t] for t in np.unique(r.tenant[places]).tolist() if t >= 0])
        signs = self._signs.find(connection, [r.signs[s] for s in np.unique(r.sign[places]).tolist() if s >= 0])
        shop = [*(shops.get(code) for code in r.tenants), None]
        payment = [*map(hide_cards, r.payments), None]
        who = r.sign[places].tolist()
        return {
            "tenant_id": [shop[t] for t in r.tenant[places].tolist()],
            "identifier_id": [signs[r.signs[s]] if s >= 0 else None for s in who],
            "at": [r.moments[p].at for p in places.tolist()],
            "gross_minor": r.gross[places].tolist(),
            "net_minor": r.net[places].tolist(),
            "units": r.units[places].tolist() if r.units is not None else [None] * len(who),
            "txns": r.txns[places].tolist(),
            "basis": [r.basis[p] for p in places.tolist()],
            "payment": [payment[p] for p in r.payment[places].tolist()],
        }

    def _sale_columns(
        self, connection: Connection, batch: Batch, fresh: Codes, sales: list[bytes]
    ) -> dict[str, list[Any]]:
        r, count, places = self.receipts, len(fresh), fresh.tolist()
        return {
            "id": sales,
            "source_id": [batch.source_id] * count,
            "source_key": [r.keys[p] for p in places],
            **self._heads(connection, fresh),
            "day": [r.moments[p].day for p in places],
            "minute": [r.moments[p].minute for p in places],
            "batch_id": [batch.id] * count,
        }

    def _line_values(self, rows: Codes) -> dict[str, list[Any]]:
        """What the lines of these rows say, as the store keeps it."""
        fields, amounts = self.parsed.fields, self.receipts.amounts
        nothing: list[Any] = [None] * len(rows)
        unit: list[Any] = nothing
        if amounts.unit is not None:
            unit = amounts.unit[rows].tolist()
            if not (given := amounts.unit_given[rows]).all():
                unit = [u if g else None for u, g in zip(unit, given.tolist(), strict=True)]
        texts = {
            name: fields[name].rows(rows) if name in fields else nothing
            for name in ("product_code", "product", "category")
        }
        return {
            **texts,
            "quantity": amounts.quantity[rows].tolist(),
            "unit_minor": unit,
            "amount_minor": amounts.gross[rows].tolist(),
        }

    def _lines(self, rows: Codes) -> Counter[tuple[Any, ...]]:
        """The lines of one receipt, whatever their order."""
        if not self.receipts.has_lines:
            return Counter()
        return Counter(zip(*self._line_values(rows).values(), strict=True))

    def _known_lines(self, connection: Connection, sales: list[bytes]) -> dict[bytes, Counter[tuple[Any, ...]]]:
        found: dict[bytes, Counter[tuple[Any, ...]]] = {}
        for sale, *line in select_by(connection, _KNOWN_LINES, [sale.hex() for sale in sales]):
            found.setdefault(sale, Counter())[tuple(line)] += 1
        return found


def _line_keys(sales: list[bytes], lengths: Codes) -> dict[str, list[Any]]:
    """Each line's sale and its number within it, from 1."""
    numbers = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths) + 1
    owners = np.repeat(np.arange(len(sales)), lengths).tolist()
    return {"sale_id": [sales[i] for i in owners], "line_no": numbers.tolist()}
