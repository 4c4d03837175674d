"""Checks of the machine: Python, libraries, disk, clock, language, fonts, optional parts. Nothing is changed."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from engines.monitor.check import Check, State

OLDEST_PYTHON = (3, 11)
LOW_DISK_BYTES = 2_000_000_000
NO_DISK_BYTES = 200_000_000
#: No clock can be right that stands before this program was written (2026-01-01 UTC).
WRITTEN_MS = 1_767_225_600_000
DAY_MS = 86_400_000
REQUIRED = (
    "SQLAlchemy", "sqlcipher3", "duckdb", "pyarrow", "numpy", "scipy", "scikit-learn", "openvino",
    "opencv-python-headless", "APScheduler", "PySide6-Essentials", "pyqtgraph", "python-calamine", "XlsxWriter",
    "holidays",
)  # fmt: skip
_MB = 1_000_000


def check_python() -> Check:
    """The interpreter's version."""
    facts = {"version": platform.python_version(), "system": platform.platform(terse=True)}
    good = sys.version_info[:2] >= OLDEST_PYTHON
    return Check(
        "python", "Python", "Python", "ok" if good else "bad",
        "Python {version} on {system}." if good else "Python {version} is too old.",
        "" if good else "Install Python 3.11 or newer and run: python3 installer/bootstrap.py setup", facts,
    )  # fmt: skip


def check_libraries(required: Sequence[str] = REQUIRED) -> Check:
    """Whether every required library is installed; which are not."""
    missing = []
    for name in required:
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
    title = ("libraries", "Libraries", "程序库")
    if missing and not getattr(sys, "frozen", False):
        step = "Run: python3 installer/bootstrap.py setup"
        return Check(*title, "bad", "Missing: {missing}.", step, {"missing": ", ".join(missing)})
    return Check(*title, "ok", "All {count} libraries are here.", "", {"count": len(required)})


def check_disk(folder: Path, *, free: int | None = None) -> Check:
    """Free space where the site lies; under 2 GB is a warning, under 200 MB is broken. `free` is in bytes."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    room = shutil.disk_usage(there).free if free is None else free
    facts = {"free": f"{room / 1000 / _MB:.1f}"}
    title = ("disk", "Disk space", "磁盘空间")
    if room >= LOW_DISK_BYTES:
        return Check(*title, "ok", "{free} GB free.", "", facts)
    state: State = "warning" if room >= NO_DISK_BYTES else "bad"
    return Check(*title, state, "Only {free} GB free.", "Free some space, or move old backups elsewhere.", facts)


def check_clock(now_ms: int, newest_ms: int | None) -> Check:
    """Whether the clock can be right: not before this program was written, nor before the site's newest run."""
    title = ("clock", "Clock", "时钟")
    step = "Set the machine's clock, and have it kept by the network."
    if now_ms < WRITTEN_MS:
        return Check(*title, "bad", "The clock stands before this program was written.", step)
    if newest_ms is not None and newest_ms > now_ms + DAY_MS:
        days = {"days": (newest_ms - now_ms) // DAY_MS}
        return Check(*title, "bad", "The newest run in the ledger is {days} days ahead of the clock.", step, days)
    return Check(*title, "ok", "The clock agrees with the ledger.")


def check_language() -> Check:
    """Whether text is read and written as UTF-8."""
    title = ("language", "Text encoding", "文本编码")
    encoding = sys.getfilesystemencoding().lower()
    if encoding in ("utf-8", "utf8"):
        return Check(*title, "ok", "Text is UTF-8.")
    step = "Set the environment variable PYTHONUTF8=1."
    return Check(*title, "warning", "File names are {encoding}, not UTF-8.", step, {"encoding": encoding})


def check_fonts() -> Check:
    """Whether a font with Chinese characters is installed; only Linux may lack one."""
    title = ("fonts", "Chinese font", "中文字体")
    lister = shutil.which("fc-list")
    if sys.platform != "linux":
        return Check(*title, "ok", "The system brings one.")
    if lister is None:
        return Check(*title, "off", "Cannot tell: fontconfig is not installed.", "Install the package fontconfig.")
    found = subprocess.run([lister, ":lang=zh", "family"], capture_output=True, text=True, check=False, timeout=20)
    families = sorted({line.split(",")[0].strip() for line in found.stdout.splitlines() if line.strip()})
    if families:
        return Check(*title, "ok", "{font} is installed.", "", {"font": families[0]})
    return Check(
        *title, "warning", "No font with Chinese characters is installed.", "Install the package fonts-noto-cjk."
    )


def check_language_model() -> Check:
    """Whether the optional language model runtime is installed."""
    title = ("language-model", "Language model", "语言模型")
    if importlib.util.find_spec("llama_cpp"):
        return Check(*title, "ok", "The runtime is installed.")
    step = "Optional; to add it run: python3 installer/bootstrap.py setup --extra llm"
    return Check(*title, "off", "Not installed; questions are answered without it.", step)
