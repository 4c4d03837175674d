"""`segments`: rules of people from the command line: list, look, size, make, run, members, pins."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.actor import actor
from app.cli.entry import at_least_one, site_folder
from models.errors import Known
from models.store import Store, open_store
from models.times import now_ms

if TYPE_CHECKING:
    from engines.segments.rule import Rule

Result = tuple[Any, str]
ACTIONS = ("list", "show", "create", "size", "run", "members", "pin", "unpin")


def register(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("segments", help="segments of people by rules: list, size, make, run, pin")
    command.add_argument("action", choices=ACTIONS)
    command.add_argument("segment", nargs="?", metavar="SEGMENT", help="the segment's code")
    command.add_argument("--rule", type=Path, metavar="FILE", help="create, size: the rule as JSON (docs/segments.md)")
    command.add_argument("--name", help="create: the segment's name")
    command.add_argument("--name-zh", help="create: its Chinese name")
    command.add_argument("--live", action="store_true", help="create: keep its members from now on, not a draft")
    command.add_argument("--person", metavar="ID", help="pin, unpin: the person's id, hexadecimal (members --json)")
    command.add_argument("--out", action="store_true", help="pin: keep the person out instead of in")
    command.add_argument("--reason", default="", help="pin: why")
    command.add_argument("--limit", type=at_least_one, default=50, help="members: at most so many (50)")
    command.set_defaults(run=run_command)


def run_command(options: argparse.Namespace) -> Result:
    """One of the actions."""
    acts = {
        "list": _list, "show": _show, "create": _create, "size": _size, "run": _run, "members": _members, "pin": _pin,
        "unpin": _unpin,
    }  # fmt: skip
    with closing(open_store(site_folder(options))) as store:
        return acts[options.action](store, options)


def _list(store: Store, _options: argparse.Namespace) -> Result:
    from engines.segments.queries import segments

    found = segments(store, now_ms())
    lines = [f"{s.code:<28}{s.state:<10}{s.people:>9,}  {s.share:6.1%}  {s.name}" for s in found]
    return [asdict(s) for s in found], "\n".join(lines) or "There are no segments yet. Run: segments create --help"


def _show(store: Store, options: argparse.Namespace) -> Result:
    from engines.segments.codec import document
    from engines.segments.queries import segments, versions
    from engines.segments.vocabulary import vocabulary
    from engines.segments.words import Speech, words

    code = _named(options)
    saved = versions(store, code)
    row = next(s for s in segments(store, now_ms()) if s.code == code)
    rule = next(v for v in saved if v.version == row.version).rule
    names = vocabulary(store)
    told = [words(rule, Speech(zh, names.names(zh=zh), _money(store))) for zh in (False, True)]
    about = {
        **asdict(row), "rule": document(rule), "words": told[0], "words_zh": told[1],
        "versions": [{"version": v.version, "sha256": v.sha256, "actor": v.actor, "at": v.at} for v in saved],
    }  # fmt: skip
    text = f"{row.name} ({code}), {row.state}, version {row.version}: {row.people:,} people, {row.share:.1%}\n{told[0]}"
    return about, text


def _create(store: Store, options: argparse.Namespace) -> Result:
    from engines.segments.actions import create

    code, rule = _named(options), _rule(options)
    name = options.name or code
    create(store, actor(store), code, name, rule, name_zh=options.name_zh, live=options.live)
    return _show(store, options)


def _size(store: Store, options: argparse.Namespace) -> Result:
    from engines.segments.actions import surroundings
    from engines.segments.preview import Sizing
    from engines.segments.validate import faults

    rule = _rule(options)
    with store.read() as connection:
        wrong = faults(rule, surroundings(connection, options.segment or ""))
    if wrong:
        raise Known(wrong[0].text, "Change the rule.", code=2)
    size = Sizing(store, rule).ask()
    text = f"{size.people:,} of {size.everyone:,} people, {size.share:.1%}"
    return {"people": size.people, "everyone": size.everyone, "share": size.share}, text


def _run(store: Store, options: argparse.Namespace) -> Result:
    from engines.segments.full_run import run_segments

    done = run_segments(store, [options.segment] if options.segment else ())
    lines = [
        f"{ran.code:<28}{ran.size:>9,} people, {ran.entered:,} entered, {ran.exited:,} left, "
        f"drift {'not judged' if ran.drift is None else ran.drift}, {ran.ms:.0f} ms"
        for ran in done
    ]
    return [asdict(ran) for ran in done], "\n".join(lines) or "There are no live segments."


def _members(store: Store, options: argparse.Namespace) -> Result:
    from engines.people.actions import record_export
    from engines.privacy.restriction import without_restricted
    from engines.segments.queries import members, versions

    code = _named(options)
    versions(store, code)
    found = without_restricted(store, members(store, code, limit=options.limit))
    record_export(
        store,
        actor(store),
        f"segments/{code}",
        len(found),
        "terminal",
        columns=("person", "label", "card", "since", "why"),
    )
    made = [
        {"person": m.person_id.hex(), "label": m.label, "card": m.card, "since": m.since, "why": m.why} for m in found
    ]
    return made, "\n".join(f"{m.label:<16}{m.card:<12}{m.why}" for m in found) or "Nobody belongs here."


def _pin(store: Store, options: argparse.Namespace) -> Result:
    from engines.segments.actions import pin

    code, person = _named(options), _person(options)
    pin(store, actor(store), code, person, into=not options.out, reason=options.reason)
    how = "out of" if options.out else "in"
    return {"segment": code, "pin": "out" if options.out else "in"}, f"Pinned {how} {code} until unpinned."


def _unpin(store: Store, options: argparse.Namespace) -> Result:
    from engines.segments.actions import unpin

    code = _named(options)
    unpin(store, actor(store), code, _person(options))
    return {"segment": code, "pin": None}, f"The rule of {code} decides again."


def _named(options: argparse.Namespace) -> str:
    if not options.segment:
        raise Known("Which segment?", "Give its code: segments list shows them.", code=2)
    return str(options.segment)


def _person(options: argparse.Namespace) -> bytes:
    try:
        return bytes.fromhex(options.person or "")
    except ValueError:
        raise Known(f"'{options.person}' is no person's id.", "segments members --json shows them.", code=2) from None


def _rule(options: argparse.Namespace) -> Rule:
    from engines.segments.codec import from_json

    if options.rule is None:
        raise Known("Which rule?", "Add --rule FILE.", code=2)
    try:
        text = options.rule.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Known(f"{options.rule} cannot be read.", "Give a JSON file.") from error
    return from_json(text)


def _money(store: Store) -> Any:
    currency = store.site.currency

    def written(minor: int) -> str:
        return f"{currency} {minor / 100:,.2f}"

    return written
