"""The way to the hub: `hub.toml` in the site's folder, the password beside the site's key, and a connection.

Over a network only TLS 1.2 or newer is used, with the hub's certificate and its name verified against the one CA in
`hub-ca.pem`: anything weaker lets whoever answers first read everything, so a file that asks for it is refused.
"""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models import keys
from models.errors import Known
from models.hub.enrolment import Enrolment
from models.site import Site

FILE, CA_FILE = "hub.toml", "hub-ca.pem"
SECRET, NEXT_SECRET = "hub", "hub-next"
CONNECT_SECONDS, DEAD_MS = 10, 30_000
#: What libpq says of a network that failed amid the handshake of TLS: nobody's certificate is wrong.
CUT = ("SSL SYSCALL error", "unexpected eof while reading", "SSL connection has been closed unexpectedly")


class Offline(Known):
    """The hub cannot be reached or does not answer: work goes on, what was not confirmed is sent again."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The hub cannot be reached: {why}.", "Work goes on; it is tried again by itself.", code=6)
        self.sentence_zh = f"无法连接中心：{why}。"


@dataclass(frozen=True)
class Link:
    """A node's way to the hub. `password` is never shown."""

    folder: Path
    host: str
    port: int
    dbname: str
    login: str
    node_id: str
    node: str = ""
    sslmode: str = "verify-full"
    password: bytes = b""

    @property
    def socket(self) -> bool:
        """Whether the hub is on this machine, behind a socket of the file system."""
        return self.host.startswith("/")

    def __repr__(self) -> str:
        return f"Link({self.login} at {self.host}:{self.port})"


def has_link(site: Site) -> bool:
    """Whether the site has joined a hub."""
    return (site.folder / FILE).exists()


def load_link(site: Site) -> Link:
    """The site's way to the hub. Raises Known where there is none, and for one that is not safe."""
    path = site.folder / FILE
    if not path.exists():
        raise Known("This site has joined no hub.", "Run: python main.py sync join FILE", code=2)
    try:
        link = Link(site.folder, **tomllib.loads(path.read_text("utf-8"))["hub"])
        texts = (link.host, link.dbname, link.login, link.node_id, link.node, link.sslmode)
        if not all(isinstance(text, str) for text in texts) or type(link.port) is not int:
            raise TypeError("a value is of another kind than it must be")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Known(f"{path} cannot be read: {error}.", "Join the hub anew: python main.py sync join FILE") from error
    check_safe(link)
    secret = keys.read_secret(site.id, SECRET)
    if secret is None:
        raise Known("The password for the hub is not on this machine.", "Have the node enrolled anew.", code=6)
    return replace(link, password=secret)


def check_safe(link: Link) -> None:
    """Raise Known for a link that would trust a server it has not verified."""
    if link.socket:
        return
    if link.sslmode != "verify-full":
        raise Known(
            f"The hub is asked with sslmode '{link.sslmode}', which trusts whoever answers.",
            f"Write sslmode = \"verify-full\" in {FILE}, or leave it out.",
            code=6,
        )  # fmt: skip
    if not (link.folder / CA_FILE).exists():
        raise Known(f"The certificate of the hub's CA ({CA_FILE}) is missing.", "Join the hub anew.", code=6)


def keep_link(site: Site, enrolment: Enrolment) -> Link:
    """Write down the way to the hub that an enrolment gives; the password goes beside the site's key."""
    link = Link(site.folder, enrolment.host, enrolment.port, enrolment.dbname, enrolment.login, enrolment.node_id,
                enrolment.node)  # fmt: skip
    if not link.socket:
        (site.folder / CA_FILE).write_text(enrolment.ca, "ascii")
    check_safe(link)
    lines = ["# The way to the hub. The password is not here: it lies sealed beside the site's key.", "[hub]"]
    for name in ("host", "dbname", "login", "node_id", "node"):
        lines.append(f"{name} = {json.dumps(getattr(link, name), ensure_ascii=False)}")
    lines.append(f"port = {link.port}")
    keys.keep_secret(site.id, SECRET, enrolment.password.encode())
    part = site.folder / f"{FILE}.part"
    part.write_text("\n".join(lines) + "\n", "utf-8")
    os.replace(part, site.folder / FILE)  # noqa: PTH105 - one step
    return replace(link, password=enrolment.password.encode())


def drop_link(site: Site) -> None:
    """Forget the hub: its address, certificate and password."""
    for name in (FILE, CA_FILE):
        (site.folder / name).unlink(missing_ok=True)
    keys.drop_secret(site.id, SECRET)
    keys.drop_secret(site.id, NEXT_SECRET)


def connect(link: Link) -> Any:
    """A connection to the hub, one statement a transaction. Raises Offline, or Known where the hub refuses."""
    import psycopg

    check_safe(link)
    try:
        return psycopg.connect(
            host=link.host, port=link.port, dbname=link.dbname, user=link.login, password=link.password.decode(),
            autocommit=True,
            prepare_threshold=None,  # a pooler gives each transaction another server
            connect_timeout=CONNECT_SECONDS, tcp_user_timeout=DEAD_MS, keepalives_idle=10, keepalives_interval=5,
            application_name="atrium", client_encoding="utf8", options="", **_security(link),
        )  # fmt: skip
    except psycopg.OperationalError as error:
        raise _trouble(error) from None  # the driver's own text may hold parameters


def _security(link: Link) -> dict[str, Any]:
    """What libpq must hold to; said here, so that no PGSSLMODE or service file can say otherwise."""
    if link.socket:
        return {"sslmode": "disable", "gssencmode": "disable"}
    return {
        "sslmode": "verify-full", "sslrootcert": str(link.folder / CA_FILE), "ssl_min_protocol_version": "TLSv1.2",
        "gssencmode": "disable", "require_auth": "scram-sha-256",
    }  # fmt: skip


def _trouble(error: Exception) -> Known:
    text = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
    if any(sign in text for sign in CUT):
        return Offline(text)
    if "certificate" in text or "SSL" in text or "TLS" in text:
        return Known(
            f"The hub at this address cannot prove who it is: {text}.",
            "Nothing was sent. Have IT check the hub's certificate and name.",
            code=6,
        )
    if "authentication" in text or "not permitted to log in" in text:
        return Known("The hub refuses this node's login.", "Have the node enrolled anew at the hub.", code=6)
    return Offline(text)
