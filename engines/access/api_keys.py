"""Keys of the gateway and the short-lived tokens made from them: only keyed digests of keys are kept.

A key's scopes are rights of the catalogue (`rules.API_RIGHTS`), so that one policy holds for people and programs.
Tokens are JWT (RFC 7519) under HMAC-SHA256 with a key derived from the site's.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from engines.access.guard import guarded
from engines.access.rules import API_RIGHTS
from models import keys
from models.errors import Busy, Denied, Known
from models.ids import new_id
from models.rights import API, Standing, standing
from models.store import Store
from models.times import now_ms

AUDIENCE = "atrium-gateway"
TOKEN_MINUTES = 15
LEEWAY_S = 30
DEFAULT_RATE = 600
#: A key that is in use is marked so at most this often, so that reading costs no write.
MARK_MS = 60_000
_FORM = re.compile(r"atr_[0-9a-f]{8}_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Caller:
    """Who calls the gateway: the actor of its acts, the rights it has, and how many calls a minute it may make.

    `session` is the session of a signed-in user, None for a key.
    """

    actor: str
    rights: frozenset[str]
    rate_per_minute: int
    session: bytes | None = None

    def has(self, right: str) -> bool:
        """Whether the right is among them."""
        return Standing(self.actor, self.rights).has(right)


@dataclass(frozen=True)
class ApiKeyRow:
    """A key as a list shows it; `state` is valid, expired or revoked. Instants are UTC milliseconds."""

    name: str
    prefix: str
    rights: tuple[str, ...]
    rate_per_minute: int
    created_at: int
    created_by: str
    expires_at: int | None
    used_at: int | None
    revoked_at: int | None

    @property
    def state(self) -> str:
        """Valid, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now_ms() else "valid"


@guarded
def create_key(
    store: Store, actor: str, name: str, rights: Iterable[str], *, rate_per_minute: int = DEFAULT_RATE,
    expires_at: int | None = None,
) -> str:  # fmt: skip
    """Make a key and return it: it is shown this once. Raises Known for a bad name, right, rate or expiry."""
    wanted = tuple(dict.fromkeys(rights))
    _check(name, wanted, rate_per_minute, expires_at)
    prefix = secrets.token_hex(4)
    text = f"atr_{prefix}_{secrets.token_urlsafe(32)}"
    with store.write(actor, "making an API key") as tx:
        if tx.connection.exec_driver_sql("SELECT 1 FROM api_key WHERE name = ?", (name,)).one_or_none():
            raise Known(f"There is an API key '{name}' already.", "Choose another name.", code=2)
        tx.connection.exec_driver_sql(
            "INSERT INTO api_key (id, name, prefix, key_hmac, scopes, rate_per_minute, created_at, created_by, "
            "expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (new_id(), name, prefix, _digest(store, text), json.dumps(wanted), rate_per_minute, now_ms(), actor,
             expires_at),
        )  # fmt: skip
        tx.audit("create", f"api_key/{name}", rights=list(wanted), rate=rate_per_minute, expires_at=expires_at)
        tx.touch("api_key")
    return text


@guarded
def revoke_key(store: Store, actor: str, name: str) -> None:
    """Let the key and every token made from it open nothing from now on. Raises Known for an unknown name."""
    with store.write(actor, "revoking an API key") as tx:
        done = tx.connection.exec_driver_sql(
            "UPDATE api_key SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL", (now_ms(), name)
        ).rowcount
        if not done:
            raise Known(f"There is no valid API key '{name}'.", "Run: python main.py keys list", code=2)
        tx.audit("revoke", f"api_key/{name}")
        tx.touch("api_key")


def verify_key(store: Store, text: str, *, mark: bool = True) -> Caller | None:
    """Who the key belongs to; None where it is unknown, revoked or expired. Compared by its keyed digest only.

    With `mark` its use is noted here, at most once a minute; else whoever asks does so with `note_uses`.
    """
    if not _FORM.fullmatch(text):
        return None
    with store.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT name, scopes, rate_per_minute, used_at, key_hmac FROM api_key WHERE key_hmac = ? "
            "AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)",
            (_digest(store, text), now_ms()),
        ).one_or_none()
    if row is None or not hmac.compare_digest(bytes(row[4]), _digest(store, text)):
        return None
    if mark and (row[3] is None or now_ms() - row[3] > MARK_MS):
        note_uses(store, {row[0]: now_ms()})
    return Caller(f"{API}{row[0]}", frozenset(json.loads(row[1])), int(row[2]))


def note_uses(store: Store, uses: Mapping[str, int]) -> None:
    """Note when keys were last used (name to UTC milliseconds), all in one transaction.

    A store that is being written is no reason to refuse a key: its next use marks it.
    """
    with suppress(Busy), store.write("gateway", "noting the use of API keys") as tx:
        tx.execute_many("UPDATE api_key SET used_at = ? WHERE name = ?", [(at, name) for name, at in uses.items()])


def api_keys(store: Store) -> list[ApiKeyRow]:
    """Every key there is or was, the newest first; never the keys themselves."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT name, prefix, scopes, rate_per_minute, created_at, created_by, expires_at, used_at, revoked_at "
            "FROM api_key ORDER BY created_at DESC, name"
        ).fetchall()
    return [ApiKeyRow(r[0], r[1], tuple(json.loads(r[2])), *r[3:]) for r in rows]


def issue_token(store: Store, caller: Caller, *, minutes: int = TOKEN_MINUTES) -> str:
    """A token that stands for the caller for some minutes; a caller asks for the next one with its key or session."""
    import jwt

    at = now_ms() // 1000
    claims = {
        "sub": caller.actor, "aud": AUDIENCE, "iss": store.site.id, "iat": at, "exp": at + 60 * minutes,
        "jti": secrets.token_hex(8), "sid": caller.session.hex() if caller.session else None,
    }  # fmt: skip
    return jwt.encode(claims, keys.derive(store.key, AUDIENCE), algorithm="HS256")


def verify_token(store: Store, text: str) -> Caller:
    """Who the token stands for, with the rights that this actor has **now**.

    Raises Denied where it is not ours, over, or its key or session was revoked since.
    """
    import jwt

    try:
        claims = jwt.decode(
            text, keys.derive(store.key, AUDIENCE), algorithms=["HS256"], audience=AUDIENCE, issuer=store.site.id,
            leeway=LEEWAY_S, options={"require": ["exp", "iat", "sub", "aud", "iss"], "verify_sub": True},
        )  # fmt: skip
        session = bytes.fromhex(claims["sid"]) if claims.get("sid") else None
    except (jwt.InvalidTokenError, ValueError, TypeError) as error:
        raise Denied("This token is not valid.", "Ask for a new one with the API key.") from error
    with store.read() as connection:
        found = standing(connection, str(claims["sub"]))
        ended = (
            session is not None
            and not connection.exec_driver_sql(
                "SELECT 1 FROM user_session WHERE id = ? AND ended_at IS NULL", (session,)
            ).one_or_none()
        )
        rate = connection.exec_driver_sql(
            "SELECT rate_per_minute FROM api_key WHERE name = ?", (found.actor.removeprefix(API),)
        ).scalar()
    if not found.known or not found.rights or ended or (session is None and not found.actor.startswith(API)):
        raise Denied("This token was revoked.", "Sign in again, or use another API key.")
    return Caller(found.actor, found.rights, int(rate or DEFAULT_RATE), session)


def _digest(store: Store, text: str) -> bytes:
    return hmac.new(keys.derive(store.key, "api-key"), text.encode(), hashlib.sha256).digest()


def _check(name: str, rights: tuple[str, ...], rate: int, expires_at: int | None) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,59}", name):
        raise Known("A key's name has small letters, digits, dots and dashes.", "As in till-export.", code=2)
    strange = [right for right in rights if right not in API_RIGHTS]
    if strange or not rights:
        raise Known(
            f"No right for a key: {', '.join(strange) or 'none given'}.", f"Rights: {', '.join(API_RIGHTS)}.", code=2
        )
    if not 1 <= rate <= 100_000:
        raise Known("Calls a minute: 1 to 100000.", "Choose a rate.", code=2)
    if expires_at is not None and expires_at <= now_ms():
        raise Known("This key would be over before it begins.", "Choose a later end.", code=2)
