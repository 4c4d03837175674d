"""Placeholder group until its commands land."""

from __future__ import annotations

from typing import Any


def register(commands: Any) -> None:
    """No commands yet."""
