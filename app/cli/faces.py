"""`faces check`: how right an age-and-gender network is on labelled faces, kept with the weights it was found for."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.actor import actor
from app.cli.entry import say, site_folder
from models.errors import Known, NotInstalled
from models.store import Store, open_store

if TYPE_CHECKING:
    from engines.demographics.checking import GroupAccuracy
    from engines.demographics.weights import ModelCheck
    from vision.demographics import FaceFinder

FINDER = "face-detection-yunet-2026may"


def register(commands: Any) -> None:
    """Add `faces`."""
    faces = commands.add_parser("faces", help="check an age-and-gender network on labelled face pictures")
    faces.add_argument("action", choices=("check", "list"), nargs="?", default="list")
    faces.add_argument("folder", nargs="?", metavar="FOLDER", help="pictures named AGE_GENDER_..., or a labels.csv")
    faces.add_argument("--weights", metavar="NAME", help="the site's weights to check")
    faces.add_argument("--set-name", metavar="TEXT", help="what the labelled set is called (default: the folder)")
    faces.add_argument("--cut", action="store_true", help="the pictures are cut as the network wants them already")
    faces.set_defaults(run=run_faces)


def run_faces(options: argparse.Namespace) -> tuple[Any, str]:
    """Check a network, or list the checks there are."""
    from engines.demographics.weights import checks

    store = open_store(site_folder(options))
    try:
        if options.action == "check":
            return _told(_check(store, options))
        known = checks(store)
    finally:
        store.close()
    text = "\n\n".join(_text(check) for check in known) or "No network was checked on labelled faces."
    return [_document(check) for check in known], text


def _check(store: Store, options: argparse.Namespace) -> ModelCheck:
    from engines.demographics.weights import record_check, weights_in
    from vision.demographics import BANDS, check_faces, load_attributes

    if not options.folder or not options.weights:
        raise Known("Which faces, and which weights?", "Give FOLDER and --weights NAME.", code=2)
    path = weights_in(store, options.weights)
    if path is None:
        raise NotInstalled(f"There are no weights '{options.weights}' here.", "Run: python main.py weights list")
    folder = Path(options.folder)
    found = check_faces(folder, load_attributes(path), None if options.cut else _finder(store))
    if found.unreadable:
        say(f"{len(found.unreadable)} files are no pictures, as {found.unreadable[0]}; they were left out.")
    return record_check(
        store, actor(store), weights=options.weights, labelled_set=options.set_name or folder.resolve().name,
        faces=list(found.judged), bands=BANDS,
    )  # fmt: skip


def _finder(store: Store) -> FaceFinder:
    from models.weights import find_weights
    from vision.demographics import FaceFinder

    return FaceFinder(find_weights(store.site, FINDER))


def _told(check: ModelCheck) -> tuple[Any, str]:
    return _document(check), _text(check)


def _document(check: ModelCheck) -> dict[str, Any]:
    return asdict(check)


def _text(check: ModelCheck) -> str:
    from engines.demographics.checking import weak_groups

    found = check.checked
    weak = {(group.kind, group.name) for group in weak_groups(found)}
    lines = [
        f"{check.weights} on {check.labelled_set}: {found.n} pictures, {found.faceless} without a face that was found, "
        f"{found.young} of people under 16 ({found.young_told} of them were given an adult age)."
    ]
    lines += [_line(group, weak=(group.kind, group.name) in weak) for group in found.groups]
    return "\n".join(lines)


def _line(group: GroupAccuracy, *, weak: bool) -> str:
    share = group.gender_share
    gender = "-" if share is None else f"{share:.1%} ({group.gender_low:.1%} to {group.gender_high:.1%})"
    band = f"{group.band_right / group.band_told:.0%}" if group.band_told else "-"
    error = "-" if group.age_error is None else f"{group.age_error:.1f} years"
    mark = "  WEAK" if weak else ""
    return f"  {group.kind} {group.name}: n {group.n}, gender right {gender}, age off {error}, band right {band}{mark}"
