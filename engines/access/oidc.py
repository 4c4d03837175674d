"""Signing in through an OpenID provider (OpenID Connect Core 1.0), as a public client: code flow with PKCE (RFC 7636).

The system's browser goes to the provider and comes back to a port of this machine (RFC 8252). Only an ID token whose
signature, issuer, audience, nonce and times hold is believed, and only for a user whom an administrator has bound to
its `sub`. Local accounts never depend on any of this.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engines.access.refusals import refused
from engines.access.sessions import Session, begin_session
from models import settings
from models.errors import Known
from models.store import Store
from models.times import now_ms

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
LEEWAY_S = 60
TIMEOUT_S = 10
WAIT_S = 180
MOST_BYTES = 1_000_000
DAY_MS = 86_400_000
_META = "oidc-proved/"


@dataclass(frozen=True)
class Provider:
    """A provider as its discovery document describes it, and this site's client there."""

    issuer: str
    client: str
    authorize: str
    token: str
    keys: str


def provider(store: Store) -> Provider:
    """Read the provider's discovery document. Raises Known where none is set, SignInRefused where it is unreachable."""
    issuer, client = (str(settings.read(store, f"access.oidc_{name}")) for name in ("issuer", "client"))
    if not issuer or not client:
        raise Known("No sign-in provider is set.", "Set access.oidc_issuer and access.oidc_client.", code=2)
    return discover(issuer, client)


def discover(issuer: str, client: str) -> Provider:
    """The provider's addresses (OpenID Connect Discovery 1.0). Only https, but for this machine itself, is believed."""
    document = _get(f"{_trusted(issuer).rstrip('/')}/.well-known/openid-configuration")
    if document.get("issuer") != issuer:
        raise refused("provider")
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    addresses = [_trusted(str(document.get(name, ""))) for name in names]
    return Provider(issuer, client, *addresses)


def sign_in(store: Store, open_browser: Callable[[str], object], *, wait_s: float = WAIT_S) -> Session:
    """Send the person to the provider and wait for the answer on a port of this machine.

    Raises SignInRefused where the provider cannot be reached, the answer cannot be trusted, nobody came back in time,
    or the account is bound to no active user.
    """
    found = provider(store)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    with socket.create_server(("127.0.0.1", 0)) as door:
        back = f"http://127.0.0.1:{door.getsockname()[1]}/"
        open_browser(_request(found, back, state, nonce, verifier))
        code = _answer(door, state, time.monotonic() + wait_s)
    token = _exchange(found, code, back, verifier)
    claims = verify(found, token, nonce)
    return _session(store, found, claims)


def verify(found: Provider, token: str, nonce: str, *, key: Any = None) -> Mapping[str, Any]:
    """The claims of an ID token. Raises SignInRefused unless signature, issuer, audience, nonce and times all hold.

    `key` stands for the provider's published one, which is fetched where it is not given.
    """
    import jwt

    try:
        signer = key if key is not None else _signing_key(found, token)
        claims: dict[str, Any] = jwt.decode(
            token, signer, algorithms=list(ALGORITHMS), audience=found.client, issuer=found.issuer, leeway=LEEWAY_S,
            options={"require": ["exp", "iat", "iss", "aud", "sub", "nonce"]},
        )  # fmt: skip
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise refused("provider") from error
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    if not secrets.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
        raise refused("provider")
    if (several or "azp" in claims) and claims.get("azp") != found.client:
        raise refused("provider")
    return claims


def within_grace(store: Store, user: str) -> bool:
    """Whether a user of the provider was proved by it lately enough to go on without it; a local account always may."""
    days = int(settings.read(store, "access.offline_days"))
    with store.read() as connection:
        local = connection.exec_driver_sql(
            "SELECT s.password_hash IS NOT NULL OR s.subject IS NULL FROM user_secret s "
            "JOIN user u ON u.id = s.user_id WHERE u.code = ?",
            (user,),
        ).scalar()
        at = connection.exec_driver_sql("SELECT value FROM meta WHERE name = ?", (_META + user,)).scalar()
    return bool(local) or (at is not None and now_ms() - int(at) <= DAY_MS * days)


def sign_in_offline(store: Store, user: str, pin: str) -> Session:
    """A session for a user of the provider by the PIN it set, while the provider cannot be reached and grace lasts.

    Raises SignInRefused; wrong tries count as at any sign-in.
    """
    from engines.access.sessions import by_pin

    code = user.strip().lower()
    if not within_grace(store, code):
        raise refused("offline")
    return by_pin(store, code, pin)


def _session(store: Store, found: Provider, claims: Mapping[str, Any]) -> Session:
    with store.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT u.id, u.code, u.active FROM user_secret s JOIN user u ON u.id = s.user_id "
            "WHERE s.issuer = ? AND s.subject = ?",
            (found.issuer, str(claims["sub"])),
        ).one_or_none()
    if row is None or not row[2]:
        with store.write("sign-in", "booking a failed sign-in") as tx:
            tx.audit("sign_in_failed", f"user/{row[1] if row else 'unknown'}", face="desktop", how="provider")
        raise refused("no_account" if row is None else "inactive")
    with store.write(str(row[1]), "signing in") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (_META + row[1], str(now_ms())),
        )
        return begin_session(tx, store, bytes(row[0]), face="desktop", how="provider")


def _request(found: Provider, back: str, state: str, nonce: str, verifier: str) -> str:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": found.client, "redirect_uri": back, "scope": "openid", "state": state,
        "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    return f"{found.authorize}{'&' if '?' in found.authorize else '?'}{urllib.parse.urlencode(asked)}"


def _answer(door: socket.socket, state: str, until: float) -> str:
    """The code that the browser brings back; other visitors of the port are sent away."""
    while (left := until - time.monotonic()) > 0:
        door.settimeout(left)
        try:
            visitor, _ = door.accept()
        except TimeoutError:
            break
        with visitor:
            visitor.settimeout(min(left, 5))
            asked = _visited(visitor)
            mine = secrets.compare_digest(asked.get("state", "").encode(), state.encode())
            _dismiss(visitor, known=mine)
        if mine and "code" in asked:
            return asked["code"]
        if mine:
            raise refused("provider")
    raise refused("ended")


def _visited(visitor: socket.socket) -> dict[str, str]:
    """The query of the request's first line; nothing else of it is read."""
    try:
        line = visitor.recv(8192).split(b"\r\n", 1)[0].decode("ascii", "replace")
    except OSError:
        return {}
    _, _, rest = line.partition(" ")
    query = urllib.parse.urlsplit(rest.rpartition(" ")[0]).query
    return dict(urllib.parse.parse_qsl(query))


def _dismiss(visitor: socket.socket, *, known: bool) -> None:
    words = "You can close this page and go back to Atrium. 您可以关闭此页面并返回 Atrium。" if known else "Not found."
    body = f"<!doctype html><meta charset=utf-8><title>Atrium</title><p>{words}</p>".encode()
    head = f"HTTP/1.1 {'200 OK' if known else '404 Not Found'}\r\nContent-Type: text/html; charset=utf-8\r\n"
    try:
        visitor.sendall(head.encode() + f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
    except OSError:
        return  # the browser went away; what it brought is known


def _exchange(found: Provider, code: str, back: str, verifier: str) -> str:
    asked = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": back, "client_id": found.client,
        "code_verifier": verifier,
    }  # fmt: skip
    answer = _get(found.token, urllib.parse.urlencode(asked).encode())
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise refused("provider")
    return token


def _signing_key(found: Provider, token: str) -> Any:
    import jwt

    wanted = jwt.get_unverified_header(token).get("kid")
    published = [k for k in jwt.PyJWKSet.from_dict(_get(found.keys)).keys if k.public_key_use in ("sig", None)]
    fitting = [k for k in published if k.key_id == wanted] if wanted is not None else published
    if len(fitting) != 1:
        raise refused("provider")
    return fitting[0].key


def _trusted(address: str) -> str:
    parts = urllib.parse.urlsplit(address)
    here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not (parts.hostname and (parts.scheme == "https" or here)):
        raise refused("provider")
    return address


def _get(address: str, form: bytes | None = None) -> dict[str, Any]:
    """A JSON object from the provider, or SignInRefused."""
    asked = urllib.request.Request(address, data=form, headers={"Accept": "application/json"})
    try:
        with urllib.request.urlopen(asked, timeout=TIMEOUT_S) as answer:
            document = json.loads(answer.read(MOST_BYTES))
    except urllib.error.HTTPError as error:
        raise refused("provider") from error
    except OSError as error:
        raise refused("offline") from error
    except ValueError as error:
        raise refused("provider") from error
    if not isinstance(document, dict):
        raise refused("provider")
    return document
