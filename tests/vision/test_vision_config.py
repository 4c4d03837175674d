"""The config file: what is accepted, and the sentence that each mistake gets."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import Known
from vision.config import (
    Config,
    FloorView,
    FrontView,
    Groups,
    Line,
    Purpose,
    Runtime,
    Staff,
    Uniform,
    Zone,
    config_of,
    load_config,
    warnings,
    write_config,
)

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


WHOLE = """
size = [768, 576]
[[line]]
name = "door"
a = [655, 150]
b = [655, 560]
[[zone]]
name = "till"
polygon = [[100, 300], [300, 300], [300, 500], [100, 500]]
zone = "Z1"
purpose = "queue"
served_by = "door"
[[zone]]
name = "shelf"
polygon = [[400, 300], [500, 300], [500, 500]]
purpose = "display"
exit_s = 2
least_s = 5
reach = [[400, 200], [500, 200], [500, 250]]
[[front]]
name = "shop"
code = "F1"
line = "door"
pass = [[10, 300], [90, 300], [90, 500]]
gate = "G2"
[staff]
hours = [["07:00", "09:30"], ["22:00", "24:00"]]
uniform = { hue = [200, 250], share = 0.5 }
[groups]
gap_s = 2
apart = 1
[reentry]
within_s = 30
[floor]
floor = "L1"
points = [[0, 0, 0, 0], [768, 0, 20, 0], [768, 576, 20, 10], [0, 576, 0, 10]]
[camera]
fps = 5
rotate = 90
[detector]
size = [640, 480]
runtime = "onnxruntime"
"""


def test_everything_that_can_be_drawn(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, WHOLE))
    till, shelf = config.zones
    assert (till.counted_as, till.purpose, till.served_by, till.exit_s, till.least_s) == (
        "Z1",
        "queue",
        "door",
        1.0,
        2.0,
    )
    assert (shelf.counted_as, shelf.exit_s, shelf.least_s, shelf.reach) == (
        "shelf",
        2,
        5,
        ((400, 200), (500, 200), (500, 250)),
    )
    assert config.fronts == (FrontView("shop", "door", ((10, 300), (90, 300), (90, 500)), "F1", "G2"),)
    assert config.staff == Staff(((420, 570), (1320, 1440)), Uniform((200, 250), 0.4, 0.5))
    assert (config.groups, config.reentry_s) == (Groups(2, 1), 30)
    assert config.floor == FloorView("L1", ((0, 0, 0, 0), (768, 0, 20, 0), (768, 576, 20, 10), (0, 576, 0, 10)))
    assert (config.fps, config.rotate, config.detector_size, config.runtime) == (5, 90, (640, 480), "onnxruntime")
    assert config.notes == ()


def test_zones_need_no_line(tmp_path: Path) -> None:
    text = "size = [768, 576]\n[[zone]]\nname = 'hall'\npolygon = [[0, 0], [700, 0], [700, 500]]"
    assert [zone.purpose for zone in load_config(written(tmp_path, text)).zones] == ["presence"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[[100, 300], [300, 300], [300, 500], [100, 500]]", "[[100, 300], [300, 500], [300, 300], [100, 500]]", ["zone 'till'", "polygon", "crosses itself"]),
        ("[[100, 300], [300, 300], [300, 500], [100, 500]]", "[[100, 300], [300, 300]]", ["zone 'till'", "three corners"]),
        ("[[100, 300], [300, 300], [300, 500], [100, 500]]", "[[100, 300], [300, 300], [900, 500]]", ["zone 'till'", "outside the picture"]),
        ("[[100, 300], [300, 300], [300, 500], [100, 500]]", "7", ["zone 'till'", "corners"]),
        ('purpose = "queue"', 'purpose = "que"', ["zone 'till'", "'que'", "presence, queue"]),
        ('served_by = "door"', 'served_by = "exit"', ["zone 'till'", "no line 'exit'"]),
        ('purpose = "queue"', 'purpose = "presence"', ["zone 'till'", "queue is served"]),
        ('purpose = "display"', 'purpose = "queue"', ["zone 'shelf'", "display"]),
        ('name = "shelf"', 'name = "till"', ["zone 'till'", "two zones have this name"]),
        ('name = "shelf"', 'name = "shelf"\nzone = "Z1"', ["zone 'Z1'", "two zones have this code"]),
        ("exit_s = 2", "exit_s = -2", ["zone 'shelf'", "exit_s"]),
        ('line = "door"', 'line = "window"', ["front 'shop'", "no line 'window'"]),
        ('line = "door"', "", ["front 'shop'", "no line"]),
        ('"09:30"', '"9:30"', ["[staff] hours", "'9:30'"]),
        ('"09:30"', '"07:00"', ["[staff] hours", "same time"]),
        ('["07:00", "09:30"]', '"07:00"', ["[staff] hours", "pair"]),
        ("hue = [200, 250]", "hue = [200, 400]", ["uniform hue", "400"]),
        ("hue = [200, 250], ", "", ["uniform hue"]),
        ("share = 0.5", "share = 0", ["uniform share"]),
        ("gap_s = 2", "gap_s = -1", ["[groups] gap_s"]),
        ("within_s = 30", "within_s = 'a'", ["[reentry] within_s"]),
        ('floor = "L1"', "", ["[floor] floor"]),
        (", [0, 576, 0, 10]]", "]", ["[floor] points", "4 to"]),
        ("[768, 576, 20, 10]", "[900, 576, 20, 10]", ["[floor] points", "outside the picture"]),
        ("[768, 576, 20, 10], [0, 576, 0, 10]", "[384, 0, 10, 0], [192, 0, 5, 0]", ["[floor] points", "one line"]),
        ("[768, 576, 20, 10]", "[768, 576, 20]", ["[floor] points", "4 numbers"]),
        ("fps = 5", "fps = 0", ["[camera] fps"]),
        ("rotate = 90", "rotate = 45", ["[camera] rotate"]),
        ("size = [640, 480]", "size = [640]", ["[detector] size"]),
        ('"onnxruntime"', '"tensorrt"', ["[detector] runtime"]),
        ("[[front]]", "[front]", ["[[front]]"]),
    ],
)  # fmt: skip
def test_what_is_drawn_wrong_is_refused_by_name(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    assert old in WHOLE
    with pytest.raises(Known) as caught:
        load_config(written(tmp_path, WHOLE.replace(old, new, 1)))
    assert "lines.toml" in caught.value.sentence
    for word in words:
        assert word in caught.value.sentence


def test_settings_that_are_not_known_are_named_with_their_place() -> None:
    config = config_of(tomllib.loads(WHOLE + "[cloud]\nhost = 1\n"))
    assert config.notes == ("The config's setting 'cloud' is not known and was left out.",)
    odd = tomllib.loads(WHOLE.replace("exit_s = 2", "colour = 2"))
    assert config_of(odd).notes == ("The config's setting 'colour' in zone 'shelf' is not known and was left out.",)


# What a person should know before trusting a drawing

STANDING = [(655 + i % 3, 300.0, 100.0, 0.05) for i in range(20)] + [(300.0, 300.0, 100.0, 0.05)] * 40
WALKING = [(x, y, h, 0.9) for x, y, h, _ in STANDING]


def test_set_up_warns_where_people_stand_on_a_line() -> None:
    config = config_of(tomllib.loads(GOOD))
    (told,) = warnings(config, STANDING)
    assert "'door'" in told and "33%" in told
    assert warnings(config, WALKING) == []
    assert warnings(config, STANDING[:10]) == []


def test_set_up_warns_of_lines_at_the_edge_and_feet_cut_off() -> None:
    config = config_of(
        tomllib.loads(GOOD.replace("a = [655, 150]", "a = [766, 150]").replace("b = [655, 560]", "b = [767, 560]"))
    )
    (told,) = warnings(config, [])
    assert "'door'" in told and "edge" in told
    (cut,) = warnings(config_of(tomllib.loads(GOOD)), [(300.0, 575.0, 90.0, 0.9)] * 40)
    assert "cut off" in cut


# There and back


def texts(most: int = 8) -> st.SearchStrategy[str]:
    return st.text(st.characters(codec="utf-8"), min_size=1, max_size=most).map(str.strip).filter(bool)


numbers = st.floats(0, 500, allow_subnormal=False)
triangles = st.tuples(numbers, numbers, st.floats(5, 60)).map(
    lambda each: ((each[0], each[1]), (each[0] + each[2], each[1]), (each[0], each[1] + each[2]))
)
lines = st.builds(
    lambda name, x, y, band, gate: Line(name, (x, y), (x + 9, y), band, gate),
    texts(),
    numbers,
    numbers,
    st.none() | st.floats(0, 250),
    st.none() | texts(),
)


@st.composite
def configs(draw: st.DrawFn) -> Config:
    found = draw(st.lists(lines, min_size=1, max_size=3, unique_by=lambda line: line.name))
    named = st.sampled_from([line.name for line in found])
    zones = [
        Zone(
            f"zone {i}",
            draw(triangles),
            f"Z{i}" if draw(st.booleans()) else None,
            purpose,
            draw(st.floats(0, 30)),
            draw(st.floats(0, 3600)),
            draw(st.none() | named) if purpose == "queue" else None,
            draw(st.none() | triangles) if purpose == "display" else None,
        )
        for i, purpose in enumerate(draw(st.lists(st.sampled_from(get_args(Purpose)), max_size=4)))
    ]
    minutes = st.integers(0, 1440)
    hours = draw(st.lists(st.tuples(minutes, minutes).filter(lambda pair: pair[0] != pair[1]), max_size=2))
    uniform = st.builds(Uniform, st.tuples(st.floats(0, 360), st.floats(0, 360)), st.floats(0, 1), st.floats(0.01, 1))
    plan = tuple(
        (x, y, x * draw(st.floats(0.01, 0.1)) + 1e-3, y * 0.02) for x, y in ((0, 0), (500, 10), (490, 500), (5, 480))
    )
    return Config(
        (640, 600), tuple(found), tuple(zones),
        tuple(FrontView(name, draw(named), draw(triangles), draw(st.none() | texts()), draw(st.none() | texts())) for name in draw(st.lists(texts(), max_size=2, unique=True))),
        Staff(tuple(hours), draw(st.none() | uniform)), draw(st.builds(Groups, st.floats(0, 60), st.floats(0, 20))), draw(st.floats(0, 3600)),
        draw(st.none() | texts().map(lambda floor: FloorView(floor, plan))), draw(st.floats(0.2, 60)), draw(st.sampled_from([0, 90, 180, 270])),
        draw(st.none() | st.just(Path("weights/a b.onnx"))), draw(st.floats(0.01, 0.99)), draw(st.none() | st.just((320, 256))),
        draw(st.none() | st.sampled_from(get_args(Runtime))), draw(st.floats(0.1, 1000)),
    )  # fmt: skip


@settings(deadline=None)
@given(configs())
def test_what_is_written_is_read_as_the_same(config: Config) -> None:
    assert config_of(tomllib.loads(write_config(config))) == config


def test_weights_beside_the_file_are_written_relative_to_it(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, GOOD))
    assert 'weights = "yolox.onnx"' in write_config(config)
    assert load_config(written(tmp_path, write_config(config))) == config


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "a", "b", "band", "polygon", "points", "hours", "uniform", "line"]), inner
        )
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(["size", "line", "zone", "front", "staff", "groups", "floor", "camera", "detector", "other"]),
        values,
    )
)
def test_nothing_that_toml_can_say_is_a_crash(table: dict[str, object]) -> None:
    try:
        config = config_of(table)
    except Known as known:
        assert known.sentence and known.step
    else:
        assert config.lines or config.zones
