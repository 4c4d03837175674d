"""Erased people are nowhere: not in a free page, the log, the mart, a new backup; and nothing brings them back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engines.consent.queries import may_contact
from engines.intake.actions import import_file, undo_batch
from engines.privacy import erasure, tombstones
from engines.privacy.arrival import apply_tombstones, due
from engines.privacy.backups import holding
from engines.privacy.erasure import erase, finish
from engines.privacy.subject import find_people
from models import backup, mart
from models.errors import Known
from models.ids import new_id
from models.restore import restore_backup
from models.store import Store, open_store
from models.times import now_ms
from tests.engines.privacy import seeded
from tests.engines.privacy.seeded import Seeded, person_of
from tests.plain_pages import hits

PEOPLE = seeded.customers(40)
GONE, KEPT = PEOPLE[:20], PEOPLE[20:]
NEEDLES = [needle for one in GONE for needle in one.needles]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mall filled by files, its mart written; copied by each test."""
    folder = tmp_path_factory.mktemp("erasure")
    files = folder / "files"
    files.mkdir()
    store = seeded.make_site(folder / "site")
    seeded.fill(store, files, PEOPLE)
    mart.refresh(store)
    store.close()
    return folder


@pytest.fixture
def mall(filled: Path, tmp_path: Path) -> Iterator[Store]:
    store = open_store(shutil.copytree(filled / "site", tmp_path / "site"))
    yield store
    store.close()


def erase_all(mall: Store, people: list[Seeded] = GONE) -> None:
    erase(mall, "cli:dpo", [person_of(mall, one) for one in people], new_id())
    finish(mall)


def test_twenty_people_leave_no_byte_anywhere_and_the_sums_stay(mall: Store, tmp_path: Path) -> None:
    money, known = seeded.money(mall), len(hits(mall.site.database, mall.key, NEEDLES))
    assert known == len(NEEDLES)  # else the search would prove nothing
    assert seeded.cells_with(mall, NEEDLES).keys() >= {
        "member",
        "identifier",
        "intake_reject",
        "intake_before",
        "change_log",
    }
    erase_all(mall)
    assert hits(mall.site.database, mall.key, NEEDLES) == {}
    assert seeded.cells_with(mall, NEEDLES) == {}
    assert seeded.mart_cells_with(mall, NEEDLES) == []
    assert seeded.files_with(mall.site.folder, NEEDLES) == {}
    made = backup.make_backup(mall, tmp_path)
    assert hits(made.path, mall.key, NEEDLES) == {}
    assert seeded.money(mall) == money
    assert len(hits(mall.site.database, mall.key, [n for one in KEPT for n in one.needles])) == 5 * len(KEPT)


def test_the_mart_forgets_who_a_receipt_was_for(mall: Store) -> None:
    old = {p.name for p in mall.site.mart.glob("sale/*.parquet")}
    erase_all(mall)
    new = {p.name for p in mall.site.mart.glob("sale/*.parquet")}
    assert not old & new  # the months were written anew, and the old files are not there for ten minutes more
    with mart.open_mart(mall) as connection:
        assert connection.sql("SELECT count(*) FROM sale WHERE identifier_id IS NULL").fetchall() == [(2 * len(GONE),)]
        assert connection.sql("SELECT count(*) FROM member").fetchall() == [(len(KEPT),)]


def test_an_old_file_brings_nobody_back_and_no_receipt_twice(mall: Store, filled: Path) -> None:
    erase_all(mall)
    money = seeded.money(mall)
    done = import_file(mall, "cli:it", "members", filled / "files" / "members-gold.csv", source="test")
    assert [done.loaded, done.rejected] == [0, len(GONE) + 3]
    assert {r.reason for r in done.rejects if "date" not in r.reason} == {tombstones.ERASED}
    done = import_file(mall, "cli:it", "activities", filled / "files" / "activities.csv", source="test")
    assert done.rejected == sum(reject.reason == tombstones.ERASED for reject in done.rejects) == 3 * len(GONE) + 1
    done = import_file(mall, "cli:it", "sales", filled / "files" / "sales.csv", source="test")
    assert seeded.money(mall) == money
    assert seeded.cells_with(mall, NEEDLES) == {}


def test_another_till_s_receipts_of_an_erased_person_count_without_a_name(mall: Store, tmp_path: Path) -> None:
    erase_all(mall)
    receipts, paid = seeded.money(mall)
    file = seeded.write(
        tmp_path / "late.csv", ("receipt", "at", "tenant", "card", "amount"),
        [("L1", "2026-03-20 12:00", "Nord", GONE[0].card, "10.00"), ("L2", "2026-03-20 12:00", "Nord", KEPT[0].card, "5")],
    )  # fmt: skip
    done = import_file(mall, "cli:it", "sales", file, source="late")
    assert (done.loaded, done.rejected) == (2, 0)
    assert seeded.money(mall) == (receipts + 2, paid + 1500)
    assert seeded.one(mall, "SELECT identifier_id FROM sale WHERE source_key LIKE '%L1'") is None
    assert seeded.cells_with(mall, NEEDLES) == {}


def test_who_joins_anew_after_the_erasure_is_welcome(
    mall: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "now_ms", lambda: now_ms() - 10 * 86_400_000)
    erase_all(mall, GONE[:1])
    folder = tmp_path / "new"
    folder.mkdir()
    joined = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    file = seeded.members_file(folder, GONE[:1], joined=joined)
    assert import_file(mall, "cli:it", "members", file, source="test").loaded == 1
    assert len(find_people(mall, "cli:dpo", GONE[0].phone)) == 1
    assert apply_tombstones(mall).people == 0  # the old tombstone does not reach the new membership


def test_nothing_is_sent_to_an_erased_address_and_the_request_stays_provable(mall: Store) -> None:
    person = person_of(mall, GONE[0])
    erase_all(mall, GONE[:1])
    assert may_contact(mall, [person], "marketing", "email", now_ms())[person].reason == "erased"
    assert seeded.one(mall, "SELECT count(*) FROM suppression WHERE reason = 'erased'") == 2  # the phone and the e-mail
    assert seeded.one(mall, "SELECT state FROM person WHERE id = ?", person) == "erased"
    assert seeded.one(
        mall, "SELECT count(*) FROM audit_entry WHERE action = 'erase' AND object = ?", f"person/{person.hex()}"
    )


def test_a_restore_of_an_older_backup_erases_again(mall: Store) -> None:
    made = backup.make_backup(mall)
    erase_all(mall)
    folder = mall.site.folder
    mall.close()
    restore_backup(folder, made.path, actor="cli:it")
    again = open_store(folder)
    try:
        assert seeded.cells_with(again, NEEDLES)["member"] == len(GONE)
        assert due(again)
        applied = apply_tombstones(again)
        assert (applied.people, applied.brought) == (len(GONE), 3 * len(GONE))
        assert seeded.cells_with(again, NEEDLES) == {}
        assert hits(again.site.database, again.key, NEEDLES) == {}
        assert not due(again)
    finally:
        again.close()


def test_a_tombstone_of_another_node_erases_here(mall: Store) -> None:
    """As the hub brings them: the tombstones alone, or the deletions without what is derived and copied here."""
    with mall.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT i.value_hmac, i.kind FROM identifier i WHERE i.value IN (SELECT value FROM json_each(?))",
            (json.dumps([GONE[0].card, GONE[0].phone, GONE[0].email]),),
        ).fetchall()
    with mall.write("sync", "a page") as tx:
        tombstones.note(tx, [tombstones.Tombstone(bytes(d), kind, new_id(), now_ms()) for d, kind in rows])
    assert due(mall)
    assert apply_tombstones(mall).people == 1
    assert hits(mall.site.database, mall.key, GONE[0].needles) == {}


def test_a_phone_given_by_two_stays_with_the_other(mall: Store, tmp_path: Path) -> None:
    file = seeded.write(
        tmp_path / "family.csv", ("card_no", "name", "phone", "joined_day"),
        [("VX-FAM-1", "Kid of a family", GONE[0].phone, "2026-02-02")],
    )  # fmt: skip
    import_file(mall, "cli:it", "members", file, source="test")
    erase_all(mall, GONE[:1])
    kid = person_of(mall, Seeded("VX-FAM-1", "", "", "", ""))
    assert [found.person for found in find_people(mall, "cli:dpo", GONE[0].phone)] == [kid]
    assert seeded.one(mall, "SELECT count(*) FROM activity a JOIN identifier i ON i.id = a.identifier_id WHERE i.value = ?",
                      GONE[0].phone) == 0  # fmt: skip


def test_the_list_of_erasures_is_sealed(mall: Store) -> None:
    erase_all(mall, GONE[:1])
    path = mall.site.folder / tombstones.FILE
    assert len(tombstones.sealed(mall)) == 3
    marks = [stone.digest for stone in tombstones.sealed(mall)]
    assert not any(mark in path.read_bytes() or mark.hex().encode() in path.read_bytes() for mark in marks)
    whole = bytearray(path.read_bytes())
    whole[20] ^= 1
    path.write_bytes(whole)
    with pytest.raises(Known, match="damaged"):
        tombstones.sealed(mall)


def test_an_import_that_was_undone_after_an_erasure_brings_no_one_back(mall: Store) -> None:
    last = bytes(seeded.one(mall, "SELECT id FROM intake_batch WHERE updated > 0"))
    erase_all(mall)
    undo_batch(mall, "cli:it", last)
    assert seeded.cells_with(mall, NEEDLES) == {}
    assert seeded.one(mall, "SELECT count(*) FROM member WHERE tier = 'gold'") == len(KEPT)


def test_old_backups_are_listed_with_the_day_they_go(mall: Store) -> None:
    folder = mall.site.folder / "backups"
    now = datetime.now(UTC)
    for days in (1, 3, 40):
        (folder / f"atrium-{(now - timedelta(days=days)).strftime('%Y%m%d-%H%M%S')}.db").write_bytes(b"x")
    (folder / "replaced-1.db").write_bytes(b"x")
    found = holding(mall, now_ms() + 1000)
    assert [h.gone_on is None for h in found] == [False, False, False, True]
    ends = [datetime.fromisoformat(str(h.gone_on)).date() for h in found[:3]]
    assert all(now.date() < end < now.date() + timedelta(days=7 * 31) for end in ends)
    stamps = {backup.made_at(p) for p in backup.list_backups(folder)}
    last = datetime.combine(max(ends), datetime.min.time(), UTC)
    nights = {now + timedelta(days=n) for n in range(1, (last - now).days + 2)}
    assert not stamps & backup.to_keep(stamps | nights)  # by then the site's own retention has let go of all of them
