"""The diagnostics bundle tells what ails a site and nothing of anybody: every seeded value is looked for in it."""

from __future__ import annotations

import json
import logging
import zipfile
from pathlib import Path

import pytest

from app.cli.entry import main
from engines.access.actions import add_user, reset_password
from engines.cameras.records import remember_camera
from engines.demo.actions import make_demo
from engines.monitor.personal_words import MASK, PersonalWords
from models import logs, settings
from models.store import Store, open_store

PASSWORD = "Quiet-Harbour-7719"
PLANTED = (
    "Wilhelmina Quackenbush", "欧阳娜娜美", "wilhelmina.q@mail.example", "+86 138 0013 8000", "13800138000",
    "hub-password-9f8e7d", PASSWORD, "rtsp-user-zq", "rtsp-secret-zq",
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle") / "site"
    make_demo(folder, days=35, members=120, seed=3)
    store = open_store(folder)
    try:
        _plant(store)
    finally:
        store.close()
    return folder


def _plant(store: Store) -> None:
    """Names and secrets where carelessness could carry them: logs, settings, users, cameras, file names."""
    add_user(store, "cli:it", "wilhelmina", "Wilhelmina Quackenbush", "administrator")
    reset_password(store, "cli:it", "wilhelmina", PASSWORD)
    remember_camera(store, "cli:it", code="c1", address="rtsp://rtsp-user-zq:rtsp-secret-zq@192.0.2.4/s", lines="")
    settings.change_setting(store, "cli:it", "gateway.hosts", "wilhelmina.q@mail.example")
    settings.change_setting(store, "cli:it", "update.source", "https://bob:hub-password-9f8e7d@updates.example/")
    with store.write("cli:it", "seeding") as tx:
        tx.connection.exec_driver_sql(
            "UPDATE member SET name = '欧阳娜娜美' WHERE rowid = (SELECT min(rowid) FROM member)"
        )
        names = tx.connection.exec_driver_sql("SELECT name FROM member WHERE name IS NOT NULL LIMIT 3").scalars()
        tx.connection.exec_driver_sql(
            "INSERT INTO job_run (job, started_at, state, progress, message, token, attempts, cancel_requested) "
            "VALUES ('import', 1, 'failed', 0, 'Wilhelmina Quackenbush 13800138000', 0, 1, 0)"
        )
    handler = logs.start_logging(store.site.folder, "service")
    logger = logging.getLogger("atrium.trial")
    for told in (*PLANTED[:5], "rtsp-user-zq", "rtsp-secret-zq", *names):
        logger.warning("row 5 of %s.csv: met %s twice, password=%s", told, told, PASSWORD)
    logger.warning("no answer of https://bob:hub-password-9f8e7d@updates.example/")
    logs.stop_logging(handler)
    try:
        raise ValueError(f"no such member: {names[0]} 欧阳娜娜美")
    except ValueError as error:
        logs.write_crash_bundle(store.site.folder, error)


def _seeded(site: Path) -> set[str]:
    store = open_store(site)
    try:
        with store.read() as connection:
            names = connection.exec_driver_sql("SELECT name FROM member WHERE name IS NOT NULL").scalars()
            values = connection.exec_driver_sql(
                "SELECT DISTINCT value FROM person_attr WHERE attr IN ('name', 'phone', 'email')"
            ).scalars()
            secrets = [store.key.hex(), str(store.key)]
            return {*names, *values, *secrets, *PLANTED}
    finally:
        store.close()


def test_nothing_of_anybody_is_in_the_bundle(site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bundle.zip"
    main(["--site", str(site), "doctor", "--json", "--bundle", str(file)])
    assert json.loads(capsys.readouterr().out)["bundle"] == str(file)
    with zipfile.ZipFile(file) as bundle:
        parts = {name: bundle.read(name).decode("utf-8") for name in bundle.namelist()}
    seeded = _seeded(site)
    assert len(seeded) > 100
    everything = "\n".join(parts.values())
    assert sorted(value for value in seeded if value in everything) == []
    assert str(site) not in everything and str(Path.home()) + "/" not in everything
    assert MASK in parts["logs/service.log"], "the trial can fail: the log did hold names"


def test_the_bundle_tells_what_support_needs(site: Path, tmp_path: Path) -> None:
    file = tmp_path / "bundle.zip"
    main(["--site", str(site), "doctor", "--bundle", str(file)])
    with zipfile.ZipFile(file) as bundle:

        def part(name: str) -> object:
            return json.loads(bundle.read(f"{name}.json"))

        assert {"program", "store", "Python", "duckdb", "managed_by"} <= set(part("about"))  # type: ignore[call-overload]
        assert part("counts")["member"] >= 100  # type: ignore[index]
        assert {"job": "import", "state": "failed"}.items() <= part("jobs")[0].items()  # type: ignore[index]
        assert part("settings")["goal.conversion"]["value"] == 0.25  # type: ignore[index]
        assert part("settings")["gateway.hosts"]["value"] == "text of 25"  # type: ignore[index]
        assert part("timings")["open_s"] > 0 and part("schema")["version"] > 0  # type: ignore[index]
        assert {"store", "key"} <= {check["name"] for check in part("checks")}  # type: ignore[attr-defined]


def test_a_site_that_cannot_be_opened_still_gives_one(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATRIUM_KEYS", str(tmp_path / "no-keys"))
    file = tmp_path / "bundle.zip"
    assert main(["--site", str(site), "doctor", "--bundle", str(file)]) == 3
    with zipfile.ZipFile(file) as bundle:
        assert json.loads(bundle.read("store.json"))["opened"] is False
        text = bundle.read("logs/service.log").decode()
    assert PASSWORD not in text and "13800138000" not in text and "mail.example" not in text


def test_words_are_masked_as_wholes() -> None:
    words = PersonalWords(["Anna Bell", "王小明", "Li", "bo@x.example", "Maximilian"])
    assert words.mask("anna  BELL's card, 会员王小明来了") == f"{MASK}'s card, 会员{MASK}来了"
    assert (
        words.mask("annabell and cannabell, maximilians, list of Li")
        == "annabell and cannabell, maximilians, list of Li"
    )
    assert words.mask("Maximilian, bo@x.example") == f"{MASK}, {MASK}"
