"""`hooks`: where alerts and changes are told, and what became of it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from app.cli.actor import actor
from app.cli.entry import at_least_one, site_folder
from models.errors import Known
from models.store import Store, open_store

Result = tuple[Any, str]


def register(commands: Any) -> None:
    """Add the command."""
    hooks = commands.add_parser("hooks", help="tell other systems of alerts and changes (webhooks)")
    parts = hooks.add_subparsers(dest="action", required=True, metavar="ACTION")
    _part(parts, "list", run_list, "every endpoint and how it does")
    add = _part(parts, "add", run_add, "a new endpoint; its secret is shown this once")
    add.add_argument("name")
    add.add_argument("url")
    add.add_argument("kinds", nargs="+", metavar="KIND", help="alert.raised, alert.closed, kpi.changed, ...")
    for name, run, told in (
        ("remove", run_remove, "take an endpoint away, with its messages"),
        ("test", run_test, "send a test message with the next round"),
        ("on", run_on, "tell it again"),
        ("off", run_off, "tell it nothing for now"),
    ):
        _part(parts, name, run, told).add_argument("name")
    rotate = _part(parts, "rotate", run_rotate, "a new secret; the old one stays good for a while")
    rotate.add_argument("name")
    rotate.add_argument("--hours", type=int, default=24, help="how long the old one stays good (default 24)")
    told = _part(parts, "deliveries", run_deliveries, "messages, the newest first, with their answers")
    told.add_argument("name", nargs="?")
    told.add_argument("--limit", type=at_least_one, default=50, metavar="N")
    _part(parts, "resend", run_resend, "try a message once more").add_argument("message")


def _part(parts: Any, name: str, run: Callable[..., Any], told: str) -> Any:
    part = parts.add_parser(name, help=told)
    part.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
    part.set_defaults(run=run)
    return part


def run_list(options: argparse.Namespace) -> Result:
    """Every endpoint."""
    from engines.hooks.queries import endpoints

    found = _with(options, endpoints)
    lines = [
        f"{e.code:<16}{'on' if e.active else 'off':<5}{e.url}  {' '.join(e.kinds)}  {e.waiting} waiting, "
        f"{e.failed} given up  {e.last_answer or ''}".rstrip()
        for e in found
    ]
    return [asdict(e) for e in found], "\n".join(lines) or "Nobody is told. Next: hooks add NAME URL alert.raised"


def run_add(options: argparse.Namespace) -> Result:
    """Add an endpoint."""
    from engines.hooks.actions import add_endpoint

    secret = _with(options, lambda s: add_endpoint(s, actor(s), options.name, options.url, options.kinds))
    return {"name": options.name, "secret": secret}, f"{secret}\nGive it to the receiver now: it is not shown again."


def run_remove(options: argparse.Namespace) -> Result:
    """Remove an endpoint."""
    from engines.hooks.actions import remove_endpoint

    _with(options, lambda s: remove_endpoint(s, actor(s), options.name))
    return {"name": options.name}, "Removed."


def run_test(options: argparse.Namespace) -> Result:
    """Queue a test message."""
    from engines.hooks.actions import send_test

    made = _with(options, lambda s: send_test(s, actor(s), options.name))
    return {
        "name": options.name,
        "message": made.hex(),
    }, f"The service sends it soon. See: hooks deliveries {options.name}"


def run_on(options: argparse.Namespace) -> Result:
    """Switch an endpoint on."""
    return _switch(options, on=True)


def run_off(options: argparse.Namespace) -> Result:
    """Switch an endpoint off."""
    return _switch(options, on=False)


def run_rotate(options: argparse.Namespace) -> Result:
    """Renew a secret."""
    from engines.hooks.actions import rotate_secret

    secret = _with(options, lambda s: rotate_secret(s, actor(s), options.name, hours=options.hours))
    return {"name": options.name, "secret": secret}, f"{secret}\nThe old one is good for {options.hours} hours more."


def run_deliveries(options: argparse.Namespace) -> Result:
    """Messages and their answers."""
    from engines.hooks.queries import deliveries

    def work(store: Store) -> Result:
        found = deliveries(store, options.name, limit=options.limit)
        zone = store.site.zone
        lines = [
            f"{d.id.hex()}  {datetime.fromtimestamp(d.at / 1000, zone):%Y-%m-%d %H:%M:%S}  {d.endpoint:<12} "
            f"{d.kind:<16}{d.state:<10}{d.attempts:>2}  {d.answer or ''}".rstrip()
            for d in found
        ]
        return [{**asdict(d), "id": d.id.hex()} for d in found], "\n".join(lines) or "Nothing was told yet."

    done: Result = _with(options, work)
    return done


def run_resend(options: argparse.Namespace) -> Result:
    """Try a message again."""
    from engines.hooks.actions import send_again

    try:
        message = bytes.fromhex(options.message)
    except ValueError:
        raise Known(f"'{options.message}' is no message.", "See: hooks deliveries", code=2) from None
    _with(options, lambda s: send_again(s, actor(s), message))
    return {"message": options.message}, "The service tries it again soon."


def _switch(options: argparse.Namespace, *, on: bool) -> Result:
    from engines.hooks.actions import switch_endpoint

    _with(options, lambda s: switch_endpoint(s, actor(s), options.name, on=on))
    return {"name": options.name, "on": on}, f"{options.name} is {'on' if on else 'off'}."


def _with(options: argparse.Namespace, work: Callable[[Store], Any]) -> Any:
    store = open_store(site_folder(options))
    try:
        return work(store)
    finally:
        store.close()
