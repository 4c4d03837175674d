"""Signed updates: the genuine one is put in place, a tampered one never, a bad one is taken back."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from app.update import layout
from app.update.apply import apply, check_health, offer, take_back
from app.update.layout import Installation, installation_of
from app.update.manifest import Manifest, ReleaseFile, describe, read_manifest, version_key
from app.update.source import Release
from app.update.stage import stage
from benchmarks.deploy.tampering import (
    NEW,
    OLD,
    PASSPHRASE,
    TAMPERINGS,
    Tampering,
    World,
    attempt,
    make_installation,
    make_world,
    naive,
    try_one,
)  # fmt: skip
from installer import release
from models.errors import Known
from models.version import STORE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the trial's program is a shell script")


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("releases"))


@pytest.fixture
def place(world: World, tmp_path: Path) -> Installation:
    root = tmp_path / "place"
    root.mkdir()
    return make_installation(world, root)


def _release(place: Installation, world: World) -> Release:
    return Release(str(world.repository), place.trusted_root, place.state)


def _apply(place: Installation, world: World, **given: object) -> str:
    told: dict[str, object] = {
        "site": None, "backup": None, "healthy": check_health, "say": lambda _: None, "now_ms": 1
    } | given  # fmt: skip
    return apply(place, _release(place, world), **told)  # type: ignore[arg-type]


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda t: t.__name__)
def test_a_tampered_repository_is_refused(tampering: Tampering, world: World, tmp_path: Path) -> None:
    for seed in (1, 2):
        assert try_one(world, tampering, seed, tmp_path / "try")[0] == "refused"


def test_the_trial_can_fail(world: World, tmp_path: Path) -> None:
    """An updater that believes the hash beside the archive takes the forged archive in."""
    outcome = [try_one(world, tampering, 1, tmp_path / "try")[1] for tampering in TAMPERINGS]
    assert "taken in" in outcome
    assert naive(world.repository, tmp_path, world) == "genuine"


def test_the_genuine_release_is_staged_from_the_patch(place: Installation, world: World) -> None:
    fetched: list[str] = []
    got = _release(place, world)

    def fetch(name: str) -> Path:
        fetched.append(name)
        return got.fetch(name)

    staged = stage(place, got.manifest, fetch)
    assert [name for name in fetched if "from" in name] == fetched, "only what changed was brought"
    assert describe(staged) == describe(world.app(NEW))
    assert os.access(staged / "atrium", os.X_OK)
    assert attempt(place, world.repository, world) == "genuine"


def test_a_damaged_old_version_needs_the_whole_archive(place: Installation, world: World) -> None:
    (place.app(OLD) / "_internal" / "library-2.so").write_bytes(b"x" * 4000)
    got = _release(place, world)
    assert describe(stage(place, got.manifest, got.fetch)) == describe(world.app(NEW))


def test_an_update_becomes_current_and_keeps_the_version_before(place: Installation, world: World) -> None:
    assert offer(place, _release(place, world)).newer
    assert _apply(place, world) == NEW
    assert layout.current(place.root) == NEW
    assert layout.versions(place.root) == [NEW, OLD]
    assert json.loads((place.state / "history.jsonl").read_text())["to"] == NEW
    with pytest.raises(Known, match="newest already"):
        _apply(installation_of(place.app(NEW)), world)


def test_a_version_that_does_not_work_is_taken_back(place: Installation, world: World) -> None:
    with pytest.raises(Known, match=r"did not work here: it fell over\..*1\.0\.0 is back"):
        _apply(place, world, healthy=lambda app, site: "it fell over.")
    assert layout.current(place.root) == OLD


def test_the_store_is_backed_up_before_the_switch(place: Installation, world: World, tmp_path: Path) -> None:
    order: list[str] = []

    def backup(site: Path) -> Path:
        order.append(f"backup under {layout.current(place.root)}")
        return site / "saved.db"

    def healthy(app: Path, site: Path | None) -> str:
        order.append(f"look at {layout.current(place.root)}")
        return ""

    _apply(place, world, site=tmp_path, backup=backup, healthy=healthy)
    assert order == [f"backup under {OLD}", f"look at {NEW}"]


def test_health_runs_the_new_program(place: Installation) -> None:
    assert check_health(place.root / "current", None) == ""
    program = place.app(OLD) / "atrium"
    program.write_text("#!/bin/sh\necho broken >&2\nexit 3\n")
    assert "ended with 3: broken" in check_health(place.root / "current", None)
    program.chmod(0o644)
    assert "PermissionError" in check_health(place.root / "current", None)


def test_back_goes_to_the_version_before(place: Installation, world: World) -> None:
    _apply(place, world)
    assert take_back(place) == OLD
    with pytest.raises(Known, match="no version before"):
        take_back(place)


@pytest.mark.parametrize("manager", ["deb", "msi"])
def test_a_managed_installation_is_only_told(manager: str, place: Installation, world: World) -> None:
    (place.root / "managed-by").write_text(manager)
    managed = installation_of(place.app(OLD))
    assert offer(managed, _release(managed, world)).newer
    with pytest.raises(Known, match=f"belongs to {manager}"):
        _apply(managed, world)
    assert layout.versions(place.root) == [OLD]


def test_keys_change_and_sites_follow(world: World, tmp_path: Path) -> None:
    keys, repository = tmp_path / "keys", tmp_path / "repository"
    release.make_keys(keys, PASSPHRASE)
    release.begin(repository, keys, PASSPHRASE)
    release.add(repository, keys, PASSPHRASE, app=world.app(OLD), version=OLD, store_version=STORE)
    for role in ("root", "targets", "timestamp"):
        release.rotate(repository, keys, PASSPHRASE, role)
    release.add(repository, keys, PASSPHRASE, app=world.app(NEW), version=NEW, store_version=STORE)
    got = Release(str(repository), repository / "root.json", tmp_path / "state")
    assert got.manifest.version == NEW


def test_release_keys_are_sealed_and_a_lower_version_is_no_release(world: World, tmp_path: Path) -> None:
    assert "ENCRYPTED" in (world.keys / "root.pem").read_text()
    assert (world.keys / "root.pem").stat().st_mode & 0o077 == 0
    with pytest.raises(Known, match="passphrase"):
        release.renew(world.repository, world.keys, b"another passphrase")
    with pytest.raises(Known, match="there already"):
        release.add(world.repository, world.keys, PASSPHRASE, app=world.app(OLD), version=OLD, store_version=STORE)


@pytest.mark.parametrize("path", ["../evil", "/etc/passwd", "a/../../b", "C:evil", "a\\b", "\0"])
def test_no_file_of_a_release_leads_out_of_its_folder(path: str) -> None:
    manifest = Manifest("1.0.0", "linux-x86_64", 4, "a.tar.gz", {}, (ReleaseFile(path, "0" * 64, 1, runs=False),))
    with pytest.raises(Known, match="description of the release"):
        read_manifest(manifest.text())


def test_only_a_folder_or_https(place: Installation) -> None:
    for source in ("http://updates.example/atrium", "ftp://x", "file:///etc"):
        with pytest.raises(Known, match="over https"):
            Release(source, place.trusted_root, place.state)
    with pytest.raises(Known, match="no folder"):
        Release("/nowhere/at/all", place.trusted_root, place.state)


def test_versions_have_their_order() -> None:
    assert sorted(["1.10.0", "1.9.3", "1.9"], key=version_key) == ["1.9", "1.9.3", "1.10.0"]
    with pytest.raises(Known):
        version_key("1.0-beta; rm -rf")
