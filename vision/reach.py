"""Why a stream's address gives no video: whether anything answers there at all."""

from __future__ import annotations

import socket
from typing import Literal
from urllib.parse import urlsplit

Reach = Literal["unknown_host", "silent", "refused", "no_video", "not_there", "wrong"]

_PORTS = {"rtsp": 554, "rtsps": 322, "rtmp": 1935, "rtmps": 443, "http": 80, "https": 443}
_LIMIT_S = 2.0
_WORDS: dict[Reach, str] = {
    "unknown_host": "{} is not known in this network: check the name in its address.",
    "silent": "{} does not answer: it is off, or the network does not reach it.",
    "refused": "{} refuses the connection: nothing listens at that port.",
    "no_video": "{} answers but gives no video: check the path, the user and the password.",
    "not_there": "{} gives no picture: it is not connected, or another program uses it.",
    "wrong": "{} is no address that can be read.",
}


def reach(spec: str, *, limit_s: float = _LIMIT_S) -> Reach:
    """Why the camera `spec` (a USB index or an address) could not be opened, by one connection to its port.

    `no_video` means that something listens there. Takes at most `limit_s` seconds, name service excepted.
    """
    try:
        parts = urlsplit(spec)
        host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme.lower())
    except ValueError:
        return "wrong"
    if spec.isdecimal() or port is None:
        return "not_there"
    return _connected(host, port, limit_s) if host else "wrong"


def _connected(host: str, port: int, limit_s: float) -> Reach:
    try:
        socket.create_connection((host, port), timeout=limit_s).close()
    except (socket.gaierror, UnicodeError):
        return "unknown_host"
    except ConnectionRefusedError:
        return "refused"
    except OSError:
        return "silent"
    return "no_video"


def reach_sentence(found: Reach, name: str) -> str:
    """The finding in words; `name` must hold no password."""
    return _WORDS[found].format(name)
