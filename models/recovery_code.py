"""The recovery code: what a person writes down so that a site's key survives its machine.

Seven groups of five signs of Crockford's base 32, which has no letters that are mistaken for figures. Four signs of a
group are random (140 bits in all), the fifth is the group's check sign, so that a mistyped group is named.
"""

from __future__ import annotations

import hashlib
import secrets

from models.errors import Known

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUPS, SIZE = 7, 5
_READ_AS = str.maketrans("OIL", "011")


def new_code() -> str:
    """A new random code, as in `7K3QF-…` (seven groups)."""
    return "-".join(_checked(n, "".join(secrets.choice(ALPHABET) for _ in range(SIZE - 1))) for n in range(GROUPS))


def read_code(text: str) -> str:
    """The code as it was made, however it was typed (spaces, dashes, small letters, O for 0, I or L for 1).

    Raises Known (denied) for a wrong length, naming it, and for a mistyped group, naming that.
    """
    signs = "".join(c for c in text.upper().translate(_READ_AS) if c in ALPHABET)
    if len(signs) != GROUPS * SIZE:
        raise Known(
            f"A recovery code has {GROUPS} groups of {SIZE} signs; this has {len(signs)} signs.",
            "Type it as it stands on the sheet.", code=6,
            sentence_zh=f"恢复码由 {GROUPS} 组、每组 {SIZE} 个字符组成；输入的是 {len(signs)} 个字符。",
            step_zh="请按纸上的内容输入。",
        )  # fmt: skip
    groups = [signs[i : i + SIZE] for i in range(0, len(signs), SIZE)]
    for n, group in enumerate(groups):
        if _checked(n, group[:-1]) != group:
            raise Known(
                f"Group {n + 1} of the recovery code is mistyped.", "Compare it with the sheet.", code=6,
                sentence_zh=f"恢复码的第 {n + 1} 组输入有误。", step_zh="请与纸上的内容核对。",
            )  # fmt: skip
    return "-".join(groups)


def _checked(place: int, signs: str) -> str:
    """The group with its check sign: five bits of SHA-256 of its place and signs, so that groups cannot change place
    unseen either."""
    return signs + ALPHABET[hashlib.sha256(f"{place}{signs}".encode()).digest()[0] & 31]
