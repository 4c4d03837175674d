"""What a program on the mall's network meets: keys and tokens, pages of rows, rows sent, and refusals in one form."""

from __future__ import annotations

import json
import time
from pathlib import Path

import httpx
import jwt
import pytest

from app.gateway.config import GatewayConfig, parse_address, read_config
from engines.access.api_keys import AUDIENCE, create_key, revoke_key
from engines.access.rules import API_RIGHTS
from models import keys, settings
from models.errors import Known
from models.store import Store
from tests.gateway.conftest import HTTP, PASSWORD, Mall, make_mall, served

SPAN = "from=2026-11-10&to=2026-11-19"
FORM = {"code", "sentence", "step", "request_id"}


def refusal(answer: httpx.Response, status: int, code: str) -> dict[str, object]:
    """The one form, with this status and code."""
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert FORM <= told.keys() <= FORM | {"details"}
    assert told["code"] == code
    assert told["sentence"]
    assert told["request_id"] == answer.headers["x-request-id"]
    return dict(told)


def test_health_answers_without_a_key_and_tells_more_with_one(mall: Mall) -> None:
    plain = HTTP.get(mall.url + "/v1/health").json()
    assert plain["status"] == "ok"
    assert plain["detail"] is None
    assert mall.call("GET", "/v1/health").json()["detail"]["store_version"] == 4
    refusal(HTTP.get(mall.url + "/v1/health", headers={"X-API-Key": "atr_nonsense"}), 401, "not_signed_in")


def test_answers_carry_the_headers_of_a_careful_server(mall: Mall) -> None:
    for path in ("/v1/health", "/nothing", "/v1/docs", "/v1/customers"):
        headers = HTTP.get(mall.url + path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "server" not in headers
        assert "access-control-allow-origin" not in headers


def test_a_key_becomes_a_token_of_fifteen_minutes(mall: Mall) -> None:
    text = mall.key("reader", "see")["X-API-Key"]
    told = HTTP.post(mall.url + "/v1/auth/token", json={"key": text}).json()
    assert (told["expires_in"], told["rights"], told["session"]) == (900, ["see"], None)
    token = {"Authorization": f"Bearer {told['token']}"}
    assert HTTP.get(f"{mall.url}/v1/counts?{SPAN}", headers=token).status_code == 200
    refused = refusal(HTTP.get(mall.url + "/v1/customers", headers=token), 403, "denied")
    assert "see_members" in str(refused["step"])
    refusal(HTTP.post(mall.url + "/v1/auth/token", json={"key": "atr_00000000_" + "x" * 43}), 401, "not_signed_in")


def test_a_revoked_key_and_its_tokens_open_nothing(mall: Mall) -> None:
    text = create_key(mall.store, "cli:it", "short-lived", ["see"])
    token = HTTP.post(mall.url + "/v1/auth/token", json={"key": text}).json()["token"]
    revoke_key(mall.store, "cli:it", "short-lived")
    for headers in ({"X-API-Key": text}, {"Authorization": f"Bearer {token}"}):
        refusal(HTTP.get(mall.url + "/v1/kpi", headers=headers), 401, "not_signed_in")


def test_a_user_signs_in_goes_on_and_out(mall: Mall) -> None:
    told = HTTP.post(mall.url + "/v1/auth/login", json={"user": "viewer", "password": PASSWORD}).json()
    bearer = {"Authorization": f"Bearer {told['token']}"}
    assert HTTP.get(mall.url + "/v1/kpi", headers=bearer).status_code == 200
    again = HTTP.post(mall.url + "/v1/auth/refresh", json={"session": told["session"]})
    assert again.json()["rights"] == told["rights"]
    assert HTTP.post(mall.url + "/v1/auth/logout", json={"session": told["session"]}).status_code == 204
    refusal(HTTP.post(mall.url + "/v1/auth/refresh", json={"session": told["session"]}), 401, "not_signed_in")
    refusal(HTTP.get(mall.url + "/v1/kpi", headers=bearer), 401, "not_signed_in")


def test_a_tenant_sees_nothing_of_the_whole_mall(mall: Mall) -> None:
    told = HTTP.post(mall.url + "/v1/auth/login", json={"user": "tenant", "password": PASSWORD}).json()
    bearer = {"Authorization": f"Bearer {told['token']}"}
    for path in (f"/v1/counts?{SPAN}", f"/v1/sales?{SPAN}", "/v1/customers", f"/v1/kpi/sales?{SPAN}", "/v1/alerts"):
        refusal(HTTP.get(mall.url + path, headers=bearer), 403, "denied")


def test_guessing_is_stopped_and_the_right_key_is_let_in_later(mall: Mall) -> None:
    tried = [
        HTTP.post(mall.url + "/v1/auth/login", json={"user": "administrator", "password": f"wrong {n}"}).status_code
        for n in range(14)
    ]
    assert tried.count(401) <= 10
    assert tried[-1] == 429
    answer = HTTP.get(mall.url + "/v1/kpi", headers=mall.key("all"))
    refusal(answer, 429, "too_many")
    assert int(answer.headers["retry-after"]) >= 1
    mall.forgive()
    locked = HTTP.post(mall.url + "/v1/auth/login", json={"user": "administrator", "password": PASSWORD})
    assert locked.status_code == 401, "the account is locked by its own wrong tries, from whatever address"
    assert mall.call("GET", "/v1/kpi").status_code == 200


def test_a_key_that_calls_too_often_waits(mall: Mall) -> None:
    slow = mall.key("slow", "see", rate=20)
    answers = [HTTP.get(mall.url + "/v1/kpi", headers=slow) for _ in range(25)]
    assert [a.status_code for a in answers[:20]] == [200] * 20
    assert int(answers[-1].headers["retry-after"]) <= 4
    refusal(answers[-1], 429, "too_many")


FORGED = {
    "no algorithm": lambda c, _k: jwt.encode(c, "", algorithm="none"),
    "another key": lambda c, _k: jwt.encode(c, b"x" * 32, algorithm="HS256"),
    "over": lambda c, k: jwt.encode({**c, "exp": int(time.time()) - 3600}, k, algorithm="HS256"),
    "another audience": lambda c, k: jwt.encode({**c, "aud": "hub"}, k, algorithm="HS256"),
    "another site": lambda c, k: jwt.encode({**c, "iss": "elsewhere"}, k, algorithm="HS256"),
    "no end": lambda c, k: jwt.encode({n: v for n, v in c.items() if n != "exp"}, k, algorithm="HS256"),
    "another method": lambda c, k: jwt.encode(c, k * 2, algorithm="HS512"),
    "someone unknown": lambda c, k: jwt.encode({**c, "sub": "api:nobody"}, k, algorithm="HS256"),
    "a program": lambda c, k: jwt.encode({**c, "sub": "service"}, k, algorithm="HS256"),
    "a session that is none": lambda c, k: jwt.encode({**c, "sid": "zz"}, k, algorithm="HS256"),
    "cut": lambda c, k: jwt.encode(c, k, algorithm="HS256")[:-4],
    "no token": lambda _c, _k: "a.b.c",
    "long": lambda _c, _k: "a" * 4000,
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_token_opens_nothing(mall: Mall, how: str) -> None:
    mall.key("all")
    site = mall.store.site.id
    claims = {"sub": "api:all", "aud": AUDIENCE, "iss": site, "iat": int(time.time()), "exp": int(time.time()) + 600}
    key = keys.derive(mall.store.key, AUDIENCE)
    good = {"Authorization": f"Bearer {jwt.encode(claims, key, algorithm='HS256')}"}
    assert HTTP.get(mall.url + "/v1/kpi", headers=good).status_code == 200
    forged = {"Authorization": f"Bearer {FORGED[how](claims, key)}"}
    refusal(HTTP.get(mall.url + "/v1/kpi", headers=forged), 401, "not_signed_in")


def test_rows_are_read_page_by_page_without_gap_or_overlap(mall: Mall) -> None:
    for path, least in ((f"/v1/sales?{SPAN}", 40), (f"/v1/counts?{SPAN}", 10), (f"/v1/activities?{SPAN}", 10)):
        whole = mall.call("GET", f"{path}&limit=500").json()["items"]
        assert len(whole) >= least
        found: list[dict[str, object]] = []
        after = ""
        for _ in range(20):
            page = mall.call("GET", f"{path}&limit=7{after}").json()
            found += page["items"]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        assert found == whole, path
        assert len({json.dumps(row) for row in found}) == len(found)


def test_who_it_was_is_shown_only_with_the_right_to_see_customers(mall: Mall) -> None:
    some = mall.call("GET", f"/v1/sales?{SPAN}").json()["items"]
    assert all(row["person"] for row in some)
    blind = HTTP.get(f"{mall.url}/v1/sales?{SPAN}", headers=mall.key("till", "see_sales")).json()["items"]
    assert all(row["person"] is None for row in blind)


def test_customers_are_masked_and_revealed_for_a_reason_only(mall: Mall) -> None:
    page = mall.call("GET", "/v1/customers").json()
    assert len(page["items"]) == 2
    assert "13900000" not in json.dumps(page)
    found = mall.call("POST", "/v1/customers/search", json={"text": "C0001"}).json()["items"]
    assert len(found) == 1
    person = found[0]["id"]
    assert mall.call("GET", f"/v1/customers/{person}").json() == found[0]
    refusal(mall.call("POST", f"/v1/customers/{person}/reveal", json={"reason": "  "}), 422, "invalid")
    plain = mall.call("POST", f"/v1/customers/{person}/reveal", json={"reason": "parking dispute"}).json()
    assert {"kind": "card", "value": "C0001"} in plain["identifiers"]
    with mall.store.read() as connection:
        [(actor, detail)] = connection.exec_driver_sql(
            "SELECT actor, detail FROM audit_entry WHERE action = 'reveal'"
        ).fetchall()
    assert actor == "api:all"
    assert "parking dispute" in detail
    masked = {"X-API-Key": mall.key("masked", "see_members")["X-API-Key"]}
    answer = HTTP.post(f"{mall.url}/v1/customers/{person}/reveal", json={"reason": "curiosity"}, headers=masked)
    refusal(answer, 403, "denied")
    refusal(mall.call("GET", "/v1/customers/" + "0" * 32), 404, "not_found")


def test_rows_sent_twice_are_stored_once_and_bad_ones_told_by_place(mall: Mall) -> None:
    body = {
        "source": "pos-7",
        "rows": [
            {"receipt": "X1", "at": "2026-11-18T10:00:00+08:00", "tenant": "T001", "amount": 12.3},
            {"receipt": "X2", "at": "2036-11-18T10:00:00+08:00", "tenant": "T001", "amount": 5},
            {"receipt": "X3", "at": "2026-11-18T10:05", "tenant": "T001", "amount": 7},
        ],
    }
    first = mall.call("POST", "/v1/sales", json=body)
    assert first.status_code == 202
    told = first.json()
    assert (told["read"], told["loaded"], told["rejected"], told["source"]) == (3, 2, 1, "api:all/pos-7")
    [error] = told["errors"]
    assert (error["row"], error["field"]) == (1, "at")
    again = mall.call("POST", "/v1/sales", json=body).json()
    assert (again["loaded"], again["unchanged"], again["rejected"]) == (0, 2, 1)
    body["rows"][0]["amount"] = 99  # type: ignore[index]
    changed = mall.call("POST", "/v1/sales", json=body).json()
    assert (changed["unchanged"], changed["rejected"]) == (1, 2)
    with mall.store.read() as connection:
        amounts = connection.exec_driver_sql(
            "SELECT gross_minor FROM sale WHERE source_key LIKE '%X1%' OR source_key LIKE '%X3%' ORDER BY 1"
        ).scalars()
        batches = connection.exec_driver_sql(
            "SELECT count(*), sum(read), sum(loaded) FROM intake_batch b JOIN source s ON s.id = b.source_id "
            "WHERE s.code = 'api:all/pos-7'"
        ).one()
    assert amounts == [700, 1230]
    assert tuple(batches) == (1, 9, 2), "posts of a day are one batch"


def test_a_sender_cannot_write_over_another_ones_rows(mall: Mall) -> None:
    row = {"rows": [{"key": "same", "kind": "app_open", "at": "2026-11-18T10:00", "card": "C0001"}]}
    one = HTTP.post(mall.url + "/v1/activities", json=row, headers=mall.key("one", "import")).json()
    two = HTTP.post(mall.url + "/v1/activities", json=row, headers=mall.key("two", "import")).json()
    assert (one["loaded"], two["loaded"]) == (1, 1)


def test_what_was_sent_can_be_taken_back(mall: Mall) -> None:
    from engines.intake.actions import undo_batch

    row = {"rows": [{"key": "gone", "kind": "oops", "at": "2026-11-18T10:00", "card": "C0001"}]}
    assert HTTP.post(mall.url + "/v1/activities", json=row, headers=mall.key("undo", "import")).json()["loaded"] == 1
    with mall.store.read() as connection:
        batch = connection.exec_driver_sql("SELECT id FROM intake_batch WHERE actor = 'api:undo'").scalar_one()
    undo_batch(mall.store, "cli:it", bytes(batch))
    with mall.store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM activity WHERE kind = 'oops'").scalar_one() == 0
    assert HTTP.post(mall.url + "/v1/activities", json=row, headers=mall.key("undo", "import")).json()["loaded"] == 1


def test_a_sensor_tells_its_quarter_hour_any_number_of_times(mall: Mall) -> None:
    for entries in (3, 5, 5):
        answer = mall.call("POST", "/v1/sensors/east-1", json={"entries": entries, "exits": 1})
        assert answer.status_code == 202
    with mall.store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT direction, n FROM count_bucket b JOIN gate g ON g.id = b.gate_id WHERE g.code = 'east-1' ORDER BY 1"
        ).fetchall()
    assert [tuple(row) for row in rows[:2]] == [("in", 5), ("out", 1)] or len(rows) == 4  # over a quarter's end
    refusal(mall.call("POST", "/v1/sensors/east-1", json={"entries": 1, "at": "2001-01-01T10:00"}), 422, "invalid")


def test_figures_and_charts_are_the_engines_own(mall: Mall) -> None:
    from engines.footfall.queries import daily

    days = daily(mall.store, "2026-11-10", "2026-11-19", int(time.time() * 1000))
    chart = mall.call("GET", f"/v1/charts/visits-by-day?{SPAN}").json()
    assert chart["x"] == [d.day for d in days]
    assert chart["series"][0]["values"] == [d.visits for d in days] == [20] * 10
    for card in mall.call("GET", "/v1/charts").json():
        assert mall.call("GET", f"/v1/charts/{card['name']}?{SPAN}").status_code == 200
    kpi = mall.call("GET", f"/v1/kpi/footfall?{SPAN}&grain=day&by=gate").json()
    assert kpi["missing"]  # the nightly run has not been
    for path in ("/v1/segments", "/v1/scores", "/v1/scores/rfm", "/v1/alerts", "/v1/kpi"):
        assert mall.call("GET", path).status_code == 200
    for path in ("/v1/scores/none", "/v1/segments/none/members", f"/v1/kpi/none?{SPAN}", f"/v1/charts/none?{SPAN}"):
        refusal(mall.call("GET", path), 404, "not_found")
    for path in (f"/v1/kpi/footfall?{SPAN}&by=shoe", f"/v1/kpi/footfall?{SPAN}&dim=gate",
                 "/v1/sales?from=2026-11-19&to=2026-11-10", "/v1/sales?from=2020-01-01&to=2026-01-01",
                 f"/v1/sales?{SPAN}&after=AAAA", f"/v1/scores/rfm?after={'x' * 30}"):  # fmt: skip
        refusal(mall.call("GET", path), 422, "invalid")


def test_metrics_are_for_this_machine_or_a_key_of_their_own(mall: Mall) -> None:
    mall.call("GET", "/v1/kpi")
    text = HTTP.get(mall.url + "/metrics").text
    assert 'atrium_requests_total{method="GET",route="/v1/kpi",status="200"}' in text
    assert "api:all" not in text
    refusal(HTTP.get(mall.url + "/metrics", headers={"X-Forwarded-For": "10.0.0.9"}), 401, "not_signed_in")
    refusal(HTTP.get(mall.url + "/metrics", headers=mall.key("reader", "see")), 403, "denied")
    assert HTTP.get(mall.url + "/metrics", headers=mall.key("prometheus", "metrics")).status_code == 200


def test_the_page_of_docs_loads_nothing_from_elsewhere(mall: Mall) -> None:
    page = HTTP.get(mall.url + "/v1/docs")
    script = HTTP.get(mall.url + "/v1/docs/page.js")
    assert page.headers["content-type"].startswith("text/html")
    assert script.headers["content-type"].startswith("text/javascript")
    for text in (page.text, script.text, HTTP.get(mall.url + "/v1/docs/page.css").text):
        assert "://" not in text
    api = HTTP.get(mall.url + "/v1/openapi.json").json()
    assert {"/v1/health", "/v1/sales", "/v1/live" if "/v1/live" in api["paths"] else "/v1/kpi"} <= api["paths"].keys()
    assert api["components"]["schemas"]["SalesIn"]["examples"]


def test_the_gateway_does_not_listen_beyond_this_machine_without_tls(tmp_path: Path) -> None:
    store = make_mall(tmp_path / "m")
    try:
        assert read_config(store).address == "127.0.0.1:8620"
        settings.change_setting(store, "cli:it", "gateway.address", "0.0.0.0:8620")
        with pytest.raises(Known, match="without TLS"):
            read_config(store)
        settings.change_setting(store, "cli:it", "gateway.certificate", str(tmp_path / "none.pem"))
        with pytest.raises(Known, match="cannot be used"):
            read_config(store)
        settings.change_setting(store, "cli:it", "gateway.certificate", "")
        settings.change_setting(store, "cli:it", "gateway.plain", True)
        assert read_config(store).host == "0.0.0.0"
    finally:
        store.close()
    for wrong in ("8620", "host", "host:", "host:99999", "::1:8620", "", "a:b"):
        with pytest.raises(Known):
            parse_address(wrong)
    assert parse_address("[::1]:80") == ("::1", 80)


def test_a_page_in_a_browser_is_let_in_only_from_a_named_origin(mall: Mall) -> None:
    asked = {"Origin": "https://wall.example", "Access-Control-Request-Method": "GET"}
    assert HTTP.options(mall.url + "/v1/kpi", headers=asked).status_code == 405
    config = GatewayConfig("127.0.0.1", 0, origins=frozenset({"https://wall.example"}), per_address=1_000_000)
    with served(mall.store, config) as open_to_wall:
        assert HTTP.options(open_to_wall.url + "/v1/kpi", headers=asked).status_code == 200
        answer = HTTP.get(open_to_wall.url + "/v1/health", headers={"Origin": "https://wall.example"})
        assert answer.headers["access-control-allow-origin"] == "https://wall.example"
        other = HTTP.get(open_to_wall.url + "/v1/health", headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


def test_the_store_that_is_busy_is_said_with_when_to_try_again(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.gateway import writer
    from models.errors import Busy

    def busy(_store: Store, _posts: object) -> None:
        raise Busy("The store is being written by process 7.", "Try again in a moment.")

    monkeypatch.setattr(writer, "put_posts", busy)
    row = {"rows": [{"key": "b", "kind": "k", "at": "2026-11-18T10:00"}]}
    answer = mall.call("POST", "/v1/activities", json=row)
    refusal(answer, 503, "busy")
    assert answer.headers["retry-after"] == "2"
    assert "process 7" not in answer.text


def test_every_right_of_a_key_is_one_that_some_address_asks_for() -> None:
    source = "".join(p.read_text("utf-8") for p in Path("app/gateway").rglob("*.py"))
    for right in API_RIGHTS:
        assert f'"{right}"' in source, right


def test_a_fault_of_ours_is_said_in_the_same_form_and_tells_nothing_of_the_inside(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("the secret inside")

    monkeypatch.setattr("app.gateway.routers.people.segments.segments", broken)
    answer = mall.call("GET", "/v1/segments")
    told = refusal(answer, 500, "fault")
    assert str(told["request_id"]) in str(told["step"])
    assert "secret" not in answer.text
    assert mall.call("GET", "/v1/kpi").status_code == 200


def test_a_number_of_hundreds_of_decimals_is_refused_not_a_fault(mall: Mall) -> None:
    row = {"receipt": "tiny", "at": "2026-11-18T10:00", "tenant": "T001", "quantity": 2.2e-308, "amount": 1}
    answer = mall.call("POST", "/v1/sales", json={"rows": [row]})
    assert answer.status_code == 202
    assert "decimals" in answer.json()["errors"][0]["reason"]
