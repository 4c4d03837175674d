"""Where and how the gateway listens, from the settings; what would be unsafe is refused with the way out."""

from __future__ import annotations

import ipaddress
import platform
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models import settings
from models.errors import Known
from models.store import Store

#: Bounds that no setting moves: of a request's body (bytes), its headers, its nesting, and of its time (seconds).
BODY_BYTES = 1_048_576
#: All bodies that are being read or dealt with, together.
HELD_BYTES = 64 * BODY_BYTES
HEADER_BYTES = 16_384
HEADERS_MOST = 64
PATH_BYTES = 2_048
JSON_DEPTH = 16
JSON_PARTS = 100_000
BODY_SECONDS = 10.0
ANSWER_SECONDS = 30.0
#: Connections at once: live sessions and programs that keep theirs open between posts.
CONNECTIONS = 3_000


@dataclass(frozen=True)
class GatewayConfig:
    """`hosts` are the names it answers to besides IP addresses; `per_address` is in calls a minute, `memory_mb` in
    megabytes of private memory."""

    host: str
    port: int
    certificate: Path | None = None
    certificate_key: Path | None = None
    hosts: frozenset[str] = frozenset({"localhost"})
    origins: frozenset[str] = frozenset()
    per_address: int = 3_000
    sessions: int = 200
    memory_mb: int = 1_024

    @property
    def secure(self) -> bool:
        """Whether it speaks TLS."""
        return self.certificate is not None

    @property
    def address(self) -> str:
        """Host and port as one text."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def answers_to(self, host: str) -> bool:
        """Whether a Host header names this machine: an IP address cannot be another site's name, a name may be."""
        name = host_name(host)
        return name in self.hosts or _is_ip(name)


def read_config(store: Store) -> GatewayConfig:
    """The settings as a configuration. Raises Known (bad use) for one that is wrong or would be unsafe."""
    found: Mapping[str, object] = {
        name.removeprefix("gateway."): value
        for name, (value, _) in settings.read_all(store).items()
        if name.startswith("gateway.")
    }
    host, port = parse_address(str(found["address"]))
    certificate, key = _file(found["certificate"]), _file(found["certificate_key"])
    if certificate is not None:
        check_certificate(certificate, key)
    if certificate is None and not found["plain"] and not is_loopback(host):
        raise Known(
            f"The gateway does not listen at {host} without TLS.",
            "Give a certificate (gateway.certificate), or listen at 127.0.0.1.",
            code=2, sentence_zh=f"网关不会在没有 TLS 的情况下监听 {host}。",
            step_zh="请设置证书（gateway.certificate），或改为监听 127.0.0.1。",
        )  # fmt: skip
    names = {"localhost", platform.node().lower(), host.lower(), *_words(found["hosts"])} - {""}
    return GatewayConfig(
        host, port, certificate, key, frozenset(names), frozenset(_words(found["origins"])),
        int(str(found["per_address"])), int(str(found["sessions"])), int(str(found["memory"])),
    )  # fmt: skip


def parse_address(text: str) -> tuple[str, int]:
    """Host and port of `host:port` or `[ipv6]:port`. Raises Known (bad use)."""
    host, _, port = text.strip().rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not bare or not port.isdecimal() or int(port) > 65_535 or (":" in bare and bare == host):
        raise Known(f"'{text}' is no address to listen at.", "Write it as in 127.0.0.1:8620.", code=2)
    return bare, int(port)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_name(header: str) -> str:
    """The name of a Host header, without its port."""
    text = header.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0]


def check_certificate(certificate: Path, key: Path | None) -> None:
    """Raise Known where the files make no TLS server."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError, ValueError) as error:
        raise Known(
            f"The gateway's certificate {certificate} cannot be used: {type(error).__name__}.",
            "It needs a PEM certificate and its key, both readable by the service.", code=2,
        ) from error  # fmt: skip


def _file(value: object) -> Path | None:
    text = str(value).strip()
    return Path(text) if text else None


def _words(value: object) -> list[str]:
    return [word.strip().lower().rstrip("/") for word in str(value).split(",") if word.strip()]


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
