"""Finds the English sentences that the counting of cameras can say, in its sources; values are written as X."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCERS = (
    "vision/feed.py", "vision/grabber.py", "vision/reach.py", "vision/reader.py", "vision/playback.py",
    "vision/source.py", "vision/capture.py", "vision/group.py", "vision/pipeline.py", "vision/polygon.py",
    "vision/homography.py", "vision/config/fields.py", "vision/config/read.py", "vision/config/areas.py",
    "vision/config/rules.py", "vision/detectors/network.py", "vision/detectors/runtime.py",
    "vision/detectors/__init__.py", "vision/config/advice.py", "app/service/live_view.py",
    "app/service/counting.py", "app/service/detecting.py", "models/store.py#_trouble", "vision/watch.py",
)  # fmt: skip
"""Where sentences on a camera are made that reach the desktop; after # one function of the file."""
REFUSING = (
    "vision/polygon.py", "vision/homography.py", "vision/config/fields.py", "vision/config/read.py",
    "vision/config/areas.py", "vision/config/rules.py",
)  # fmt: skip
"""Where a config is refused."""


def sentences_of(path: str) -> Iterator[str]:
    """Sentences that the file can say of a camera: what ends as one does, outside of docstrings and of the log."""
    name, _, function = path.partition("#")
    tree: ast.AST = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    if function:
        tree = next(node for node in ast.walk(tree) if getattr(node, "name", "") == function)
    silent = _silent(tree)
    for node in ast.walk(tree):
        if id(node) not in silent and (text := _rendered(node)) and _is_sentence(text):
            yield text


def reasons_of(path: str) -> Iterator[str]:
    """The second halves of refusals: what `refusal(place, reason)` is called with, and what geometry says."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        told: ast.expr | None = None
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "refusal":
            told = node.args[1]
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ValueError" and node.args:
            told = node.args[0]
        elif isinstance(node, ast.Return) and path == "vision/polygon.py":
            told = node.value
        for part in [told.body, told.orelse] if isinstance(told, ast.IfExp) else [told]:
            text = _rendered(part) if part is not None else ""
            if " " in text:
                yield text


def _rendered(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.replace("{}", "X")
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values
        )  # fmt: skip
    return ""


def _is_sentence(text: str) -> bool:
    return " " in text and text[0].isupper() | (text[0] == "'") and text.endswith((".", ": X"))


def _silent(tree: ast.AST) -> set[int]:
    """Nodes that nobody is told: docstrings, parts of other strings, and what goes to the log."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            found |= {id(part) for part in ast.walk(node) if part is not node}
        elif isinstance(node, ast.Call) and getattr(getattr(node.func, "value", None), "id", "") == "LOG":
            found |= {id(part) for part in ast.walk(node)}
    return found
