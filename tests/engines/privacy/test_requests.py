"""Requests keep the law's clocks, are carried out only for whom they are from, and leave a proof without data."""

from __future__ import annotations

import csv
import io
import json
import random
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engines.access import approvals
from engines.calendar.rules import day_type
from engines.consent.queries import may_contact
from engines.people.facets import facets_of
from engines.people.profile import profile
from engines.privacy import laws
from engines.privacy.dossier import GIVEN, collect
from engines.privacy.reach import reached
from engines.privacy.requests import (
    Asked,
    Change,
    Means,
    extend_request,
    list_requests,
    open_request,
    refuse_request,
    request_of,
    run_request,
    verify_request,
)
from engines.privacy.restriction import lift, without_restricted
from engines.privacy.subject import find_people, subject_of
from models.errors import Denied, Known
from models.store import Store
from models.tables import TABLES
from models.times import now_ms
from tests.engines.access.people_in import make_site
from tests.engines.privacy import seeded
from tests.engines.privacy.seeded import person_of

PEOPLE = seeded.customers(12)
DPO = "cli:dpo"


def works(day: date) -> bool:
    return day_type(day, "CN", None) in ("workday", "makeup_workday")


def workdays(day: date) -> bool:
    return day.weekday() < 5


@pytest.fixture(scope="module")
def mall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("requests")
    store = seeded.make_site(folder / "site")
    seeded.fill(store, folder, PEOPLE, engines=True)
    yield store
    store.close()


def ask(mall: Store, kind: str, n: int, **more: object) -> str:
    code = open_request(mall, DPO, Asked(kind, person_of(mall, PEOPLE[n]), **more))  # type: ignore[arg-type]
    verify_request(mall, DPO, code, "card")
    return code


@pytest.mark.parametrize(
    ("law", "kind", "received", "day", "extended"),
    [
        ("gdpr", "access", "2026-01-31", "2026-03-02", "2026-04-30"),  # 28 February is a Saturday, 1 March a Sunday
        ("gdpr", "erasure", "2026-03-10", "2026-04-10", "2026-06-10"),
        ("ccpa", "access", "2026-01-31", "2026-03-17", "2026-05-01"),
        ("ccpa", "objection", "2026-03-02", "2026-03-23", None),
        ("pipl", "access", "2026-03-02", "2026-03-23", None),
    ],
)
def test_the_clocks_of_the_laws(law: str, kind: str, received: str, day: str, extended: str | None) -> None:
    clock = laws.due(law, kind, date.fromisoformat(received), workdays)
    assert clock.day.isoformat() == day
    assert (clock.extended.isoformat() if clock.extended else None) == extended


def test_chinese_working_days_leave_out_the_golden_week_and_count_make_up_days() -> None:
    clock = laws.due("pipl", "access", date(2025, 9, 26), works)
    # 1 to 8 October 2025 were off; Sunday 28 September and Saturday 11 October were worked.
    assert clock.day == date(2025, 10, 23)


def test_a_request_is_due_by_the_site_s_law_and_late_ones_come_first(mall: Store) -> None:
    old = int((datetime.now(UTC) - timedelta(days=40)).timestamp() * 1000)
    late = open_request(mall, DPO, Asked("access", person_of(mall, PEOPLE[0]), received_at=old))
    fresh = open_request(mall, DPO, Asked("access", person_of(mall, PEOPLE[1]), law="gdpr"))
    assert request_of(mall, late).law == "pipl"
    left = request_of(mall, late).days_left
    assert left is not None and left < 0
    assert [r.code for r in list_requests(mall, state="waiting")][:2] == [late, fresh]
    for code in (late, fresh):
        refuse_request(mall, DPO, code, "asked by nobody we know")
    assert request_of(mall, late).days_left is None


def test_only_verified_requests_are_carried_out_and_extensions_come_once(mall: Store, tmp_path: Path) -> None:
    code = open_request(mall, DPO, Asked("access", person_of(mall, PEOPLE[0]), law="gdpr"))
    with pytest.raises(Known, match="identity"):
        run_request(mall, DPO, code, Means(tmp_path / "x.zip"))
    before = request_of(mall, code).due_at
    extend_request(mall, DPO, code, "many records")
    assert request_of(mall, code).due_at > before + 50 * 86_400_000
    with pytest.raises(Known, match="again"):
        extend_request(mall, DPO, code, "many more")
    verify_request(mall, DPO, code, "code")
    done = run_request(mall, DPO, code, Means(tmp_path / "x.zip"))
    assert [step["act"] for step in done.evidence["steps"]] == ["extended", "verified", "done"]
    with pytest.raises(Known, match="done"):
        run_request(mall, DPO, code, Means(tmp_path / "y.zip"))


def test_a_package_holds_every_cell_of_random_people(mall: Store, tmp_path: Path) -> None:
    """Whatever row of whatever table holds a person's id or sign is in the package, cell by cell."""
    rng = random.Random(5)
    for n in rng.sample(range(len(PEOPLE)), 4):
        code = ask(mall, "access", n)
        file = tmp_path / f"{n}.zip"
        done = run_request(mall, DPO, code, Means(file))
        with zipfile.ZipFile(file) as zipped:
            document = json.loads(zipped.read("data.json"))
            tables = document["tables"]
            names = set(zipped.namelist())
            html = zipped.read("summary.html").decode()
        for needle in PEOPLE[n].needles:
            assert needle.decode() in json.dumps(tables, ensure_ascii=False)
        assert PEOPLE[n].name in html and "个人数据" in html
        for table, rows in _rows_about(mall, person_of(mall, PEOPLE[n])).items():
            told = [{name: row.get(name) for name in tables[table]["rows"][0]} for row in rows]
            assert all(row in tables[table]["rows"] for row in told), table
            assert f"csv/{table}.csv" in names
        assert done.evidence["steps"][-1]["rows"] == sum(len(t["rows"]) for t in tables.values())
        assert PEOPLE[n].name not in json.dumps(done.evidence)


def _rows_about(mall: Store, person: bytes) -> dict[str, list[dict[str, object]]]:
    """By brute force: every row of every table in which any cell is one of the person's ids, or holds a sign."""
    found: dict[str, list[dict[str, object]]] = {}
    with mall.read() as connection:
        subject = subject_of(connection, person)
        ids = {i for kind in ("person", "identifier", "member") for i in subject.ids(kind)}
        signs = [sign.value for sign in subject.signs if sign.value]
        for name, table in TABLES.items():
            if name in ("change_log", "audit_entry", "intake_batch", "data_request"):
                continue  # copies of rows; told without who looked; bounds of ids; grows while the test goes on
            columns = [c.name for c in table.columns]
            for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"'):
                mine = any(cell in ids for cell in row if isinstance(cell, bytes))
                if mine or any(sign in cell for cell in row if isinstance(cell, str) for sign in signs):
                    plain = [cell.hex() if isinstance(cell, bytes) else cell for cell in row]
                    found.setdefault(name, []).append(dict(zip(columns, plain, strict=True)))
    assert len(found) >= 10
    return found


def test_portability_leaves_out_what_was_worked_out_and_csv_runs_no_formula(mall: Store, tmp_path: Path) -> None:
    with mall.write("tester", "a formula") as tx:
        tx.connection.exec_driver_sql("UPDATE member SET home_area = '=1+1' WHERE card_no = ?", (PEOPLE[2].card,))
    code = ask(mall, "portability", 2)
    run_request(mall, DPO, code, Means(tmp_path / "p.zip"))
    with zipfile.ZipFile(tmp_path / "p.zip") as zipped:
        assert set(json.loads(zipped.read("data.json"))["tables"]) <= set(GIVEN)
        rows = list(csv.DictReader(io.StringIO(zipped.read("csv/member.csv").decode("utf-8-sig"))))
    assert rows[0]["home_area"] == "'=1+1"
    assert (tmp_path / "p.zip").stat().st_mode & 0o077 == 0


def test_every_engine_s_results_about_people_are_reached() -> None:
    """A new table with a person's or identifier's id is reached by its declaration."""
    known = {reach.name for reach in reached()}
    for name, table in TABLES.items():
        foreign = {f.column.table.name for c in table.columns for f in c.foreign_keys}
        named = {c.name for c in table.columns} & {"person_id", "identifier_id"}
        if foreign & {"person", "identifier", "member"} or named or table.info.get("personal"):
            assert name in known or name in ("intake_reject", "intake_before"), name


def test_restricted_people_are_kept_and_left_out(mall: Store) -> None:
    person = person_of(mall, PEOPLE[3])
    code = ask(mall, "restriction", 3)
    run_request(mall, DPO, code, Means(reason="the accuracy is contested"))
    assert may_contact(mall, [person], "marketing", "email", now_ms())[person].reason == "restricted"
    other = person_of(mall, PEOPLE[4])
    rows = [{"person_id": person}, {"person_id": other}]
    assert without_restricted(mall, rows) == rows[1:]
    assert "privacy" in {facet.key for facet in facets_of(mall, person)}
    assert profile(mall, person, date(2026, 4, 1)).totals.purchases == 2
    lift(mall, DPO, person, "settled")
    assert may_contact(mall, [person], "marketing", "email", now_ms())[person].reason == "granted"


def test_an_objection_ends_marketing_and_profiling(mall: Store) -> None:
    person = person_of(mall, PEOPLE[5])
    run_request(mall, DPO, ask(mall, "objection", 5))
    for purpose in ("marketing", "profiling"):
        assert may_contact(mall, [person], purpose, "email", now_ms())[person].reason == "denied"


def test_a_rectification_holds_everywhere(mall: Store) -> None:
    person = person_of(mall, PEOPLE[6])
    run_request(mall, DPO, ask(mall, "rectification", 6), Means(change=Change("name", "Right Name")))
    run_request(mall, DPO, ask(mall, "rectification", 6), Means(change=Change("phone", "136 0000 7777")))
    dossier = collect(mall, person)
    assert {row["value"] for row in dossier.part("profile_attr") if row["attr"] == "name"} == {"Right Name"}
    assert {row["value"] for row in dossier.part("identifier") if row["kind"] == "phone"} == {"13600007777"}
    assert len(dossier.part("activity")) == 4  # what was known by the wrong phone is still theirs
    assert find_people(mall, DPO, PEOPLE[6].phone) == []
    with pytest.raises(Known):
        run_request(mall, DPO, ask(mall, "rectification", 6), Means(change=Change("birth_year", "long ago")))


def test_an_erasure_leaves_a_proof_without_data(mall: Store) -> None:
    code = ask(mall, "erasure", 7, note="called about the card")
    done = run_request(mall, DPO, code)
    proof = done.evidence["steps"][-1]
    assert proof["rows"]["sale"] == 2 and len(proof["tombstones"]) == 3
    assert done.note is None
    assert not any(needle.decode() in json.dumps(done.evidence) for needle in PEOPLE[7].needles)


def test_where_people_sign_in_an_erasure_needs_two_and_a_right(tmp_path: Path) -> None:
    store = make_site(tmp_path / "closed")
    try:
        seeded.fill(store, tmp_path, PEOPLE[:3])
        person = person_of(store, PEOPLE[0])
        with pytest.raises(Denied):
            open_request(store, "counter", Asked("erasure", person))
        with pytest.raises(Denied):
            find_people(store, "analyst", PEOPLE[0].phone)
        code = open_request(store, "dpo", Asked("erasure", person))
        verify_request(store, "dpo", code, "document")
        with pytest.raises(approvals.Waiting):
            run_request(store, "dpo", code)
        waiting = approvals.requests(store)[0]
        with pytest.raises(Denied):
            approvals.decide(store, "dpo", waiting.id, approve=True)
        approvals.decide(store, "manager", waiting.id, approve=True)
        assert run_request(store, "dpo", code).state == "done"
    finally:
        store.close()
