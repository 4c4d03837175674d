"""What people decide about scores: weights, rules and alert rules, each audited and each able to be taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from engines.access.guard import guarded
from engines.leads.rules import Rule, check_rule
from engines.leads.weights import COMPONENTS, DEFAULTS, weighing
from models.errors import Known
from models.ids import new_id
from models.store import Store
from models.times import now_ms

MOST_RULES = 30


@dataclass(frozen=True)
class Done:
    """What an action made: the version or code, and the relations that moved."""

    name: str
    relations: tuple[str, ...]


@guarded
def set_weights(store: Store, actor: str, use: str, weights: Mapping[str, float], *, undoes: int | None = None) -> Done:
    """A new version of the weights of a use (member, deal or health). Raises Known for weights that cannot be."""
    if use not in COMPONENTS:
        raise Known(f"There are no weights for '{use}'.", f"Choose one of: {', '.join(COMPONENTS)}.", code=2)
    checked = {name: round(value, 6) for name, value in weighing(use, 1, dict(weights)).weights.items()}
    with store.write(actor, "changing the weights of a score") as tx:
        before = tx.connection.exec_driver_sql(
            "SELECT coalesce(max(version), 0) FROM score_weights WHERE use = ?", (use,)
        ).scalar_one()
        version = int(before) + 1
        tx.execute_many(
            "INSERT INTO score_weights (use, version, weights, actor, at, undoes) VALUES (?, ?, ?, ?, ?, ?)",
            [(use, version, json.dumps(checked), actor, now_ms(), undoes)],
        )
        tx.audit("weigh", f"score_weights/{use}/{version}", weights=checked, undoes=undoes)
    return Done(str(version), ("score_weights",))


@guarded
def undo_weights(store: Store, actor: str, use: str) -> Done:
    """Back to the version before the one in force, as a new version; undoing twice goes back to where it was."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT version, weights FROM score_weights WHERE use = ? ORDER BY version DESC LIMIT 2", (use,)
        ).fetchall()
    if not rows:
        raise Known("These weights were never changed.", "There is nothing to undo.", code=2)
    earlier = json.loads(rows[1][1]) if len(rows) > 1 else dict(DEFAULTS[use])
    return set_weights(store, actor, use, earlier, undoes=int(rows[0][0]))


@guarded
def restore_weights(store: Store, actor: str, use: str, version: int) -> Done:
    """An earlier version's weights (0: the default) in force again, as a new version."""
    if version == 0:
        return set_weights(store, actor, use, DEFAULTS[use], undoes=None)
    with store.read() as connection:
        found = connection.exec_driver_sql(
            "SELECT weights FROM score_weights WHERE use = ? AND version = ?", (use, version)
        ).scalar()
    if found is None:
        raise Known(f"There is no version {version} of these weights.", "Look at the list of versions.", code=2)
    return set_weights(store, actor, use, json.loads(str(found)))


@guarded
def add_rule(store: Store, actor: str, rule: Rule) -> Done:
    """A new rule, on at once; its code is given by the store. Raises Denied for a protected trait."""
    checked = check_rule(rule)
    with store.write(actor, "adding a score rule") as tx:
        codes = [row[0] for row in tx.connection.exec_driver_sql("SELECT code FROM score_rule")]
        on = tx.connection.exec_driver_sql(
            "SELECT count(*) FROM score_rule WHERE use = ? AND state = 'on'", (rule.use,)
        ).scalar_one()
        if on >= MOST_RULES:
            raise Known(f"There are {on} rules already.", "Switch one off first.", code=2)
        code = f"rule-{1 + max((int(c[5:]) for c in codes if c[5:].isdecimal()), default=0):03d}"
        tx.execute_many(
            "INSERT INTO score_rule (id, code, use, name, field, op, value, points, state, actor, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'on', ?, ?)",
            [
                (
                    new_id(), code, checked.use, checked.name.strip(), checked.field, checked.op,
                    json.dumps(checked.value, ensure_ascii=False), checked.points, actor, now_ms(),
                )
            ],
        )  # fmt: skip
        tx.audit(
            "add", f"score_rule/{code}", name=checked.name, field=checked.field, op=checked.op, value=checked.value,
            points=checked.points,
        )  # fmt: skip
    return Done(code, ("score_rule",))


@guarded
def switch_rule(store: Store, actor: str, code: str, *, on: bool) -> Done:
    """Switch a rule on or off. Raises Known for one that is not there."""
    state = "on" if on else "off"
    with store.write(actor, "switching a score rule") as tx:
        changed = tx.connection.exec_driver_sql(
            "UPDATE score_rule SET state = ?, actor = ?, at = ? WHERE code = ?", (state, actor, now_ms(), code)
        ).rowcount
        if not changed:
            raise Known(f"There is no rule '{code}'.", "Look at the list of rules.", code=2)
        tx.audit("switch", f"score_rule/{code}", state=state)
    return Done(code, ("score_rule",))
