"""One live session: the token comes first, then messages go out; it beats, renews its token, and ends with a reason.

Close codes: 4400 not understood, 4401 no valid token (any more), 4403 no right to any topic, 4408 too slow, 4413 too
much said, 1013 too many sessions.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

from fastapi import WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from app.gateway.callers import FAILURES_A_MINUTE, Gateway, count_failure
from app.gateway.live import Session, topics_for
from engines.access.api_keys import Caller, verify_token
from models.errors import Denied, Known

PROTOCOL, TOKEN_PREFIX = "atrium.v1", "bearer."
HELLO_SECONDS = 10.0
BEAT_SECONDS = 20.0
SEND_SECONDS = 5.0
MOST_SAID = 60
LONGEST_SAID = 4_096


class Ended(Exception):
    """The session ends, with a close code and why."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code, self.why = code, why


class LiveSession:
    """A socket and who is behind it."""

    def __init__(self, socket: WebSocket, here: Gateway) -> None:
        self._socket, self._here = socket, here
        self._token = ""
        self._caller: Caller | None = None

    async def run(self) -> None:
        """From the handshake to the end."""
        offered = [p.strip() for p in self._socket.headers.get("sec-websocket-protocol", "").split(",") if p.strip()]
        token = next((p.removeprefix(TOKEN_PREFIX) for p in offered if p.startswith(TOKEN_PREFIX)), "")
        await self._socket.accept(subprotocol=PROTOCOL if PROTOCOL in offered else None)
        try:
            await self._serve(token)
        except WebSocketDisconnect:
            self._here.metrics.dropped.labels("left").inc()
        except Ended as end:
            self._here.metrics.dropped.labels(str(end.code)).inc()
            await self._say_end(end)

    async def _serve(self, token: str) -> None:
        wanted: list[str] = []
        if not token:
            token, wanted = await self._hello()
        caller = await self._known(token)
        topics = topics_for(wanted, caller.has)
        if not topics:
            raise Ended(4403, "no right to any of these topics")
        session = Session(topics)
        if not self._here.live.join(session):
            raise Ended(1013, "too many sessions; try again later")
        try:
            await self._send(json.dumps({"type": "welcome", "topics": sorted(topics), "beat_s": BEAT_SECONDS}))
            for text in await run_in_threadpool(self._here.live.snapshot, topics):
                await self._send(text)
            await self._both_ways(session)
        finally:
            self._here.live.leave(session)

    async def _hello(self) -> tuple[str, list[str]]:
        try:
            said = await asyncio.wait_for(self._hear(), HELLO_SECONDS)
        except TimeoutError:
            raise Ended(4401, "no token came") from None
        topics = said.get("topics") or []
        if not isinstance(topics, list) or not all(isinstance(t, str) for t in topics):
            raise Ended(4400, "topics is a list of names")
        return str(said.get("token", "")), topics

    async def _both_ways(self, session: Session) -> None:
        listening = asyncio.create_task(self._listen())
        telling = asyncio.create_task(self._tell(session))
        try:
            done, _ = await asyncio.wait((listening, telling), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (listening, telling):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, Ended):
                    await task

    async def _tell(self, session: Session) -> None:
        while True:
            if session.overrun:
                raise Ended(4408, "too slow: messages waited")
            try:
                text = await asyncio.wait_for(session.queue.get(), BEAT_SECONDS)
            except TimeoutError:
                await self._known(self._token)
                text = json.dumps({"type": "beat"})
            await self._send(text)

    async def _listen(self) -> None:
        """A new token renews the session; anything else is ignored, but not without end."""
        for _ in range(MOST_SAID):
            said = await self._hear()
            if said.get("type") == "token":
                await self._known(str(said.get("token", "")))
        raise Ended(4413, "too many messages")

    async def _hear(self) -> dict[str, Any]:
        text = await self._socket.receive_text()
        if len(text) > LONGEST_SAID:
            raise Ended(4413, "a message is too long")
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            raise Ended(4400, "a message is a JSON object") from None
        if not isinstance(said, dict):
            raise Ended(4400, "a message is a JSON object")
        return said

    async def _known(self, token: str) -> Caller:
        """The caller of the token as it stands now; the token takes the place of the one before."""
        address = self._socket.client.host if self._socket.client else "-"
        if self._here.buckets.wait(f"failures {address}", FAILURES_A_MINUTE):
            raise Ended(4401, "too many wrong tokens from this address")
        try:
            caller = await run_in_threadpool(verify_token, self._here.store, token)
        except Denied:
            count_failure(self._here, address)
            raise Ended(4401, "the token is not valid (any more)") from None
        except Known as error:
            raise Ended(1013, error.sentence[:100]) from None
        if self._caller is not None and caller.actor != self._caller.actor:
            raise Ended(4401, "the token is someone else's")
        self._token, self._caller = token, caller
        return caller

    async def _send(self, text: str) -> None:
        try:
            await asyncio.wait_for(self._socket.send_text(text), SEND_SECONDS)
        except TimeoutError:
            raise Ended(4408, "too slow: a message could not be sent") from None

    async def _say_end(self, end: Ended) -> None:
        """Close with the reason; a client that reads nothing does not read this either."""
        with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            await asyncio.wait_for(self._socket.close(end.code, end.why), SEND_SECONDS)
