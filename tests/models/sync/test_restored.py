"""A restored node goes on without loss; one that goes on under its old epoch loses."""

from __future__ import annotations

import pytest

from benchmarks.sync.histories import quick_folder
from benchmarks.sync.restored import drill


@pytest.mark.parametrize("naive", [False, True])
def test_restore_then_continue(hub_server: str, naive: bool) -> None:
    with quick_folder() as folder:
        lost = drill(hub_server, folder / "mall", 2, naive=naive)
    if naive:
        assert lost.at_hub > 0
    else:
        assert (lost.at_hub, lost.here, lost.undone) == (0, 0, 0)
