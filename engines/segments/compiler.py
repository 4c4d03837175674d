# ruff: noqa: S608 - table and column names come from the declared catalogue; every value is a parameter
"""A rule as one SQL statement for everyone, and as the same predicate for one person.

Each condition is `p.id IN (SELECT person ...)`: for everyone SQLite works out the set once and keeps it, for one person
the same text is joined from that person's identifiers. So the two cannot mean different things; a property test
holds them against a plain evaluation in Python all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal

from engines.contract import Moment
from engines.segments import fields
from engines.segments import rule as r
from engines.segments.buckets import FUNCTION, buckets_below

Scope = Literal["everyone", "person"]


@dataclass(frozen=True)
class DaysBack:
    """A parameter: the first day of a window of so many days."""

    days: int


@dataclass(frozen=True)
class Compiled:
    """A rule ready to run.

    `everyone` selects `person_id` of all it is true of; `person` gives 1 or 0 for `:person`; `leaves` gives one column
    of 1 or 0 for each condition, of `:person`. `relations[n]` are the tables that condition n reads.
    """

    everyone: str
    person: str
    leaves: str
    values: Mapping[str, Any]
    relations: tuple[frozenset[str], ...]

    @property
    def reads(self) -> frozenset[str]:
        """All tables that the rule reads."""
        return frozenset().union(*self.relations)

    def parameters(self, moment: Moment) -> dict[str, Any]:
        """The statement's parameters as of a moment."""
        bound = {name: _bound(value, moment) for name, value in self.values.items()}
        return {**bound, "at": moment.at, "day": moment.day, "year": moment.date.year}


@lru_cache(maxsize=512)
def compile_rule(rule: r.Rule) -> Compiled:
    """The statements of a valid rule."""
    values: dict[str, Any] = {}
    everyone = _Writer("everyone", values).write(rule)
    one = _Writer("person", {})
    person = one.write(rule)
    leaves, relations = [], []
    again = _Writer("person", {})
    for node in r.conditions(rule):
        again.reads = set()
        leaves.append(f"({again.write(node)})")
        relations.append(frozenset(again.reads))
    return Compiled(
        f"SELECT p.id AS person_id FROM person p WHERE p.state = 'active' AND ({everyone})",
        f"SELECT 1 FROM person p WHERE p.id = :person AND p.state = 'active' AND ({person})",
        f"SELECT {', '.join(leaves)} FROM person p WHERE p.id = :person",
        values,
        tuple(relations),
    )


def _bound(value: Any, moment: Moment) -> Any:
    if isinstance(value, DaysBack):
        return first_day(moment.date, value.days)
    return value


def first_day(day: date, days: int) -> str:
    """The first day of a window of `days` days that ends with `day`, ISO; none lies before the year 1."""
    return (day - timedelta(days=min(days - 1, day.toordinal() - 1))).isoformat()


@dataclass
class _Writer:
    """Writes conditions in one scope; both scopes number their parameters alike."""

    scope: Scope
    values: dict[str, Any]
    reads: set[str] = field(default_factory=set)

    def write(self, node: r.Rule) -> str:
        if isinstance(node, r.And | r.Or):
            word, empty = (" AND ", "1") if isinstance(node, r.And) else (" OR ", "0")
            return "(" + word.join(self.write(child) for child in node.of) + ")" if node.of else empty
        if isinstance(node, r.Not):
            return f"NOT ({self.write(node.of)})"
        writers: Mapping[type[Any], Callable[[Any], str]] = {
            r.Everyone: self._everyone, r.Trait: self._trait, r.Score: self._score, r.Lifecycle: self._lifecycle,
            r.Performed: self._performed, r.NotPerformed: self._not_performed, r.LastPerformed: self._last,
            r.Spend: self._spend, r.Consent: self._consent, r.Includes: self._includes, r.Bucket: self._bucket,
        }  # fmt: skip
        return writers[type(node)](node)

    def bind(self, value: Any) -> str:
        """A parameter that holds the value."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def among(self, column: str, values: tuple[Any, ...]) -> str:
        return f"{column} IN ({', '.join(self.bind(value) for value in values)})"

    # ---- conditions

    def _everyone(self, _node: r.Everyone) -> str:
        self.reads.add("person")
        return "1"

    def _trait(self, node: r.Trait) -> str:
        return self._field(fields.field_named(node.field), node.op, node.value)

    def _score(self, node: r.Score) -> str:
        return self._field(fields.score_named(node.model), node.op, node.value)

    def _lifecycle(self, node: r.Lifecycle) -> str:
        return self._field(fields.STAGE, "is", node.stages)

    def _field(self, found: fields.Field | None, op: r.Op, value: r.Value) -> str:
        if found is None:
            return "0"
        self.reads.add(found.table)
        column = found.column
        wanted = [f"{column} IS NOT NULL"] if op in ("known", "unknown") else [self._comparison(column, op, value)]
        wanted += [found.only] if found.only else []
        wanted += [f"{found.person} = :person"] if self.scope == "person" else []
        # A NULL in the set would make NOT IN unknown.
        wanted.append(f"{found.person} IS NOT NULL")
        text = f"p.id IN (SELECT {found.person} FROM {found.table} t WHERE {' AND '.join(wanted)})"
        return f"NOT {text}" if op == "unknown" else text

    def _comparison(self, column: str, op: r.Op, value: r.Value) -> str:
        if op in ("is", "is_not"):
            listed = self.among(column, value)
            return listed if op == "is" else f"{column} IS NOT NULL AND NOT {listed}"
        if op == "contains":
            return f"instr(lower({column}), lower({self.bind(value[0])})) > 0"
        if op == "between":
            return f"{column} BETWEEN {self.bind(value[0])} AND {self.bind(value[1])}"
        if op in ("within_days", "before_days"):
            first = self.bind(DaysBack(int(value[0])))
            return f"{column} >= {first} AND {column} <= :day" if op == "within_days" else f"{column} < {first}"
        return f"{column} {_SIGNS[op]} {self.bind(value[0])}"

    def _performed(self, node: r.Performed) -> str:
        if node.op == "at_least":
            return self._done(node.kind, node.window, node.where, f"count(*) >= {self.bind(node.count)}")
        if node.op == "exactly" and node.count > 0:
            return self._done(node.kind, node.window, node.where, f"count(*) = {self.bind(node.count)}")
        return "NOT " + self._done(node.kind, node.window, node.where, f"count(*) > {self.bind(node.count)}")

    def _not_performed(self, node: r.NotPerformed) -> str:
        return "NOT " + self._done(node.kind, node.window, node.where)

    def _last(self, node: r.LastPerformed) -> str:
        if node.when == "within":
            return self._done(node.kind, r.Window(node.days), node.where)
        return self._done(node.kind, r.Window(), node.where, f"max(f.day) < {self.bind(DaysBack(node.days))}")

    def _spend(self, node: r.Spend) -> str:
        minor = self.bind(node.minor)
        if node.op == "at_least" and node.minor > 0:
            return self._done("", node.window, node.where, f"sum(f.net_minor) >= {minor}")
        if node.op == "at_least":
            return "NOT " + self._done("", node.window, node.where, f"sum(f.net_minor) < {minor}")
        if node.minor >= 0:
            return "NOT " + self._done("", node.window, node.where, f"sum(f.net_minor) > {minor}")
        return self._done("", node.window, node.where, f"sum(f.net_minor) <= {minor}")

    def _done(self, kind: str, window: r.Window, where: r.Filters, having: str = "") -> str:
        """Persons with facts of a kind ('' for receipts and returns alike) that `having` holds of; any by default."""
        facts = "sale" if kind in ("", r.PURCHASE) else "activity"
        self.reads |= {facts, "identifier_owner"}
        wanted = ["f.net_minor >= 0"] if kind == r.PURCHASE else []
        wanted += [f"f.kind = {self.bind(kind)}"] if facts == "activity" else []
        wanted += [*self._window(window), *self._filters(facts, where)]
        if self.scope == "everyone":
            source = f"{facts} f CROSS JOIN identifier_owner o ON o.identifier_id = f.identifier_id"
        else:
            source = f"identifier_owner o CROSS JOIN {facts} f ON f.identifier_id = o.identifier_id"
            wanted.append("o.person_id = :person")
        tail = f" GROUP BY o.person_id HAVING {having}" if having else ""
        return f"p.id IN (SELECT o.person_id FROM {source} WHERE {' AND '.join(wanted)}{tail})"

    def _window(self, window: r.Window) -> list[str]:
        found = ["f.at <= :at", "f.day <= :day"]
        if window.days is not None:
            found.append(f"f.day >= {self.bind(DaysBack(window.days))}")
        if window.first is not None:
            found.append(f"f.day >= {self.bind(window.first)}")
        if window.last is not None:
            found.append(f"f.day <= {self.bind(window.last)}")
        return found

    def _filters(self, facts: str, where: r.Filters) -> list[str]:
        found = []
        amount = "f.net_minor" if facts == "sale" else "f.amount_minor"
        if where.tenants:
            self.reads.add("tenant")
            found.append(f"f.tenant_id IN (SELECT id FROM tenant WHERE {self.among('code', where.tenants)})")
        if where.categories:
            self.reads |= {"tenant", "category"}
            named = self.among("c.code", where.categories)
            under = self.among("c.parent_code", where.categories)
            found.append(
                "f.tenant_id IN (SELECT t.id FROM tenant t JOIN category c ON c.id = t.category_id "
                f"WHERE {named} OR {under})"
            )
        if where.campaigns:
            self.reads.add("campaign")
            found.append(f"f.campaign_id IN (SELECT id FROM campaign WHERE {self.among('code', where.campaigns)})")
        if where.zones:
            found.append(self.among("f.zone_code", where.zones))
        if where.weekdays:
            found.append(self.among("1 + (CAST(strftime('%w', f.day) AS INTEGER) + 6) % 7", where.weekdays))
        ranges = ((amount, where.amount_from, where.amount_to), ("f.score", where.score_from, where.score_to))
        for column, low, high in ranges:
            found += [f"{column} >= {self.bind(low)}"] if low is not None else []
            found += [f"{column} <= {self.bind(high)}"] if high is not None else []
        return found

    def _consent(self, node: r.Consent) -> str:
        self.reads |= {"consent_decision", "identifier_owner"}
        purpose, channel = self.bind(node.purpose), self.bind(node.channel)
        if self.scope == "everyone":
            source, only = "consent_decision d CROSS JOIN identifier_owner o ON o.identifier_id = d.identifier_id", ""
        else:
            source = "identifier_owner o CROSS JOIN consent_decision d ON d.identifier_id = o.identifier_id"
            only = " AND o.person_id = :person"
        about = "{0}.purpose = {1} AND {0}.channel IN ({2}, 'any') AND {0}.at <= :at"
        return (
            f"p.id IN (SELECT o.person_id FROM {source} WHERE {about.format('d', purpose, channel)}{only} "
            "AND NOT EXISTS (SELECT 1 FROM consent_decision n WHERE n.identifier_id = d.identifier_id "
            f"AND {about.format('n', purpose, channel)} AND (n.at, n.id) > (d.at, d.id)) GROUP BY o.person_id "
            "HAVING min(d.decision = 'grant' AND coalesce(d.expires_at > :at, 1)) = 1)"
        )

    def _includes(self, node: r.Includes) -> str:
        self.reads.add("segment_member")
        only = " AND m.person_id = :person" if self.scope == "person" else ""
        return (
            "p.id IN (SELECT m.person_id FROM segment_member m WHERE m.segment_id = "
            f"(SELECT id FROM segment WHERE code = {self.bind(node.segment)}){only})"
        )

    def _bucket(self, node: r.Bucket) -> str:
        self.reads.add("person")
        return f"{FUNCTION}(p.id, {self.bind(node.salt)}) < {self.bind(buckets_below(node.percent))}"


_SIGNS: Mapping[str, str] = {
    "eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "on_or_after": ">=", "before": "<",
}  # fmt: skip
