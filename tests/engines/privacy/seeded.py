"""A mall whose customers have names, phones, cards and e-mails that occur nowhere else, brought in by files as a mall
would: so that every copy the program makes of them is made, and can be looked for byte by byte."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engines.driver import order, run_engine
from engines.intake.actions import import_file
from engines.people.identifiers import digest, digest_key
from engines.registry import ENGINES
from models.errors import NotEnoughData
from models.site import create_site
from models.store import Store, create_store
from models.tables import TABLES
from models.times import now_ms

SHOPS = ("Nord", "Sud")
#: Syllables that no word of the program has.
_FIRST = ("Quix", "Zwer", "Vlyn", "Jhor", "Xapt", "Wyfe", "Ghuz", "Kvol")
_LAST = ("ombrec", "tandlix", "vurdosk", "zelquin", "pratwyg", "huxmere")


@dataclass(frozen=True)
class Seeded:
    """One customer as the files tell of them."""

    card: str
    name: str
    phone: str
    email: str
    remark: str

    @property
    def needles(self) -> tuple[bytes, ...]:
        """What must be nowhere once they are erased."""
        return tuple(text.encode() for text in (self.card, self.name, self.phone, self.email, self.remark))


def customers(count: int, seed: int = 7) -> list[Seeded]:
    """So many customers, the same each time."""
    rng = random.Random(seed)
    made = []
    for n in range(count):
        name = f"{rng.choice(_FIRST)}{n:03d}{rng.choice(_LAST)} {rng.choice(_LAST)}{rng.randrange(1000):03d}"
        made.append(
            Seeded(
                f"VX{n:05d}{rng.randrange(10**4):04d}", name, f"139{rng.randrange(10**4):04d}{n:04d}",
                f"{name.split(maxsplit=1)[0].lower()}@x{n}.example", f"remark-{rng.randrange(10**8):08d}-{n}",
            )
        )  # fmt: skip
    return made


def make_site(folder: Path) -> Store:
    """An empty site in China."""
    return create_store(
        create_site(folder, name="Seeded mall", time_zone="Asia/Shanghai", currency="CNY", country="CN")
    )


def write(file: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Path:
    """A CSV file."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows(rows)
    return file


def members_file(folder: Path, people: Sequence[Seeded], *, tier: str = "gold", joined: str = "2026-01-05") -> Path:
    """Their memberships; the last row cannot be read and is refused with all it holds."""
    rows = [(p.card, p.name, p.phone, p.email, "f", 1990, tier, joined) for p in people]
    bad = [(p.card, p.name, p.phone, p.email, "f", "long ago", tier, joined) for p in people[:3]]
    return write(
        folder / f"members-{tier}.csv",
        ("card_no", "name", "phone", "email", "gender", "birth_year", "tier", "joined_day"), [*rows, *bad],
    )  # fmt: skip


def sales_file(folder: Path, people: Sequence[Seeded], name: str = "sales.csv") -> Path:
    """Two purchases each, one known by the card and one whose receipt's number holds the card."""
    rows = []
    for n, p in enumerate(people):
        rows.append((f"T{n}", "2026-03-02 12:00", SHOPS[n % 2], p.card, "100.00"))
        rows.append((f"{p.card}-{n}", "2026-03-09 15:30", SHOPS[n % 2], p.card, "25.50"))
    rows.append(("T-bad", "no day", SHOPS[0], people[0].card, "1.00"))
    return write(folder / name, ("receipt", "at", "tenant", "card", "amount"), rows)


def activities_file(folder: Path, people: Sequence[Seeded]) -> Path:
    """What they did: an app page with their e-mail in its properties, a call known by the phone, a referral."""
    rows: list[tuple[Any, ...]] = []
    for n, p in enumerate(people):
        other = people[(n + 1) % len(people)]
        rows.append((f"a{n}", "app_open", "2026-03-05 10:00", p.card, "", "", f'{{"remark": "{p.remark}"}}'))
        rows.append((f"b-{p.phone}", "call", "2026-03-06 11:00", "", p.phone, "", f'{{"mail": "{p.email}"}}'))
        rows.append((f"c{n}", "referral", "2026-03-07 09:00", p.card, "", other.card, ""))
    return write(folder / "activities.csv", ("key", "kind", "at", "card", "phone", "related", "props"), rows)


def consents_file(folder: Path, people: Sequence[Seeded]) -> Path:
    """A consent each, with a note of how it is known."""
    rows = [
        (f"k{n}", "2026-02-01 09:00", p.email, "marketing", "email", "grant", "notice-1", f"form of {p.name}")
        for n, p in enumerate(people)
    ]
    return write(
        folder / "consents.csv",
        ("key", "at", "email", "purpose", "channel", "decision", "notice", "evidence"), rows,
    )  # fmt: skip


def fill(store: Store, folder: Path, people: Sequence[Seeded], *, engines: bool = False) -> None:
    """Bring them in as a mall would, change them once, and let the engines look at them."""
    for kind, file in (
        ("members", members_file(folder, people)),
        ("sales", sales_file(folder, people)),
        ("activities", activities_file(folder, people)),
        ("consents", consents_file(folder, people)),
        ("members", members_file(folder, people, tier="silver")),
    ):
        import_file(store, "cli:it", kind, file, source="test")
    if engines:
        for engine in order(ENGINES):
            with suppress(NotEnoughData):
                run_engine(store, engine, at_ms=now_ms())


def person_of(store: Store, one: Seeded) -> bytes:
    """The person a card stands for."""
    mark = digest(digest_key(store.key), one.card)
    with store.read() as connection:
        return bytes(
            connection.exec_driver_sql(
                "SELECT o.person_id FROM identifier i JOIN identifier_owner o ON o.identifier_id = i.id "
                "WHERE i.kind = 'card' AND i.value_hmac = ?",
                (mark,),
            ).scalar_one()
        )


def money(store: Store) -> tuple[int, int]:
    """Receipts and what was paid, which no erasure changes."""
    with store.read() as connection:
        count, paid = connection.exec_driver_sql("SELECT count(*), sum(net_minor) FROM sale").one()
    return int(count), int(paid)


def one(store: Store, sql: str, *given: Any) -> Any:
    """The first cell of an answer."""
    with store.read() as connection:
        return connection.exec_driver_sql(sql, given).scalar()


def files_with(folder: Path, needles: Iterable[bytes]) -> dict[str, list[bytes]]:
    """Which files below a folder hold which of the needles as they are."""
    wanted, found = list(needles), dict[str, list[bytes]]()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        whole = path.read_bytes()
        if there := [needle for needle in wanted if needle in whole]:
            found[path.relative_to(folder).as_posix()] = there
    return found


def cells_with(store: Store, needles: Iterable[bytes]) -> dict[str, int]:
    """Rows of each table that hold one of the needles in any cell."""
    wanted = [needle.decode() for needle in needles]
    found: dict[str, int] = {}
    with store.read() as connection:
        for table in TABLES:
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"'):
                if any(isinstance(cell, str) and needle in cell for cell in row for needle in wanted):
                    found[table] = found.get(table, 0) + 1
    return found


def mart_cells_with(store: Store, needles: Iterable[bytes]) -> list[str]:
    """Tables of the mart that hold one of the needles in a text."""
    from models.mart import MART, open_mart

    wanted, found = [needle.decode() for needle in needles], []
    with open_mart(store) as connection:
        for name in MART:
            text = repr(connection.sql(f'SELECT * FROM "{name}"').fetchall())
            if any(needle in text for needle in wanted):
                found.append(name)
    return found
