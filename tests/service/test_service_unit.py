"""The service's definition: a unit that systemd takes, that keeps the service to its own files, and is written once."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.cli.entry import main
from app.service import unit
from app.service.notify import tell
from app.service.unit import ServiceFacts, facts_of, install_service, systemd_unit, uninstall_service, windows_service
from models.errors import Known
from models.site import create_site
from models.store import create_store

posix = pytest.mark.skipif(sys.platform == "win32", reason="accounts and units are POSIX's")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "the mall's 100% site"
    create_store(create_site(folder, name='North "Mall" & <Co> 100%', code="North_1")).close()
    return folder


def _lines(text: str) -> dict[str, str]:
    return dict(line.partition("=")[::2] for line in text.splitlines() if "=" in line)


@posix
def test_the_unit_holds_what_it_must(site: Path) -> None:
    facts = facts_of(site)
    lines = _lines(systemd_unit(facts))
    assert facts.name == "atrium-north-1"
    for name, value in (
        ("NoNewPrivileges", "yes"), ("ProtectSystem", "strict"), ("Restart", "on-failure"), ("CapabilityBoundingSet", ""),
        ("PrivateTmp", "yes"), ("Type", "notify"), ("UMask", "0077"), ("WatchdogSec", "120"),
    ):  # fmt: skip
        assert lines[name] == value
    escaped = str(site).replace("%", "%%")
    assert f'"{escaped}"' in lines["ExecStart"] and lines["ExecStart"].endswith(" service")
    assert f'"{escaped}"' in lines["ReadWritePaths"]
    assert "password" not in systemd_unit(facts).lower()


@posix
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd's own checker is not here")
def test_systemd_takes_the_unit_and_finds_little_exposed(site: Path, tmp_path: Path) -> None:
    path = tmp_path / "atrium-north-1.service"
    path.write_text(systemd_unit(facts_of(site)))
    checked = subprocess.run(["systemd-analyze", "verify", str(path)], capture_output=True, text=True, check=False)
    own = [line for line in checked.stderr.splitlines() if "atrium-north-1" in line]
    assert checked.returncode == 0 and own == [], checked.stderr
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=30", str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout.splitlines()[-1]


def test_the_windows_definition_is_xml_with_the_same_command(tmp_path: Path) -> None:
    command = ("C:\\Program Files\\Atrium\\current\\atrium.exe", "--site", "C:\\Sites & <x>\\mall", "service")
    facts = ServiceFacts("atrium-n", "N & <M>", "MALL\\svc", tmp_path, tmp_path / 'a"b', command)
    root = ElementTree.fromstring(windows_service(facts))
    assert root.findtext("executable") == command[0]
    assert root.findtext("arguments") == '--site "C:\\Sites & <x>\\mall" service'
    assert root.findtext("serviceaccount/user") == "svc" and root.findtext("serviceaccount/domain") == "MALL"
    assert [e.get("value") for e in root.findall("env") if e.get("name") == "ATRIUM_KEYS"] == [str(facts.keys)]
    assert ElementTree.fromstring(windows_service(replace(facts, user=""))).find("serviceaccount") is None


@posix
def test_it_is_installed_once_and_taken_back(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit, "_uid", lambda user: site.stat().st_uid or 4711)
    monkeypatch.setattr(unit, "_systemctl", lambda *_: False)
    if os.geteuid() == 0:
        monkeypatch.setattr(unit, "_check_account", lambda facts: None)
    units = tmp_path / "units"
    units.mkdir()
    assert install_service(site, units=units).state == "made"
    assert install_service(site, units=units).state == "kept"
    assert unit.installed(site, units=units)
    assert uninstall_service(site, units=units).state == "changed"
    assert uninstall_service(site, units=units).state == "kept"
    assert (site / "atrium.db").exists()
    with pytest.raises(Known, match="cannot be written"):
        install_service(site, units=tmp_path / "none")


@posix
def test_a_service_that_could_not_open_its_site_is_refused(site: Path) -> None:
    with pytest.raises(Known, match="no account 'nobody-of-that-name'"):
        install_service(site, "nobody-of-that-name")
    with pytest.raises(Known, match="root") if os.geteuid() == 0 else pytest.raises(Known):
        install_service(site, "root")
    if os.geteuid() == 0:
        with pytest.raises(Known, match="does not belong to nobody"):
            install_service(site, "nobody")


@posix
def test_a_dry_run_shows_and_does_nothing(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--site", str(site), "service", "--install", "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["done"] is False and "[Service]" in told["text"] and not Path(told["file"]).exists()
    assert main(["--site", str(site), "service", "--install", "--dry-run", "--for", "windows", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["text"].strip().endswith("</service>")


@posix
def test_systemd_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not tell("READY=1")
    address = str(tmp_path / "n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(address)
        ear.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        assert tell("READY=1") and ear.recv(50) == b"READY=1"
    assert not tell("WATCHDOG=1"), "nobody listens any more, and nothing breaks"
