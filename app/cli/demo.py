"""`demo`: a mall of invented data."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.cli.entry import say, site_folder
from app.cli.progress import Reporter, add_child_option
from models.errors import Cancelled, NotEnoughData
from models.store import open_store


def register(commands: Any) -> None:
    """Add `demo`."""
    demo = commands.add_parser("demo", help="make a demo mall (invented data) in the folder given by --site")
    demo.add_argument("--days", type=int, default=400, help="how many days it covers (default 400)")
    demo.add_argument("--members", type=int, default=20_000, help="how many members it has (default 20000)")
    demo.add_argument("--seed", type=int, default=7, help="the same seed makes the same mall (default 7)")
    demo.add_argument("--until", metavar="DATE", help="last local date, or date and time (default: now)")
    demo.add_argument("--no-engines", action="store_true", help="leave the engines to the service")
    add_child_option(demo)
    demo.set_defaults(run=run_demo)


def run_demo(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Make the demo mall and run every engine on it once, as the service does each night."""
    from engines.demo.actions import make_demo

    reporter = Reporter(options)

    def tell(part: float, what: str) -> None:
        if reporter.cancelled():
            raise Cancelled
        if options.child:
            reporter.report(round(part * 100), 100, what)
        else:
            say(f"{part:4.0%}  {what}")

    made = make_demo(
        site_folder(options), days=options.days, members=options.members, seed=options.seed, until=options.until,
        progress=tell,
    )  # fmt: skip
    engines = {} if options.no_engines else _run_engines(made.folder, tell)
    document = {
        "site": str(made.folder), "demo": True, "first_day": made.first_day, "last_day": made.last_day,
        "rows": made.rows, "seconds": round(made.seconds, 1), "engines": engines,
    }  # fmt: skip
    rows = "\n".join(f"{n:>10,}  {table}" for table, n in sorted(made.rows.items(), key=lambda item: -item[1]))
    ran = (
        f"Engines, each run once: {', '.join(f'{name} {told}' for name, told in engines.items())}.\n" if engines else ""
    )
    return document, (
        f"Made a demo mall in {made.folder}: every figure in it is invented.\n"
        f"{made.first_day} to {made.last_day}, {sum(made.rows.values()):,} rows in {made.seconds:.1f} s.\n{ran}{rows}"
    )


def _run_engines(folder: Path, tell: Callable[[float, str], None]) -> dict[str, str]:
    """What each engine said: its seconds, or why it refused (a short demo is too little for some)."""
    from engines.driver import order, run_engine
    from engines.people.identity.resolve import resolve
    from engines.registry import ENGINES
    from engines.segments.actions import create
    from engines.segments.full_run import run_segments
    from engines.segments.templates import templates

    told: dict[str, str] = {}
    store = open_store(folder)
    try:
        tell(0.0, "who may be the same person")
        resolve(store)
        for place, engine in enumerate(order(ENGINES)):
            tell(place / len(ENGINES), f"engine {engine.name}")
            try:
                told[engine.name] = f"{run_engine(store, engine).seconds:.1f} s"
            except NotEnoughData as error:
                told[engine.name] = f"refused ({error.missing})"
        tell(0.97, "segments")
        for template in templates():
            create(store, "demo", template.code, template.name, template.rule, name_zh=template.name_zh, live=True)
        run_segments(store)
    finally:
        store.close()
    return told
