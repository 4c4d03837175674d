"""The site's 32-byte key: made once, kept outside the site's folder, readable by its owner alone.

POSIX: a file of mode 0600 in a folder of mode 0700. Windows: a blob sealed by the Data Protection
API for the machine, so that the service account and the desktop's user both open it.
A copy of the site folder without the key is unreadable: back the key up apart from it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import sys
from pathlib import Path

from models.errors import Known


def keys_folder() -> Path:
    """Where keys live: `ATRIUM_KEYS`, else the system's place for such things."""
    if chosen := os.environ.get("ATRIUM_KEYS"):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "Atrium" / "keys"
    return Path(os.environ.get("XDG_CONFIG_HOME", Path.home() / ".config")) / "atrium" / "keys"


def has_key(site_id: str) -> bool:
    """Whether the site's key is on this machine."""
    return (keys_folder() / f"{site_id}.key").exists()


def make_key(site_id: str) -> bytes:
    """A new random key for the site, stored; an existing key is never overwritten."""
    folder = keys_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = secrets.token_bytes(32)
    _put(folder / f"{site_id}.key", key)
    return key


def keep_key(site_id: str, key: bytes) -> None:
    """Put a key that was brought here (by a recovery code) in its place. Raises Known where another one is there."""
    path = keys_folder() / f"{site_id}.key"
    if path.exists():
        if read_key(site_id) != key:
            raise Known(f"Another key of this site is on this machine ({path}).", "Move it away first.", code=6)
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _put(path, key)


def read_key(site_id: str) -> bytes:
    """The site's key. Raises Known where it is missing, open to others, or damaged."""
    path = keys_folder() / f"{site_id}.key"
    if not path.exists():
        raise Known(
            f"The key of this site is not on this machine ({path}).",
            "Put it back with its recovery code (python main.py key recover), or copy the key file there.",
            code=6,
            sentence_zh=f"本机没有此站点的密钥（{path}）。",
            step_zh="请用恢复码放回密钥（python main.py key recover），或将密钥文件复制到该处。",
        )
    if sys.platform != "win32" and path.stat().st_mode & 0o077:
        raise Known(f"The key file {path} can be read by others.", f"Run: chmod 600 {path}", code=6)
    key = _unseal(path.read_bytes())
    if len(key) != 32:
        raise Known(f"The key file {path} is damaged.", "Restore it from its backup.", code=6)
    return key


def derive(key: bytes, purpose: str) -> bytes:
    """A 32-byte subkey for one purpose (HKDF-Expand, RFC 5869, one block)."""
    return hmac.new(key, purpose.encode() + b"\x01", hashlib.sha256).digest()


def keep_secret(site_id: str, name: str, value: bytes) -> None:
    """Keep a secret of the site (a hub's password, a signing key) beside its key, sealed alike, for an older one."""
    path = _secret_path(site_id, name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    _put(part, value)
    part.replace(path)


def read_secret(site_id: str, name: str) -> bytes | None:
    """The secret, or None where there is none. Raises Known where others can read it."""
    path = _secret_path(site_id, name)
    if not path.exists():
        return None
    if sys.platform != "win32" and path.stat().st_mode & 0o077:
        raise Known(f"The secret {path} can be read by others.", f"Run: chmod 600 {path}", code=6)
    return _unseal(path.read_bytes())


def secret_names(site_id: str) -> list[str]:
    """The names of the site's secrets on this machine."""
    begin, end = f"{site_id}.", ".secret"
    return sorted(p.name.removeprefix(begin).removesuffix(end) for p in keys_folder().glob(f"{begin}*{end}"))


def drop_secret(site_id: str, name: str) -> None:
    """Forget the secret, where there is one."""
    _secret_path(site_id, name).unlink(missing_ok=True)


def _secret_path(site_id: str, name: str) -> Path:
    if not name.replace("-", "").isalnum():
        raise ValueError(f"'{name}' is no name of a secret")
    return keys_folder() / f"{site_id}.{name}.secret"


def _put(path: Path, value: bytes) -> None:
    """A new file for its owner alone, sealed and on the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(_seal(value))
        file.flush()
        os.fsync(file.fileno())


def _seal(key: bytes) -> bytes:
    if sys.platform == "win32":
        return _data_protection(key, seal=True)
    return key


def _unseal(blob: bytes) -> bytes:
    if sys.platform == "win32":
        return _data_protection(blob, seal=False)
    return blob


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    class _Blob(ctypes.Structure):
        _fields_ = (("size", wintypes.DWORD), ("data", ctypes.POINTER(ctypes.c_char)))

    def _data_protection(data: bytes, *, seal: bool) -> bytes:
        """CryptProtectData / CryptUnprotectData for the local machine (flag 4), with no prompt (flag 1)."""
        crypt32, kernel32 = ctypes.windll.crypt32, ctypes.windll.kernel32
        given = _Blob(len(data), ctypes.cast(ctypes.create_string_buffer(data), ctypes.POINTER(ctypes.c_char)))
        made = _Blob()
        call = crypt32.CryptProtectData if seal else crypt32.CryptUnprotectData
        if not call(ctypes.byref(given), None, None, None, None, 0x4 | 0x1, ctypes.byref(made)):
            raise Known("Windows refused to open the site's key.", "Sign in on the machine that made it.", code=6)
        try:
            return ctypes.string_at(made.data, made.size)
        finally:
            kernel32.LocalFree(made.data)
