"""A camera that speaks RTSP (RFC 2326) and gives a recording's H.264 as RTP inside that connection (RFC 6184)."""

from __future__ import annotations

import base64
import socketserver
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=door\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:track1\r\n"
)
_MTU = 1400


@dataclass
class Rtsp:
    """The camera's state. `rate` is the speed of its clock against ours; `transports` what clients asked for."""

    address: str
    password: str = ""
    rate: float = 1.0
    fps: float = 25.0
    on: bool = True
    transports: list[str] = field(default_factory=list)


def pictures(path: Path) -> list[list[bytes]]:
    """The units of each picture of an AVI file that holds an H.264 byte stream."""
    raw, found = path.read_bytes(), []
    start = raw.index(b"movi")
    end = start + struct.unpack_from("<I", raw, start - 4)[0]
    at = start + 4
    while at + 8 <= end:
        kind, size = raw[at : at + 4], struct.unpack_from("<I", raw, at + 4)[0]
        if kind in (b"00dc", b"00db"):
            found.append(_units(raw[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    return [units for units in found if units]


def _units(stream: bytes) -> list[bytes]:
    return [part.rstrip(b"\0") for part in stream.split(b"\0\0\1") if part.rstrip(b"\0")]


class _Session(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        while request := self._request():
            if not self._answer(*request):
                return

    def _request(self) -> tuple[str, dict[str, str]] | None:
        first = self.rfile.readline().decode()
        if not first.strip():
            return None
        headers = {}
        while line := self.rfile.readline().decode().strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return first.split()[0], headers

    def _answer(self, method: str, headers: dict[str, str]) -> bool:
        extra, body = "", ""
        wanted = "Basic " + base64.b64encode(self.server.state.password.encode()).decode()
        if self.server.state.password and method == "DESCRIBE" and headers.get("authorization") != wanted:
            self._say("401 Unauthorized", headers, 'WWW-Authenticate: Basic realm="door"\r\n', "")
            return True
        if method == "OPTIONS":
            extra = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        elif method == "DESCRIBE":
            extra, body = "Content-Type: application/sdp\r\n", _SDP
        elif method == "SETUP":
            self.server.state.transports.append(headers["transport"])
            extra = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n"
        elif method == "PLAY":
            extra = "Session: 1\r\n"
        self._say("200 OK", headers, extra, body)
        if method == "PLAY":
            self._play()
        return method not in ("PLAY", "TEARDOWN")

    def _say(self, status: str, headers: dict[str, str], extra: str, body: str) -> None:
        head = f"RTSP/1.0 {status}\r\nCSeq: {headers.get('cseq', '0')}\r\n{extra}Content-Length: {len(body)}\r\n\r\n"
        self.wfile.write((head + body).encode())

    def _play(self) -> None:
        state, clip = self.server.state, self.server.clip
        began, number, count = time.monotonic(), 0, 0
        while state.on:
            stamp = int((time.monotonic() - began) * state.rate * 90_000)
            for payload, last in _payloads(clip[number % len(clip)]):
                header = struct.pack(">BBHII", 0x80, 96 | last << 7, count & 0xFFFF, stamp, 7)
                packet = header + payload
                try:
                    self.wfile.write(b"$\0" + struct.pack(">H", len(packet)) + packet)
                except OSError:
                    return
                count += 1
            number += 1
            time.sleep(1 / state.fps)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, state: Rtsp, clip: list[list[bytes]]) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.state, self.clip = state, clip

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no matter."""


@contextmanager
def rtsp_camera(path: Path, **options: object) -> Iterator[Rtsp]:
    """A camera that plays the recording for ever to whoever asks."""
    state = Rtsp("", **options)  # type: ignore[arg-type]
    clip = pictures(path)
    assert len(clip) > 10

    with _Server(state, clip) as server:
        user = f"{state.password}@" if state.password else ""
        state.address = f"rtsp://{user}127.0.0.1:{server.server_address[1]}/door"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield state
        finally:
            state.on = False
            server.shutdown()
            thread.join()


def _payloads(units: list[bytes]) -> Iterator[tuple[bytes, int]]:
    """RTP payloads of a picture, each with its mark for the last one; long units in fragments (FU-A)."""
    for position, unit in enumerate(units):
        last = position == len(units) - 1
        if len(unit) <= _MTU:
            yield unit, int(last)
            continue
        kind, rest = unit[0], unit[1:]
        parts = [rest[start : start + _MTU] for start in range(0, len(rest), _MTU)]
        for number, part in enumerate(parts):
            end = number == len(parts) - 1
            mark = (number == 0) << 7 | end << 6 | kind & 0x1F
            yield bytes([kind & 0xE0 | 28, mark]) + part, int(last and end)
