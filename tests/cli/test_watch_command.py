"""`watch` of recordings, good and bad: what it keeps, what it refuses, and what it must leave alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli.entry import main
from app.service.detecting import FALLBACK
from engines.cameras.records import cameras, find_camera, remember_camera
from models.store import Store, open_store
from tests.data import data_file
from tests.vision.scenes import drawn_video

Ran = tuple[int, Any]
LINES = """
size = [160, 120]
[[line]]
name = "door"
a = [80, 0]
b = [80, 120]
"""
FRONT = '[[front]]\nname = "shop"\ncode = "F1"\nline = "door"\npass = [[0, 0], [70, 0], [70, 120], [0, 120]]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mall"


@pytest.fixture
def watch(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Watch with background subtraction at a door: (exit status, JSON document)."""

    def run(source: object, *arguments: str, lines: str = LINES) -> Ran:
        config = tmp_path / "lines.toml"
        config.write_text(lines, encoding="utf-8")
        chosen = ("--config", str(config), "--detector", FALLBACK)
        code = main(["--site", str(folder), "watch", str(source), *chosen, *arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)

    assert main(["--site", str(folder), "init"]) == 0
    capsys.readouterr()
    return run


@pytest.fixture
def store(watch: Callable[..., Ran], folder: Path) -> Iterator[Store]:
    made = open_store(folder)
    yield made
    made.close()


def test_a_recording_that_is_not_there_is_no_camera_to_wait_for(watch: Callable[..., Ran], store: Store) -> None:
    code, document = watch("gone/door.mp4")
    assert (code, "no recording" in document["error"]) == (3, True)
    assert cameras(store) == []


def test_a_file_that_is_no_recording_leaves_no_camera_behind(
    watch: Callable[..., Ran], store: Store, tmp_path: Path
) -> None:
    (tmp_path / "notes.mp4").write_text("no video", encoding="utf-8")
    assert watch(tmp_path / "notes.mp4")[0] == 3
    assert cameras(store) == []


def test_a_recording_does_not_take_the_place_of_a_camera(
    watch: Callable[..., Ran], store: Store, tmp_path: Path
) -> None:
    remember_camera(store, "it", code="C1", address="rtsp://10.0.0.5/main", lines=LINES)
    code, document = watch(drawn_video(tmp_path / "a.avi", 12), "--name", "C1")
    assert (code, "10.0.0.5" in document["error"]) == (2, True)
    assert (find_camera(store, "C1").address, find_camera(store, "C1").active) == ("rtsp://10.0.0.5/main", 1)


def test_a_camera_that_is_switched_off_says_so(store: Store, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    remember_camera(store, "it", code="C1", address="rtsp://10.0.0.5/main", lines=LINES, active=False)
    assert main(["--site", str(folder), "watch", "--camera", "C1", "--detector", FALLBACK, "--json"]) == 3
    assert "switched off" in json.loads(capsys.readouterr().out)["error"]


@pytest.mark.parametrize("start", ["0001-01-01", "9999-12-31T23:59"])
def test_a_time_of_no_recording_is_refused(watch: Callable[..., Ran], tmp_path: Path, start: str) -> None:
    code, document = watch(drawn_video(tmp_path / "a.avi", 12), "--start", start)
    assert (code, "year" in document["error"]) == (2, True)


def test_a_shops_door_in_a_recording_is_no_door_of_the_mall(
    watch: Callable[..., Ran], store: Store, tmp_path: Path
) -> None:
    code, _ = watch(drawn_video(tmp_path / "a.avi", 12), "--start", "2026-06-01T10:00", lines=LINES + FRONT)
    assert code == 0
    with store.read() as connection:
        gates = connection.exec_driver_sql("SELECT code, perimeter FROM gate").fetchall()
        fronts = connection.exec_driver_sql("SELECT code FROM front").fetchall()
    assert [tuple(row) for row in gates] == [("door", 0)]
    assert [tuple(row) for row in fronts] == [("F1",)]


def test_weights_named_in_the_config_are_found_by_the_service_too(
    store: Store, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(data_file("weights/person-detection-retail-0013"), tmp_path / "set-up" / "nets")
    config = tmp_path / "set-up" / "lines.toml"
    config.write_text(LINES + '[detector]\nweights = "nets"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    recording = str(drawn_video(tmp_path / "a.avi", 3))
    assert main(["--site", str(folder), "watch", recording, "--config", "set-up/lines.toml"]) == 0
    assert find_camera(store, "a").detector == str(tmp_path / "set-up" / "nets")
