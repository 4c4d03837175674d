"""The enrolment file: what a node needs to find the hub, with its first password sealed under a one-time code.

The file goes to the site by any way, the code by another (read out on the telephone). A node changes the password
when it joins, so neither is of use to whoever finds them afterwards.
"""

from __future__ import annotations

import base64
import json
import secrets
import tomllib
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import Known

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CODE_LENGTH = 25
#: Crockford's base 32 has no letters that are mistaken for figures.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Enrolment:
    """A node's way to the hub. `host` beginning with a slash is the folder of a socket; `ca` a PEM certificate."""

    site_id: str
    node_id: str
    node: str
    login: str
    host: str
    port: int
    dbname: str
    ca: str
    password: str


def new_code() -> str:
    """A one-time code of 125 bits, in groups of five."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(letters[i : i + 5] for i in range(0, CODE_LENGTH, 5))


def enrolment_text(enrolment: Enrolment, code: str) -> str:
    """The file's text (TOML): a JSON string is a TOML basic string too."""
    salt = secrets.token_bytes(16)
    sealed = _cipher(code, salt).encrypt(salt[:12], enrolment.password.encode(), enrolment.login.encode())
    values = {name: getattr(enrolment, name) for name in ("site_id", "node_id", "node", "login", "host", "dbname")}
    lines = ["# A node's way to the hub. Bring it with: python main.py sync join FILE", "[hub]", "version = 1"]
    lines += [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
    lines += [f"port = {enrolment.port}", f"ca = {json.dumps(enrolment.ca)}"]
    lines += [f'salt = "{salt.hex()}"', f'sealed = "{base64.b64encode(sealed).decode()}"']
    return "\n".join(lines) + "\n"


def read_enrolment(path: Path, code: str) -> Enrolment:
    """The enrolment in the file. Raises Known for a file that is none and for a code that is not its own."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))["hub"]
        salt, sealed = bytes.fromhex(values.pop("salt")), base64.b64decode(values.pop("sealed"))
        values.pop("version")
        given = Enrolment(**values, password="")
        _check(given, salt)
    except FileNotFoundError as error:
        raise Known(f"There is no file {path}.", "Give the enrolment file that the hub made.", code=2) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Known(f"{path} is no enrolment file.", "Give the file that 'hub enrol' made.") from error
    return Enrolment(**{**given.__dict__, "password": _open(code, salt, sealed, given.login)})


def _check(given: Enrolment, salt: bytes) -> None:
    """Raise TypeError or ValueError for a value of another kind."""
    texts = (given.site_id, given.node_id, given.node, given.login, given.host, given.dbname, given.ca)
    if not all(isinstance(text, str) for text in texts) or type(given.port) is not int:
        raise TypeError("a value is of another kind than it must be")
    if len(salt) != 16 or not given.ca.isascii():
        raise ValueError("the salt or the certificate is damaged")
    uuid.UUID(given.node_id)


def _open(code: str, salt: bytes, sealed: bytes, login: str) -> str:
    from cryptography.exceptions import InvalidTag

    try:
        return _cipher(code, salt).decrypt(salt[:12], sealed, login.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise Known("The code does not open this enrolment file.", "Check the code, or enrol the node anew.",
                    code=6) from error  # fmt: skip


def _cipher(code: str, salt: bytes) -> AESGCM:
    """AES-256-GCM under scrypt of the code (RFC 7914); the code's own 125 bits are what keeps it closed."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    letters = "".join(c for c in code.upper().replace("O", "0").replace("I", "1").replace("L", "1") if c in ALPHABET)
    return AESGCM(Scrypt(salt=salt, length=32, n=2**14, r=8, p=1).derive(letters.encode()))
