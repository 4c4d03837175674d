"""The door of the gateway: what every request passes before any of it is understood, and every answer on its way out.

Whose name it is for, how large and how deep it is, how fast it comes, how often its address calls; then its id,
its time, its headers and one line of the log. The log and the metrics name routes, not paths, and no query: a path or
a query may hold somebody's number.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from typing import Any

from app.gateway.config import (
    ANSWER_SECONDS,
    BODY_BYTES,
    BODY_SECONDS,
    HEADER_BYTES,
    HEADERS_MOST,
    HELD_BYTES,
    JSON_DEPTH,
    JSON_PARTS,
    PATH_BYTES,
    GatewayConfig,
)
from app.gateway.limits import Buckets
from app.gateway.metrics import Metrics
from app.gateway.problems import RETRY_SECONDS, Problem

LOG = logging.getLogger("atrium.gateway")
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]
DRAIN_SECONDS, DRAIN_BYTES = 0.5, 16 * BODY_BYTES
WITH_BODY = ("POST", "PUT", "PATCH")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_ELSE = bytes(b for b in range(256) if b not in b"[]{}")
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
TLS_HEADERS = {"Strict-Transport-Security": "max-age=31536000"}


class Border:
    """The door, as an ASGI application around another."""

    def __init__(self, app: App, config: GatewayConfig, buckets: Buckets, metrics: Metrics) -> None:
        self._app, self._config, self._buckets, self._metrics = app, config, buckets, metrics
        self._held = 0
        self._headers = {**HEADERS, **(TLS_HEADERS if config.secure else {})}

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Let a request in, or say why not."""
        if scope["type"] == "websocket":
            await self._live(scope, receive, send)
        elif scope["type"] == "http":
            await _Passage(self, scope, send).run(receive)

    async def _live(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        refused = self._at_door(scope, headers) or self._foreign(headers)
        if refused is None:
            await self._app(scope, receive, send)
            return
        self._metrics.refused.labels(refused.code).inc()
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": refused.code})

    @contextmanager
    def _holding(self, size: int) -> Iterator[None]:
        """Room for a body in memory. Raises Problem where all bodies together would take too much."""
        if self._held + size > HELD_BYTES:
            raise Problem(503, "Too much arrives at once.", "Send the same again.", retry_after=RETRY_SECONDS)
        self._held += size
        try:
            yield
        finally:
            self._held -= size

    def _at_door(self, scope: MutableMapping[str, Any], headers: dict[str, str]) -> Problem | None:
        """Why the request is refused before anything else of it is looked at."""
        if not self._config.answers_to(headers.get("host", "")):
            return Problem(421, step="Ask IT to add the name to the setting gateway.hosts.")
        if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > PATH_BYTES:
            return Problem(414)
        sizes = [len(name) + len(value) for name, value in scope["headers"]]
        if len(sizes) > HEADERS_MOST or sum(sizes) > HEADER_BYTES:
            return Problem(431, step=f"At most {HEADERS_MOST} headers of {HEADER_BYTES:,} bytes together.")
        wait = self._buckets.take(f"address {_address(scope)}", self._config.per_address)
        if wait:
            return Problem(429, "Too many requests from this address.", "Wait, then go on.", retry_after=wait)
        return None

    def _foreign(self, headers: dict[str, str]) -> Problem | None:
        """A page of another site in a browser may not open a session in its user's name."""
        origin = headers.get("origin", "").lower().rstrip("/")
        own = origin.partition("://")[2] == headers.get("host", "").lower()
        return None if not origin or own or origin in self._config.origins else Problem(403)


class _Passage:
    """One request through the door."""

    def __init__(self, door: Border, scope: MutableMapping[str, Any], send: Send) -> None:
        self._door, self._scope, self._out = door, scope, send
        self._headers = _headers(scope)
        given = self._headers.get("x-request-id", "")
        self._id = given if _ID.fullmatch(given) else secrets.token_hex(8)
        self._began, self._status, self._bytes = time.perf_counter(), 0, 0
        self._whole = False

    async def run(self, receive: Receive) -> None:
        self._scope.setdefault("state", {})["request_id"] = self._id
        try:
            refused = self._door._at_door(self._scope, self._headers)
            if refused is None:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._enter(receive)
            else:
                await self._refuse(refused)
        except Problem as problem:
            await self._refuse(problem, None if self._whole else receive)
        except TimeoutError:
            await self._refuse(Problem(503, "The answer took too long.", "Ask for less.", retry_after=5))
        except MemoryError:
            LOG.critical("the bound of memory is reached; the gateway ends and is started again")
            os._exit(75)
        except Exception:
            LOG.exception("request %s failed", self._id)
            await self._refuse(Problem(500, step=f"Tell IT this number: {self._id}."))
        finally:
            self._note()

    async def _enter(self, receive: Receive) -> None:
        if self._scope["method"] not in WITH_BODY:
            await self._door._app(self._scope, receive, self._send)
            return
        with self._door._holding(self._declared()):
            body = await self._body(receive)
            self._whole = True
            check_json(body)
            await self._door._app(self._scope, _replay(body, receive), self._send)

    def _declared(self) -> int:
        """How many bytes the body will have, at most. Raises Problem for a body of another kind or size."""
        declared = self._headers.get("content-length", "0")
        if self._headers.get("content-encoding", "identity").lower() != "identity":
            raise Problem(415)
        if not declared.isdecimal() or int(declared) > BODY_BYTES:
            raise Problem(413, step=f"At most {BODY_BYTES:,} bytes: send fewer rows at once.")
        if self._headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Problem(415)
        return int(declared) if "content-length" in self._headers else BODY_BYTES

    async def _body(self, receive: Receive) -> bytes:
        """The whole body, within its bounds of size and time."""
        parts, size = [], 0
        try:
            async with asyncio.timeout(BODY_SECONDS):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Problem(400, "The request broke off.")
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > BODY_BYTES:
                        raise Problem(413, step=f"At most {BODY_BYTES:,} bytes: send fewer rows at once.")
                    more = message.get("more_body", False)
        except TimeoutError:
            raise Problem(408) from None
        return b"".join(parts)

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            own = {name.decode("latin-1").lower() for name, _ in message["headers"]}
            added = {**self._door._headers, "X-Request-ID": self._id}
            message["headers"] = [
                *message["headers"],
                *((n.encode(), v.encode()) for n, v in added.items() if n.lower() not in own),
            ]
        else:
            self._bytes += len(message.get("body", b""))
        await self._out(message)

    async def _refuse(self, problem: Problem, unread: Receive | None = None) -> None:
        """Answer with the problem; what is left of a body is read on for a moment, so that the answer arrives instead
        of a reset."""
        if self._status:
            return  # the answer has begun; its connection ends with it
        self._door._metrics.refused.labels(problem.code).inc()
        body = json.dumps(problem.document(self._id), ensure_ascii=False).encode()
        headers = {"content-type": "application/json", "content-length": str(len(body)), **problem.headers}
        if problem.status in (408, 413):
            headers["connection"] = "close"  # what is left of the body is not read
        pairs = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": problem.status, "headers": pairs})
        told = {"type": "http.response.body", "body": b"" if self._scope["method"] == "HEAD" else body}
        await self._send({**told, "more_body": True})
        if unread is not None and self._scope["method"] in WITH_BODY:
            await _drain(unread)
        await self._send({"type": "http.response.body", "body": b""})

    def _note(self) -> None:
        seconds = time.perf_counter() - self._began
        route = str(getattr(self._scope.get("route"), "path", "-"))
        method = self._scope["method"] if self._scope["method"] in (*WITH_BODY, "GET", "HEAD", "DELETE") else "-"
        self._door._metrics.requests.labels(route, method, str(self._status)).inc()
        self._door._metrics.seconds.labels(route).observe(seconds)
        LOG.info(
            "%s %s %d in %.1f ms, %d bytes, %s, %s", method, route, self._status, seconds * 1000, self._bytes,
            self._scope["state"].get("actor", "-"), self._id,
        )  # fmt: skip


def check_json(body: bytes) -> None:
    """Raise Problem for JSON too deep or of too many parts, before anything parses it. Linear, in one pass."""
    bare = _STRINGS.sub(b"", body).translate(None, _ELSE)
    if len(bare) > JSON_PARTS:
        raise Problem(413, "The body has too many parts.", "Send fewer rows at once.")
    depth = 0
    for letter in bare:
        depth += 1 if letter in b"[{" else -1
        if depth > JSON_DEPTH:
            raise Problem(400, "The body is nested too deep.", f"At most {JSON_DEPTH} levels.")


async def _drain(receive: Receive) -> None:
    """Take in what still comes, for half a second and within bounds, and forget it."""
    size = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while size < DRAIN_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body once more, whole; then what comes after it."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _headers(scope: MutableMapping[str, Any]) -> dict[str, str]:
    """The request's headers by small name; of a name that comes twice the two values, which fit nothing."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _address(scope: MutableMapping[str, Any]) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "-"
