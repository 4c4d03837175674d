"""The live feed over a real WebSocket, and the process that the service keeps."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from app.gateway.config import GatewayConfig
from app.gateway.hosting import GatewayHost, GatewayProcess
from app.gateway.live import MOST_QUEUED, Session
from engines.access.api_keys import create_key, revoke_key
from engines.intake.posting import RowPost, put_posts
from models import settings
from models.ids import new_id
from models.times import now_ms
from tests.gateway.conftest import HTTP, Mall, make_mall, served

LIVE = "/v1/live"


def token(mall: Mall, *rights: str, name: str = "") -> str:
    key = mall.key(name or "-".join(rights), *rights)["X-API-Key"]
    return str(HTTP.post(mall.url + "/v1/auth/token", json={"key": key}).json()["token"])


@contextmanager
def session(mall: Mall, hello: dict[str, Any] | None = None, **named: Any) -> Iterator[ClientConnection]:
    with connect(mall.url.replace("http", "ws") + LIVE, proxy=None, **named) as wire:
        if hello is not None:
            wire.send(json.dumps(hello))
        yield wire


def hear(wire: ClientConnection, kind: str, seconds: float = 5.0) -> dict[str, Any]:
    """The next message of that kind."""
    end = time.monotonic() + seconds
    while True:
        told: dict[str, Any] = json.loads(wire.recv(timeout=max(0.01, end - time.monotonic())))
        if told["type"] == kind:
            return told


def closed(wire: ClientConnection) -> tuple[int, str]:
    """How the session ended."""
    with pytest.raises(ConnectionClosed):
        for _ in range(200):
            wire.recv(timeout=10)
    assert wire.protocol.close_code is not None
    return wire.protocol.close_code, wire.protocol.close_reason or ""


def count(mall: Mall, entries: int) -> None:
    row = {"gate": "north", "at": f"{mall.today}T00:00:00", "entries": entries, "exits": 0}
    put_posts(mall.store, [RowPost(mall.store, "cli:it", "live-test", "counts", [row])])


def test_what_is_counted_is_heard_within_a_second(mall: Mall) -> None:
    count(mall, 10)
    with session(mall, {"token": token(mall, "see"), "topics": ["counts"]}) as wire:
        assert hear(wire, "welcome")["topics"] == ["counts"]
        before = hear(wire, "counts")["data"]["visits"]
        began = time.monotonic()
        count(mall, 27)
        after = hear(wire, "counts")["data"]["visits"]
        assert time.monotonic() - began < 5.0, "a second, and room for a busy machine"
    assert after == before + 17


def test_the_token_may_come_as_a_subprotocol(mall: Mall) -> None:
    with session(mall, subprotocols=["atrium.v1", f"bearer.{token(mall, 'see')}"]) as wire:
        assert wire.subprotocol == "atrium.v1"
        assert set(hear(wire, "welcome")["topics"]) == {"counts", "kpi"}


def test_an_alert_is_heard_by_who_may_see_alerts_only(mall: Mall) -> None:
    with (
        session(mall, {"token": token(mall, "alerts")}) as may,
        session(mall, {"token": token(mall, "see"), "topics": ["alerts", "counts"]}) as may_not,
    ):
        hear(may, "welcome")
        assert hear(may_not, "welcome")["topics"] == ["counts"]
        time.sleep(0.6)  # the feed has looked at what is open
        with mall.store.write("test", "an alert") as tx:
            tx.connection.exec_driver_sql(
                "INSERT INTO alert (id, fingerprint, kind, severity, subject, day, score, sentence, facts, evidence, "
                "state, raised_at) VALUES (?, 'l:1', 'access_spray', 'critical', 's', '2026-11-20', 1, 'access_spray', "
                "'{\"subject\": \"x\", \"n\": 31}', '[]', 'open', ?)",
                (new_id(), now_ms()),
            )
        told = hear(may, "alerts")["data"]
        assert "31 sign-ins failed" in told["sentence"]
        count(mall, 5_000)
        assert hear(may_not, "counts")


@pytest.mark.parametrize(
    ("hello", "code"),
    [
        ({"token": "nonsense"}, 4401),
        ({"token": ""}, 4401),
        ({}, 4401),
        ({"token": "x", "topics": "counts"}, 4400),
        ([1, 2], 4400),
        ("text", 4400),
    ],
)
def test_a_wrong_beginning_ends_with_the_reason(mall: Mall, hello: Any, code: int) -> None:
    with session(mall, hello) as wire:
        found, why = closed(wire)
    assert found == code
    assert why


def test_no_json_deep_json_and_long_messages_end_the_session(mall: Mall) -> None:
    for text, code in (("{", 4400), ("[" * 3_000, 4400), ("x" * 6_000, 4413), ("\x00", 4400)):
        with session(mall) as wire:
            wire.send(text)
            assert closed(wire)[0] == code
    with session(mall) as wire:
        wire.send("y" * 40_000)
        assert closed(wire)[0] == 1009
    assert HTTP.get(mall.url + "/v1/health").status_code == 200


def test_a_revoked_key_ends_its_sessions_at_the_next_beat(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.gateway.sessions.BEAT_SECONDS", 0.2)
    text = create_key(mall.store, "cli:it", "to-revoke", ["see"])
    got = HTTP.post(mall.url + "/v1/auth/token", json={"key": text}).json()["token"]
    with session(mall, {"token": got, "topics": ["kpi"]}) as wire:
        hear(wire, "beat")
        revoke_key(mall.store, "cli:it", "to-revoke")
        assert closed(wire)[0] == 4401


def test_a_token_renews_a_session_but_not_as_someone_else(mall: Mall) -> None:
    with session(mall, {"token": token(mall, "see")}) as wire:
        hear(wire, "welcome")
        wire.send(json.dumps({"type": "token", "token": token(mall, "see")}))
        wire.send(json.dumps({"type": "token", "token": token(mall, "see_sales")}))
        assert closed(wire) == (4401, "the token is someone else's")


def test_there_are_only_so_many_sessions(mall: Mall) -> None:
    with served(mall.store, GatewayConfig("127.0.0.1", 0, sessions=1, per_address=10_000)) as narrow:
        narrow.keys = mall.keys
        hello = {"token": token(narrow, "see")}
        with session(narrow, hello) as first:
            hear(first, "welcome")
            with session(narrow, hello) as second:
                assert closed(second)[0] == 1013


def test_a_page_of_another_site_cannot_open_a_session(mall: Mall) -> None:
    with pytest.raises(InvalidStatus), session(mall, origin="https://evil.example"):
        pass
    with session(mall, origin=f"http://127.0.0.1:{mall.port}"):
        pass


async def _filled() -> Session:
    made = Session(frozenset({"counts"}))
    for n in range(MOST_QUEUED + 1):
        made.offer(str(n))
    return made


def test_a_session_that_does_not_keep_up_is_marked_not_waited_for() -> None:
    import asyncio

    made = asyncio.run(_filled())
    assert made.overrun
    assert made.queue.qsize() == MOST_QUEUED


def test_a_slow_session_is_ended_with_the_reason(mall: Mall) -> None:
    with session(mall, {"token": token(mall, "see"), "topics": ["counts"]}) as wire:
        hear(wire, "counts")
        [slow] = [s for s in mall.server.gateway.live._sessions if s.topics == {"counts"}][-1:]
        slow.overrun = True
        count(mall, 6_000 + now_ms() % 1_000)
        assert closed(wire) == (4408, "too slow: messages waited")


class Child:
    """A process of the host's, as the test wants it."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.stopped = False

    def ended(self) -> int | None:
        return self.status

    def says(self) -> str:
        return "It fell."

    def stop(self) -> None:
        self.stopped = True


def test_the_service_keeps_the_gateway_as_the_settings_say(tmp_path: Path) -> None:
    store = make_mall(tmp_path / "mall")
    clock, made = [100.0], list[Child]()

    def start() -> Child:
        made.append(Child())
        return made[-1]

    try:
        host = GatewayHost(store, start, clock=lambda: clock[0])
        host.look()
        assert made == [], "off as it comes"
        settings.change_setting(store, "cli:it", "gateway.on", True)
        host.look()
        assert host.running()
        made[0].status = 1
        host.look()
        host.look()
        assert len(made) == 1, "not at once again"
        clock[0] += 3
        host.look()
        assert len(made) == 2
        made[1].status = 1
        host.look()
        clock[0] += 3
        host.look()
        assert len(made) == 2, "later each time"
        clock[0] += 2
        host.look()
        assert len(made) == 3
        settings.change_setting(store, "cli:it", "gateway.sessions", 5)
        host.look()
        assert made[2].stopped
        assert len(made) == 4
        settings.change_setting(store, "cli:it", "gateway.on", False)
        host.look()
        assert made[3].stopped
        assert not host.running()
    finally:
        store.close()


def test_the_process_answers_and_ends_when_its_input_does(tmp_path: Path, unused_tcp_port: int) -> None:
    store = make_mall(tmp_path / "mall")
    settings.change_setting(store, "cli:it", "gateway.address", f"127.0.0.1:{unused_tcp_port}")
    store.close()
    main = Path(__file__).resolve().parents[2] / "main.py"
    process = GatewayProcess([sys.executable, str(main), "--site", str(tmp_path / "mall"), "gateway", "serve"])
    try:
        url, end = f"http://127.0.0.1:{unused_tcp_port}/v1/health", time.monotonic() + 60
        while not _answers(url) and time.monotonic() < end and process.ended() is None:
            time.sleep(0.1)
        assert _answers(url), process.says()
    finally:
        process.stop()
    assert process.ended() == 0
    assert not _answers(url)


def _answers(url: str) -> bool:
    import httpx

    try:
        return HTTP.get(url).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
def unused_tcp_port() -> int:
    import socket

    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def test_posts_share_a_commit_and_one_that_fails_harms_no_other(mall: Mall) -> None:
    from app.gateway.writer import Full, Writer

    class Broken:
        actor = "cli:it"
        source = "broken"

        def put(self, *_: Any) -> Any:
            raise ZeroDivisionError

    writer = Writer(mall.store, most_waiting=4)
    rows = [{"key": "w", "kind": "write", "at": "2026-11-18T10:00"}]
    posts = [RowPost(mall.store, "cli:it", f"w{n}", "activities", rows) for n in range(2)]
    results = [writer.submit(post) for post in (posts[0], Broken(), posts[1], posts[0])]  # type: ignore[arg-type]
    with pytest.raises(Full):
        writer.submit(posts[1])
    threading.Thread(target=writer.start).start()
    assert results[0].result(10).loaded == 1
    assert isinstance(results[1].exception(10), ZeroDivisionError)
    assert results[2].result(10).loaded == 1
    assert results[3].result(10).unchanged == 1
    writer.close()
