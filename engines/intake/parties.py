"""Shops, categories and signs of customers that a file names: found, or made, once each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engines.intake.batches import Batch, keep_before
from engines.intake.bulk import insert_columns, select_by
from engines.intake.take_back import link_reason, share_reason
from engines.people.identifiers import digest, digest_key
from engines.privacy import tombstones
from models.connection import Connection
from models.ids import new_id, new_ids
from models.store import Store, Transaction, driver
from models.times import now_ms

#: How sure it is that a phone or address that someone else gave before is also of who gives it now.
SHARED_CONFIDENCE = 0.6
#: A sign: its kind and its cleaned value.
Sign = tuple[str, str]


@dataclass(frozen=True)
class Named:
    """A tenant to find or make: its code in the file and, where the file has one, its name."""

    code: str
    name: str


class Tenants:
    """Tenants by what a file calls them: their code first, else their one name."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def find(self, connection: Connection, codes: Iterable[str]) -> dict[str, bytes | None]:
        """Ids by the file's code; None where the tenant is not there yet."""
        wanted = set(codes)
        if wanted - self._known.keys():
            rows = driver(connection).execute("SELECT id, code, name, name_zh FROM tenant").fetchall()
            named: dict[str, set[bytes]] = {}
            for tenant, _, name, name_zh in rows:
                for text in {name, name_zh} - {None}:
                    named.setdefault(text.casefold(), set()).add(tenant)
            by_code = {code: tenant for tenant, code, _, _ in rows}
            for code in wanted:
                same = named.get(code.casefold(), set())
                found = by_code.get(code) or (next(iter(same)) if len(same) == 1 else None)
                if found is not None:
                    self._known[code] = found
        return {code: self._known.get(code) for code in wanted}

    def known(self, code: str | None) -> bytes | None:
        """The id of a tenant that `find` or `make` has met."""
        return self._known.get(code) if code is not None else None

    def make(self, tx: Transaction, batch: Batch, named: Iterable[Named]) -> None:
        """Make the tenants that `find` did not find, as trading."""
        fresh = {n.code: n for n in named if n.code not in self._known}
        ids = new_ids(len(fresh))
        keep_before(tx, batch, "tenant", [(i, None) for i in ids])
        insert_columns(
            tx.connection, "tenant", len(ids),
            {
                "id": ids, "code": list(fresh), "name": [n.name for n in fresh.values()],
                "state": ["trading"] * len(ids), "batch_id": [batch.id] * len(ids),
            },
        )  # fmt: skip
        self._known.update(zip(fresh, ids, strict=True))


def make_categories(tx: Transaction, batch: Batch, texts: Iterable[str], known: dict[str, bytes]) -> None:
    """Make the categories that are not there yet; `known` maps codes to ids and grows."""
    if not known:
        known.update(driver(tx.connection).execute("SELECT code, id FROM category").fetchall())
    fresh = sorted(set(texts) - known.keys())
    ids = new_ids(len(fresh))
    keep_before(tx, batch, "category", [(i, None) for i in ids])
    insert_columns(
        tx.connection, "category", len(ids),
        {"id": ids, "code": fresh, "name": fresh, "batch_id": [batch.id] * len(ids)},
    )  # fmt: skip
    known.update(zip(fresh, ids, strict=True))


def make_brand(tx: Transaction, batch: Batch, name: str) -> bytes:
    """The brand of that code or name, made when it is new."""
    found = driver(tx.connection).execute("SELECT id FROM brand WHERE code = ?1 OR name = ?1", (name,)).fetchone()
    if found:
        return bytes(found[0])
    made = new_id()
    keep_before(tx, batch, "brand", [(made, None)])
    driver(tx.connection).execute("INSERT INTO brand (id, code, name) VALUES (?, ?, ?)", (made, name, name))
    return made


class Signs:
    """Identifiers of one store by kind and value, found by their HMAC, made with a person when they are new."""

    def __init__(self, store: Store) -> None:
        self.key = digest_key(store.key)
        self._known: dict[Sign, bytes] = {}
        with store.read() as connection:
            self.any_erased = tombstones.any_kept(connection)

    def digest(self, value: str) -> bytes:
        """HMAC-SHA256 of a cleaned value under the site's key for identifiers."""
        return digest(self.key, value)

    def find(
        self, connection: Connection, signs: Iterable[Sign], *, any_there: bool = True
    ) -> dict[Sign, bytes | None]:
        """Ids by sign; None where the sign is not there yet. `any_there` False saves the look."""
        wanted = set(signs)
        unknown = [sign for sign in wanted if sign not in self._known]
        if any_there and unknown:
            by_hex = {(kind, self.digest(value).hex().upper()): (kind, value) for kind, value in unknown}
            for kind in {kind for kind, _ in unknown}:
                found = select_by(
                    connection,
                    "SELECT id, hex(value_hmac) FROM identifier WHERE kind = ? AND value_hmac IN "
                    "(SELECT unhex(value) FROM json_each(?))",
                    [text for k, text in by_hex if k == kind],
                    kind,
                )
                self._known.update({by_hex[kind, text]: identifier for identifier, text in found})
        return {sign: self._known.get(sign) for sign in wanted}

    def barred(self, connection: Connection, signs: Iterable[Sign]) -> dict[Sign, int]:
        """Those of the signs whose person was erased, with the instant: nothing is taken in about them."""
        if not self.any_erased:
            return {}
        marks = {sign: self.digest(sign[1]) for sign in signs}
        found = tombstones.barred(connection, set(marks.values()))
        return {sign: found[mark] for sign, mark in marks.items() if mark in found}

    def known(self, sign: Sign | None) -> bytes | None:
        """The id of a sign that `find` or `make` has met."""
        return self._known.get(sign) if sign is not None else None

    def make(
        self, tx: Transaction, batch: Batch, signs: Sequence[Sign], persons: Sequence[bytes] | None = None
    ) -> None:
        """Make identifiers with a link to a person each: to those given, else to a new person each.

        The signs must not be there yet, and not be `barred`. Every row is logged as part of the batch.
        """
        count = len(signs)
        if not count:
            return
        ids = new_ids(3 * count)
        identifiers, links, fresh = ids[:count], ids[count : 2 * count], ids[2 * count :]
        now, owners = now_ms(), list(persons) if persons is not None else fresh
        logged = ["identifier", "identity_link", *(["person"] if persons is None else [])]
        connection = tx.connection
        with tx.bulk(*logged, batch=batch.id, first=ids[0], last=ids[-1]):
            if persons is None:
                active: dict[str, Sequence[object]] = {
                    "id": owners,
                    "state": ["active"] * count,
                    "created_at": [now] * count,
                }
                insert_columns(connection, "person", count, active)
            insert_columns(
                connection, "identifier", count,
                {
                    "id": identifiers, "kind": [kind for kind, _ in signs], "value": [value for _, value in signs],
                    "value_hmac": [self.digest(value) for _, value in signs], "batch_id": [batch.id] * count,
                },
            )  # fmt: skip
            insert_columns(
                connection, "identity_link", count,
                {
                    "id": links, "identifier_id": identifiers, "person_id": owners, "action": ["link"] * count,
                    "confidence": [1.0] * count, "actor": [batch.actor] * count,
                    "reason": [link_reason(batch.id)] * count, "at": [now] * count,
                },
            )  # fmt: skip
            insert_columns(connection, "identifier_owner", count, {"identifier_id": identifiers, "person_id": owners})
        tx.touch("identifier_owner")
        self._known.update(zip(signs, identifiers, strict=True))


def share(tx: Transaction, batch: Batch, given: Sequence[tuple[bytes, bytes]]) -> None:
    """Book that people gave signs which are someone else's: (identifier, person) each.

    Each gets a link, by which the sign counts as shared, and the owner a newer one, so that the sign and the facts
    known by it stay where they were: families share phones, and merging is the work of identity resolution.
    """
    marks = sorted(identifier.hex() for identifier, _ in given)
    sql = "SELECT identifier_id, person_id FROM {} WHERE identifier_id IN (SELECT unhex(value) FROM json_each(?))"
    there = set(select_by(tx.connection, sql.format("identity_link"), marks))
    fresh = [pair for pair in dict.fromkeys(given) if pair not in there]
    shared = {identifier for identifier, _ in fresh}
    owners = dict(select_by(tx.connection, sql.format("identifier_owner"), marks))
    links = fresh + [(identifier, owners[identifier]) for identifier in sorted(shared)]
    ids, now = new_ids(len(links)), now_ms()
    if not links:
        return
    with tx.bulk("identity_link", batch=batch.id, first=ids[0], last=ids[-1]):
        insert_columns(
            tx.connection, "identity_link", len(links),
            {
                "id": ids, "identifier_id": [i for i, _ in links], "person_id": [p for _, p in links],
                "action": ["link"] * len(links),
                "confidence": [SHARED_CONFIDENCE] * len(fresh) + [1.0] * len(shared),
                "actor": [batch.actor] * len(links), "reason": [share_reason(batch.id)] * len(links),
                "at": [now - 1] * len(fresh) + [now] * len(shared),
            },
        )  # fmt: skip
