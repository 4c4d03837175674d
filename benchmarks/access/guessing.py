"""Guessing passwords at the sign-in, and where it is stopped: `python -m benchmarks.access.guessing`.

One account tried by 1, 4 and 16 threads at once, a round each simulated half minute for two hours, and 200 names with
one guess each. Counted is how many guesses were really compared with the hash, against two ways that must fail: no
lock-out at all, and one that counts a failure only after it has compared (so that tries at the same time slip through).
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from engines.access import lockout, passwords, refusals, sessions, threats
from engines.access.actions import add_user, reset_password
from engines.access.refusals import SignInRefused
from models import audit
from models.site import create_site
from models.store import Store, create_store

SECRET = "violet tram harbour"
HOURS_MS = 2 * 3_600_000
GUESSES = 400
PAUSE_MS = 30_000
MODULES = (lockout, refusals, sessions, threats, audit)


class Clock:
    """Simulated time: each round of tries takes half a minute."""

    def __init__(self) -> None:
        self.at = 1_800_000_000_000

    def now(self) -> int:
        """UTC milliseconds."""
        return self.at


def attack(store: Store, clock: Clock, threads: int) -> tuple[int, bool]:
    """Guesses that were compared (each is in the audit log), and whether the password fell, in two simulated hours."""
    fell: list[str] = []

    def guess(word: str) -> None:
        try:
            sessions.sign_in(store, "target", word)
        except SignInRefused:
            return
        fell.append(word)

    words = iter([*(f"guess number {n} of many" for n in range(GUESSES))])
    end = clock.at + HOURS_MS
    while clock.at < end and not fell:
        crowd = [threading.Thread(target=guess, args=(next(words, "at the end"),)) for _ in range(threads)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
        clock.at += PAUSE_MS
    with store.read() as connection:
        compared = connection.exec_driver_sql("SELECT count(*) FROM audit_entry WHERE action = 'sign_in_failed'")
        return int(compared.scalar_one()), bool(fell)


def naive(store: Store, threads: int, *, late: bool) -> int:
    """Guesses compared where nothing locks, or where a failure is counted after it has been compared."""
    with store.read() as connection:
        hashed = str(connection.exec_driver_sql("SELECT max(password_hash) FROM user_secret").scalar())
    failed, compared, gate = 0, 0, threading.Barrier(threads)
    guard = threading.Lock()

    def guess() -> None:
        nonlocal failed, compared
        open_door = not late or failed < lockout.TRIES
        gate.wait()
        if open_door:
            passwords.matches(hashed, "a guess", passwords.FLOOR)
            with guard:
                failed, compared = failed + 1, compared + 1

    rounds = 20
    for _ in range(rounds):
        crowd = [threading.Thread(target=guess) for _ in range(threads)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
    return compared


def spray(store: Store, clock: Clock) -> int:
    """One guess for each of 200 names at once: how many were compared before the site made everybody wait."""
    clock.at += 24 * 3_600_000
    compared = 0
    for n in range(200):
        try:
            sessions.sign_in(store, f"name{n}", "a guess for all")
        except SignInRefused as error:
            compared += error.reason == "wrong"
    return compared


def main() -> int:
    """Exit status 1 where more guesses than the bar got through, or a naive way held."""
    say: Callable[[str], object] = sys.stdout.write
    clock = Clock()
    for module in MODULES:
        module.now_ms = clock.now  # type: ignore[attr-defined]
    good = True
    with tempfile.TemporaryDirectory() as place:
        os.environ["ATRIUM_KEYS"] = str(Path(place) / "keys")
        for threads in (1, 4, 16):
            store = _site(Path(place) / f"site{threads}")
            began = time.process_time()
            compared, fell = attack(store, clock, threads)
            bar = lockout.TRIES * 4  # 5 at once, and 5 after 15, 45 and 105 minutes
            good &= compared <= bar and not fell
            say(f"{threads:>2} at once: {compared:>3} guesses compared in two hours (bar {bar}), ")
            say(f"{time.process_time() - began:.1f} s of processor time\n")
            store.close()
        store = _site(Path(place) / "naive")
        none, late = naive(store, 8, late=False), naive(store, 8, late=True)
        say(f"without a lock-out: {none} of 160; counted too late: {late} (5 would be right)\n")
        sprayed = spray(store, clock)
        say(f"200 names, one guess each: {sprayed} compared (bar {threats.SPRAY})\n")
        store.close()
        good &= none == 160 and late > lockout.TRIES and sprayed <= threats.SPRAY
    return 0 if good else 1


def _site(folder: Path) -> Store:
    store = create_store(create_site(folder, name="Guessed mall"))
    passwords.keep_cost(store, passwords.FLOOR)
    add_user(store, "cli:bench", "target", "Target", "administrator")
    reset_password(store, "cli:bench", "target", SECRET, must_change=False)
    return store


if __name__ == "__main__":
    sys.exit(main())
