"""Secrets of a site: kept apart from its folder, for their owner alone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from models import keys
from models.errors import Known

SITE = "0190-site"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATRIUM_KEYS", str(tmp_path / "keys"))


def test_a_secret_is_kept_replaced_and_forgotten() -> None:
    assert keys.read_secret(SITE, "hub") is None
    keys.keep_secret(SITE, "hub", b"first")
    keys.keep_secret(SITE, "hub", b"second")
    assert keys.read_secret(SITE, "hub") == b"second"
    keys.drop_secret(SITE, "hub")
    keys.drop_secret(SITE, "hub")
    assert keys.read_secret(SITE, "hub") is None


@pytest.mark.skipif(sys.platform == "win32", reason="modes of files are POSIX")
def test_a_secret_that_others_can_read_is_refused() -> None:
    keys.keep_secret(SITE, "hub", b"secret")
    (path,) = keys.keys_folder().glob("*.secret")
    assert path.stat().st_mode & 0o077 == 0
    path.chmod(0o644)
    with pytest.raises(Known, match="read by others"):
        keys.read_secret(SITE, "hub")


@pytest.mark.parametrize("name", ["", "../site", "a/b", "a.b"])
def test_a_secret_has_a_plain_name(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        keys.keep_secret(SITE, name, b"x")
