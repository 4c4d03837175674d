"""`network` and `fraud`: who brings whom, which tenants share shoppers, and cases to decide on."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from app.cli.actor import actor
from app.cli.entry import site_folder
from models.errors import Known
from models.store import Store, open_store

Result = tuple[Any, str]


def register(commands: Any) -> None:
    """Add the commands."""
    network = commands.add_parser("network", help="referral figures, trees, cross-shopping of a tenant")
    network.add_argument("--tenant", metavar="CODE", help="list where the tenant's shoppers also buy")
    network.add_argument("--limit", type=int, default=20, help="rows (20)")
    network.set_defaults(run=run_network)
    fraud = commands.add_parser("fraud", help="cases of possible fraud: list, confirm, dismiss, reopen")
    fraud.add_argument("action", choices=("list", "confirm", "dismiss", "reopen"), nargs="?", default="list")
    fraud.add_argument("case", nargs="?", metavar="FINGERPRINT")
    fraud.add_argument("--reason", default="", help="why, for the audit log")
    fraud.set_defaults(run=run_fraud)


def run_network(options: argparse.Namespace) -> Result:
    """The figures and trees, or the cross-shopping of one tenant."""
    store = open_store(site_folder(options))
    try:
        return _of_tenant(store, options) if options.tenant else _whole(store, options)
    finally:
        store.close()


def _whole(store: Store, options: argparse.Namespace) -> Result:
    from engines.network.queries import close_pairs, figures, spreads, trees

    found, grown = figures(store), trees(store)[: options.limit]
    if not found:
        raise Known("The networks have not been worked out yet.", "Run: python main.py run network", code=4)
    document = {
        "figures": {name: asdict(value) for name, value in found.items()},
        "trees": [asdict(tree) | {"root": tree.root.hex()} for tree in grown],
        "k_by_month": [asdict(row) for row in spreads(store)],
        "close_tenants": [_pair(pair) for pair in close_pairs(store, options.limit)],
    }
    lines = [f"{name:<18}{_value(value)}" for name, value in found.items()]
    lines += [f"{t.scope} {t.name}: {t.referrals} referrals by {t.referrers}, {t.deepest} generations" for t in grown]
    return document, "\n".join(lines)


def _value(found: Any) -> str:
    if found.value is None:
        return str(found.missing)
    interval = "" if found.low is None else f" (80 % interval {found.low:.4g} to {found.high:.4g})"
    return f"{found.value:.4g}{interval}, from {found.n:,}"


def _of_tenant(store: Store, options: argparse.Namespace) -> Result:
    from engines.network.queries import pairs_of, tenants

    known = next((t for t in tenants(store) if t.code == options.tenant), None)
    if known is None:
        raise Known(f"'{options.tenant}' is no tenant of the networks.", "Give a tenant's code.", code=2)
    pairs = pairs_of(store, known.tenant_id)[: options.limit]
    lines = [f"{p.share:6.1%}  lift {p.lift:5.2f} ({p.low:.2f} to {p.high:.2f})  {p.other}" for p in pairs]
    return [_pair(pair) for pair in pairs], "\n".join([f"Of {known.name}'s shoppers in a month also at:", *lines])


def _pair(pair: Any) -> dict[str, Any]:
    return asdict(pair) | {"tenant_id": pair.tenant_id.hex(), "other_id": pair.other_id.hex()}


def run_fraud(options: argparse.Namespace) -> Result:
    """List the cases, or decide on one in the person's name."""
    from engines.fraud.actions import decide_case
    from engines.fraud.queries import cases

    store = open_store(site_folder(options))
    try:
        if options.action != "list":
            if not options.case:
                raise Known("Which case?", "Give a fingerprint that `fraud list` shows.", code=2)
            decision = {"confirm": "confirmed", "dismiss": "dismissed", "reopen": ""}[options.action]
            decide_case(store, actor(store), options.case, decision, options.reason)
            return {"case": options.case, "decision": decision}, f"{options.case}: {decision or 'open'}."
        found = cases(store)
    finally:
        store.close()
    document = [asdict(case) | {"holders": [holder.hex() for holder in case.holders]} for case in found]
    lines = [
        f"{case.score:6.1f}  {case.last_day}  {case.decision or 'open':<10}{case.kind:<14}"
        f"{case.tenant:<20}{case.fingerprint}"
        for case in found
    ]
    return document, "\n".join(lines) or "No cases."
