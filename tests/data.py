"""Where tests find the real data, which the project never contains."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def data_file(relative: str) -> Path:
    """The data file's path; skips the calling test with a reason where the file is absent."""
    folder = Path(os.environ.get("ATRIUM_DATA", "../shared/data"))
    path = (folder if folder.is_absolute() else ROOT / folder) / relative
    if not path.exists():
        pytest.skip(f"real data absent: {relative} (set ATRIUM_DATA to the folder that holds it)")
    return path
