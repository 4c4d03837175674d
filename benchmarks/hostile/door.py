# ruff: noqa: E501 - tables of hostile inputs read best on one line
"""What a program on the mall's network could send: forged tokens, broken requests, injections, guesses."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.gateway.config import GatewayConfig
from app.gateway.server import GatewayServer
from benchmarks.hostile.mutations import INJECTIONS, VALUES, deep, spoil, spoil_value
from benchmarks.hostile.trial import NAME, PASSWORD, PHONE, Act, Family, Leak
from engines.access import passwords
from engines.access.actions import add_user
from engines.access.api_keys import create_key
from engines.access.refusals import SignInRefused
from engines.access.sessions import sign_in
from engines.intake.posting import RowPost, put_posts
from models.site import create_site
from models.store import Store, create_store

PATHS = (
    "/v1/health", "/v1/customers", "/v1/customers/search", "/v1/customers/{}", "/v1/customers/{}/reveal", "/v1/kpi/{}",
    "/v1/charts/{}", "/v1/segments/{}/members", "/v1/scores/{}", "/v1/sales", "/v1/activities", "/v1/counts", "/v1/alerts",
    "/v1/auth/token", "/v1/auth/login", "/v1/auth/refresh", "/v1/live", "/metrics", "/v1/openapi.json", "/v1/docs", "/{}",
)  # fmt: skip
OPEN = ("/v1/health", "/v1/auth", "/v1/openapi.json", "/v1/docs", "/metrics")
SALE = {
    "source": "till",
    "rows": [{"receipt": "R1", "at": "2026-11-20T14:05:00", "tenant": "T001", "amount": 1.5, "card": "C1"}],
}


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def forged(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    """A token by hand, as a library would refuse to make it."""
    text = f"{_b64(json.dumps(header).encode())}.{_b64(json.dumps(claims).encode())}"
    return f"{text}.{_b64(hmac.new(key, text.encode(), hashlib.sha256).digest() if key else b'')}"


class _Door:
    """A gateway on loopback, with one good key and a stored customer."""

    def __init__(self, store: Store, server: GatewayServer, key: str) -> None:
        self._store, self._server, self._key = store, server, key

    def make(self, number: int, dice: random.Random) -> tuple[str, Act]:
        """A request of one of six kinds."""
        kind = ("forged", "raw", "query", "body", "packed", "header")[number % 6]
        return kind, lambda: self._try(kind, dice)

    def _try(self, kind: str, dice: random.Random) -> None:
        self._server.gateway.buckets._levels.clear()  # else the first ten wrong keys would shut all others out
        data = getattr(self, f"_{kind}_")(dice)
        answer = self._ask(data)
        self._judge(kind, data, answer)

    def _judge(self, kind: str, data: bytes, answer: bytes) -> None:
        status = int(answer[9:12]) if answer[:5] == b"HTTP/" and answer[9:12].isdigit() else 0
        head, _, body = answer.partition(b"\r\n\r\n")
        if status == 500 or (answer and not status):
            raise RuntimeError(f"{answer[:100]!r} to {data[:160]!r}")
        if any(word.encode() in answer for word in (NAME, PHONE, "Traceback", "sqlite", 'File "/')):
            raise Leak(f"{answer[:200]!r}")
        if b"x-injected" in head.lower() or b"pwned=1" in head.lower():
            raise Leak("a header was injected")
        if kind == "forged" and status == 200 and b'detail":{' in body:
            raise Leak(f"a forged token was believed: {data[:80]!r}")

    def _ask(self, data: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self._server.port), timeout=15) as line:
            try:
                line.sendall(data)
                line.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            parts = []
            try:
                while part := line.recv(65_536):
                    parts.append(part)
            except ConnectionResetError:
                pass
        return b"".join(parts)

    def _request(
        self, method: str, path: str, body: bytes = b"", *, key: bool = True, headers: tuple[str, ...] = ()
    ) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", *headers]
        if key:
            lines.append(f"X-API-Key: {self._key}")
        if body and not any(h.lower().startswith("content-length") for h in headers):
            lines += [f"Content-Length: {len(body)}"]
        if body and not any(h.lower().startswith("content-type") for h in headers):
            lines += ["Content-Type: application/json"]
        return "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + body

    def _forged_(self, dice: random.Random) -> bytes:
        at = int(time.time())
        claims: dict[str, Any] = {
            "sub": "api:all",
            "aud": "atrium-gateway",
            "iss": self._store.site.id,
            "iat": at,
            "exp": at + 900,
        }
        header: dict[str, Any] = dice.choice((
            {"alg": "none"}, {"alg": "None", "typ": "JWT"}, {"alg": "HS256"}, {"alg": "HS512"}, {"alg": "RS256"},
            {"alg": "HS256", "kid": "../../../../dev/null"}, {"alg": "HS256", "jku": "http://evil.invalid"}, {"alg": 5}, {},
            {"alg": "HS256", "crit": ["x"]}, {"alg": "HS256", "b64": False, "crit": ["b64"]},
        ))  # fmt: skip
        claims = spoil_value(claims, dice) if dice.random() < 0.4 else claims
        key = dice.choice((b"", b"secret", b"\0" * 32, self._store.site.id.encode(), b"atrium-gateway"))
        token = forged(header, claims, key)
        if dice.random() < 0.3:
            token = dice.choice(("", "a.b.c", "." * 5_000, "x" * 9_000, f"{token}.", token[:-3], "atr_" + "0" * 52))
        auth = dice.choice(
            (
                f"Authorization: Bearer {token}",
                f"Authorization: {token}",
                f"X-API-Key: {token}",
                f"Authorization: Basic {token}",
            )
        )
        return self._request(
            "GET",
            dice.choice(("/v1/health", "/v1/customers", "/v1/sales?from=2026-11-01&to=2026-11-20")),
            key=False,
            headers=(auth,),
        )

    def _raw_(self, dice: random.Random) -> bytes:
        whole = self._request("POST", "/v1/sales", json.dumps(SALE).encode())
        broken = (
            b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 5_000, b"GET " + b"/" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"\x16\x03\x01" + dice.randbytes(200), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            self._request("POST", "/v1/sales", b"5\r\nhello\r\n0\r\n\r\n", headers=("Transfer-Encoding: chunked", "Content-Length: 5")),
            self._request("POST", "/v1/sales", b"ffffffffffffffff\r\nx", headers=("Transfer-Encoding: chunked", "Content-Length-: 1")),
            self._request("POST", "/v1/sales", b"{}", headers=("Content-Length: -1",)),
            self._request("POST", "/v1/sales", b"{}", headers=("Content-Length: ٣",)),
            self._request("POST", "/v1/sales", b"{}", headers=("Content-Length: 99999999999999999999",)),
            self._request("TRACE", "/v1/sales"), self._request("CONNECT", "evil.invalid:443"), self._request("GET\x00", "/"),
            self._request("GET", "http://evil.invalid/v1/health"), self._request("GET", "*"),
        )  # fmt: skip
        return dice.choice(broken) if dice.random() < 0.4 else spoil(whole, dice)

    def _query_(self, dice: random.Random) -> bytes:
        word = dice.choice(INJECTIONS)[:1_500]
        shown = (
            quote(word.encode("utf-8", "surrogatepass"), safe="")
            if dice.random() < 0.8
            else dice.choice(("..%2f" * 8, "%00", "%ff%fe", "%", "%zz", ".."))
        )
        names = ("after", "limit", "from", "to", "among", "by", "dim", "code", "grain", "tenant", "x")
        query = "&".join(f"{dice.choice(names)}={shown}" for _ in range(dice.randint(0, 4)))
        path = dice.choice(PATHS).replace("{}", shown)
        return self._request(dice.choice(("GET", "GET", "GET", "DELETE", "HEAD", "OPTIONS")), f"{path}?{query}")

    def _body_(self, dice: random.Random) -> bytes:
        path = dice.choice(
            [
                p
                for p in PATHS
                if "auth" in p or p in ("/v1/sales", "/v1/activities", "/v1/counts", "/v1/customers/search")
            ]
        )
        base: dict[str, Any] = {
            "/v1/auth/login": {"user": "boss", "password": "x"},
            "/v1/customers/search": {"text": "ab"},
        }.get(path, SALE)
        text = json.dumps(spoil_value(spoil_value(base, dice), dice))
        body = dice.choice((
            text.encode(), text.encode(), text.encode(), text.encode("utf-16"), spoil(text.encode(), dice), deep(20_000).encode(),
            b'{"rows": [' + b"{}," * 200_000 + b"{}]}", b'{"rows": ' + b"9" * 900_000 + b"}", b"\xff\xfe{}", b"[1,", b'"\\ud800"',
            json.dumps({"rows": [{f"k{n}": n for n in range(50_000)}]}).encode(), b"x" * 1_200_000, json.dumps(dice.choice(VALUES)).encode(),
        ))  # fmt: skip
        return self._request(dice.choice(("POST", "POST", "PUT", "PATCH")), path, body)

    def _packed_(self, dice: random.Random) -> bytes:
        encoding = dice.choice(("gzip", "deflate", "br", "zstd", "identity, gzip", "GZIP", "x"))
        body = gzip.compress(b'{"a":' + b" " * (8 << 20) + b"1}")
        return self._request("POST", "/v1/sales", body, headers=(f"Content-Encoding: {encoding}",))

    def _header_(self, dice: random.Random) -> bytes:
        word = dice.choice(INJECTIONS)[:2_000]
        headers = dice.choice((
            (f"X-Request-ID: {word}",), (f"X-Request-ID: a\r\nx-injected: 1 {word[:5]}",), (f"Origin: http://{word}",), (f"X-Forwarded-For: {word}",),
            (f"Host: {word}",), tuple(f"X-{n}: y" for n in range(dice.choice((50, 500, 3_000)))), (f"Cookie: {word * 30}",),
            (f"Content-Type: {word}",), (f"Range: bytes={word}",), ("Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {word}"),
        ))  # fmt: skip
        return self._request("GET", dice.choice(PATHS).replace("{}", "x"), headers=headers)


def _make_site(folder: Path) -> tuple[Store, str]:
    store = create_store(create_site(folder / "mall", name="Door mall"))
    passwords.keep_cost(store, passwords.FLOOR)
    add_user(store, "cli:it", "boss", "Boss", "administrator")
    hashed = passwords.hash_secret(PASSWORD, passwords.FLOOR)
    with store.write("test", "a password") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO user_secret (user_id, password_hash, must_change, changed_at, failed) SELECT id, ?, 0, 0, 0 FROM user",
            (hashed,),
        )
    row = {"receipt": "R0", "at": "2026-11-19T12:00", "tenant": "T001", "amount": 9.5, "card": "C1", "phone": PHONE}
    put_posts(store, [RowPost(store, "cli:it", "till", "sales", [row])])
    rights = ("see", "see_sales", "see_money", "see_campaigns", "see_members", "import", "alerts")
    return store, create_key(store, "cli:it", "all", rights, rate_per_minute=100_000)


@contextmanager
def _enter(folder: Path, secrets: set[str]) -> Iterator[Callable[[int, random.Random], tuple[str, Act]]]:
    store, key = _make_site(folder)
    secrets |= {store.key.hex(), key}
    server = GatewayServer(store, GatewayConfig("127.0.0.1", 0, per_address=1_000_000))
    thread = threading.Thread(target=server.run, name="gateway")
    thread.start()
    try:
        while not server.started():
            time.sleep(0.01)
        yield _Door(store, server, key).make
    finally:
        server.stop()
        thread.join(30)
        store.close()


@contextmanager
def _guess(folder: Path, secrets: set[str]) -> Iterator[Callable[[int, random.Random], tuple[str, Act]]]:
    store, key = _make_site(folder)
    secrets |= {store.key.hex(), key}

    def guess(word: str) -> None:
        try:
            sign_in(store, "boss", word)
        except SignInRefused:
            raise
        raise Leak("a guess was let in while the account was attacked")

    def make(number: int, dice: random.Random) -> tuple[str, Act]:
        """From the sixth on even the right password is refused: the account is locked."""
        word = PASSWORD if number >= 5 and number % 10 == 0 else f"{dice.choice(INJECTIONS)[:150]}{number}"
        return "guess", lambda: guess(word)

    try:
        yield make
    finally:
        store.close()


REQUESTS = Family("gateway requests", _enter, 1_800)
GUESSES = Family("sign-in guesses", _guess, 300)
