"""Cameras on this machine for the tests: motion JPEG over HTTP that can be cut, stalled, garbled or resized."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import cv2
import numpy as np

from vision.boxes import Image

How = Literal["well", "cut", "stalled", "garbage", "refused"]


def picture(number: int, size: tuple[int, int]) -> Image:
    """A grey picture with a white block whose place tells the number."""
    image = np.full((size[1], size[0], 3), 60, np.uint8)
    left = (number * 7) % (size[0] - 10)
    image[10:30, left : left + 10] = 255
    return image


@dataclass
class Camera:
    """A camera's state, which a test changes while it streams. `peers` are its clients' ports."""

    how: How = "well"
    size: tuple[int, int] = (64, 48)
    period_s: float = 0.02
    password: str = ""
    sent: int = 0
    opened: int = 0
    peers: set[int] = field(default_factory=set)
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/door"


@contextmanager
def camera(**options: Any) -> Iterator[Camera]:
    """A camera that answers until the block ends."""
    state = Camera(**options)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    server.daemon_threads = True
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        state.how = "cut"
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(state: Camera) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.opened += 1
            state.peers.add(self.client_address[1])
            if state.how == "refused":
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            with suppress(OSError):
                self.stream()

        def stream(self) -> None:
            while state.how != "cut":
                if state.how == "garbage":
                    self.wfile.write(os.urandom(20_000))
                elif state.how == "well":
                    self.part()
                time.sleep(state.period_s)

        def part(self) -> None:
            good, jpeg = cv2.imencode(".jpg", picture(state.sent, state.size))
            assert good
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            self.wfile.write(head.encode() + jpeg.tobytes() + b"\r\n")
            state.sent += 1

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    return Handler


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server that accepts and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        over = threading.Event()
        held: list[socket.socket] = []

        def accept() -> None:
            while not over.is_set():
                with suppress(TimeoutError):
                    held.append(server.accept()[0])

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            thread.join()
            for each in held:
                each.close()


def free_port() -> int:
    """A port at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(so: Any, *, limit_s: float = 15.0, pause_s: float = 0.005) -> bool:
    """Waits until `so()` is true; False after the limit."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if so():
            return True
        time.sleep(pause_s)
    return False
