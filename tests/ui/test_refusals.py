"""What engines refuse is said in Chinese too: what they raise for lack of data, and faults that the desktop shows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.ui.catalogue import choose
from app.ui.refusals import told, words
from models.errors import Denied, Known, NotEnoughData

ENGINES = Path(__file__).parents[2] / "engines"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: Their faults bring their own Chinese, are said by the camera pages' own list, or reach the command line alone.
ELSEWHERE = {"access", "cameras", "catchment", "demographics", "zones", "away.py", "driver.py", "registry.py"}


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    choose("zh")
    yield
    choose("en")


def raised(*names: str) -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(ENGINES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield f"{path.relative_to(ENGINES)}:{node.lineno}", node


def text_of(node: ast.expr) -> str | None:
    """The text that a literal makes, with a value in each place."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else f"x{i}" for i, v in enumerate(node.values))
    return None


def test_every_refusal_for_lack_of_data_says_it_and_the_step_in_chinese() -> None:
    wrong, seen = [], 0
    for place, call in raised("NotEnoughData"):
        seen += 1
        said = next((k.value for k in call.keywords if k.arg == "missing_zh"), None)
        text = ast.unparse(said) if said is not None else ""
        if isinstance(said, ast.Name):  # a constant of the module
            module = ast.parse((ENGINES / place.split(":")[0]).read_text(encoding="utf-8"))
            text += "".join(
                ast.unparse(node.value) for node in module.body
                if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == said.id
            )  # fmt: skip
        if not CHINESE.search(text) and "says_zh" not in text:
            wrong.append(f"{place} has no Chinese")
        elif len(call.args) > 1 and "请" not in text:
            wrong.append(f"{place} has no step in Chinese")
    assert seen > 30
    assert not wrong


def test_every_fault_of_an_engine_is_known_in_chinese() -> None:
    wrong, seen = [], 0
    for place, call in raised("Known", "Denied", "NotInstalled"):
        if place.split("/")[0].split(":")[0] in ELSEWHERE or any(k.arg == "sentence_zh" for k in call.keywords):
            continue
        for text in filter(None, map(text_of, call.args[:2])):
            seen += 1
            if not CHINESE.search(words(text)):
                wrong.append(f"{place} {text}")
    assert seen > 120
    assert not wrong


def test_values_are_kept_and_the_fault_s_own_chinese_goes_first() -> None:
    known = Known("There is no version 7 of these weights.", "Look at the list of versions.")
    assert told(known) == "这些权重没有版本 7。请查看版本列表。"
    assert told(Known("Nothing like it.", "Do.")) == "Nothing like it. Do."
    assert told(NotEnoughData("Too few.", "Wait.", missing_zh="太少。请等待。")) == "太少。请等待。"
    assert told(Denied("No.", "Ask.", sentence_zh="不行。", step_zh="请询问。")) == "不行。请询问。"
    choose("en")
    assert told(known) == "There is no version 7 of these weights. Look at the list of versions."
