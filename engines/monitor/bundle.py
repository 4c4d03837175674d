"""The diagnostics bundle: what support needs to help, and nothing of anybody (doctor --bundle FILE).

What goes in is chosen, not what stays out: versions, checks, settings that are no free text, the ledger by job,
counts by table, timings, logs. Every text is then masked twice: by what addresses, numbers and keys look like, and by
the personal values that this very store holds.
"""

from __future__ import annotations

import getpass
import json
import os
import platform
import re
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engines.monitor.check import Check
from engines.monitor.personal_words import PersonalWords
from models import logs, settings
from models.errors import Known
from models.store import Store, open_store
from models.times import now_ms
from models.version import PROGRAM, STORE

LOG_LINES = 3000
CRASHES = 5
_FOLDERS = ("mart", "learned", "weights", "backups", "logs")


@dataclass(frozen=True)
class Bundle:
    """A bundle that was written: its file, the names in it, its size in bytes."""

    path: Path
    parts: tuple[str, ...]
    size: int


def write_bundle(folder: Path, file: Path, checks: Iterable[Check], about: Mapping[str, object]) -> Bundle:
    """Write the bundle of the site in `folder`; `about` tells of the installation.

    A store that cannot be opened leaves its parts out, since that is when a bundle is needed most; logs are then masked
    by their looks alone. Raises Known where the file cannot be written.
    """
    parts: dict[str, object] = {"about.json": _about(about), "checks.json": [_check(check) for check in checks]}
    words = PersonalWords(())
    try:
        began = time.perf_counter()
        store = open_store(folder)
    except Known as error:
        parts["store.json"] = {"opened": False, "why": error.sentence}
    else:
        try:
            opened_s = time.perf_counter() - began
            words = PersonalWords.of(store)
            parts |= _of_store(store, opened_s)
        finally:
            store.close()
    parts["files.json"] = _files(folder)
    parts |= _logs(folder)
    return _write(file, {name: _masked(part, words, folder) for name, part in parts.items()})


def _about(about: Mapping[str, object]) -> dict[str, object]:
    return {
        "program": PROGRAM, "store": STORE, "made_at": now_ms(), "processors": os.cpu_count(),
        "machine": platform.machine(), **logs.versions(), **about,
    }  # fmt: skip


def _check(check: Check) -> dict[str, object]:
    return {"name": check.name, "state": check.state, "says": check.sentence(), "step": check.advice()}


def _of_store(store: Store, opened_s: float) -> dict[str, object]:
    timings = {"open_s": round(opened_s, 3)}
    made: dict[str, object] = {}
    for name, read in _PARTS.items():
        began = time.perf_counter()
        made[f"{name}.json"] = read(store)
        timings[f"{name}_s"] = round(time.perf_counter() - began, 3)
    site = store.site
    made["site.json"] = {
        "id": site.id, "time_zone": site.time_zone, "currency": site.currency, "country": site.country,
        "day_starts_minute": site.day_starts_minute, "demo": site.demo,
    }  # fmt: skip
    made["timings.json"] = timings
    return made


def _settings(store: Store) -> dict[str, object]:
    """A free text may hold anything, so only its length is told."""
    kinds = {setting.name: setting.kind for setting in settings.SETTINGS}
    return {
        name: {"value": f"text of {len(str(value))}" if kinds[name] == "text" else value, "source": source}
        for name, (value, source) in settings.read_all(store).items()
    }


def _jobs(store: Store) -> list[dict[str, object]]:
    """By job and state: how many runs, when the last began, how long they took. What they said is in the log."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT job, state, count(*), max(started_at), avg(ended_at - started_at) / 1000.0, "
            "max(ended_at - started_at) / 1000.0, max(attempts) FROM job_run GROUP BY job, state ORDER BY job, state"
        ).fetchall()
    names = ("job", "state", "runs", "last_started_at", "mean_s", "longest_s", "most_attempts")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _schema(store: Store) -> dict[str, object]:
    """The structure as it is in the file: tables, indexes and triggers with their hashes."""
    import hashlib

    with store.read() as connection:
        rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
        version = connection.exec_driver_sql("PRAGMA user_version").scalar()
    return {
        "version": version,
        "objects": [[kind, name, hashlib.sha256(str(sql).encode()).hexdigest()[:16]] for kind, name, sql in rows],
    }


def _counts(store: Store) -> dict[str, int]:
    with store.read() as connection:
        tables = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).scalars()
        return {
            str(table): int(connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar_one())  # noqa: S608
            for table in list(tables)  # names of the store's own tables
        }


def _cameras(store: Store) -> list[dict[str, object]]:
    """Each camera by its place in the list: no name, no address."""
    from engines.cameras.state import states

    return [
        {
            "number": n,
            "state": state.state,
            "reason": state.reason,
            "process_ms": state.process_ms,
            "flaws": list(state.flaws),
        }
        for n, state in enumerate(states(store), 1)
    ]


def _sync(store: Store) -> dict[str, object]:
    from dataclasses import asdict

    from models.sync.state import freshness

    return asdict(freshness(store))


_PARTS: Mapping[str, Callable[[Store], object]] = {
    "settings": _settings, "jobs": _jobs, "schema": _schema, "counts": _counts, "cameras": _cameras, "sync": _sync,
}  # fmt: skip


def _files(folder: Path) -> dict[str, object]:
    """Number and bytes of files by folder; names of files may be names of people."""
    found: dict[str, object] = {}
    for name in _FOLDERS:
        sizes = [path.stat().st_size for path in (folder / name).rglob("*") if path.is_file()]
        found[name] = {"files": len(sizes), "bytes": sum(sizes)}
    found["store_bytes"] = sum(path.stat().st_size for path in folder.glob("atrium.db*"))
    return found


def _logs(folder: Path) -> dict[str, object]:
    made: dict[str, object] = {}
    for path in sorted((folder / "logs").glob("*.log")):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
        made[f"logs/{path.name}"] = "\n".join(lines)
    for path in sorted((folder / "logs").glob("crash-*.txt"))[-CRASHES:]:
        made[f"logs/{path.name}"] = path.read_text(encoding="utf-8", errors="replace")
    return made


def _masked(part: object, words: PersonalWords, folder: Path) -> str:
    text = part if isinstance(part, str) else _json(part, words)
    if isinstance(part, str):
        text = words.mask(logs.redact(text))
    for private, shown in ((str(folder.resolve()), "<site>"), (str(folder), "<site>"), (str(Path.home()), "~")):
        if len(private) > 1:
            text = text.replace(private, shown).replace(json.dumps(private)[1:-1], shown)
    return re.sub(rf"(?<![^\W_]){re.escape(_account())}(?![^\W_])", "<account>", text)


def _json(part: Any, words: PersonalWords) -> str:
    """Only texts are masked, so that instants and sizes stay numbers."""

    def masked(value: Any) -> Any:
        if isinstance(value, str):
            return words.mask(logs.redact(value)) if not re.fullmatch(r"[\w.-]{1,64}", value) else value
        if isinstance(value, Mapping):
            return {str(key): masked(inner) for key, inner in value.items()}
        return [masked(inner) for inner in value] if isinstance(value, list | tuple) else value

    return json.dumps(masked(part), ensure_ascii=False, indent=1, default=str) + "\n"


def _account() -> str:
    """The system account that runs this, often a person's name; the common service accounts are nobody's."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        return "\0"
    return "\0" if name in ("root", "atrium", "SYSTEM", "LocalService") else name


def _write(file: Path, parts: Mapping[str, str]) -> Bundle:
    part = file.with_name(file.name + ".part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, text in sorted(parts.items()):
                bundle.writestr(name, text)
        part.replace(file)
    except OSError as error:
        raise Known(
            f"{file} cannot be written: {error.strerror}.", "Name a file in a folder of yours.",
            sentence_zh=f"无法写入 {file}：{error.strerror}。", step_zh="请指定您可写入的文件夹中的文件。",
        ) from error  # fmt: skip
    return Bundle(file, tuple(sorted(parts)), file.stat().st_size)
