"""Where webhooks may go: public addresses over TLS, and those machines of the mall that the settings list.

Else whoever may add a webhook could have this machine call others on the mall's network for them (server-side request
forgery). The name is resolved once, what it resolves to is judged, and that address is the one that is called, so that
a name which changes in between leads nowhere else.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from models.errors import Known

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
LONGEST = 400
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


@dataclass(frozen=True)
class Target:
    """An address taken apart: `path` with its query."""

    secure: bool
    host: str
    port: int
    path: str


@dataclass(frozen=True)
class Listed:
    """Machines and networks that may be called though they are not public."""

    names: frozenset[str] = frozenset()
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    def has(self, host: str, ip: Ip | None = None) -> bool:
        """Whether the name, or the address, is on the list."""
        return host.lower() in self.names or (ip is not None and any(ip in network for network in self.networks))


def listed(text: str) -> Listed:
    """The setting `hooks.private`: names and networks with commas. Raises Known for a word that is neither."""
    names, networks = set(), []
    for word in (w.strip().lower() for w in text.split(",")):
        try:
            networks.append(ipaddress.ip_network(word, strict=False))
        except ValueError:
            if word and not _HOST.fullmatch(word):
                raise Known(f"'{word}' is no machine or network.", "As in 10.1.2.0/24.", code=2) from None
            names.add(word)
    return Listed(frozenset(names - {""}), tuple(networks))


def target_of(url: str, allowed: Listed) -> Target:
    """The address taken apart. Raises Known for one that is no webhook's: not http(s), with a login, or in the clear
    to a machine that is not on the list."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong(url) from None
    plain_path = (parts.path or "/").isascii() and parts.query.isascii()
    if len(url) > LONGEST or not host or not plain_path or re.search(r"[\x00-\x20\x7f]", url.strip()):
        raise _wrong(url)
    if parts.scheme not in ("http", "https") or parts.username is not None or parts.fragment:
        raise _wrong(url)
    if not (_HOST.fullmatch(host) or _ip(host)):
        raise _wrong(url)
    if parts.scheme == "http" and not allowed.has(host, _ip(host)):
        raise Known(
            "A webhook goes over https.", "In the clear only to machines that the setting hooks.private lists.",
            code=2, sentence_zh="推送须使用 https。", step_zh="仅允许以明文推送到 hooks.private 所列的内部机器。",
        )  # fmt: skip
    secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(secure, host, port or (443 if secure else 80), path)


def address_of(target: Target, allowed: Listed, resolve: Resolve | None = None) -> str:
    """The IP address to call. Raises Known where the name leads nowhere, or to a machine that is not listed."""
    try:
        found = [ipaddress.ip_address(text) for text in (resolve or _resolve)(target.host, target.port)]
    except (OSError, ValueError, UnicodeError) as error:
        raise Known(f"{target.host} cannot be found.", "Check the name and the network.", code=6) from error
    good = [ip for ip in found if allowed.has(target.host, ip) or is_public(ip)]
    if len(good) < len(found) or not good:
        raise Known(
            f"{target.host} is a machine of the own network.",
            "If it may be called, add it to the setting hooks.private.", code=2,
            sentence_zh=f"{target.host} 属于内部网络。", step_zh="如需推送到该机器，请加入设置 hooks.private。",
        )  # fmt: skip
    return str(good[0])


def is_public(ip: Ip) -> bool:
    """Whether the address is on the internet, also where it wraps an IPv4 address."""
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
        if ip.teredo is not None:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _resolve(host: str, port: int) -> list[str]:
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]).partition("%")[0] for row in rows))


def _ip(host: str) -> Ip | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _wrong(url: str) -> Known:
    return Known(
        f"'{url[:80]}' is no address of a webhook.", "Write it as in https://pager.example/atrium, without a login.",
        code=2, sentence_zh=f"“{url[:80]}”不是有效的推送地址。", step_zh="例如 https://pager.example/atrium，不含登录信息。",
    )  # fmt: skip
