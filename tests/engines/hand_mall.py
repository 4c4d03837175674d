"""A mall put together by hand, so that a test can say what every figure must be."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.ids import new_id
from models.site import create_site
from models.store import Store, create_store
from models.times import day_bounds


@dataclass
class HandMall:
    """Adds rows by codes; days are ISO text in the site's zone, minutes local."""

    store: Store
    ids: dict[tuple[str, str], bytes] = field(default_factory=dict)
    serial: int = 0

    @classmethod
    def make(cls, folder: Path, time_zone: str = "Asia/Shanghai", **site: Any) -> HandMall:
        """An empty mall."""
        return cls(create_store(create_site(folder, name="Hand mall", time_zone=time_zone, **site)))

    def at(self, day: str, minute: int = 0) -> int:
        """The UTC millisecond of a local minute."""
        return day_bounds(day, self.store.site.zone)[0] + minute * 60_000

    def put(self, table: str, **values: Any) -> None:
        """Insert one row."""
        names = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join("?" * len(values))
        with self.store.write("tester", "a row") as tx:
            tx.execute_many(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', [tuple(values.values())])

    def ref(self, table: str, code: str, **values: Any) -> bytes:
        """The id of a reference row, made on first use."""
        if (table, code) not in self.ids:
            self.ids[table, code] = new_id()
            self.put(table, id=self.ids[table, code], code=code, **values)
        return self.ids[table, code]

    def gate(self, code: str, *, perimeter: int = 1, active: int = 1, **values: Any) -> bytes:
        """A gate."""
        return self.ref("gate", code, name=code, perimeter=perimeter, active=active, **values)

    def count(self, gate: str, day: str, minute: int, entries: int, exits: int = 0, **more: Any) -> None:
        """One quarter hour of a gate, both ways."""
        source = self.ref("source", more.pop("source", "counter"), kind="camera")
        for direction, n in (("in", entries), ("out", exits)):
            self.put(
                "count_bucket", gate_id=self.gate(gate), bucket_start=self.at(day, minute), direction=direction,
                source_id=source, revision=more.get("revision", 0), day=day, minute=minute, n=n,
                staff_n=more.get("staff", 0) if direction == "in" else 0,
                seconds_observed=more.get("seconds", 900), frames_dropped=0,
            )  # fmt: skip

    def open_day(self, day: str, opens: int = 600, closes: int = 660, closed: int = 0) -> None:
        """A day of the calendar with its opening hours in minutes."""
        self.put("calendar_day", day=day, opens_minute=opens, closes_minute=closes, closed=closed)

    def person(self, name: str, *, joined: str | None = None) -> bytes:
        """A person with one identifier; a member where `joined` is given."""
        if ("identifier", name) not in self.ids:
            person, sign = new_id(), new_id()
            self.ids["person", name], self.ids["identifier", name] = person, sign
            self.put("person", id=person, state="active", created_at=0)
            self.put("identifier", id=sign, kind="card", value_hmac=sign, value=name)
            self.put("identifier_owner", identifier_id=sign, person_id=person)
            self.put("identity_link", id=new_id(), identifier_id=sign, person_id=person, action="link",
                     confidence=1.0, actor="tester", reason="test", at=0)  # fmt: skip
            if joined:
                self.put("member", id=new_id(), person_id=person, card_no=name, joined_day=joined, state="active",
                         tier="gold", channel="app")  # fmt: skip
        return self.ids["identifier", name]

    def sale(self, day: str, net: int, *, tenant: str | None = None, who: str | None = None, minute: int = 700,
             gross: int | None = None, txns: int = 1) -> bytes:  # fmt: skip
        """One receipt."""
        self.serial += 1
        made = new_id()
        self.put(
            "sale", id=made, source_id=self.ref("source", "till", kind="pos"), source_key=str(self.serial),
            tenant_id=self.ids.get(("tenant", tenant)) if tenant else None,
            identifier_id=self.person(who) if who else None, at=self.at(day, max(minute, 0)), day=day, minute=minute,
            gross_minor=net if gross is None else gross, net_minor=net, txns=txns, basis="pos", batch_id=b"b" * 16,
        )  # fmt: skip
        return made

    def let(
        self, tenant: str, unit: str, first: str, last: str, *, gla: float = 100.0, base: int = 0, **lease: Any
    ) -> None:
        """A tenant in a unit of floor L1, of category food."""
        floor = self.ref("floor", "L1", name="L1", level=0)
        category = self.ref("category", lease.pop("category", "food"), name="x")
        code = f"{tenant}-{unit}-{first}"
        unit_id = self.ref("unit", unit, floor_id=floor, gla_m2=gla)
        tenant_id = self.ref("tenant", tenant, name=tenant.title(), category_id=category, state="trading")
        self.ref("lease", code, unit_id=unit_id, tenant_id=tenant_id, from_day=first, to_day=last,
                 base_rent_minor=base, service_charge_minor=0, levy_minor=0, **lease)  # fmt: skip

    def act(
        self, kind: str, day: str, *, who: str | None = None, score: float | None = None, campaign: str | None = None
    ) -> None:
        """One activity at noon."""
        self.serial += 1
        self.put(
            "activity", id=new_id(), source_id=self.ref("source", "crm", kind="crm"), source_key=str(self.serial),
            identifier_id=self.person(who) if who else None, kind=kind, at=self.at(day, 720), day=day, minute=720,
            campaign_id=self.ids.get(("campaign", campaign)) if campaign else None, score=score, batch_id=b"b" * 16,
        )  # fmt: skip


def local(text: str, mall: HandMall) -> int:
    """UTC milliseconds of a local date and time."""
    given = datetime.fromisoformat(text).replace(tzinfo=mall.store.site.zone)
    return int(given.astimezone(UTC).timestamp() * 1000)
