"""Acts on occasions and their results: write down, change, end, choose a baseline, accept, keep as a playbook."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from engines.access.guard import guarded
from engines.evaluation.baselines import RULES
from models.errors import Known
from models.ids import new_id
from models.store import Store, Transaction
from models.times import now_ms

LONGEST = 92
SCOPES = ("mall", "zone", "tenant")


@dataclass(frozen=True)
class Plan:
    """An occasion as a person writes it down: days are ISO text, both within; the cost is in minor units."""

    name: str
    kind: str
    from_day: str
    to_day: str
    name_zh: str | None = None
    scope: str = "mall"
    scope_code: str | None = None
    cost_minor: int | None = None
    baseline: str = "weeks"
    baseline_weeks: int = 4


@guarded
def add_occasion(store: Store, actor: str, plan: Plan, code: str | None = None) -> str:
    """Write an occasion down; its code (made from the name where none is given). Raises Known for what cannot be."""
    with store.write(actor, "adding an occasion") as tx:
        checked = _checked(tx, plan)
        made = code or _free_code(tx, checked.name)
        if _found(tx, made):
            raise Known(f"There is an occasion '{made}' already.", "Choose another code.")
        names, values = _columns(checked)
        marks = ", ".join("?" * (len(values) + 2))
        sql = f"INSERT INTO occasion (id, code, {', '.join(names)}) VALUES ({marks})"  # noqa: S608 - declared names
        tx.connection.exec_driver_sql(sql, (new_id(), made, *values))
        tx.audit("add", f"occasion/{made}", **asdict(checked))
    return made


@guarded
def edit_occasion(store: Store, actor: str, code: str, plan: Plan) -> None:
    """Change an occasion. The baseline assigned first stays on it: another one is `choose_baseline`."""
    with store.write(actor, "changing an occasion") as tx:
        row = _found(tx, code)
        if row is None:
            raise Known(f"There is no occasion '{code}'.", "Look at the list again.")
        checked = replace(_checked(tx, plan), baseline=row["baseline"], baseline_weeks=row["baseline_weeks"])
        names, values = _columns(checked)
        sql = f"UPDATE occasion SET {', '.join(f'{n} = ?' for n in names)} WHERE code = ?"  # noqa: S608 - declared names
        tx.connection.exec_driver_sql(sql, (*values, code))
        tx.audit("change", f"occasion/{code}", **asdict(checked))


@guarded
def end_occasion(store: Store, actor: str, code: str, last_day: str) -> None:
    """Close an occasion on another last day than was planned."""
    with store.write(actor, "ending an occasion") as tx:
        row = _found(tx, code)
        if row is None:
            raise Known(f"There is no occasion '{code}'.", "Look at the list again.")
        first, last = _day(row["from_day"]), _day(last_day)
        if last < first:
            raise Known("An occasion cannot end before it began.", "Choose its first day or a later one.")
        tx.connection.exec_driver_sql("UPDATE occasion SET to_day = ? WHERE code = ?", (last_day, code))
        tx.audit("end", f"occasion/{code}", to_day=last_day)


@guarded
def choose_baseline(store: Store, actor: str, subject: tuple[str, str], baseline: str, reason: str) -> None:
    """Judge a subject (kind, code) by another baseline; the first assigned one stays known, and so does the reason."""
    told = " ".join(reason.split())
    if baseline not in RULES:
        raise Known(f"There is no baseline '{baseline}'.", f"Choose one of: {', '.join(RULES)}.", code=2)
    if len(told) < 3:
        raise Known("Another baseline needs a reason.", "Write why the first one does not fit.")
    with store.write(actor, "choosing a baseline") as tx:
        _require_subject(tx, subject)
        sql = "SELECT ifnull(max(number), 0) + 1 FROM baseline_choice WHERE subject = ? AND code = ?"
        number = tx.connection.exec_driver_sql(sql, subject).scalar_one()
        tx.connection.exec_driver_sql(
            "INSERT INTO baseline_choice (subject, code, number, baseline, reason, actor, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*subject, number, baseline, told, actor, now_ms()),
        )
        tx.audit("choose baseline", "/".join(subject), baseline=baseline, reason=told)


@guarded
def accept_result(store: Store, actor: str, subject: tuple[str, str], baseline: str, measure: str = "footfall") -> None:
    """Accept a subject's effect as it stands. Raises Known where it has no interval or is still running."""
    with store.write(actor, "accepting a result") as tx:
        row = _effect(tx, subject, baseline, measure)
        tx.connection.exec_driver_sql(
            "INSERT INTO accepted_result (subject, code, baseline, measure, lift, low, high, actor, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (subject, code) DO UPDATE SET "
            "baseline = excluded.baseline, measure = excluded.measure, lift = excluded.lift, low = excluded.low, "
            "high = excluded.high, actor = excluded.actor, at = excluded.at",
            (*subject, baseline, measure, *row, actor, now_ms()),
        )
        lift, low, high = row
        tx.audit("accept", "/".join(subject), baseline=baseline, measure=measure, lift=lift, low=low, high=high)


@guarded
def keep_playbook(store: Store, actor: str, subject: tuple[str, str], name: str, note: str = "") -> str:
    """Keep an accepted subject as a playbook; its code. Raises Known where nothing was accepted yet."""
    with store.write(actor, "keeping a playbook") as tx:
        sql = "SELECT measure, lift, low, high FROM accepted_result WHERE subject = ? AND code = ?"
        row = tx.connection.exec_driver_sql(sql, subject).fetchone()
        if row is None:
            raise Known("Only an accepted result becomes a playbook.", "Accept the result first.")
        title = " ".join(name.split())
        if not title:
            raise Known("A playbook needs a name.", "Write one.")
        found = _require_subject(tx, subject)
        code = f"{subject[0]}-{subject[1]}"
        days = (_day(found["to_day"]) - _day(found["from_day"])).days + 1
        tx.connection.exec_driver_sql(
            "INSERT INTO playbook (code, name, subject, subject_code, channel, days, measure, lift, low, high, note, "
            "actor, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (code) DO UPDATE SET "
            "name = excluded.name, measure = excluded.measure, lift = excluded.lift, low = excluded.low, "
            "high = excluded.high, note = excluded.note, actor = excluded.actor, at = excluded.at",
            (code, title, *subject, found.get("channel"), days, *row, note.strip() or None, actor, now_ms()),
        )
        tx.audit("keep", f"playbook/{code}", name=title)
    return code


def _checked(tx: Transaction, plan: Plan) -> Plan:
    """The plan with its words tidied. Raises Known for days, scope or cost that cannot be."""
    name, kind = " ".join(plan.name.split()), plan.kind.strip() or "other"
    if not name:
        raise Known("An occasion needs a name.", "Write one.")
    first, last = _day(plan.from_day), _day(plan.to_day)
    if last < first:
        raise Known("The last day is before the first.", "Exchange them.")
    if (last - first).days >= LONGEST:
        raise Known(f"An occasion lasts at most {LONGEST} days.", "Split it.")
    if plan.cost_minor is not None and plan.cost_minor < 0:
        raise Known("A cost cannot be negative.", "Write the amount that was spent.")
    if plan.baseline not in RULES or not 2 <= plan.baseline_weeks <= 12:
        raise Known("The baseline is weeks (2 to 12 of them), year or model.", "Choose one.")
    return replace(plan, name=name, kind=kind, scope_code=_scope(tx, plan))


def _scope(tx: Transaction, plan: Plan) -> str | None:
    if plan.scope not in SCOPES:
        raise Known(f"An occasion is for one of: {', '.join(SCOPES)}.", "Choose one.")
    if plan.scope == "mall":
        return None
    sql = f"SELECT count(*) FROM {plan.scope} WHERE code = ?"  # noqa: S608 - zone or tenant
    if not plan.scope_code or not tx.connection.exec_driver_sql(sql, (plan.scope_code,)).scalar_one():
        raise Known(f"There is no {plan.scope} '{plan.scope_code or ''}'.", "Choose one of the list.")
    return plan.scope_code


def _columns(plan: Plan) -> tuple[list[str], list[Any]]:
    row = asdict(plan)
    return list(row), list(row.values())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Known(f"'{text}' is no day.", "Write it as 2026-11-21.", code=2) from None


def _found(tx: Transaction, code: str) -> dict[str, Any] | None:
    sql = "SELECT from_day, to_day, baseline, baseline_weeks FROM occasion WHERE code = ?"
    row = tx.connection.exec_driver_sql(sql, (code,)).fetchone()
    return dict(zip(("from_day", "to_day", "baseline", "baseline_weeks"), row, strict=True)) if row else None


def _require_subject(tx: Transaction, subject: tuple[str, str]) -> dict[str, Any]:
    kind, code = subject
    if kind == "occasion":
        found = _found(tx, code)
    else:
        sql = "SELECT from_day, to_day, channel FROM campaign WHERE code = ?"
        row = tx.connection.exec_driver_sql(sql, (code,)).fetchone() if kind == "campaign" else None
        found = dict(zip(("from_day", "to_day", "channel"), row, strict=True)) if row else None
    if found is None:
        raise Known(f"There is no {kind} '{code}'.", "Look at the list again.")
    return found


def _free_code(tx: Transaction, name: str) -> str:
    """A code from the name's letters, with a number where it is taken."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40] or "occasion"
    code, number = plain, 1
    while _found(tx, code):
        number += 1
        code = f"{plain}_{number}"
    return code


def _effect(tx: Transaction, subject: tuple[str, str], baseline: str, measure: str) -> tuple[float, float, float]:
    sql = (
        "SELECT lift, low, high, state FROM occasion_effect WHERE subject = ? AND code = ? AND baseline = ? "
        "AND measure = ? AND scope = 'mall' AND phase = 'during'"
    )
    row = tx.connection.exec_driver_sql(sql, (*subject, baseline, measure)).fetchone()
    if row is None or None in row[:3]:
        raise Known("There is no measured effect to accept.", "Wait for the evaluation, or choose another baseline.")
    if row[3] == "running":
        raise Known("It is still running.", "Accept the result when it is over.")
    return row[0], row[1], row[2]
