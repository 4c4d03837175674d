"""Row identities: UUID version 7 (RFC 9562 section 5.7), made on the node, ordered by the time they were made."""

from __future__ import annotations

import os
import threading
import time

#: From here on computing the ids together pays.
MANY = 500

_lock = threading.Lock()
_last = 0


def new_ids(count: int) -> list[bytes]:
    """`count` fresh 16-byte UUIDv7, strictly increasing within this process, also when the clock steps back.

    The 12 bits after the version and the top 30 random bits form a counter that starts at a random
    value in each millisecond (RFC 9562 section 6.2, method 1); 32 random bits close each id.
    """
    global _last  # noqa: PLW0603 - one monotonic sequence per process is the point
    noise = os.urandom(4 * count)
    with _lock:
        # 48 bits of milliseconds, then 42 bits of counter.
        start = (time.time_ns() // 1_000_000) << 42 | int.from_bytes(os.urandom(4), "big") << 6
        start = max(start, _last + 1)
        _last = start + count - 1
    if count >= MANY:
        return _many(start, count, noise)
    made = []
    for i in range(count):
        value = start + i
        high = (value >> 42) << 16 | 0x7000 | (value >> 30) & 0xFFF
        low = 0b10 << 62 | (value & 0x3FFF_FFFF) << 32 | int.from_bytes(noise[4 * i : 4 * i + 4], "big")
        made.append(high.to_bytes(8, "big") + low.to_bytes(8, "big"))
    return made


def _many(start: int, count: int, noise: bytes) -> list[bytes]:
    """The same ids, computed together: `start` has 48 bits of milliseconds over 42 bits of counter."""
    import numpy as np

    # The milliseconds do not fit 64 bits together with the counter, so the counter carries into them apart.
    counter = np.uint64(start & (1 << 42) - 1) + np.arange(count, dtype=np.uint64)
    ms = np.uint64(start >> 42) + (counter >> np.uint64(42))
    both = np.empty((count, 2), dtype=">u8")
    both[:, 0] = ms << np.uint64(16) | np.uint64(0x7000) | counter >> np.uint64(30) & np.uint64(0xFFF)
    tail = np.frombuffer(noise, dtype=">u4").astype(np.uint64)
    both[:, 1] = np.uint64(0b10 << 62) | (counter & np.uint64(0x3FFF_FFFF)) << np.uint64(32) | tail
    joined = both.tobytes()
    return [joined[at : at + 16] for at in range(0, 16 * count, 16)]


def new_id() -> bytes:
    """One fresh 16-byte UUIDv7."""
    return new_ids(1)[0]


def made_at_ms(row_id: bytes) -> int:
    """The UTC millisecond in which the id was made."""
    return int.from_bytes(row_id[:6], "big")
