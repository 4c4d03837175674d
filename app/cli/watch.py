"""`watch`: count a camera or a recording into the site. `watch-preview`: one picture for the desktop."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.entry import say, site_folder
from app.cli.intake import ask_for_engines
from app.cli.progress import Reporter, add_child_option
from engines.cameras.records import CameraRecord, counted_since, find_camera, note_health, remember_camera
from models.errors import Known
from models.store import Store, open_store
from models.times import now_ms

if TYPE_CHECKING:
    from vision.buckets import BucketRow
    from vision.config import Config
    from vision.detectors import Detector
    from vision.live import Health
    from vision.watch import Report

FALLBACK = "background-subtraction"
NOTE_EVERY_MS = 15_000


def register(commands: Any) -> None:
    """Add `watch` and, for the desktop, `watch-preview`."""
    watch = commands.add_parser("watch", help="count a camera, an RTSP address or a recording into the site")
    _add_source(watch)
    watch.add_argument("--until-end", action="store_true", help="stop at the recording's end (recordings always do)")
    watch.add_argument("--detector", help=f"weights file or folder, a name under weights/, or '{FALLBACK}'")
    watch.add_argument("--start", help="local time of the first frame, as in 2026-11-20T10:00 (recordings)")
    watch.add_argument("--name", help="the camera's code; default: the file's name")
    add_child_option(watch)
    watch.set_defaults(run=run_watch)
    preview = commands.add_parser("watch-preview", help="one picture of a source as raw RGB, for the desktop")
    _add_source(preview)
    preview.set_defaults(run=run_preview)


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
        document = _count(store, options).as_json()
        if document["complete"] and options.source:
            ask_for_engines(store, "watch")
    finally:
        store.close()
    for note in document["notes"]:
        say(note)
    return document, _sentence(document)


def _count(store: Store, options: argparse.Namespace) -> Report:
    from vision.watch import count

    camera = _camera(store, options)
    config = _config(options, camera)
    detector = _detector(store, options, camera, config)
    source = camera.address if camera else options.source
    name = options.name or (camera.code if camera else _code_of(source))
    if camera is None:
        _remember(store, options, name, source)
    reporter = Reporter(options)
    keeper = _Keeper(store, name, reporter, live=not Path(source).exists())
    return count(
        source, config, detector, on_bucket=keeper.keep, on_health=keeper.health, progress=keeper.progress,
        start_at_ms=_start(store, options.start), cancelled=reporter.cancelled, resume=keeper.resume(),
    )  # fmt: skip


class _Keeper:
    """Carries what vision tells into the store: counts each second, the camera's health when it changes."""

    def __init__(self, store: Store, name: str, reporter: Reporter, *, live: bool) -> None:
        self.store, self.name, self.reporter, self.live = store, name, reporter, live
        self.source = f"camera:{name}"
        self._noted = 0
        self._frames = 0

    def keep(self, row: BucketRow) -> None:
        from engines.intake.counts import WatchedCount, upsert_counts

        watched = (row.seconds_observed, row.frames_dropped)
        rows = [
            WatchedCount(row.gate, row.start_ms, way, n, *watched) for way, n in (("in", row.n_in), ("out", row.n_out))
        ]
        upsert_counts(self.store, "watch", self.source, rows)

    def progress(self, done: int, total: int | None) -> None:
        self.reporter.report(done, total, f"counting {self.name}")
        fresh, self._frames = done > self._frames, done
        if self.live and fresh and now_ms() - self._noted > NOTE_EVERY_MS:
            self._noted = now_ms()
            note_health(self.store, self.name, last_frame_at=self._noted, trouble=None)

    def health(self, health: Health) -> None:
        note_health(self.store, self.name, last_frame_at=None, trouble=health.reason or None)

    def resume(self) -> list[BucketRow]:
        """A camera's counts of the running quarter, from before a restart; a recording begins anew."""
        from vision.buckets import BUCKET_MS, BucketRow

        if not self.live:
            return []
        quarter = now_ms() // BUCKET_MS * BUCKET_MS
        found = counted_since(self.store, self.source, quarter)
        return [BucketRow(c.gate, (), quarter, c.n_in, c.n_out, c.seconds_observed, 0, c.frames_dropped) for c in found]


def run_preview(options: argparse.Namespace) -> None:
    """One JSON line (width, height, lines), then the picture's bytes, red first; nothing touches the disk."""
    import json

    from vision.preview import preview

    store = open_store(site_folder(options))
    try:
        camera = _camera(store, options)
        config = _config(options, camera) if options.config or camera else None
        found = preview(camera.address if camera else options.source, config)
    finally:
        store.close()
    height, width = found.image.shape[:2]
    lines = [{"name": line.name, "a": line.a, "b": line.b} for line in found.lines]
    header = json.dumps({"width": width, "height": height, "lines": lines}, ensure_ascii=False)
    sys.stdout.buffer.write(header.encode() + b"\n" + found.image.tobytes())
    sys.stdout.buffer.flush()
    options.json = False


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


def _detector(store: Store, options: argparse.Namespace, camera: CameraRecord | None, config: Config) -> Detector:
    """What the command says, else the camera, else the config, else the site's weights, else the stated fallback."""
    from vision.detectors import choose_weights, load_detector, recording_threads

    wanted = options.detector or (camera.detector if camera else None)
    weights = store.site.folder / "weights"
    if wanted == FALLBACK:
        path = None
    elif wanted:
        path = _weights_named(wanted, weights)
    else:
        path = config.weights or choose_weights(weights)
    return load_detector(path, threads=recording_threads())


def _weights_named(wanted: str, folder: Path) -> Path:
    """A path as given, or the one weights file under the site's folder whose name begins so."""
    if Path(wanted).exists():
        return Path(wanted)
    found = sorted(p for p in folder.rglob("*") if p.suffix in (".onnx", ".xml") and p.stem.startswith(wanted))
    return found[0] if found else Path(wanted)


def _remember(store: Store, options: argparse.Namespace, name: str, source: str) -> None:
    """The source becomes a camera that the Live page knows; recordings are not restarted by the service."""
    recording = Path(source).exists()
    address = str(Path(source).resolve()) if recording else source
    text = Path(options.config).read_text(encoding="utf-8")
    remember_camera(
        store, "watch", code=name, address=address, lines=text, detector=options.detector, active=not recording
    )


def _code_of(source: str) -> str:
    return Path(source).stem if Path(source).exists() else source.rsplit("@", maxsplit=1)[-1]


def _start(store: Store, text: str | None) -> int | None:
    """The given local time as UTC milliseconds."""
    if text is None:
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError as error:
        raise Known(f"'{text}' is no time.", "Write it as 2026-11-20T10:00.", code=2) from error
    aware = local if local.tzinfo else local.replace(tzinfo=store.site.zone)
    return int(aware.timestamp() * 1000)


def _sentence(document: dict[str, Any]) -> str:
    lines = ", ".join(f"{line['name']}: {line['in']} in, {line['out']} out" for line in document["lines"])
    by = ", of reduced accuracy" if document["fallback"] else ""
    return f"{document['frames']} frames with {document['detector']}{by}. {lines}."
