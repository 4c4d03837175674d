"""`doctor` and `settings`: looking after a site."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.actor import actor
from app.cli.entry import put, put_json, site_folder
from models.errors import Known
from models.store import Store, open_store

if TYPE_CHECKING:
    from engines.monitor.check import Check

Result = tuple[Any, str]
_MARKS = {"ok": "ok", "warning": "look", "bad": "BROKEN", "off": "-"}
_QT_TRIAL = "from PySide6.QtWidgets import QApplication; QApplication([])"


def register(commands: Any) -> None:
    """Add the commands."""
    doctor = commands.add_parser("doctor", help="what works, what does not, and what to do")
    doctor.add_argument("--bundle", metavar="FILE", help="also write a diagnostics bundle (zip) without personal data")
    doctor.set_defaults(run=run_doctor)
    _add_settings(commands)


def _add_settings(commands: Any) -> None:
    command = commands.add_parser("settings", help="show settings, or change one")
    command.add_argument("name", nargs="?", metavar="NAME")
    command.add_argument("value", nargs="?", metavar="VALUE")
    command.add_argument("--undo", action="store_true", help="take back the last change of NAME")
    command.add_argument("--reset", action="store_true", help="put NAME back to its default")
    command.set_defaults(run=run_settings)


def run_doctor(options: argparse.Namespace) -> None:
    """Print every check; exit status 3 when something is broken."""
    checks = []
    for check in _examined(site_folder(options)):
        checks.append(check)
        if not options.json:
            put(_line(check))
    broken = [check for check in checks if check.state == "bad"]
    document: dict[str, object] = {"good": not broken, "checks": [_document(check) for check in checks]}
    if options.bundle:
        document["bundle"] = _write_bundle(options, checks)
    if options.json:
        put_json(document)
        options.json = False
    if broken:
        raise Known(f"{len(broken)} of {len(checks)} checks found something broken.", broken[0].advice())


def _write_bundle(options: argparse.Namespace, checks: list[Check]) -> str:
    """Write the bundle and say what is in it, so that whoever sends it can look."""
    from app.update.layout import this_installation
    from engines.monitor.bundle import write_bundle

    place = this_installation()
    made = write_bundle(site_folder(options), Path(options.bundle), checks, {"managed_by": place.manager or "Atrium"})
    if not options.json:
        put(f"\n{made.path}: {made.size / 1e3:.0f} kB: {', '.join(made.parts)}")
    return str(made.path)


def _examined(folder: Path) -> Iterator[Check]:
    from engines.monitor.doctor import examine

    yield from examine(folder)
    yield check_desktop()


def check_desktop() -> Check:
    """Whether Qt can open a window here: tried in a process of its own, since this one must stay free of Qt."""
    from engines.monitor.check import Check

    title = ("desktop", "Desktop", "桌面")
    if not getattr(sys, "frozen", False):
        trial = subprocess.run(
            [sys.executable, "-c", _QT_TRIAL], capture_output=True, text=True, check=False, timeout=60,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )  # fmt: skip
        if trial.returncode:
            fault = (trial.stderr.strip().splitlines() or ["Qt ended at once"])[-1]
            step = "Run: python3 installer/bootstrap.py app, which names the missing system library."
            return Check(*title, "bad", "Qt does not start: {fault}", step, {"fault": fault})
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        step = "Use a session with a screen, or --offscreen --screenshot FILE."
        return Check(*title, "off", "Qt starts, but there is no display here.", step)
    return Check(*title, "ok", "Qt starts and there is a display.")


def run_settings(options: argparse.Namespace) -> Result:
    """Show all settings or one, or change one."""
    from models import settings

    with _Opened(options) as store:
        if options.name is None:
            return _all_settings(store)
        if options.undo or options.reset:
            act = settings.undo_setting if options.undo else settings.reset_setting
            changed = act(store, actor(store), options.name)
        elif options.value is None:
            return _one_setting(store, options.name)
        else:
            value = settings.parse(options.name, options.value)
            changed = settings.change_setting(store, actor(store), options.name, value)
    return asdict(changed), f"{changed.name}: {_shown(changed.before)} -> {_shown(changed.after)}"


def _all_settings(store: Store) -> Result:
    from models.settings import SETTINGS, read_all

    values = read_all(store)
    document = [
        {**asdict(setting), "group": setting.group, "value": values[setting.name][0], "source": values[setting.name][1]}
        for setting in SETTINGS
    ]
    lines = [f"{s.name:<28} {_shown(values[s.name][0]):<14} {values[s.name][1]:<8} {s.title}" for s in SETTINGS]
    return document, "\n".join(lines)


def _one_setting(store: Store, name: str) -> Result:
    from models.settings import read_all, setting_named

    setting = setting_named(name)
    value, source = read_all(store)[name]
    document = {**asdict(setting), "group": setting.group, "value": value, "source": source}
    text = f"{name} = {_shown(value)} ({source}; default {_shown(setting.default)})\n{setting.help}"
    return document, f"{text}\nAllowed: {setting.allowed()}."


class _Opened:
    """The site's store for the length of a command."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._open: Callable[[], Store] = lambda: open_store(site_folder(options))

    def __enter__(self) -> Store:
        self._store = self._open()
        return self._store

    def __exit__(self, *_: object) -> None:
        self._store.close()


def _line(check: Check) -> str:
    advice = f"\n{'':9}{check.advice()}" if check.advice() and check.state != "ok" else ""
    return f"{_MARKS[check.state]:<8} {check.title}: {check.sentence()}{advice}"


def _document(check: Check) -> dict[str, object]:
    return {
        "name": check.name, "title": check.title, "title_zh": check.title_zh, "state": check.state,
        "says": check.sentence(), "step": check.advice(),
        "says_template": check.says, "step_template": check.step, "facts": dict(check.facts),
    }  # fmt: skip


def _shown(value: object) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
