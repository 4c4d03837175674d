"""`sync`: this site's node and the hub."""

from __future__ import annotations

import argparse
import dataclasses
import getpass
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.cli.entry import say, site_folder
from models.recovery import is_held
from models.store import Store, open_store

ACTOR = "command line"


def register(commands: Any) -> None:
    """Add the command."""
    sync = commands.add_parser("sync", help="send this site's changes to the hub and take others'")
    actions = sync.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, run, text in (
        ("status", run_status, "how far this node and the hub are"),
        ("now", run_now, "do one round now"),
        ("join", run_join, "join a hub with an enrolment file; asks for its code (or ATRIUM_CODE)"),
        ("leave", run_leave, "forget the hub"),
        ("quarantine", run_quarantine, "changes that the hub refused; 'resend' or 'drop' them"),
        ("conflicts", run_conflicts, "values that gave way to another node's"),
    ):
        parser = actions.add_parser(name, help=text)
        parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
        parser.set_defaults(run=run)
        if name == "join":
            parser.add_argument("file", metavar="FILE")
        elif name == "quarantine":
            parser.add_argument("what", nargs="?", choices=("list", "resend", "drop"), default="list")
            parser.add_argument("ids", nargs="*", metavar="ID", help="only these (default: all that wait)")


def run_status(options: argparse.Namespace) -> tuple[Any, str]:
    """Freshness in words."""
    from models.sync.state import freshness

    store = open_store(site_folder(options))
    try:
        seen = freshness(store)
        with store.read() as connection:
            peers = connection.exec_driver_sql("SELECT name, mine, seen_at FROM sync_node ORDER BY name").fetchall()
        waits = _waits(store)
    finally:
        store.close()
    document = {"site_id": store.site.id, **dataclasses.asdict(seen), "nodes": [name for name, *_ in peers]}
    if not seen.joined:
        return document, f"Site {store.site.id} has joined no hub."
    lines = [f"Site {store.site.id}; last complete round: {_when(seen.ok_at)}.",
             f"{seen.waiting:,} changes wait, {seen.quarantined:,} were refused."]  # fmt: skip
    lines += [f"{name}{' (this node)' if mine else ''}: seen {_when(at)}" for name, mine, at in peers]
    lines += [f"STOPPED: {seen.stopped}."] if seen.stopped else []
    lines += [f"Last trouble: {seen.last_error}"] if seen.last_error else []
    return document, "\n".join([*lines, *waits])


def run_now(options: argparse.Namespace) -> tuple[Any, str]:
    """One round, with its progress."""
    from models.sync.cycle import sync_once
    from models.sync.link import load_link

    store = open_store(site_folder(options))
    told = [0]

    def report(channel: str, sent: int, waiting: int) -> None:
        if sent - told[0] >= 50_000:
            told[0] = sent
            say(f"{channel}: {sent:,} rows sent, {waiting:,} changes to go")

    try:
        done = sync_once(store, load_link(store.site), report)
        waits = _waits(store)
    finally:
        store.close()
    text = f"{done.sent:,} rows sent, {done.taken:,} taken, {done.quarantined:,} refused."
    stopped = f" STOPPED: {done.stopped}." if done.stopped else ""
    return dataclasses.asdict(done), "\n".join([text + stopped, *waits])


def _waits(store: Store) -> list[str]:
    """What does not move until somebody acts, a line each: outgoing held by a restore, taken rows that do not fit."""
    from models.sync.held import held_rows

    lines = ["A backup was restored: nothing is sent until you run 'outgoing release'."] if is_held(store) else []
    found = held_rows(store)
    lines += [f"{rows.rows:,} rows of {rows.tbl} wait: {rows.why}." for rows in found]
    if any("another key" in rows.why for rows in found):
        lines.append("Rows sealed by another key: this machine's key is not the one of the site's first node "
                     "(docs/hub.md, A second node).")  # fmt: skip
    return lines


def run_join(options: argparse.Namespace) -> tuple[Any, str]:
    """Join; the code is never an argument, which everyone on the machine could read."""
    from models.sync.join import join_hub

    code = os.environ.get("ATRIUM_CODE") or (
        getpass.getpass("Code: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    )
    store = open_store(site_folder(options))
    try:
        link = join_hub(store, ACTOR, Path(options.file), code)
    finally:
        store.close()
    return {"host": link.host, "node": link.node}, f"Joined the hub at {link.host} as {link.node}. Delete the file."


def run_leave(options: argparse.Namespace) -> tuple[Any, str]:
    """Leave."""
    from models.sync.join import leave_hub

    store = open_store(site_folder(options))
    try:
        leave_hub(store, ACTOR)
    finally:
        store.close()
    return {"joined": False}, "This site works without a hub now. Have the node revoked there."


def run_quarantine(options: argparse.Namespace) -> tuple[Any, str]:
    """List, send again, or let be."""
    from models.sync.quarantine import drop_quarantined, quarantined, resend_quarantined

    store = open_store(site_folder(options))
    try:
        if options.what != "list":
            decide = resend_quarantined if options.what == "resend" else drop_quarantined
            count = decide(store, ACTOR, options.ids or None)
            return {options.what: count}, f"{count:,} changes: {options.what}."
        found = quarantined(store)
    finally:
        store.close()
    lines = [f"{q.id}  {q.tbl} {q.pk}: {q.error}" for q in found]
    return [dataclasses.asdict(q) for q in found], "\n".join(lines) or "Nothing waits in quarantine."


def run_conflicts(options: argparse.Namespace) -> tuple[Any, str]:
    """The newest values that gave way."""
    from models.sync.quarantine import conflicts

    store = open_store(site_folder(options))
    try:
        found = conflicts(store)
    finally:
        store.close()
    lines = [f"{_when(c.at)}  {c.tbl} {c.pk} {c.field}: kept {c.kept}, gave way {c.lost}" for c in found]
    return [dataclasses.asdict(c) for c in found], "\n".join(lines) or "No value has given way."


def _when(at: int | None) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC" if at else "never"
