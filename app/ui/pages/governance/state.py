"""What the page of governance reads: only what the person may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.ui.desk import Desk
from app.ui.period import Period
from engines.access import trail
from engines.access.trail import Entry, Query
from engines.privacy import notices, requests, retention
from engines.privacy.laws import law_of
from engines.privacy.notices import Cell, Notice
from engines.privacy.requests import Request
from engines.privacy.retention import InForce, Ran
from models.store import Store

EXPORTS = 500


@dataclass(frozen=True)
class State:
    """Requests, consents by purpose and channel, notices, rules and their runs, exports; `law` is the site's."""

    law: str
    requests: tuple[Request, ...] = ()
    cells: tuple[Cell, ...] = ()
    notices: tuple[Notice, ...] = ()
    unfiled: tuple[tuple[str, int], ...] = ()
    rules: tuple[InForce, ...] = ()
    runs: tuple[Ran, ...] = ()
    too_old: Mapping[str, int] = field(default_factory=dict)
    exports: tuple[Entry, ...] = ()


class Reader:
    """Reads the state for whoever sits at the desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def read(self, store: Store, _period: Period, _argument: object) -> State:
        """The state."""
        law = law_of(store.site.country)
        exports: tuple[Entry, ...] = ()
        if self._desk.may("audit"):
            exports = tuple(trail.search(store, self._desk.actor, Query("", "export"), limit=EXPORTS))
        if not self._desk.may("privacy"):
            return State(law, exports=exports)
        return State(
            law, tuple(requests.list_requests(store)), tuple(notices.overview(store)), tuple(notices.notices(store)),
            tuple(notices.unfiled(store)), tuple(retention.rules(store)), tuple(retention.history(store)),
            retention.too_old(store), exports,
        )  # fmt: skip
