"""What identifies people, and what proves users, stands nowhere as it is: not in the store's file, its log, temporary
files, the mart, backups, logs, crash reports or the folder of keys."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import pytest

from engines.access.actions import reset_password
from engines.access.api_keys import create_key
from engines.access.passwords import FLOOR, keep_cost
from engines.access.sessions import sign_in
from engines.intake.actions import import_file
from models import backup, logs, mart
from models.errors import Denied, Known
from models.keys import keys_folder
from tests.engines.access.people_in import make_site
from tests.engines.privacy import seeded
from tests.plain_pages import hits

PEOPLE = seeded.customers(15, seed=11)
PASSWORD = "Zwierkant-uitvoering-9973"


def test_after_a_full_run_nothing_seeded_stands_anywhere_in_plain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("temp", "files", "site", "keys"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temp"))
    monkeypatch.setenv("ATRIUM_KEYS", str(tmp_path / "keys"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    store = make_site(tmp_path / "site", closed=False)
    handler = logs.start_logging(store.site.folder, "desktop", logging.DEBUG)
    try:
        keep_cost(store, FLOOR)
        reset_password(store, "cli:it", "administrator", PASSWORD, must_change=False)
        with pytest.raises(Denied):
            sign_in(store, "administrator", f"{PASSWORD}x")
        token = create_key(store, "administrator", "lobby-screen", ["see"])
        seeded.fill(store, tmp_path / "files", PEOPLE, engines=True)
        mart.refresh(store)
        backup.make_backup(store)
        (tmp_path / "files" / "broken.csv").write_bytes(PEOPLE[0].needles[0] + b"\x00\xff")
        with pytest.raises(Known):
            import_file(store, "cli:it", "members", tmp_path / "files" / "broken.csv", source="test")
        try:
            raise ValueError(f"no row for {PEOPLE[1].phone} or {PEOPLE[1].email}")
        except ValueError as error:
            logging.getLogger("atrium").exception("a fault with %s", PEOPLE[2].email)
            logs.write_crash_bundle(store.site.folder, error)
        live = store.site.database.with_name("atrium.db-wal")
        assert live.exists() and live.stat().st_size > 0  # the log is looked at while it holds what was written
        needles = [n for one in PEOPLE for n in one.needles] + [PASSWORD.encode(), token.encode()]
        assert len(hits(store.site.database, store.key, needles)) == len(needles) - 2  # users' secrets not even inside
        for folder in ("site", "temp", "keys"):
            assert seeded.files_with(tmp_path / folder, needles) == {}, folder
        assert keys_folder() == tmp_path / "keys" and any(keys_folder().iterdir())
        assert seeded.mart_cells_with(store, [n for one in PEOPLE for n in one.needles]) == []
        assert list((tmp_path / "site" / "logs").glob("crash-*"))
    finally:
        logs.stop_logging(handler)
        store.close()
    out = capfd.readouterr()
    assert not any(n.decode() in out.out + out.err for one in PEOPLE for n in one.needles)
