"""Finds cameras that speak ONVIF in the local network, by WS-Discovery.

A probe goes to 239.255.255.250, port 3702, over UDP; devices answer with the address of their device service
and with scopes that hold name and model (ONVIF Core Specification, section 7; OASIS WS-Discovery 1.1). A
device's answer is a stranger's text: it is read with a limit on its size, with no document type and so no
entities, and anything that is not sound is left out. No network that forbids it is an error.
"""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote
from xml.parsers import expat

GROUP = ("239.255.255.250", 3702)
HINT = (
    "Build the stream's address as rtsp://USER:PASSWORD@ADDRESS:554/PATH; the PATH of the small stream is in the "
    "camera's manual, often /stream2, /h264Preview_01_sub or /Streaming/Channels/102."
)
"""How to get from a found device to an address that can be watched."""

_MOST_BYTES = 65_535
_MOST_FOUND = 256
_MOST_TEXT = 80
_SCOPES = "onvif://www.onvif.org/"
_PROBE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
    ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
    ' xmlns:n="http://www.onvif.org/ver10/network/wsdl">'
    "<s:Header><a:MessageID>urn:uuid:{message}</a:MessageID>"
    "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"
    "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action></s:Header>"
    "<s:Body><d:Probe><d:Types>n:NetworkVideoTransmitter</d:Types></d:Probe></s:Body></s:Envelope>"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A camera that answered: its network `address`, as in 192.168.1.64, and what it calls itself.

    The address is the one that the answer came from; the service address in the answer could name any other.
    """

    address: str
    name: str


def discover(seconds: float = 3.0, *, to: tuple[str, int] = GROUP) -> list[Found]:
    """The cameras that answer within `seconds`, by address; none where the network forbids the question."""
    found: dict[str, Found] = {}
    message = str(uuid.uuid4())
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
            door.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
            _ask(door, _PROBE.format(message=message).encode(), to)
            for answer, sender in _answers(door, seconds):
                if sender not in found and message.encode() in answer and (each := parse(answer, sender)):
                    found[sender] = each
                if len(found) >= _MOST_FOUND:
                    break
    except OSError:
        return sorted(found.values(), key=_order)
    return sorted(found.values(), key=_order)


def parse(answer: bytes, sender: str) -> Found | None:
    """The device in an answer that came from `sender`, or None where it is no sound ProbeMatches message."""
    if len(answer) > _MOST_BYTES:
        return None
    texts: dict[str, str] = {}
    try:
        _read(answer, texts)
    except (expat.ExpatError, ValueError, LookupError):
        return None
    if "XAddrs" not in texts:
        return None
    scopes = dict(_scopes(texts.get("Scopes", "")))
    words = [scopes.get("name", ""), scopes.get("hardware", "")]
    name = words[0] if words[1] in words[0] else " ".join(filter(None, words))
    return Found(sender, name[:_MOST_TEXT].strip() or "ONVIF camera")


def _ask(door: socket.socket, probe: bytes, to: tuple[str, int]) -> None:
    """Sends the probe, to a group through each network card."""
    door.sendto(probe, to)
    if to != GROUP:
        return
    with suppress(OSError):  # a computer whose own name is unknown has its standard card only
        for own in socket.gethostbyname_ex(socket.gethostname())[2]:
            with suppress(OSError):
                door.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(own))
                door.sendto(probe, to)


def _answers(door: socket.socket, seconds: float) -> Iterator[tuple[bytes, str]]:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        door.settimeout(left)
        try:
            answer, sender = door.recvfrom(_MOST_BYTES)
        except TimeoutError:
            return
        except ConnectionError:
            continue  # Windows tells here that an earlier probe was refused
        yield answer, sender[0]


def _read(answer: bytes, texts: dict[str, str]) -> None:
    """The first XAddrs and Scopes of the document; ValueError for one with a document type."""
    path: list[str] = []

    def start(name: str, _attributes: dict[str, str]) -> None:
        path.append(name.rpartition(" ")[2])
        if path[-1] in ("XAddrs", "Scopes") and "ProbeMatch" in path:
            texts.setdefault(path[-1], "")

    def text(data: str) -> None:
        if path and path[-1] in texts:
            texts[path[-1]] += data

    def refuse(*_: object) -> None:
        raise ValueError("a document type has no place in an answer")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _name: path.pop()
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(answer, True)


def _scopes(text: str) -> Iterator[tuple[str, str]]:
    """(kind, value) of scopes such as onvif://www.onvif.org/hardware/DS-2CD."""
    for scope in text.split():
        if scope.lower().startswith(_SCOPES):
            kind, _, value = scope[len(_SCOPES) :].partition("/")
            plain = "".join(each for each in unquote(value) if each.isprintable())
            yield kind.lower(), plain.strip()


def _order(found: Found) -> tuple[int, ...]:
    return tuple(int(part) for part in found.address.split("."))
