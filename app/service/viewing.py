"""The door through which the desktop sees a camera that is being counted: a local pipe, never a network socket.

The counting process listens at an address that only this site's key and this user can find and use. A picture is
asked for one at a time and comes made smaller, with every head blurred; clear pictures are never given out here.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.keys import derive
from models.store import Store

if TYPE_CHECKING:
    from vision.group import CameraGroup

LOG = logging.getLogger("atrium.cameras")
GREATEST_WIDTH = 1280
ANSWER_S = 5.0
_ASKED_BYTES = 4096
_NAME = 24
_LONGEST = 103  # bytes of the address of a local socket on macOS; Linux allows 107
_BREATH_S = 0.05
_PATIENCE_S = 5.0


def pipe_key(store: Store) -> bytes:
    """What both ends prove that they know."""
    return derive(store.key, "live view")


def pipe_address(store: Store, code: str) -> str:
    """Where the process that counts a camera listens for it; the name tells nothing."""
    name = hashlib.sha256(pipe_key(store) + code.encode()).hexdigest()[:_NAME]
    if sys.platform == "win32":
        return rf"\\.\pipe\atrium-{name}"
    return str(_folder() / name)


def _folder() -> Path:
    """A folder of this user alone, for the addresses of local pipes.

    The system allows such an address about a hundred bytes: a longer runtime folder gives way to the temporary one.
    """
    if sys.platform == "win32":
        raise AssertionError("named pipes of Windows lie in no folder")
    own = f"atrium-{os.getuid()}"
    run = Path("/run") / own  # the service's unit makes it: the session of who sits at the desktop has another folder
    if run.exists():
        return _owned(run)
    given = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(given) / own if given and _fits(given, own) else Path(tempfile.gettempdir()) / own
    if not _fits(str(folder.parent), own):
        folder = Path("/tmp") / own
    folder.mkdir(mode=0o700, exist_ok=True)
    return _owned(folder)


def _owned(folder: Path) -> Path:
    """The folder, if it is this user's alone. Raises PermissionError where it is not."""
    if folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o077:
        raise PermissionError(f"{folder} belongs to somebody else or is open to others")
    return folder


def _fits(root: str, own: str) -> bool:
    return len(f"{root}/{own}/".encode()) + _NAME <= _LONGEST


class ViewDoor:
    """Answers viewers of one camera of a group, each in a thread of its own, until `close`."""

    def __init__(self, store: Store, group: CameraGroup, code: str) -> None:
        self._group, self._code, self._key = group, code, pipe_key(store)
        address = pipe_address(store, code)
        if sys.platform != "win32":
            Path(address).unlink(missing_ok=True)  # of a process that was killed
        self._listener = Listener(address, authkey=self._key)
        self._address = address
        self._closed = False
        threading.Thread(target=self._accept, name=f"door-{code}", daemon=True).start()

    def close(self) -> None:
        """Take no more viewers; those that are there end with their next question."""
        if self._closed:
            return
        self._closed = True
        try:
            Client(self._address, authkey=self._key).close()  # wakes the accepting thread
        except (OSError, EOFError, AuthenticationError):
            LOG.info("nobody waits at the door of %s any more", self._code)
        self._listener.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                viewer = self._listener.accept()
            except (OSError, EOFError, AuthenticationError):
                time.sleep(_BREATH_S)  # of a viewer that gave up; without this, one without file handles would spin
                continue
            threading.Thread(target=self._serve, args=(viewer,), name=f"viewer-{self._code}", daemon=True).start()

    def _serve(self, viewer: Connection) -> None:
        since: int | None = None
        try:
            while not self._closed:
                asked = json.loads(viewer.recv_bytes(_ASKED_BYTES))
                view = self._group.view(self._code)
                if view is None:
                    return
                since = view.newest() if since is None else since
                width = min(max(int(asked.get("width", 640)), 64), GREATEST_WIDTH)
                header, picture, since = view.answer(width=width, since=since)
                viewer.send_bytes(json.dumps(header).encode())
                viewer.send_bytes(picture)
        except (OSError, EOFError, ValueError):
            return  # the viewer has gone, or speaks something else
        finally:
            viewer.close()


class Doors:
    """The doors of a group's cameras, opened and closed as cameras come and go."""

    def __init__(self, store: Store, group: CameraGroup) -> None:
        self._store, self._group = store, group
        self._doors: dict[str, ViewDoor] = {}

    def follow(self, codes: Sequence[str]) -> None:
        """Have a door for each of these cameras and no other."""
        for code in [code for code in self._doors if code not in codes]:
            self._doors.pop(code).close()
        for code in codes:
            if code not in self._doors:
                try:
                    self._doors[code] = ViewDoor(self._store, self._group, code)
                except OSError as error:
                    LOG.warning("nobody can look at camera %s: %s", code, error)

    def close(self) -> None:
        """Close them all."""
        self.follow(())


_ASKING: dict[str, threading.Thread] = {}


def counted_elsewhere(store: Store, code: str) -> bool:
    """Whether a process counts the camera now. One that holds its door open and does not answer is taken to count."""
    before = _ASKING.get(code)
    if before is not None and before.is_alive():
        return True
    counted: list[bool] = []

    def ask() -> None:
        view = RemoteView(store, code)
        counted.append(view.ask(64) is not None)
        view.close()

    asking = _ASKING[code] = threading.Thread(target=ask, name=f"asking-{code}", daemon=True)
    asking.start()
    asking.join(ANSWER_S)
    return counted[0] if counted else True


class RemoteView:
    """A camera that another process counts, seen through its door."""

    def __init__(self, store: Store, code: str) -> None:
        self._address, self._key = pipe_address(store, code), pipe_key(store)
        self._line: Any = None

    def ask(self, width: int) -> tuple[dict[str, Any], bytes] | None:
        """The newest header and picture; None where nobody counts the camera now."""
        try:
            if self._line is None:
                self._line = Client(self._address, authkey=self._key)
            self._line.send_bytes(json.dumps({"width": width}).encode())
            if not self._line.poll(_PATIENCE_S):
                raise EOFError("the counting process stands still")
            return json.loads(self._line.recv_bytes()), self._line.recv_bytes()
        except (OSError, EOFError, AuthenticationError, ValueError):
            self.close()
            return None

    def close(self) -> None:
        """Hang up."""
        line, self._line = self._line, None
        if line is not None:
            line.close()
