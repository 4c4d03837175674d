"""`areas`, `catchment`: the map of districts or postcodes, and what members from each of them bring."""

from __future__ import annotations

import argparse
import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.cli.actor import actor
from app.cli.entry import site_folder
from models.store import open_store


def register(commands: Any) -> None:
    """Add the commands of this group."""
    areas = commands.add_parser("areas", help="the map of districts or postcodes: what is in it, or take it away")
    areas.add_argument("--remove", action="store_true", help="take the map away")
    areas.set_defaults(run=run_areas)
    shown = commands.add_parser("catchment", help="members, visits and sales by the area where members live")
    shown.add_argument("--from", dest="first", type=_day, metavar="DAY", help="first day (default: 90 days to --to)")
    shown.add_argument("--to", dest="last", type=_day, metavar="DAY", help="last day (default: today)")
    shown.set_defaults(run=run_catchment)


def import_map(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """`import areas FILE`: keep a file of areas as the site's map."""
    from engines.catchment.actions import import_areas

    file: Path = options.file
    store = open_store(site_folder(options))
    try:
        found = import_areas(store, actor(store), file, dry_run=options.dry_run)
    finally:
        store.close()
    drawn = sum(1 for area in found.areas if area.parts)
    dots = sum(1 for area in found.areas if area.center and not area.parts)
    document = {"file": file.name, "areas": len(found.areas), "drawn": drawn, "dots": dots, "mall": found.mall,
                "notes": list(found.notes), "dry_run": options.dry_run}  # fmt: skip
    what = "Would keep" if options.dry_run else "Kept"
    text = f"{what} {len(found.areas):,} areas, {drawn:,} with borders, {dots:,} as points."
    return document, "\n".join([text, *found.notes])


def run_areas(options: argparse.Namespace) -> tuple[Any, str]:
    """The site's map, or its removal."""
    from engines.catchment.actions import remove_areas
    from engines.catchment.queries import site_map

    store = open_store(site_folder(options))
    try:
        if options.remove:
            gone = remove_areas(store, actor(store))
            return {"removed": gone}, "The area map is gone." if gone else "There is no area map."
        found = site_map(store.site.folder)
    finally:
        store.close()
    if found is None:
        return [], "There is no area map. Import one: python main.py import areas FILE.geojson"
    rows = [
        {"code": a.code, "name": a.name, "name_zh": a.name_zh, "population": a.population, "center": a.center,
         "parts": len(a.parts)} for a in found.areas
    ]  # fmt: skip
    lines = [f"{a.code:<12} {a.name}" for a in found.areas]
    return rows, "\n".join([f"{len(rows)} areas from {found.source}", *lines])


def run_catchment(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """The table of areas; figures of small groups are left out."""
    from engines.anomalies.engine import MINOR_DIGITS
    from engines.catchment.queries import catchment
    from models.times import business_day, now_ms

    store = open_store(site_folder(options))
    try:
        site = store.site
        last = options.last or dt.date.fromisoformat(business_day(now_ms(), site.zone, site.day_starts_minute)[0])
        first = options.first or last - dt.timedelta(days=89)
        found = catchment(store, first.isoformat(), last.isoformat())
        unit = 10 ** MINOR_DIGITS.get(site.currency, 2)
    finally:
        store.close()
    document = {key: value for key, value in asdict(found).items() if key != "map"}
    lines = [f"{'area':<24}{'members':>9}{'visits':>9}{'sales':>14}  part"]
    for row in sorted(found.rows, key=lambda row: -(row.sales or 0)):
        figures = (f"{'–' if n is None else format(n, ','):>{w}}" for n, w in ((row.members, 9), (row.visits, 9)))
        sales = "–" if row.sales is None else f"{row.sales / unit:,.0f}"
        lines.append(f"{row.name[:23]:<24}{''.join(figures)}{sales:>14}  {row.tier or '–'}")
    return document, "\n".join(lines)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no day as in 2026-03-14") from None
