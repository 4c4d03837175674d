"""A checkout in miniature: the real installer, one tiny package, and a program that tells how it was called."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
MAIN = """
import json, pathlib, sys
with (pathlib.Path(__file__).parent / "calls.jsonl").open("a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
site = pathlib.Path(sys.argv[2])
if "demo" in sys.argv:
    site.mkdir()
    (site / "site.toml").touch()
sys.exit(int((pathlib.Path(__file__).parent / "status").read_text()))
"""


class Project(NamedTuple):
    """The miniature checkout and the folder of packages that stands for the index."""

    root: Path
    wheels: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def variables(self, **more: str) -> dict[str, str]:
        """The environment of a machine that reaches the packages here and nothing else."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "ATRIUM"))}
        for name in ("DISPLAY", "WAYLAND_DISPLAY"):
            kept.pop(name, None)
        return {**kept, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), **more}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, str(self.root / "installer" / "bootstrap.py"), *arguments]

    def bootstrap(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs the installer to its end."""
        return subprocess.run(
            self.command(*arguments), env=self.variables(**variables), capture_output=True, text=True, check=False
        )

    def require(self, wheel: Path, *, lock: str = "base") -> None:
        """Locks the one package to this file."""
        name, version = wheel.name.split("-")[:2]
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        file = self.root / "requirements" / f"{lock}.lock"
        file.write_text(f"{name.replace('_', '-')}=={version} \\\n    --hash=sha256:{digest}\n", encoding="utf-8")


def make_project(folder: Path) -> Project:
    """A fresh checkout in miniature, with nothing installed."""
    project = Project(folder / "checkout", folder / "wheels")
    project.wheels.mkdir(parents=True)
    (project.root / "requirements").mkdir(parents=True)
    shutil.copytree(ROOT / "installer", project.root / "installer", ignore=shutil.ignore_patterns("__pycache__"))
    (project.root / "main.py").write_text(MAIN, encoding="utf-8")
    (project.root / "status").write_text("0", encoding="utf-8")
    project.require(make_wheel(project.wheels, "1.0"))
    return project


def make_wheel(folder: Path, version: str, name: str = "tiny_qt", module: str = "PySide6") -> Path:
    """A package whose modules have the names that the installer asks Qt for."""
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    information = f"{name}-{version}.dist-info"
    files = {f"{module}/{part}.py": "" for part in ("QtGui", "QtNetwork", "QtSvg", "QtWidgets")}
    files[f"{module}/__init__.py"] = f"version = {version!r}\n"
    files[f"{information}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files[f"{information}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{information}/RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{information}/RECORD"])
    with zipfile.ZipFile(wheel, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
    return wheel
