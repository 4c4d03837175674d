"""The site's key, sealed: under the recovery code, and for whoever holds a private key at the hub.

The sealed file goes into every backup set. It opens nothing by itself: the code is on paper and nowhere else, the
private key is at the hub and never here.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path
from typing import Any

from models.errors import Known
from models.recovery_code import new_code, read_code
from models.rights import require
from models.site import Site
from models.store import Store
from models.times import now_ms

FILE = "recovery.json"
RIGHT = "backup"
#: scrypt (RFC 7914): 32 MiB and a tenth of a second a try; the code's own 140 bits are what keeps it closed.
_N, _R, _P = 2**15, 8, 1
_INFO = b"atrium escrow 1"


def show_recovery(store: Store, actor: str) -> str:
    """A new recovery code for the site; its key is sealed under it in `recovery.json`, which backups carry along.

    The code is returned this once and kept nowhere. A code made before opens only the sets made before.
    """
    require(store, actor, RIGHT, "recovery code")
    code = new_code()
    document = read_escrow(store.site.folder) or {"site": store.site.id}
    document["code"] = _seal_under_code(store.key, store.site.id, code)
    with store.write(actor, "making a recovery code") as tx:
        _write(store.site.folder / FILE, document)
        tx.audit("make", "recovery code")
    return code


def seal_for_hub(store: Store, actor: str, public_key: bytes) -> str:
    """Seal the key for the holder of an X25519 key (PEM, public part); returns that key's fingerprint.

    A sealed box: an ephemeral X25519 exchange (RFC 7748), HKDF-SHA256 (RFC 5869), AES-256-GCM.
    """
    require(store, actor, RIGHT, "escrow")
    given = _public(public_key)
    document = read_escrow(store.site.folder) or {"site": store.site.id}
    document["hub"] = _seal_box(store.key, store.site.id, given)
    with store.write(actor, "sealing the key for the hub") as tx:
        _write(store.site.folder / FILE, document)
        tx.audit("make", "escrow", fingerprint=document["hub"]["fingerprint"])
    return str(document["hub"]["fingerprint"])


def read_escrow(folder: Path) -> dict[str, Any] | None:
    """The document of a sealed key beside a site or a backup; None where there is none or it cannot be read."""
    try:
        found = json.loads((folder / FILE).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and "site" in found else None


def made_at(site: Site) -> int | None:
    """When the site's recovery code was made (UTC milliseconds); None where there is none."""
    part = (read_escrow(site.folder) or {}).get("code")
    at = part.get("at") if isinstance(part, dict) else None
    return at if type(at) is int else None


def open_with_code(folder: Path, site_id: str, code: str) -> bytes:
    """The site's key from the sealed file in `folder`. Raises Known for a wrong code, naming what is wrong with it."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    sealed, read = _part(folder, site_id, "code", "salt", "nonce"), read_code(code)
    key = _under(read, bytes.fromhex(sealed["salt"]))
    try:
        return AESGCM(key).decrypt(bytes.fromhex(sealed["nonce"]), base64.b64decode(sealed["sealed"]), site_id.encode())
    except (InvalidTag, ValueError) as error:
        raise Known(
            "This recovery code does not open this site's key.",
            "Use the newest sheet of this site; an older one opens only backups made before the newer.", code=6,
            sentence_zh="此恢复码无法打开本站点的密钥。",
            step_zh="请使用本站点最新的恢复码；旧恢复码只能打开在新恢复码之前生成的备份。",
        ) from error  # fmt: skip


def open_with_private_key(folder: Path, site_id: str, private_key: bytes, password: bytes | None = None) -> bytes:
    """The site's key, by the private part (PEM) of the key that it was sealed for. Raises Known where it is another."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    sealed = _part(folder, site_id, "hub", "ephemeral")
    try:
        mine = load_pem_private_key(private_key, password)
    except (ValueError, TypeError) as error:
        raise Known("The private key cannot be read.", "Give the X25519 key as PEM, and its password.") from error
    if not isinstance(mine, X25519PrivateKey):
        raise Known("The private key is no X25519 key.", "Give the key whose public part the site was given.")
    try:
        theirs = X25519PublicKey.from_public_bytes(bytes.fromhex(sealed["ephemeral"]))
        secret = _agreed(mine.exchange(theirs), bytes.fromhex(sealed["ephemeral"]))
        return AESGCM(secret).decrypt(bytes(12), base64.b64decode(sealed["sealed"]), site_id.encode())
    except (InvalidTag, ValueError) as error:
        raise Known("The key was sealed for another private key.", "Use the key of the hub that the site was given.",
                    code=6) from error  # fmt: skip


def _seal_under_code(key: bytes, site_id: str, code: str) -> dict[str, object]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = AESGCM(_under(code, salt)).encrypt(nonce, key, site_id.encode())
    told = {"salt": salt.hex(), "nonce": nonce.hex(), "sealed": base64.b64encode(sealed).decode()}
    return {"at": now_ms(), "kdf": f"scrypt {_N} {_R} {_P}", **told}


def _under(code: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=32, n=_N, r=_R, p=_P).derive(code.encode())


def _public(pem: bytes) -> Any:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        given = load_pem_public_key(pem)
    except ValueError as error:
        raise Known("The public key cannot be read.", "Give an X25519 key as PEM.") from error
    if not isinstance(given, X25519PublicKey):
        raise Known("The public key is no X25519 key.", "Make one with: openssl genpkey -algorithm X25519")
    return given


def _seal_box(key: bytes, site_id: str, public: Any) -> dict[str, object]:
    """The ephemeral key is used once, so the nonce may be zero."""
    import hashlib

    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    once = X25519PrivateKey.generate()
    shown = once.public_key().public_bytes_raw()
    sealed = AESGCM(_agreed(once.exchange(public), shown)).encrypt(bytes(12), key, site_id.encode())
    fingerprint = hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]
    told = {"ephemeral": shown.hex(), "sealed": base64.b64encode(sealed).decode()}
    return {"at": now_ms(), "fingerprint": fingerprint, **told}


def _agreed(shared: bytes, ephemeral: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=32, salt=ephemeral, info=_INFO).derive(shared)


def _part(folder: Path, site_id: str, name: str, *hexadecimal: str) -> dict[str, str]:
    """The sealed part of that name, its parts whole. Raises Known where there is none."""
    document = read_escrow(folder) or {}
    if document.get("site") != site_id or not _whole(document.get(name), hexadecimal):
        raise Known(
            f"{folder} holds no key of this site that was sealed this way.",
            "Use the folder of the whole backup set, or copy the key file to this machine.", code=6,
            sentence_zh=f"{folder} 中没有以此方式封存的本站点密钥。",
            step_zh="请使用完整备份集所在的文件夹，或将密钥文件复制到本机。",
        )  # fmt: skip
    return dict(document[name])


def _whole(part: object, hexadecimal: tuple[str, ...]) -> bool:
    try:
        return isinstance(part, dict) and all(bytes.fromhex(part[n]) for n in hexadecimal) and bool(
            base64.b64decode(part["sealed"])
        )  # fmt: skip
    except (ValueError, KeyError, TypeError):
        return False


def _write(path: Path, document: dict[str, Any]) -> None:
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
