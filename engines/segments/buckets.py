"""Random shares of people that anyone can work out again: SHA-256 of the person's id and a salt, 0 to 9999."""

from __future__ import annotations

import hashlib

from models.connection import Connection
from models.store import driver

BUCKETS = 10_000
FUNCTION = "segment_bucket"


def bucket_of(person_id: bytes, salt: str) -> int:
    """The person's bucket: the first 8 bytes of SHA-256(id, then salt in UTF-8), big-endian, modulo 10,000."""
    return int.from_bytes(hashlib.sha256(person_id + salt.encode()).digest()[:8], "big") % BUCKETS


def buckets_below(percent: float) -> int:
    """How many of the 10,000 buckets make the percentage."""
    return round(percent * BUCKETS / 100)


def teach_buckets(connection: Connection) -> None:
    """Let the connection's statements call `segment_bucket(person_id, salt)`."""
    driver(connection).create_function(FUNCTION, 2, bucket_of, deterministic=True)
