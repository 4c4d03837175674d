"""Reads of moves between segments for pages: the matrix of a month, how well it was told, and who may move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.store import Store


@dataclass(frozen=True)
class Transition:
    """People who went from `source` to `target` in 30 days; `share` is of the source, with its 95 % interval."""

    source: str
    target: str
    people: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class TrialRow:
    """How a way did on the last 30 days, of people in `state` ('' everyone): see the table move_trial."""

    model: str
    state: str
    people: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    gain: float
    low: float
    high: float
    log_loss: float
    auc: float | None
    used: bool
    first_day: str
    last_day: str


@dataclass(frozen=True)
class Mover:
    """Someone and where they are likely to be in 30 days."""

    person_id: bytes
    state: str
    p_move: float
    target: str
    p_target: float


def months(store: Store, system: str) -> list[int]:
    """How many days ago each 30 days began for which there is a matrix, the newest first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT DISTINCT back FROM segment_transition WHERE system = ? ORDER BY back", (system,)
        ).scalars()
        return [int(back) for back in rows]


def transitions(store: Store, system: str, back: int) -> list[Transition]:
    """The matrix of 30 days, the most people first; a segment's people who stayed are among them."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT source, target, people, share, low, high FROM segment_transition "
            "WHERE system = ? AND back = ? ORDER BY people DESC, source, target",
            (system, back),
        ).fetchall()
    return [Transition(*row) for row in rows]


def trials(store: Store, system: str) -> list[TrialRow]:
    """The back-test: the model, the matrix and staying, for everyone and by state."""
    with store.read() as connection:
        rows: Any = connection.exec_driver_sql(
            "SELECT model, state, people, accuracy, accuracy_low, accuracy_high, gain, low, high, log_loss, auc, used, "
            "first_day, last_day FROM move_trial WHERE system = ? ORDER BY state, model",
            (system,),
        ).fetchall()
    values: list[tuple[Any, ...]] = [(*row[:11], bool(row[11]), *row[12:]) for row in rows]
    return [TrialRow(*row) for row in values]


def movers(
    store: Store, system: str, *, state: str = "", limit: int = 100, after: tuple[float, bytes] | None = None
) -> list[Mover]:
    """Who is likeliest to leave a state ('' any), the likeliest first; `after` is the last row's (p_target, person_id).

    Ordered by the chance of the likeliest other state, so that the top of the list is a list to act on.
    """
    chance, person = after or (None, None)
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT person_id, state, p_move, target, p_target FROM person_move WHERE system = :system "
            "AND (:state = '' OR state = :state) "
            "AND (:chance IS NULL OR (p_target, person_id) < (:chance, :person)) "
            "ORDER BY p_target DESC, person_id DESC LIMIT :limit",
            {"system": system, "state": state, "chance": chance, "person": person, "limit": limit},
        ).fetchall()
    return [Mover(bytes(p), *rest) for p, *rest in rows]


def move_of(store: Store, system: str, person: bytes) -> Mover | None:
    """A person's likely next segment; None where it is not told."""
    with store.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT person_id, state, p_move, target, p_target FROM person_move WHERE system = ? AND person_id = ?",
            (system, person),
        ).fetchone()
    return Mover(bytes(row[0]), *row[1:]) if row else None
