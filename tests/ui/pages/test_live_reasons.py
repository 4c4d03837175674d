"""What the counting says of a camera is said in Chinese: every sentence that its sources can make."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from pathlib import Path

import pytest

from app.ui.catalogue import choose
from app.ui.pages.live.reasons import told
from models.errors import Known
from vision.config import config_of
from vision.reach import reach_sentence

_spec = importlib.util.spec_from_file_location("sentence_scan", Path(__file__).parents[1] / "sentence_scan.py")
scan = importlib.util.module_from_spec(_spec)
sys.modules["sentence_scan"] = scan
_spec.loader.exec_module(scan)

HEAD = "size = [640, 480]\n"
LINE = HEAD + '[[line]]\nname = "door"\na = [1, 1]\nb = [300, 300]\n'


@pytest.fixture(autouse=True)
def chinese():
    choose("zh")
    yield
    choose("en")


def chinese_throughout(text: str) -> bool:
    """Whether nothing of the English was left but names, codes and values."""
    return any("一" <= letter <= "鿿" for letter in text) and " the " not in text


@pytest.mark.parametrize("path", scan.PRODUCERS)
def test_every_sentence_of_the_counting_is_known(path):
    unknown = [text for text in scan.sentences_of(path) if told(text) == text and text not in ("X: X.", "X: X")]
    assert unknown == []


@pytest.mark.parametrize("path", scan.REFUSING)
def test_every_refusal_of_a_config_is_known(path):
    reasons = [*scan.reasons_of(path)]
    assert reasons
    assert [text for text in reasons if told(f"the config, line 'door': band: {text}.").startswith("the")] == []


@pytest.mark.parametrize(
    "text",
    [
        "", 'size = "big"', HEAD, HEAD + "line = 3", HEAD + "[[line]]\na = [1, 1]", LINE + "band = 900",
        LINE + LINE.removeprefix(HEAD), LINE + '[[zone]]\nname = "a"\npolygon = [[0, 0], [9, 9], [9, 0], [0, 9]]',
        LINE + '[[zone]]\nname = "a"\npurpose = "sleep"', LINE + '[[front]]\nname = "f"\nline = "none"',
        LINE + "[camera]\nrotate = 45", LINE + '[staff]\nhours = [["7", "9"]]', LINE + "gate = 3",
        LINE + '[floor]\nfloor = "L1"\npoints = [[0, 0, 0, 0], [1, 1, 1, 1], [2, 2, 2, 2], [3, 3, 3, 3]]',
        HEAD + '[[line]]\nname = "a: b, c"\na = [1, 1]\nb = [900, 9]',
    ],
)  # fmt: skip
def test_real_refusals_are_said_in_chinese(text):
    with pytest.raises(Known) as caught:
        config_of(tomllib.loads(text))
    said = told(str(caught.value))
    assert said != str(caught.value)
    assert chinese_throughout(said)
    assert "请更正配置后重试。" in said


def test_values_are_kept_and_sentences_within_sentences_are_told():
    assert told(reach_sentence("refused", "10.0.0.9: 3")) == "10.0.0.9: 3拒绝连接：该端口没有服务。"
    waits = "Counts wait to be stored: The disk is full; nothing was changed."
    assert told(waits) == "计数等待写入：磁盘已满；未作任何更改。"
    assert told("Counts wait to be stored: Something new.") == "计数等待写入：Something new."
    said = told("the config, line 'door': band: 900 is not between 0 and 240. Correct the config file and try again.")
    assert said == "配置 · 计数线 'door' · band：900 不在 0 与 240 之间。请更正配置后重试。"


@pytest.mark.parametrize("text", ["", "Something new.", "a: b", "A door. Something new.", "{name}"])
def test_what_is_not_known_stays(text):
    assert told(text) == text


def test_english_stays_english():
    choose("en")
    assert told("Draw its lines again.") == "Draw its lines again."


def test_the_scan_finds_a_new_sentence(tmp_path):
    source = tmp_path / "new.py"
    source.write_text('"""A docstring."""\nLOG.info("Told to nobody.")\nsay(f"{name} fell off the wall.")\n')
    assert [*scan.sentences_of(str(source))] == ["X fell off the wall."]
    assert told("X fell off the wall.") == "X fell off the wall."
