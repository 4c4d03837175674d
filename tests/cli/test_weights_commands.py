"""`weights`: licences shown, choices saved and taken back, training asked for without its extra."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli.entry import main
from tests.data import data_file

Ran = tuple[int, Any, str]


@pytest.fixture
def atrium(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command on a site of the test's own: (exit status, JSON document or text, standard error)."""

    def run(*arguments: str, text: bool = False) -> Ran:
        code = main(["--site", str(tmp_path / "mall"), *arguments, *([] if text else ["--json"])])
        out, err = capsys.readouterr()
        return code, out if text else json.loads(out) if out else None, err

    assert run("init")[0] == 0
    return run


def test_an_agpl_licence_is_said_to_be_the_sites_choice(atrium: Callable[..., Ran]) -> None:
    _, text, _ = atrium("weights", "add", str(data_file("weights/yolox-nano-416.onnx")), text=True)
    assert "Apache-2.0" in text
    assert "AGPL" not in text
    _, text, _ = atrium("weights", "add", str(data_file("weights/yolov8n-int8-openvino")), text=True)
    assert "licence AGPL-3.0" in text
    assert "the site's own choice" in text
    assert "the site's own choice" in atrium("weights", text=True)[1]


def test_an_unknown_files_own_word_about_its_licence_is_shown(atrium: Callable[..., Ran], tmp_path: Path) -> None:
    own = tmp_path / "own.onnx"
    own.write_bytes(data_file("weights/yolov8n-640.onnx").read_bytes() + b" ")
    _, added, _ = atrium("weights", "add", str(own), "--accept-unknown")
    assert (added["state"], added["licence"]) == ("unknown", "AGPL-3.0")


def test_bench_chooses_and_saves_and_removing_takes_the_choice_back(atrium: Callable[..., Ran]) -> None:
    assert atrium("weights", "bench")[0] == 5
    atrium("weights", "add", str(data_file("weights/person-detection-retail-0013")))
    quick = ("--threads", "1", "--seconds", "0.01", "--picture", "320x240")
    assert atrium("weights", "bench", "--save", *quick)[0] == 2
    code, document, _ = atrium("weights", "bench", "--cameras", "1", "--fps", "0.1", "--save", *quick)
    assert (code, document["saved"]) == (0, True)
    assert document["chosen"]["weights"] == "person-detection-retail-0013"
    assert atrium("settings", "vision.weights")[1]["value"] == "person-detection-retail-0013"
    assert atrium("settings", "vision.input")[1]["value"] == document["chosen"]["input"]
    assert atrium("weights", "remove", "person-detection-retail-0013")[0] == 0
    assert atrium("settings", "vision.weights")[1]["value"] == ""
    assert atrium("weights", "remove", "person-detection-retail-0013")[0] == 5
    assert {entry["state"] for entry in atrium("weights")[1]} == {"absent"}


def test_what_cannot_be_kept_up_with_is_said(atrium: Callable[..., Ran]) -> None:
    weights = str(data_file("weights/person-detection-retail-0013/person-detection-retail-0013.xml"))
    code, text, _ = atrium(
        "weights", "bench", weights, "--cameras", "999999", "--seconds", "0.01", "--picture", "320x240", text=True
    )
    assert code == 0
    assert "None keeps up with 999999 cameras" in text


@pytest.mark.parametrize(
    "arguments",
    [
        ("remove",),
        ("export", "model.pt"),
        ("export", "model.pt", "--size", "640"),
        ("export", "model.pt", "--size", "600x480"),
        ("export", "model.pt", "--size", "640x480", "--int8"),
        ("tune", "data.yaml"),
        ("check", "model.pt"),
        ("bench", "--fps", "0"),
    ],
)
def test_bad_use_is_said(atrium: Callable[..., Ran], arguments: tuple[str, ...]) -> None:
    code, document, _ = atrium("weights", *arguments)
    assert code == 2
    assert document["error"].endswith((".", "?"))
    assert document["step"]


@pytest.mark.skipif(importlib.util.find_spec("ultralytics") is not None, reason="the extra yolo is installed")
def test_without_the_extra_training_names_the_next_step(atrium: Callable[..., Ran], tmp_path: Path) -> None:
    dataset = tmp_path / "data.yaml"
    dataset.write_text("names: {0: person}\n")
    for arguments in (
        ("export", "model.pt", "--size", "640x480"),
        ("tune", str(dataset), "--from", "model.pt"),
        ("check", "model.pt", "--data", str(dataset)),
    ):
        code, document, _ = atrium("weights", *arguments)
        assert code == 5
        assert "--extra yolo" in document["step"]
