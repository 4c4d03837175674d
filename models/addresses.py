"""Addresses of cameras: which part of one is a secret, how it is left out, and how it is put back.

A login stands before the host (rtsp://user:password@host/stream) or in a parameter (?pwd=..., or _password=... in
the path, as some recorders have it). What is shown, logged, exported and sent is the address without it.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

HIDDEN = "***"
"""Stands for the value of a parameter that is left out."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_PARAMETER = re.compile(
    r"(?P<name>[?&;/_][a-z0-9]*(?:pass|pwd|psw|token|secret|auth|apikey|signature)[a-z0-9]*=)"
    r"(?P<value>[^&;/?#]*?)(?=_[a-z]+=|[&;/?#]|$)",
    re.IGNORECASE,
)


def public_address(address: str) -> str:
    """The address without login, and with `HIDDEN` for what its parameters hide; one without a secret as it is."""
    scheme, _, rest = _split(address)
    return scheme + (_PARAMETER.sub(rf"\g<name>{HIDDEN}", rest) if scheme else rest)


def login_of(address: str) -> tuple[str, str]:
    """User and password that stand before the host, each empty where there is none."""
    user, _, password = _split(address)[1].partition(":")
    return unquote(user), unquote(password)


def completed(given: str, held: str, *, login: bool = True) -> str:
    """`given` with what it lacks of the secrets of `held`, an address of the same host.

    The password comes along where `given` names the same user or none, unless `login` is False, and the value of a
    parameter where `given` has `HIDDEN`. Another host is never given the secrets of this one.
    """
    scheme, own, rest = _split(given)
    held_scheme, held_own, held_rest = _split(held)
    if not scheme or not held_scheme or _host(rest) != _host(held_rest):
        return given
    user, password = login_of(given)
    known, secret = login_of(held)
    if login and not password and secret and user in ("", known):
        own = f"{quote(known, safe='')}:{quote(secret, safe='')}"
    elif login and not own:
        own = held_own
    values = {found["name"][1:].lower(): found["value"] for found in _PARAMETER.finditer(held_rest)}

    def filled(found: re.Match[str]) -> str:
        value = found["value"]
        return str(found["name"]) + (values.get(found["name"][1:].lower(), value) if value == HIDDEN else value)

    return f"{scheme}{own}@{_PARAMETER.sub(filled, rest)}" if own else scheme + _PARAMETER.sub(filled, rest)


def _split(address: str) -> tuple[str, str, str]:
    """'rtsp://', the login as it is written, and the rest from the host on; an address that is no URL is all rest."""
    found = _SCHEME.match(address)
    if found is None:
        return "", "", address
    scheme, rest = found[0], address[found.end() :]
    end = re.search(r"[/?#]", rest)
    authority = rest[: end.start()] if end else rest
    if "@" not in authority and _cut_login(authority):
        authority = rest  # a password that holds an unescaped / or # or ?
    login, at, _ = authority.rpartition("@")
    return scheme, login, rest[len(login) + len(at) :]


def _cut_login(authority: str) -> bool:
    """Whether what stands behind the last colon is no port, so that it is the beginning of a password."""
    _, colon, port = authority.rpartition(":")
    return bool(colon) and not port.isdecimal() and not authority.endswith("]")


def _host(rest: str) -> str:
    return re.split(r"[/?#]", rest, maxsplit=1)[0].lower()
