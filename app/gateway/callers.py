"""Who calls: an API key or a token, what it may do, and how often."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from app.gateway.config import GatewayConfig, is_loopback
from app.gateway.limits import Buckets
from app.gateway.metrics import Metrics
from app.gateway.problems import Problem
from app.gateway.writer import Writer
from engines.access.api_keys import Caller, note_uses, verify_key, verify_token
from engines.access.queries import standing_of
from models.errors import Denied
from models.rights import API, require
from models.store import Store
from models.times import now_ms

if TYPE_CHECKING:
    from app.gateway.live import LiveFeed

#: Wrong keys, tokens and passwords that an address may send in a minute before it waits.
FAILURES_A_MINUTE = 10
#: A refusal of the same right to the same caller is audited once in so many seconds.
AUDIT_EVERY = 60
BEARER = HTTPBearer(auto_error=False, scheme_name="token", description="A token of /v1/auth/token or /v1/auth/login.")
API_KEY = APIKeyHeader(
    name="X-API-Key", auto_error=False, scheme_name="key", description="An API key, for devices that keep no token."
)
#: What the document says of an address that answers without a key too.
OPTIONAL: dict[str, Any] = {"security": [{}]}
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]
Key = Annotated[str | None, Security(API_KEY)]


class KeyUses:
    """Which keys were used since they were last noted: a thousand keys must not make a thousand commits."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._at: dict[str, int] = {}

    def note(self, actor: str) -> None:
        """A key has been used now."""
        with self._guard:
            self._at[actor.removeprefix(API)] = now_ms()

    def write(self, store: Store) -> None:
        """Keep what was noted."""
        with self._guard:
            found, self._at = self._at, {}
        if found:
            note_uses(store, found)


@dataclass
class Gateway:
    """What every route works with."""

    store: Store
    config: GatewayConfig
    writer: Writer
    live: LiveFeed
    metrics: Metrics = field(default_factory=Metrics)
    buckets: Buckets = field(default_factory=Buckets)
    uses: KeyUses = field(default_factory=KeyUses)


def gateway_of(request: Request) -> Gateway:
    """The gateway that answers the request."""
    found: Gateway = request.app.state.gateway
    return found


Here = Annotated[Gateway, Depends(gateway_of)]


def caller(request: Request, here: Here, bearer: Bearer, key: Key) -> Caller:
    """Who calls. Raises Problem: 401 for no valid key or token, 429 for too many calls."""
    address = client_of(request)
    refuse_guesser(here, address)
    strange = bearer is None and "authorization" in request.headers  # some other scheme, or none that can be read
    found = None if strange else _verified(here, bearer, key)
    if found is None:
        count_failure(here, address)
        raise Problem(
            401, step="Send a token of /v1/auth/token as Authorization: Bearer, or a key as X-API-Key.",
            headers={"WWW-Authenticate": "Bearer"},
        )  # fmt: skip
    request.scope["state"]["actor"] = found.actor
    wait = here.buckets.take(found.actor, found.rate_per_minute, burst=max(20.0, found.rate_per_minute / 4))
    if wait:
        raise Problem(429, "This key calls too often.", f"It has {found.rate_per_minute} calls a minute.",
                      retry_after=wait)  # fmt: skip
    return found


def maybe_caller(request: Request, here: Here, bearer: Bearer, key: Key) -> Caller | None:
    """Who calls, None for a call without key and token."""
    asked = bearer or key or "authorization" in request.headers
    return caller(request, here, bearer, key) if asked else None


AnyCaller = Annotated[Caller, Depends(caller)]
MaybeCaller = Annotated[Caller | None, Depends(maybe_caller)]


class Need:
    """A dependency: the caller, where it has the right for the whole site."""

    def __init__(self, right: str) -> None:
        self._right = right

    def __call__(self, here: Here, found: AnyCaller) -> Caller:
        """The caller. Raises Denied, audited; a user whose scope is a floor or a shop sees those on the desktop."""
        allow(here, found, self._right)
        return found


def allow(here: Gateway, found: Caller, right: str, *, tenant: str | None = None) -> None:
    """Raise Denied where the caller lacks the right, here or for the shop that is asked about."""
    if not found.has(right):
        if here.buckets.take(f"refusal {found.actor} {right}", 60 / AUDIT_EVERY, burst=1):
            raise Denied(f"{found.actor} may not do this.", f"It needs the right '{right}'.")
        require(here.store, found.actor, right, f"gateway/{right}")
    if found.session is None:
        return
    standing = standing_of(here.store, found.actor)
    narrow = {"floor", "tenant", "site"} & standing.scopes.keys()
    if narrow and not (narrow == {"tenant"} and tenant is not None and standing.within(("tenant", tenant))):
        raise Denied("Your rights hold for a part of the mall.", "See it on the desktop, or ask an administrator.")


def refuse_guesser(here: Gateway, address: str) -> None:
    """Raise Problem while the address has sent too many wrong keys, tokens or passwords."""
    wait = here.buckets.wait(f"failures {address}", FAILURES_A_MINUTE)
    if wait:
        here.metrics.refused.labels("guessing").inc()
        raise Problem(429, "Too many wrong keys or passwords from this address.", "Wait, then use a valid one.",
                      retry_after=wait)  # fmt: skip


def count_failure(here: Gateway, address: str) -> None:
    """Note that the address has sent something wrong."""
    here.buckets.take(f"failures {address}", FAILURES_A_MINUTE)


def client_of(request: Request) -> str:
    """The address that calls."""
    return request.client.host if request.client else "-"


def from_here(request: Request) -> bool:
    """Whether the call comes from this machine itself and not through a proxy on it."""
    return is_loopback(client_of(request)) and "x-forwarded-for" not in request.headers


def verified_key(here: Gateway, text: str) -> Caller | None:
    """Who the key belongs to; its use is noted with the next round."""
    found = verify_key(here.store, text, mark=False)
    if found is not None:
        here.uses.note(found.actor)
    return found


def _verified(here: Gateway, bearer: HTTPAuthorizationCredentials | None, key: str | None) -> Caller | None:
    if bearer is None:
        return verified_key(here, key) if key else None
    if bearer.credentials.startswith("atr_"):
        return verified_key(here, bearer.credentials)
    try:
        return verify_token(here.store, bearer.credentials)
    except Denied:
        return None
