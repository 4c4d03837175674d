"""The Debian package, with a small program in it: built, installed, upgraded with data kept, removed, by dpkg itself.

The whole program goes the same way in `python benchmarks/deploy/package_drill.py`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from installer.package.contents import data_files, kept, modules
from installer.package.deb import make_deb

needs_dpkg = pytest.mark.skipif(
    shutil.which("dpkg-deb") is None or not hasattr(os, "geteuid") or os.geteuid() != 0,
    reason="needs dpkg and, to install, root",
)


def _program(folder: Path, version: str) -> Path:
    (folder / "_internal").mkdir(parents=True)
    program = folder / "atrium"
    program.write_text(f"#!/bin/sh\necho {version}\n")
    program.chmod(0o755)
    (folder / "_internal" / f"only-in-{version}").write_text("x")
    return folder


def _dpkg(root: Path, *arguments: str) -> str:
    ran = subprocess.run(
        ["dpkg", f"--root={root}", "--force-script-chrootless", "--force-depends", *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout + ran.stderr


@pytest.fixture
def root(tmp_path: Path) -> Path:
    base = tmp_path / "root"
    (base / "var" / "lib" / "dpkg" / "updates").mkdir(parents=True)
    (base / "var" / "lib" / "dpkg" / "info").mkdir()
    (base / "var" / "lib" / "dpkg" / "status").touch()
    return base


@needs_dpkg
def test_a_package_is_installed_upgraded_and_removed_and_data_stay(tmp_path: Path, root: Path) -> None:
    old, new = (
        make_deb(_program(tmp_path / version, version), tmp_path, version=version, level=1)
        for version in ("0.1.0", "0.2.0")
    )
    _dpkg(root, "--install", str(old))
    program = root / "usr" / "bin" / "atrium"
    assert subprocess.run([str(program)], capture_output=True, text=True, check=True).stdout == "0.1.0\n"
    assert (root / "opt" / "atrium" / "managed-by").read_text() == "deb\n"
    assert "[site]" in (root / "usr" / "share" / "doc" / "atrium" / "site.toml").read_text()
    site = root / "var" / "lib" / "atrium" / "mall"
    site.mkdir(parents=True)
    (site / "atrium.db").write_text("a mall's data")
    units = root / "etc" / "systemd" / "system"
    units.mkdir(parents=True)
    (units / "atrium-mall.service").touch()

    _dpkg(root, "--install", str(new))
    assert subprocess.run([str(program)], capture_output=True, text=True, check=True).stdout == "0.2.0\n"
    assert not (root / "opt" / "atrium" / "_internal" / "only-in-0.1.0").exists()
    assert (site / "atrium.db").read_text() == "a mall's data"

    _dpkg(root, "--remove", "atrium")
    assert not (root / "opt" / "atrium").exists() and not program.exists()
    _dpkg(root, "--purge", "atrium")
    assert (site / "atrium.db").read_text() == "a mall's data"
    assert not list(units.iterdir())


@needs_dpkg
def test_the_packages_scripts_are_sound_shell(tmp_path: Path) -> None:
    package = make_deb(_program(tmp_path / "app", "1.0"), tmp_path, version="1.0", level=1)
    subprocess.run(["dpkg-deb", "--control", str(package), str(tmp_path / "control")], check=True)
    for name in ("preinst", "postinst", "prerm", "postrm"):
        script = tmp_path / "control" / name
        subprocess.run(["sh", "-n", str(script)], check=True)
        assert "{home}" not in script.read_text()
    control = (tmp_path / "control" / "control").read_text()
    assert "libegl1" in control and "Version: 1.0\n" in control


def test_a_package_holds_every_module_and_what_they_read() -> None:
    names = set(modules())
    assert {"app.cli.site", "app.ui.pages.today", "engines.rfm.engine", "models.store", "vision.reader"} <= names
    folders = {folder for _, folder in data_files()}
    files = {Path(file).name for file, _ in data_files()}
    assert {"engines/rfm", "models", "resources"} <= folders
    assert {"purchases.sql", "version_4.sql", "weights.toml", "style.qss", "fields.toml"} <= files


def test_what_is_left_out_and_what_is_not() -> None:
    kinds = [
        ("PySide6/Qt/lib/libQt6Widgets.so.6", True), ("PySide6/Qt/lib/libQt6Quick.so.6", False),
        ("openvino/libs/libopenvino_intel_cpu_plugin.so", True), ("openvino/libs/libopenvino_onnx_frontend.so", True),
        ("openvino/libs/libopenvino_intel_gpu_plugin.so", False), ("pyarrow/libparquet.so.2600", True),
        ("pyarrow/libarrow_flight.so.2600", False), ("pyarrow/libarrow_substrait.so.2600", True), ("PySide6/Qt/translations/qtbase_zh_CN.qm", True),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True), ("resources/theme/style.qss", True),
    ]  # fmt: skip
    for name, stays in kinds:
        assert bool(kept([(name, "source", "BINARY")])) is stays, name
