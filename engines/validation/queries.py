"""Reads of trained versions: every card, and which versions people hold on to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engines.validation.cards import ModelCard, active
from models.store import Store

_COLUMNS = (
    "engine", "model", "version", "state", "method", "trained_at", "as_of", "n", "positives", "metrics", "card",
)  # fmt: skip


@dataclass(frozen=True)
class Pin:
    """A person's decision that a model stays at a version."""

    engine: str
    model: str
    version: int
    reason: str
    actor: str
    at: int


@dataclass(frozen=True)
class Models:
    """All cards (without artefacts), by engine, model and version with the newest first, and all pins."""

    cards: tuple[ModelCard, ...]
    pins: tuple[Pin, ...]

    def used(self, engine: str, model: str) -> ModelCard | None:
        """The version that scores people from the next run on."""
        return active(self.cards, {(p.engine, p.model): p.version for p in self.pins}, engine, model)

    def pin(self, engine: str, model: str) -> Pin | None:
        """The pin of a model."""
        return next((p for p in self.pins if (p.engine, p.model) == (engine, model)), None)

    def card(self, engine: str, model: str, version: int | None = None) -> ModelCard | None:
        """A version's card; without `version` the one in use."""
        if version is None:
            return self.used(engine, model)
        wanted = (engine, model, version)
        return next((c for c in self.cards if (c.engine, c.model, c.version) == wanted), None)


def models(store: Store) -> Models:
    """Everything that was learned on this site."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT {', '.join(_COLUMNS)} FROM model_version ORDER BY engine, model, version DESC"  # noqa: S608
        ).fetchall()
        pinned = connection.exec_driver_sql(
            "SELECT engine, model, version, reason, actor, at FROM model_pin ORDER BY engine, model"
        ).fetchall()
    cards = (ModelCard.from_row({**dict(zip(_COLUMNS, row, strict=True)), "artefact": ""}) for row in rows)
    return Models(tuple(cards), tuple(Pin(*row) for row in pinned))


def names(cards: Iterable[ModelCard]) -> list[tuple[str, str]]:
    """The (engine, model) pairs there are, in order."""
    return sorted({(c.engine, c.model) for c in cards})
