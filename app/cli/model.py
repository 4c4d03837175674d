"""`models`: trained versions and their cards; hold on to one, go back to one, let go."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from app.cli.actor import actor
from app.cli.entry import at_least_one, site_folder
from models.errors import Known
from models.store import Store, open_store

if TYPE_CHECKING:
    from engines.validation.cards import Measured, ModelCard
    from engines.validation.queries import Models

Result = tuple[Any, str]


def register(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("models", help="what was learned: versions, cards, pin one, go back to one")
    command.add_argument("action", choices=("list", "card", "pin", "back", "release"), nargs="?", default="list")
    command.add_argument("name", nargs="?", metavar="ENGINE/MODEL", help="as in churn/churn or propensity/open")
    command.add_argument("--version", type=at_least_one, metavar="N", help="card, pin: which version")
    command.add_argument("--reason", default="", metavar="TEXT", help="pin, back, release: why; kept in the audit log")
    command.set_defaults(run=run_models)


def run_models(options: argparse.Namespace) -> Result:
    """List versions, show a card, or decide which version scores people."""
    from engines.validation.queries import models

    store = open_store(site_folder(options))
    try:
        if options.action == "list":
            return _listed(models(store))
        engine, model = _named(options.name, models(store))
        if options.action == "card":
            return _card(models(store), engine, model, options.version)
        return _decide(store, options, engine, model)
    finally:
        store.close()


def _decide(store: Store, options: argparse.Namespace, engine: str, model: str) -> Result:
    from engines.validation.actions import pin, unpin
    from engines.validation.queries import models

    who = actor(store)
    if options.action == "release":
        unpin(store, who, engine, model, reason=options.reason)
    else:
        version = options.version if options.action == "pin" else _before(models(store), engine, model)
        if version is None:
            raise Known("Name the version to hold on to.", "Add --version N.", code=2)
        pin(store, who, engine, model, version=version, reason=options.reason)
    used = models(store).used(engine, model)
    number = used.version if used else None
    document = {"engine": engine, "model": model, "version": number}
    return document, f"{engine}/{model} scores with version {number} from the next run on."


def _before(found: Models, engine: str, model: str) -> int:
    """The newest version that shipped before the one in use."""
    used = found.used(engine, model)
    older = [c for c in found.cards if (c.engine, c.model, c.state) == (engine, model, "retired")]
    older = [c for c in older if used is not None and c.version < used.version]
    if not older:
        raise Known(f"There is no earlier version of {engine}/{model} to go back to.", code=2)
    return max(c.version for c in older)


def _named(name: str | None, found: Models) -> tuple[str, str]:
    from engines.validation.queries import names

    known = names(found.cards)
    words = ", ".join("/".join(pair) for pair in known) or "none yet: run the engines first"
    pair = tuple((name or "").split("/")) if "/" in (name or "") else (name or "", name or "")
    if len(pair) != 2 or pair not in known:
        raise Known(f"There is no model '{name or ''}'.", f"Models: {words}.", code=2)
    return pair[0], pair[1]


def _listed(found: Models) -> Result:
    rows = []
    for card in found.cards:
        used = found.used(card.engine, card.model)
        rows.append(
            {
                "engine": card.engine, "model": card.model, "version": card.version, "state": card.state,
                "method": card.method, "as_of": card.as_of, "n": card.n, "positives": card.positives,
                "used": used is card, "leaks": card.leaks, "pinned": found.pin(card.engine, card.model) is not None,
                "metrics": {name: [m.value, m.low, m.high] for name, m in card.metrics.items()},
            }
        )  # fmt: skip
    lines = [
        f"{'*' if r['used'] else ' '} {r['engine']}/{r['model']:<12} v{r['version']:<4}{r['state']:<11}"
        f"{r['method']:<12}"
        f"{r['as_of']}  {r['n']:>8} rows{'  PINNED' if r['used'] and r['pinned'] else ''}"
        for r in rows
    ]
    return rows, "\n".join(lines) or "Nothing has been learned yet."


def _card(found: Models, engine: str, model: str, version: int | None) -> Result:
    card = found.card(engine, model, version)
    if card is None:
        raise Known(f"There is no version {version} of {engine}/{model}.", "Run: python main.py models list", code=2)
    row = card.to_row()
    row.pop("artefact")
    return row, "\n".join(_lines(card))


def _lines(card: ModelCard) -> list[str]:
    people = f"{card.n} rows" + ("" if card.positives is None else f", {card.positives} with the outcome")
    lines = [
        f"{card.engine}/{card.model} version {card.version} ({card.state}, {card.method})", card.about,
        f"Data up to {card.as_of}; {people}; seed {card.seed}; features {card.features_hash}.", card.promotion, "",
    ]  # fmt: skip
    names = ("this version", *card.baselines)
    lines.append(f"{'':<26}" + "".join(f"{name:>26}" for name in names))
    for metric in card.metrics:
        told = [card.metrics.get(metric), *(b.get(metric) for b in card.baselines.values())]
        lines.append(f"{metric:<26}" + "".join(f"{_written(m):>26}" for m in told))
    lines += ["", *(f"{'ALARM' if f.fired else 'quiet':<7}{f.sentence}" for f in card.guards)]
    return [*lines, "", *(f"- {limit.text}" for limit in card.limits)]


def _written(found: Measured | None) -> str:
    if found is None or found.value != found.value:
        return "-"
    if found.low is None or found.high is None:
        return f"{found.value:.3f}"
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"
