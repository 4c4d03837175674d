"""`users`, `keys`, `audit`: who may work with this site, which programs may, and what was done."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from app.cli.actor import actor
from app.cli.entry import at_least_one, site_folder
from models.errors import Known
from models.store import Store, open_store

Result = tuple[Any, str]


def register(commands: Any) -> None:
    """Add the commands."""
    _add_users(commands.add_parser("users", help="who may work with this site, as what and where"))
    _add_keys(commands.add_parser("keys", help="API keys of the gateway"))
    _add_audit(commands.add_parser("audit", help="search, export or check the audit trail"))


def _add_users(users: Any) -> None:
    parts = users.add_subparsers(dest="action", required=True, metavar="ACTION")
    _part(parts, "list", run_list, "every user")
    add = _part(parts, "add", run_add, "a new user; `users password` lets it sign in")
    add.add_argument("user")
    add.add_argument("--name", default="", help="the person's name")
    add.add_argument("--role", required=True)
    password = _part(parts, "password", run_password, "a password, read from the terminal or standard input")
    password.add_argument("user")
    password.add_argument("--keep", action="store_true", help="it need not be changed at the next sign-in")
    role = _part(parts, "role", run_role, "another role")
    role.add_argument("user")
    role.add_argument("role")
    scope = _part(parts, "scope", run_scope, "where its rights hold, as in floor=L1 tenant=T001; none: everywhere")
    scope.add_argument("user")
    scope.add_argument("scopes", nargs="*", metavar="KIND=VALUE")
    for name, run, told in (
        ("lock", run_lock, "switch a user off; its sessions end"),
        ("unlock", run_unlock, "switch a user on, and take a lock-out back"),
    ):
        _part(parts, name, run, told).add_argument("user")
    bind = _part(parts, "provider", run_provider, "connect a user with its account at the sign-in provider")
    bind.add_argument("user")
    bind.add_argument("subject", help="the account's `sub` at the provider; '' for none")
    _part(parts, "sessions", run_sessions, "who is signed in")
    revoke = _part(parts, "revoke", run_revoke, "end a session")
    revoke.add_argument("session")
    _part(parts, "matrix", run_matrix, "every role and what it may do")


def _add_keys(command: Any) -> None:
    parts = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    _part(parts, "list", run_keys, "every key, never its text")
    add = _part(parts, "add", run_key_add, "a new key; it is shown this once")
    add.add_argument("name")
    add.add_argument("rights", nargs="+", metavar="RIGHT")
    add.add_argument("--rate", type=at_least_one, default=600, metavar="N", help="calls a minute (default 600)")
    add.add_argument("--days", type=at_least_one, default=None, metavar="N", help="days until it ends")
    _part(parts, "revoke", run_key_revoke, "let a key open nothing any more").add_argument("name")


def _add_audit(command: Any) -> None:
    parts = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    search = _part(parts, "search", run_search, "entries, the newest first")
    search.add_argument("--limit", type=at_least_one, default=50, metavar="N")
    export = _part(parts, "export", run_audit_export, "entries as .csv or .jsonl; the export is an entry too")
    export.add_argument("--to", required=True, metavar="FILE")
    for part in (search, export):
        for name, told in (("who", "the actor"), ("what", "the act"), ("object", "what it was done to"),
                           ("text", "a word of the detail")):  # fmt: skip
            part.add_argument(f"--{name}", default="", metavar="TEXT", help=f"a part of {told}")
        part.add_argument("--since", metavar="ISO", help="not before this date and time of the site")
        part.add_argument("--until", metavar="ISO", help="before this date and time of the site")
    _part(parts, "verify", run_verify, "walk the chain, and compare it with the heads kept elsewhere")


def _part(parts: Any, name: str, run: Callable[..., Any], told: str) -> Any:
    part = parts.add_parser(name, help=told)
    part.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
    part.set_defaults(run=run)
    return part


def run_list(options: argparse.Namespace) -> Result:
    """Every user with role, scopes and how it signs in."""
    from engines.access.queries import users

    found = _with(options, users)
    lines = [
        f"{u.code:<16}{u.name:<28}{u.role:<16}{'on' if u.active else 'off':<5}{u.signs_in:<10}"
        f"{'locked ' if u.locked else ''}{' '.join(f'{k}={v}' for k, v in u.scopes)}".rstrip()
        for u in found
    ]
    return [asdict(u) for u in found], "\n".join(lines) or "There are no users: this site is open."


def run_add(options: argparse.Namespace) -> Result:
    """Add a user."""
    from engines.access.actions import add_user

    _with(options, lambda s: add_user(s, actor(s), options.user, options.name, options.role))
    return {"user": options.user, "role": options.role}, f"Added. Next: users password {options.user}"


def run_password(options: argparse.Namespace) -> Result:
    """Set a password; it never stands in the command itself, which other processes can read."""
    from engines.access.actions import reset_password

    secret = _asked("New password: ")
    _with(options, lambda s: reset_password(s, actor(s), options.user, secret, must_change=not options.keep))
    return {"user": options.user}, f"{options.user} can sign in now."


def run_role(options: argparse.Namespace) -> Result:
    """Give a user another role."""
    from engines.access.actions import change_user

    _with(options, lambda s: change_user(s, actor(s), options.user, role=options.role))
    return {"user": options.user, "role": options.role}, f"{options.user} is {options.role} now."


def run_scope(options: argparse.Namespace) -> Result:
    """Set where a user's rights hold."""
    from engines.access.actions import set_scopes

    pairs = [(kind, value) for kind, _, value in (text.partition("=") for text in options.scopes)]
    _with(options, lambda s: set_scopes(s, actor(s), options.user, pairs))
    return {"user": options.user, "scopes": options.scopes}, " ".join(options.scopes) or "The whole site."


def run_lock(options: argparse.Namespace) -> Result:
    """Switch a user off."""
    from engines.access.actions import set_active

    _with(options, lambda s: set_active(s, actor(s), options.user, active=False))
    return {"user": options.user, "active": False}, f"{options.user} is switched off."


def run_unlock(options: argparse.Namespace) -> Result:
    """Switch a user on and take a lock-out back."""
    from engines.access.actions import set_active, unlock_user

    def work(store: Store) -> None:
        set_active(store, actor(store), options.user, active=True)
        unlock_user(store, actor(store), options.user)

    _with(options, work)
    return {"user": options.user, "active": True}, f"{options.user} can sign in again."


def run_provider(options: argparse.Namespace) -> Result:
    """Connect a user with its account at the provider that the settings name."""
    from engines.access.actions import bind_provider
    from models import settings

    def work(store: Store) -> str:
        issuer = str(settings.read(store, "access.oidc_issuer")) if options.subject else ""
        if options.subject and not issuer:
            raise Known("No sign-in provider is set.", "Run: settings access.oidc_issuer https://...", code=2)
        bind_provider(store, actor(store), options.user, issuer, options.subject)
        return issuer

    issuer = _with(options, work)
    return {"user": options.user, "issuer": issuer}, f"{options.user}: {issuer or 'no provider'}"


def run_sessions(options: argparse.Namespace) -> Result:
    """Who is signed in."""
    from engines.access.queries import sessions

    def work(store: Store) -> Result:
        found = sessions(store)
        lines = [
            f"{s.id.hex()}  {s.user:<16}{s.face:<10}{_local(store, s.started_at)}, seen {_local(store, s.seen_at)}"
            for s in found
        ]
        return [{**asdict(s), "id": s.id.hex()} for s in found], "\n".join(lines) or "Nobody is signed in."

    done: Result = _with(options, work)
    return done


def run_revoke(options: argparse.Namespace) -> Result:
    """End a session."""
    from engines.access.actions import end_session

    try:
        session = bytes.fromhex(options.session)
    except ValueError:
        raise Known(f"'{options.session}' is no session.", "See: users sessions", code=2) from None
    _with(options, lambda s: end_session(s, actor(s), session))
    return {"session": options.session}, "Ended."


def run_matrix(options: argparse.Namespace) -> Result:
    """Rights down, roles across."""
    from engines.access.queries import roles
    from engines.access.rules import RIGHTS

    found = _with(options, roles)
    heads = f"{'':<18}" + "".join(f"{role.code[:12]:<14}" for role in found)
    lines = [heads.rstrip()]
    for right in RIGHTS:
        lines.append(f"{right.name:<18}" + "".join(f"{'x' if r.has(right.name) else '.':<14}" for r in found).rstrip())
    return {role.code: sorted(role.rights) for role in found}, "\n".join(lines)


def run_keys(options: argparse.Namespace) -> Result:
    """Every key."""
    from engines.access.api_keys import api_keys

    found = _with(options, api_keys)
    lines = [
        f"{k.name:<24}atr_{k.prefix}…  {k.state:<8}{k.rate_per_minute:>7}/min  {' '.join(k.rights)}" for k in found
    ]
    return [{**asdict(k), "state": k.state} for k in found], "\n".join(lines) or "There are no API keys."


def run_key_add(options: argparse.Namespace) -> Result:
    """Make a key and show it once."""
    from engines.access.api_keys import create_key
    from models.times import now_ms

    ends = None if options.days is None else now_ms() + 86_400_000 * options.days
    text = _with(
        options,
        lambda s: create_key(
            s, actor(s), options.name, options.rights, rate_per_minute=options.rate, expires_at=ends
        ),
    )  # fmt: skip
    return {"name": options.name, "key": text}, f"{text}\nKeep it now: it is not shown again."


def run_key_revoke(options: argparse.Namespace) -> Result:
    """Revoke a key."""
    from engines.access.api_keys import revoke_key

    _with(options, lambda s: revoke_key(s, actor(s), options.name))
    return {"name": options.name, "state": "revoked"}, f"{options.name} opens nothing any more."


def run_search(options: argparse.Namespace) -> Result:
    """Entries that match."""
    from engines.access.trail import search

    def work(store: Store) -> Result:
        found = search(store, actor(store), _query(store, options), limit=options.limit)
        lines = [f"{e.seq:>8}  {_local(store, e.at)}  {e.actor:<16}{e.action:<16}{e.object}  {e.detail}" for e in found]
        return [asdict(e) for e in found], "\n".join(lines) or "Nothing of that kind was done."

    done: Result = _with(options, work)
    return done


def run_audit_export(options: argparse.Namespace) -> Result:
    """Entries that match, into a file."""
    from engines.access.trail import export_trail

    rows = _with(options, lambda s: export_trail(s, actor(s), _query(s, options), Path(options.to)))
    return {"file": options.to, "rows": rows}, f"{rows:,} entries in {options.to}."


def run_verify(options: argparse.Namespace) -> Result:
    """Check the trail; exit status 3 where it does not hold."""
    from engines.access.trail import check_trail

    found = _with(options, check_trail)
    if found.wrong:
        raise Known(
            f"The audit trail does not hold: {found.wrong}.", "Keep the site as it is; compare it with a backup."
        )
    return {"entries": found.entries, "head": found.head.hash.hex()}, f"{found.entries:,} entries hold."


def _query(store: Store, options: argparse.Namespace) -> Any:
    from engines.access.trail import Query

    first = _instant(store, options.since) if options.since else 0
    last = _instant(store, options.until) if options.until else 1 << 62
    return Query(options.who, options.what, options.object, options.text, first, last)


def _instant(store: Store, text: str) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Known(f"'{text}' is no date and time.", "Write it as in 2026-11-20T18:00.", code=2) from None
    return int((at if at.tzinfo else at.replace(tzinfo=store.site.zone)).timestamp() * 1000)


def _local(store: Store, at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, store.site.zone):%Y-%m-%d %H:%M:%S}"


def _asked(prompt: str) -> str:
    """A secret from the terminal, unseen, or one line of standard input."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline().rstrip("\r\n")


def _with(options: argparse.Namespace, work: Callable[[Store], Any]) -> Any:
    store = open_store(site_folder(options))
    try:
        return work(store)
    finally:
        store.close()
