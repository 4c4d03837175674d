"""Keys and passwords become short-lived tokens."""

from __future__ import annotations

import threading

from fastapi import APIRouter, Request, Response

from app.gateway.callers import Gateway, Here, client_of, count_failure, refuse_guesser, verified_key
from app.gateway.forms import KeyIn, LoginIn, SessionIn, TokenOut
from app.gateway.problems import Problem
from engines.access.api_keys import DEFAULT_RATE, TOKEN_MINUTES, Caller, issue_token
from engines.access.sessions import Session, SignInRefused, current, sign_in, sign_out

router = APIRouter(prefix="/v1/auth", tags=["auth"])
#: Checking a password takes 64 MiB for a fifth of a second: two at a time, so that guessers cannot take it all.
_CHECKING = threading.BoundedSemaphore(2)
WAIT_SECONDS = 5.0


@router.post("/token", summary="A token for an API key")
def token(request: Request, here: Here, body: KeyIn) -> TokenOut:
    """It stands for the key for a quarter of an hour; ask again before it ends."""
    address = client_of(request)
    refuse_guesser(here, address)
    found = verified_key(here, body.key)
    if found is None:
        count_failure(here, address)
        raise Problem(401, "This key is not valid.", "Ask for another at the page Users and roles.")
    request.scope["state"]["actor"] = found.actor
    wait = here.buckets.take(f"tokens {found.actor}", 60, burst=20)
    if wait:
        raise Problem(429, "This key asks for tokens too often.", "A token is good for 15 minutes.", retry_after=wait)
    return _token(here, found)


@router.post("/login", summary="A token for a user's name and password")
def login(request: Request, here: Here, body: LoginIn) -> TokenOut:
    """Wrong ones count towards the account's lock-out, as at the desktop."""
    address = client_of(request)
    refuse_guesser(here, address)
    if not _CHECKING.acquire(timeout=WAIT_SECONDS):
        raise Problem(503, "Too many sign-ins at once.", "Try again in a moment.", retry_after=5)
    try:
        session = sign_in(here.store, body.user, body.password, face="gateway", host=address)
    except SignInRefused:
        count_failure(here, address)
        raise
    finally:
        _CHECKING.release()
    return _of_session(request, here, session)


@router.post("/refresh", summary="The next token of a signed-in user")
def refresh(request: Request, here: Here, body: SessionIn) -> TokenOut:
    """With the rights that the user has now."""
    return _of_session(request, here, _session(request, here, body))


@router.post("/logout", summary="Sign out: the session's tokens open nothing any more", status_code=204)
def logout(request: Request, here: Here, body: SessionIn) -> Response:
    """The session ends at once."""
    sign_out(here.store, _session(request, here, body))
    return Response(status_code=204)


def _session(request: Request, here: Gateway, body: SessionIn) -> Session:
    address = client_of(request)
    refuse_guesser(here, address)
    session = current(here.store, body.session)
    if session is None:
        count_failure(here, address)
        raise Problem(401, "This session has ended.", "Sign in again.", headers={"WWW-Authenticate": "Bearer"})
    return session


def _of_session(request: Request, here: Gateway, session: Session) -> TokenOut:
    request.scope["state"]["actor"] = session.user
    if session.must_change:
        raise Problem(403, "The password must be changed first.", "Sign in at the desktop and choose one.")
    caller = Caller(session.user, session.standing.rights, DEFAULT_RATE, session.id)
    return _token(here, caller, session.token)


def _token(here: Gateway, caller: Caller, session: str | None = None) -> TokenOut:
    return TokenOut(
        token=issue_token(here.store, caller), expires_in=60 * TOKEN_MINUTES, rights=sorted(caller.rights),
        session=session,
    )  # fmt: skip
