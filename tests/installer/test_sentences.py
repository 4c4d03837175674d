"""Each fault of a machine: one sentence, the next step, an exit status of its own."""

from __future__ import annotations

import ast
import errno
import runpy
import sys
from pathlib import Path

import pytest

from installer import system
from installer.diagnosis import diagnose, no_compiler
from installer.environment import Environment
from installer.packages import Progress
from installer.trouble import Exit, from_os_error

ROOT = Path(__file__).resolve().parents[2]
PLACE = Environment(Path("atrium"), Path("atrium") / ".venv")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("WARNING: Retrying after connection broken by 'NewConnectionError'\nERROR: No matching", Exit.NO_NETWORK),
        ("Temporary failure in name resolution", Exit.NO_NETWORK),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", Exit.BAD_DOWNLOAD),
        ("ERROR: Could not install packages: [Errno 28] No space left on device", Exit.NO_SPACE),
        ("ERROR: [Errno 13] Permission denied: 'x'", Exit.READ_ONLY),
        ("CMake Error: CMAKE_C_COMPILER not set, after EnableLanguage", Exit.NO_COMPILER),
        ("error: Microsoft Visual C++ 14.0 or greater is required", Exit.NO_COMPILER),
        ("ERROR: No matching distribution found for openvino==2026.4.1", Exit.NO_PACKAGE),
        ("ERROR: something that nobody foresaw", Exit.OTHER_INSTALL),
    ],
)
def test_what_pip_said_becomes_one_sentence(said: str, code: Exit) -> None:
    trouble = diagnose(said, PLACE)
    assert trouble.exit_code == code
    assert trouble.sentence.endswith((".", "foresaw"))
    assert trouble.step.endswith(".")
    assert "\n" not in str(trouble)


def test_exit_statuses_are_distinct_and_apart_from_the_programs() -> None:
    codes = [int(code) for code in Exit.__members__.values()]
    assert len(codes) == len(Exit)
    assert not {3, 4, 5, 6} & set(codes)


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, Exit.NO_SPACE), (errno.EROFS, Exit.READ_ONLY), (errno.EACCES, Exit.READ_ONLY)],
)
def test_a_full_or_read_only_disk_is_named(number: int, code: Exit) -> None:
    trouble = from_os_error(OSError(number, "no"), Path("atrium"))
    assert trouble is not None
    assert trouble.exit_code == code


def test_an_error_of_our_own_stays_one() -> None:
    assert from_os_error(OSError(errno.ENOENT, "no"), Path("atrium")) is None


@pytest.mark.parametrize(
    ("tool", "command"),
    [
        ("apt-get", "sudo apt-get install libegl1 libxkbcommon0"),
        ("dnf", "sudo dnf install libxkbcommon mesa-libEGL"),
    ],
)
def test_missing_libraries_name_their_packages(monkeypatch: pytest.MonkeyPatch, tool: str, command: str) -> None:
    monkeypatch.setattr(system.shutil, "which", {tool: tool}.get)
    trouble = system.no_library(["libEGL.so.1", "libxkbcommon.so.0"])
    assert "libEGL.so.1, libxkbcommon.so.0" in trouble.sentence
    assert command in trouble.step


def test_an_unknown_library_is_still_named() -> None:
    trouble = system.no_library(["libnew.so.9"])
    assert "libnew.so.9" in trouble.sentence
    assert trouble.exit_code == Exit.NO_SYSTEM_LIBRARY


@pytest.mark.parametrize(
    ("variables", "platform", "present"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"DISPLAY": ""}, "linux", False),
        ({}, "win32", True),
        ({}, "darwin", True),
    ],
)
def test_where_a_window_can_open(variables: dict[str, str], platform: str, present: bool) -> None:
    assert system.display_present(variables, platform) is present


def test_progress_counts_each_package_once_and_none_that_does_not_apply() -> None:
    said: list[str] = []
    progress = Progress(3, said.append)
    for line in (
        "Ignoring colorama: markers 'sys_platform == \"win32\"' don't match your environment",
        "Collecting numpy==2.4.6 (from -r base.lock (line 3))",
        "  Downloading numpy-2.4.6-cp311.whl (16.9 MB)",
        "Collecting numpy==2.4.6 (from scipy)",
        "Processing /mirror/files/scikit_learn-1.9.1-cp311-cp311-linux.whl (from -r base.lock)",
        "Installing collected packages: numpy, scikit-learn",
    ):
        progress.read(line)
    assert [line.split("  ")[-1] for line in said[:2]] == ["numpy", "scikit-learn"]
    assert ["1 of 2" in said[0], "2 of 2" in said[1], "unpacking 2 packages" in said[2]] == [True] * 3


def test_an_old_python_gets_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 12))
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / "installer" / "bootstrap.py"), run_name="__main__")
    assert ended.value.code == Exit.OLD_PYTHON
    assert "this is Python 3.10" in capsys.readouterr().err


def test_an_old_python_can_read_the_first_file() -> None:
    tree = ast.parse((ROOT / "installer" / "bootstrap.py").read_text(encoding="utf-8"), feature_version=(3, 4))
    modern = (ast.JoinedStr, ast.AnnAssign, ast.arg, ast.NamedExpr)
    assert not [node for node in ast.walk(tree) if isinstance(node, modern)]


def test_the_compiler_sentence_says_what_works_without_it() -> None:
    assert "everything but the language model works without it" in no_compiler().step
