"""Hostile input: whatever comes over the wire, the gateway answers with a clear refusal and goes on."""

from __future__ import annotations

import gzip
import json
import random
import socket
import time
import zlib
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gateway.border import check_json
from app.gateway.config import BODY_BYTES, GatewayConfig
from app.gateway.limits import Buckets
from app.gateway.problems import Problem
from tests.gateway.conftest import HTTP, Mall, served

JSON = {"Content-Type": "application/json"}


def raw(mall: Mall, data: bytes, *, wait: float = 5.0) -> bytes:
    """What comes back for these bytes; empty where the connection is closed without a word."""
    with socket.create_connection(("127.0.0.1", mall.port), timeout=wait) as wire:
        wire.sendall(data)
        found = b""
        try:
            while part := wire.recv(65_536):
                found += part
                if b"\r\n\r\n" in found and found.count(b"}") > 0:
                    break
        except (TimeoutError, ConnectionResetError):
            pass
        return found


def still_there(mall: Mall) -> bool:
    return HTTP.get(mall.url + "/v1/health").status_code == 200


def refused(answer: httpx.Response) -> bool:
    """A refusal in the one form."""
    told = answer.json()
    return 400 <= answer.status_code < 500 and bool(told["code"] and told["sentence"] and told["request_id"])


@pytest.mark.parametrize(
    "data",
    [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v1/sales HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"POST /v1/sales HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5, 6\r\n\r\nhello",
        b"POST /v1/sales HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST /v1/sales HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"POST /v1/sales HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",
        b"GET /v1/health HTTP/1.1\r\nHost : localhost\r\n\r\n",
        b"GET /v1/health\r\n\r\n",
        b"GET /v1/health HTTP/1.1\r\n\r\n",
        b"GET /v1/" + b"\xff\xfe" + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 40_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(200)),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        random.Random(5).randbytes(4_000) + b"\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_in_words(mall: Mall, data: bytes) -> None:
    answer = raw(mall, data)
    assert answer.split(b" ")[1] in (b"400", b"421", b"431"), answer[:200]
    assert b'"sentence"' in answer
    assert still_there(mall)


def bodies() -> Iterator[tuple[str, bytes, dict[str, str], int]]:
    """Name, body, headers and the status that is right."""
    deep = b'{"rows":' + b"[" * 5_000 + b"]" * 5_000 + b"}"
    yield "deep lists", deep, JSON, 400
    yield "deep objects", b'{"a":' * 4_000 + b"1" + b"}" * 4_000, JSON, 400
    yield "open lists", b"[" * 90_000, JSON, 400
    yield "many parts", b"[]" * 200_000, JSON, 413
    yield "too large", b" " * (BODY_BYTES + 1), JSON, 413
    yield "gzip bomb", gzip.compress(b"0" * 50_000_000), {**JSON, "Content-Encoding": "gzip"}, 415
    yield "deflate bomb", zlib.compress(b"0" * 50_000_000), {**JSON, "Content-Encoding": "deflate"}, 415
    yield "gzip unsaid", gzip.compress(b"{}"), JSON, 400
    yield "no type", b"{}", {}, 415
    yield "form", b"rows=1", {"Content-Type": "application/x-www-form-urlencoded"}, 415
    yield "multipart", b"--x\r\n\r\n--x--", {"Content-Type": "multipart/form-data; boundary=x"}, 415
    yield "xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", {"Content-Type": "application/xml"}, 415
    yield "no utf-8", b'{"rows": "\xff\xfe"}', JSON, 400
    yield "utf-16", '{"rows": []}'.encode("utf-16"), JSON, 422
    yield "half", b'{"rows": [', JSON, 400
    yield "empty", b"", JSON, 422
    yield "null", b"null", JSON, 422
    yield "number", b"1e999999", JSON, 422
    yield "long number", b'{"rows": ' + b"9" * 5_000 + b"}", JSON, 400
    yield "not a number", b'{"rows": [{"receipt": "a", "at": "2026-11-18", "tenant": "t", "amount": NaN}]}', JSON, 422
    yield "infinite", b'{"rows": [{"receipt": "a", "at": "2026-11-18", "tenant": "t", "amount": 1e400}]}', JSON, 422
    yield "half a letter", b'{"rows": [{"receipt": "\\ud800", "at": "2026-11-18", "tenant": "t"}]}', JSON, 422
    yield "nul", b'{"rows": [{"receipt": "a\\u0000b", "at": "2026-11-18", "tenant": "t"}]}', JSON, 422
    yield "line break", b'{"rows": [{"receipt": "a\\r\\nX: y", "at": "2026-11-18", "tenant": "t"}]}', JSON, 422
    yield "strange field", b'{"rows": [{"receipt": "a", "at": "2026-11-18", "tenant": "t", "x": 1}]}', JSON, 422
    yield "too many rows", json.dumps({"rows": [{}] * 1_001}).encode(), JSON, 422
    yield "path as source", b'{"source": "../../etc", "rows": [{}]}', JSON, 422


@pytest.mark.parametrize(("name", "body", "headers", "status"), list(bodies()), ids=[b[0] for b in bodies()])
def test_a_hostile_body_is_refused_for_what_it_is(
    mall: Mall, name: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = mall.call("POST", "/v1/sales", content=body, headers=headers)
    assert (answer.status_code, refused(answer)) == (status, True), answer.text
    assert still_there(mall)


def test_a_body_without_a_length_is_bounded_too(mall: Mall) -> None:
    def long() -> Iterator[bytes]:
        for _ in range(60):
            yield b" " * 65_536

    answer = mall.call("POST", "/v1/sales", content=long(), headers=JSON)
    assert (answer.status_code, refused(answer)) == (413, True)
    assert still_there(mall)


INJECTIONS = (
    "'; DROP TABLE sale; --", "' OR '1'='1", "1; ATTACH DATABASE 'x' AS y", "\" OR 1=1 --", "%' UNION SELECT key FROM x",
    "=cmd|' /C calc'!A0", "+1+1", "@SUM(1)", "-2+3", "<script>alert(1)</script>", "../../../etc/passwd", "${jndi:ldap}",
    "{{7*7}}", "%00", "a' AND sleep(5)--", "\\x27", "ＡＢＣ' --", "🙂" * 20,
)  # fmt: skip


@pytest.mark.parametrize("text", INJECTIONS)
def test_text_is_only_ever_text(mall: Mall, text: str) -> None:
    with mall.store.read() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM sale").scalar_one()
    for path in ("/v1/sales", "/v1/activities", "/v1/counts"):
        name = {"/v1/sales": "tenant", "/v1/activities": "kind", "/v1/counts": "gate"}[path]
        answer = mall.call("GET", path, params={"from": "2026-11-10", "to": "2026-11-19", name: text})
        assert answer.status_code == 200
        assert answer.json()["items"] == []
    found = mall.call("POST", "/v1/customers/search", json={"text": text})
    assert found.status_code == 200
    assert found.json()["items"] == []
    for path in (f"/v1/kpi/{text}", f"/v1/charts/{text}", f"/v1/segments/{text}/members", f"/v1/customers/{text}"):
        answer = mall.call("GET", path, params={"from": "2026-11-10", "to": "2026-11-19"})
        assert answer.status_code in (404, 422), answer.text
    assert mall.call("GET", "/v1/sales", params={"from": text, "to": text}).status_code == 422
    with mall.store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sale").scalar_one() == before


@pytest.mark.parametrize(
    "path",
    ["/../../etc/passwd", "/v1/docs/../../site.toml", "/v1/docs/%2e%2e/%2e%2e/site.toml", "/v1/docs/..%2f..%2fsite.toml",
     "//etc/passwd", "/v1/docs/page.html", "/v1/docs/page.js/..", "/v1//health", "/V1/health", "/v1/health/",
     "/v1/docs/%00page.js", "/v1/docs/page.js%00", "/%", "/v1/kpi/%ff", "/docs", "/redoc", "/openapi.json"],
)  # fmt: skip
def test_no_path_leads_to_a_file(mall: Mall, path: str) -> None:
    answer = raw(mall, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert answer.split(b" ")[1] in (b"404", b"401", b"422"), answer[:100]
    assert b"root:" not in answer
    assert b"time_zone" not in answer


def test_another_host_name_is_not_answered(mall: Mall) -> None:
    for host in ("evil.example", "localhost.evil.example", "", "[", "localhost@evil.example", "127.0.0.1.evil.example"):
        answer = raw(mall, f"GET /v1/health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert b" 421 " in answer.split(b"\r\n")[0] or b" 400 " in answer.split(b"\r\n")[0], (host, answer[:80])
    for host in ("localhost", "127.0.0.1", "127.0.0.1:8620", "[::1]:8620", "LOCALHOST"):
        answer = raw(mall, f"GET /v1/health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert b" 200 " in answer.split(b"\r\n")[0], host


def test_too_many_headers_and_too_long_a_path_are_refused(mall: Mall) -> None:
    many = mall.call("GET", "/v1/kpi", headers={f"X-{n}": "1" for n in range(80)})
    assert (many.status_code, refused(many)) == (431, True)
    long = mall.call("GET", "/v1/kpi?x=" + "a" * 3_000)
    assert (long.status_code, refused(long)) == (414, True)


def test_a_request_id_is_taken_over_only_where_it_is_one(mall: Mall) -> None:
    good = HTTP.get(mall.url + "/v1/health", headers={"X-Request-ID": "abc-123"})
    assert good.headers["x-request-id"] == "abc-123"
    bad = HTTP.get(mall.url + "/v1/health", headers={"X-Request-ID": "a b\tc" + "d" * 100})
    assert len(bad.headers["x-request-id"]) == 16


def test_an_address_that_calls_too_often_waits(mall: Mall) -> None:
    with served(mall.store, GatewayConfig("127.0.0.1", 0, per_address=30)) as narrow:
        narrow.server.gateway.buckets._clock = lambda: 0.0  # so that nothing is refilled, however slow the machine
        answers = [HTTP.get(narrow.url + "/v1/health") for _ in range(35)]
        assert [a.status_code for a in answers].count(200) == 30
        assert answers[-1].status_code == 429
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 3


def test_a_client_that_dribbles_its_head_is_let_go(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.gateway.protocol.HEAD_SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", mall.port), timeout=5) as wire:
        wire.sendall(b"GET /v1/health HTTP/1.1\r\nHost: loc")
        began = time.monotonic()
        assert wire.recv(100) == b""
        assert time.monotonic() - began < 4
    assert still_there(mall)


def test_a_body_that_does_not_come_is_let_go(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.gateway.border.BODY_SECONDS", 0.3)
    head = b"POST /v1/auth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
    answer = raw(mall, head)
    assert b" 408 " in answer.split(b"\r\n")[0]
    assert still_there(mall)


def test_nothing_personal_and_no_secret_is_in_the_log(mall: Mall, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        mall.call("GET", "/v1/sales?from=2026-11-10&to=2026-11-19&tenant=Zhang%20Wei")
        mall.call("POST", "/v1/customers/search", json={"text": "13900000001"})
        mall.call("GET", "/nobody/13900000001")
        HTTP.post(mall.url + "/v1/auth/login", json={"user": "Zhang Wei", "password": "hunter2"})
        HTTP.post(mall.url + "/v1/auth/token", json={"key": "atr_00000000_secret"})
    told = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith(("atrium", "uvicorn")))
    assert "/v1/sales 200" in told
    for word in ("Zhang", "13900000001", "hunter2", "atr_", mall.keys["all"]):
        assert word not in told


@given(
    st.recursive(st.none() | st.text() | st.integers(), lambda part: st.lists(part) | st.dictionaries(st.text(), part))
)
def test_json_that_is_not_deep_passes_whatever_its_strings_hold(value: object) -> None:
    text = json.dumps(value)

    def depth(part: object) -> int:
        inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else None
        return 0 if inner is None else 1 + max((depth(p) for p in inner), default=0)

    if depth(value) <= 16:
        check_json(text.encode())
    else:
        with pytest.raises(Problem):
            check_json(text.encode())


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_check_of_depth(data: bytes) -> None:
    try:
        check_json(data)
    except Problem as problem:
        assert problem.status in (400, 413)


def test_a_bucket_gives_what_it_may_and_tells_when_there_is_more() -> None:
    now = [0.0]
    buckets = Buckets(lambda: now[0], most=3)
    assert [buckets.take("a", 60, burst=2) for _ in range(3)] == [0, 0, 1]
    now[0] = 1.0
    assert buckets.take("a", 60, burst=2) == 0
    assert buckets.wait("a", 60, burst=2) == 1
    assert buckets.wait("b", 6, burst=1) == 0
    for name in "bcdefg":
        buckets.take(name, 60)
    assert len(buckets._levels) == 3, "memory does not grow with who calls"
