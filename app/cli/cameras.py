"""`cameras`: the site's cameras and how they are. With `--child`, for the service: count a group of them."""

from __future__ import annotations

import argparse
import queue
import sys
import threading
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from app.cli.actor import actor
from app.cli.entry import site_folder
from models.errors import Known
from models.store import Store, open_store

if TYPE_CHECKING:
    from app.service.counting import Members
    from app.service.keeping import Keeper
    from app.service.viewing import Doors
    from engines.cameras.records import CameraRecord

_AGAIN_S = 5.0


def register(commands: Any) -> None:
    """Add `cameras` and, for the desktop, `live-view`."""
    command = commands.add_parser("cameras", help="the cameras of the site and how they are; find, switch, remove")
    command.add_argument(
        "action", nargs="?", choices=("list", "find", "on", "off", "remove"), default="list",
        help="list them, find some on the network, switch one on or off, remove one",
    )  # fmt: skip
    command.add_argument("code", nargs="?", metavar="CODE")
    command.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    command.set_defaults(run=run_cameras)
    view = commands.add_parser("live-view")
    view.set_defaults(run=run_live_view)


def run_cameras(options: argparse.Namespace) -> tuple[Any, str] | None:
    """Do what the action says."""
    if options.child:
        count_group(options)
        return None
    if options.action == "find":
        return _find()
    store = open_store(site_folder(options))
    try:
        if options.action == "list":
            return _list(store)
        if not options.code:
            raise Known("Which camera?", f"Run: python main.py cameras {options.action} CODE", code=2)
        return _change(store, options.action, options.code)
    finally:
        store.close()


def run_live_view(options: argparse.Namespace) -> None:
    """Pictures for the desktop, asked for on standard input."""
    from app.service.live_view import serve

    store = open_store(site_folder(options))
    try:
        serve(store, sys.stdin, sys.stdout.buffer)
    finally:
        store.close()
    options.json = False


def count_group(options: argparse.Namespace) -> None:
    """Count the cameras that the supervisor names on standard input, until that ends."""
    from app.service.keeping import Keeper
    from models import logs

    store = open_store(site_folder(options))
    handler = logs.start_logging(store.site.folder, "cameras")
    keeper = Keeper(store)
    try:
        _count_named(store, keeper)
    finally:
        keeper.close()
        logs.stop_logging(handler)
        store.close()


def _count_named(store: Store, keeper: Keeper) -> None:
    """Wait for the first names, load their detector, and follow every later line."""
    from app.service.counting import Members, start_group
    from app.service.viewing import Doors
    from vision.detectors import live_threads

    lines: queue.SimpleQueue[dict[str, str] | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), name="supervisor", daemon=True).start()
    wanted = lines.get()
    if not wanted:
        return
    find = _Finder(store)
    group = start_group(store, keeper, _first_readable(store, keeper, wanted), threads=live_threads())
    members, doors = Members(group, keeper, find), Doors(store, group)
    ended = threading.Event()

    def follow() -> None:
        told: dict[str, str] | None = wanted
        try:
            while told is not None:
                members.follow(told)
                doors.follow(members.counted())
                told = _next(lines, members, doors)
        finally:
            ended.set()  # a group that follows nobody any more must not go on alone

    threading.Thread(target=follow, name="members", daemon=True).start()
    try:
        group.run(ended.is_set)
    finally:
        doors.close()


def _next(
    lines: queue.SimpleQueue[dict[str, str] | None], members: Members, doors: Doors
) -> dict[str, str] | None:  # fmt: skip
    """What the supervisor says next; meanwhile cameras that could not be begun are tried again."""
    while True:
        try:
            return lines.get(timeout=_AGAIN_S)
        except queue.Empty:
            members.again()
            doors.follow(members.counted())


def _first_readable(store: Store, keeper: Keeper, codes: Iterable[str]) -> CameraRecord:
    """The first camera whose set-up can be read, which says what detector all share: a wrong one stops no other."""
    from app.service.counting import config_of_camera, wrong
    from engines.cameras.records import find_camera

    first: Known | None = None
    for code in codes:
        try:
            record = find_camera(store, code)
            config_of_camera(record)
        except Known as error:
            first = first or error
            keeper.state(code, wrong(str(error)))
        else:
            return record
    raise first or Known("No camera was named.", code=2)


class _Finder:
    """Finds a camera of the site by its code."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self, code: str) -> Any:
        from engines.cameras.records import find_camera

        return find_camera(self._store, code)


def _listen(lines: queue.SimpleQueue[dict[str, str] | None]) -> None:
    from app.service.counting import told_members

    for line in sys.stdin:
        told = told_members(line)
        if told is not None:
            lines.put(told)
    lines.put(None)


def _list(store: Store) -> tuple[Any, str]:
    from engines.cameras.records import cameras
    from engines.cameras.state import states

    how = {state.code: asdict(state) for state in states(store)}
    document: list[dict[str, Any]] = [
        {
            "code": camera.code, "name": camera.name, "active": bool(camera.active), "trouble": camera.trouble,
            "last_frame_at": camera.last_frame_at, "state": how.get(camera.code),
        }
        for camera in cameras(store)
    ]  # fmt: skip
    lines = [
        f"{each['code']:<20} {'on' if each['active'] else 'off':<4} "
        f"{(each['state'] or {}).get('state', '-'):<9} "
        f"{', '.join(word for word in (*(each['state'] or {}).get('flaws', ()), each['trouble']) if word)}"
        for each in document
    ]
    return document, "\n".join(lines) or "There is no camera yet. Add one on Live, or with: python main.py watch"


def _find() -> tuple[Any, str]:
    from vision.discovery import discover

    found = [asdict(each) for each in discover()]
    text = "\n".join(f"{each['address']:<40} {each['name']}" for each in found)
    return found, text or "No camera answered. Not every camera or network lets itself be found: ask for its address."


def _change(store: Store, action: str, code: str) -> tuple[Any, str]:

    from engines.cameras.records import find_camera, remember_camera, remove_camera

    camera = find_camera(store, code)
    who = actor(store)
    if action == "remove":
        remove_camera(store, who, code)
        return {"removed": code}, f"{code} is removed; what it counted stays."
    remember_camera(
        store, who, code=code, address=camera.address, lines=camera.lines, name=camera.name,
        detector=camera.detector, active=action == "on",
    )  # fmt: skip
    return {"code": code, "active": action == "on"}, f"{code} is switched {action}."
