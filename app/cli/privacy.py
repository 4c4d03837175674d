"""`privacy`: people's requests with their clocks, what is held of a person, erasures, and how long data are kept."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.actor import actor
from app.cli.entry import at_least_one, site_folder
from models.errors import Known
from models.store import Store, open_store

if TYPE_CHECKING:
    from engines.privacy.requests import Request
    from engines.privacy.retention import Ran

Result = tuple[Any, str]


def register(commands: Any) -> None:
    """Add `privacy`."""
    privacy = commands.add_parser("privacy", help="people's requests, exports of one person, erasure, retention")
    actions = privacy.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, run, about in (
        ("request", run_new, "book a request of the person whose card, phone or e-mail this is"),
        ("verify", run_verify, "book that the identity was checked"),
        ("extend", run_extend, "extend the clock once, where the law lets it"),
        ("refuse", run_refuse, "refuse a request, with a reason"),
        ("run", run_request, "carry a verified request out"),
        ("lift", run_lift, "end a restriction; the person is to be told before"),
        ("list", run_list, "requests, those that are due first"),
        ("export-person", run_export, "everything that is held of a person, as a ZIP (JSON, CSV, a page to read)"),
        ("retention", run_retention, "carry out the rules of retention, or say what they would remove"),
        ("erasures", run_erasures, "carry out erasures made elsewhere or before a restore"),
    ):
        action = actions.add_parser(name, help=about)
        action.set_defaults(run=run)
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
        _arguments(action, name)


def _arguments(action: argparse.ArgumentParser, name: str) -> None:
    if name == "request":
        action.add_argument("kind", metavar="KIND", help="access, portability, erasure, restriction, objection, "
                            "rectification")  # fmt: skip
        action.add_argument("sign", metavar="SIGN", help="the person's card, phone, e-mail or customer number")
        action.add_argument("--law", default="", help="gdpr, ccpa or pipl (default: by the site's country)")
        action.add_argument("--received", metavar="DAY", help="when it came, as in 2026-03-01 (default: now)")
        action.add_argument("--note", default="", metavar="TEXT")
    if name in ("verify", "extend", "refuse", "run"):
        action.add_argument("code", metavar="CODE")
    if name == "verify":
        action.add_argument("way", metavar="WAY", help="account, code, card, document or agent")
    if name == "lift":
        action.add_argument("sign", metavar="SIGN")
    if name in ("extend", "refuse", "lift"):
        action.add_argument("--reason", required=True, metavar="TEXT")
    if name == "run":
        action.add_argument("--to", type=Path, metavar="FILE", help="the package of an access or portability request")
        action.add_argument("--set", metavar="ATTRIBUTE=VALUE", help="what a rectification sets")
        action.add_argument("--reason", default="", metavar="TEXT", help="why the use is restricted")
    if name == "list":
        action.add_argument("--state", default="", choices=("", "waiting", "open", "verified", "done", "refused"))
        action.add_argument("--limit", type=at_least_one, default=50, metavar="N")
    if name == "export-person":
        action.add_argument("sign", metavar="SIGN")
        action.add_argument("--to", type=Path, required=True, metavar="FILE")
    if name == "retention":
        action.add_argument("--dry-run", action="store_true", help="count only")
        action.add_argument("--rule", metavar="CODE", help="one rule")


def run_new(options: argparse.Namespace) -> Result:
    """Book a request."""
    from engines.privacy.requests import Asked, open_request, request_of

    def book(store: Store) -> Request:
        asked = Asked(options.kind, _person(store, options.sign), options.law, _instant(store, options), options.note)
        return request_of(store, open_request(store, actor(store), asked))

    request = _with(options, book)
    return _document(request), f"Booked: {_line(request)}\nNext: privacy verify {request.code} WAY"


def run_verify(options: argparse.Namespace) -> Result:
    """Book the check of the identity."""
    from engines.privacy.requests import verify_request

    _with(options, lambda store: verify_request(store, actor(store), options.code, options.way))
    return {"code": options.code, "state": "verified"}, f"{options.code} is verified."


def run_extend(options: argparse.Namespace) -> Result:
    """Extend the clock."""
    from engines.privacy.requests import extend_request, request_of

    def extend(store: Store) -> Request:
        extend_request(store, actor(store), options.code, options.reason)
        return request_of(store, options.code)

    request = _with(options, extend)
    return _document(request), _line(request)


def run_refuse(options: argparse.Namespace) -> Result:
    """Refuse."""
    from engines.privacy.requests import refuse_request

    _with(options, lambda store: refuse_request(store, actor(store), options.code, options.reason))
    said = f"{options.code} is refused. Tell the person why, and where to complain."
    return {"code": options.code, "state": "refused"}, said


def run_request(options: argparse.Namespace) -> Result:
    """Carry out."""
    from engines.privacy.requests import Change, Means
    from engines.privacy.requests import run_request as carry_out

    attr, _, value = (options.set or "").partition("=")
    means = Means(options.to, Change(attr.strip(), value.strip()) if options.set else None, options.reason)
    request = _with(options, lambda store: carry_out(store, actor(store), options.code, means))
    return _document(request), f"{request.code} is done. Its proof: privacy list --json"


def run_lift(options: argparse.Namespace) -> Result:
    """End a restriction."""
    from engines.privacy.restriction import lift

    _with(options, lambda store: lift(store, actor(store), _person(store, options.sign), options.reason))
    return {"restricted": False}, "The data may be used again."


def run_list(options: argparse.Namespace) -> Result:
    """Requests."""
    from engines.privacy.requests import list_requests

    found = _with(options, lambda store: list_requests(store, state=options.state, limit=options.limit))
    return [_document(r) for r in found], "\n".join(_line(r) for r in found) or "There are no requests."


def run_export(options: argparse.Namespace) -> Result:
    """One person's package, booked as an export."""
    from engines.access.exports import book_personal_export
    from engines.privacy.dossier import collect
    from engines.privacy.package import write_package

    def export(store: Store) -> dict[str, Any]:
        dossier = collect(store, _person(store, options.sign))
        book_personal_export(
            store, actor(store), f"person/{dossier.person.hex()}", rows=1, columns=("everything",),
            file=options.to.name,
        )  # fmt: skip
        made = write_package(store, dossier, options.to)
        return {"file": str(made.file), "sha256": made.sha256, "rows": made.rows, "tables": made.tables}

    made = _with(options, export)
    return made, f"{made['rows']} rows of {len(made['tables'])} tables in {made['file']}."


def run_retention(options: argparse.Namespace) -> Result:
    """The rules now."""
    from engines.privacy.retention import rehearse, rules, run_rule

    def carry_out(store: Store) -> list[Ran]:
        if options.rule:
            return [run_rule(store, actor(store), options.rule, dry=options.dry_run)]
        if options.dry_run:
            return rehearse(store, actor(store))
        due = [one.rule.code for one in rules(store) if one.active and one.days and one.rule.action != "keep"]
        return [run_rule(store, actor(store), code) for code in due]

    done = _with(options, carry_out)
    lines = [
        f"{ran.rule:<16} before {ran.cutoff_day}: {ran.found:>9,} found, {ran.removed:>9,} removed"
        f"{f', the oldest left is of {ran.oldest_left}' if ran.oldest_left else ''}"
        for ran in done
    ]
    return [asdict(ran) for ran in done], "\n".join(lines)


def run_erasures(options: argparse.Namespace) -> Result:
    """Erasures made elsewhere."""
    from engines.privacy.arrival import apply_tombstones

    done = _with(options, apply_tombstones)
    return asdict(done), f"{done.people} people and {done.signs} signs erased, {done.copies} copies blanked."


def _person(store: Store, sign: str) -> bytes:
    """The one person whose sign this is. Raises Known where it is nobody's."""
    from engines.privacy.subject import find_people

    found = find_people(store, actor(store), sign)
    if not found:
        raise Known(
            "Nobody here has this card, phone, e-mail or number.", "Ask for another sign of the person.", code=3,
            sentence_zh="没有人使用此会员卡、电话、邮箱或编号。",
        )  # fmt: skip
    if len(found) > 1:
        raise Known("Several people have this number.", "Give the card or the e-mail instead.", code=2)
    return found[0].person


def _instant(store: Store, options: argparse.Namespace) -> int:
    if not options.received:
        return 0
    try:
        day = datetime.strptime(options.received, "%Y-%m-%d").replace(hour=12, tzinfo=store.site.zone)
    except ValueError as error:
        raise Known(f"'{options.received}' is no day.", "Write it as in 2026-03-01.", code=2) from error
    return int(day.astimezone(UTC).timestamp() * 1000)


def _document(request: Request) -> dict[str, Any]:
    plain = asdict(request)
    return plain | {"id": request.id.hex(), "person": request.person.hex() if request.person else None}


def _line(request: Request) -> str:
    left = "" if request.days_left is None else f", {request.days_left} days left"
    return f"{request.code}  {request.kind:<13} {request.law:<5} {request.state:<9} due {request.due_day}{left}"


def _with(options: argparse.Namespace, work: Callable[[Store], Any]) -> Any:
    store = open_store(site_folder(options))
    try:
        return work(store)
    finally:
        store.close()
