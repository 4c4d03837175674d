"""Calls to the hub: one that is never answered ends by itself."""

from __future__ import annotations

import time

import pytest

from models.sync import asking
from models.sync.link import Offline
from tests.hub import Hub


def test_a_call_that_gets_no_answer_is_cut(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", 0.2)
    with hub.connection() as connection:
        assert asking.ask(connection, "SELECT 1", ()) == [(1,)]
        began = time.monotonic()
        with pytest.raises(Offline):
            asking.ask(connection, "SELECT pg_sleep(%s)", (300,))
        assert time.monotonic() - began < 120
