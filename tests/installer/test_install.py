"""Installing on a machine in miniature: once, again, interrupted, changed, offline, with a wrong file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.installer.fake_project import Project, make_project, make_wheel


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose first `setup` succeeded; tests that change it put it back."""
    project = make_project(tmp_path_factory.mktemp("installed"))
    done = project.bootstrap("setup")
    assert done.returncode == 0, done.stderr
    assert "1 of 1  tiny-qt" in done.stdout
    assert "GB on disk" in done.stdout
    return project


def version_installed(project: Project) -> str:
    """What the environment really holds."""
    asked = subprocess.run(
        [str(project.python), "-c", "import PySide6; print(PySide6.version)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return asked.stdout.strip()


def test_a_second_run_installs_nothing(installed: Project) -> None:
    log = installed.venv / "install.log"
    before = log.stat().st_mtime_ns
    again = installed.bootstrap("setup", PIP_FIND_LINKS="nowhere")
    assert again.returncode == 0
    assert "Installing" not in again.stdout
    assert log.stat().st_mtime_ns == before


def test_a_changed_lock_is_installed_and_an_offline_failure_keeps_what_worked(installed: Project) -> None:
    installed.require(make_wheel(installed.wheels, "2.0"))
    offline = installed.bootstrap(
        "setup", PIP_NO_INDEX="0", PIP_FIND_LINKS="", PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0"
    )
    assert offline.returncode == 14
    assert "does not reach the package index" in offline.stderr
    assert "Next step" in offline.stderr
    assert "Traceback" not in offline.stderr
    assert version_installed(installed) == "1.0"
    online = installed.bootstrap("setup")
    assert online.returncode == 0, online.stderr
    assert version_installed(installed) == "2.0"


def test_a_file_that_differs_from_the_lock_is_refused(installed: Project) -> None:
    lock = installed.root / "requirements" / "base.lock"
    right = lock.read_text(encoding="utf-8")
    wheel = make_wheel(installed.wheels, "3.0")
    installed.require(wheel)
    make_wheel(installed.wheels, "3.0", module="Intruder")
    refused = installed.bootstrap("setup")
    lock.write_text(right, encoding="utf-8")
    assert refused.returncode == 16
    assert "not the file that Atrium was released with" in refused.stderr


def test_a_moved_folder_is_installed_anew(installed: Project, tmp_path: Path) -> None:
    moved = Project(tmp_path / "moved", installed.wheels)
    installed.root.rename(moved.root)
    try:
        done = moved.bootstrap("setup")
        assert done.returncode == 0, done.stderr
        assert json.loads((moved.venv / "atrium-installed.json").read_text())["folder"] == str(moved.venv)
    finally:
        moved.root.rename(installed.root)


@pytest.mark.skipif(os.name == "nt", reason="kills a process group")
def test_an_install_killed_on_the_way_is_done_again(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    mark = project.venv / "atrium-unfinished"
    with subprocess.Popen(
        project.command("setup"), env=project.variables(), stdout=subprocess.DEVNULL, start_new_session=True
    ) as running:
        while not mark.exists() and running.poll() is None:
            time.sleep(0.01)
        os.killpg(running.pid, signal.SIGKILL)
    assert mark.exists()
    assert not (project.venv / "atrium-installed.json").exists()
    done = project.bootstrap("setup")
    assert done.returncode == 0, done.stderr
    assert not mark.exists()
    assert version_installed(project) == "1.0"


def test_half_an_environment_is_made_anew(installed: Project) -> None:
    (installed.venv / "atrium-unfinished").touch()
    (installed.venv / "half").touch()
    done = installed.bootstrap("setup")
    assert done.returncode == 0, done.stderr
    assert not (installed.venv / "half").exists()
    assert version_installed(installed)


def test_the_extra_llm_without_a_compiler_is_refused_before_anything_is_fetched(installed: Project) -> None:
    if os.name == "nt":
        pytest.skip("Windows hides its compiler from the search path")
    installed.require(make_wheel(installed.wheels, "1.0"), lock="llm")
    refused = installed.bootstrap("setup", "--extra", "llm", PATH=str(installed.wheels))
    assert refused.returncode == 17
    assert "no C++ compiler was found" in refused.stderr
    assert "Installing" not in installed.bootstrap("setup").stdout
