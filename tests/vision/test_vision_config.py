"""The config file: what is accepted, and the sentence that each mistake gets."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import Known
from vision.config import config_of, load_config

GOOD = """
size = [768, 576]
[[line]]
name = "door"
a = [655, 150]
b = [655, 560]
band = 8
gate = "G1"
[[line]]
name = "plaza"
a = [470, 150]
b = [470.5, 570]
[detector]
weights = "yolox.onnx"
confidence = 0.4
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "lines.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_whole_config(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, GOOD))
    door, plaza = config.lines
    assert config.size == (768, 576)
    assert (door.a, door.b, door.band, door.gate, door.counted_as) == ((655, 150), (655, 560), 8, "G1", "G1")
    assert (plaza.b, plaza.band, plaza.counted_as) == ((470.5, 570), None, "plaza")
    assert config.weights == tmp_path / "yolox.onnx"
    assert config.confidence == 0.4
    assert config.notes == ()


def test_an_unknown_setting_is_named_and_left_out(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, GOOD.replace("gate =", "gait =") + "\n[[zoo]]\nname = 'queue'\n"))
    assert config.lines[0].gate is None
    assert [("gait" in note, "zoo" in note) for note in config.notes] == [(False, True), (True, False)]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("a = [655, 150]", "a = [nan, 150]", ["'door'", "not a number"]),
        ("a = [655, 150]", "a = [inf, 150]", ["'door'", "not a number"]),
        ("a = [655, 150]", "a = [true, 150]", ["'door'", "not a number"]),
        ("a = [655, 150]", 'a = ["655", 150]', ["'door'", "not a number"]),
        ("a = [655, 150]", "a = [655]", ["'door'", "[x, y]"]),
        ("a = [655, 150]", "", ["'door'", "a", "[x, y]"]),
        ("b = [655, 560]", "b = [655, 150]", ["'door'", "no length"]),
        ("a = [655, 150]", "a = [800, 150]", ["'door'", "outside the picture of 768 x 576"]),
        ("a = [655, 150]", "a = [655, -1]", ["'door'", "outside the picture"]),
        ('name = "plaza"', 'name = "door"', ["'door'", "two lines"]),
        ('name = "plaza"', 'name = " "', ["line 2", "no name"]),
        ('name = "plaza"', "", ["line 2", "no name"]),
        ("band = 8", "band = -1", ["'door'", "band", "-1"]),
        ("band = 8", "band = nan", ["'door'", "band"]),
        ('gate = "G1"', "gate = 7", ["'door'", "gate"]),
        ("size = [768, 576]", "size = [768]", ["size"]),
        ("size = [768, 576]", "size = [768, 0]", ["size"]),
        ("size = [768, 576]", "size = [768.5, 576]", ["size"]),
        ("size = [768, 576]", "", ["size"]),
        ("confidence = 0.4", "confidence = 4", ["confidence", "4"]),
        ("[detector]", "detector = 3\n[other]", ["detector"]),
        ("size = [768, 576]", "size = [768, 576", ["not valid TOML", "line"]),
    ],
)
def test_a_mistake_names_the_file_the_line_and_the_reason(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    if new.startswith("detector"):
        text = f"detector = 3\n{GOOD.split('[detector]', maxsplit=1)[0]}"
    with pytest.raises(Known) as caught:
        load_config(written(tmp_path, text))
    assert "lines.toml" in caught.value.sentence
    for word in words:
        assert word in caught.value.sentence


def test_no_lines_no_file_and_no_text(tmp_path: Path) -> None:
    with pytest.raises(Known, match="no counting line"):
        load_config(written(tmp_path, "size = [768, 576]"))
    with pytest.raises(Known, match="no config file"):
        load_config(tmp_path / "missing.toml")
    (tmp_path / "picture.toml").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(Known, match="cannot be read"):
        load_config(tmp_path / "picture.toml")
    with pytest.raises(Known, match="cannot be read"):
        load_config(tmp_path)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["name", "a", "b", "band"]), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["size", "line", "detector", "folder", "other"]), values))
def test_nothing_that_toml_can_say_is_a_crash(table: dict[str, object]) -> None:
    try:
        config = config_of(table)
    except Known as known:
        assert known.sentence and known.step
    else:
        assert config.lines or config.zones
