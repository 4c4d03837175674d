"""Sending what waits: signed, over TLS, to the address that was judged, without following a redirect."""

from __future__ import annotations

import http.client
import random
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from engines.hooks.addresses import Listed, Resolve, Target, address_of, listed, target_of
from engines.hooks.rules import Answer, State, after
from engines.hooks.secrets import secrets_of
from engines.hooks.signing import headers_of
from models import settings
from models.errors import Known
from models.lease import fence
from models.recovery import is_held
from models.store import Store
from models.times import now_ms

CONNECT_SECONDS, WHOLE_SECONDS = 8.0, 20.0
#: Messages of one endpoint in a round, and endpoints at once.
MOST_A_ROUND, AT_ONCE = 20, 4
ANSWER_BYTES, KEPT_LETTERS = 4_096, 160


@dataclass(frozen=True)
class Due:
    """A message whose time has come."""

    id: bytes
    endpoint: bytes
    code: str
    url: str
    body: bytes
    attempts: int


Send = Callable[[Due, list[bytes]], Answer]


def send_due(store: Store, token: int, send: Send | None = None) -> int:
    """Try every message whose time has come; returns how many arrived.

    An endpoint that fails is left alone until the next round. Nothing is sent while a restored site waits for a
    person's word. Raises LeaseLost.
    """
    if is_held(store):
        return 0
    queues: dict[bytes, list[Due]] = {}
    for due in _due(store):
        queues.setdefault(due.endpoint, []).append(due)
    if not queues:
        return 0
    use = send or Sender(listed(str(settings.read(store, "hooks.private"))))
    with ThreadPoolExecutor(min(AT_ONCE, len(queues)), "hooks") as pool:
        return sum(pool.map(lambda queue: _one_endpoint(store, token, queue, use), queues.values()))


class Sender:
    """Sends a message and tells the answer; never raises for what a receiver or the network does."""

    def __init__(
        self, allowed: Listed, *, context: ssl.SSLContext | None = None, resolve: Resolve | None = None
    ) -> None:
        self._allowed, self._context, self._resolve = allowed, context, resolve

    def __call__(self, due: Due, keys: list[bytes]) -> Answer:
        """Send it now."""
        try:
            target = target_of(due.url, self._allowed)
            address = address_of(target, self._allowed, self._resolve)
        except Known as error:
            return Answer(None, error.sentence, final=error.code == 2)
        headers = headers_of(f"msg_{due.id.hex()}", now_ms() // 1000, due.body, keys)
        return self._post(target, address, due.body, headers)

    def _post(self, target: Target, address: str, body: bytes, headers: dict[str, str]) -> Answer:
        connection = _Pinned(target, address, self._context)
        end = threading.Timer(WHOLE_SECONDS, connection.cut)
        end.daemon = True
        end.start()
        try:
            connection.request(
                "POST", target.path, body, {"Content-Type": "application/json", "User-Agent": "Atrium", **headers}
            )
            answer = connection.getresponse()
            text = answer.read(ANSWER_BYTES)
            return Answer(answer.status, _kept(answer.status, answer.reason, text), _seconds(answer))
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Answer(None, f"not reached: {type(error).__name__}")
        finally:
            end.cancel()
            connection.close()


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, whatever its name resolves to by now; the certificate must be the name's."""

    def __init__(self, target: Target, address: str, context: ssl.SSLContext | None) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_SECONDS)
        self._address, self._secure = address, target.secure
        self._context = context

    def connect(self) -> None:
        raw = socket.create_connection((self._address, self.port), CONNECT_SECONDS)
        self.sock = raw
        if self._secure:
            context = self._context or ssl.create_default_context()
            self.sock = context.wrap_socket(raw, server_hostname=self.host)

    def cut(self) -> None:
        """End it from another thread: the whole exchange has its time."""
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def _due(store: Store) -> Iterable[Due]:
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT id, endpoint_id, code, url, body, attempts FROM (SELECT d.id, d.endpoint_id, e.code, e.url, "
            "d.body, d.attempts, d.at, row_number() OVER (PARTITION BY d.endpoint_id ORDER BY d.at, d.id) AS place "
            "FROM hook_delivery d JOIN hook_endpoint e ON e.id = d.endpoint_id "
            "WHERE e.active = 1 AND d.state = 'waiting' AND d.next_try_at <= ?) WHERE place <= ? ORDER BY at, id",
            (now_ms(), MOST_A_ROUND),
        ).fetchall()
    return [Due(bytes(i), bytes(e), code, url, body.encode(), tries) for i, e, code, url, body, tries in rows]


def _one_endpoint(store: Store, token: int, queue: list[Due], send: Send) -> int:
    with store.read() as connection:
        keys = secrets_of(connection, store, queue[0].endpoint)
    arrived = 0
    for due in queue:
        answer = send(due, keys)
        if _book(store, token, due, answer) != "sent":
            break
        arrived += 1
    return arrived


def _book(store: Store, token: int, due: Due, answer: Answer) -> State:
    """Book what came of a try; returns the message's state."""
    state, again = after(answer, due.attempts + 1, now_ms(), random.random())
    with store.write("service", "booking a webhook's answer") as tx:
        fence(token)(tx)
        tx.connection.exec_driver_sql(
            "UPDATE hook_delivery SET state = ?, attempts = ?, next_try_at = ?, answer = ? WHERE id = ?",
            (state, due.attempts + 1, again, answer.text, due.id),
        )
        if state == "refused" and answer.status is not None:  # 410: the receiver wants no more
            tx.connection.exec_driver_sql("UPDATE hook_endpoint SET active = 0 WHERE id = ?", (due.endpoint,))
            tx.audit("switch", f"hook/{due.code}", on=False, why="the receiver answered 410 Gone")
        tx.touch("hook_delivery")
    return state


def _kept(status: int, reason: str, body: bytes) -> str:
    """The answer as the list shows it: its status and the beginning of what it says, printable."""
    text = "".join(c if c.isprintable() else " " for c in body.decode("utf-8", "replace"))
    return f"{status} {reason[:40]} {' '.join(text.split())}".strip()[:KEPT_LETTERS]


def _seconds(answer: http.client.HTTPResponse) -> int | None:
    text = answer.headers.get("Retry-After", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else None
