"""`bootstrap.py app`: the demo mall on first use, the desktop after it, and a word where there is no display."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.installer.fake_project import Project, make_project

DEMO = ["demo", "--days", "400", "--members", "20000", "--seed", "7"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """An installed project."""
    made = make_project(tmp_path_factory.mktemp("app"))
    assert made.bootstrap("setup").returncode == 0
    return made


@pytest.fixture
def calls(project: Project) -> Path:
    """Where the program notes how it was called; empty at the start of each test."""
    file = project.root / "calls.jsonl"
    file.write_text("", encoding="utf-8")
    return file


def read(calls: Path) -> list[list[str]]:
    """The program's calls, oldest first."""
    return [json.loads(line) for line in calls.read_text(encoding="utf-8").splitlines()]


def test_the_demo_mall_is_made_once_and_the_desktop_opens_on_it(project: Project, calls: Path) -> None:
    site = str(project.root / "site")
    for _ in range(2):
        assert project.bootstrap("app", DISPLAY=":0").returncode == 0
    making = str(project.root / ".site.making")
    assert read(calls) == [["--site", making, *DEMO], ["--site", site], ["--site", site]]
    assert [path.name for path in project.root.glob("*site*")] == ["site"]


def test_a_demo_mall_that_was_interrupted_is_made_anew(project: Project, calls: Path, tmp_path: Path) -> None:
    half = tmp_path / ".mall.making"
    half.mkdir()
    (half / "half").touch()
    assert project.bootstrap("app", "--site", str(tmp_path / "mall"), DISPLAY=":0").returncode == 0
    assert [path.name for path in (tmp_path / "mall").iterdir()] == ["site.toml"]


def test_a_folder_of_other_things_is_left_alone(project: Project, calls: Path, tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").touch()
    refused = project.bootstrap("app", "--site", str(tmp_path), DISPLAY=":0")
    assert refused.returncode == 2
    assert "is no site" in refused.stderr
    assert read(calls) == []


def test_an_empty_folder_becomes_the_site(project: Project, calls: Path, tmp_path: Path) -> None:
    assert project.bootstrap("app", "--site", str(tmp_path), DISPLAY=":0").returncode == 0
    assert (tmp_path / "site.toml").exists()


def test_a_site_is_named_by_option_or_variable(project: Project, calls: Path, tmp_path: Path) -> None:
    site = tmp_path / "mine"
    site.mkdir()
    (site / "site.toml").touch()
    project.bootstrap("app", "--site", str(site), DISPLAY=":0")
    project.bootstrap("app", DISPLAY=":0", ATRIUM_SITE=str(site))
    assert read(calls) == [["--site", str(site)]] * 2


def test_without_a_display_it_says_so_and_offers_a_picture(project: Project, calls: Path) -> None:
    refused = project.bootstrap("app")
    assert refused.returncode == 19
    assert "no display" in refused.stderr
    assert "--offscreen --screenshot" in refused.stderr
    assert read(calls) == []


def test_offscreen_passes_the_picture_on(project: Project, calls: Path, tmp_path: Path) -> None:
    picture = tmp_path / "today.png"
    done = project.bootstrap("app", "--site", str(tmp_path / "new"), "--offscreen", "--screenshot", str(picture))
    assert done.returncode == 0
    assert read(calls)[-1][2:] == ["--offscreen", "--screenshot", str(picture)]


def test_a_failed_demo_opens_nothing(project: Project, calls: Path, tmp_path: Path) -> None:
    (project.root / "status").write_text("3", encoding="utf-8")
    failed = project.bootstrap("app", "--site", str(tmp_path / "none"), DISPLAY=":0")
    (project.root / "status").write_text("0", encoding="utf-8")
    assert failed.returncode == 3
    assert len(read(calls)) == 1


def test_a_picture_without_offscreen_is_bad_use(project: Project) -> None:
    assert project.bootstrap("app", "--screenshot", "today.png").returncode == 2
