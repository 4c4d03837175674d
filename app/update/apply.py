"""Applying a release: backup, stage, stop, switch, look whether it works, and go back where it does not."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.update import layout
from app.update.layout import Installation
from app.update.manifest import Manifest, version_key
from app.update.source import Release
from app.update.stage import stage
from models.errors import Known
from models.version import STORE

HEALTH_SECONDS = 60.0
HISTORY = "history.jsonl"


@dataclass(frozen=True)
class Offer:
    """What a source has: `newer` than this installation, and whether this installation may put it in place itself."""

    version: str
    here: str
    newer: bool
    manager: str
    download_bytes: int


def offer(place: Installation, release: Release) -> Offer:
    """The release beside what is here."""
    manifest = release.manifest
    newer = version_key(manifest.version) > version_key(place.version)
    return Offer(manifest.version, place.version, newer, place.manager, sum(file.size for file in manifest.files))


def apply(
    place: Installation,
    release: Release,
    *,
    site: Path | None,
    backup: Callable[[Path], Path] | None,
    healthy: Callable[[Path, Path | None], str],
    say: Callable[[str], None],
    now_ms: int,
) -> str:
    """Put the release in place of this version; returns its number.

    The site's store is backed up first (`backup` returns the file). `healthy(program folder, site)` says what is wrong
    with the new version, '' where nothing is; then the old version and, where the new one has moved the store forward,
    the backup come back. Raises Known where there is nothing newer or it did not work, with everything as before.
    """
    manifest = release.manifest
    _check(place, manifest)
    say(f"Staging {manifest.version} beside {place.version}.")
    stage(place, manifest, release.fetch)
    saved = None
    if site is not None and backup is not None:
        say("Backing up the store.")
        saved = backup(site)
    with _service_stopped(place, say):
        layout.switch(place.root, manifest.version)
        say(f"Switched to {manifest.version}; looking whether it works.")
        fault = healthy(place.root / layout.LINK, site)
        if fault:
            _go_back(place, manifest, site, saved)
    _note(place, {"at": now_ms, "from": place.version, "to": manifest.version, "fault": fault})
    if fault:
        raise Known(
            f"Version {manifest.version} did not work here: {fault} Version {place.version} is back.",
            "Send the diagnostics bundle (doctor --bundle FILE) to whoever made the release.",
            sentence_zh=f"版本 {manifest.version} 在本机无法工作：{fault} 已恢复版本 {place.version}。",
            step_zh="请将诊断包（doctor --bundle FILE）发送给发布者。",
        )
    layout.remove_old(place.root, (manifest.version, place.version))
    release.forget()
    return manifest.version


def check_health(app: Path, site: Path | None) -> str:
    """Run the program in `app`: its own version, then, with a site, that it opens the store. '' or what is wrong."""
    program = app / ("atrium.exe" if (app / "atrium.exe").exists() else "atrium")
    commands = [[str(program), "update", "version", "--json"]]
    if site is not None:
        commands.append([str(program), "--site", str(site), "settings", "--json"])
    for command in commands:
        try:
            ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HEALTH_SECONDS)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{type(error).__name__} at '{command[-2]}'."
        if ran.returncode:
            return f"'{command[-2]}' ended with {ran.returncode}: {ran.stderr.strip()[-200:]}"
    return ""


def take_back(place: Installation) -> str:
    """Make the newest version before the current one the current one; returns it. The store stays as it is."""
    now = layout.current(place.root)
    older = [v for v in layout.versions(place.root) if now is None or version_key(v) < version_key(now)]
    if not older:
        raise Known("There is no version before this one here.", "Install the version that you want.", code=2)
    layout.switch(place.root, older[0])
    return older[0]


def _check(place: Installation, manifest: Manifest) -> None:
    if place.manager:
        raise Known(
            f"This installation belongs to {place.manager}, which updates it; version {manifest.version} is there.",
            "Install the package of the new version (docs/deployment.md).", code=2,
            sentence_zh=f"本安装由 {place.manager} 管理并由其更新；现有版本 {manifest.version}。",
            step_zh="请安装新版本的软件包（docs/deployment.md）。",
        )  # fmt: skip
    if version_key(manifest.version) <= version_key(place.version):
        raise Known(f"Version {place.version} is the newest already.", code=2,
                    sentence_zh=f"版本 {place.version} 已是最新。")  # fmt: skip
    if manifest.store < STORE:
        raise Known("The release is of an older store than this one.", "Tell whoever made the release.", code=6)


def _go_back(place: Installation, manifest: Manifest, site: Path | None, saved: Path | None) -> None:
    layout.switch(place.root, place.version)
    if site is None or saved is None or manifest.store == STORE:
        return
    from models.errors import Known as Fault
    from models.restore import restore_backup
    from models.store import open_store

    try:
        open_store(site).close()
    except Fault:  # the new version has moved it forward, and this one cannot read it
        restore_backup(site, saved, actor="system")


@contextmanager
def _service_stopped(place: Installation, say: Callable[[str], None]) -> Iterator[None]:
    """Stop the services that run from this installation's link, and start them again with whatever is current then."""
    units = running_units(place.root)
    if units:
        say(f"Stopping {', '.join(units)}.")
        _systemctl("stop", *units)
    try:
        yield
    finally:
        if units:
            _systemctl("start", *units)


def running_units(root: Path) -> list[str]:
    """The systemd units of Atrium that run from this installation; none where systemd does not run."""
    if not Path("/run/systemd/system").exists():
        return []
    units = [p.name for p in Path("/etc/systemd/system").glob("atrium-*.service") if str(root) in p.read_text("utf-8")]
    return [u for u in units if subprocess.run(["systemctl", "is-active", "-q", u], check=False).returncode == 0]


def _systemctl(*arguments: str) -> None:
    ran = subprocess.run(["systemctl", *arguments], capture_output=True, text=True, check=False, timeout=120)
    if ran.returncode:
        raise Known(f"systemctl {arguments[0]} failed: {ran.stderr.strip()}", "Run the command as root (sudo).", code=6)


def _note(place: Installation, entry: dict[str, object]) -> None:
    place.state.mkdir(exist_ok=True)
    with (place.state / HISTORY).open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")
