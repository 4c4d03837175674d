"""The house's rules that no linter knows: each is a function from source to violations, tried on a bad example."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("app", "engines", "models", "vision")
DOCUMENTED = ("engines", "models", "vision")
LONGEST_FILE = 500
LONGEST_FUNCTION = 60
QT_THREADS = {"QThread", "QThreadPool", "QRunnable"}
BANNED_WORDS = ("occupan" + "cy",)
BANNED_ENDINGS = ("Manager", "Helper", "Helpers", "Util", "Utils", "Base")
# Put together here, so that this file does not name what it forbids.
HOSTS = re.compile(
    "|".join([r"py" + r"pi\.(org|python)", "python" + "hosted", "registry" + r"\.npmjs", r"deb" + r"\.debian\.org"])
)
MACHINE_PATHS = re.compile(
    r"(?<![\w./~-])/(?:" + "|".join(["wo" + "rk", "ro" + "ot", "tmp/" + "brief", "opt/" + "pypi"]) + r")(?=[/\s'\"`])"
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def tracked() -> list[Path]:
    """Every file that is or will be in the repository; without git, all that lies outside hidden folders."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        inside = (path for path in ROOT.rglob("*") if path.is_file())
        return [path for path in inside if not _apart(path.relative_to(ROOT))]
    asked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [path for name in asked.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def _apart(relative: Path) -> bool:
    """Made by tools or by a site, not by us."""
    return relative.parts[0] in ("site", "sites", "build", "dist") or any(
        part.startswith(".") or part == "__pycache__" for part in relative.parts
    )


def sources(rooms: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Name and text of each Python file of the product in these folders."""
    for path in tracked():
        relative = path.relative_to(ROOT)
        if path.suffix == ".py" and relative.parts[0] in rooms:
            yield str(relative), path.read_text(encoding="utf-8")


def leaking_connections(source: str) -> list[str]:
    """A lambda or a partial connected to a signal keeps its page alive for ever."""
    return [
        f"{node.lineno}: a lambda or partial is connected"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "connect"
        for argument in node.args
        if isinstance(argument, ast.Lambda) or (isinstance(argument, ast.Call) and _name(argument.func) == "partial")
    ]


def qt_threads(source: str) -> list[str]:
    """`work.run` is the only door off the UI thread."""
    return [
        f"{node.lineno}: {_name(node)}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.expr | ast.stmt | ast.alias) and _name(node) in QT_THREADS
    ]


def undocumented(source: str) -> list[str]:
    """Public functions and classes say what they mean."""
    return [
        f"{node.lineno}: {node.name} has no docstring"
        for node in ast.parse(source).body
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]


def too_long(source: str) -> list[str]:
    """Files and functions that nobody reads in one go."""
    lines = len(source.splitlines())
    found = [f"{lines}: the file is over {LONGEST_FILE} lines"] if lines > LONGEST_FILE else []
    return found + [
        f"{node.lineno}: {node.name} takes {length} lines"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, Function) and (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    ]


def banned_names(source: str) -> list[str]:
    """Words that say nothing, or that the trade uses for something else."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and node.name.endswith(BANNED_ENDINGS):
            found.append(f"{node.lineno}: class {node.name}")
        named = [_name(node), node.arg if isinstance(node, ast.arg | ast.keyword) else None]
        found += [
            f"{node.lineno}: {name}" for name in named if name and any(word in name.lower() for word in BANNED_WORDS)
        ]
    return found


def _name(node: ast.AST) -> str:
    """The identifier that a node is, defines or reaches; empty for any other node."""
    for field in ("id", "attr", "name"):
        if isinstance(found := getattr(node, field, None), str):
            return found
    return ""


def foreign_addresses(text: str) -> list[str]:
    """A registry's host or a path of one machine has no place in the repository."""
    return [
        f"{number}: {found[0]}"
        for number, line in enumerate(text.splitlines(), 1)
        for pattern in (HOSTS, MACHINE_PATHS)
        if (found := pattern.search(line))
    ]


RULES: dict[Callable[[str], list[str]], tuple[tuple[str, ...], str]] = {
    leaking_connections: (("app",), "button.clicked.connect(lambda: page.show())"),
    qt_threads: ((*ROOMS, "main.py"), "from PySide6.QtCore import QThread"),
    undocumented: (DOCUMENTED, "def visits(day):\n    return day"),
    too_long: ((*ROOMS, "installer", "benchmarks", "main.py"), "def f():\n" + "    x = 1\n" * 60),
    banned_names: ((*ROOMS, "installer", "benchmarks", "main.py"), "class StoreManager: ..."),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_product_keeps_the_rule(rule: Callable[[str], list[str]]) -> None:
    rooms, _ = RULES[rule]
    found = list(sources(rooms))
    assert found
    broken = [f"{name}:{violation}" for name, source in found for violation in rule(source)]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_sees_a_violation(rule: Callable[[str], list[str]]) -> None:
    _, bad = RULES[rule]
    assert len(rule(bad)) == 1


@pytest.mark.parametrize(
    "bad",
    [
        "self.moved.connect(partial(draw, 1))",
        "self.moved.connect(functools.partial(draw, 1))",
        "QtCore.QThreadPool.globalInstance()",
        "def " + BANNED_WORDS[0] + "_now(): ...",
        "row.gate_" + BANNED_WORDS[0] + " = 1",
        "draw(" + BANNED_WORDS[0] + "=1)",
    ],
)
def test_other_forms_are_seen_too(bad: str) -> None:
    assert leaking_connections(bad) + qt_threads(bad) + banned_names(bad)


def test_a_file_of_501_lines_is_too_long() -> None:
    assert too_long("x = 1\n" * LONGEST_FILE) == []
    assert too_long("x = 1\n" * (LONGEST_FILE + 1))


def test_nothing_names_a_registry_or_a_machine() -> None:
    broken = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or a font
        broken += [f"{path.relative_to(ROOT)}:{violation}" for violation in foreign_addresses(text)]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("bad", ["see https://py" + "pi.org/simple", "cd /wo" + "rk/main", "'/ro" + "ot/x'"])
def test_foreign_addresses_are_seen(bad: str) -> None:
    assert len(foreign_addresses(bad)) == 1


@pytest.mark.parametrize("fine", ["app/work/x.py", "the layer's roots", "../work/x", "a/root/b"])
def test_other_paths_are_not_mistaken(fine: str) -> None:
    assert foreign_addresses(fine) == []
