"""Where the desktop's own data files lie: themes, translations, icons."""

from __future__ import annotations

from pathlib import Path

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
