"""Hostile requests on a real connection: broken HTTP, broken JSON, forged tokens, injections, paths, bombs.

    python benchmarks/gateway/hostile.py [--requests 1500] [--seed 7]

Each request is made from a good one by seeded damage. Bar: the gateway answers all the while, no answer of 5xx, each
refusal in the one form or the connection closed without a word where no head ever came whole, no seeded name, key or
path of the site in any answer, and the store as it was.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import socket
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
TEXTS = (
    "'; DROP TABLE sale; --", "' OR 1=1 --", "../../../etc/passwd", "=cmd|' /C calc'!A0", "<script>", "\x00", "%00",
    "%ff",
    "\ud83d\ude42", "9" * 400, "-1", "NaN", "null", "{{7*7}}", "${x}", "\r\nX: y", "a" * 3000, "\\",
    '"', "]", "{", "[[[[",
)  # fmt: skip
PATHS = ("/v1/sales", "/v1/counts", "/v1/activities", "/v1/sensors/north", "/v1/auth/token", "/v1/auth/login",
         "/v1/customers/search", "/v1/customers", "/v1/kpi/footfall", "/v1/docs/page.js", "/metrics",
         "/v1/live")  # fmt: skip


def main() -> int:
    """Send them and print what came back; 0 where the bar is kept."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--requests", type=int, default=1_500)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    from app.gateway import border, protocol
    from tests.gateway.conftest import make_mall, served

    logging.getLogger("uvicorn.error").disabled = True
    protocol.LINGER_SECONDS = vars(border)["DRAIN_SECONDS"] = 0.02
    vars(border)["BODY_SECONDS"] = protocol.HEAD_SECONDS = 0.2  # who sends no more is waited for less, so that it ends
    with tempfile.TemporaryDirectory() as folder:
        store = make_mall(Path(folder) / "mall")
        with served(store) as mall:
            before, key = _sales(store), mall.key("all")["X-API-Key"]
            leaks = (key, store.key.hex(), str(store.site.folder), "13900000001")
            found, wrong = _send(options, mall, key, leaks)
            alive = b" 200 " in _ask(mall.port, _plain("/v1/health", key))[:20]
            after = _sales(store)
        store.close()
    print(f"{options.requests} hostile requests: {dict(found.most_common())}")
    print(f"wrong {len(wrong)}, bar 0 {wrong[:5]}; answers still {alive}; sales before and after {before}, {after}")
    return int(bool(wrong) or not alive or before != after)


def _send(options: argparse.Namespace, mall: Any, key: str, leaks: tuple[str, ...]) -> tuple[Counter[str], list[str]]:
    dice, found, wrong = random.Random(options.seed), Counter[str](), list[str]()
    for number in range(options.requests):
        answer = _ask(mall.port, _damaged(dice, key))
        status = answer.split(b" ", 2)[1].decode("latin-1") if answer.startswith(b"HTTP/1.1 ") else "closed"
        found[status] += 1
        refused = status[:1] == "4" and b'"sentence"' not in answer and b"websocket" not in answer.lower()
        if (status[:1] == "5" and status != "503") or refused or any(leak.encode() in answer for leak in leaks):
            wrong.append(f"{number}: {answer[:120]!r}")
        if number % 50 == 0:
            mall.forgive()
    return found, wrong


@dataclass
class Request:
    """A request that was good once."""

    dice: random.Random
    key: str
    method: str = "POST"
    path: str = "/v1/counts"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def break_target(self) -> None:
        """Its path or its query."""
        text = self.dice.choice(TEXTS).replace(" ", "+")
        self.path += self.dice.choice(("/", "?after=", "?from=2026-11-10&to=")) + text

    def break_bytes(self) -> None:
        """Some bytes of its body."""
        cut = bytearray(self.body or b"{}")
        for _ in range(self.dice.randint(1, 9)):
            cut[self.dice.randrange(len(cut))] = self.dice.randrange(256)
        self.body = bytes(cut)

    def break_values(self) -> None:
        """A value of its body, or how deep it is."""
        text = json.dumps(self.dice.choice(TEXTS)).encode()
        self.body = self.dice.choice((self.body.replace(b'"g"', text), b"[" * 20 + self.body, b"[" * 5_000))

    def break_headers(self) -> None:
        """What it says of itself."""
        name = self.dice.choice(("Authorization", "Origin", "Host", "Content-Encoding", "Upgrade", "X-API-Key"))
        self.headers[name] = self.dice.choice(TEXTS)

    def break_framing(self) -> None:
        """How long it says that it is."""
        if self.dice.random() < 0.5:
            self.headers["Content-Length"] = self.dice.choice(("-1", "99999999999", "0x10", "1, 2", "1e3", "2"))
        else:
            self.headers["Transfer-Encoding"] = self.dice.choice(("chunked", "gzip", "chunked, chunked"))

    def forge(self) -> None:
        """A token of nobody's."""
        self.headers["Authorization"] = f"Bearer eyJhbGciOiJub25lIn0.{self.dice.randbytes(20).hex()}."

    def wire(self) -> bytes:
        """As it is sent."""
        self.headers.setdefault("Content-Length", str(len(self.body)))
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        text = f"{self.method} {self.path} HTTP/1.1\r\n{head}Connection: close\r\n\r\n"
        return text.encode("utf-8", "surrogatepass") + self.body


def _damaged(dice: random.Random, key: str) -> bytes:
    """A good request with one to four things broken."""
    body = {"rows": [{"gate": "g", "at": "2036-01-01T00:00", "n": 1}], "key": key[:9], "user": "x", "text": "x"}
    headers = {"Host": "localhost", "X-API-Key": key, "Content-Type": "application/json"}
    method = dice.choice(("GET", "POST", "POST", "POST", "PUT", "TRACE", "XYZ"))
    made = Request(dice, key, method, dice.choice(PATHS), headers, json.dumps(body).encode())
    breaks = (
        made.break_target,
        made.break_bytes,
        made.break_values,
        made.break_headers,
        made.break_framing,
        made.forge,
    )
    for _ in range(dice.randint(1, 4)):
        dice.choice(breaks)()
    return made.wire()


def _plain(path: str, key: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nConnection: close\r\n\r\n".encode()


def _ask(port: int, data: bytes) -> bytes:
    """Everything that comes back until the connection is closed."""
    found = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        try:
            wire.sendall(data)
            while part := wire.recv(65_536):
                found += part
        except OSError:
            pass
    return found


def _sales(store: Any) -> int:
    with store.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM sale").scalar_one())


if __name__ == "__main__":
    raise SystemExit(main())
