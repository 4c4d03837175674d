"""`run`, `engines`, `mart`: analyses and the mart they read."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.cli.entry import say, site_folder
from models.errors import Known, NotEnoughData
from models.store import Store, open_store

if TYPE_CHECKING:
    from engines.contract import Engine
    from engines.driver import EngineResult

Result = tuple[Any, str]


def register(commands: Any) -> None:
    """Add the commands."""
    run = commands.add_parser("run", help="run one engine now, or all of them")
    run.add_argument("engine", nargs="?", metavar="ENGINE")
    run.add_argument("--all", action="store_true", help="every engine, each after those whose results it takes")
    run.add_argument("--as-of", metavar="ISO", help="stand at this local date (its first moment) or date and time")
    run.add_argument("--only", action="store_true", help="do not first run the engines whose results it takes")
    run.set_defaults(run=run_engines)
    listed = commands.add_parser("engines", help="the engines there are, and how their last runs ended")
    listed.set_defaults(run=list_engines)
    mart = commands.add_parser("mart", help="bring the Parquet files up to the store, or write them all anew")
    mart.add_argument("action", choices=("refresh", "rebuild"))
    mart.set_defaults(run=run_mart)


def run_engines(options: argparse.Namespace) -> Result:
    """Run the engine named, or all; an engine below its minimum of data says what is missing (exit 4)."""
    from engines.driver import order, run_engine
    from engines.registry import ENGINES, engine_named, givers_of

    if bool(options.engine) == bool(options.all):
        raise Known("Name one engine, or use --all.", "Run: python main.py engines", code=2)
    store = open_store(site_folder(options))
    try:
        at = _instant(options.as_of, store)
        if options.all:
            return _run_all(store, order(ENGINES), at)
        engine = engine_named(options.engine)
        first = [] if options.only else [e.name for e in givers_of(engine) if _ran(store, e, at) is not None]
        document = _document(store, run_engine(store, engine, at_ms=at)) | {"first": first}
        return document, _line(document)
    finally:
        store.close()


def list_engines(options: argparse.Namespace) -> Result:
    """Every engine with its schedule and the state of its newest run."""
    from engines.registry import ENGINES
    from models import ledger

    store = open_store(site_folder(options))
    try:
        found: list[dict[str, Any]] = []
        for engine in ENGINES:
            newest = next(iter(ledger.runs(store, job=engine.name, limit=1)), None)
            found.append(
                {
                    "engine": engine.name,
                    "title": engine.title,
                    "title_zh": engine.title_zh,
                    "every": engine.every,
                    "version": engine.version,
                    "about": engine.about,
                    "takes": [r.name for r in engine.takes],
                    "gives": [r.name for r in engine.gives],
                    "last": asdict(newest) if newest else None,
                }
            )
    finally:
        store.close()
    lines = [f"{e['engine']:<11}{e['every']:<7}{_state(e['last']):<10}{e['title']}" for e in found]
    return found, "\n".join(lines)


def run_mart(options: argparse.Namespace) -> Result:
    """Refresh or rebuild the mart."""
    from models import mart

    store = open_store(site_folder(options))
    try:
        done = mart.refresh(store) if options.action == "refresh" else mart.rebuild(store)
    finally:
        store.close()
    return asdict(done), f"{done.files} files with {done.rows:,} rows written in {done.seconds:.1f} s."


def _run_all(store: Store, engines: list[Engine], at: int | None) -> Result:
    from engines.driver import run_engine

    made: list[dict[str, Any]] = []
    for engine in engines:
        say(f"{engine.title} ...")
        try:
            made.append(_document(store, run_engine(store, engine, at_ms=at)))
        except NotEnoughData as refusal:
            made.append({"engine": engine.name, "refused": refusal.missing, "step": refusal.step})
    if all("refused" in one for one in made):
        raise NotEnoughData(" ".join(str(one["refused"]) for one in made))
    return made, "\n".join(_line(one) for one in made)


def _ran(store: Store, engine: Engine, at: int | None) -> EngineResult | None:
    """The run of an engine that another one needs; None where it has too little data, which the ledger says."""
    from engines.driver import run_engine

    try:
        return run_engine(store, engine, at_ms=at)
    except NotEnoughData:
        return None


def _document(store: Store, result: EngineResult) -> dict[str, Any]:
    made: dict[str, Any] = asdict(result)
    if result.engine == "rfm":
        from engines.rfm.queries import notes

        made["notes"] = [asdict(note) for note in notes(store)]
    return made


def _line(document: dict[str, Any]) -> str:
    if "refused" in document:
        return f"{document['engine']}: refused. {document['refused']}"
    rows = ", ".join(f"{name} {count:,}" for name, count in document["relations"].items())
    notes = "".join(f"\n  {note['text']}" for note in document.get("notes", ()))
    return f"{document['engine']}: {rows} rows in {document['seconds']:.1f} s{notes}"


def _state(last: dict[str, Any] | None) -> str:
    return str(last["state"]) if last else "never"


def _instant(text: str | None, store: Store) -> int | None:
    """UTC milliseconds of a local ISO date or date and time."""
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise Known(f"'{text}' is no date.", "Write it as in 2026-11-20 or 2026-11-20T18:00.", code=2) from None
    if len(text) == len("2026-11-20"):
        minute = store.site.day_starts_minute
        given = given.replace(hour=minute // 60, minute=minute % 60)
    local = given if given.tzinfo else given.replace(tzinfo=store.site.zone)
    if not 1990 <= local.year <= 2200:
        raise Known(f"'{text}' lies outside 1990 to 2200.", "Give another date.", code=2)
    return int(local.timestamp() * 1000)
