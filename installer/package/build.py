#!/usr/bin/env python3
"""Builds the program as a folder that needs no Python: `python installer/package/build.py OUT [--root root.json]`.

PyInstaller and not cx_Freeze or Nuitka, which were tried as well: cx_Freeze builds faster, and brings a Python of its
own with another SQLite; Nuitka takes half an hour. PyInstaller's hooks for the libraries here are the best kept.
It cannot build for another system: a Windows package is built on Windows, with the same command.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from installer.package.contents import PARTS, ROOT

#: Libraries that come with their debugging symbols; without them the package is 30 MB smaller.
_FAT = ("sqlcipher3/_sqlite3*.so", "libpython3*.so*")
#: Asked for by plug-ins that load only where the desktop brings them.
_OPTIONAL = ("libgtk-", "libgdk-")


class Built(NamedTuple):
    """A built program: its folder, its size in bytes, the seconds that building took."""

    folder: Path
    size: int
    seconds: float


def build(out: Path, *, version: str | None = None, trusted_root: Path | None = None) -> Built:
    """Build into `out`/dist/atrium; with `version`, a copy of the sources that says that it is that version.

    Raises RuntimeError with the end of PyInstaller's log where it fails, and where the built program does not run.
    """
    began = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    source = ROOT if version is None else _copy_of_sources(out / "source", version)
    log = out / "pyinstaller.log"
    command = [
        sys.executable, "-m", "PyInstaller", "--noconfirm", "--distpath", str(out / "dist"), "--workpath",
        str(out / "work"), str(source / "installer" / "package" / "atrium.spec"),
    ]  # fmt: skip
    variables = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    with log.open("w", encoding="utf-8") as said:
        ran = subprocess.run(command, cwd=source, stdout=said, stderr=subprocess.STDOUT, env=variables, check=False)
    if ran.returncode:
        raise RuntimeError("\n".join(log.read_text(encoding="utf-8").splitlines()[-15:]))
    app = out / "dist" / "atrium"
    _slim(app)
    if trusted_root is not None:
        shutil.copyfile(trusted_root, app / "root.json")
    _check_links(app)
    _check_runs(app, version)
    return Built(app, size_of(app), time.monotonic() - began)


def size_of(folder: Path) -> int:
    """Bytes of all files, links counted as nothing."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def program_version(source: Path = ROOT) -> str:
    """The version in the sources."""
    found = re.search(r'PROGRAM = "([^"]+)"', (source / "models" / "version.py").read_text(encoding="utf-8"))
    assert found
    return found[1]


def _copy_of_sources(target: Path, version: str) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    for part in (*PARTS, "resources", "installer"):
        shutil.copytree(ROOT / part, target / part, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    shutil.copyfile(ROOT / "main.py", target / "main.py")
    file = target / "models" / "version.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r'PROGRAM = "[^"]+"', f'PROGRAM = "{version}"', text), encoding="utf-8")
    return target


def _slim(app: Path) -> None:
    strip = shutil.which("strip")
    if strip is None or sys.platform != "linux":
        return
    for pattern in _FAT:
        for path in (app / "_internal").glob(pattern):
            subprocess.run([strip, "--strip-unneeded", str(path)], check=True)


def _check_links(app: Path) -> None:
    """Every library that another one asks for is in the package or the system's: Python finds out only at its import.

    Raises RuntimeError with those that are missing because they were left out.
    """
    if shutil.which("ldd") is None:
        return
    here = {path.name for path in app.rglob("*.so*")}
    missing: set[str] = set()
    for path in (app / "_internal").rglob("*.so*"):
        told = subprocess.run(["ldd", str(path)], capture_output=True, text=True, check=False).stdout
        missing |= {line.split()[0] for line in told.splitlines() if "not found" in line}
    lost = sorted(name for name in missing - here if not name.startswith(_OPTIONAL))
    if lost:
        raise RuntimeError(f"libraries were left out that others need: {', '.join(lost)}")


def _check_runs(app: Path, version: str | None) -> None:
    program = app / ("atrium.exe" if sys.platform == "win32" else "atrium")
    ran = subprocess.run([str(program), "update", "version", "--json"], capture_output=True, text=True, check=False)
    if ran.returncode or json.loads(ran.stdout)["version"] != (version or program_version()):
        raise RuntimeError(f"the built program does not run: {ran.stderr[-500:]}")
    picture = app.parent / "first-run.png"
    picture.unlink(missing_ok=True)
    desktop = [str(program), "--site", str(app.parent / "none"), "--offscreen", "--screenshot", str(picture)]
    ran = subprocess.run(desktop, capture_output=True, text=True, check=False, timeout=120)
    if ran.returncode or not picture.exists():
        raise RuntimeError(f"the built desktop does not open: {ran.stderr[-500:]}")


def main() -> int:
    """Build and say what came of it."""
    parser = argparse.ArgumentParser(description="Builds the program as a folder.")
    parser.add_argument("out", type=Path, help="a folder outside the repository")
    parser.add_argument("--version", help="say that it is this version")
    parser.add_argument("--root", type=Path, help="the root.json of the release repository that it shall trust")
    options = parser.parse_args()
    built = build(options.out.resolve(), version=options.version, trusted_root=options.root)
    print(f"{built.folder}: {built.size / 1e6:.0f} MB, built in {built.seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
