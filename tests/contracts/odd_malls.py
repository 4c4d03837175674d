"""Malls as they should not be: empty, all returns, everyone alike, and one that is odd in every way at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from models.site import create_site
from models.store import Store, create_store

NOW = date(2026, 11, 20)
BATCH = b"b" * 16
#: The largest amount that an import takes, in minor units.
LARGEST = 10**15
NAMES = ("😀🎉", "王", "A", "x" * 300, 'O\'Brien "Bob"', "'; DROP TABLE person; --", '{"a": {}}', "{name}", "%s %(x)s",
         "<b>", "null", "nan", " ")  # fmt: skip
Rows = Iterable[Mapping[str, Any]]


class OddMall:
    """A store filled in bulk; people and tenants are numbers from 0. Ids count up, so that two malls can be compared."""

    def __init__(self, folder: Path, zone: str = "Asia/Shanghai", currency: str = "CNY", country: str = "CN") -> None:
        self.store = create_store(
            create_site(folder, name="{Odd} mall %s", time_zone=zone, currency=currency, country=country)
        )
        self.zone = ZoneInfo(zone)
        self._ids = (number.to_bytes(16, "big") for number in count(1))
        self.source = self.add("source", [{"code": "till", "kind": "pos"}])[0]
        self.signs: list[bytes] = []
        self.tenants: list[bytes] = []
        self._serial = 0

    def add(self, table: str, rows: Rows, key: str | None = "id") -> list[bytes]:
        """Insert rows that name the same columns; gives their ids."""
        given = [dict(row) for row in rows]
        ids = list(islice(self._ids, len(given))) if key else []
        for row, made in zip(given, ids, strict=False):
            row[str(key)] = made
        if given:
            names = ", ".join(f'"{name}"' for name in given[0])
            sql = f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(given[0]))})'
            with self.store.write("tester", "odd rows") as tx:
                tx.execute_many(sql, [tuple(row.values()) for row in given])
        return ids

    def at(self, day: date, minute: int = 720, fold: int = 0) -> int:
        """The UTC millisecond of a local minute; `fold` 1 is the second of an hour that comes twice."""
        local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=self.zone, fold=fold)
        return int(local.astimezone(UTC).timestamp() * 1000)

    def people(self, number: int, member: Callable[[int], Mapping[str, Any] | None]) -> None:
        """People with one card each; `member` gives what is known of a member, None where it is none."""
        people = self.add("person", [{"state": "active", "created_at": 0}] * number)
        cards = [f"C{i:05d}" for i in range(number)]
        self.signs = self.add(
            "identifier", [{"kind": "card", "value_hmac": c.encode().ljust(32), "value": c} for c in cards]
        )
        owned = [{"identifier_id": s, "person_id": p} for s, p in zip(self.signs, people, strict=True)]
        self.add("identifier_owner", owned, key=None)
        link = {"action": "link", "confidence": 1.0, "actor": "tester", "reason": "test", "at": 0}
        self.add("identity_link", [{**row, **link} for row in owned])
        plain = {"name": None, "gender": None, "birth_year": None, "tier": None, "home_area": None, "channel": None,
                 "joined_day": NOW.isoformat(), "state": "active"}  # fmt: skip
        joined = [(i, known) for i in range(number) if (known := member(i)) is not None]
        self.add("member", [{"person_id": people[i], "card_no": cards[i], **plain, **known} for i, known in joined])

    def shops(self, categories: Iterable[str | None], names: Iterable[str] = NAMES) -> None:
        """One tenant for each trade; None has none."""
        trades, name = list(categories), iter(names)
        known = {c: next(self._ids) for c in trades if c is not None}
        self.add("category", [{"id": i, "code": c, "name": c} for c, i in known.items()], key=None)
        made = [
            {"code": f"T{n}", "name": next(name), "category_id": known.get(c or ""), "state": "trading"}
            for n, c in enumerate(trades)
        ]
        self.tenants = self.add("tenant", made)

    def sell(self, rows: Iterable[tuple[int | None, int | None, int, int]]) -> None:
        """Receipts of (person or None, tenant or None, days before today, minor units), at noon."""
        self.sell_at(
            (who, shop, minor, NOW - timedelta(back), 720 + (back * 7 + (who or 0)) % 400, 0)
            for who, shop, back, minor in rows
        )

    def sell_at(self, rows: Iterable[tuple[int | None, int | None, int, date, int, int]]) -> None:
        """Receipts of (person, tenant, minor units, day, minute, fold)."""
        found = []
        for who, shop, minor, day, minute, fold in rows:
            self._serial += 1
            found.append({
                "source_id": self.source, "source_key": str(self._serial), "day": day.isoformat(), "minute": minute,
                "tenant_id": None if shop is None else self.tenants[shop], "at": self.at(day, minute, fold),
                "identifier_id": None if who is None else self.signs[who], "gross_minor": minor, "net_minor": minor,
                "txns": 1, "basis": "pos", "batch_id": BATCH,
            })  # fmt: skip
        self.add("sale", found)

    def act(self, rows: Iterable[tuple[str, int | None, int, Mapping[str, Any]]]) -> None:
        """Activities of (kind, person, days before today, more columns)."""
        found = []
        for kind, who, back, more in rows:
            self._serial += 1
            day = NOW - timedelta(back)
            found.append({
                "source_id": self.source, "source_key": str(self._serial), "kind": kind, "at": self.at(day, 600),
                "day": day.isoformat(), "minute": 600, "identifier_id": None if who is None else self.signs[who],
                "score": None, "campaign_id": None, "related_id": None, "tenant_id": None, "batch_id": BATCH, **more,
            })  # fmt: skip
        self.add("activity", found)


def empty(folder: Path) -> Store:
    """Nothing at all."""
    return OddMall(folder).store


def one_customer(folder: Path) -> Store:
    """One member, one shop, one receipt."""
    mall = OddMall(folder)
    mall.people(1, lambda _: {})
    mall.shops([None])
    mall.sell([(0, 0, 3, 100)])
    return mall.store


def all_returns(folder: Path) -> Store:
    """Receipts enough for every engine, but not one of them a purchase."""
    mall = OddMall(folder)
    mall.people(520, lambda _: {"joined_day": "2025-01-01"})
    mall.shops(["food", "fashion"])
    mall.sell((i % 520, i % 2, i * 7 % 600, -100 - i % 900) for i in range(3000))
    return mall.store


def all_alike(folder: Path) -> Store:
    """600 people who bought the same for the same in one shop on the same days: no feature differs."""
    mall = OddMall(folder)
    mall.people(600, lambda _: {"tier": "gold", "birth_year": 1990, "joined_day": "2025-01-01"})
    mall.shops(["food"])
    mall.sell_at((i, 0, 10_000, NOW - timedelta(back), 720, 0) for back in range(20, 620, 100) for i in range(600))
    return mall.store


def once_each(folder: Path) -> Store:
    """600 people with one purchase each, no members, receipts of strangers and of no shop among them."""
    mall = OddMall(folder)
    mall.people(600, lambda _: None)
    mall.shops(["food", "fashion", None])
    mall.sell((i, None if i % 5 == 0 else i % 3, i % 500, 100 + i * 37 % 5000) for i in range(600))
    mall.sell((None, i % 3, i % 500, 700) for i in range(300))
    return mall.store


def no_sales(folder: Path) -> Store:
    """Activities only: scores out of range, kinds nobody heard of, people without a name and none at all."""
    mall = OddMall(folder)
    mall.people(200, lambda i: {"name": NAMES[i % len(NAMES)]} if i % 2 else None)
    kinds = ("visit", "nps", "csat", "page_view", "{kind}", "odd kind", "support", "referral")
    scores = (None, 0.0, 10.0, -3.0, 1e9)
    mall.act(
        (kinds[i % 8], None if i % 9 == 0 else i % 200, i % 190,
         {"score": scores[i % 5], "related_id": mall.signs[i * 3 % 200] if i % 8 == 7 else None})
        for i in range(2400)
    )  # fmt: skip
    return mall.store


def odd_in_every_way(folder: Path, *, ahead: bool = True) -> Store:
    """700 regulars of a mall in London, and everything that can be wrong with its rows."""
    mall = OddMall(folder, "Europe/London", "GBP", "GB")
    mall.people(700, _odd_member)
    mall.shops([None, "zorp", "{}", "食品", "food", "food"])
    mall.sell((i % 700, i % 6, i * 11 % 560, 200 + i * 37 % 9000) for i in range(5600))
    mall.sell((i % 50, None, i % 300, amount) for i in range(150) for amount in (0, -500, LARGEST, -LARGEST))
    twice, gone = date(2026, 10, 25), date(2026, 3, 29)
    mall.sell_at((i, 1, 900, twice, 90, fold) for i in range(40) for fold in (0, 1))
    mall.sell_at((i, 1, 900, gone, 90, 0) for i in range(40))
    _odd_counts(mall)
    _odd_campaigns(mall)
    _odd_business(mall)
    if ahead:
        _days_to_come(mall)
    return mall.store


def _days_to_come(mall: OddMall) -> None:
    """Sales and activities of days that have not come yet."""
    days = (NOW + timedelta(1), NOW + timedelta(40), date(2099, 1, 1))
    mall.sell_at((i, i % 6, 90_000, day, 720, 0) for i in range(200) for day in days)
    mall.act(
        (kind, i, -back, {"score": 10.0, "related_id": mall.signs[i * 13 % 700] if kind == "referral" else None})
        for kind in ("visit", "nps", "page_view", "support", "referral")
        for i in range(100)
        for back in (1, 40)
    )


def _odd_member(i: int) -> dict[str, Any] | None:
    if i % 10 == 9:
        return None
    joined = ("1970-01-01", "2099-01-01", "2025-03-01", "2026-11-20")[i % 4 if i % 40 < 4 else 2]
    return {
        "name": NAMES[i % len(NAMES)], "tier": (None, "gold", "{tier}")[i % 3], "joined_day": joined,
        "gender": (None, "female", "male", "❓")[i % 4], "birth_year": (None, 1880, 2090, 1990)[i % 4],
        "home_area": NAMES[i % 5], "channel": None if i % 2 else "%d",
    }  # fmt: skip


def _odd_counts(mall: OddMall) -> None:
    gate = mall.add("gate", [{"code": "G", "name": "{gate}", "perimeter": 1, "active": 1}])[0]
    made = []
    for day in (NOW - timedelta(back) for back in range(1, 60)):
        start = mall.at(day, 0)
        for quarter in range(100):  # a day of 25 hours has as many, all the others four fewer
            at = start + quarter * 900_000
            local = datetime.fromtimestamp(at / 1000, mall.zone)
            if local.date() == day:
                made.append({
                    "gate_id": gate, "bucket_start": at, "direction": "in", "source_id": mall.source, "revision": 0,
                    "day": day.isoformat(), "minute": local.hour * 60 + local.minute, "n": 0 if day.day % 7 else 9,
                    "staff_n": 0, "seconds_observed": 900, "frames_dropped": 0,
                })  # fmt: skip
    mall.add("count_bucket", made, key=None)


def _odd_campaigns(mall: OddMall) -> None:
    """Campaigns without a touch, without a holdout, with nobody but held out, over before they began."""
    days = (("2026-09-01", "2026-09-10"), ("2026-09-10", "2026-09-01"), ("2027-01-01", "2027-02-01"))
    made = mall.add("campaign", [
        {"code": f"K{n}", "name": NAMES[n], "channel": ("email", "{channel}", "sms")[n % 3], "from_day": days[n % 3][0],
         "to_day": days[n % 3][1], "budget_minor": (None, 0, -5, LARGEST)[n % 4], "holdout_share": (None, 0.0, 1.0)[n % 3]}
        for n in range(6)
    ])  # fmt: skip
    mall.act(("campaign_sent", i, 80, {"campaign_id": made[0]}) for i in range(300))
    mall.act(("campaign_clicked", i, 79, {"campaign_id": made[0]}) for i in range(0, 300, 3))
    mall.act(("campaign_holdout", i, 80, {"campaign_id": made[2]}) for i in range(300))
    mall.act(("campaign_sent", i, 80, {"campaign_id": made[3]}) for i in range(300))
    mall.act(("campaign_holdout", 699, 80, {"campaign_id": made[3]}) for _ in range(3))
    mall.act(("nps", i, i % 200, {"score": (-1.0, 11.0, 1e9, None)[i % 4]}) for i in range(300))
    mall.act(("referral", i, 300, {"related_id": mall.signs[(i + 1) % 150]}) for i in range(150))  # a ring


def _odd_business(mall: OddMall) -> None:
    """Talks closed before they opened, and happenings of a day, on top of each other, ahead, longer than the books."""
    spans = (("2026-09-01", "2026-09-01"), ("2026-08-25", "2026-09-10"), ("2027-01-01", "2027-01-10"),
             ("2019-01-01", "2026-11-01"), ("2026-09-10", "2026-09-01"), ("2019-01-01", "2019-01-07"),
             ("2026-11-20", "2026-11-20"))  # fmt: skip
    mall.add("occasion", [
        {"code": f"O{n}", "name": NAMES[n], "kind": ("festival", "{kind}")[n % 2], "scope": ("mall", "zone", "tenant")[n % 3], "scope_code": "nowhere",
         "from_day": first, "to_day": last, "cost_minor": (None, 0, -5, LARGEST)[n % 4],
         "baseline": ("weeks", "year", "model", "{none}")[n % 4], "baseline_weeks": n % 5}
        for n, (first, last) in enumerate(spans)
    ])  # fmt: skip
    firms = mall.add("prospect", [
        {"code": f"P{n}", "name": NAMES[n % len(NAMES)], "outlets": (None, 0, -1)[n % 3], "created_day": "2026-05-01"}
        for n in range(60)
    ])  # fmt: skip
    mall.add("deal", [
        {"code": f"D{n}", "prospect_id": firms[n % 60], "pipeline": ("leasing", "{p}", "media")[n % 3],
         "stage": ("enquiry", "signed", "{s}")[n % 3], "state": ("open", "won", "lost", "?")[n % 4],
         "value_minor": (None, 0, -1, LARGEST)[n % 4], "opened_day": "2026-06-01",
         "closed_day": (None, "2026-05-01", "2030-01-01")[n % 3]}
        for n in range(120)
    ])  # fmt: skip
    mall.add("money_line", [
        {"source_id": mall.source, "source_key": f"m{n}", "day": f"2026-{n % 10 + 1:02d}-01",
         "side": ("income", "cost")[n % 2], "head": ("media", "campaign", "{head}")[n % 3],
         "amount_minor": (0, -5, LARGEST, 100)[n % 4], "batch_id": BATCH}
        for n in range(40)
    ])  # fmt: skip


MALLS: dict[str, Callable[[Path], Store]] = {
    made.__name__: made for made in (empty, one_customer, all_returns, all_alike, once_each, no_sales, odd_in_every_way)
}
