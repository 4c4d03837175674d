"""Finds every English sentence of the desktop in its sources."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SPEAKERS = {"tr", "mark"}
"""Functions whose first argument is a sentence."""
WIDGETS = {"Card", "Badge", "EmptyState", "SearchBox", "DataTable", "ChartView", "SeriesPlot", "say", "show_empty"}
"""Calls that translate their own text arguments."""
KEYWORDS = {"empty", "subtitle", "action"}


def sentences_in(path: Path) -> Iterator[str]:
    """Sentences that the file hands to `tr`, `mark` or to a widget that translates."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield from _in_call(node)


def _in_call(node: ast.Call) -> Iterator[str]:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if name in SPEAKERS:
        yield from (text for arg in node.args[:1] for text in _texts(arg))
    elif name in WIDGETS:
        place = 2 if name in ("Card", "EmptyState", "show_empty") else 1
        start = 1 if name == "DataTable" else 0
        yield from (text for arg in node.args[start : start + place] for text in _texts(arg))
    elif name == "Column":
        yield from (text for arg in node.args[1:2] for text in _texts(arg))
    for word in node.keywords:
        if word.arg in KEYWORDS:
            yield from _texts(word.value)


def _texts(node: ast.expr) -> Iterator[str]:
    """The literal, or both sides of a conditional one."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.strip():
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def desktop_files() -> list[Path]:
    """Every source of the desktop."""
    return sorted((ROOT / "app" / "ui").rglob("*.py"))
