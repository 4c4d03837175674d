"""The bytes of an encrypted store as they would lie on the disk without encryption: free pages and the log included.

SQLCipher 4 with a raw key: AES-256-CBC a page; the last 80 bytes of a page are its initialisation vector and its MAC;
the first 16 bytes of the file are a salt (SQLCipher design, "database page format"). SQL shows what is live; only this
shows what deletions leave behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE, RESERVED, SALT = 4096, 80, 16
WAL_HEADER, FRAME_HEADER = 32, 24


def plain_pages(file: Path, key: bytes) -> Iterator[bytes]:
    """Each page of a database file."""
    whole = file.read_bytes()
    for at in range(0, len(whole), PAGE):
        yield _plain(whole[at : at + PAGE], key, SALT if at == 0 else 0)


def plain_log(file: Path, key: bytes) -> Iterator[bytes]:
    """Each page in a write-ahead log, of finished and of overwritten stretches alike."""
    whole = file.read_bytes() if file.exists() else b""
    for at in range(WAL_HEADER, len(whole) - FRAME_HEADER, FRAME_HEADER + PAGE):
        number = int.from_bytes(whole[at : at + 4], "big")
        page = whole[at + FRAME_HEADER : at + FRAME_HEADER + PAGE]
        yield _plain(page, key, SALT if number == 1 else 0)


def hits(store_file: Path, key: bytes, needles: Iterable[bytes]) -> dict[bytes, int]:
    """How many pages of the file and its log hold each of the needles that is there at all."""
    wanted, found = list(needles), dict[bytes, int]()
    log = store_file.with_name(store_file.name + "-wal")
    for page in (*plain_pages(store_file, key), *plain_log(log, key)):
        for needle in wanted:
            if needle in page:
                found[needle] = found.get(needle, 0) + 1
    return found


def _plain(page: bytes, key: bytes, skip: int) -> bytes:
    body, vector = page[skip : PAGE - RESERVED], page[PAGE - RESERVED : PAGE - RESERVED + 16]
    if len(page) < PAGE:
        return b""
    decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    return decryptor.update(body) + decryptor.finalize()
