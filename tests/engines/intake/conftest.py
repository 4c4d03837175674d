"""What the intake tests share: a small store, files written into a scratch folder, and the store's content."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from models.site import create_site
from models.store import Store, create_store


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Store]:
    made = create_store(
        create_site(tmp_path / "mall", name="Test mall", time_zone="Asia/Shanghai", currency="CNY", country="CN")
    )
    yield made
    made.close()


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(name: str, text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.fixture
def ask(mall: Store) -> Callable[..., list[tuple[Any, ...]]]:
    def query(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with mall.read() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(sql, values).fetchall()]

    return query
