"""`demo`: a mall of invented data."""

from __future__ import annotations

import argparse
from typing import Any

from app.cli.entry import say, site_folder


def register(commands: Any) -> None:
    """Add `demo`."""
    demo = commands.add_parser("demo", help="make a demo mall (invented data) in the folder given by --site")
    demo.add_argument("--days", type=int, default=400, help="how many days it covers (default 400)")
    demo.add_argument("--members", type=int, default=20_000, help="how many members it has (default 20000)")
    demo.add_argument("--seed", type=int, default=7, help="the same seed makes the same mall (default 7)")
    demo.add_argument("--until", metavar="DATE", help="last local date, or date and time (default: now)")
    demo.set_defaults(run=run_demo)


def run_demo(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Make the demo mall; progress goes to standard error."""
    from engines.demo.actions import make_demo

    made = make_demo(
        site_folder(options), days=options.days, members=options.members, seed=options.seed, until=options.until,
        progress=lambda part, what: say(f"{part:4.0%}  {what}"),
    )  # fmt: skip
    document = {
        "site": str(made.folder), "demo": True, "first_day": made.first_day, "last_day": made.last_day,
        "rows": made.rows, "seconds": round(made.seconds, 1),
    }  # fmt: skip
    rows = "\n".join(f"{n:>10,}  {table}" for table, n in sorted(made.rows.items(), key=lambda item: -item[1]))
    return document, (
        f"Made a demo mall in {made.folder}: every figure in it is invented.\n"
        f"{made.first_day} to {made.last_day}, {sum(made.rows.values()):,} rows in {made.seconds:.1f} s.\n{rows}"
    )
