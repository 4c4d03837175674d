"""The rule of a segment: a small tree of conditions and groups, each a frozen value.

A condition is true or false of a person, never unknown: a comparison with a figure that a person does not have is
false, so is "is not"; `not` of it is true. "Performed" counts what a person is known to have done up to the moment.
A window of n days ends with the business day of the moment and holds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

Op = Literal[
    "is", "is_not", "contains", "eq", "ne", "lt", "le", "gt", "ge", "between",
    "within_days", "before_days", "on_or_after", "before", "known", "unknown",
]  # fmt: skip
OPS: tuple[Op, ...] = get_args(Op)
CountOp = Literal["at_least", "at_most", "exactly"]
When = Literal["within", "before"]
Value = tuple[str, ...] | tuple[float, ...]

PURCHASE = "purchase"
"""The kind that stands for receipts; every other kind is one of an activity."""


@dataclass(frozen=True)
class Window:
    """The last `days` business days, or the days `first` to `last` (ISO, both included); neither: ever."""

    days: int | None = None
    first: str | None = None
    last: str | None = None


@dataclass(frozen=True)
class Filters:
    """Which of the things done count: places and campaigns by code, ISO weekdays (Monday is 1), ranges with both ends.

    Amounts are minor units. A thing without the attribute asked for does not count. `zones` and `scores` are of
    activities, a category holds the categories under it.
    """

    tenants: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    weekdays: tuple[int, ...] = ()
    amount_from: int | None = None
    amount_to: int | None = None
    score_from: float | None = None
    score_to: float | None = None


@dataclass(frozen=True)
class Everyone:
    """Every person who is neither merged into another nor erased."""


@dataclass(frozen=True)
class Trait:
    """A field of the catalogue compared with values: one, two for `between`, several for `is`, none for `known`.

    Where a person has several rows (two membership cards) one that fits is enough.
    """

    field: str
    op: Op
    value: Value = ()


@dataclass(frozen=True)
class Performed:
    """Did the thing at least, at most or exactly `count` times; nothing done is zero times."""

    kind: str
    op: CountOp = "at_least"
    count: int = 1
    window: Window = Window()
    where: Filters = Filters()


@dataclass(frozen=True)
class NotPerformed:
    """Did not do the thing once; true of a person without any history."""

    kind: str
    window: Window = Window()
    where: Filters = Filters()


@dataclass(frozen=True)
class LastPerformed:
    """The last time was `within` the last `days` days, or `before` them; a person who never did it fits neither."""

    kind: str
    when: When
    days: int
    where: Filters = Filters()


@dataclass(frozen=True)
class Spend:
    """Paid at least or at most `minor` in the window, after returns; who bought nothing has paid 0."""

    op: Literal["at_least", "at_most"]
    minor: int
    window: Window = Window()
    where: Filters = Filters()


@dataclass(frozen=True)
class Lifecycle:
    """Stands now in one of these stages of the customer journey."""

    stages: tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """A model's score compared with values, as a trait is."""

    model: str
    op: Op
    value: Value = ()


@dataclass(frozen=True)
class Consent:
    """Has a grant in force for the purpose on the channel: of every sign of the person the newest decision, for the
    channel or for any, is a grant that has not run out, and there is at least one."""

    purpose: str
    channel: str


@dataclass(frozen=True)
class Includes:
    """Is a member of another segment, as that one stands, its pins with it."""

    segment: str


@dataclass(frozen=True)
class Bucket:
    """Belongs to a random `percent` of people by SHA-256 of the person's id and `salt`: the same each time."""

    percent: float
    salt: str


@dataclass(frozen=True)
class And:
    """All of these."""

    of: tuple[Rule, ...]


@dataclass(frozen=True)
class Or:
    """At least one of these."""

    of: tuple[Rule, ...]


@dataclass(frozen=True)
class Not:
    """Not this one: everyone else, those of whom nothing is known too."""

    of: Rule


Condition = (
    Everyone
    | Trait
    | Score
    | Lifecycle
    | Performed
    | NotPerformed
    | LastPerformed
    | Spend
    | Consent
    | Includes
    | Bucket
)
Group = And | Or | Not
Rule = Condition | Group
Path = tuple[int, ...]


def walk(rule: Rule, path: Path = ()) -> Iterator[tuple[Path, Rule]]:
    """Every node with its place (child numbers from the root), a group before what it holds."""
    yield path, rule
    for number, child in enumerate(children(rule)):
        yield from walk(child, (*path, number))


def children(rule: Rule) -> tuple[Rule, ...]:
    """What a group holds; nothing for a condition."""
    if isinstance(rule, And | Or):
        return rule.of
    return (rule.of,) if isinstance(rule, Not) else ()


def conditions(rule: Rule) -> list[Condition]:
    """The conditions from first to last: what reasons count by."""
    return [node for _, node in walk(rule) if not isinstance(node, And | Or | Not)]


def included(rule: Rule) -> frozenset[str]:
    """The codes of the segments that the rule reads."""
    return frozenset(node.segment for node in conditions(rule) if isinstance(node, Includes))
