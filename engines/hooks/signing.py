"""Signatures of webhooks as Standard Webhooks 1.0 has them: HMAC-SHA256 over `id.timestamp.body`, versioned.

Whoever receives checks the signature, that the timestamp is at most five minutes off, and that the id is new. While
a secret is being replaced, messages carry a signature of each.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping

from models.errors import Denied

PREFIX = "whsec_"
SECRET_BYTES = 32
TOLERANCE_S = 300
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


def new_secret() -> bytes:
    """A fresh secret."""
    return secrets.token_bytes(SECRET_BYTES)


def secret_text(secret: bytes) -> str:
    """The secret as it is given to the receiver."""
    return PREFIX + base64.b64encode(secret).decode()


def secret_of(text: str) -> bytes:
    """The secret that a text stands for. Raises ValueError."""
    try:
        return base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("this is no secret of a webhook") from error


def headers_of(message: str, at_s: int, body: bytes, keys: Iterable[bytes]) -> dict[str, str]:
    """The three headers of a message: its id, the second at which it is sent, and a signature by each key."""
    signed = " ".join(f"v1,{_signature(key, message, at_s, body)}" for key in keys)
    return {ID: message, TIMESTAMP: str(at_s), SIGNATURE: signed}


def verify(headers: Mapping[str, str], body: bytes, keys: Iterable[bytes], now_s: int) -> None:
    """Raise Denied where the message is not signed by any of the keys, or not of these five minutes.

    Every signature is compared with every key in constant time. Names of headers are small letters.
    """
    message, at, signed = (headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not message or not at.isascii() or not at.isdecimal() or len(at) > 12:
        raise Denied("The message has no valid id or timestamp.")
    if abs(now_s - int(at)) > TOLERANCE_S:
        raise Denied("The message is more than five minutes old, or from the future.")
    given = [part.removeprefix("v1,") for part in signed.split(" ") if part.startswith("v1,")][:8]
    good = False
    for key in keys:
        right = _signature(key, message, int(at), body)
        for each in given:
            good |= hmac.compare_digest(right.encode(), each.encode())
    if not good:
        raise Denied("The message is not signed by this secret.")


def _signature(key: bytes, message: str, at_s: int, body: bytes) -> str:
    made = hmac.new(key, f"{message}.{at_s}.".encode() + body, hashlib.sha256).digest()
    return base64.b64encode(made).decode()
