"""`journeys stages|cohorts|funnel`: where people stand, what became of cohorts, and how far people come in a funnel."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.entry import site_folder
from models.errors import Known
from models.store import Store, open_store
from models.times import business_day, now_ms

if TYPE_CHECKING:
    from engines.behaviour.funnel import Funnel
    from engines.behaviour.queries import Cell

Result = tuple[Any, str]
MOST_PEOPLE = 1000


def register(commands: Any) -> None:
    """Add the commands."""
    journeys = commands.add_parser("journeys", help="stages, cohorts and funnels of known people")
    actions = journeys.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("stages", help="people by stage, and the changes of the newest 30 days").set_defaults(
        run=run_stages
    )
    cohorts = actions.add_parser("cohorts", help="cohorts by month: who returned, what they paid, who did anything")
    cohorts.add_argument("--kind", choices=("join", "first_purchase"), default="first_purchase")
    cohorts.add_argument("--measure", choices=("returned", "revenue", "engaged"), default="returned")
    cohorts.set_defaults(run=run_cohorts)
    funnel = actions.add_parser("funnel", help="run a funnel: a JSON file, or the code of a known one")
    funnel.add_argument("funnel", metavar="FILE|CODE")
    funnel.add_argument(
        "--from", dest="first", metavar="DAY", help="first business day of entry (default: 90 days ago)"
    )
    funnel.add_argument("--to", dest="last", metavar="DAY", help="last business day of entry (default: today)")
    funnel.add_argument("--people", metavar="STEP", type=int, help="also list who reached this step (1 is the first)")
    funnel.add_argument("--lost", action="store_true", help="with --people: those who stopped just before that step")
    funnel.set_defaults(run=run_funnel)
    for command in actions.choices.values():
        command.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
        command.add_argument("--site", dest="site", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def run_stages(options: argparse.Namespace) -> Result:
    """People by stage with their share, and the flows of the newest 30 days."""
    from engines.journeys import queries

    store = open_store(site_folder(options))
    try:
        today = _today(store)
        stages = queries.stages(store)
        flows = queries.flows(store, (today - timedelta(days=29)).isoformat(), today.isoformat())
    finally:
        store.close()
    lines = [f"{s.stage:<10}{s.people:>9,}  {s.share:6.1%}" for s in stages]
    lines += [f"{f.previous or '(new)':>10} -> {f.stage:<10}{f.people:>9,}  {f.cause}" for f in flows]
    return {"stages": [asdict(s) for s in stages], "flows": [asdict(f) for f in flows]}, "\n".join(lines)


def run_cohorts(options: argparse.Namespace) -> Result:
    """A line a cohort; a month that is still running is marked with *, a group too small to show is left out."""
    from engines.behaviour import queries

    store = open_store(site_folder(options))
    try:
        rows = queries.cohorts(store, options.kind)
    finally:
        store.close()
    lines = []
    for row in rows:
        cells = [_cell(cell, options.measure, row.people) for cell in row.cells] if row.shown else ["too few to show"]
        lines.append(f"{row.cohort} {row.people:>7,}  " + "  ".join(cells))
    return [asdict(row) for row in rows if row.shown], "\n".join(lines)


def run_funnel(options: argparse.Namespace) -> Result:
    """Run it over the mart; the document is what the page shows."""
    from engines.behaviour.funnel import outcome, reached, stood_at

    store = open_store(site_folder(options))
    try:
        funnel = _funnel(store, options.funnel)
        today = _today(store)
        last = _day(options.last) if options.last else today
        first = _day(options.first) if options.first else last - timedelta(days=89)
        if first > last:
            raise Known("The first day comes after the last.", "Give --from a day before --to.", code=2)
        people = reached(store, funnel, first, last, now_ms(), listed=bool(options.people))
        found = outcome(funnel, people)
        document: dict[str, Any] = asdict(found) | {
            "funnel": funnel.document(), "from": first.isoformat(), "to": last.isoformat(),
        }  # fmt: skip
        if options.people:
            ids = stood_at(people, options.people - 1, lost=options.lost)
            document |= {"count": len(ids), "people": [one.hex() for one in ids[:MOST_PEOPLE]]}
    finally:
        store.close()
    lines = [f"{found.entered:,} entered, {found.immature:,} of them still have time."]
    lines += [f"{s.name:<24}{s.people:>9,}  {s.of_entered:6.1%}  ({s.low:.1%} to {s.high:.1%})" for s in found.steps]
    return document, "\n".join(lines)


def _funnel(store: Store, given: str) -> Funnel:
    from engines.behaviour.funnel import parsed
    from engines.behaviour.saved import funnels

    known = {saved.code: saved.funnel for saved in funnels(store)}
    if given in known:
        return known[given]
    try:
        return parsed(json.loads(Path(given).read_text("utf-8")))
    except OSError as error:
        raise Known(f"'{given}' is no file and no known funnel.", f"Known: {', '.join(known)}.", code=3) from error
    except ValueError as error:
        raise Known(f"{given} is no JSON: {error}.", "Correct the file and try again.", code=3) from error


def _cell(cell: Cell, measure: str, people: int) -> str:
    if measure == "revenue":
        return f"{cell.revenue_minor / 100:,.0f}" + "*" * cell.censored
    n = cell.returned if measure == "returned" else cell.engaged
    return f"{n / people if people else 0:.0%}" + "*" * cell.censored


def _today(store: Store) -> date:
    return date.fromisoformat(business_day(now_ms(), store.site.zone, store.site.day_starts_minute)[0])


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Known(f"'{text}' is no date.", "Write it as in 2026-11-20.", code=2) from None
