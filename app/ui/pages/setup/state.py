"""What the set-up page shows: the list of points as it stands."""

from __future__ import annotations

from dataclasses import dataclass

from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.period import Period
from app.ui.widgets.badge import Tone
from engines.monitor.check import Check
from engines.setup.golive import GROUPS, GoLive, Point, go_live
from models.store import Store
from models.times import now_ms

STATES: dict[str, tuple[str, Tone]] = {
    "ok": (mark("Done"), "good"),
    "warning": (mark("To do"), "warning"),
    "bad": (mark("Not there"), "bad"),
    "off": (mark("Optional"), "neutral"),
}


@dataclass(frozen=True)
class State:
    """The list, and when it was read (UTC milliseconds)."""

    now: int
    list: GoLive

    def group(self, name: str) -> tuple[Point, ...]:
        """The points of a group, in their order."""
        return tuple(point for point in self.list.points if point.group == name)


def read(store: Store, _period: Period, _argument: object) -> State:
    """The points as they stand."""
    from app.service.unit import installed

    return State(now_ms(), go_live(store, installed(store.site.folder)))


def title_of(check: Check) -> str:
    """The check's title in the language in force."""
    return check.title_zh if language() == "zh" else check.title


def says_of(check: Check) -> str:
    """What was found, in the language in force."""
    return _said(check.says, check)


def step_of(check: Check) -> str:
    """What to do, in the language in force; empty where there is nothing to do."""
    return _said(check.step, check) if check.step and check.state != "ok" else ""


def group_title(name: str) -> str:
    """A group's title in the language in force."""
    _, english, chinese = next(group for group in GROUPS if group[0] == name)
    return chinese if language() == "zh" else english


def _said(template: str, check: Check) -> str:
    facts = {name: current().integer(fact) if isinstance(fact, int) else fact for name, fact in check.facts.items()}
    return tr(template, **facts) if facts else tr(template)
