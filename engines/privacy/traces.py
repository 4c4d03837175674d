"""Recognising a person in copies: rows of the log, refused rows, messages, where ids and signs stand in a text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from engines.people.identifiers import clean_identifier, digest
from engines.privacy.subject import Subject

_ID = re.compile(r"[0-9A-Fa-f]{32}")
_FORMS = ("card", "phone", "email")
#: A shorter sign or Latin name stands in any text by chance; it must be a whole value.
SHORTEST = 5
SHORTEST_NAME = 4


@dataclass(frozen=True)
class Traces:
    """What tells that a text speaks of somebody: their ids, the digests of their signs, plain signs and names."""

    ids: frozenset[str]
    digests: frozenset[bytes]
    whole: frozenset[str]
    parts: tuple[str, ...]
    key: bytes
    country: str

    @classmethod
    def of(cls, subjects: Iterable[Subject], key: bytes, country: str, more: Iterable[bytes] = ()) -> Traces:
        """The traces of these people; `more` are digests of signs whose owner is not known here any more."""
        people = list(subjects)
        ids = {i.hex() for s in people for kind in ("person", "identifier", "member") for i in s.ids(kind)}
        signs = [sign for s in people for sign in s.signs if not sign.lent]
        names = {name.strip() for s in people for name in s.names if name.strip()}
        values = {sign.value for sign in signs if sign.value}
        parts = {v for v in values if len(v) >= SHORTEST} | {n for n in names if _telling(n)}
        digests = {sign.digest for sign in signs} | set(more)
        whole = frozenset(text.casefold() for text in values | names)
        return cls(frozenset(ids), frozenset(digests), whole, tuple(sorted(parts)), key, country)

    def speaks(self, text: str | None) -> bool:
        """Whether a text of the program's own (JSON, a message) names one of them."""
        if not text:
            return False
        if any(part in text for part in self.parts):
            return True
        if any(found.lower() in self.ids for found in _ID.findall(text)):
            return True
        return any(value.casefold() in self.whole for value in _strings(text))

    def sent(self, text: str | None) -> bool:
        """Whether a row as a sender wrote it names one of them: signs are cleaned and compared by their digests."""
        if not text:
            return False
        return any(self._is_sign(value) or value.strip().casefold() in self.whole for value in _strings(text))

    def _is_sign(self, value: str) -> bool:
        forms = {clean_identifier(kind, value, self.country) for kind in _FORMS}
        return any(digest(self.key, form) in self.digests for form in forms if form)


def _telling(name: str) -> bool:
    return len(name) >= (2 if any("\u4e00" <= letter <= "\u9fff" for letter in name) else SHORTEST_NAME)


def _strings(text: str) -> Iterator[str]:
    """The texts and numbers in a JSON document; the text itself where it is none."""
    try:
        yield from _leaves(json.loads(text))
    except ValueError:
        yield text


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for part in value.values():
            yield from _leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from _leaves(part)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield str(value)
