"""The address of a camera's local pipe."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app.service.viewing import pipe_address
from models.site import create_site
from models.store import create_store

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="named pipes lie in no folder")


def test_a_long_runtime_folder_gives_way_to_one_that_the_system_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mall = create_store(create_site(tmp_path / "mall", name="Test mall"))
    try:
        short = pipe_address(mall, "north")
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("long" * 30)))
        assert len(pipe_address(mall, "north").encode()) <= 103
        assert pipe_address(mall, "south") != short
    finally:
        mall.close()
