"""Logs and crash reports in a site's `logs/`: JSON lines, size-limited, with nothing in them that identifies someone.

Each process writes a file of its own, because two processes cannot rotate one file. Redaction happens
where a line is written, so that no handler, viewer or crash report can forget it.
"""

from __future__ import annotations

import json
import logging
import platform
import re
import sys
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE_BYTES = 1_000_000
FILES_KEPT = 5
CRASHES_KEPT = 20
LIBRARIES = ("SQLAlchemy", "sqlcipher3", "duckdb", "pyarrow", "numpy", "APScheduler", "PySide6-Essentials", "openvino")

_MASKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<=://)[^\s/@:]*:\S*@"), "***@"),
    (re.compile(r"(?<=://)[^\s/@]*(?:@[^\s/@]*)*@"), "***@"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "<e-mail>"),
    (re.compile(r"(?i)\b(authorization\W{1,4}|bearer\s+)(?:\w+\s+)?[^\s,;}&]+"), r"\1***"),
    (
        re.compile(r"(?i)(\b(?:pass(?:word|wd)?|pwd|secret|token|api[_-]?key)\b|密码|口令|密钥)(\W{1,4})[^\s,;}&]+"),
        r"\1\2***",
    ),
    (re.compile(r"(?i)(?<![0-9a-f])[0-9a-f]{48,}(?![0-9a-f])"), "<key>"),
    (re.compile(r"-----BEGIN [^-]+-----.*?(?:-----END [^-]+-----|\Z)", re.DOTALL), "<key>"),
)
#: Seven digits or more with the marks people put between them (a telephone number has up to fifteen by
#: ITU-T E.164, an identity card eighteen, a bank card nineteen); days, addresses of machines and decimal
#: figures are met first and left as they are.
_NUMBERS = re.compile(
    r"(?P<plain>(?<!\d)(?:\d{4}-\d{2}-\d{2}(?!\d)|\d{1,3}(?:\.\d{1,3}){3}(?![\d.])|\d+\.\d+(?![\d.])))"
    r"|(?<![0-9A-Fa-f.])\+?\(?\d(?:[ ()\-\u2011.]{0,2}\d){6,}(?![0-9A-Fa-f]|\.\d)"
)


@dataclass(frozen=True)
class LogLine:
    """A line of a log: when (ISO 8601, UTC), how bad, which part of the program, what."""

    at: str
    level: str
    name: str
    text: str


def redact(text: str) -> str:
    """The text with e-mail addresses, telephone numbers, passwords and key material masked."""
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return _NUMBERS.sub(lambda found: found["plain"] or "<number>", text)


class JsonLines(logging.Formatter):
    """One redacted JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a JSON object with at, level, name, text and, for an exception, trace."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "name": record.name,
            "text": redact(record.getMessage()),
        }
        if record.exc_info:
            line["trace"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def start_logging(site_folder: Path, process: str, level: int = logging.INFO) -> logging.Handler:
    """Send this process's log to `logs/<process>.log` of the site; returns the handler, for `stop_logging`."""
    folder = site_folder / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        folder / f"{process}.log", maxBytes=FILE_BYTES, backupCount=FILES_KEPT - 1, encoding="utf-8"
    )
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    return handler


def stop_logging(handler: logging.Handler) -> None:
    """Close the log that `start_logging` opened."""
    logging.getLogger().removeHandler(handler)
    handler.close()


def start_log(site_folder: Path, name: str) -> logging.Handler:
    """Send what the logger `name` is told, and nothing else, to `logs/<name>.log`; for `stop_log`."""
    folder = site_folder / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        folder / f"{name}.log", maxBytes=FILE_BYTES, backupCount=FILES_KEPT - 1, encoding="utf-8"
    )
    handler.setFormatter(JsonLines())
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return handler


def stop_log(name: str, handler: logging.Handler) -> None:
    """Close the log that `start_log` opened."""
    logging.getLogger(name).removeHandler(handler)
    handler.close()


def recent_lines(site_folder: Path, limit: int = 200) -> list[LogLine]:
    """The newest lines of every process's current log, oldest first; a torn line is left out."""
    lines = []
    for path in (site_folder / "logs").glob("*.log"):
        lines += [line for text in _tail(path, limit) if (line := _parsed(text))]
    return sorted(lines, key=lambda line: line.at)[-limit:]


def write_crash_bundle(site_folder: Path, error: BaseException, *, now: datetime | None = None) -> Path:
    """Write one text file with the traceback, the versions and the last log lines, all redacted.

    Local variables are left out, because they may hold customers' data. The newest twenty are kept.
    """
    folder = site_folder / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    at = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%S.%fZ")
    parts = [
        f"Atrium crash report, {at}",
        "".join(traceback.format_exception(error)).rstrip(),
        "\n".join(f"{name}: {version}" for name, version in versions().items()),
        "\n".join(f"{line.at} {line.level} {line.name}: {line.text}" for line in recent_lines(site_folder, 50)),
    ]
    path = folder / f"crash-{at}.txt"
    path.write_text(redact("\n\n".join(parts)) + "\n", encoding="utf-8")
    for old in sorted(folder.glob("crash-*.txt"))[:-CRASHES_KEPT]:
        old.unlink(missing_ok=True)
    return path


def versions() -> dict[str, str]:
    """The versions of Python, the system and the libraries; 'absent' for what is not installed."""
    found = {"Python": platform.python_version(), "system": platform.platform(), "frozen": str(_frozen()).lower()}
    for library in LIBRARIES:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            found[library] = "absent"
    return found


def remove_old(site_folder: Path, before: float) -> int:
    """Remove rotated logs and crash reports last written before `before` (seconds since the epoch); how many."""
    folder = site_folder / "logs"
    old = [p for p in (*folder.glob("*.log.*"), *folder.glob("crash-*.txt")) if p.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _frozen() -> bool:
    return bool(getattr(sys, "frozen", False))


def _tail(path: Path, limit: int) -> Iterable[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines()[-limit:]


def _parsed(text: str) -> LogLine | None:
    try:
        line = json.loads(text)
        return LogLine(line["at"], line["level"], line["name"], line["text"])
    except (ValueError, KeyError, TypeError):
        return None
