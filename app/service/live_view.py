"""The child that gives the desktop live pictures: of cameras that the service counts, or of a source that it counts
itself for as long as somebody looks (a recording, or a camera that is being set up). Nothing is stored.

The first line of its standard input is a request, JSON: `{"cameras": [CODE, ...]}` or `{"source": ADDRESS, "config":
TOML, "name": NAME, "detector": NAME}`, with `width` (pixels), `heads` ("blurred" or, for a source, "clear") and
`loop` (a recording begins again) and `code` (of the camera whose login is kept and not told: it is used for the
source where that is of the same host). Each line `next NAME` is answered by a line of JSON and, where that says
`bytes`, the picture, red first; `config` with a JSON string draws the source's lines anew; `pause NAME` lets a
recording that this process counts stand still until `resume NAME`.
"""

from __future__ import annotations

import contextlib
import json
import threading
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Any

from app.service.counting import config_of_camera, reader_command
from app.service.detecting import choose_detector, load_choice
from app.service.viewing import GREATEST_WIDTH, RemoteView
from engines.cameras.records import address_to_open, completed_address, find_camera
from models.errors import Known
from models.store import Store

if TYPE_CHECKING:
    from vision.config import Config
    from vision.feed import CameraFeed
    from vision.group import CameraGroup, GroupCamera

_QUIET = {
    "width": 0, "height": 0, "bytes": 0, "at_ms": 0, "frame": -1, "boxes": [], "lines": [], "zones": [],
    "crossings": [], "fps": 0.0, "fps_in": 0.0, "dropped": 0, "flaws": [], "detector": "", "fallback": False,
    "warnings": [], "plan": None,
}  # fmt: skip
NOT_COUNTED = "The service is not counting this camera now."
DRAFT_SIZE = (1280, 720)
NOWHERE = {"name": "-", "polygon": [[0, 0], [9, 0], [9, 9]], "purpose": "ignore"}
"""Stands for the zones of a draft that has none, so that its size and rotation are read by the same rules."""


@dataclass(frozen=True)
class Seen:
    """A source to be counted while somebody looks; `detector` is a name, None for the site's."""

    name: str
    address: str
    config: Config
    detector: str | None


@dataclass(frozen=True)
class Asked:
    """The request, checked."""

    cameras: tuple[str, ...]
    source: str
    code: str
    config: str
    name: str
    detector: str | None
    width: int
    clear: bool
    loop: bool


def serve(store: Store, lines: Iterable[str], out: IO[bytes]) -> None:
    """Answer until the input ends. Raises Known for a request that cannot be met."""
    asking = iter(lines)
    asked = _asked(next(asking, ""))
    with contextlib.ExitStack() as stack:
        views = _views(store, asked, stack)
        for line in asking:
            word, _, rest = line.strip().partition(" ")
            view = views.get(asked.name if word == "config" else rest)
            if view is None:
                continue
            if word == "config":
                view.draw(json.loads(rest))
            elif word in ("pause", "resume"):
                view.hold(word == "pause")
            elif word == "next":
                header, picture = view.ask()
                out.write(json.dumps(header, ensure_ascii=False).encode() + b"\n" + picture)
                out.flush()


def _asked(line: str) -> Asked:
    try:
        told = json.loads(line)
        return Asked(
            tuple(str(code) for code in told.get("cameras", ())),
            str(told.get("source", "")),
            str(told.get("code", "")),
            str(told.get("config", "")),
            str(told.get("name", "draft")),
            told.get("detector"),
            min(max(int(told.get("width", 640)), 64), GREATEST_WIDTH),
            told.get("heads") == "clear",
            bool(told.get("loop", False)),
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise Known("The request for live pictures cannot be read.", code=2) from error


def _views(store: Store, asked: Asked, stack: contextlib.ExitStack) -> dict[str, _Remote | _Own]:
    views: dict[str, _Remote | _Own] = {}
    for code in asked.cameras:
        record = find_camera(store, code)
        if record.active:
            views[code] = stack.enter_context(_Remote(store, code, asked.width))
        else:
            seen = Seen(code, address_to_open(store, code), config_of_camera(record), record.detector)
            views[code] = stack.enter_context(_Own(store, seen, asked))
    if asked.source:
        source = completed_address(store, asked.code, asked.source)
        seen = Seen(asked.name, source, draft_config(asked.config), asked.detector)
        views[asked.name] = stack.enter_context(_Own(store, seen, asked))
    return views


def draft_config(text: str) -> Config:
    """A draft's configuration; it may hold no line and no zone yet. Raises Known for a wrong one."""
    from vision.config import Config, config_of

    if not text.strip():
        return Config(DRAFT_SIZE, ())
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Known(f"The lines are no TOML: {error}.", "Correct them.") from error
    if table.get("line") or table.get("zone"):
        return config_of(table)
    return replace(config_of({**table, "zone": [NOWHERE]}), zones=())


class _Remote(contextlib.AbstractContextManager["_Remote"]):
    """A camera that the service counts."""

    def __init__(self, store: Store, code: str, width: int) -> None:
        self._code, self._width = code, width
        self._view = RemoteView(store, code)

    def ask(self) -> tuple[dict[str, Any], bytes]:
        answer = self._view.ask(self._width)
        return answer or ({"camera": self._code, "state": "waiting", "reason": NOT_COUNTED, **_QUIET}, b"")

    def draw(self, text: str) -> None:
        """A camera that is being counted is redrawn by saving it."""

    def hold(self, still: bool) -> None:
        """What the service counts goes on."""

    def __exit__(self, *_: object) -> None:
        self._view.close()


class _Own(contextlib.AbstractContextManager["_Own"]):
    """A source that this process counts while somebody looks."""

    def __init__(self, store: Store, seen: Seen, asked: Asked) -> None:
        self._seen, self._asked = seen, asked
        self._since = 0
        self._wrong = ""
        self._held = False
        self._feed: CameraFeed | None = None
        self._stop = threading.Event()
        self._group = self._counting(store)
        self._thread = threading.Thread(target=self._group.run, args=(self._stop.is_set,), name="counting", daemon=True)
        self._thread.start()

    def ask(self) -> tuple[dict[str, Any], bytes]:
        view = self._group.view(self._seen.name)
        if view is None:
            return {"camera": self._seen.name, "state": "waiting", "reason": "", **_QUIET}, b""
        header, picture, self._since = view.answer(
            width=self._asked.width, since=self._since, clear=self._asked.clear
        )  # fmt: skip
        if self._wrong:
            header |= {"state": "wrong", "reason": self._wrong}
        return header, picture

    def draw(self, text: str) -> None:
        """Count with other lines from now on; a wrong text is told with the next picture and changes nothing."""
        try:
            config = draft_config(text)
        except Known as error:
            self._wrong = str(error)
            return
        self._wrong = ""
        self._since = 0
        if config.rotate == self._seen.config.rotate:
            self._group.replace_config(self._seen.name, config)
        else:
            self._group.add(self._camera(config))
        self._seen = replace(self._seen, config=config)

    def hold(self, still: bool) -> None:
        """Let a recording stand still, or go on; a camera always goes on."""
        self._held = still
        if self._feed is not None and still:
            self._feed.pause()
        elif self._feed is not None:
            self._feed.resume()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=5.0)

    def _counting(self, store: Store) -> CameraGroup:
        from vision.detectors import live_threads
        from vision.group import CameraGroup

        choice = choose_detector(store, self._seen.detector, self._seen.config)
        detector = load_choice(choice, threads=live_threads())
        group = CameraGroup(detector, store.site.zone, on_rows=_keep_nothing, on_state=_tell_nobody)
        group.add(self._camera(self._seen.config))
        return group

    def _camera(self, config: Config) -> GroupCamera:
        from vision.feed import CameraFeed
        from vision.group import GroupCamera
        from vision.source import is_live

        address = self._seen.address
        feed = CameraFeed(
            address, command=reader_command(), rotate=config.rotate, pace=not is_live(address), loop=self._asked.loop
        )
        self._feed = feed
        self.hold(self._held)
        return GroupCamera(self._seen.name, feed, config)


def _keep_nothing(_code: str, _rows: object) -> None:
    """Somebody looks; nothing is counted into the site."""


def _tell_nobody(_code: str, _facts: dict[str, Any]) -> None:
    """The state goes with each picture."""
