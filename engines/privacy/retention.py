"""Keeping no longer than decided: rules looked at, rehearsed, decided on (by two people) and carried out each night.

A rehearsal, a run by hand and each night's removal leave a line in `retention_run`, which nothing can change: what was
older than the rule allows, what went, and the oldest that is left. A night on which nothing was too old is in the
ledger of runs alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engines.access import approvals
from engines.access.guard import guarded
from engines.privacy import retention_acts as acts
from engines.privacy.retention_rules import BY_CODE, RULES, Rule
from models import settings
from models.connection import Connection
from models.errors import Known
from models.ids import new_id
from models.store import Store
from models.times import business_day, now_ms

DAY_MS = 86_400_000
LONGEST = 36_500
NIGHT = "service"


@dataclass(frozen=True)
class InForce:
    """A rule as the site has it: days (0 for ever), whether it runs, who decided when ('' and 0: the default)."""

    rule: Rule
    days: int
    active: bool
    basis: str
    actor: str = ""
    at: int = 0


@dataclass(frozen=True)
class Ran:
    """One look at a rule: rows older than `cutoff_day`, rows removed, the oldest left (a day, or None)."""

    rule: str
    at: int
    cutoff_day: str
    dry: bool
    found: int
    removed: int
    oldest_left: str | None
    actor: str


Tell = Callable[[float, str], None]


def rules(store: Store) -> list[InForce]:
    """Every rule as it is in force, in the catalogue's order."""
    with store.read() as connection:
        rows = connection.exec_driver_sql("SELECT code, days, active, basis, actor, at FROM retention_rule").fetchall()
    own = {code: (days, active, basis, actor, at) for code, days, active, basis, actor, at in rows}
    return [_in_force(store, rule, own.get(rule.code)) for rule in RULES]


def in_force(store: Store, code: str) -> InForce:
    """One rule. Raises Known where there is none of that code."""
    found = next((one for one in rules(store) if one.rule.code == code), None)
    if found is None:
        raise Known(
            f"There is no rule '{code}'.", f"Rules: {', '.join(BY_CODE)}.", code=2, sentence_zh=f"没有规则“{code}”。"
        )  # fmt: skip
    return found


@guarded
def set_rule(store: Store, actor: str, code: str, days: int, *, active: bool = True, basis: str = "") -> None:
    """Decide how long a kind of data is kept; where people sign in another person approves first.

    Raises Known for a rule that is fixed or fewer days than its least, `approvals.Waiting` before the approval.
    """
    rule = in_force(store, code).rule
    if rule.action == "keep":
        raise Known("This is always kept.", code=2, sentence_zh="此类数据始终保留。")
    if not (days == 0 or rule.least <= days <= LONGEST):
        raise Known(
            f"{rule.title}: {rule.least} to {LONGEST} days, or 0 for ever.", code=2,
            sentence_zh=f"{rule.title_zh}：{rule.least} 至 {LONGEST} 天，0 表示永久。",
        )  # fmt: skip
    approvals.ensure(store, actor, "retention", {"rule": code, "days": days, "active": active}, basis)
    if rule.setting:
        settings.change_setting(store, actor, rule.setting, days)
    with store.write(actor, "setting a retention rule") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO retention_rule (code, days, action, active, basis, actor, at) VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (code) DO UPDATE SET days = excluded.days, active = excluded.active, basis = excluded.basis, "
            "actor = excluded.actor, at = excluded.at",
            (code, days, rule.action, int(active), basis or None, actor, now_ms()),
        )
        tx.audit("retention", f"retention_rule/{code}", days=days, active=active)


@guarded
def run_rule(store: Store, actor: str, code: str, *, dry: bool = False) -> Ran:
    """Carry one rule out now, or with `dry` only count; either leaves its line. Raises Known for a rule that is off."""
    one = in_force(store, code)
    if not dry and not _runs(one):
        raise Known(
            "This rule is off, or keeps for ever.", "Switch it on with a number of days first.", code=2,
            sentence_zh="该规则未启用或设为永久保留。", step_zh="请先启用并设定天数。",
        )  # fmt: skip
    return _look(store, actor, one, dry=dry)


def run_due(store: Store, tell: Tell) -> list[Ran]:
    """Carry out every rule that is on: the night's work of the service."""
    due = [one for one in rules(store) if _runs(one)]
    done = []
    for place, one in enumerate(due):
        tell(place / len(due), one.rule.title)
        done.append(_look(store, NIGHT, one, dry=False))
    return done


def rehearse(store: Store, actor: str) -> list[Ran]:
    """What each rule with a number of days would remove, on or off."""
    return [run_rule(store, actor, one.rule.code, dry=True) for one in rules(store) if one.days]


def history(store: Store, *, code: str = "", limit: int = 200) -> list[Ran]:
    """The newest looks, of one rule or of all; looks that found nothing are left out unless a rule is named."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT rule, at, cutoff_day, dry, found, removed, oldest_left, actor FROM retention_run "
            "WHERE (?1 = '' AND found > 0) OR rule = ?1 ORDER BY at DESC LIMIT ?2",
            (code, limit),
        ).fetchall()
    return [Ran(rule, at, cutoff, bool(dry), *rest) for rule, at, cutoff, dry, *rest in rows]


def too_old(store: Store) -> dict[str, int]:
    """What the last look at each rule left: what a trial counted, nothing after a removal."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT rule, found - removed FROM retention_run r WHERE NOT EXISTS "
            "(SELECT 1 FROM retention_run n WHERE n.rule = r.rule AND n.at > r.at)"
        )
        return {str(rule): int(left) for rule, left in rows}


def cutoff_of(store: Store, days: int) -> str:
    """The first business day that is kept."""
    return business_day(now_ms() - DAY_MS * days, store.site.zone, store.site.day_starts_minute)[0]


def _runs(one: InForce) -> bool:
    return one.active and one.days > 0 and one.rule.action != "keep"


def _in_force(store: Store, rule: Rule, own: tuple[int, int, str | None, str, int] | None) -> InForce:
    days = int(settings.read(store, rule.setting)) if rule.setting else (own[0] if own else rule.days)
    if own is None:
        return InForce(rule, days, rule.active, rule.basis)
    return InForce(rule, days, bool(own[1]), own[2] or rule.basis, own[3], own[4])


def _look(store: Store, actor: str, one: InForce, *, dry: bool) -> Ran:
    cutoff = cutoff_of(store, one.days) if one.days else "0000-00-00"
    before = acts.Before(cutoff, now_ms() - DAY_MS * one.days)
    run = new_id()
    with store.read() as connection:
        found, _ = acts.count(connection, store, one.rule, before)
    removed = 0 if dry or not found else acts.remove(store, actor, one.rule, before, run)
    with store.read() as connection:
        oldest = _oldest(connection, store, one.rule, before, dry=dry)
    ran = Ran(one.rule.code, now_ms(), cutoff, dry, found, removed, oldest, actor)
    if actor == NIGHT and not found:
        return ran
    with store.write(actor, "booking a retention run") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO retention_run (id, rule, at, cutoff_day, dry, found, removed, oldest_left, actor) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (run, ran.rule, ran.at, ran.cutoff_day, int(dry), ran.found, ran.removed, ran.oldest_left, actor),
        )
        if removed:
            tx.audit("retain", f"retention_rule/{ran.rule}", cutoff=cutoff, removed=removed)
    return ran


def _oldest(connection: Connection, store: Store, rule: Rule, before: acts.Before, *, dry: bool) -> str | None:
    return acts.oldest(connection, store, rule) if dry or rule.tables else None
