"""Finding the names, telephone numbers and addresses that a site's store holds in a text that must not hold them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from models.addresses import login_of
from models.store import Store
from models.tables import METADATA

MASK = "<person>"
_LONGEST = 5  # words of a name
_SHORTEST = 4  # letters of a single word that is looked for
_WORD = re.compile(r"[^\W_]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")


class PersonalWords:
    """The personal values of a store, to be masked wherever they stand as words of their own."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = {key for value in values if len(key := _key(value)) >= _SHORTEST or _CHINESE.search(key)}
        self._values = {key for key in self._values if len(key) > 1}

    @classmethod
    def of(cls, store: Store) -> PersonalWords:
        """Every value of a column that is marked `direct` in the tables, users' names, and cameras' logins."""
        found: set[str] = set()
        with store.read() as connection:
            for table in METADATA.sorted_tables:
                for column in table.columns:
                    if column.info.get("direct") or (table.name, column.name) in _USERS:
                        rows = connection.exec_driver_sql(f'SELECT DISTINCT "{column.name}" FROM "{table.name}"')  # noqa: S608 - names are the tables' own
                        found.update(str(value) for (value,) in rows if value is not None and len(str(value)) < 80)
            addresses = connection.exec_driver_sql("SELECT address FROM camera_secret").scalars()
        return cls(found.union(*(login_of(str(address)) for address in addresses)))

    def mask(self, text: str) -> str:
        """The text with every personal value in it replaced."""
        hits = {candidate for candidate in _candidates(text) if candidate in self._values}
        for hit in sorted(hits, key=len, reverse=True):
            parts = [re.escape(word) for word in hit.split(" ")]
            if _CHINESE.fullmatch(hit):
                text = text.replace(hit, MASK)
            else:
                text = re.sub(r"(?<![^\W_])" + r"[\W_]+".join(parts) + r"(?![^\W_])", MASK, text, flags=re.IGNORECASE)
        return text


_USERS = {("user", "name"), ("user", "code")}


def _key(value: str) -> str:
    return " ".join(_WORD.findall(value.casefold()))


def _candidates(text: str) -> Iterator[str]:
    """Every run of up to five words, and every run of two to four Chinese characters."""
    words = _WORD.findall(text.casefold())
    for n in range(len(words)):
        yield from (" ".join(words[n : n + length]) for length in range(1, _LONGEST + 1))
    for run in _CHINESE.findall(text):
        for size in (2, 3, 4):
            yield from (run[n : n + size] for n in range(len(run) - size + 1))
