"""What was learned: each trained version of each model with its card, and the versions that people hold on to."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class ModelVersion(Row):
    """One trained version of a model, with everything its card says.

    `state` is champion (scores people), challenger (trained and not better) or retired. `as_of` is the business
    day up to which it saw data; `n` rows it learned from, `positives` those with the outcome (NULL where there is
    none). `metrics` and `card` are JSON (engines/validation/cards.py says what is in them); `artefact` is the
    model itself as text (JSON of coefficients, or LightGBM's own text): no pickles.
    """

    __tablename__ = "model_version"
    __table_args__ = kind("D", shared="engine")
    engine: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    method: Mapped[str]
    trained_at: Mapped[int]
    as_of: Mapped[str]
    n: Mapped[int]
    positives: Mapped[int | None]
    metrics: Mapped[str]
    card: Mapped[str]
    artefact: Mapped[str]


class ModelPin(Row):
    """A person's decision that a model stays at a version until the pin is taken out."""

    __tablename__ = "model_pin"
    __table_args__ = kind("R")
    engine: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    reason: Mapped[str]
    actor: Mapped[str]
    at: Mapped[int]
