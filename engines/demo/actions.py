"""Making a demo mall: a site whose every figure is invented and which says so everywhere."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from engines.access.demo_accounts import add_demo_accounts
from engines.catchment.actions import import_areas
from engines.demo.crowds import raise_counts
from engines.demo.inside import count_fronts, count_passages, count_stays
from engines.demo.load import Load
from engines.demo.occasions import visits_raised
from engines.demo.span import make_span
from engines.demo.truth import keep_truth
from engines.demo.world import World, make_world
from engines.demo.write_business import write_business
from engines.demo.write_counts import count_doors, write_counts, write_stays
from engines.demo.write_customers import write_browsing, write_consents, write_newcomers
from engines.demo.write_people import write_people
from engines.demo.write_places import PlaceIds, write_calendar, write_desk, write_mall
from engines.demo.write_sales import (
    write_activities,
    write_more_receipts,
    write_receipts,
    write_reports,
    write_totals,
)
from engines.demo.write_zones import write_minutes, write_zones
from models.errors import Known
from models.keys import keys_folder
from models.site import Site, create_site
from models.store import create_store

ZONE = "Asia/Shanghai"
NAME = "Demo mall (invented data)"
#: Invented districts in which the members live: no map of a real place.
AREAS = Path(__file__).with_name("areas.geojson")
FEWEST_MEMBERS, MOST_MEMBERS = 100, 500_000

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class DemoReport:
    """What was made: rows by table, first and last day, seconds it took."""

    folder: Path
    rows: dict[str, int]
    first_day: str
    last_day: str
    seconds: float


def make_demo(
    folder: Path,
    *,
    days: int = 400,
    members: int = 20_000,
    seed: int = 7,
    until: str | None = None,
    progress: Progress = lambda _part, _what: None,
) -> DemoReport:
    """Make a demo site in `folder`: `days` days up to `until` and `members` members, the same for the same seed.

    `until` is a local ISO date or date and time; none means now. `progress` gets the part done (0 to 1) and
    what is being made. The folder appears only when it is whole. Raises Known where it holds something already
    or a number is out of range.
    """
    started = time.monotonic()
    _refuse_full(folder)
    if not FEWEST_MEMBERS <= members <= MOST_MEMBERS:
        raise Known(f"A demo mall has {FEWEST_MEMBERS} to {MOST_MEMBERS} members.", "Choose another --members.", code=2)
    span = make_span(days, until, ZoneInfo(ZONE))
    progress(0.0, "deciding what happened")
    rows = _make_whole(folder, make_world(span, members, seed), progress)
    progress(1.0, "done")
    return DemoReport(folder, rows, span.names[0], span.names[-1], time.monotonic() - started)


def _make_whole(folder: Path, world: World, progress: Progress) -> dict[str, int]:
    """Fill a site beside `folder` and move it there; nothing is left of one that fails."""
    making = folder.absolute().with_name(folder.absolute().name + ".making")
    shutil.rmtree(making, ignore_errors=True)
    site = create_site(making, name=NAME, code="demo", time_zone=ZONE, currency="CNY", country="CN", demo=True)
    try:
        rows = _fill(site, world, progress)
        if folder.exists():
            folder.rmdir()
        making.replace(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        (keys_folder() / f"{site.id}.key").unlink(missing_ok=True)
        raise
    return rows


def _refuse_full(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        what = "There is a site in" if (folder / "site.toml").exists() else "There are other files in"
        raise Known(f"{what} {folder} already.", "Choose another folder with --site, or delete it first.", code=2)


def _fill(site: Site, world: World, progress: Progress) -> dict[str, int]:
    """Write the world into a new store; returns rows by table."""
    store = create_store(site)
    try:
        load = Load(store)
        progress(0.15, "the building, its tenants and its calendar")
        places = write_mall(load, world.shops, world.leases, world.runs)
        write_calendar(load, world.span, world.days)
        write_desk(load, world.span)
        progress(0.17, "counts at the gates")
        _write_footfall(load, world, places)
        progress(0.50, "members")
        people = write_people(load, world)
        signs = write_newcomers(load, world, people)
        progress(0.58, "receipts")
        write_receipts(load, world, places, people.card)
        write_more_receipts(load, world, places, signs)
        progress(0.85, "days' totals and declarations")
        write_totals(load, world, places)
        write_reports(load, world.reports, places)
        progress(0.90, "check-ins, messages, referrals and answers")
        write_activities(load, world, places, people.card)
        write_browsing(load, world, places, signs)
        progress(0.96, "happenings, talks, money and consents")
        write_business(load, world, places)
        write_consents(load, world, people)
        import_areas(store, "demo", AREAS)
        add_demo_accounts(store)
        keep_truth(site.folder / "truth", world)
    finally:
        store.close()
    return load.rows


def _write_footfall(load: Load, world: World, places: PlaceIds) -> None:
    span, days, flows, seed = world.span, world.days, world.flows, world.seed
    inside = count_passages(span, days, flows, seed)
    inside |= count_fronts(span, days, flows, world.shops, world.rates, seed=seed)
    counted = count_doors(span, days, flows, world.beyond.crowd, seed)
    counted |= raise_counts(inside, visits_raised(span, world.beyond.staged), seed)
    write_counts(load, span, places.gate, counted)
    write_minutes(load, span, places.gate, counted, seed)
    stays = count_stays(span, days, flows, seed)
    write_stays(load, span, places.zone, stays)
    write_zones(load, world, stays, places)
