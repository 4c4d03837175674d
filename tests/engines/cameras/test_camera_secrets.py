"""A camera's password opens it, and is nowhere else: no record, log, export or page holds it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.entry import main
from engines.cameras.records import (
    CameraRecord,
    address_to_open,
    cameras,
    completed_address,
    find_camera,
    remember_camera,
    remove_camera,
)
from engines.cameras.state import note_state
from models import mart
from models.errors import Known
from models.site import create_site
from models.store import Store, create_store
from models.tables import TABLES, table_class

WHOLE = "rtsp://ann:hunter2@door/2?token=hunter2"


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    remember_camera(made, "it", code="C1", address=WHOLE, lines="")
    yield made
    made.close()


def save(store: Store, address: str, *, keep_login: bool = True) -> CameraRecord:
    remember_camera(store, "it", code="C1", address=address, lines="", keep_login=keep_login)
    return find_camera(store, "C1")


def logged(store: Store) -> list[str]:
    with store.read() as connection:
        return connection.exec_driver_sql("SELECT row FROM change_log WHERE tbl = 'camera'").scalars()


def test_a_record_has_no_password_and_the_process_that_opens_the_camera_has(mall: Store) -> None:
    camera = find_camera(mall, "C1")
    assert (camera.address, camera.user, camera.has_password) == ("rtsp://door/2?token=***", "ann", True)
    assert "hunter2" not in repr(cameras(mall))
    assert address_to_open(mall, "C1") == WHOLE
    with pytest.raises(Known, match="no camera"):
        address_to_open(mall, "C9")


def test_a_camera_that_is_saved_again_keeps_its_password_until_it_is_another_s(mall: Store) -> None:
    shown = find_camera(mall, "C1").address
    save(mall, shown)
    assert address_to_open(mall, "C1") == WHOLE
    save(mall, "rtsp://ann@door/sub")
    assert address_to_open(mall, "C1") == "rtsp://ann:hunter2@door/sub"
    assert completed_address(mall, "C1", "rtsp://ann@door/2") == "rtsp://ann:hunter2@door/2"
    assert completed_address(mall, "C9", "rtsp://ann@door/2") == "rtsp://ann@door/2"
    save(mall, "rtsp://ann:new@door/sub")
    assert address_to_open(mall, "C1") == "rtsp://ann:new@door/sub"
    assert save(mall, "rtsp://door/sub", keep_login=False).user == ""
    assert address_to_open(mall, "C1") == "rtsp://door/sub"
    save(mall, "rtsp://ann:hunter2@door/2")
    elsewhere = save(mall, "rtsp://window/2")
    assert (elsewhere.has_password, address_to_open(mall, "C1")) == (False, "rtsp://window/2")


def test_a_camera_that_is_removed_takes_its_password_along_and_undo_brings_it_back(mall: Store) -> None:
    whole = remove_camera(mall, "it", "C1")
    with mall.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM camera_secret").scalar() == 0
    save(mall, whole)
    assert address_to_open(mall, "C1") == WHOLE


def test_no_table_but_the_one_that_stays_here_holds_the_password(mall: Store, tmp_path: Path) -> None:
    note_state(mall, "C1", {"state": "lost", "reason": "It does not answer."})
    save(mall, "rtsp://ann:hunter2@door/3")
    found = []
    with mall.read() as connection:
        for name in TABLES:
            rows = connection.exec_driver_sql(f'SELECT * FROM "{name}"').fetchall()
            found += [name] if "hunter2" in repr(rows) else []
    assert found == ["camera_secret"]
    assert table_class(TABLES["camera_secret"]) == "S"
    mart.refresh(mall)
    assert "camera_secret" not in mart.MART
    assert not any("camera" in path.name for path in mall.site.mart.rglob("*.parquet"))


def test_show_and_export_do_not_give_it_away(mall: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site, out = str(mall.site.folder), tmp_path / "cameras.csv"
    assert main(["--site", site, "show", "camera", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"][0]["address"] == "rtsp://door/2?token=***"
    assert main(["--site", site, "cameras", "--json"]) == 0
    assert main(["--site", site, "export", "camera", "--to", str(out)]) == 0
    assert "hunter2" not in capsys.readouterr().out + out.read_text(encoding="utf-8-sig")
    assert main(["--site", site, "show", "camera_secret"]) == 2
    assert main(["--site", site, "show", "change_log"]) == 2
    assert "hunter2" not in "".join(capsys.readouterr())


def test_how_a_camera_is_does_not_touch_its_record(mall: Store) -> None:
    before = logged(mall)
    for at in range(1, 20):
        note_state(mall, "C1", {"state": "counting", "reason": "", "last_frame_at": 1000 * at})
    note_state(mall, "C1", {"state": "lost", "reason": "It does not answer."})
    assert logged(mall) == before
    camera = find_camera(mall, "C1")
    assert (camera.last_frame_at, camera.trouble) == (19_000, "It does not answer.")
    note_state(mall, "C1", {"state": "counting", "reason": ""})
    assert find_camera(mall, "C1").trouble is None
