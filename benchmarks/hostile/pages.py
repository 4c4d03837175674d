# ruff: noqa: E501 - tables of hostile inputs read best on one line
"""A hub that lies to its nodes and a node that lies to its hub, both with a real PostgreSQL and real logins."""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.hostile.mutations import INJECTIONS, deep, spoil, spoil_value
from benchmarks.hostile.trial import NAME, Act, Family, Leak
from models.errors import Known
from models.ids import new_id

#: sync_pull that says what the table `lies` holds; everything else stays the hub's own.
LIAR = """
CREATE TABLE IF NOT EXISTS public.lies (body text, rows int, hash text);
ALTER TABLE public.lies OWNER TO atrium_owner; GRANT USAGE ON SCHEMA public TO atrium_owner;
CREATE OR REPLACE FUNCTION sync.sync_pull(
    p_epoch text, p_channel text, p_after_xid bigint, p_after_rev bigint, p_limit int, p_own boolean,
    OUT body text, OUT rows int, OUT hash text, OUT xid bigint, OUT rev bigint, OUT more boolean
) LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT l.body, l.rows, l.hash, p_after_xid + 20000, 0::bigint, false FROM public.lies l $$;
"""
FOREIGN = str(uuid.UUID(int=7))
LOCAL = ("user_secret", "api_key", "meta", "audit_entry", "change_log", "sqlite_master", "user_session", "lease_row")


def _page(dice: random.Random) -> tuple[dict[str, Any], int]:
    """A true page of one brand, and its number of rows."""
    made = str(uuid.UUID(bytes=new_id()))
    clock = 1_700_000_000_000 << 16
    row = [made, f"b{dice.randrange(10**9)}", made, "Brand", clock, FOREIGN, 5, None]
    table = {"t": "brand", "c": ["code", "id", "name"], "rows": [row], "gone": []}
    return {"hlc": clock, "alias": [], "conflicts": [], "central": [], "tables": [table]}, 1


class _Lies:
    """A node whose hub answers with what is put into `lies`."""

    def __init__(self, hub: Any, node: Any) -> None:
        self._hub, self._node = hub, node
        with hub.connection() as connection:
            connection.execute(LIAR)
        self._before = self._private()

    def make(self, number: int, dice: random.Random) -> tuple[str, Act]:
        """A page with something wrong in it."""
        page, rows = _page(dice)
        way = ("hash", "count", "value", "table", "key", "deep", "clock", "gone", "alias", "sql")[number % 10]
        text, digest = getattr(self, f"_{way}_")(page, dice), None
        if way == "hash":
            digest = hashlib.md5(b"else", usedforsecurity=False).hexdigest()
        if way == "count":
            rows = dice.choice((0, 2, -1, 2_000_000))
        return way, lambda: self._take(text, rows, digest)

    def _take(self, text: str, rows: int, digest: str | None) -> None:
        told = digest or hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        with self._hub.connection() as connection:
            connection.execute("TRUNCATE public.lies")
            connection.execute("INSERT INTO public.lies VALUES (%s, %s, %s)", (text, rows, told))
        try:
            self._node.sync()
        finally:
            if self._private() != self._before:
                raise Leak("the hub changed what only this node may write")
            if self._node.one("SELECT max(hlc) FROM sync_state") > 1 << 62:
                raise Leak("the node's clock is beyond all")

    def _private(self) -> list[Any]:
        with self._node.store.read() as connection:
            return [connection.exec_driver_sql(sql).fetchall() for sql in (
                "SELECT count(*) FROM user_secret", "SELECT count(*) FROM api_key", "SELECT count(*) FROM sqlite_master",
            )]  # fmt: skip

    def _hash_(self, page: dict[str, Any], _dice: random.Random) -> str:
        return json.dumps(page)

    _count_ = _hash_

    def _value_(self, page: dict[str, Any], dice: random.Random) -> str:
        return json.dumps(spoil_value(spoil_value(page, dice), dice))

    def _table_(self, page: dict[str, Any], dice: random.Random) -> str:
        page["tables"][0]["t"] = dice.choice((*LOCAL, *INJECTIONS[:8], "sale", "person"))
        return json.dumps(page)

    def _key_(self, page: dict[str, Any], dice: random.Random) -> str:
        row = page["tables"][0]["rows"][0]
        row[dice.randrange(len(row))] = dice.choice(
            ("x", "", None, "\x1f" * 9, [], 2**70, "0" * 31, {"a": 1}, "\ud800")
        )
        return json.dumps(page)

    def _deep_(self, _page: dict[str, Any], dice: random.Random) -> str:
        return dice.choice(
            (
                deep(50_000),
                "",
                "null",
                "[]",
                '"x"',
                "{",
                "9" * 5_000,
                spoil(json.dumps(_page).encode(), dice).decode("utf-8", "replace").replace("\0", ""),
            )
        )

    def _clock_(self, page: dict[str, Any], dice: random.Random) -> str:
        wrong = dice.choice((2**63 - 1, 2**63, 2**80, -1, 1e300, "x", None))
        if dice.random() < 0.5:
            page["hlc"] = wrong
        else:
            page["tables"][0]["rows"][0][4] = wrong
        return json.dumps(page)

    def _gone_(self, page: dict[str, Any], dice: random.Random) -> str:
        page["tables"][0] |= {
            "rows": [],
            "gone": [[dice.choice(("x", "", FOREIGN, None, "' OR 1=1 --")), dice.choice((1, None, "x", 2**70))]],
        }
        return json.dumps(page)

    def _alias_(self, page: dict[str, Any], dice: random.Random) -> str:
        page["alias"] = [
            [dice.choice((*LOCAL, "brand", "person")), dice.choice((FOREIGN, "x", None)), dice.choice((FOREIGN, "y"))]
        ]
        page["tables"] = []
        return json.dumps(page)

    def _sql_(self, page: dict[str, Any], dice: random.Random) -> str:
        word = dice.choice(INJECTIONS[:8])
        part = page["tables"][0]
        part["c"] = [dice.choice((word, "code\" = 'x' --", "code")), *part["c"][1:]]
        part["rows"][0][1] = word
        page["central"] = [["brand", [word]]]
        return json.dumps(page)


class _Node:
    """A login of a node that says to the hub what it likes; another site's rows are there to be taken."""

    def __init__(self, hub: Any, node: Any, other: Any) -> None:
        import psycopg

        self._hub, self._other = hub, other
        self._line = psycopg.connect(hub.dsn.replace("user=atrium ", f"user={node.link.login} "), autocommit=True)
        self._line.execute("SELECT sync.sync_hello(%s, 'lie', '0', 4, NULL, NULL)", (node.node_id,))
        self._foreign = self._seen()

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def make(self, number: int, dice: random.Random) -> tuple[str, Act]:
        """A call of one of the hub's functions."""
        way = ("push", "push", "read", "steal", "big")[number % 5]
        return way, lambda: self._call(way, dice)

    def _call(self, way: str, dice: random.Random) -> None:
        import psycopg

        try:
            found = getattr(self, f"_{way}_")(dice)
        except psycopg.DatabaseError as error:
            if (error.sqlstate or "XX")[:2] in ("XX", "57", "53", "58"):
                raise
            raise Known(f"The hub refuses: {error.sqlstate}.") from None
        if NAME in str(found) or self._other.store.site.id in str(found):
            raise Leak("another site's row came")
        if self._seen() != self._foreign:
            raise Leak("another site's rows were changed")
        cap = self._hub.one("SELECT ((extract(epoch FROM now()) * 1000)::bigint + 600000) << 16")
        if self._hub.one("SELECT coalesce(max(hlc), 0) FROM atrium.brand") > cap:
            raise Leak("a clock from the future was believed")

    def _seen(self) -> list[Any]:
        return list(self._hub.rows("SELECT code, name FROM atrium.brand WHERE site_id = %s", self._other.store.site.id))

    def _push_(self, dice: random.Random) -> Any:
        row = {"id": str(uuid.UUID(bytes=new_id())), "code": f"c{dice.randrange(10**9)}", "name": "x"}
        future = (2**62, 2**63 - 1, 4_000_000_000_000 << 16)
        heads: tuple[dict[str, Any], ...] = (
            {"hlc": dice.choice(future), "load": [{"t": "brand", "c": list(row)}]},
            {"hlc": 1, "site_id": self._other.store.site.id, "load": [{"t": "brand", "c": [*row, "site_id"]}]},
            {"hlc": 1, "merge": [{"t": "brand", "row": row | {"site_id": self._other.store.site.id}, "hlc": dice.choice(future)}]},
            {"hlc": 1, "merge": [{"t": "brand", "row": row, "clocks": {"name": 2**63 - 1}, "hlc": 2**63 - 1}]},
            {"hlc": 1, "gone": [{"t": "brand", "rows": [{"key": {"id": dice.choice((FOREIGN, "x", None))}, "hlc": 2**63 - 1}]}]},
            {"hlc": 1, "load": [{"t": dice.choice((*LOCAL, *INJECTIONS[:8])), "c": list(row)}]},
            {"hlc": 1, "load": [{"t": "brand", "c": [*row, dice.choice(INJECTIONS[:8])]}]},
        )  # fmt: skip
        head = dice.choice(heads)
        head = spoil_value(head, dice) if dice.random() < 0.4 else head
        data = [list(row.values())[n : n + 1] for n in range(3)]
        return self._push(head, data)

    def _push(self, head: Any, data: Any) -> Any:
        last = self._hub.one("SELECT last FROM hub.cursor WHERE epoch = 'lie' AND channel = 'core'")
        text = json.dumps(head).replace("\\u0000", "")
        return self._line.execute(
            "SELECT sync.sync_push('lie', 'core', %s, %s, %s::jsonb, %s::text[])", (last, f"{last}1"[-40:], text, data)
        ).fetchall()

    def _read_(self, dice: random.Random) -> Any:
        word = dice.choice(INJECTIONS[:8])
        table = dice.choice(("brand", "user_secret", "pg_authid", word, None))
        calls: tuple[tuple[str, tuple[Any, ...]], ...] = (
            ("SELECT * FROM sync.sync_rows(%s, %s)", (table, [word, FOREIGN])),
            ("SELECT * FROM sync.sync_sums(%s, %s, %s, NULL, -1)", (table, ["id", word], dice.choice(("", word, "hub.node")))),
            ("SELECT * FROM sync.sync_hashes(%s, %s, %s, NULL)", (table, ["id", "code"], word)),
            ("SELECT sync.sync_unite(%s, %s, %s)", (table, FOREIGN, str(uuid.uuid4()))),
            ("SELECT * FROM sync.sync_pull('lie', %s, %s, %s, %s, true)", (dice.choice(("core", word)), dice.choice((-1, 0, 2**62)), 0, 2**31 - 1)),
            ("SELECT sync.sync_quarantine('lie', 'core', '', '', %s, %s, %s, %s)", (word, word, word * 100, word)),
            ("SELECT sync.sync_hello(%s, 'lie', %s, 4, NULL, NULL)", (self._other.node_id, word)),
        )  # fmt: skip
        return self._line.execute(*dice.choice(calls)).fetchall()

    def _steal_(self, dice: random.Random) -> Any:
        statements = (
            "SELECT * FROM atrium.brand", "SELECT * FROM hub.login", "SET ROLE atrium_owner", "SET SESSION AUTHORIZATION atrium",
            "SELECT rolpassword FROM pg_authid", "COPY atrium.brand TO STDOUT", "SELECT pg_read_file('/etc/passwd')",
            "CREATE FUNCTION public.x() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE TEMP TABLE brand (a int)",
            "SET search_path = pg_temp, public", "ALTER ROLE atrium_node SUPERUSER", "SELECT lo_import('/etc/passwd')",
            "SELECT hub.merge_row(NULL, NULL, NULL, NULL, NULL, NULL, 1, 1)", "SELECT * FROM hub.relation", "DROP SCHEMA sync CASCADE",
            "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC", "CREATE EXTENSION dblink", "SELECT hub.publish('brand', 'x', '{}')",
            "DO $$ BEGIN PERFORM hub.me(); END $$", "SET row_security = off; SELECT * FROM atrium.brand", "SELECT pg_reload_conf()",
        )  # fmt: skip
        statement = dice.choice(statements)
        found = self._line.execute(statement)
        if not statement.startswith("SET search_path") and not statement.startswith("ALTER DEFAULT"):
            raise Leak(f"a node may say: {statement}")
        return found

    def _big_(self, dice: random.Random) -> Any:
        count = dice.choice((1_000, 20_000))
        data = [[str(uuid.UUID(int=dice.getrandbits(128))) for _ in range(count)], [f"z{dice.randrange(10**12)}" for _ in range(count)],
                ["n" * 50] * count]  # fmt: skip
        cut = dice.choice((data, [data[0], data[1][:-1], data[2]], data[:2]))
        return self._push({"hlc": 1, "load": [{"t": "brand", "c": ["id", "code", "name"]}]}, cut)


@contextmanager
def _hubs(folder: Path) -> Iterator[Any]:
    from tests.hub import emptied_hub
    from tests.postgres import postgres_server

    del folder
    with postgres_server() as server:
        yield emptied_hub(server)


def _entered(lying_hub: bool) -> Any:
    @contextmanager
    def enter(folder: Path, secrets: set[str]) -> Iterator[Callable[[int, random.Random], tuple[str, Act]]]:
        from tests.hub import new_node

        with _hubs(folder) as hub, new_node(hub, folder / "mall") as node:
            secrets |= {node.store.key.hex(), node.link.password.decode()}
            node.sync()
            if lying_hub:
                yield _Lies(hub, node).make
                return
            with new_node(hub, folder / "other", "pc9") as other:
                other.run("INSERT INTO brand (id, code, name) VALUES (?, 'other', ?)", new_id(), NAME)
                other.sync()
                liar = _Node(hub, node, other)
                try:
                    yield liar.make
                finally:
                    liar.close()

    return enter


LYING_HUB = Family("a lying hub", _entered(lying_hub=True), 500)
LYING_NODE = Family("a lying node", _entered(lying_hub=False), 500)
