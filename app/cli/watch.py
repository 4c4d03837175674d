"""`watch`: count a camera or a recording into the site."""

from __future__ import annotations

import argparse
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.entry import say, site_folder
from app.cli.intake import ask_for_engines
from app.cli.progress import Reporter, add_child_option
from app.service.detecting import FALLBACK, DetectorChoice, choose_detector, load_choice
from app.service.faces import FaceReaders
from app.service.keeping import Keeper, kinds_of
from engines.cameras.records import CameraRecord, address_to_open, cameras, find_camera, remember_camera
from engines.cameras.recount import Recount
from models.addresses import public_address
from models.errors import Known
from models.store import Store, open_store

if TYPE_CHECKING:
    from vision.config import Config
    from vision.source import PictureFolder, Recording


_HELD = (
    "This recording had been counted before, and another one of the same camera after it: the quarter hours that both "
    "share were left as they were."
)
_RIVALS = (
    "Its gates were counted in the same quarter hours by {} too: where two count a gate, the one that watched longer "
    "stands alone. Parts of one recording add up under one --name."
)
_YEARS = range(1980, 2101)


def register(commands: Any) -> None:
    """Add `watch`."""
    watch = commands.add_parser("watch", help="count a camera, an RTSP address or a recording into the site")
    _add_source(watch)
    watch.add_argument("--until-end", action="store_true", help="stop at the recording's end (recordings always do)")
    watch.add_argument("--detector", help=f"weights file or folder, a name under weights/, or '{FALLBACK}'")
    watch.add_argument("--start", help="local time of the first frame, as in 2026-11-20T10:00 (recordings)")
    watch.add_argument("--name", help="the camera's code; default: the file's name")
    add_child_option(watch)
    watch.set_defaults(run=run_watch)


def _add_source(command: Any) -> None:
    command.add_argument(
        "source", nargs="?", help="file, folder of pictures, camera number, rtsp:// or http:// address"
    )
    command.add_argument("--config", help="TOML file with the picture size and [[line]] entries")
    command.add_argument("--camera", help="a camera that the site knows, instead of SOURCE and --config")


def run_watch(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Count until the recording ends or someone stops it; counts reach the store each second."""
    store = open_store(site_folder(options))
    try:
        document = _count(store, options)
        if document["complete"]:
            ask_for_engines(store, "watch")
    finally:
        store.close()
    for note in document["notes"]:
        say(note)
    return document, _sentence(document)


def _count(store: Store, options: argparse.Namespace) -> dict[str, Any]:
    from vision.source import is_live

    camera = _camera(store, options)
    config = _config(options, camera)
    source = address_to_open(store, camera.code) if camera else options.source
    name = options.name or (camera.code if camera else _code_of(source))
    choice = choose_detector(store, options.detector or (camera.detector if camera else None), config)
    seen = _Seen(name, source, config, choice)
    if not is_live(source):
        return _count_recording(store, options, seen)
    if camera is None:
        _remember(store, options, seen, source, active=True)
    elif not camera.active:
        raise Known(f"Camera {name} is switched off.", f"Run: python main.py cameras on {name}")
    return _count_live(store, options, find_camera(store, name))


@dataclass(frozen=True)
class _Seen:
    """What is counted, as what, how."""

    name: str
    source: str
    config: Config
    choice: DetectorChoice


def _count_recording(store: Store, options: argparse.Namespace, seen: _Seen) -> dict[str, Any]:
    """The whole recording, every frame; the same recording again changes nothing."""
    from vision.detectors import recording_threads
    from vision.watch import count, recording_of

    name = seen.name
    detector = load_choice(seen.choice, threads=recording_threads())
    recording = recording_of(seen.source, seen.config, _start(store, options.start))
    if not options.camera:
        _remember(store, options, seen, str(Path(seen.source).resolve()), active=False)
    reporter, keeper = Reporter(options), Keeper(store)
    keeper.know(name, seen.config)
    recount = Recount(store, name, *_stretch(recording))
    try:
        report = count(
            recording,
            seen.config,
            detector,
            zone=store.site.zone,
            on_rows=lambda rows: keeper.rows(name, recount.take(kinds_of(rows))),
            progress=lambda done, total: reporter.report(done, total, f"counting {name}"),
            cancelled=reporter.cancelled,
            demographics=FaceReaders(store).of(name),
            resume=recount.resume,
        )
    finally:
        keeper.close()
    if report.complete and not report.damaged:
        recount.settle()
    if recount.held:
        report.notes.append(_HELD)
    if rivals := recount.rivals():
        report.notes.append(_RIVALS.format(", ".join(rivals)))
    return report.as_json()


def _stretch(recording: Recording | PictureFolder) -> tuple[int, int]:
    """What a recording covers by its header, UTC milliseconds; of one that does not say how long it is, its begin."""
    begin = recording.start_at_ms
    return begin, begin + round((recording.expected or 1) * recording.period * 1000)


def _count_live(store: Store, options: argparse.Namespace, record: CameraRecord) -> dict[str, Any]:
    """A camera until someone stops it, going on from what it had counted in the running hour."""
    from app.service.counting import add_camera, start_group
    from app.service.processes import on_stop_signal
    from app.service.viewing import Doors
    from vision.detectors import live_threads

    reporter, keeper = Reporter(options), Keeper(store)
    stopped = threading.Event()
    on_stop_signal(stopped.set)
    try:
        group = start_group(store, keeper, record, threads=live_threads())
        add_camera(group, keeper, record, FaceReaders(store))
    except Known:
        keeper.close()
        raise
    doors = Doors(store, group)
    doors.follow([record.code])

    def stop() -> bool:
        view = group.view(record.code)
        if view is not None:
            reporter.report(view.frames, None, f"counting {record.code}")
        return stopped.is_set() or reporter.cancelled()

    group.turn()
    view = group.view(record.code)
    try:
        group.run(stop)
    finally:
        doors.close()
        keeper.close()
    assert view is not None
    return view.report()


def _camera(store: Store, options: argparse.Namespace) -> CameraRecord | None:
    if options.camera:
        return find_camera(store, options.camera)
    if not options.source:
        raise Known("What should be watched?", "Give a SOURCE with --config, or --camera CODE.", code=2)
    return None


def _config(options: argparse.Namespace, camera: CameraRecord | None) -> Config:
    import tomllib

    from vision.config import config_of, load_config

    if camera and not options.config:
        try:
            return config_of(tomllib.loads(camera.lines))
        except tomllib.TOMLDecodeError as error:
            raise Known(f"The lines of camera {camera.code} are no TOML: {error}.", "Correct them on Live.") from error
    if not options.config:
        raise Known("There are no lines to count at.", "Give --config FILE with at least one [[line]].", code=2)
    return load_config(Path(options.config))


def _remember(store: Store, options: argparse.Namespace, seen: _Seen, address: str, *, active: bool) -> None:
    """The source becomes a camera that the Live page knows; recordings are not restarted by the service.

    Raises Known where a recording would take the place of a camera.
    """
    from vision.source import is_live

    name = seen.name
    before = next((each for each in cameras(store) if each.code == name), None)
    if before is not None and is_live(before.address) and not active:
        raise Known(
            f"'{name}' is the code of the camera at {before.address}.",
            "Give the recording a --name of its own.",
            code=2,
        )
    text = Path(options.config).read_text(encoding="utf-8-sig")
    detector = _lasting(options.detector or seen.config.weights)
    remember_camera(store, "watch", code=name, address=address, lines=text, detector=detector, active=active)


def _lasting(detector: str | Path | None) -> str | None:
    """The same detector for whoever counts next, from another folder: a path is kept whole."""
    if detector is None:
        return None
    return str(Path(detector).resolve()) if Path(detector).exists() else str(detector)


def _code_of(source: str) -> str:
    """A code made of the source; of an address with a login, what stands behind it."""
    if Path(source).exists():
        return Path(source).stem
    shown = public_address(source)
    return shown if shown == source else shown.partition("://")[2]


def _start(store: Store, text: str | None) -> int | None:
    """The given local time as UTC milliseconds."""
    if text is None:
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError as error:
        raise Known(f"'{text}' is no time.", "Write it as 2026-11-20T10:00.", code=2) from error
    if local.year not in _YEARS:
        raise Known(f"No recording is of the year {local.year}.", "Correct the time given with --start.", code=2)
    aware = local if local.tzinfo else local.replace(tzinfo=store.site.zone)
    return int(aware.timestamp() * 1000)


def _sentence(document: dict[str, Any]) -> str:
    lines = ", ".join(f"{line['name']}: {line['in']} in, {line['out']} out" for line in document["lines"])
    by = ", of reduced accuracy" if document["fallback"] else ""
    return f"{document['frames']} frames with {document['detector']}{by}. {lines}."
