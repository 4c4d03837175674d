"""`evaluation list`, `evaluation show CODE`: what occasions and campaigns changed."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from app.cli.entry import site_folder
from engines.anomalies.engine import MINOR_DIGITS
from engines.evaluation import queries
from engines.evaluation.baselines import RULES
from models.store import open_store


def register(commands: Any) -> None:
    """Add the commands."""
    command = commands.add_parser("evaluation", help="what occasions and campaigns changed against their baseline")
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="every occasion and campaign with its effect")
    listed.set_defaults(run=run_list)
    show = actions.add_parser("show", help="one of them in full, under every baseline")
    show.add_argument("code", metavar="CODE")
    show.add_argument("--baseline", choices=RULES, help="default: the one in force")
    show.set_defaults(run=run_show)
    for each in (listed, show):
        each.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")


def run_list(options: argparse.Namespace) -> tuple[Any, str]:
    """The list, the newest first."""
    store = open_store(site_folder(options))
    try:
        rows = queries.subjects(store)
    finally:
        store.close()
    document = {"rows": [asdict(row) for row in rows], "demo": store.site.demo}
    lines = [
        f"{r.from_day} {r.to_day}  {r.subject:9} {r.code[:24]:24} {r.baseline:6} {_effect(r.effect)}" for r in rows
    ]
    return document, "\n".join(lines) or "No occasion or campaign is known."


def run_show(options: argparse.Namespace) -> tuple[Any, str]:
    """One subject in full. Raises Known for a code there is not."""
    store = open_store(site_folder(options))
    try:
        row = queries.subject(store, options.code)
        found = queries.detail(store, row, options.baseline)
    finally:
        store.close()
    document = asdict(found) | {"demo": store.site.demo}
    lines = [f"{row.name}: {row.from_day} to {row.to_day}, baseline {row.baseline} (first assigned: {row.assigned})"]
    lines += [f"  {e.baseline:6} {e.measure:12} {e.phase:7} {_effect(e)}" for e in found.effects]
    sure = [e for e in found.places if e.verdict in ("up", "down")]
    lines.append(f"Places told apart from chance after correction: {len(sure)} of {len(found.places)}")
    lines += [f"  {e.scope} {e.name}: {_effect(e)}" for e in sure]
    if found.cost is not None and found.cost.middle is not None:
        lines.append(f"Cost per visit added: {found.cost.middle / 10 ** MINOR_DIGITS.get(store.site.currency, 2):,.2f}")
    return document, "\n".join(lines)


def _effect(effect: queries.EffectRow | None) -> str:
    if effect is None or effect.lift is None:
        return "not enough data"
    if effect.low is None or effect.high is None:
        return f"{effect.lift:+.1%} (no interval: {effect.placebos} quiet times)"
    words = {"up": "more", "down": "less", "unclear": "not told apart from chance"}
    chance = f", a quiet time looks so {effect.p:.0%} of the time" if effect.p is not None else ""
    return f"{effect.lift:+.1%} [{effect.low:+.1%}, {effect.high:+.1%}] {words[effect.verdict]}{chance}"
