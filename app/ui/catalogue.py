"""Translations without Qt: the English sentence is the key, `resources/i18n/<language>` holds the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

from app.ui.resources import RESOURCES

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


class _State:
    language: Language = "en"


def catalogue_files(language: Language) -> Iterator[Path]:
    """Every file that holds sentences of the language: `zh.json`, then `zh/*.json` by name."""
    single = RESOURCES / "i18n" / f"{language}.json"
    if single.exists():
        yield single
    yield from sorted((RESOURCES / "i18n" / language).glob("*.json"))


@cache
def sentences(language: Language) -> dict[str, str]:
    """English sentence to translated sentence, merged over all files; read once per process."""
    merged: dict[str, str] = {}
    for path in catalogue_files(language):
        merged.update(json.loads(path.read_text(encoding="utf-8")))
    return merged


def language() -> Language:
    """The language that the desktop speaks now."""
    return _State.language


def choose(chosen: Language) -> None:
    """Switches the language; the desktop goes through `app.ui.i18n.set_language`, which also tells everyone."""
    _State.language = chosen


def tr(source: str, /, **values: object) -> str:
    """The sentence in the chosen language with `{name}` filled in; an unknown sentence stays English."""
    text = source if _State.language == "en" else sentences(_State.language).get(source, source)
    return text.format(**values) if values else text


def mark(source: str) -> str:
    """Marks a sentence that is translated later, so that the catalogue test sees it; returns it unchanged."""
    return source
