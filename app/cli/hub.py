"""`hub`: the chain's server, set up and its nodes enrolled; and engines over the marts of its sites."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.cli import hub_server
from app.cli.entry import say, site_folder
from models.errors import Known
from models.times import now_ms


def register(commands: Any) -> None:
    """Add the command."""
    hub = commands.add_parser("hub", help="set up the chain's server, enrol nodes; engines over the sites' Parquet")
    actions = hub.add_subparsers(dest="action", required=True, metavar="ACTION")
    run = actions.add_parser("run", help="one engine over each mart; results as Parquet")
    run.add_argument("engine", metavar="ENGINE")
    run.add_argument("--on", default="duckdb", metavar="WHERE", help="duckdb (default), local[2] or spark://HOST:PORT")
    run.add_argument("--mart", action="append", default=[], metavar="FOLDER",
                     help="a site's mart folder; may be given again (default: that of --site)")  # fmt: skip
    run.add_argument("--to", metavar="FOLDER", help="where the results go, a folder a mart (default: count them only)")
    run.add_argument("--as-of", metavar="ISO", help="stand at this date and time (UTC where it has no zone)")
    run.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
    hub.set_defaults(run=run_hub)
    hub_server.register(actions)


def run_hub(options: argparse.Namespace) -> tuple[Any, str]:
    """Run the engine over each mart; one that has too little data says so and the rest go on."""
    from engines.away import moment_of_mart, run_away, write_frames
    from engines.registry import engine_named
    from models.backends import open_backend
    from models.errors import NotEnoughData

    engine, done = engine_named(options.engine), list[dict[str, Any]]()
    at = _instant(options.as_of)
    for number, folder in enumerate(_marts(options), 1):
        say(f"{folder}: {engine.name} on {options.on}")
        with open_backend(options.on, folder) as backend:
            entry: dict[str, Any] = {"mart": str(folder), "engine": engine.name, "on": options.on}
            try:
                away = run_away(backend, engine, moment_of_mart(backend, at), say)
            except NotEnoughData as refusal:
                done.append(entry | {"refused": str(refusal)})
                continue
            entry["rows"] = {name: frame.num_rows for name, frame in away.frames.items()}
            entry["heavy_seconds"] = round(away.heavy_seconds, 2)
            entry["light_seconds"] = round(away.light_seconds, 2)
            if options.to:
                files = write_frames(away.frames, Path(options.to) / f"{number:03d}-{engine.name}")
                entry["files"] = [str(file) for file in files.values()]
            done.append(entry)
    return done, "\n".join(_line(entry) for entry in done)


def _marts(options: argparse.Namespace) -> list[Path]:
    return [Path(folder) for folder in options.mart] or [site_folder(options) / "mart"]


def _instant(text: str | None) -> int:
    if not text:
        return now_ms()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Known(f"'{text}' is no date and time.", "Write it as in 2026-11-20T18:00.", code=2) from None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def _line(entry: dict[str, Any]) -> str:
    if "refused" in entry:
        return f"{entry['mart']}: {entry['refused']}"
    rows = ", ".join(f"{count:,} {name}" for name, count in entry["rows"].items())
    return f"{entry['mart']}: {rows} ({entry['heavy_seconds']} s {entry['on']}, {entry['light_seconds']} s here)"
