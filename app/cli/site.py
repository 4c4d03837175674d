"""`init`: make a site."""

from __future__ import annotations

import argparse
import re
from typing import Any

from app.cli.entry import site_folder
from models.errors import Known
from models.site import create_site
from models.store import create_store


def register(commands: Any) -> None:
    """Add `init`."""
    init = commands.add_parser("init", help="make a new site in the folder given by --site")
    init.add_argument("--name", default="My mall")
    init.add_argument("--code", default="mall", help="the site's short code")
    init.add_argument("--time-zone", default="Asia/Shanghai", help="IANA name, as in Asia/Shanghai")
    init.add_argument("--currency", default="CNY", help="ISO 4217 code")
    init.add_argument("--country", default="CN", help="ISO 3166 code, for public holidays")
    init.add_argument("--subdivision", default=None, help="state or province, for public holidays")
    init.add_argument("--day-starts", default="00:00", help="local time at which a business day begins")
    init.set_defaults(run=run_init)


def run_init(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Make the folder, the key and the empty store."""
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
