"""What people decide about alert rules: one more, or one off; each audited."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engines.access.guard import guarded
from engines.health.watch import FIELDS, OPS
from models.errors import Known
from models.ids import new_id
from models.store import Store
from models.times import now_ms

SEVERITIES = ("notice", "warning", "critical")
MOST_RULES, MOST_ALERTS = 20, 50


@dataclass(frozen=True)
class AlertRule:
    """Where `field` (lapse, health, fall, momentum) is above or below `value`, `desk` hears of `most` a night."""

    code: str
    name: str
    field: str
    op: str
    value: float
    severity: str = "notice"
    desk: str = "member desk"
    most: int = 5
    on: bool = True


def alert_rules(store: Store) -> list[AlertRule]:
    """The site's own rules, by code; the two that every site has are settings."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT code, name, field, op, value, severity, desk, most, state FROM alert_rule ORDER BY code"
        ).fetchall()
    return [
        AlertRule(code, name, field, op, value, severity, desk, most, state == "on")
        for code, name, field, op, value, severity, desk, most, state in rows
    ]


@guarded
def add_alert_rule(store: Store, actor: str, rule: AlertRule) -> str:
    """Keep a rule; returns its code. Raises Known for one that cannot be."""
    _check(rule)
    with store.write(actor, "adding an alert rule") as tx:
        codes = [row[0] for row in tx.connection.exec_driver_sql("SELECT code FROM alert_rule")]
        if len(codes) >= MOST_RULES:
            raise Known(f"There are {len(codes)} alert rules already.", "Switch one off and use it anew.", code=2)
        code = f"watch-{len(codes) + 1:02d}"
        tx.execute_many(
            "INSERT INTO alert_rule (id, code, name, field, op, value, severity, desk, most, state, actor, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'on', ?, ?)",
            [
                (
                    new_id(), code, rule.name.strip(), rule.field, rule.op, rule.value, rule.severity,
                    rule.desk.strip(), rule.most, actor, now_ms(),
                )
            ],
        )  # fmt: skip
        tx.audit("add", f"alert_rule/{code}", field=rule.field, op=rule.op, value=rule.value, desk=rule.desk)
    return code


@guarded
def switch_alert_rule(store: Store, actor: str, code: str, *, on: bool) -> None:
    """Switch a rule on or off. Raises Known for one that is not there."""
    state = "on" if on else "off"
    with store.write(actor, "switching an alert rule") as tx:
        changed = tx.connection.exec_driver_sql(
            "UPDATE alert_rule SET state = ?, actor = ?, at = ? WHERE code = ?", (state, actor, now_ms(), code)
        ).rowcount
        if not changed:
            raise Known(f"There is no alert rule '{code}'.", "Look at: python main.py leads alerts", code=2)
        tx.audit("switch", f"alert_rule/{code}", state=state)


def _check(rule: AlertRule) -> None:
    allowed = (("field", rule.field, FIELDS), ("op", rule.op, OPS), ("severity", rule.severity, SEVERITIES))
    for what, found, choices in allowed:
        if found not in choices:
            raise Known(f"'{found}' is no {what} of an alert rule.", f"Choose one of: {', '.join(choices)}.", code=2)
    if not math.isfinite(rule.value) or not 0 <= rule.most <= MOST_ALERTS:
        raise Known("The value must be a number, and at most 50 alerts a night.", "Give other figures.", code=2)
    if not rule.name.strip() or not rule.desk.strip():
        raise Known("An alert rule needs a name and a desk.", "Say whom it is for.", code=2)
