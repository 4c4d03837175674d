"""The database in memory in which records of people are compared: it holds plain values, so nothing reaches a disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from models.errors import Known


@contextmanager
def memory_database(memory_limit: str = "1GB", threads: int = 2) -> Iterator[Any]:
    """A DuckDB connection in memory that may not spill: no temporary folder, no file access, no extensions.

    Work that needs more than `memory_limit` raises Known instead of writing plain names and phones into a file.
    """
    import duckdb

    config: dict[str, Any] = {
        "memory_limit": memory_limit,
        "threads": threads,
        "temp_directory": "",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    connection = duckdb.connect(":memory:", config=config)
    try:
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
    except Exception as error:
        if "Out of Memory" not in str(error):  # the library wraps DuckDB's exception in one of its own
            raise
        raise Known(
            f"Comparing people needs more than {memory_limit} of memory.", "Try again when less is running."
        ) from error
    finally:
        connection.close()
