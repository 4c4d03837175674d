"""Weights are what their name says, or stay out; what nobody knows is taken only when a person says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import weights
from models.errors import Known, NotInstalled
from models.site import create_site
from models.store import Store, create_store
from tests.data import data_file


@pytest.fixture
def mall(tmp_path: Path):
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    yield made
    made.close()


def state(mall: Store, name: str) -> str:
    return next(w.state for w in weights.list_weights(mall.site) if w.name == name)


def test_the_manifest_is_whole() -> None:
    entries = weights.known_weights()
    assert len({entry.name for entry in entries}) == len(entries)
    for entry in entries:
        assert entry.licence in ("Apache-2.0", "AGPL-3.0", "MIT")
        assert all(len(digest) == 64 for digest in entry.files.values())
        suffixes = {Path(name).suffix for name in entry.files}
        assert suffixes in ({".onnx"}, {".xml", ".bin"})


@pytest.mark.parametrize(
    ("source", "name", "model"),
    [
        ("weights/yolox-nano-416.onnx", "yolox-nano-416", "yolox-nano-416.onnx"),
        ("weights/person-detection-retail-0013", "person-detection-retail-0013", "person-detection-retail-0013.xml"),
        ("weights/yolov8n-int8-openvino/yolov8n.bin", "yolov8n-int8-openvino", "yolov8n.xml"),
    ],
)
def test_known_weights_are_added_and_found(mall: Store, source: str, name: str, model: str) -> None:
    assert state(mall, name) == "absent"
    with pytest.raises(NotInstalled):
        weights.find_weights(mall.site, name)
    added = weights.add_weights(mall, "anna", data_file(source))
    assert (added.name, added.state) == (name, "good")
    assert weights.find_weights(mall.site, name).name == model
    weights.add_weights(mall, "anna", data_file(source))
    with mall.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM audit_entry WHERE action = 'add'").scalar() == 2


def test_a_damaged_known_file_is_refused_even_when_unknown_ones_are_accepted(mall: Store, tmp_path: Path) -> None:
    whole = data_file("weights/yolox-nano-416.onnx").read_bytes()
    bad = tmp_path / "yolox-nano-416.onnx"
    bad.write_bytes(whole[:-1] + b"x")
    with pytest.raises(Known, match="damaged or not the original"):
        weights.add_weights(mall, "anna", bad, accept_unknown=True)
    assert state(mall, "yolox-nano-416") == "absent"


def test_weights_damaged_on_the_disk_are_seen(mall: Store) -> None:
    added = weights.add_weights(mall, "anna", data_file("weights/yolox-nano-416.onnx"))
    assert added.path is not None
    with added.path.open("r+b") as file:
        file.write(b"bite")
    assert state(mall, "yolox-nano-416") == "damaged"
    with pytest.raises(NotInstalled):
        weights.find_weights(mall.site, "yolox-nano-416")


def test_unknown_weights_need_a_persons_word_and_stay_marked(mall: Store, tmp_path: Path) -> None:
    own = tmp_path / "own.onnx"
    own.write_bytes(b"weights of our own")
    with pytest.raises(Known, match="licence are unknown"):
        weights.add_weights(mall, "anna", own)
    added = weights.add_weights(mall, "anna", own, accept_unknown=True)
    assert (added.state, added.licence) == ("unknown", "unknown")
    assert weights.find_weights(mall.site, "own").read_bytes() == own.read_bytes()


@pytest.mark.parametrize("name", ["model.pt", "model.txt", "absent.onnx"])
def test_what_cannot_be_loaded_is_refused(mall: Store, tmp_path: Path, name: str) -> None:
    if name != "absent.onnx":
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(Known):
        weights.add_weights(mall, "anna", tmp_path / name, accept_unknown=True)


def test_half_of_a_pair_is_refused(mall: Store, tmp_path: Path) -> None:
    (tmp_path / "net.xml").write_text("<net/>")
    with pytest.raises(Known, match=r"net\.bin"):
        weights.add_weights(mall, "anna", tmp_path, accept_unknown=True)
