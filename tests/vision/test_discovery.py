"""Cameras that let themselves be found: a responder on this machine, and answers that are not to be trusted."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.discovery import HINT, Found, discover, parse

ENVELOPE = (
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Header><r>{relates}</r></s:Header><s:Body>'
    "<d:ProbeMatches><d:ProbeMatch><d:Scopes>{scopes}</d:Scopes><d:XAddrs>{services}</d:XAddrs></d:ProbeMatch>"
    "</d:ProbeMatches></s:Body></s:Envelope>"
)
SCOPES = "onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/name/East%20door onvif://www.onvif.org/hardware/DX-7"


def answer(relates: str = "", *, scopes: str = SCOPES, services: str = "http://10.0.0.9/onvif/device_service") -> bytes:
    return ENVELOPE.format(relates=relates, scopes=scopes, services=services).encode()


@contextmanager
def device(says: Callable[[str], list[bytes]]) -> Iterator[tuple[str, int]]:
    """A device on this machine; `says` gets the probe's message number and gives the answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        door.settimeout(5)

        def respond() -> None:
            probe, sender = door.recvfrom(65_535)
            message = re.search(rb"urn:uuid:([0-9a-f-]+)", probe)
            assert message and b"NetworkVideoTransmitter" in probe
            for each in says(message[1].decode()):
                door.sendto(each, sender)

        thread = threading.Thread(target=respond)
        thread.start()
        yield door.getsockname()
        thread.join()


def test_a_camera_that_answers_is_found() -> None:
    with device(lambda message: [b"garbage", answer("another question"), answer(message), answer(message)]) as there:
        assert discover(0.4, to=there) == [Found("127.0.0.1", "East door DX-7")]
    assert "rtsp://" in HINT


def test_nobody_answers() -> None:
    with device(lambda message: []) as there:
        assert discover(0.1, to=there) == []


def test_a_network_that_forbids_it() -> None:
    assert discover(0.05, to=("256.256.256.256", 3702)) == []


def test_the_address_is_the_senders_whatever_the_answer_claims() -> None:
    found = parse(answer(services="http://evil.example/x file:///etc/passwd"), "192.168.1.64")
    assert found == Found("192.168.1.64", "East door DX-7")


@pytest.mark.parametrize(
    ("scopes", "name"),
    [
        ("", "ONVIF camera"),
        ("onvif://www.onvif.org/name/DX-7%20East onvif://www.onvif.org/hardware/DX-7", "DX-7 East"),
        ("onvif://www.onvif.org/name/%E4%B8%9C%E9%97%A8", "东门"),
        ("onvif://www.onvif.org/name/a%00b%1b%0Ac", "abc"),
        ("onvif://www.onvif.org/name/" + "x" * 500, "x" * 80),
    ],
)
def test_names(scopes: str, name: str) -> None:
    found = parse(answer(scopes=scopes), "10.0.0.1")
    assert found and found.name == name


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"<a>",
        b"not xml",
        answer()[:-20],
        answer().replace(b"XAddrs", b"YAddrs"),
        b'<!DOCTYPE a [<!ENTITY x "y">]>' + answer(),
        b'<!DOCTYPE a SYSTEM "http://evil.example/x.dtd"><a/>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        answer(scopes="x" * 70_000),
    ],
)
def test_unsound_answers_are_left_out(bad: bytes) -> None:
    assert parse(bad, "10.0.0.1") is None


@given(st.binary(max_size=300), st.integers(0, len(answer())))
def test_no_answer_breaks_the_search(noise: bytes, at: int) -> None:
    sound = answer()
    parse(noise, "10.0.0.1")
    parse(sound[:at] + noise + sound[at + len(noise) :], "10.0.0.1")
