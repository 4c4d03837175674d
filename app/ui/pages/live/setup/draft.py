"""A camera as the person wants it, and its address with and without the password."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from app.ui.catalogue import mark
from models.errors import Known

FALLBACK = "background-subtraction"
STREAMS = ("rtsp", "rtsps", "http", "https")


@dataclass(frozen=True)
class Draft:
    """`lines` is the config as TOML; `address` may hold a password, and where it lacks the one that the site keeps,
    that stays if `keep_login`. `count`: a recording is to be counted now."""

    code: str
    name: str
    address: str
    lines: str
    detector: str | None
    active: bool
    count: bool = False
    keep_login: bool = True


@dataclass(frozen=True)
class Address:
    """Where the picture comes from; `user` and `password` are kept apart so that the place can be shown.

    `kept`: the site keeps the user's password, which the desktop does not know.
    """

    place: str
    user: str = ""
    password: str = ""
    kept: bool = False

    @property
    def stream(self) -> bool:
        """Whether it is reached over the network."""
        return "://" in self.place

    def whole(self) -> str:
        """The address that the camera is opened with."""
        if not self.user or not self.stream:
            return self.place
        parts = urlsplit(self.place)
        login = quote(self.user, safe="") + (f":{quote(self.password, safe='')}" if self.password else "")
        return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}"))


def split_address(address: str) -> Address:
    """The address without its login, and the login. An address that is no URL has none."""
    parts = _parts(address)
    if parts is None or "@" not in parts.netloc:
        return Address(address)
    login, _, host = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    return Address(urlunsplit(parts._replace(netloc=host)), unquote(user), unquote(password))


def check_address(place: str, *, camera: bool) -> None:
    """Raises Known where no picture can come from that place (without login); says what is expected."""
    if not place:
        raise Known(mark("The camera has no address."), mark("Write an rtsp:// address, or choose a recording."))
    if not camera:
        if not Path(place).exists():
            raise Known(mark("The recording's file is not there."), mark("Choose the recording again."))
        return
    parts = _parts(place)
    if parts is None:
        if not place.isdecimal() and not Path(place).exists():
            raise Known(mark("The address is no stream."), mark("Write it as rtsp://192.168.1.20/stream."))
    elif parts.scheme.lower() not in STREAMS:
        raise Known(mark("An address of this kind is not known."), mark("Use rtsp:// or http://."))
    elif not parts.hostname:
        raise Known(mark("The address names no camera."), mark("Write it as rtsp://192.168.1.20/stream."))


def code_of(name: str) -> str:
    """A short code made of a name."""
    return re.sub(r"[^\w-]+", "-", name.strip(), flags=re.UNICODE).strip("-").lower()


def free_code(name: str, taken: frozenset[str]) -> str:
    """A code made of the name that no other camera has."""
    code = code_of(name) or "camera"
    numbered = (f"{code}-{number}" for number in range(2, len(taken) + 3))
    return code if code not in taken else next(each for each in numbered if each not in taken)


def _parts(address: str) -> SplitResult | None:
    if "://" not in address:
        return None
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises where the port is no number
    except ValueError as error:
        raise Known(mark("The address is no valid one."), mark("Write it as rtsp://192.168.1.20/stream.")) from error
    return parts
