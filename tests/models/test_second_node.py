"""Another node of a site is set up with the site's key, brought to its machine before."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import keys
from models.site import create_site

SITE = "0198c0de-0000-7000-8000-000000000001"


def test_the_key_that_was_brought_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATRIUM_KEYS", str(tmp_path / "keys"))
    brought = bytes(range(32))
    keys.keep_key(SITE, brought)
    create_site(tmp_path / "mall", name="North", id_=SITE)
    assert keys.read_key(SITE) == brought


def test_without_one_a_key_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATRIUM_KEYS", str(tmp_path / "keys"))
    assert not keys.has_key(SITE)
    create_site(tmp_path / "mall", name="North", id_=SITE)
    assert keys.has_key(SITE)
