"""Every key of a set-up file, once: validation, the template and the guide are made from it.

Beside the sections declared here a file may have one section for each group of the site's settings (`[mall]`,
`[gateway]`, `[backup]`, ...), whose keys are those of `models.settings_catalogue`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "word", "yes", "time", "zone", "path", "uuid"]


@dataclass(frozen=True)
class Field:
    """A key: `pattern` bounds a word, `most` the length of a text; a path is relative to the file that names it."""

    name: str
    kind: Kind
    help: str
    example: str | bool
    required: bool = False
    pattern: str = ""
    most: int = 200
    allowed: str = "text"


@dataclass(frozen=True)
class Section:
    """A table of the file; `many` is an array of tables, as in `[[cameras]]`."""

    name: str
    help: str
    fields: tuple[Field, ...]
    required: bool = False
    many: bool = False


_CODE = r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}"
_CODE_SAYS = "1 to 40 letters, digits, dots, dashes"

SECTIONS: tuple[Section, ...] = (
    Section(
        "site",
        "What this site is. None of it can be changed once the site is made.",
        (
            Field("code", "word", "Short code, unique in the chain.", "north", True, _CODE, allowed=_CODE_SAYS),
            Field("name", "text", "The mall's name, as people say it.", "North Mall", True, most=100),
            Field("time_zone", "zone", "IANA name of the zone that the mall's clocks show.", "Asia/Shanghai", True),
            Field("currency", "word", "ISO 4217.", "CNY", True, "[A-Za-z]{3}", allowed="three letters, as in CNY"),
            Field("country", "word", "ISO 3166; public holidays follow it.", "CN", True, "[A-Za-z]{2}",
                  allowed="two letters, as in CN"),
            Field("subdivision", "word", "State or province where holidays differ by it.", "BY", False,
                  "[A-Za-z0-9]{1,3}", allowed="1 to 3 letters, as in BY"),
            Field("day_starts", "time", "Local time at which a business day begins.", "04:00"),
            Field("id", "uuid", "Only where headquarters gave the site its id.",
                  "0198c0de-0000-7000-8000-000000000001"),
        ),
        required=True,
    ),
    Section(
        "hub",
        "Joining the chain's hub. The one-time code is a secret: it is asked for, or given with --secrets.",
        (Field("join_file", "path", "The enrolment file from headquarters.", "north.enrol.toml", True),),
    ),
    Section(
        "cameras",
        "One table a camera. Its user and password are secrets: give them with --secrets, or later on the Live page.",
        (
            Field("code", "word", "Short code, unique in the site.", "door-1", True, _CODE, allowed=_CODE_SAYS),
            Field("address", "text", "Without user and password.", "rtsp://192.0.2.10/stream1", True, most=500),
            Field("name", "text", "Where it hangs.", "North door", most=100),
            Field("lines", "path", "Its counting lines, as `watch --config` takes them.", "door-1.toml"),
            Field("active", "yes", "Whether the service counts it.", True),
        ),
        many=True,
    ),
    Section(
        "service",
        "The background service of this machine.",
        (
            Field("user", "word", "The account it runs as; it owns site and key.", "atrium", False,
                  r"[A-Za-z_][A-Za-z0-9_.$-]{0,31}", allowed="an account's name"),
            Field("install", "yes", "Install the service unit (needs an administrator of this machine).", False),
        ),
    ),
    Section(
        "administrator",
        "The first person who signs in. A one-time password is printed once; it is changed at the first sign-in.",
        (
            Field("user", "word", "The name to sign in with.", "anna", True, "[a-z0-9][a-z0-9.-]{1,39}",
                  allowed="2 to 40 small letters, digits, dots, dashes"),
            Field("name", "text", "The person's name.", "Anna Example", most=100),
        ),
    ),
)  # fmt: skip


def section_named(name: str) -> Section | None:
    """The declared section of that name."""
    return next((section for section in SECTIONS if section.name == name), None)
