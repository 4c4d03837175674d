"""One real PostgreSQL for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hub import Hub, emptied_hub
from tests.postgres import postgres_server


@pytest.fixture(scope="session")
def hub_server() -> Iterator[str]:
    with postgres_server() as address:
        yield address


@pytest.fixture
def hub(hub_server: str) -> Hub:
    return emptied_hub(hub_server)
