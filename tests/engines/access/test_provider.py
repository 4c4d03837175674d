"""Signing in through a real OpenID provider on loopback, what is refused of it, and days without it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from engines.access import oidc, passwords
from engines.access.actions import bind_provider, set_active
from engines.access.own import set_pin_after_provider
from engines.access.refusals import SignInRefused
from models.errors import Known
from models.settings import change_setting
from models.store import Store
from tests.engines.access.issuer import CLIENT, STRANGER, SUBJECT, Issuer
from tests.engines.access.people_in import make_site


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    yield made
    made.close()


@pytest.fixture
def site(tmp_path: Path, issuer: Issuer) -> Iterator[Store]:
    store = make_site(tmp_path / "site")
    change_setting(store, "administrator", "access.oidc_issuer", issuer.issuer)
    change_setting(store, "administrator", "access.oidc_client", CLIENT)
    bind_provider(store, "administrator", "manager", issuer.issuer, SUBJECT)
    yield store
    store.close()


def test_the_whole_flow_signs_the_bound_user_in(site: Store, issuer: Issuer) -> None:
    session = oidc.sign_in(site, issuer.browse, wait_s=10)
    assert session.user == "manager" and session.has("see_sales")


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "https://other.example"}, {"aud": "another-client"}, {"nonce": "stale"}, {"sub": None},
        {"exp": 1_500_000_000}, {"iat": 4_000_000_000}, {"exp": None}, {"nonce": None},
        {"aud": [CLIENT, "other"]}, {"azp": "other"}, {"nbf": 4_000_000_000},
    ],
)  # fmt: skip
def test_a_token_with_one_lie_is_refused(site: Store, issuer: Issuer, lie: dict[str, Any]) -> None:
    issuer.claims = lie
    with pytest.raises(SignInRefused, match="cannot be trusted"):
        oidc.sign_in(site, issuer.browse, wait_s=10)


def test_a_strangers_signature_no_signature_and_a_symmetric_one_are_refused(site: Store, issuer: Issuer) -> None:
    found = oidc.provider(site)
    good = issuer.token("n")
    assert oidc.verify(found, good, "n")["sub"] == SUBJECT
    issuer.key = STRANGER
    at = int(time.time())
    claims = {"iss": issuer.issuer, "aud": CLIENT, "sub": SUBJECT, "iat": at, "exp": at + 60, "nonce": "n"}
    unsigned = jwt.encode(claims, None, algorithm="none", headers={"kid": "k1"})
    symmetric = jwt.encode(claims, "k" * 64, algorithm="HS256", headers={"kid": "k1"})
    head, body, signature = good.split(".")
    for bad in (issuer.token("n"), unsigned, symmetric, f"{head}.{body}.{signature[:-4]}AAAA", f"{head}.{body}.", "x"):
        with pytest.raises(SignInRefused):
            oidc.verify(found, bad, "n")


def test_a_little_wrong_clock_is_forgiven(site: Store, issuer: Issuer) -> None:
    at = int(time.time())
    assert oidc.verify(oidc.provider(site), issuer.token("n", exp=at - 30, iat=at - 400), "n")


def test_an_account_that_is_bound_to_nobody_or_to_someone_switched_off_is_refused(site: Store, issuer: Issuer) -> None:
    set_active(site, "administrator", "manager", active=False)
    with pytest.raises(SignInRefused, match="switched off"):
        oidc.sign_in(site, issuer.browse, wait_s=10)
    issuer.claims = {"sub": "somebody else"}
    with pytest.raises(SignInRefused, match="does not"):
        oidc.sign_in(site, issuer.browse, wait_s=10)


def test_one_account_of_the_provider_is_one_user(site: Store, issuer: Issuer) -> None:
    with pytest.raises(Known, match="Another user"):
        bind_provider(site, "administrator", "analyst", issuer.issuer, SUBJECT)


def test_without_the_provider_the_pin_helps_for_some_days(
    site: Store, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = oidc.sign_in(site, issuer.browse, wait_s=10)
    with pytest.raises(Known, match="6 digits"):
        set_pin_after_provider(site, session, "7301")
    set_pin_after_provider(site, session, "730264")
    with pytest.raises(SignInRefused):
        oidc.sign_in_offline(site, "manager", "730265")
    assert oidc.sign_in_offline(site, "manager", "730264").user == "manager"
    later = oidc.now_ms() + 8 * oidc.DAY_MS
    monkeypatch.setattr(oidc, "now_ms", lambda: later)
    with pytest.raises(SignInRefused, match="cannot be reached"):
        oidc.sign_in_offline(site, "manager", "730264")
    assert oidc.within_grace(site, "administrator")  # a local account always


def test_a_provider_that_is_away_or_not_https_is_told_plainly(tmp_path: Path) -> None:
    gone = Issuer()
    gone.close()
    with pytest.raises(SignInRefused, match="cannot be reached"):
        oidc.discover(gone.issuer, CLIENT)
    for bad in ("http://login.example", "file:///etc/passwd", "", "https://"):
        with pytest.raises(SignInRefused, match="cannot be trusted"):
            oidc.discover(bad, CLIENT)
    assert passwords.FLOOR.memory_kib == 19_456


def test_nobody_comes_back_in_time(site: Store) -> None:
    with pytest.raises(SignInRefused, match="ended"):
        oidc.sign_in(site, lambda address: None, wait_s=0.2)
