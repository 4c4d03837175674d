# ruff: noqa: E501 - tables of hostile inputs read best on one line
"""Words that people and scripts could give: arguments of commands, values of settings, rules of segments."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.hostile.mutations import INJECTIONS, VALUES, deep, spoil_text, spoil_value
from benchmarks.hostile.trial import Act, Family, Leak
from engines.segments.actions import create, surroundings
from engines.segments.codec import document, from_document, from_json
from engines.segments.preview import Sizing
from engines.segments.rule import And, Not, Or
from engines.segments.templates import templates
from engines.segments.validate import faults
from models import settings
from models.errors import Known
from models.settings_catalogue import SETTINGS
from models.site import create_site
from models.store import Store, create_store

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("import", "members", "?"), ("import", "sales", "?", "--source", "?"), ("import", "members", "?", "--map", "?"),
    ("rejects", "?"), ("undo", "?"), ("batches", "--limit", "?"), ("settings", "?"), ("settings", "?", "?"),
    ("users", "add", "?", "--name", "?", "--role", "?"), ("users", "role", "?", "?"), ("users", "scope", "?", "?"),
    ("users", "revoke", "?"), ("users", "provider", "?", "?"), ("keys", "add", "?", "see"), ("keys", "add", "k", "?"),
    ("keys", "revoke", "?"), ("audit", "search", "--text", "?", "--who", "?"), ("audit", "search", "--since", "?"),
    ("audit", "export", "--to", "?"), ("segments", "show", "?"), ("segments", "make", "?", "?"), ("show", "?"), ("backup", "--to", "?"),
    ("restore", "?"), ("sync", "join", "?"), ("hooks", "add", "?"), ("update", "check", "--from", "?"), ("?",), ("?", "?"),
    ("--page", "?", "jobs"), ("--site", "?", "batches"), ("--site", "?", "init", "--name", "?"),
)  # fmt: skip


def _word(dice: random.Random) -> str:
    word = dice.choice(INJECTIONS)
    return word[:3_000] if dice.random() < 0.8 else spoil_text(word[:200], dice)


class _Words:
    """The program with a small site, and hostile words for it."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._folder, self._store = folder, store
        self._site = str(store.site.folder)

    def command(self, _number: int, dice: random.Random) -> tuple[str, Act]:
        """A command line, run as `main.py` runs it."""
        words = [_word(dice) if part == "?" else part for part in dice.choice(COMMANDS)]
        return " ".join(words)[:60].encode("ascii", "backslashreplace").decode(), lambda: self._run(words, dice)

    def _run(self, words: list[str], dice: random.Random) -> None:
        from app.cli import entry

        if "--site" in words and "init" in words:
            words = [w if w == "--site" or not w.startswith("/") else "." for w in words]
        given = [] if "--site" in words else ["--site", self._site]
        code = self._main(entry, [*given, *words, *(["--json"] if dice.random() < 0.5 else [])])
        if code and not 2 <= code <= 6:
            raise Leak(f"exit status {code}")
        if (self._folder / "pwned").exists() or Path("pwned").exists():
            raise Leak("a word was run")

    @staticmethod
    def _main(entry: Any, words: list[str]) -> int:
        try:
            return int(entry.main(words))
        except SystemExit as end:
            return int(end.code or 0)

    def setting(self, _number: int, dice: random.Random) -> tuple[str, Act]:
        """A setting's value, typed or sent."""
        setting = dice.choice(SETTINGS)
        value: Any = dice.choice(VALUES)
        if dice.random() < 0.1:
            return "unknown setting", lambda: settings.change_setting(self._store, "cli:it", _word(dice), 1)
        if dice.random() < 0.5:
            typed = _word(dice)
            return f"{setting.name} typed", lambda: self._change(setting.name, settings.parse(setting.name, typed))
        return f"{setting.name} = {value!r}"[:60].encode("ascii", "replace").decode(), lambda: self._change(
            setting.name, value
        )

    def _change(self, name: str, value: Any) -> None:
        settings.change_setting(self._store, "cli:it", name, value)
        settings.read_all(self._store)
        settings.reset_setting(self._store, "cli:it", name)

    def rule(self, number: int, dice: random.Random) -> tuple[str, Act]:
        """A segment's rule as JSON."""
        if dice.random() < 0.1:
            text = dice.choice((deep(100_000), deep(100_000, array=False), '{"node":"not","of":' * 500 + "1" + "}" * 500,
                                json.dumps({"node": "and", "of": [{"node": "everyone"}] * 2_000}), "", "\0", "nul", "1" * 10_000))  # fmt: skip
            return "rule text", lambda: self._judge(text, number)
        found = document(
            And(
                (dice.choice(templates()).rule, Or((dice.choice(templates()).rule, Not(dice.choice(templates()).rule))))
            )
        )
        for _ in range(dice.randint(0, 2)):
            found = spoil_value(found, dice)
        return "rule", lambda: self._judge(found, number)

    def _judge(self, found: Any, number: int) -> None:
        rule = from_json(found) if isinstance(found, str) else from_document(found)
        with self._store.read() as connection:
            wrong = faults(rule, surroundings(connection, ""))
        if wrong:
            raise Known(wrong[0].text)
        Sizing(self._store, rule).ask()
        if number % 10 == 0:
            create(self._store, "cli:it", f"s{number}", "fuzz", rule)


@contextmanager
def _site(folder: Path, secrets: set[str]) -> Iterator[_Words]:
    store = create_store(create_site(folder / "mall", name="Word mall"))
    secrets.add(store.key.hex())
    try:
        yield _Words(folder, store)
    finally:
        store.close()


def _entered(which: str) -> Any:
    @contextmanager
    def enter(folder: Path, secrets: set[str]) -> Iterator[Callable[[int, random.Random], tuple[str, Act]]]:
        with _site(folder, secrets) as words, _inside(folder):
            yield getattr(words, which)

    return enter


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Relative paths of hostile words land in the scratch folder."""
    import os

    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


COMMAND_LINES = Family("command lines", _entered("command"), 700)
VALUES_OF_SETTINGS = Family("settings", _entered("setting"), 700)
RULES = Family("segment rules", _entered("rule"), 700)
