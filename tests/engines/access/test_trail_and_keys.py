"""The audit trail against a thousandfold of tampering in small, approvals by two, exports booked, and API keys."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.access.tampers import TAMPERS, tamper
from engines.access import api_keys, approvals, threats, trail
from engines.access.actions import set_scopes
from engines.access.exports import book_export, book_personal_export
from engines.alerts.queries import alerts
from engines.people.actions import record_export, reveal
from models import settings
from models.errors import Denied, Known
from models.ids import new_id
from models.store import Store
from models.times import now_ms
from tests.engines.access.people_in import entries, make_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Store]:
    store = make_site(tmp_path / "site")
    yield store
    store.close()


def test_a_hundred_tampers_are_all_found(site: Store) -> None:
    with site.write("cli:it", "acts") as tx:
        for n in range(60):
            tx.audit("test", f"thing/{n}", n=n)
    assert not trail.check_trail(site).wrong
    chance = random.Random(5)
    for n in range(100):
        undo = tamper(site, TAMPERS[n % len(TAMPERS)], chance)
        assert trail.check_trail(site).wrong, TAMPERS[n % len(TAMPERS)]
        undo()
        assert not trail.check_trail(site).wrong
    assert {a.kind for a in alerts(site)} == {"audit_broken"}


def test_a_cut_tail_is_only_seen_by_the_head_kept_elsewhere(site: Store) -> None:
    with site.write("cli:it", "acts") as tx:
        for n in range(5):
            tx.audit("test", f"thing/{n}")
    hub = trail.head(site)
    tamper(site, "cut", random.Random(1))
    assert not trail.check_trail(site).wrong  # the chain itself holds
    trail.keep_anchor(site, hub)
    assert "kept elsewhere" in trail.check_trail(site).wrong


def test_the_trail_is_searched_and_its_export_is_in_it(site: Store, tmp_path: Path) -> None:
    found = trail.search(site, "administrator", trail.Query(action="create", object="user/"))
    assert len(found) == 9 and found[0].seq > found[-1].seq
    assert trail.search(site, "administrator", trail.Query(text="%")) == []
    file = tmp_path / "audit.csv"
    rows = trail.export_trail(site, "administrator", trail.Query(actor="cli"), file)
    with file.open(encoding="utf-8-sig") as lines:
        assert len(list(csv.DictReader(lines))) == rows
    lines_file = tmp_path / "audit.jsonl"
    assert trail.export_trail(site, "administrator", trail.Query(), lines_file) == len(
        [json.loads(line) for line in lines_file.read_text("utf-8").splitlines()]
    )
    assert [row[1] for row in entries(site, "export")] == ["audit", "audit"]
    with pytest.raises(Denied):
        trail.search(site, "viewer", trail.Query())


def test_a_large_list_of_people_waits_for_someone_else(site: Store) -> None:
    settings.change_setting(site, "administrator", "access.export_rows", 10)
    book_personal_export(site, "marketing", "people/x", rows=10, columns=("name",), file="a.csv")
    with pytest.raises(approvals.Waiting) as waiting:
        book_personal_export(site, "marketing", "people/x", rows=11, columns=("name",), file="a.csv")
    asked = waiting.value.approval
    with pytest.raises(Denied, match="decide"):
        approvals.decide(site, "marketing", asked, approve=True)
    with pytest.raises(Denied, match="Another person"):
        approvals.decide(site, "cli:it", asked, approve=True)
    approvals.decide(site, "dpo", asked, approve=True)
    book_personal_export(site, "marketing", "people/x", rows=11, columns=("name",), file="a.csv")
    with pytest.raises(approvals.Waiting):  # an approval is good for once
        book_personal_export(site, "marketing", "people/x", rows=11, columns=("name",), file="a.csv")
    assert [r.state for r in approvals.requests(site, waiting=False)] == ["asked", "done"]
    detail = json.loads(entries(site, "export")[-1][2])
    assert detail == {"rows": 11, "columns": ["name"], "file": "a.csv"}


def test_nobody_approves_their_own_and_a_refusal_stands(site: Store) -> None:
    with pytest.raises(approvals.Waiting) as waiting:
        approvals.ensure(site, "dpo", "erase", {"person": "x"})
    with pytest.raises(Denied, match="Another person"):
        approvals.decide(site, "dpo", waiting.value.approval, approve=True)
    approvals.decide(site, "manager", waiting.value.approval, approve=False, note="not yet")
    with pytest.raises(approvals.Waiting):
        approvals.ensure(site, "dpo", "erase", {"person": "x"})
    with pytest.raises(Known, match="does not wait"):
        approvals.decide(site, "manager", waiting.value.approval, approve=True)


def test_a_site_where_nobody_signs_in_needs_no_second_person(tmp_path: Path) -> None:
    store = make_site(tmp_path / "open", closed=False)
    try:
        approvals.ensure(store, "whoever", "erase", {"person": "x"})
    finally:
        store.close()


def test_what_cannot_be_booked_is_refused_and_many_exports_raise_an_alert(site: Store) -> None:
    with pytest.raises(Denied):
        book_export(site, "viewer", "sale", rows=1, columns=(), file="a.csv")
    with pytest.raises(Denied):
        record_export(site, "analyst", "customers", 1, "a.csv")
    for _ in range(threats.FEW_EXPORTS + 1):
        book_export(site, "analyst", "sale", rows=1, columns=("day",), file="a.csv")
    (alert,) = [a for a in alerts(site) if a.kind == "access_exports"]
    assert alert.facts == {"subject": "analyst", "n": 11, "usual": 0}
    for language in ("en", "zh"):
        assert "analyst" in threats.render(alert.sentence, alert.facts, language)


def test_revealing_needs_the_right_the_purpose_and_a_reason_and_many_raise_an_alert(site: Store) -> None:
    with pytest.raises(Denied):
        reveal(site, "analyst", new_id(), "curious")
    with pytest.raises(Known, match="reason"):
        reveal(site, "counter", new_id(), " ")
    set_scopes(site, "administrator", "counter", [("purpose", "service")])
    with pytest.raises(Denied):
        reveal(site, "counter", new_id(), "a campaign", purpose="marketing")
    settings.change_setting(site, "administrator", "access.reveals_a_day", 2)
    for _ in range(3):
        reveal(site, "counter", new_id(), "lost card at the desk")
    actor, _, detail = entries(site, "reveal")[-1]
    assert actor == "counter" and json.loads(detail)["purpose"] == "service" and json.loads(detail)["fields"]
    assert [a.facts["n"] for a in alerts(site) if a.kind == "access_reveals"] == [3]


def test_a_key_opens_what_it_names_until_it_is_revoked(site: Store) -> None:
    text = api_keys.create_key(site, "administrator", "till", ["import", "see"], rate_per_minute=60)
    caller = api_keys.verify_key(site, text)
    assert caller is not None and caller.actor == "api:till" and caller.has("import") and not caller.has("users")
    with site.read() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM api_key").fetchall())
    assert text not in kept and text not in str(entries(site, "create"))
    for bad in ("", text[:-1] + ("A" if text[-1] != "A" else "B"), text.upper(), "atr_" + "0" * 52, text + " "):
        assert api_keys.verify_key(site, bad) is None
    token = api_keys.issue_token(site, caller)
    assert api_keys.verify_token(site, token).has("see")
    api_keys.revoke_key(site, "administrator", "till")
    assert api_keys.verify_key(site, text) is None
    with pytest.raises(Denied, match="revoked"):
        api_keys.verify_token(site, token)


def test_a_key_that_is_over_opens_nothing(site: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    text = api_keys.create_key(site, "administrator", "till", ["see"], expires_at=now_ms() + 60_000)
    assert api_keys.verify_key(site, text) is not None
    later = now_ms() + 61_000
    monkeypatch.setattr(api_keys, "now_ms", lambda: later)
    assert api_keys.verify_key(site, text) is None
    assert api_keys.api_keys(site)[0].state == "expired"


def test_forged_tokens_are_refused(site: Store) -> None:
    import jwt

    caller = api_keys.verify_key(site, api_keys.create_key(site, "administrator", "till", ["see"]))
    assert caller is not None
    good = api_keys.issue_token(site, caller)
    head, body, signature = good.split(".")
    forged = jwt.encode({"sub": "cli:x", "aud": api_keys.AUDIENCE, "exp": 4_000_000_000}, "k" * 32, algorithm="HS256")
    unsigned = jwt.encode({"sub": "cli:x", "aud": api_keys.AUDIENCE}, None, algorithm="none")
    over = api_keys.issue_token(site, caller, minutes=-2)
    for bad in (forged, unsigned, over, f"{head}.{body}.", f"{head}.{body[:-2]}AA.{signature}", "", "a.b.c"):
        with pytest.raises(Denied):
            api_keys.verify_token(site, bad)


@pytest.mark.parametrize("name", ["", "Till", "till one", "x" * 61])
def test_a_key_has_a_plain_name_and_rights_that_keys_may_have(site: Store, name: str) -> None:
    with pytest.raises(Known):
        api_keys.create_key(site, "administrator", name, ["see"])
    with pytest.raises(Known):
        api_keys.create_key(site, "administrator", "till", ["users"])
