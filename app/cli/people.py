"""`people`: who is who. Looks for duplicates, merges and unmerges, rebuilds the golden records, tells their quality."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from app.cli.actor import actor
from app.cli.entry import at_least_one, say, site_folder
from models.errors import Known
from models.store import Store, open_store

if TYPE_CHECKING:
    from engines.people.identity.queue import Waiting

Result = tuple[Any, str]


def register(commands: Any) -> None:
    """Add `people`."""
    people = commands.add_parser("people", help="duplicates, merges, golden records and the quality of customer data")
    actions = people.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, run, about in (
        ("resolve", run_resolve, "look for people who are one: merge the sure ones, queue the likely ones"),
        ("candidates", run_candidates, "the pairs that wait for a person"),
        ("merge", run_merge, "merge person B into person A (ids as `candidates` shows them)"),
        ("unmerge", run_unmerge, "undo a merge"),
        ("merges", run_merges, "the merges there were"),
        ("rebuild", run_rebuild, "make every golden record anew from what the sources said"),
        ("quality", run_quality, "how complete and how doubtful the customer data is"),
        ("rule", run_rule, "how an attribute of the golden record is chosen"),
    ):
        action = actions.add_parser(name, help=about)
        action.set_defaults(run=run)
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
        _arguments(action, name)


def _arguments(action: argparse.ArgumentParser, name: str) -> None:
    if name == "resolve":
        action.add_argument(
            "--memory", type=_memory, default="1GB", metavar="SIZE", help="as in 4GB: for many people (default: 1GB)"
        )
    if name in ("candidates", "merges"):
        action.add_argument("--limit", type=at_least_one, default=20, metavar="N")
    if name == "merge":
        action.add_argument("survivor", metavar="A")
        action.add_argument("absorbed", metavar="B")
        action.add_argument("--reason", required=True, metavar="TEXT", help="why they are one person")
    if name == "unmerge":
        action.add_argument("merge", metavar="ID")
    if name == "rule":
        action.add_argument("attr", metavar="ATTRIBUTE")
        action.add_argument("strategy", metavar="STRATEGY")
        action.add_argument("--sources", nargs="*", default=[], metavar="CODE", help="the most trusted first")


def run_resolve(options: argparse.Namespace) -> Result:
    """Resolve identities now."""
    from engines.people.identity.resolve import resolve

    done = _with(
        options, lambda store: resolve(store, lambda _share, says: say(f"{says} ..."), memory_limit=options.memory)
    )
    text = (
        f"{done.people:,} people compared: {done.merged:,} merged, {done.waiting:,} pairs wait, "
        f"{done.shared:,} signs are shared."
    )
    return asdict(done), f"{text}\n{done.refused}".strip()


def run_candidates(options: argparse.Namespace) -> Result:
    """The surest pairs, masked."""
    from engines.people.identity.queue import waiting

    found = _with(options, lambda store: waiting(store, limit=options.limit))
    return [_pair(w) for w in found], "\n".join(_pair_line(w) for w in found) or "No pair waits."


def run_merge(options: argparse.Namespace) -> Result:
    """Merge two people."""
    from engines.people.identity.merging import merge_people

    survivor, absorbed = _id(options.survivor), _id(options.absorbed)
    made = _with(
        options,
        lambda store: merge_people(store, actor(store), survivor, absorbed, evidence={}, reason=options.reason),
    )
    return {"merge": made.hex(), "survivor": options.survivor}, f"Merged. To undo it: people unmerge {made.hex()}"


def run_unmerge(options: argparse.Namespace) -> Result:
    """Undo a merge."""
    from engines.people.identity.merging import unmerge

    merge = _id(options.merge)
    person = _with(options, lambda store: unmerge(store, actor(store), merge))
    return {"person": person.hex()}, f"Undone: {person.hex()} is a customer of their own again."


def run_merges(options: argparse.Namespace) -> Result:
    """The newest merges, undone ones too."""
    from engines.people.identity.queue import merges

    found = _with(options, lambda store: merges(store, limit=options.limit))
    lines = [
        f"{m.id.hex()}  {m.label} <- {m.absorbed_label}  by {m.actor}: {m.reason}"
        f"{'  (undone)' if m.undone_at is not None else ''}"
        for m in found
    ]
    return [
        {"merge": m.id.hex(), "survivor": m.survivor.hex(), "absorbed": m.absorbed.hex(), "at": m.at,
         "actor": m.actor, "reason": m.reason, "undone_at": m.undone_at, "undone_by": m.undone_by}
        for m in found
    ], "\n".join(lines) or "There were no merges."  # fmt: skip


def run_rebuild(options: argparse.Namespace) -> Result:
    """Rebuild the golden records."""
    from engines.people.survivorship import rebuild_profiles

    count = _with(options, rebuild_profiles)
    return {"people": count}, f"{count:,} golden records."


def run_quality(options: argparse.Namespace) -> Result:
    """The quality board's figures."""
    from engines.people.board import board

    found = _with(options, board)
    lines = [f"{name:<18}{count:>10,}" for name, count in found.people.items()]
    for name in ("pairs", "merges", "households", "receipts", "anonymous", "orphans"):
        lines.append(f"{name:<18}{getattr(found, name):>10,}")
    lines += [f"{c.attr:<18}{c.known:>10,} of {c.members:,} members" for c in found.complete]
    return asdict(found), "\n".join(lines)


def run_rule(options: argparse.Namespace) -> Result:
    """Set how an attribute is chosen."""
    from engines.people.survivorship import Rule, set_rule

    rule = Rule(options.strategy, tuple(options.sources))
    _with(options, lambda store: set_rule(store, actor(store), options.attr, rule))
    return {"attr": options.attr, **asdict(rule)}, f"{options.attr}: {rule.strategy} {' > '.join(rule.sources)}".strip()


def _with(options: argparse.Namespace, work: Callable[[Store], Any]) -> Any:
    store = open_store(site_folder(options))
    try:
        return work(store)
    finally:
        store.close()


def _memory(text: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]{0,3}[MG]B", text):
        raise argparse.ArgumentTypeError(f"'{text}' is no size such as 800MB or 4GB")
    return text


def _id(text: str) -> bytes:
    try:
        found = bytes.fromhex(text.replace("-", ""))
    except ValueError:
        found = b""
    if len(found) != 16:
        raise Known(f"'{text}' is no id.", "Take it from: python main.py people candidates", code=2)
    return found


def _pair(pair: Waiting) -> dict[str, Any]:
    return {
        "a": pair.a.customer.person_id.hex(), "b": pair.b.customer.person_id.hex(), "score": pair.score,
        "a_label": pair.a.customer.label, "b_label": pair.b.customer.label,
        "evidence": [asdict(e) for e in pair.evidence],
    }  # fmt: skip


def _pair_line(pair: Waiting) -> str:
    why = json.dumps({e.feature: f"{e.level} {e.weight:+.1f}" for e in pair.evidence}, ensure_ascii=False)
    a, b = pair.a.customer, pair.b.customer
    return f"{pair.score:.4f}  {a.person_id.hex()} {a.label}  {b.person_id.hex()} {b.label}\n        {why}"
