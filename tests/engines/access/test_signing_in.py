"""Signing in, lock-out, unlocking, sessions, and what an administrator may do to users."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.access import lockout, passwords, sessions, threats
from engines.access.actions import add_user, change_user, end_session, reset_password, set_active, set_scopes
from engines.access.own import change_own_password, set_own_pin
from engines.access.queries import must_sign_in, offers_sign_in, sign_ins, users, who_can
from engines.access.refusals import SignInRefused
from engines.access.roles import add_role, remove_role, set_role_rights
from engines.alerts.queries import alerts
from models.errors import Denied, Known
from models.rights import require, standing
from models.store import Store
from tests.engines.access.people_in import PASSWORD, entries, give_password, make_site

OTHER = "seven quiet lanterns"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Store]:
    store = make_site(tmp_path / "site")
    yield store
    store.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """A clock that stands still until it is moved."""
    now = [1_800_000_000_000]
    for module in (sessions, lockout, threats):
        monkeypatch.setattr(module, "now_ms", lambda: now[0])
    monkeypatch.setattr("engines.access.refusals.now_ms", lambda: now[0])
    monkeypatch.setattr("models.audit.now_ms", lambda: now[0])
    monkeypatch.setattr("engines.access.queries.now_ms", lambda: now[0])
    yield now


def test_the_first_password_is_an_administrators_and_closes_the_site(tmp_path: Path) -> None:
    store = make_site(tmp_path / "site", closed=False)
    try:
        with pytest.raises(Known, match="administrator's"):
            reset_password(store, "ops", "viewer", OTHER)
        assert not must_sign_in(store)
        reset_password(store, "ops", "administrator", OTHER)
        assert must_sign_in(store) and offers_sign_in(store)
        with pytest.raises(Denied):
            add_user(store, "ops", "eve", "Eve", "administrator")
    finally:
        store.close()


def test_a_right_password_opens_a_session_and_a_wrong_one_tells_nothing(site: Store) -> None:
    session = sessions.sign_in(site, " Administrator ", PASSWORD)
    assert session.user == "administrator" and session.has("users")
    assert PASSWORD not in repr(session) and session.token not in repr(session)
    told = set()
    for user, password in (("administrator", "x" * 12), ("nobody", "x" * 12), ("viewer", PASSWORD)):
        with pytest.raises(SignInRefused) as refusal:
            sessions.sign_in(site, user, password)
        told.add((refusal.value.sentence, refusal.value.sentence_zh))
    assert len(told) == 1
    failed = entries(site, "sign_in_failed")
    assert [row[1] for row in failed] == ["user/administrator", "user/unknown", "user/viewer"]
    assert "x" * 12 not in str(failed)


def test_five_wrong_tries_lock_and_each_time_for_longer(site: Store, clock: list[int]) -> None:
    give_password(site, "analyst")
    for _ in range(4):
        with pytest.raises(SignInRefused, match="not right"):
            sessions.sign_in(site, "analyst", "wrong")
    with pytest.raises(SignInRefused, match="locked") as refusal:
        sessions.sign_in(site, "analyst", "wrong")
    assert refusal.value.minutes == 15
    with pytest.raises(SignInRefused, match="locked"):
        sessions.sign_in(site, "analyst", PASSWORD)  # the right one does not help now
    clock[0] += 15 * 60_000 + 1
    for _ in range(4):
        with pytest.raises(SignInRefused, match="not right"):
            sessions.sign_in(site, "analyst", "wrong")
    with pytest.raises(SignInRefused) as refusal:
        sessions.sign_in(site, "analyst", "wrong")
    assert refusal.value.minutes == 30
    (alert,) = [a for a in alerts(site) if a.kind == "access_lockout"]
    assert alert.facts["n"] == 10
    clock[0] += 30 * 60_000 + 1
    assert sessions.sign_in(site, "analyst", PASSWORD).user == "analyst"
    assert next(u for u in users(site) if u.code == "analyst").failed == 0


@given(st.integers(min_value=-3, max_value=10_000))
def test_a_lock_out_only_grows_and_ends_within_a_day(failed: int) -> None:
    found = lockout.lock_for(failed)
    assert (found > 0) is (failed > 0 and failed % 5 == 0)
    assert found <= lockout.LONGEST_MS
    assert not found or lockout.lock_for(failed + 5) >= found


def test_tries_at_the_same_time_are_no_more_than_tries_one_after_the_other(site: Store) -> None:
    give_password(site, "analyst")
    seen: list[str] = []

    def guess() -> None:
        try:
            sessions.sign_in(site, "analyst", "a wrong guess")
        except SignInRefused as error:
            seen.append(error.reason)

    crowd = [threading.Thread(target=guess) for _ in range(12)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    assert len(seen) == 12
    assert len(entries(site, "sign_in_failed")) == 5
    assert seen.count("locked") == 8  # the fifth says so, and the seven after it


def test_guessing_over_many_names_makes_everybody_wait(site: Store, clock: list[int]) -> None:
    for n in range(threats.SPRAY):
        with pytest.raises(SignInRefused, match="not right"):
            sessions.sign_in(site, f"user{n}", "password of the day")
    with pytest.raises(SignInRefused, match="failed sign-ins"):
        sessions.sign_in(site, "administrator", PASSWORD)
    assert [a.kind for a in alerts(site)] == ["access_spray"]
    clock[0] += threats.SPRAY_WAIT_MS + 1
    assert sessions.sign_in(site, "administrator", PASSWORD)


def test_a_session_ends_by_hand_by_others_and_by_itself(site: Store, clock: list[int]) -> None:
    first = sessions.sign_in(site, "administrator", PASSWORD)
    assert sessions.current(site, first.token) is not None
    sessions.sign_out(site, first)
    assert sessions.current(site, first.token) is None
    second = sessions.sign_in(site, "administrator", PASSWORD)
    end_session(site, "administrator", second.id)
    assert sessions.current(site, second.token) is None
    with pytest.raises(SignInRefused, match="ended"):
        sessions.unlock(site, second, PASSWORD)
    third = sessions.sign_in(site, "administrator", PASSWORD)
    clock[0] += sessions.LONGEST_MS + 1
    assert sessions.current(site, third.token) is None
    assert {line.action for line in sign_ins(site)} >= {"sign_in", "sign_out", "revoke"}


def test_a_pin_unlocks_and_does_not_sign_in(site: Store) -> None:
    session = sessions.sign_in(site, "administrator", PASSWORD)
    with pytest.raises(Known, match="too easy"):
        set_own_pin(site, "administrator", PASSWORD, "1234")
    set_own_pin(site, "administrator", PASSWORD, "7302")
    sessions.lock(site, session, idle=True)
    with pytest.raises(SignInRefused):
        sessions.unlock(site, session, "7303")
    sessions.unlock(site, session, "7302")
    sessions.unlock(site, session, PASSWORD)
    with pytest.raises(SignInRefused, match="not right"):
        sessions.sign_in(site, "administrator", "7302")


def test_a_given_password_is_changed_before_anything_else(site: Store) -> None:
    reset_password(site, "administrator", "manager", OTHER)
    session = sessions.sign_in(site, "manager", OTHER)
    assert session.must_change and not session.has("see")
    with pytest.raises(Denied):
        require(site, "manager", "see", "test")
    for bad in ("short", "manager manager", OTHER, "password2026!"):
        with pytest.raises(Known):
            change_own_password(site, "manager", OTHER, bad)
    change_own_password(site, "manager", OTHER, "brisk walnut ferry")
    found = sessions.sign_in(site, "manager", "brisk walnut ferry")
    assert not found.must_change and found.has("see")


def test_the_last_administrator_stays(site: Store) -> None:
    for act in (
        lambda: set_active(site, "administrator", "administrator", active=False),
        lambda: change_user(site, "administrator", "administrator", role="viewer"),
    ):
        with pytest.raises(Known, match="last administrator"):
            act()
    add_user(site, "administrator", "second", "Second", "administrator")
    reset_password(site, "administrator", "second", OTHER, must_change=False)
    set_active(site, "second", "administrator", active=False)
    with pytest.raises(Known, match="last administrator"):
        set_active(site, "second", "second", active=False)


def test_nobody_gives_or_takes_over_more_than_they_have(site: Store) -> None:
    with pytest.raises(Denied, match="do not have yourself"):
        add_user(site, "it", "twin", "Twin", "administrator")
    with pytest.raises(Denied, match="do not have yourself"):
        reset_password(site, "it", "administrator", OTHER)
    with pytest.raises(Denied, match="do not have yourself"):
        set_role_rights(site, "it", "it", ["users", "see_members"])
    with pytest.raises(Denied, match="do not have yourself"):
        change_user(site, "it", "it", role="administrator")
    add_user(site, "it", "helper", "Helper", "it")


def test_a_role_is_changed_and_holds_at_once(site: Store) -> None:
    with site.read() as connection:
        assert not standing(connection, "viewer").has("see_money")
    set_role_rights(site, "administrator", "viewer", ["see", "see_money"])
    with site.read() as connection:
        found = standing(connection, "viewer")
    assert found.has("see_money") and not found.has("see_sales")
    add_role(site, "administrator", "guard", "Guards", ["live"])
    with pytest.raises(Known, match="in use"):
        remove_role(site, "administrator", "viewer")
    remove_role(site, "administrator", "guard")
    with pytest.raises(Known, match="every right"):
        set_role_rights(site, "administrator", "administrator", ["see"])


def test_scopes_narrow_and_must_exist(site: Store) -> None:
    set_scopes(site, "administrator", "counter", [("purpose", "service")])
    with site.read() as connection:
        found = standing(connection, "counter")
    assert found.within(("purpose", "service")) and not found.within(("purpose", "marketing"))
    assert found.within(("floor", "L1"))
    for scope in (("floor", "L9"), ("planet", "mars"), ("purpose", "fun")):
        with pytest.raises(Known):
            set_scopes(site, "administrator", "counter", [scope])


def test_a_user_switched_off_is_out_at_once(site: Store) -> None:
    give_password(site, "analyst")
    session = sessions.sign_in(site, "analyst", PASSWORD)
    set_active(site, "administrator", "analyst", active=False)
    assert sessions.current(site, session.token) is None
    with pytest.raises(Denied):
        require(site, "analyst", "see", "test")
    with pytest.raises(SignInRefused, match="switched off"):
        sessions.sign_in(site, "analyst", PASSWORD)


def test_minutes_to_the_lock_follow_the_role(site: Store) -> None:
    assert (sessions.lock_minutes(site, "counter"), sessions.lock_minutes(site, "manager")) == (2, 5)
    assert "Administrator" in who_can(site, "users")


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("correct horse battery", True), ("我的密码是蓝色大象和雨伞啊", True), ("elevenchars", False),
        ("password1234", False), ("Passw0rd2026!!", False), ("aaaaaaaaaaaaaa", False), ("qwertyuiop123", False),
        ("123456789012", False), ("anna.meyer.anna", False), ("abcabcabcabc", False), ("x" * 129, False),
    ],
)  # fmt: skip
def test_passwords_are_long_and_not_what_anyone_would_try(password: str, good: bool) -> None:
    if good:
        passwords.check_password(password, "ameyer", "Anna Meyer")
        return
    with pytest.raises(Known) as refusal:
        passwords.check_password(password, "ameyer", "Anna Meyer")
    assert refusal.value.sentence_zh != refusal.value.sentence


@given(st.text(max_size=60))
def test_any_text_is_taken_or_refused_in_words(text: str) -> None:
    for check in (passwords.check_password, passwords.check_pin):
        try:
            check(text)
        except Known as error:
            assert error.sentence


def test_hashes_are_argon2id_at_the_floor_or_above_and_made_anew_when_the_cost_grows(site: Store) -> None:
    hashed = passwords.hash_secret(PASSWORD, passwords.FLOOR)
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches(hashed, PASSWORD, passwords.FLOOR)
    assert not passwords.matches(hashed, PASSWORD + " ", passwords.FLOOR)
    assert not passwords.matches("no hash", PASSWORD, passwords.FLOOR)
    passwords.keep_cost(site, passwords.Cost(1024, 1, 1))
    assert passwords.cost_of(site) == passwords.FLOOR
    dearer = passwords.Cost(19_456, 3, 1)
    passwords.keep_cost(site, dearer)
    sessions.sign_in(site, "administrator", PASSWORD)
    with site.read() as connection:
        kept = connection.exec_driver_sql("SELECT password_hash FROM user_secret").scalar()
    assert "t=3" in str(kept) and not passwords.outdated(str(kept), dearer)


def test_the_machine_is_measured_between_floor_and_ceiling() -> None:
    assert passwords.calibrate(fastest_s=0.0) == passwords.FLOOR
    found = passwords.calibrate(fastest_s=10.0, slowest_s=0.0)
    assert found == passwords.FLOOR  # a machine too slow for more keeps the floor
