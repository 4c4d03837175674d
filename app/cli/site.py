"""`init`: make a site, or several, by hand or from IT's set-up file."""

from __future__ import annotations

import argparse
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.actor import actor
from app.cli.entry import put, put_json, say, site_folder
from models.errors import Known
from models.site import create_site
from models.store import create_store

if TYPE_CHECKING:
    from engines.setup.actions import Done
    from engines.setup.plan import Plan

Result = tuple[Any, str]


def register(commands: Any) -> None:
    """Add `init`."""
    init = commands.add_parser("init", help="make a new site in the folder given by --site")
    init.add_argument("--from", dest="source", metavar="FILE",
                      help="a set-up file (TOML; CSV for several sites); may be run again")  # fmt: skip
    init.add_argument("--secrets", metavar="FILE", help="the file with what a set-up file may not hold; - reads it")
    init.add_argument("--check", action="store_true", help="with --from: validate the file and make nothing")
    init.add_argument("--template", action="store_true", help="print a documented example of a set-up file")
    init.add_argument("--name", default="My mall")
    init.add_argument("--code", default="mall", help="the site's short code")
    init.add_argument("--time-zone", default="Asia/Shanghai", help="IANA name, as in Asia/Shanghai")
    init.add_argument("--currency", default="CNY", help="ISO 4217 code")
    init.add_argument("--country", default="CN", help="ISO 3166 code, for public holidays")
    init.add_argument("--subdivision", default=None, help="state or province, for public holidays")
    init.add_argument("--day-starts", default="00:00", help="local time at which a business day begins")
    init.set_defaults(run=run_init)


def run_init(options: argparse.Namespace) -> Result:
    """Make the folder, the key and the empty store; or what a set-up file says."""
    if options.template:
        from engines.setup.template import template

        text = template()
        return {"template": text}, text
    return _from_file(options) if options.source else _by_hand(options)


def _by_hand(options: argparse.Namespace) -> Result:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", options.day_starts):
        raise Known(f"'{options.day_starts}' is no time of the day.", "Write it as in 05:00.", code=2)
    hour, minute = (int(part) for part in options.day_starts.split(":"))
    site = create_site(
        site_folder(options), name=options.name, code=options.code, time_zone=options.time_zone,
        currency=options.currency, country=options.country, subdivision=options.subdivision,
        day_starts_minute=hour * 60 + minute,
    )  # fmt: skip
    create_store(site).close()
    return {
        "site": str(site.folder),
        "id": site.id,
        "name": site.name,
    }, f"Made the site '{site.name}' in {site.folder}."


def _from_file(options: argparse.Namespace) -> Result:
    """Each site of the file in turn; one that fails does not stop the others, and its exit status is the command's."""
    from engines.setup.many import read_plans

    plans = read_plans(Path(options.source))
    if options.check:
        codes = [plan.code for plan in plans]
        return {"good": True, "sites": codes}, f"{Path(options.source).name} is good: {', '.join(codes)}."
    root, alone = site_folder(options), len(plans) == 1
    done: list[dict[str, Any]] = []
    failed: Known | None = None
    for plan in plans:
        folder = root if alone else root / plan.code
        entry: dict[str, Any] = {"code": plan.code, "site": str(folder), "steps": []}
        done.append(entry)
        try:
            _one(options, folder, plan, entry["steps"], alone)
        except Known as error:
            entry |= {"error": error.sentence, "step": error.step, "exit": error.code}
            failed = failed or error
    text = "\n".join(_text(entry) for entry in done)
    if failed is None:
        return done, text
    put_json(done) if options.json else put(text)  # what was made stays made, and one-time codes are shown only now
    options.json = False
    raise failed


def _one(options: argparse.Namespace, folder: Path, plan: Plan, steps: list[dict[str, Any]], alone: bool) -> None:
    from engines.setup.actions import carry_out
    from engines.setup.secrets import Secrets, read_secrets

    given = Path(options.secrets) if options.secrets else None
    if given is not None and str(given) == "-" and not alone:
        raise Known("The secrets of several sites cannot be read from standard input.", "Name a file.", code=2)
    secrets = read_secrets(given, "" if alone else plan.code) if given else Secrets()
    for done in carry_out(folder, plan, actor(), secrets):
        steps.append(_told(done))
        say(f"  {plan.code}: {done.state:<8}{done.says}")
    if plan.install_service:
        from app.service.unit import install_service

        steps.append(_told(install_service(folder, plan.service_user)))


def _told(done: Done) -> dict[str, Any]:
    return {name: value for name, value in asdict(done).items() if value}


def _text(entry: dict[str, Any]) -> str:
    counts = {state: sum(step["state"] == state for step in entry["steps"]) for state in ("made", "changed", "kept")}
    lines = [f"{entry['code']} in {entry['site']}: " + ", ".join(f"{n} {state}" for state, n in counts.items() if n)]
    if "error" in entry:
        lines.append(f"  NOT FINISHED: {entry['error']} {entry['step']}")
    for step in entry["steps"]:
        if "secret" in step:
            lines.append(f"  {step['says']}\n  One-time code: {step['secret']}")
        elif step["state"] == "left":
            lines.append(f"  {step['says']}")
    return "\n".join(lines)
