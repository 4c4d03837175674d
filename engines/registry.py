"""The engines, one line each: whatever loops over engines loops over this tuple."""

from __future__ import annotations

from engines.contract import Engine

ENGINES: tuple[Engine, ...] = ()


def engine_named(name: str) -> Engine:
    """The engine of that name. Raises Known with the names there are."""
    from models.errors import Known

    for engine in ENGINES:
        if engine.name == name:
            return engine
    raise Known(f"There is no engine '{name}'.", f"Choose one of: {', '.join(e.name for e in ENGINES)}.", code=2)
