"""Passwords and PINs: Argon2id (RFC 9106) as costly as 150 to 300 ms here, and rules after NIST SP 800-63B.

Length and not being a common one are asked of a password, and no mixture of characters; a PIN only unlocks.
"""

from __future__ import annotations

import json
import re
import time
import unicodedata
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from models.errors import Known
from models.store import Store

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 128
PIN_SHORTEST, PIN_LONGEST = 4, 12
FASTEST_S, SLOWEST_S = 0.150, 0.300
_META = "argon2"

#: Words that most guessed passwords are made of; a password that is little else is refused.
COMMON = (
    "password", "passwort", "passw", "welcome", "letmein", "admin", "administrator", "login", "master", "monkey",
    "dragon", "sunshine", "princess", "football", "baseball", "iloveyou", "superman", "batman", "trustno", "shadow",
    "qwerty", "qwertz", "azerty", "asdfgh", "zxcvbn", "qazwsx", "abcdef", "abc", "secret", "changeme", "default",
    "guest", "test", "user", "root", "hello", "summer", "winter", "spring", "autumn", "january", "monday", "woaini",
    "mima", "shopping", "mall", "atrium", "manager", "analyst", "viewer", "marketing", "tenant", "hunter", "liverpool",
    "charlie", "michael", "jordan", "starwars", "whatever", "freedom", "computer", "internet", "google", "wechat",
)  # fmt: skip
_RUNS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn")


@dataclass(frozen=True)
class Cost:
    """What a hash takes: KiB of memory, passes over it, lanes."""

    memory_kib: int = 19_456
    passes: int = 2
    lanes: int = 1


#: The least that a machine may use (OWASP, Password Storage): 19 MiB, two passes.
FLOOR = Cost()


def calibrate(fastest_s: float = FASTEST_S, slowest_s: float = SLOWEST_S) -> Cost:
    """The strongest cost that this machine hashes within `slowest_s` seconds, and at least the floor.

    Memory is doubled up to 64 MiB while a hash is faster than `fastest_s`, then passes are added.
    """
    cost = FLOOR
    while (took := _seconds(cost)) < fastest_s:
        stronger = (
            Cost(min(2 * cost.memory_kib, 65_536), cost.passes, 1)
            if cost.memory_kib < 65_536
            else Cost(cost.memory_kib, cost.passes + 1, 1)
        )
        if took and _seconds(stronger) > slowest_s:
            return cost
        cost = stronger
    return cost


def cost_of(store: Store) -> Cost:
    """The cost that this store's machine uses, measured and kept at first use."""
    with store.read() as connection:
        text = connection.exec_driver_sql("SELECT value FROM meta WHERE name = ?", (_META,)).scalar()
    if text is not None:
        return _at_least_floor(Cost(**json.loads(text)))
    cost = calibrate()
    keep_cost(store, cost)
    return cost


def keep_cost(store: Store, cost: Cost) -> None:
    """Use this cost from now on; nothing below the floor is kept."""
    with store.write("system", "measuring the cost of a password") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (_META, json.dumps(asdict(_at_least_floor(cost)))),
        )


def hash_secret(secret: str, cost: Cost) -> str:
    """The Argon2id hash of a password or PIN, in PHC form with its own salt."""
    return str(_hasher(cost).hash(_normal(secret)))


def matches(hashed: str | None, secret: str, cost: Cost) -> bool:
    """Whether the secret is the hashed one. Without a hash as much time is taken, so that nobody learns who exists."""
    from argon2.exceptions import InvalidHashError, VerificationError

    if hashed is None:
        hash_secret(secret, cost)
        return False
    try:
        return bool(_hasher(cost).verify(hashed, _normal(secret)))
    except (VerificationError, InvalidHashError):
        return False


def outdated(hashed: str, cost: Cost) -> bool:
    """Whether the hash was made at another cost than the one in use, so that it should be made anew."""
    return bool(_hasher(cost).check_needs_rehash(hashed))


def check_password(password: str, *names: str) -> None:
    """Raises Known where the password is too short, too long, common, or a play on one of `names` (the user's, ...)."""
    normal = _normal(password)
    if len(normal) < SHORTEST:
        raise _weak(f"A password has at least {SHORTEST} characters.", f"密码至少 {SHORTEST} 个字符。")
    if len(normal) > LONGEST:
        raise _weak(f"A password has at most {LONGEST} characters.", f"密码最多 {LONGEST} 个字符。")
    if _guessable(normal, names):
        raise _weak("This password is among the first that anyone would try.", "这个密码很容易被猜到。")


def check_pin(pin: str) -> None:
    """Raises Known where a PIN is not 4 to 12 digits, one digit over and over, or a run."""
    if not re.fullmatch(rf"[0-9]{{{PIN_SHORTEST},{PIN_LONGEST}}}", pin):
        raise _weak(
            f"A PIN has {PIN_SHORTEST} to {PIN_LONGEST} digits.", f"PIN 为 {PIN_SHORTEST} 至 {PIN_LONGEST} 位数字。"
        )
    if len(set(pin)) < 2 or any(pin in run or pin in run[::-1] for run in (_RUNS[0] + "0",)):
        raise _weak("This PIN is too easy to guess.", "这个 PIN 太容易被猜到。")


def _guessable(password: str, names: tuple[str, ...]) -> bool:
    """Whether little is left when common words, names, runs and repetitions are taken out."""
    left = _plain(password)
    words = [word for name in names for word in re.split(r"\W+", _plain(name)) if len(word) > 2]
    for word in sorted((*COMMON, *words), key=len, reverse=True):
        left = left.replace(word, "\x00")
    left = re.sub(r"(.{1,4}?)\1{2,}", "\x00", _without_runs(left))
    left = re.sub(r"(?:19|20)\d\d", "\x00", left)
    return len(set(left) - {"\x00", " "}) < 5 or len(left.replace("\x00", "")) < 6


def _without_runs(text: str) -> str:
    for run in (*_RUNS, *(run[::-1] for run in _RUNS)):
        for length in range(len(run), 2, -1):
            for start in range(len(run) - length + 1):
                text = text.replace(run[start : start + length], "\x00")
    return text


def _plain(text: str) -> str:
    """Small letters, with the digits that stand for letters put back, as people write them."""
    return text.lower().translate(str.maketrans("@$!|", "asil")) if text.isascii() else text.lower()


def _normal(secret: str) -> str:
    """The same letters whatever keyboard wrote them (NIST SP 800-63B 5.1.1.2: NFKC)."""
    return unicodedata.normalize("NFKC", secret)


def _weak(sentence: str, zh: str) -> Known:
    return Known(
        sentence, "Take a few words that only you would put together.", code=2,
        sentence_zh=zh, step_zh="请使用几个只有您会放在一起的词。",
    )  # fmt: skip


def _at_least_floor(cost: Cost) -> Cost:
    return Cost(max(cost.memory_kib, FLOOR.memory_kib), max(cost.passes, FLOOR.passes), max(cost.lanes, 1))


def _seconds(cost: Cost) -> float:
    """The faster of two tries: what else the machine does at the moment counts for less."""
    taken = []
    for _ in range(2):
        began = time.perf_counter()
        hash_secret("measuring this machine", cost)
        taken.append(time.perf_counter() - began)
    return min(taken)


def _hasher(cost: Cost) -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes)
