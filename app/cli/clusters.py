"""`clusters`: groups of buyers found in the data, how they were found, their names, and moves between segments."""

from __future__ import annotations

import argparse
from typing import Any

from app.cli.actor import actor
from app.cli.entry import site_folder
from models.errors import Known, NotEnoughData
from models.store import Store, open_store

Result = tuple[Any, str]


def register(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("clusters", help="groups of buyers who behave alike; moves between segments")
    command.add_argument("action", choices=("show", "tried", "moves", "name", "segment"), nargs="?", default="show")
    command.add_argument("number", nargs="?", type=int, metavar="N", help="name, segment: the cluster's number")
    command.add_argument("name", nargs="?", default="", help="name: what to call it (empty: our name again)")
    command.add_argument("--system", choices=("rfm", "cluster"), default="rfm", help="moves: between which segments")
    command.set_defaults(run=run_clusters)


def run_clusters(options: argparse.Namespace) -> Result:
    """Show the clusters, what was tried, or moves; name a cluster; make a segment of one."""
    store = open_store(site_folder(options))
    try:
        if options.action == "moves":
            return _moves(store, options.system)
        if options.action in {"name", "segment"}:
            return _act(store, options)
        return _tried(store) if options.action == "tried" else _show(store)
    finally:
        store.close()


def _show(store: Store) -> Result:
    from engines.clusters.queries import board

    found = board(store)
    if found.last is None:
        raise NotEnoughData("Clusters have not been looked for yet.", "Run: python main.py run clusters")
    if found.card is None:
        raise NotEnoughData(found.last.promotion, "See what was tried: python main.py clusters tried")
    rows = [
        {
            "cluster": row.cluster_id, "name": row.name, "people": row.people, "share": row.share,
            "spent_minor": row.spent_minor, "stability": row.jaccard,
            "traits": [[t.measure, round(t.difference, 2)] for t in row.traits[:4]],
        }
        for row in found.clusters
    ]  # fmt: skip
    lines = [found.card.promotion, *(_line(row) for row in rows)]
    if found.last is not found.card and found.last.version > found.card.version:
        lines.append(f"The refit of {found.last.as_of} was refused: {found.last.promotion}")
    return {"version": found.card.version, "verdict": found.card.promotion, "clusters": rows}, "\n".join(lines)


def _line(row: dict[str, Any]) -> str:
    traits = ", ".join(f"{name} {value:+.1f} sd" for name, value in row["traits"])
    people = "few" if row["people"] is None else f"{row['people']:,}"
    return (
        f"{row['cluster']:>3}  {row['name']:<44} {people:>9} people  {row['share']:>6.1%}  "
        f"found again {row['stability']:.2f}  {traits}"
    )


def _tried(store: Store) -> Result:
    from engines.clusters.queries import board

    last = board(store).last
    if last is None:
        raise NotEnoughData("Clusters have not been looked for yet.", "Run: python main.py run clusters")
    trials = last.extra["trials"]
    lines = [last.promotion] + [
        f"{'all measures' if t['view'] == 0 else 'value alone':<13} k={t['k']}  silhouette {t['silhouette']:.3f}  "
        f"shuffled {t['null']:.3f}  gradient {t['gradient']:.3f}  stability {t['ari']:.2f}  "
        f"smallest {t['smallest']:.1%}  {'taken' if t['taken'] else t['fails'] or 'passes'}"
        for t in trials
    ]
    return {"verdict": last.promotion, "trials": trials}, "\n".join(lines)


def _moves(store: Store, system: str) -> Result:
    from engines.clusters.movement_queries import months, transitions, trials

    backs = months(store, system)
    if not backs:
        raise NotEnoughData("Moves have not been worked out yet.", "Run: python main.py run movement")
    moves = [vars(t) for t in transitions(store, system, backs[0])]
    tests = [vars(t) for t in trials(store, system) if not t.state]
    lines = [
        f"{m['source']:<18} -> {m['target']:<18} {m['people']:>8,}  {m['share']:>6.1%}  "
        f"({m['low']:.1%} to {m['high']:.1%})"
        for m in moves
    ]
    lines += [
        f"{t['model']:<7} {t['accuracy']:.1%} told right of {t['people']:,} ({t['first_day']} to {t['last_day']}), "
        f"{t['low']:+.1%} to {t['high']:+.1%} against staying{'  in use' if t['used'] else ''}"
        for t in tests
    ]
    return {"system": system, "moves": moves, "trials": tests}, "\n".join(lines)


def _act(store: Store, options: argparse.Namespace) -> Result:
    from engines.clusters.actions import make_segment, rename

    if options.number is None:
        raise Known("Which cluster?", "Give its number, as in: clusters name 2 'Weekend families'", code=2)
    who = actor(store)
    if options.action == "segment":
        code = make_segment(store, who, options.number)
        return {"segment": code}, f"Made the segment {code}."
    rename(store, who, options.number, options.name)
    return {"cluster": options.number, "name": options.name}, f"Cluster {options.number} is named."
