"""What the page of users reads: only what the person may see."""

from __future__ import annotations

from dataclasses import dataclass

from app.ui.desk import Desk
from app.ui.period import Period
from engines.access import approvals, queries
from engines.access.approvals import Asked
from engines.access.queries import RoleRow, SessionRow, SignIn, UserRow
from models.store import Store


@dataclass(frozen=True)
class State:
    """Users, roles, sessions, requests and the sign-in log; `closed` where people sign in."""

    closed: bool
    demo: bool
    users: tuple[UserRow, ...]
    roles: tuple[RoleRow, ...]
    sessions: tuple[SessionRow, ...]
    approvals: tuple[Asked, ...]
    log: tuple[SignIn, ...]


class Reader:
    """Reads the state for whoever sits at the desk: requests alone for whoever only approves."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def read(self, store: Store, _period: Period, _argument: object) -> State:
        """The state."""
        asked = tuple(approvals.requests(store, waiting=False))
        closed, demo = queries.must_sign_in(store), store.site.demo
        if not self._desk.may("users"):
            return State(closed, demo, (), (), (), asked, ())
        return State(
            closed, demo, tuple(queries.users(store)), tuple(queries.roles(store)), tuple(queries.sessions(store)),
            asked, tuple(queries.sign_ins(store)),
        )  # fmt: skip
