"""`leads`: the priority list, one prospect, the weights and the rules of its score."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from app.cli.actor import actor
from app.cli.entry import at_least_one, site_folder
from models.errors import Known
from models.store import Store, open_store

Result = tuple[Any, str]
_ACTIONS = ("list", "show", "rules", "weights", "rescore", "alerts")


def register(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("leads", help="prospects by score: list, show one, weights, rules, rescore")
    command.add_argument("action", choices=_ACTIONS, nargs="?", default="list")
    command.add_argument("subject", nargs="?", metavar="ID", help="show: the prospect's id, as list prints it")
    command.add_argument("--use", choices=("member", "deal", "health"), default="member", help="people, or deals")
    command.add_argument("--pipeline", help="list: of deals, leasing, casual, space or media")
    command.add_argument("--limit", type=at_least_one, default=20, help="list: how many (20)")
    command.add_argument("--set", nargs="+", metavar="NAME=WEIGHT", help="weights: a new version of them")
    command.add_argument("--undo", action="store_true", help="weights: back to the version before")
    command.add_argument("--add", nargs=5, metavar=("NAME", "FIELD", "OP", "VALUE", "POINTS"), help="rules: one more")
    command.add_argument(
        "--watch", nargs=5, metavar=("NAME", "FIELD", "OP", "VALUE", "DESK"),
        help="alerts: one rule more, over lapse, health, fall or momentum, above or below",
    )  # fmt: skip
    command.add_argument("--on", metavar="CODE", help="rules, alerts: switch one on")
    command.add_argument("--off", metavar="CODE", help="rules, alerts: switch one off")
    command.add_argument("--test", action="store_true", help="weights, rules: only say who would change")
    command.set_defaults(run=run_leads)


def run_leads(options: argparse.Namespace) -> Result:
    """One of the actions."""
    act: dict[str, Callable[[Store, argparse.Namespace], Result]] = {
        "list": run_list, "show": run_show, "rules": run_rules, "weights": run_weights, "rescore": run_rescore,
        "alerts": run_alerts,
    }  # fmt: skip
    store = open_store(site_folder(options))
    try:
        return act[options.action](store, options)
    finally:
        store.close()


def run_list(store: Store, options: argparse.Namespace) -> Result:
    """The highest composites first."""
    from engines.leads.queries import leads, refusal

    found = leads(store, options.use, pipeline=options.pipeline, limit=options.limit)
    why = refusal(store, options.use)
    lines = [
        f"{lead.composite:5.1f}  {lead.rung:<11}  {lead.next_step:<16}  {lead.subject_id.hex()}  {lead.name or ''}"
        for lead in found
    ]
    lines += [why[0]] if why else []
    document = {"leads": [_plain(asdict(lead)) for lead in found], "refusal": why[0] if why else None}
    return document, "\n".join(lines) or "Nobody is scored yet. Run: python main.py run leads"


def run_show(store: Store, options: argparse.Namespace) -> Result:
    """One prospect with factors and history."""
    from engines.leads.queries import history, lead

    subject = _subject(options.subject)
    found = lead(store, options.use, subject)
    if found is None:
        raise Known("This is no prospect.", "Look at: python main.py leads list", code=2)
    moves = history(store, options.use, subject)
    lines = [f"composite {found.composite:.1f}, {found.rung}; next: {found.next_step}"]
    if found.probability is not None:
        lines.append(
            f"chance {found.probability:.1%} ({found.low:.1%} to {found.high:.1%}), model {found.model_version}"
        )
    lines += [f"{f['points']:+7.2f}  {f['factor']} ({f['value']:g})" for f in found.factors]
    lines += [f"{m.day}  {m.composite:5.1f}  {m.rung}  {m.cause} {m.detail}".rstrip() for m in moves]
    return {**_plain(asdict(found)), "history": [asdict(m) for m in moves]}, "\n".join(lines)


def run_weights(store: Store, options: argparse.Namespace) -> Result:
    """The versions of the weights, a new one, or what one would do."""
    from engines.leads.actions import set_weights, undo_weights
    from engines.leads.preview import preview_weights
    from engines.leads.queries import weight_versions

    given = _weights(options.set or [])
    if given and options.test:
        return _preview(preview_weights(store, options.use, given))
    if options.undo:
        undo_weights(store, actor(store), options.use)
    elif given:
        set_weights(store, actor(store), options.use, given)
    versions = weight_versions(store, options.use)
    lines = [
        f"{v.weighing.version:3}  {', '.join(f'{k} {w:.3f}' for k, w in v.weighing.weights.items())}  {v.actor}"
        for v in versions
    ]
    return [{**asdict(v.weighing), "actor": v.actor, "at": v.at, "undoes": v.undoes} for v in versions], "\n".join(
        lines
    )


def run_rules(store: Store, options: argparse.Namespace) -> Result:
    """The rules, one more, or what it would do; switching one on or off."""
    from engines.leads.actions import add_rule, switch_rule
    from engines.leads.preview import preview_rule
    from engines.leads.queries import rules
    from engines.leads.rules import Rule

    if options.add:
        name, field, op, value, points = options.add
        rule = Rule("new", options.use, name, field, op, _value(value), _points(points))
        if options.test:
            return _preview(preview_rule(store, rule))
        add_rule(store, actor(store), rule)
    for code, on in ((options.on, True), (options.off, False)):
        if code:
            switch_rule(store, actor(store), code, on=on)
    found = rules(store, options.use)
    lines = [
        f"{r.rule.code}  {'on ' if r.on else 'off'}  {r.rule.points:+3d}  {r.rule.name}: "
        f"{r.rule.field} {r.rule.op} {r.rule.value}"
        for r in found
    ]
    return [{**asdict(r.rule), "on": r.on} for r in found], "\n".join(lines) or "There are no rules."


def run_rescore(store: Store, _options: argparse.Namespace) -> Result:
    """Score anew everyone to whom something happened since the last score, as the service does by itself."""
    from engines.leads.incremental import rescore_changed

    done = rescore_changed(store)
    if done.everyone:
        return {"scored": 0, "everyone": True}, "Too much happened to follow one by one. Run the engine 'leads'."
    return {"scored": done.scored, "everyone": False}, f"{done.scored} prospects scored anew."


def run_alerts(store: Store, options: argparse.Namespace) -> Result:
    """The alert rules of the site's own, one more, or one switched."""
    from engines.health.actions import AlertRule, add_alert_rule, alert_rules, switch_alert_rule

    if options.watch:
        name, field, op, value, desk = options.watch
        number = _value(value)
        if isinstance(number, str):
            raise Known(f"'{value}' is no number.", "Give the value that the figure compares with.", code=2)
        add_alert_rule(store, actor(store), AlertRule("new", name, field, op, number, desk=desk))
    for code, on in ((options.on, True), (options.off, False)):
        if code:
            switch_alert_rule(store, actor(store), code, on=on)
    found = alert_rules(store)
    lines = [
        f"{r.code}  {'on ' if r.on else 'off'}  {r.name}: {r.field} {r.op} {r.value:g}, for {r.desk}" for r in found
    ]
    lines.append("Every site also has: lapse above churn.high, fall above health.fall.")
    return [asdict(rule) for rule in found], "\n".join(lines)


def _preview(found: Any) -> Result:
    text = f"{found.moved} of {found.scored} would move; {found.up} up a rung, {found.down} down."
    if found.matched is not None:
        text = f"The rule applies to {found.matched}. {text}"
    lines = [
        f"{m.before:5.1f} -> {m.after:5.1f}  {m.rung_before} -> {m.rung_after}  {m.subject_id.hex()}"
        for m in found.moves
    ]
    return _plain(asdict(found)), "\n".join([text, *lines])


def _subject(text: str | None) -> bytes:
    try:
        return bytes.fromhex(text or "")
    except ValueError:
        raise Known(f"'{text}' is no id.", "Ids are printed by: python main.py leads list", code=2) from None


def _weights(given: list[str]) -> dict[str, float]:
    return {
        name: float(_value(value)) if _is_number(value) else -1.0
        for name, _, value in (g.partition("=") for g in given)
    }


def _value(text: str) -> float | str:
    return float(text) if _is_number(text) else text


def _points(text: str) -> int:
    if not _is_number(text) or float(text) != int(float(text)):
        raise Known(f"'{text}' is no number of points.", "Give a whole number.", code=2)
    return int(float(text))


def _is_number(text: str) -> bool:
    try:
        return float(text) == float(text)
    except ValueError:
        return False


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
