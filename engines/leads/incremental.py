"""A prospect scored again as soon as something happened: the nightly score of one, straight from the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engines.contract import Moment, moment_of
from engines.leads import relations as taken
from engines.leads import single
from engines.leads.changed import Place, concerned, keep_place, place
from engines.leads.components import Context
from engines.leads.engine import manner_of, thresholds
from engines.leads.engine import written as day_writer
from engines.leads.history import moves
from engines.leads.model import ENGINE, HORIZON, Learned
from engines.leads.population import Population, deals, people
from engines.leads.scoring import rows, score
from engines.validation.cards import active, pins, versions
from models.connection import Connection
from models.relations import Relation
from models.store import Store, Transaction
from models.times import now_ms

if TYPE_CHECKING:
    import pyarrow as pa


Fence = Callable[[Transaction], None]
STEP = 500
"""How many are scored in one transaction."""


@dataclass(frozen=True)
class Followed:
    """What following the log did: prospects scored, the people among them and those who are none any more, how many
    commits moved `lead_score`, whether the log asks for a run over everyone instead, and up to where it was followed
    (None before the first nightly run)."""

    scored: int = 0
    people: frozenset[bytes] = frozenset()
    commits: int = 0
    everyone: bool = False
    upto: Place | None = None


def rescore(
    store: Store, use: str, subjects: Iterable[bytes], *, at_ms: int | None = None, fence: Fence | None = None
) -> int:
    """Score these people (`use` member) or deals anew, as the nightly run would; returns how many are prospects still.

    Who has bought, or whose deal has closed, leaves the list. Weights, rules, settings, the model and everyone's base
    rates are those in force; a move of 5 points or a rung is noted with its cause. Unknown subjects are passed over,
    and `lead_score` is not said to have moved where nobody was or is a prospect.
    """
    return len(_rescored(store, use, sorted(set(subjects)), now_ms() if at_ms is None else at_ms, fence)[0])


def rescore_changed(
    store: Store, *, since: Place | None = None, at_ms: int | None = None, fence: Fence | None = None
) -> Followed:
    """Score anew everyone whom the change log names after `since` (None: since scores were last known to be right).

    Where the log has no list of them (a removal, a load of thousands) nobody is scored and `everyone` asks for a run
    of the engine. A failure leaves the place that the store keeps, so that the next call begins there again.
    """
    at = now_ms() if at_ms is None else at_ms
    with store.read() as connection:
        begin = place(connection, since)
        found = concerned(connection, begin) if begin else None
    if found is None or found.everyone or not any(found.subjects.values()):
        return Followed(everyone=found is not None and found.everyone, upto=found.upto if found else None)
    scored, commits, people = 0, 0, set[bytes]()
    for use, subjects in found.subjects.items():
        wanted = sorted(subjects)
        for start in range(0, len(wanted), STEP):
            now, gone = _rescored(store, use, wanted[start : start + STEP], at, fence)
            scored, commits = scored + len(now), commits + bool(now or gone)
            people |= (now | gone) if use == "member" else set()
    with store.write("service", "following prospects") as tx:
        if fence:
            fence(tx)
        keep_place(tx.connection, found.upto)
    return Followed(scored, frozenset(people), commits, upto=found.upto)


def _rescored(
    store: Store, use: str, wanted: Sequence[bytes], at: int, fence: Fence | None
) -> tuple[set[bytes], set[bytes]]:
    """Score them; who is a prospect, and who was one and is none any more."""
    moment = moment_of(store.site, at)
    if not wanted:
        return set(), set()
    with store.write("service", "scoring a prospect") as tx:
        if fence:
            fence(tx)
        population = _population(tx.connection, use, wanted, moment)
        before = _rows(tx.connection, taken.LEAD_SCORE, use, wanted)
        last = _rows(tx.connection, taken.HISTORY, use, wanted)
        manner = manner_of(use, *_given(tx.connection), **_learned(tx.connection, use))
        made = rows(population, score(population, manner), manner, moment.at, day_writer(moment))
        now, then = ({bytes(row["subject_id"]) for row in side} for side in (made, before))
        if now or then:
            _replace(tx, use, wanted, made)
        if noted := moves(made, before, last, manner.weighing, moment):
            _put(tx, taken.HISTORY, "INSERT OR IGNORE", noted)
    return now, then - now


def _replace(tx: Transaction, use: str, wanted: Sequence[bytes], made: Sequence[Mapping[str, Any]]) -> None:
    tx.connection.exec_driver_sql(
        f"DELETE FROM lead_score WHERE use = ? AND subject_id IN ({_marks(wanted)})",  # noqa: S608 - question marks
        (use, *wanted),
    )
    _put(tx, taken.LEAD_SCORE, "INSERT", made)


def _population(connection: Connection, use: str, wanted: Sequence[bytes], moment: Moment) -> Population:
    pair = (single.PEOPLE, single.TOUCHES) if use == "member" else (single.DEALS, single.DEAL_TOUCHES)
    kinds = (taken.PEOPLE, taken.TOUCHES) if use == "member" else (taken.DEALS, taken.DEAL_TOUCHES)
    names = {f"i{n}": subject for n, subject in enumerate(wanted)}
    marks = ", ".join(f":{name}" for name in names)
    frames = [
        _table(
            r,
            connection.exec_driver_sql(sql.format(ids=marks), {**names, "day": moment.day, "at": moment.at}).fetchall(),
        )
        for r, sql in zip(kinds, pair, strict=True)
    ]
    return (people if use == "member" else deals)(frames[0], frames[1])


def _table(relation: Relation, found: Sequence[Any]) -> pa.Table:
    from engines.contract import as_frame

    columns: list[Any] = list(zip(*found, strict=True)) if found else [[] for _ in relation.columns]
    return as_frame(relation, dict(zip(relation.names(), columns, strict=True)))


def _given(connection: Connection) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, float]]:
    """Weights, rules and thresholds in force."""
    weights, rules, settings = (_all(connection, r) for r in (taken.WEIGHTS, taken.RULES, taken.SETTING))
    return weights, rules, thresholds(settings)


def _learned(connection: Connection, use: str) -> dict[str, Any]:
    """Everyone's rates as last worked out, and the model that scores."""
    context = [row for row in _all(connection, taken.CONTEXT) if row["use"] == use]
    fits: dict[str, dict[str, float]] = {}
    for row in context:
        fits.setdefault(row["name"], {})[row["value"]] = row["number"]
    base, rate = (fits.get(name, {}).get("", 0.5) for name in ("base", "rate"))
    frames = [_table(r, _raw(connection, r, own)) for r, own in ((taken.MODEL_VERSION, True), (taken.MODEL_PIN, False))]
    cards = versions(frames[0])
    card = active(cards, pins(frames[1]), ENGINE, use)
    return {"context": Context(base, rate, fits, HORIZON[use]), "learned": Learned(cards, card, None)}


def _raw(connection: Connection, relation: Relation, own: bool) -> Sequence[Any]:
    names = ", ".join(f'"{name}"' for name in relation.names())
    where = f" WHERE engine = '{ENGINE}'" if own else ""
    return connection.exec_driver_sql(f'SELECT {names} FROM "{relation.name}"{where}').fetchall()  # noqa: S608


def _all(connection: Connection, relation: Relation) -> list[dict[str, Any]]:
    return [dict(zip(relation.names(), row, strict=True)) for row in _raw(connection, relation, own=False)]


def _rows(connection: Connection, relation: Relation, use: str, wanted: Sequence[bytes]) -> list[dict[str, Any]]:
    names = ", ".join(f'"{name}"' for name in relation.names())
    found = connection.exec_driver_sql(
        f'SELECT {names} FROM "{relation.name}" WHERE use = ? AND subject_id IN ({_marks(wanted)})',  # noqa: S608
        (use, *wanted),
    ).fetchall()
    return [dict(zip(relation.names(), row, strict=True)) for row in found]


def _put(tx: Transaction, relation: Relation, verb: str, found: Sequence[Mapping[str, Any]]) -> None:
    names = ", ".join(f'"{name}"' for name in relation.names())
    sql = f'{verb} INTO "{relation.name}" ({names}) VALUES ({_marks(relation.names())})'
    tx.execute_many(sql, [tuple(row[name] for name in relation.names()) for row in found])
    tx.touch(relation.name)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" for _ in values)
