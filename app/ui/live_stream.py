"""Live pictures of cameras, counted by a process of its own: this one never loads OpenCV, and nothing reaches the disk.

A picture is asked for only after the last one was painted (`painted`), at most `rate` times a second, so that a
window nobody sees costs nothing and nothing ever queues up.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal
from PySide6.QtGui import QImage

from app.ui.child import command_line
from app.ui.live_wire import LiveBox, LiveCrossing, LiveLine, LiveZone, Torn, View, Wire

__all__ = ["LiveBox", "LiveCrossing", "LiveLine", "LiveStream", "LiveZone", "View"]

BIG_RATE, TILE_RATE = 8.0, 2.5
"""Pictures a second for one large picture, and for each of many small ones."""
EMPTY_WAIT_S = 1.0
"""How soon to ask again where there was no picture."""
REST_MS = 20_000
"""How long the child outlives a pause."""
BACK_OFF_MS = (1_000, 2_000, 5_000, 10_000, 30_000)
"""Waits before a child that ended by itself is started again; the last one for ever."""
SOUND_S = 30.0
"""A child that lived this long begins the waits anew."""
KEPT_WORDS = 4_000


class LiveStream(QObject):
    """`arrived(code, QImage | None, View)` for each answer, `failed(code, sentence)` when the child ended by itself.

    `watch(...)` cameras that the site knows, or `draft(...)` a source that it does not count; then call
    `painted(code)` after each `arrived`. A child that ends is started again after a while, unless the view said
    that it has ended. `command` replaces the program and its arguments.
    """

    arrived = Signal(str, object, object)
    failed = Signal(str, str)

    def __init__(
        self,
        folder: str,
        parent: QObject | None = None,
        *,
        command: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        program, arguments = command_line(["--site", folder, "live-view"])
        self._command = tuple(command) or (program, *arguments)
        self._clock = clock
        self._process: QProcess | None = None
        self._wire = Wire()
        self._request: dict[str, Any] | None = None
        self._rate = BIG_RATE
        self._due: dict[str, float] = {}
        self._ready: set[str] = set()
        self._over: set[str] = set()
        self._paused = self._held = False
        self._words = b""
        self._begun = 0.0
        self._falls = 0
        self._pace = QTimer(self, singleShot=True)
        self._pace.timeout.connect(self._ask)
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self._start)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._end)

    # ---- what a view calls

    def watch(self, codes: Sequence[str], *, rate: float = TILE_RATE, width: int = 640) -> None:
        """Show these cameras of the site, each at most `rate` times a second and `width` pixels wide."""
        self._begin({"cameras": list(codes), "width": width}, codes, rate)

    def draft(
        self, source: str, config: str, *, name: str = "draft", detector: str | None = None,
        heads: str = "blurred", rate: float = BIG_RATE, width: int = 640, loop: bool = False, code: str = "",
    ) -> None:  # fmt: skip
        """Show and count a source by itself under `name`, with a config (TOML); its counts are kept nowhere.

        `loop`: a recording begins again at its end. `code` is the camera of the site whose kept login opens the source.
        """
        request = {"source": source, "config": config, "name": name, "detector": detector, "heads": heads,
                   "loop": loop, "code": code}  # fmt: skip
        self._begin({**request, "width": width}, [name], rate)

    def set_config(self, config: str) -> None:
        """Another config (TOML) for the draft, while it runs."""
        if self._request is not None and "source" in self._request:
            self._request = {**self._request, "config": config}
            self._write("config " + json.dumps(config, ensure_ascii=False))

    def painted(self, code: str) -> None:
        """The last picture of the camera is on the screen: the next may come."""
        if code in self._due and code not in self._over:
            self._ready.add(code)
            self._ask()

    def codes(self) -> tuple[str, ...]:
        """What is watched."""
        return tuple(self._due)

    def running(self) -> bool:
        """Whether the child is there."""
        return self._process is not None

    def paused(self) -> bool:
        """Whether no picture is asked for."""
        return self._paused

    def pause(self) -> None:
        """Ask for nothing more; the child ends if this lasts."""
        self._paused = True
        self._pace.stop()
        self._again.stop()
        self._rest.start()

    def resume(self) -> None:
        """Go on where it was paused."""
        if not self._paused:
            return
        self._paused = False
        self._rest.stop()
        if self._request is not None and self._process is None and set(self._due) - self._over:
            self._start()
        else:
            self._ask()

    def hold(self) -> None:
        """Let the recording that is watched stand still where it is; the child stays. A camera goes on unseen."""
        if not self._held:
            self._held = True
            self._pace.stop()
            self._say_all("pause")

    def go_on(self) -> None:
        """Let the recording run on from where it stood."""
        if self._held:
            self._held = False
            self._say_all("resume")
            self._ask()

    def held(self) -> bool:
        """Whether what is watched stands still."""
        return self._held

    def close(self) -> None:
        """Forget what was watched, and end the child at once."""
        self._request = None
        self._due, self._ready, self._over = {}, set(), set()
        self._held = False
        for timer in (self._pace, self._again, self._rest):
            timer.stop()
        self._end()

    # ---- inside

    def _begin(self, request: dict[str, Any], codes: Sequence[str], rate: float) -> None:
        self._rate = rate
        if request == self._request and (self._process is not None or self._again.isActive() or self._paused):
            return  # it runs, or will of itself
        self.close()
        self._request, self._due, self._falls = request, dict.fromkeys(codes, 0.0), 0
        if codes and not self._paused:
            self._start()

    def _start(self) -> None:
        if self._request is None:
            return
        self._end()
        self._wire = Wire(blurred=self._request.get("heads", "blurred") != "clear")
        self._words, self._begun = b"", self._clock()
        self._ready, self._over = set(self._due), set()
        self._process = process = QProcess(self)
        process.setProgram(self._command[0])
        process.setArguments(list(self._command[1:]))
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONUNBUFFERED", "1")
        environment.insert("PYTHONIOENCODING", "utf-8")
        process.setProcessEnvironment(environment)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._read_words)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._broken)
        process.start()
        self._write(json.dumps(self._request, ensure_ascii=False))
        if self._held:
            self._say_all("pause")
        self._ask()

    def _ask(self) -> None:
        """Ask for the pictures that are due, and wake again when the next one is."""
        if self._paused or self._held or self._process is None:
            return
        now = self._clock()
        for code in [code for code in self._ready if self._due[code] <= now]:
            self._ready.discard(code)
            self._due[code] = now + 1 / self._rate
            self._write(f"next {code}")
        if self._ready:
            first = min(self._due[code] for code in self._ready)
            self._pace.start(max(round(1000 * (first - now)), 1))

    def _write(self, line: str) -> None:
        if self._process is not None:
            self._process.write(line.encode() + b"\n")

    def _say_all(self, word: str) -> None:
        for code in self._due:
            self._write(f"{word} {code}")

    def _read(self) -> None:
        process = self._process
        if process is None:
            return
        try:
            for view, pixels in self._wire.feed(bytes(process.readAllStandardOutput().data())):
                self._take(view, pixels)
                if self._process is not process:
                    return  # somebody who was told of it has closed this stream, or begun another
        except Torn:
            self._fallen("")

    def _take(self, view: View, pixels: bytes) -> None:
        if view.camera not in self._due:
            return
        if not pixels:
            self._due[view.camera] = self._clock() + EMPTY_WAIT_S
        if view.state == "ended":
            self._over.add(view.camera)
        self.arrived.emit(view.camera, image_of(view, pixels), view)

    def _read_words(self) -> None:
        if self._process is not None:
            self._words = (self._words + bytes(self._process.readAllStandardError().data()))[-KEPT_WORDS:]

    def _finished(self) -> None:
        if self._process is None:
            return
        self._read()
        self._read_words()
        words = self._words.decode("utf-8", "replace").strip()
        self._fallen(" ".join(line for line in words.splitlines()[-2:] if not line.startswith("{")))

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._fallen("")

    def _fallen(self, sentence: str) -> None:
        """The child is gone, or speaks nonsense: say so, and begin again after a while."""
        if self._process is None:
            return
        if self._clock() - self._begun > SOUND_S:
            self._falls = 0
        self._end()
        left = [code for code in self._due if code not in self._over]
        if left and not self._paused:
            self._again.start(BACK_OFF_MS[min(self._falls, len(BACK_OFF_MS) - 1)])
        self._falls += 1
        for code in left:
            self.failed.emit(code, sentence)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.readyReadStandardOutput.disconnect(self._read)
        process.readyReadStandardError.disconnect(self._read_words)
        process.finished.disconnect(self._finished)
        process.errorOccurred.disconnect(self._broken)
        if process.state() != QProcess.ProcessState.NotRunning:
            process.kill()
            process.waitForFinished(2000)
        process.deleteLater()


def image_of(view: View, pixels: bytes) -> QImage | None:
    """The picture in the form that is painted fastest, or None where there is none."""
    if not pixels:
        return None
    image = QImage(pixels, view.width, view.height, view.width * 3, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)
