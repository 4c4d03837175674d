"""A faulty network between nodes and a hub: a TCP proxy on the loopback that spoils connections at random moments.

It sees bytes only (TLS passes through), so a fault may strike in a handshake, in the middle of a batch, or between
the server's commit and its answer.
"""

from __future__ import annotations

import random
import select
import socket
import struct
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

CHUNK = 65_536
#: How long the answer to a late request is waited for.
QUIET_S = 1.0
#: Pieces of a connection that come late.
MOST_DELAYED = 12
FAULTS = {
    "cut": "both ends are closed",
    "reset": "both ends are reset (RST)",
    "lost reply": "the request arrives, the server's answer does not",
    "half open": "nothing passes any more though both ends stand open, then a reset",
    "delay": "what comes next arrives late, piece by piece",
    "late request": "the node sees a cut; what it had sent arrives after its next connection's requests",
}


@dataclass
class Fault:
    """What happens to a connection once its client has sent so many bytes."""

    kind: str
    after: int


@dataclass
class _Line:
    """One connection through the proxy, served by one thread: a socket that another thread reads sends no reset."""

    client: socket.socket
    server: socket.socket
    fault: Fault | None
    sent: int = 0
    struck: bool = False
    delayed: int = 0

    @property
    def under(self) -> str:
        """The fault that has struck."""
        return self.fault.kind if self.fault and self.struck else ""

    def close(self, *, reset: bool = False) -> None:
        """Close both ends."""
        for end in (self.client, self.server):
            _close(end, reset=reset)


class FaultyProxy:
    """Passes connections on to a server's port and spoils them; `faults` counts those that struck."""

    def __init__(self, seed: int) -> None:
        self.faults: Counter[str] = Counter()
        self.connections = self.answered_late = 0
        self._rng, self._guard = random.Random(seed), threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=32)
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []
        self._faulty = threading.Event()
        self._server_port = 0
        self._deck: list[str] = []

    @property
    def port(self) -> int:
        """Where nodes connect to."""
        return int(self._listener.getsockname()[1])

    def begin(self, server_port: int, *, faulty: bool) -> None:
        """Accept connections."""
        self._server_port = server_port
        self.spoil(faulty)
        self._spawn(self._accept)

    def spoil(self, faulty: bool, /) -> None:
        """Whether connections from now on are spoilt."""
        (self._faulty.set if faulty else self._faulty.clear)()

    def close(self) -> None:
        """Close everything and wait for it."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._ended.set()
        for thread in self._threads:
            thread.join(10)

    def _spawn(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                try:
                    server = socket.create_connection(("127.0.0.1", self._server_port))
                except OSError:
                    _close(client, reset=True)
                    continue
                self._spawn(self._serve, _Line(client, server, self._plan()))

    def _plan(self) -> Fault | None:
        """A fault after 0.1 to 100 kB, each size as likely as its double; one that ends before that escapes."""
        with self._guard:
            if not self._faulty.is_set():
                return None
            if not self._deck:  # each kind as often as the others
                self._deck = self._rng.sample(list(FAULTS), len(FAULTS))
            return Fault(self._deck.pop(), int(100 * 1000 ** self._rng.random()))

    def _serve(self, line: _Line) -> None:
        with suppress(OSError):
            while not self._ended.is_set():
                ready, _, _ = select.select([line.client, line.server], [], [], 0.2)
                if line.server in ready and not self._down(line):
                    break
                if line.client in ready and not self._up(line):
                    break
        line.close()

    def _up(self, line: _Line) -> bool:
        """Pass on what the client has sent; False where the connection is no more."""
        data = line.client.recv(CHUNK)
        line.sent += len(data)
        if line.fault and not line.struck and line.sent >= line.fault.after:
            line.struck = True
            with self._guard:
                self.faults[line.fault.kind] += 1
            return self._strike(line, line.fault, data)
        self._delay(line)
        line.server.sendall(data)
        return bool(data)

    def _down(self, line: _Line) -> bool:
        data = line.server.recv(CHUNK)
        if line.under == "lost reply":
            return False
        self._delay(line)
        line.client.sendall(data)
        return bool(data)

    def _strike(self, line: _Line, fault: Fault, data: bytes) -> bool:
        """Let the fault happen with this data on its way; False where the connection is no more."""
        part = data[: len(data) - (line.sent - fault.after)]
        if fault.kind == "late request":
            self._deliver_late(line, data)
        elif fault.kind in ("lost reply", "delay"):
            line.server.sendall(data)
            return True
        else:
            line.server.sendall(part)
            if fault.kind == "half open":
                self._linger(0.2, 1.0)
            line.close(reset=fault.kind != "cut")
        return False

    def _deliver_late(self, line: _Line, data: bytes) -> None:
        """Take all that the client has sent, cut it off, and pass that on when it has long come back."""
        line.client.settimeout(0.1)
        with suppress(OSError):
            while more := line.client.recv(CHUNK):
                data += more
        _close(line.client, reset=True)
        self._linger(0.1, 0.8)
        line.server.sendall(data)
        line.server.settimeout(QUIET_S)
        answer = line.server.recv(CHUNK)
        with self._guard:
            self.answered_late += bool(answer)

    def _delay(self, line: _Line) -> None:
        if line.under == "delay" and line.delayed < MOST_DELAYED:
            line.delayed += 1
            self._linger(0.01, 0.15)

    def _linger(self, least: float, most: float) -> None:
        with self._guard:
            seconds = self._rng.uniform(least, most)
        time.sleep(seconds)


def _close(end: socket.socket, *, reset: bool = False) -> None:
    with suppress(OSError):
        if reset:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            end.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        end.close()
