"""The test command: every check in turn, each with its result, and one closing line."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from installer.environment import Environment
from installer.trouble import Exit

#: A check that takes longer hangs, and would hold up whoever waits for it until they give up.
_PATIENCE_SECONDS = 50 * 60
_LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_logo=True))"


class Check(NamedTuple):
    """One tool: its name and the interpreter's arguments that run it."""

    name: str
    arguments: tuple[str, ...]


class Result(NamedTuple):
    """How a check went: its name, whether it passed and how long it took."""

    name: str
    passed: bool
    seconds: float


class Counts(NamedTuple):
    """Tests by outcome; `failed` includes those whose set-up or collection broke."""

    passed: int
    failed: int
    skipped: int


def checks(report: Path, pytest_arguments: Sequence[str]) -> tuple[Check, ...]:
    """All checks, the fast ones first; with arguments for pytest, pytest alone. pytest writes `report`."""
    workers = str(min(4, os.cpu_count() or 1))
    tests = Check(
        "pytest",
        ("-m", "pytest", "-n", workers, "--dist", "loadfile", f"--junitxml={report}", *pytest_arguments),
    )
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
    """Runs every check even after one has failed, prints the table and the closing line.

    A run in which no test passed has failed, whatever pytest says of it.
    """
    report = place.folder / "atrium-tests.xml"
    report.unlink(missing_ok=True)
    results = []
    for check in checks(report, pytest_arguments):
        say(f"\n--- {check.name}")
        results.append(run(place, check))
    counts = read_counts(report)
    say("")
    for result in results:
        say(f"{result.name:<14}{'passed' if result.passed else 'FAILED':<8}{result.seconds:7.1f} s")
    say(f"tests: {counts.passed} passed, {counts.failed} failed, {counts.skipped} skipped")
    well = all(result.passed for result in results) and counts.passed > 0 and counts.failed == 0
    return Exit.DONE if well else Exit.FAILED_CHECKS


def run(place: Environment, check: Check) -> Result:
    """Runs one check in the environment; its output goes where ours goes. One that hangs is ended and has failed."""
    variables = {**os.environ, "PYTHONUTF8": "1", "QT_QPA_PLATFORM": "offscreen"}
    started = time.monotonic()
    command = [str(place.python), *check.arguments]
    try:
        status = subprocess.call(command, cwd=place.root, env=variables, timeout=_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        status = 1
    return Result(check.name, status == 0, time.monotonic() - started)


def read_counts(report: Path) -> Counts:
    """The outcomes in pytest's JUnit report; all zero where there is none, since pytest did not get far."""
    if not report.exists():
        return Counts(0, 0, 0)
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    totals = [[int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")] for suite in suites]
    tests, failures, errors, skipped = (sum(column) for column in zip(*totals, strict=True))
    return Counts(tests - failures - errors - skipped, failures + errors, skipped)
