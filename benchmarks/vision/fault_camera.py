"""A camera on this machine that gives the drill's scene as motion JPEG, and can be cut, silenced and garbled."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import cv2

from benchmarks.vision.fault_scene import Painter, Walks

FPS = 10.0
How = Literal["well", "cut", "silent", "hung", "garbage"]
"""Well; connections closed and refused; nothing sent for now; connections of this time silent for ever; noise."""


class DrillCamera:
    """One camera, on a port of its own, from `began` (monotonic seconds, the scene's nought) on."""

    def __init__(self, number: int, began: float) -> None:
        self.walks = Walks(phase=0.17 * number)
        self.how: How = "well"
        self._painter = Painter(self.walks, number)
        self._began = began
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}/door"

    def part(self) -> bytes:
        """The picture of this moment as a part of the stream."""
        seconds = time.monotonic() - self._began
        image = self._painter.picture(seconds, number=round(seconds * FPS), stamped=True)
        good, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 85])
        assert good
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
        return head.encode() + jpeg.tobytes() + b"\r\n"

    def close(self) -> None:
        """Answers no more."""
        self.how = "cut"
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(camera: DrillCamera) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if camera.how == "cut":
                return
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            with suppress(OSError):
                self.stream()

        def stream(self) -> None:
            hung = False
            while camera.how != "cut":
                hung = hung or camera.how == "hung"
                if camera.how == "garbage":
                    self.wfile.write(os.urandom(20_000))
                elif camera.how == "well" and not hung:
                    self.wfile.write(camera.part())
                time.sleep(1 / FPS)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    return Handler
