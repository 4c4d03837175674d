"""`update`: the version, what a source has, putting it in place, going back."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.cli.actor import actor
from app.cli.entry import say, site_folder
from models.errors import Known
from models.times import now_ms

Result = tuple[Any, str]


def register(commands: Any) -> None:
    """Add `update`."""
    update = commands.add_parser("update", help="the program's version; check for, apply or take back an update")
    parts = update.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, run, told in (
        ("version", run_version, "the version of program and store, and how it was installed"),
        ("check", run_check, "what a source has"),
        ("apply", run_apply, "put the newest version of a source in place of this one"),
        ("back", run_back, "go back to the version before this one"),
    ):
        part = parts.add_parser(name, help=told)
        part.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
        part.set_defaults(run=run)
        if name in ("check", "apply"):
            part.add_argument("source", nargs="?", metavar="FROM",
                              help="a folder or an https address (default: the setting update.source)")  # fmt: skip
        if name == "apply":
            part.add_argument("--no-site", action="store_true", help="there is no site on this machine")


def run_version(_options: argparse.Namespace) -> Result:
    """What is installed."""
    from app.update import layout
    from models.version import PROGRAM, STORE

    place = layout.this_installation()
    here = layout.versions(place.root) if not place.manager else []
    document = {"version": PROGRAM, "store": STORE, "managed_by": place.manager or "Atrium", "folder": str(place.root),
                "versions": here}  # fmt: skip
    kept = f" Also here: {', '.join(v for v in here if v != place.version)}." if len(here) > 1 else ""
    return document, f"Atrium {PROGRAM}, store version {STORE}, managed by {document['managed_by']}.{kept}"


def run_check(options: argparse.Namespace) -> Result:
    """Whether a source has a newer version."""
    from app.update.apply import offer
    from app.update.layout import this_installation
    from app.update.source import Release

    place = this_installation()
    found = offer(place, Release(_source(options), place.trusted_root, place.state))
    if not found.newer:
        return asdict(found), f"Version {found.here} is the newest."
    step = f"Install its package with {found.manager}." if found.manager else "Put it in place: update apply"
    return asdict(found), f"Version {found.version} is there, this is {found.here}. {step}"


def run_apply(options: argparse.Namespace) -> Result:
    """Back up, stage, switch, look, and go back where it does not work."""
    from app.update.apply import apply, check_health
    from app.update.layout import this_installation
    from app.update.source import Release

    place = this_installation()
    site = None if options.no_site else _site(options)
    release = Release(_source(options), place.trusted_root, place.state)
    version = apply(
        place, release, site=site, backup=_back_up, healthy=check_health, say=say, now_ms=now_ms()
    )  # fmt: skip
    return {"version": version, "before": place.version}, (
        f"Version {version} is in place; {place.version} is kept. Close the desktop and open it again."
    )


def run_back(_options: argparse.Namespace) -> Result:
    """To the version before."""
    from app.update.apply import take_back
    from app.update.layout import this_installation

    place = this_installation()
    if place.manager:
        raise Known(f"This installation belongs to {place.manager}.", "Install the package of the old version.", code=2)
    version = take_back(place)
    return {"version": version}, f"Version {version} is the current one again; start the service anew."


def _source(options: argparse.Namespace) -> str:
    if options.source:
        return str(options.source)
    from models.settings import read
    from models.store import open_store

    store = open_store(site_folder(options))
    try:
        source = str(read(store, "update.source"))
    finally:
        store.close()
    if not source:
        raise Known("No source of updates is set.", "Name a folder, or set update.source.", code=2)
    return source


def _site(options: argparse.Namespace) -> Path:
    folder = site_folder(options)
    if not (folder / "site.toml").exists():
        raise Known(f"There is no site in {folder}.", "Name it with --site, or say --no-site.", code=2)
    return folder


def _back_up(folder: Path) -> Path:
    from models.backup import make_backup
    from models.store import open_store

    store = open_store(folder)
    try:
        made = make_backup(store, None)
        with store.write(actor(store), "recording a backup") as tx:
            tx.audit("backup", "store", file=made.path.name, before="update")
        return made.path
    finally:
        store.close()
