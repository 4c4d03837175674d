"""Webhooks: what is told, once; how it is signed; when it is tried again; where it may not go."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.alerts.actions import decide_alert
from engines.hooks import addresses, rules, signing
from engines.hooks.actions import (
    add_endpoint,
    remove_endpoint,
    rotate_secret,
    send_again,
    send_test,
    switch_endpoint,
)
from engines.hooks.collecting import collect
from engines.hooks.queries import deliveries, endpoints
from engines.hooks.rules import Answer
from engines.hooks.sending import Sender, send_due
from models import settings
from models.connection import Connection
from models.errors import Denied, Known
from models.ids import new_id
from models.lease import Lease
from models.recovery import hold, release
from models.site import create_site
from models.store import Store, create_store
from models.times import now_ms

IT = "cli:it"


class Receiver:
    """A receiver on this machine that answers what the test wants and keeps what it got."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.got: list[tuple[dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                status, headers = outer.answers.pop(0) if outer.answers else (200, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(b"seen\x00\nit")

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/atrium?x=1"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Store]:
    store = create_store(create_site(tmp_path / "mall", name="Mall", time_zone="Asia/Shanghai"))
    settings.change_setting(store, IT, "hooks.private", "127.0.0.1")
    yield store
    store.close()


@pytest.fixture
def token(mall: Store) -> int:
    lease = Lease(mall)
    lease.try_take()
    return lease.token


def raise_alert(store: Store, n: int = 0) -> bytes:
    made = new_id()
    facts = json.dumps({"subject": f"user{n}", "n": 5, "person": "01a1ff42b1d6707caa39e8a0ae232ff5"})
    with store.write("test", "an alert") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO alert (id, fingerprint, kind, severity, subject, day, score, sentence, facts, evidence, state, "
            "raised_at) VALUES (?, ?, 'access_lockout', 'warning', 's', '2026-11-20', 1, 'access_lockout', ?, '[]', "
            "'open', ?)",
            (made, f"t:{made.hex()}", facts, now_ms()),
        )
    return made


def due_now(store: Store) -> None:
    """Let the time of every waiting message have come."""
    with store.write("test", "time passes") as tx:
        tx.connection.exec_driver_sql("UPDATE hook_delivery SET next_try_at = 0 WHERE state = 'waiting'")


def test_an_alert_is_told_once_signed_and_names_no_customer(mall: Store, token: int, receiver: Receiver) -> None:
    before = raise_alert(mall)
    secret = add_endpoint(mall, IT, "pager", receiver.url, ["alert.raised", "alert.closed"])
    assert collect(mall, token) == 0, "what was raised before it was added is not told"
    alert = raise_alert(mall)
    assert collect(mall, token) == 1
    assert collect(mall, token) == 0
    assert send_due(mall, token) == 1
    assert send_due(mall, token) == 0
    [(headers, body)] = receiver.got
    signing.verify(headers, body, [signing.secret_of(secret)], int(headers["webhook-timestamp"]))
    told = json.loads(body)
    assert told["type"] == "alert.raised"
    assert told["data"]["id"] == alert.hex() != before.hex()
    assert "locked after 5 wrong tries" in told["data"]["sentence"]
    assert "01a1ff42" not in body.decode()
    [row] = deliveries(mall, "pager")
    assert (row.state, row.attempts, row.answer) == ("sent", 1, "200 OK seen it")
    decide_alert(mall, IT, alert, "closed")
    assert collect(mall, token) == 1
    assert send_due(mall, token) == 1
    assert json.loads(receiver.got[-1][1])["data"]["state"] == "closed"


def test_the_signature_is_what_standard_webhooks_says() -> None:
    """The example of the specification's own library: a known secret, id, time and body."""
    secret = signing.secret_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    headers = signing.headers_of("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, [secret])
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    plain = hmac.new(secret, b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330." + body, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(plain).decode()}"


SECRET, OTHER = b"k" * 32, b"o" * 32
GOOD = signing.headers_of("msg_1", 1_000_000, b"{}", [SECRET])


def test_a_message_is_good_within_five_minutes_and_by_either_secret() -> None:
    for now in (1_000_000 - 300, 1_000_000, 1_000_000 + 300):
        signing.verify(GOOD, b"{}", [OTHER, SECRET], now)
    both = signing.headers_of("msg_1", 1_000_000, b"{}", [OTHER, SECRET])
    signing.verify(both, b"{}", [SECRET], 1_000_000)


@pytest.mark.parametrize(
    ("changed", "body", "keys", "now"),
    [
        ({}, b"{ }", [SECRET], 1_000_000),
        ({}, b"{}", [OTHER], 1_000_000),
        ({}, b"{}", [], 1_000_000),
        ({}, b"{}", [SECRET], 1_000_301),
        ({}, b"{}", [SECRET], 999_699),
        ({"webhook-id": "msg_2"}, b"{}", [SECRET], 1_000_000),
        ({"webhook-id": ""}, b"{}", [SECRET], 1_000_000),
        ({"webhook-timestamp": "1000001"}, b"{}", [SECRET], 1_000_000),
        ({"webhook-timestamp": "now"}, b"{}", [SECRET], 1_000_000),
        ({"webhook-timestamp": "9" * 400}, b"{}", [SECRET], 1_000_000),
        ({"webhook-signature": ""}, b"{}", [SECRET], 1_000_000),
        ({"webhook-signature": GOOD["webhook-signature"].replace("v1,", "v2,")}, b"{}", [SECRET], 1_000_000),
    ],
)
def test_a_forged_message_is_refused(changed: dict[str, str], body: bytes, keys: list[bytes], now: int) -> None:
    with pytest.raises(Denied):
        signing.verify({**GOOD, **changed}, body, keys, now)


@given(st.dictionaries(st.sampled_from([signing.ID, signing.TIMESTAMP, signing.SIGNATURE]), st.text()), st.binary())
def test_no_headers_crash_the_check(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(Denied):
        signing.verify(headers, body, [SECRET], 1_000_000)


def test_both_secrets_sign_while_one_replaces_the_other(mall: Store, token: int, receiver: Receiver) -> None:
    old = add_endpoint(mall, IT, "pager", receiver.url, ["alert.raised"])
    new = rotate_secret(mall, IT, "pager", hours=1)
    send_test(mall, IT, "pager")
    assert send_due(mall, token) == 1
    headers, body = receiver.got[-1]
    for secret in (old, new):
        signing.verify(headers, body, [signing.secret_of(secret)], int(headers["webhook-timestamp"]))
    last = rotate_secret(mall, IT, "pager", hours=0)
    send_test(mall, IT, "pager")
    send_due(mall, token)
    headers, body = receiver.got[-1]
    signing.verify(headers, body, [signing.secret_of(last)], int(headers["webhook-timestamp"]))
    with pytest.raises(Denied):
        signing.verify(headers, body, [signing.secret_of(new)], int(headers["webhook-timestamp"]))


def test_secrets_are_sealed_in_the_store_and_in_no_audit_entry(mall: Store, receiver: Receiver) -> None:
    text = add_endpoint(mall, IT, "pager", receiver.url, ["alert.raised"])
    raw = signing.secret_of(text)
    with mall.read() as connection:
        [(sealed,)] = connection.exec_driver_sql("SELECT secret FROM hook_secret").fetchall()
        details = str(connection.exec_driver_sql("SELECT detail FROM audit_entry").fetchall())
    assert raw not in bytes(sealed)
    assert text[6:] not in details


def test_what_fails_is_tried_for_about_three_days_then_given_up() -> None:
    now, attempts, waits = 0, 0, []
    while True:
        attempts += 1
        state, again = rules.after(Answer(500, "500"), attempts, now, 0.5)
        if again is None:
            break
        waits.append(again - now)
        now = again
    assert state == "given_up"
    assert attempts == 10
    assert 72 * 3_600_000 <= now <= 80 * 3_600_000
    assert waits[0] == 5_000
    assert rules.after(Answer(500, ""), 1, 0, 0.0)[1] == 4_000
    assert rules.after(Answer(500, ""), 1, 0, 1.0)[1] == 6_000
    assert rules.after(Answer(429, "", retry_after=600), 1, 0, 0.5) == ("waiting", 600_000)
    assert rules.after(Answer(204, ""), 3, 0, 0.5) == ("sent", None)
    assert rules.after(Answer(301, ""), 1, 0, 0.5)[0] == "waiting"


def test_a_receiver_that_is_away_gets_the_same_message_later(mall: Store, token: int, receiver: Receiver) -> None:
    add_endpoint(mall, IT, "pager", receiver.url, ["alert.raised"])
    raise_alert(mall)
    collect(mall, token)
    receiver.answers = [(503, {"Retry-After": "120"}), (302, {"Location": receiver.url})]
    assert send_due(mall, token) == 0
    [row] = deliveries(mall)
    assert (row.state, row.attempts) == ("waiting", 1)
    assert row.next_try_at is not None and row.next_try_at - now_ms() > 100_000
    due_now(mall)
    assert send_due(mall, token) == 0, "a redirect is not followed"
    assert len(receiver.got) == 2
    due_now(mall)
    assert send_due(mall, token) == 1
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert endpoints(mall)[0].waiting == 0


def test_a_receiver_that_wants_no_more_is_switched_off(mall: Store, token: int, receiver: Receiver) -> None:
    add_endpoint(mall, IT, "pager", receiver.url, ["alert.raised"])
    receiver.answers = [(410, {})]
    message = send_test(mall, IT, "pager")
    send_due(mall, token)
    assert deliveries(mall)[0].state == "refused"
    assert not endpoints(mall)[0].active
    switch_endpoint(mall, IT, "pager", on=True)
    send_again(mall, IT, message)
    assert send_due(mall, token) == 1


def test_nothing_goes_out_while_a_restored_site_is_held(mall: Store, token: int, receiver: Receiver) -> None:
    add_endpoint(mall, IT, "pager", receiver.url, ["alert.raised"])
    send_test(mall, IT, "pager")
    with mall.write("test", "a restore") as tx:
        hold(tx.connection, "backup.db")
    assert send_due(mall, token) == 0
    assert receiver.got == []
    release(mall, IT)
    assert send_due(mall, token) == 1


def test_an_endpoint_that_is_away_does_not_hold_up_another(mall: Store, token: int, receiver: Receiver) -> None:
    add_endpoint(mall, IT, "good", receiver.url, ["alert.raised"])
    add_endpoint(mall, IT, "gone", "http://127.0.0.1:9/none", ["alert.raised"])
    for _ in range(3):
        raise_alert(mall)
    collect(mall, token)
    assert send_due(mall, token) == 3
    states = sorted((d.endpoint, d.state, d.attempts) for d in deliveries(mall))
    assert (
        states == [("gone", "waiting", 0), ("gone", "waiting", 0), ("gone", "waiting", 1)] + [("good", "sent", 1)] * 3
    )
    remove_endpoint(mall, IT, "gone")
    assert {d.endpoint for d in deliveries(mall)} == {"good"}


NOWHERE = addresses.Listed()


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
     "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1",
     "2002:a00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "ff02::1", "198.18.0.1", "192.0.2.1"],
)  # fmt: skip
def test_a_machine_of_the_own_network_is_not_called(ip: str) -> None:
    target = addresses.target_of("https://pager.example/x", NOWHERE)
    with pytest.raises(Known, match="own network"):
        addresses.address_of(target, NOWHERE, lambda _host, _port: [ip])
    with pytest.raises(Known, match="own network"):
        addresses.address_of(target, NOWHERE, lambda _host, _port: ["93.184.216.34", ip])


def test_public_and_listed_machines_are_called() -> None:
    target = addresses.target_of("https://pager.example/x", NOWHERE)
    assert addresses.address_of(target, NOWHERE, lambda _h, _p: ["93.184.216.34"]) == "93.184.216.34"
    assert addresses.address_of(target, NOWHERE, lambda _h, _p: ["2606:2800:220:1::1"]) == "2606:2800:220:1::1"
    allowed = addresses.listed("10.1.2.0/24, pager.mall.example")
    assert addresses.address_of(target, allowed, lambda _h, _p: ["10.1.2.9"]) == "10.1.2.9"
    named = addresses.target_of("http://pager.mall.example/", allowed)
    assert addresses.address_of(named, allowed, lambda _h, _p: ["192.168.7.7"]) == "192.168.7.7"


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "https://user:pw@a.example/", "https:///x", "https://a.example/#x", "http://a.example/",
     "https://a.example/\r\nX: y", "https://a.example:99999/", "https://[::1", "javascript:alert(1)", "//a.example",
     "https://a_b.example/", "https://" + "a" * 500, "https://a.example/中", "file:///etc/passwd", ""],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(mall: Store, url: str) -> None:
    settings.change_setting(mall, IT, "hooks.private", "")
    with pytest.raises(Known):
        add_endpoint(mall, IT, "x", url, ["alert.raised"])
    assert endpoints(mall) == []


@given(st.text(max_size=60))
def test_no_text_crashes_the_reading_of_an_address(text: str) -> None:
    with suppress(Known):
        addresses.target_of(text, NOWHERE)
    with suppress(Known):
        addresses.listed(text)


def test_a_name_that_changes_its_address_leads_nowhere_else(mall: Store, token: int, receiver: Receiver) -> None:
    """What is judged is what is called: the second answer of the resolver is never asked for."""
    add_endpoint(mall, IT, "pager", receiver.url, ["alert.raised"])
    send_test(mall, IT, "pager")
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) > 1 else ["10.9.9.9"]

    send_due(mall, token, Sender(NOWHERE, resolve=resolve))
    assert receiver.got == []
    assert deliveries(mall)[0].state == "refused"


def test_rights_are_asked_for(mall: Store) -> None:
    with mall.write("test", "closing") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO setting (name, value, updated_at, actor) VALUES ('access.closed', 'true', 0, 't')"
        )
    with pytest.raises(Denied):
        add_endpoint(mall, "somebody", "x", "https://a.example/", ["alert.raised"])


def test_segments_and_figures_are_told_when_they_have_moved(mall: Store, token: int, receiver: Receiver) -> None:
    add_endpoint(mall, IT, "wall", receiver.url, ["segment.changed", "kpi.changed"])
    quarter = now_ms() // 900_000 * 900_000
    with mall.write("test", "moves") as tx:
        tx.connection.exec_driver_sql("UPDATE hook_endpoint SET created_at = 0")
        _segment(tx.connection, quarter - 1_000)
        tx.connection.exec_driver_sql(
            "INSERT INTO kpi_fact (kpi, grain, period, dims, value, numerator, denominator, rows, version) "
            "VALUES ('footfall', 'day', '2026-11-20', '{}', 10, 10, NULL, 1, 1)"
        )
        tx.touch("kpi_fact")
    assert collect(mall, token) == 2
    assert collect(mall, token) == 0
    send_due(mall, token)
    told = {json.loads(body)["type"]: json.loads(body)["data"] for _, body in receiver.got}
    assert told["segment.changed"] == {
        "segment": "vip",
        "name": "VIP",
        "people": 7,
        "entered": 3,
        "left": 1,
        "at": quarter - 1_000,
    }
    assert told["kpi.changed"]["day"] == "2026-11-20"
    with mall.write("test", "a correction") as tx:
        tx.connection.exec_driver_sql("UPDATE kpi_fact SET value = 11, numerator = 11")
        tx.touch("kpi_fact")
    assert collect(mall, token) == 1


def _segment(connection: Connection, at: int) -> None:
    made = new_id()
    connection.exec_driver_sql(
        "INSERT INTO segment (id, code, name, state, version, at, actor) VALUES (?, 'vip', 'VIP', 'live', 1, 0, 't')",
        (made,),
    )
    for entered, left, size in ((2, 0, 6), (1, 1, 7)):
        connection.exec_driver_sql(
            "INSERT INTO segment_run (segment_id, version, kind, at, day, watermark, ms, size, entered, exited) "
            "VALUES (?, 1, 'live', ?, '2026-11-20', 0, 1.0, ?, ?, ?)",
            (made, at, size, entered, left),
        )
