"""Signs by which people are known: the one form in which they are compared, and the digest by which they are found."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

from models.keys import derive


def clean_identifier(kind: str, text: str, country: str) -> str:
    """A sign in the one form in which it is compared: half-width, no spaces, capitals; phones digits alone.

    `country` is the site's ISO 3166 code: a Chinese mobile loses its country code.
    """
    bare = "".join((text if text.isascii() else unicodedata.normalize("NFKC", text)).split())
    if kind == "email":
        return bare.lower()
    if kind == "phone":
        digits = "".join(c for c in bare if c.isdigit())
        return digits[2:] if country == "CN" and len(digits) == 13 and digits.startswith("86") else digits
    return bare.upper()


def digest_key(site_key: bytes) -> bytes:
    """The key of a site's identifier digests."""
    return derive(site_key, "identifier")


def digest(key: bytes, value: str) -> bytes:
    """HMAC-SHA256 of a cleaned value (RFC 2104): what `identifier.value_hmac` holds."""
    return hmac.digest(key, value.encode(), hashlib.sha256)
