"""A plain reading of the algebra in Python over rows, and random histories and rules to hold the engine against it."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from engines.segments import rule as r
from models.ids import new_id
from models.site import create_site
from models.store import Store, create_store
from models.times import business_day, day_bounds

TIERS = ("silver", "gold", None)
KINDS = ("visit", "campaign_clicked")
CATEGORIES = {"kids": None, "food": None, "toys": "kids"}
SHOPS = {"s1": "kids", "s2": "food", "s3": "toys", "s4": None}
FIRST = date(2026, 3, 1)
LAST = date(2026, 4, 10)
NOW = "2026-04-02"
"""Between FIRST and LAST, so that some facts lie in the future; 29 March 2026 has 23 hours in Berlin."""


@dataclass
class World:
    """Rows as the oracle sees them; `store` holds the same."""

    store: Store
    persons: list[bytes] = field(default_factory=list)
    gone: set[bytes] = field(default_factory=set)
    owner: dict[bytes, bytes] = field(default_factory=dict)
    members: list[dict[str, Any]] = field(default_factory=list)
    rfm: dict[bytes, dict[str, Any]] = field(default_factory=dict)
    churn: dict[bytes, float] = field(default_factory=dict)
    stage: dict[bytes, str] = field(default_factory=dict)
    facts: list[dict[str, Any]] = field(default_factory=list)
    consents: list[dict[str, Any]] = field(default_factory=list)
    kept: dict[str, set[bytes]] = field(default_factory=dict)
    serial: int = 0

    @classmethod
    def make(cls, folder: Path, zone: str = "Europe/Berlin") -> World:
        """A store with shops and no people."""
        world = cls(create_store(create_site(folder, name="Oracle", time_zone=zone, currency="EUR", country="DE")))
        with world.store.write("tester", "shops") as tx:
            world.source, world.batch = new_id(), b"b" * 16
            put(tx, "source", id=world.source, code="till", kind="pos")
            ids = {code: new_id() for code in CATEGORIES}
            for code, parent in CATEGORIES.items():
                put(tx, "category", id=ids[code], code=code, name=code, parent_code=parent)
            world.shops = {code: new_id() for code in SHOPS}
            for code, category in SHOPS.items():
                put(tx, "tenant", id=world.shops[code], code=code, name=code, state="trading",
                    category_id=ids.get(category) if category else None)  # fmt: skip
            world.campaign = new_id()
            put(tx, "campaign", id=world.campaign, code="c1", name="c1", channel="sms", from_day="2026-01-01",
                to_day="2026-12-31")  # fmt: skip
        return world

    def person(self, pick: random.Random) -> bytes:
        """A new person with one or two signs, perhaps members."""
        person = new_id()
        self.persons.append(person)
        with self.store.write("tester", "a person") as tx:
            put(tx, "person", id=person, state="active", created_at=0)
            for _ in range(pick.choice((1, 1, 2))):
                self.sign(tx, person)
            for _ in range(pick.choice((0, 1, 1, 2))):
                self.member(tx, person, pick)
            if pick.random() < 0.6:
                row = {"recency_days": pick.randrange(200), "monetary_minor": pick.randrange(-500, 9000),
                       "segment": pick.choice(("lost", "new"))}  # fmt: skip
                self.rfm[person] = row
                put(tx, "rfm_score", person_id=person, frequency=1, r=1, f=1, m=1, first_day="2026-01-01",
                    last_day="2026-01-01", **row)  # fmt: skip
                tx.touch("rfm_score")
            if pick.random() < 0.7:
                self.churn[person], self.stage[person] = pick.choice((0.1, 0.7, 0.9)), pick.choice(("aware", "regular"))
                put(tx, "person_churn", person_id=person, p=self.churn[person], band="low", reasons="[]", recency_days=1,
                    horizon=90, version=1, as_of="2026-01-01")  # fmt: skip
                put(
                    tx,
                    "person_stage",
                    person_id=person,
                    stage=self.stage[person],
                    since_day="2026-01-01",
                    cause="visit",
                )
        return person

    def sign(self, tx: Any, person: bytes) -> bytes:
        sign = new_id()
        self.owner[sign] = person
        put(tx, "identifier", id=sign, kind="card", value_hmac=sign, value="x")
        put(tx, "identifier_owner", identifier_id=sign, person_id=person)
        put(tx, "identity_link", id=new_id(), identifier_id=sign, person_id=person, action="link", confidence=1.0,
            actor="t", reason="t", at=0)  # fmt: skip
        return sign

    def member(self, tx: Any, person: bytes, pick: random.Random) -> None:
        """One membership."""
        row = {"tier": pick.choice(TIERS), "birth_year": pick.choice((None, 1960, 2000)),
               "joined_day": random_day(pick).isoformat()}  # fmt: skip
        self.members.append({"person": person, **row})
        self.serial += 1
        put(tx, "member", id=new_id(), person_id=person, card_no=str(self.serial), state="active", **row)

    def act(self, pick: random.Random, person: bytes, at: int | None = None) -> None:
        """One thing done, at a random minute or at the instant given."""
        sign = pick.choice([s for s, p in self.owner.items() if p == person])
        if at is None:
            at = day_bounds(random_day(pick).isoformat(), self.store.site.zone)[0] + pick.randrange(23 * 60) * 60_000
        day, minute = business_day(at, self.store.site.zone)
        shop = pick.choice((*SHOPS, None))
        self.serial += 1
        row: dict[str, Any] = {"id": new_id(), "source_id": self.source, "source_key": str(self.serial), "at": at,
                               "identifier_id": sign, "day": day, "minute": minute, "batch_id": self.batch,
                               "tenant_id": self.shops[shop] if shop else None}  # fmt: skip
        fact = {"sign": sign, "at": at, "day": day, "shop": shop, "kind": "", "net": 0, "score": None, "amount": None,
                "zone": None, "campaign": None}  # fmt: skip
        with self.store.write("tester", "a fact") as tx:
            if pick.random() < 0.5:
                fact |= {"kind": "sale", "net": pick.choice((0, 100, 2500, 2500, -2500))}
                put(tx, "sale", **row, gross_minor=fact["net"], net_minor=fact["net"], txns=1, basis="pos")
            else:
                campaign = pick.choice((None, "c1"))
                fact |= {"kind": pick.choice(KINDS), "score": pick.choice((None, 3.0, 9.5)), "campaign": campaign,
                         "zone": pick.choice((None, "z1")), "amount": pick.choice((None, 500))}  # fmt: skip
                put(tx, "activity", **row, kind=fact["kind"], score=fact["score"], zone_code=fact["zone"],
                    amount_minor=fact["amount"], campaign_id=self.campaign if campaign else None)  # fmt: skip
        self.facts.append(fact)

    def decide(self, pick: random.Random, person: bytes) -> None:
        """One decision on consent."""
        sign = pick.choice([s for s, p in self.owner.items() if p == person])
        at = day_bounds(random_day(pick).isoformat(), self.store.site.zone)[0] + pick.randrange(1000)
        self.serial += 1
        row: dict[str, Any] = {"identifier_id": sign, "purpose": "marketing", "channel": pick.choice(("sms", "any", "email")),
               "decision": pick.choice(("grant", "grant", "withdraw")), "at": at,
               "expires_at": pick.choice((None, None, at + 5 * 86_400_000))}  # fmt: skip
        with self.store.write("tester", "a decision") as tx:
            number = new_id()
            put(tx, "consent_decision", id=number, source_id=self.source, source_key=str(self.serial), actor="t", **row)
        self.consents.append({"id": number, **row})

    def merge(self, kept: bytes, absorbed: bytes) -> None:
        """All signs and cards of one person become another's; the person is merged."""
        with self.store.write("tester", "a merge") as tx:
            for sign, person in list(self.owner.items()):
                if person == absorbed:
                    self.owner[sign] = kept
                    tx.connection.exec_driver_sql(
                        "UPDATE identifier_owner SET person_id = ? WHERE identifier_id = ?", (kept, sign)
                    )
                    put(tx, "identity_link", id=new_id(), identifier_id=sign, person_id=kept, action="merge",
                        confidence=1.0, actor="t", reason="t", at=1)  # fmt: skip
            tx.connection.exec_driver_sql("UPDATE person SET state = 'merged' WHERE id = ?", (absorbed,))
        self.gone.add(absorbed)

    def active(self) -> list[bytes]:
        """Everyone who may belong to anything."""
        return [p for p in self.persons if p not in self.gone]

    def instant(self, day: str, minute: int = 15 * 60) -> int:
        """The UTC millisecond of a minute after the day's start."""
        return day_bounds(day, self.store.site.zone)[0] + minute * 60_000

    # ---- the algebra, read plainly

    def members_of(self, rule: r.Rule, at: int) -> set[bytes]:
        """Everyone whom the rule is true of at the instant."""
        return {person for person in self.active() if self.true(rule, person, at)}

    def true(self, rule: r.Rule, person: bytes, at: int) -> bool:
        if isinstance(rule, r.And):
            return all(self.true(child, person, at) for child in rule.of)
        if isinstance(rule, r.Or):
            return any(self.true(child, person, at) for child in rule.of)
        if isinstance(rule, r.Not):
            return not self.true(rule.of, person, at)
        return bool(getattr(self, "_" + type(rule).__name__.lower())(rule, person, at))

    def _everyone(self, _rule: r.Everyone, _person: bytes, _at: int) -> bool:
        return True

    def _trait(self, rule: r.Trait, person: bytes, at: int) -> bool:
        today = business_day(at, self.store.site.zone)[0]
        rows = [m for m in self.members if m["person"] == person]
        if rule.field in ("recency_days", "spent", "rfm_segment"):
            rows = [self.rfm[person]] if person in self.rfm else []
        column = {"spent": "monetary_minor", "rfm_segment": "segment"}.get(rule.field, rule.field)
        if rule.field == "age":
            values = [None if m["birth_year"] is None else int(today[:4]) - m["birth_year"] for m in rows]
        else:
            values = [row[column] for row in rows]
        known = [value for value in values if value is not None]
        if rule.op == "unknown":
            return not known
        return any(_compare(rule.op, value, rule.value, today) for value in known)

    def _done(self, kind: str, window: r.Window, where: r.Filters, person: bytes, at: int) -> list[dict[str, Any]]:
        today = date.fromisoformat(business_day(at, self.store.site.zone)[0])
        found = []
        for fact in self.facts:
            day = date.fromisoformat(fact["day"])
            if self.owner[fact["sign"]] != person or fact["at"] > at:
                continue
            if kind == "purchase" and (fact["kind"] != "sale" or fact["net"] < 0):
                continue
            if kind == "money" and fact["kind"] != "sale":
                continue
            if kind not in ("purchase", "money") and fact["kind"] != kind:
                continue
            if window.days is not None and (today - day).days >= window.days:
                continue
            if (window.first and fact["day"] < window.first) or (window.last and fact["day"] > window.last):
                continue
            if _passes(fact, where):
                found.append(fact)
        return found

    def _performed(self, rule: r.Performed, person: bytes, at: int) -> bool:
        count = len(self._done(rule.kind, rule.window, rule.where, person, at))
        return {"at_least": count >= rule.count, "at_most": count <= rule.count, "exactly": count == rule.count}[
            rule.op
        ]

    def _notperformed(self, rule: r.NotPerformed, person: bytes, at: int) -> bool:
        return not self._done(rule.kind, rule.window, rule.where, person, at)

    def _lastperformed(self, rule: r.LastPerformed, person: bytes, at: int) -> bool:
        days = [fact["day"] for fact in self._done(rule.kind, r.Window(), rule.where, person, at)]
        if not days:
            return False
        today = date.fromisoformat(business_day(at, self.store.site.zone)[0])
        recent = (today - date.fromisoformat(max(days))).days < rule.days
        return recent == (rule.when == "within")

    def _spend(self, rule: r.Spend, person: bytes, at: int) -> bool:
        spent = sum(fact["net"] for fact in self._done("money", rule.window, rule.where, person, at))
        return spent >= rule.minor if rule.op == "at_least" else spent <= rule.minor

    def _consent(self, rule: r.Consent, person: bytes, at: int) -> bool:
        newest: dict[bytes, dict[str, Any]] = {}
        for row in sorted(self.consents, key=lambda c: (c["at"], c["id"])):
            about = row["purpose"] == rule.purpose and row["channel"] in (rule.channel, "any") and row["at"] <= at
            if about and self.owner[row["identifier_id"]] == person:
                newest[row["identifier_id"]] = row
        return bool(newest) and all(
            c["decision"] == "grant" and (c["expires_at"] is None or c["expires_at"] > at) for c in newest.values()
        )

    def _includes(self, rule: r.Includes, person: bytes, _at: int) -> bool:
        return person in self.kept.get(rule.segment, set())

    def _score(self, rule: r.Score, person: bytes, at: int) -> bool:
        return person in self.churn and _compare(rule.op, self.churn[person], rule.value, "")

    def _lifecycle(self, rule: r.Lifecycle, person: bytes, _at: int) -> bool:
        return self.stage.get(person) in rule.stages

    def _bucket(self, rule: r.Bucket, person: bytes, _at: int) -> bool:
        number = int.from_bytes(hashlib.sha256(person + rule.salt.encode()).digest()[:8], "big") % 10_000
        return number < round(rule.percent * 100)


def put(tx: Any, table: str, **values: Any) -> None:
    """Insert one row."""
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    tx.execute_many(f"INSERT INTO {table} ({names}) VALUES ({marks})", [tuple(values.values())])


def random_day(pick: random.Random) -> date:
    return FIRST + timedelta(days=pick.randrange((LAST - FIRST).days + 1))


def _compare(op: str, value: Any, wanted: tuple[Any, ...], today: str) -> bool:
    if op in ("is", "is_not"):
        return (value in wanted) == (op == "is")
    if op in ("within_days", "before_days"):
        age = (date.fromisoformat(today) - date.fromisoformat(value)).days
        return 0 <= age < wanted[0] if op == "within_days" else age >= wanted[0]
    return {
        "known": lambda: True, "contains": lambda: wanted[0].lower() in value.lower(),
        "eq": lambda: value == wanted[0], "ne": lambda: value != wanted[0], "lt": lambda: value < wanted[0],
        "le": lambda: value <= wanted[0], "gt": lambda: value > wanted[0], "ge": lambda: value >= wanted[0],
        "between": lambda: wanted[0] <= value <= wanted[1], "on_or_after": lambda: value >= wanted[0],
        "before": lambda: value < wanted[0],
    }[op]()  # fmt: skip


def _passes(fact: dict[str, Any], where: r.Filters) -> bool:
    amount = fact["net"] if fact["kind"] == "sale" else fact["amount"]
    category = SHOPS[fact["shop"]] if fact["shop"] else None
    tests = [
        not where.tenants or fact["shop"] in where.tenants,
        not where.categories or (category is not None and bool({category, CATEGORIES[category]} & {*where.categories})),
        not where.zones or fact["zone"] in where.zones,
        not where.campaigns or fact["campaign"] in where.campaigns,
        not where.weekdays or date.fromisoformat(fact["day"]).isoweekday() in where.weekdays,
        where.amount_from is None or (amount is not None and amount >= where.amount_from),
        where.amount_to is None or (amount is not None and amount <= where.amount_to),
        where.score_from is None or (fact["score"] is not None and fact["score"] >= where.score_from),
        where.score_to is None or (fact["score"] is not None and fact["score"] <= where.score_to),
    ]
    return all(tests)


# ---- random rules

_days = st.integers(1, 40)
_iso = st.dates(FIRST, LAST).map(date.isoformat)
_windows = st.one_of(
    st.just(r.Window()), _days.map(r.Window),
    st.tuples(_iso, _iso).map(lambda ends: r.Window(None, min(ends), max(ends))), _iso.map(lambda d: r.Window(None, d)),
)  # fmt: skip
_places = st.fixed_dictionaries(
    {}, optional={
        "tenants": st.sampled_from((("s1",), ("s1", "s3"))), "categories": st.sampled_from((("kids",), ("food",))),
        "weekdays": st.sampled_from(((6, 7), (1, 2, 3, 4, 5), (7,))), "amount_from": st.sampled_from((0, 500, 2500)),
        "amount_to": st.sampled_from((2500, 9999)),
    },
)  # fmt: skip
_more = st.fixed_dictionaries(
    {}, optional={"zones": st.just(("z1",)), "campaigns": st.just(("c1",)), "score_from": st.just(5.0)}
)
_sale_filters = _places.map(lambda d: r.Filters(**d))
_act_filters = st.tuples(_places, _more).map(lambda both: r.Filters(**both[0], **both[1]))
_done = st.one_of(
    st.tuples(st.just("purchase"), _sale_filters), st.tuples(st.sampled_from(KINDS), st.one_of(st.just(r.Filters()), _act_filters))
)  # fmt: skip
_traits = st.one_of(
    st.sampled_from((
        r.Trait("tier", "is", ("gold",)), r.Trait("tier", "is_not", ("gold",)), r.Trait("tier", "contains", ("OL",)),
        r.Trait("tier", "known"), r.Trait("tier", "unknown"), r.Trait("age", "ge", (30,)), r.Trait("age", "unknown"),
        r.Trait("age", "ne", (26,)), r.Trait("recency_days", "between", (20, 90)), r.Trait("recency_days", "unknown"),
        r.Trait("spent", "lt", (1000,)), r.Trait("spent", "gt", (1000,)), r.Trait("rfm_segment", "is", ("lost", "at_risk")),
    )),
    st.tuples(st.sampled_from(("within_days", "before_days")), _days).map(lambda t: r.Trait("joined_day", t[0], (t[1],))),
    st.tuples(st.sampled_from(("on_or_after", "before")), _iso).map(lambda t: r.Trait("joined_day", t[0], (t[1],))),
)  # fmt: skip
_conditions = st.one_of(
    st.just(r.Everyone()), _traits,
    st.tuples(_done, st.sampled_from(("at_least", "at_most", "exactly")), st.integers(0, 3), _windows).map(
        lambda t: r.Performed(t[0][0], t[1], max(t[2], 1) if t[1] == "at_least" else t[2], t[3], t[0][1])
    ),
    st.tuples(_done, _windows).map(lambda t: r.NotPerformed(t[0][0], t[1], t[0][1])),
    st.tuples(_done, st.sampled_from(("within", "before")), _days).map(lambda t: r.LastPerformed(t[0][0], t[1], t[2], t[0][1])),
    st.tuples(st.sampled_from(("at_least", "at_most")), st.sampled_from((-2500, 0, 1, 2500, 5000)), _windows, _sale_filters)
    .map(lambda t: r.Spend(*t)),
    st.sampled_from((
        r.Score("churn", "gt", (0.7,)), r.Score("churn", "between", (0.5, 0.9)), r.Lifecycle(("aware",)),
        r.Lifecycle(("regular", "lapsed")),
    )),
    st.sampled_from((r.Consent("marketing", "sms"), r.Consent("marketing", "email"), r.Consent("service", "sms"))),
    st.tuples(st.sampled_from((10.0, 33.33, 100.0)), st.text(max_size=3)).map(lambda t: r.Bucket(*t)),
)  # fmt: skip
RULES: st.SearchStrategy[r.Rule] = st.recursive(
    _conditions,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda of: r.And(tuple(of))),
        st.lists(inner, min_size=1, max_size=3).map(lambda of: r.Or(tuple(of))),
        inner.map(r.Not),
    ),
    max_leaves=5,
)
"""Rules that hold no other segment."""
