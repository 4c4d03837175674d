"""Why someone entered or left: which conditions moved, or which decide where nothing moved that can be looked back at.

A reason is a short code: the cause, and the numbers of conditions in the version's rule. `fact:0,2`: something happened
to the person, and the conditions 0 and 2 changed with it. Causes: fact, time (a window moved on), score (a table
that an engine or a person keeps was rewritten), rule (a new version), segment (an included segment changed),
pin, unpin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engines.contract import Moment
from engines.segments import rule as r
from engines.segments.live import Live
from models.connection import Connection

SAMPLE = 200
"""For so many people of a run the conditions are worked out; of the rest only the cause is kept."""
Truth = bool | None


def leaf_values(connection: Connection, segment: Live, moment: Moment, person: bytes) -> tuple[bool, ...]:
    """Whether each condition of the rule is true of the person at the moment; all false of someone unknown."""
    parameters = {**segment.compiled.parameters(moment), "person": person}
    row = connection.exec_driver_sql(segment.compiled.leaves, parameters).fetchone()
    return tuple(bool(value) for value in row) if row else (False,) * len(segment.compiled.relations)


def combined(rule: r.Rule, leaves: Sequence[Truth]) -> Truth:
    """The rule's value from its conditions' in Kleene's logic: None for what an unknown condition could turn."""
    remaining = iter(leaves)

    def value(node: r.Rule) -> Truth:
        if isinstance(node, r.Not):
            inner = value(node.of)
            return None if inner is None else not inner
        if isinstance(node, r.And | r.Or):
            stop = isinstance(node, r.Or)
            found = [value(child) for child in node.of]
            return stop if stop in found else (None if None in found else not stop)
        return next(remaining)

    return value(rule)


def deciding(rule: r.Rule, leaves: Sequence[bool]) -> tuple[int, ...]:
    """The conditions that make the rule what it is: of an "and" that is false those that are false, and so on."""
    numbers = iter(range(len(leaves)))

    def value(node: r.Rule) -> tuple[bool, tuple[int, ...]]:
        if isinstance(node, r.Not):
            inner, why = value(node.of)
            return not inner, why
        if isinstance(node, r.And | r.Or):
            found = [value(child) for child in node.of]
            stop = isinstance(node, r.Or)
            result = stop if any(v == stop for v, _ in found) else not stop
            return result, tuple(n for v, why in found if v == result for n in why)
        number = next(numbers)
        return leaves[number], (number,)

    return value(rule)[1]


def why(
    connection: Connection, segment: Live, person: bytes, *, now: Moment, cause: str, before: Moment | None = None
) -> str:
    """The code of the reason; `before` is a moment at which what happened had not happened yet, where there is one."""
    after = leaf_values(connection, segment, now, person)
    moved: tuple[int, ...] = ()
    if before is not None:
        earlier = leaf_values(connection, segment, before, person)
        moved = tuple(n for n, (a, b) in enumerate(zip(earlier, after, strict=True)) if a != b)
    return code(cause, moved or deciding(segment.rule, after))


def code(cause: str, numbers: Sequence[int] = ()) -> str:
    """The code of a cause and conditions."""
    return f"{cause}:{','.join(map(str, numbers[:8]))}" if numbers else cause


def parse(text: str) -> tuple[str, tuple[int, ...]]:
    """Cause and conditions of a code."""
    cause, _, numbers = text.partition(":")
    return cause, tuple(int(number) for number in numbers.split(",") if number.isdecimal())


def unknown_leaves(segment: Live, moved: frozenset[str], leaves: Sequence[bool]) -> list[Truth]:
    """The leaves, those that read a table in `moved` made unknown."""
    return [None if reads & moved else leaf for reads, leaf in zip(segment.compiled.relations, leaves, strict=True)]


def parameters_of(segment: Live, moment: Moment) -> Mapping[str, Any]:
    """What the membership statements of a segment take."""
    return {**segment.compiled.parameters(moment), "segment": segment.id}
