"""The test command: every check in turn, each with its result, and one closing line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from installer.environment import Environment
from installer.trouble import Exit

_LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed)")
_CLOSING = re.compile(r"^=*\s*(?:\d+ \w+,? ?)+.* in [\d.]+s.*$")


class Check(NamedTuple):
    """One tool: its name and the interpreter's arguments that run it."""

    name: str
    arguments: tuple[str, ...]


class Result(NamedTuple):
    """How a check went; `counts` holds pytest's closing figures."""

    name: str
    passed: bool
    seconds: float
    counts: dict[str, int]


def checks(pytest_arguments: Sequence[str]) -> tuple[Check, ...]:
    """All checks, the fast ones first; with arguments for pytest, pytest alone."""
    workers = str(min(4, os.cpu_count() or 1))
    tests = Check("pytest", ("-m", "pytest", "-n", workers, "--dist", "loadfile", *pytest_arguments))
    if pytest_arguments:
        return (tests,)
    return (
        Check("ruff check", ("-m", "ruff", "check", ".")),
        Check("ruff format", ("-m", "ruff", "format", "--check", ".")),
        Check("import rules", ("-c", _LINT_IMPORTS)),
        Check("mypy", ("-m", "mypy")),
        tests,
    )


def run_all(place: Environment, pytest_arguments: Sequence[str], say: Callable[[str], None]) -> Exit:
    """Runs every check even after one has failed, prints the table and the closing line."""
    results = []
    for check in checks(pytest_arguments):
        say(f"\n--- {check.name}")
        results.append(run(place, check))
    say("")
    for result in results:
        say(f"{result.name:<14}{'passed' if result.passed else 'FAILED':<8}{result.seconds:7.1f} s")
    counts = results[-1].counts
    passed, skipped = counts.get("passed", 0), counts.get("skipped", 0)
    say(f"tests: {passed} passed, {failures(counts)} failed, {skipped} skipped")
    return Exit.DONE if all(result.passed for result in results) else Exit.FAILED_CHECKS


def failures(counts: dict[str, int]) -> int:
    """Failed tests and tests whose set-up or collection broke."""
    return counts.get("failed", 0) + counts.get("error", 0) + counts.get("errors", 0)


def run(place: Environment, check: Check) -> Result:
    """Runs one check, shows its output as it comes and reads pytest's closing figures from it."""
    variables = {**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", "QT_QPA_PLATFORM": "offscreen"}
    started = time.monotonic()
    counts: dict[str, int] = {}
    with subprocess.Popen(
        [str(place.python), *check.arguments], cwd=place.root, env=variables, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
    ) as tool:  # fmt: skip
        assert tool.stdout is not None
        for line in tool.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            if _CLOSING.match(line):
                counts = {name: int(number) for number, name in _COUNT.findall(line)}
    seconds = time.monotonic() - started
    passed = tool.returncode == 0 and (check.name != "pytest" or counts.get("passed", 0) > 0)
    return Result(check.name, passed, seconds, counts)
