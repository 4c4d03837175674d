"""`faces check` judges a real network on drawn faces and keeps the result with its weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import pytest

from app.cli.entry import main
from app.cli.faces import FINDER
from models.site import create_site
from models.store import create_store
from tests.data import data_file
from tests.vision.demographics.drawn_faces import drawn_face, skin, write_network


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "mall"
    create_store(create_site(folder, name="Mall")).close()
    for name in ("attributes", FINDER):
        (folder / "weights" / name).mkdir(parents=True)
    write_network(folder / "weights" / "attributes" / "attributes.xml")
    finder = data_file("weights/face_detection_yunet_2026may.onnx")
    (folder / "weights" / FINDER / finder.name).write_bytes(finder.read_bytes())
    return folder


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, Any, str]:
    status = main(list(argv))
    out, err = capsys.readouterr()
    return status, json.loads(out) if "--json" in argv else out, err


def test_a_network_is_checked_and_listed(site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faces = tmp_path / "faces"
    faces.mkdir()
    people = [(20, True), (30, False), (40, True), (50, False), (9, True)]
    for number, (age, male) in enumerate(people):
        cv2.imwrite(str(faces / f"{age}_{1 - male}_{number}_x.png"), drawn_face(240, skin(age, male)))
    (faces / "30_1_broken.png").write_bytes(b"")
    told = ("--site", str(site), "--json", "faces", "check", str(faces), "--weights", "attributes")
    status, document, err = run(capsys, *told)
    assert status == 0
    assert "30_1_broken.png" in err
    checked = document["checked"]
    assert (checked["n"], checked["faceless"], checked["young"], checked["young_told"]) == (5, 0, 1, 0)
    assert checked["genders"]["counts"] == [[2, 0], [0, 2]]
    assert checked["groups"][0]["age_error"] < 3
    status, text, _ = run(capsys, "--site", str(site), "faces")
    assert status == 0
    assert "attributes on faces: 5 pictures" in text
    assert "gender right 100.0%" in text


@pytest.mark.parametrize(
    ("argv", "status", "sentence"),
    [
        (["check"], 2, "Which faces"),
        (["check", "absent", "--weights", "attributes"], 3, "no folder"),
        (["check", ".", "--weights", "other"], 5, "no weights 'other'"),
    ],
)
def test_bad_use_is_a_sentence(
    site: Path, capsys: pytest.CaptureFixture[str], argv: list[str], status: int, sentence: str
) -> None:
    found, document, _ = run(capsys, "--site", str(site), "--json", "faces", *argv)
    assert found == status
    assert sentence in document["error"]
