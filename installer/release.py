#!/usr/bin/env python3
"""Signed releases (TUF): `python installer/release.py keys|begin|add|renew ...`, by the release engineer.

Four keys, each sealed under a passphrase (ATRIUM_RELEASE_PASSPHRASE or asked for). `root` and `targets` stay offline:
on a stick in a safe, brought out to begin a repository, to change keys and to add a release. `snapshot` and
`timestamp` may lie where the repository is renewed each fortnight; with them alone nobody can add a release.

    keys  KEYS                                   make the four keys
    begin REPOSITORY --keys KEYS                 make a repository and root.json, which goes into every package
    add   REPOSITORY --keys KEYS --app FOLDER --version V --store N    add a built program as the newest release
    renew REPOSITORY --keys KEYS                 sign snapshot and timestamp anew before they expire
    rotate REPOSITORY --keys KEYS --role ROLE    another key for a role; sites follow by themselves
"""

from __future__ import annotations

import argparse
import getpass
import os
import re
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.update.manifest import Manifest, describe, read_manifest, target_name, this_platform, version_key
from app.update.stage import pack
from models.errors import Known

ROLES = ("root", "targets", "snapshot", "timestamp")
#: Days until a role's metadata is refused by every site: how long an attacker can hold a site at an old version.
LIFE_DAYS = {"root": 730, "targets": 365, "snapshot": 60, "timestamp": 30}
PATCHES_FROM = 3
PASSPHRASE = "ATRIUM_RELEASE_PASSPHRASE"


def make_keys(folder: Path, passphrase: bytes) -> None:
    """A new Ed25519 key for each role. Raises Known where the folder holds keys already."""
    if any((folder / f"{role}.pem").exists() for role in ROLES):
        raise Known(f"{folder} holds keys already.", "Name another folder.", code=2)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for role in ROLES:
        _make_key(folder / f"{role}.pem", passphrase)


def begin(repository: Path, keys: Path, passphrase: bytes, now: datetime | None = None) -> Path:
    """An empty repository; returns its root.json, which packages carry as what they trust."""
    from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

    if (repository / "metadata").exists():
        raise Known(f"{repository} is a repository already.", "Name another folder.", code=2)
    for part in ("metadata", "targets"):
        (repository / part).mkdir(parents=True)
    root = Root(consistent_snapshot=True)
    for role in ROLES:
        root.add_key(_signer(keys, role, passphrase).public_key, role)
    store = _Repository(repository, keys, passphrase, now)
    store.write("root", root)
    store.write("targets", Targets())
    store.write("snapshot", Snapshot())
    store.write("timestamp", Timestamp())
    shutil.copyfile(repository / "metadata" / "1.root.json", repository / "root.json")
    return repository / "root.json"


def add(
    repository: Path,
    keys: Path,
    passphrase: bytes,
    *,
    app: Path,
    version: str,
    store_version: int,
    platform: str | None = None,
    now: datetime | None = None,
) -> Manifest:
    """Make the whole archive and patches from the last releases, describe them, and sign everything anew."""
    from tuf.api.metadata import TargetFile

    platform = platform or this_platform()
    version_key(version)
    described = repository / "releases"
    described.mkdir(exist_ok=True)
    before = _manifests(described, platform)
    if before and version_key(before[0].version) >= version_key(version):
        raise Known(
            f"Version {before[0].version} is there already.", "A release has a higher number than the last.", code=2
        )
    files = describe(app)
    whole = f"atrium-{version}-{platform}.tar.gz"
    made: dict[str, Path] = {whole: described / whole}
    pack(made[whole], app, [file.path for file in files])
    patches = {}
    for old in before[:PATCHES_FROM]:
        name = f"atrium-{version}-{platform}-from-{old.version}.tar.gz"
        same = {(file.path, file.sha256) for file in old.files}
        made[name] = described / name
        pack(made[name], app, [file.path for file in files if (file.path, file.sha256) not in same])
        patches[old.version] = name
    manifest = Manifest(version, platform, store_version, whole, patches, files)
    made[target_name(platform)] = described / f"{version}-{platform}.json"
    made[target_name(platform)].write_text(manifest.text(), encoding="utf-8")
    store = _Repository(repository, keys, passphrase, now)
    targets = store.read("targets").signed
    for name, path in made.items():
        target = TargetFile.from_file(name, str(path))
        targets.targets[name] = target
        shutil.copyfile(path, repository / "targets" / f"{target.hashes['sha256']}.{name}")
        if path.suffix == ".gz":
            path.unlink()
    for role in ("targets", "snapshot", "timestamp"):
        store.write(role, store.read(role).signed if role != "targets" else targets)
    return manifest


def renew(repository: Path, keys: Path, passphrase: bytes, now: datetime | None = None) -> None:
    """Sign snapshot and timestamp anew, with a later end."""
    store = _Repository(repository, keys, passphrase, now)
    for role in ("snapshot", "timestamp"):
        store.write(role, store.read(role).signed)


def rotate(repository: Path, keys: Path, passphrase: bytes, role: str, now: datetime | None = None) -> None:
    """Another key for a role; the old one is kept as `<role>-old.pem`. Old and new root key sign a new root."""
    store = _Repository(repository, keys, passphrase, now)
    root = store.read("root").signed
    old = _signer(keys, role, passphrase)
    (keys / f"{role}.pem").rename(keys / f"{role}-old.pem")
    _make_key(keys / f"{role}.pem", passphrase)
    root.revoke_key(old.public_key.keyid, role)
    root.add_key(_signer(keys, role, passphrase).public_key, role)
    store.write("root", root, *([old] if role == "root" else []))
    for again in ("targets", "snapshot", "timestamp"):
        store.write(again, store.read(again).signed)


class _Repository:
    """A repository's metadata on the disk."""

    def __init__(self, folder: Path, keys: Path, passphrase: bytes, now: datetime | None) -> None:
        self._metadata = folder / "metadata"
        self._keys = keys
        self._passphrase = passphrase
        self._now = now or datetime.now(UTC)

    def read(self, role: str) -> Any:
        """The newest metadata of a role."""
        from tuf.api.metadata import Metadata

        return Metadata.from_file(str(self._path(role)))

    def write(self, role: str, signed: Any, *also: Any) -> None:
        """Sign and write a role's metadata, one version on, referring to the newest of what it lists."""
        from tuf.api.metadata import Metadata, MetaFile

        if any(self._metadata.glob(f"*{role}.json")):
            signed.version += 1
        # TUF's expiry is a naive UTC time in this release of the library or an aware one; it drops microseconds.
        end = (self._now + timedelta(days=LIFE_DAYS[role])).replace(microsecond=0)
        signed.expires = end.replace(tzinfo=None) if signed.expires.tzinfo is None else end
        if role == "snapshot":
            signed.meta["targets.json"] = MetaFile(self.read("targets").signed.version)
        if role == "timestamp":
            signed.snapshot_meta = MetaFile(self.read("snapshot").signed.version)
        document = Metadata(signed)
        for n, signer in enumerate((_signer(self._keys, role, self._passphrase), *also)):
            document.sign(signer, append=n > 0)
        name = f"{role}.json" if role == "timestamp" else f"{signed.version}.{role}.json"
        part = self._metadata / f"{name}.part"
        document.to_file(str(part))
        part.replace(self._metadata / name)

    def _path(self, role: str) -> Path:
        if role == "timestamp":
            return self._metadata / "timestamp.json"
        numbered = self._metadata.glob(f"*.{role}.json")
        return max(numbered, key=lambda path: int(path.name.partition(".")[0]))


def _manifests(described: Path, platform: str) -> list[Manifest]:
    found = [read_manifest(p.read_text(encoding="utf-8")) for p in described.glob(f"*-{platform}.json")]
    return sorted(found, key=lambda manifest: version_key(manifest.version), reverse=True)


def _make_key(path: Path, passphrase: bytes) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    sealed = serialization.BestAvailableEncryption(passphrase)
    text = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealed
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)


def _signer(keys: Path, role: str, passphrase: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from securesystemslib.signer import CryptoSigner

    path = keys / f"{role}.pem"
    try:
        return CryptoSigner(load_pem_private_key(path.read_bytes(), passphrase))
    except FileNotFoundError as error:
        raise Known(f"The key {path} is not here.", "Bring the stick that holds it.", code=2) from error
    except ValueError as error:
        raise Known(f"The key {path} does not open with this passphrase.", "Try again.", code=2) from error


def _passphrase() -> bytes:
    given = os.environ.get(PASSPHRASE) or getpass.getpass("Passphrase of the release keys: ")
    if len(given) < 12:
        raise Known("The passphrase is too short.", "Use 12 characters or more.", code=2)
    return given.encode()


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit status."""
    parser = argparse.ArgumentParser(description="Signed releases.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("keys", "begin", "add", "renew", "rotate"):
        command = commands.add_parser(name)
        command.add_argument("folder", type=Path)
        if name != "keys":
            command.add_argument("--keys", type=Path, required=True)
        if name == "add":
            command.add_argument("--app", type=Path, required=True)
            command.add_argument("--version", default=None)
            command.add_argument("--platform", default=None)
        if name == "rotate":
            command.add_argument("--role", choices=ROLES, required=True)
    options = parser.parse_args(arguments)
    try:
        print(_run(options, _passphrase()))
    except Known as error:
        print(f"{error.sentence} {error.step}", file=sys.stderr)
        return error.code
    return 0


def _run(options: argparse.Namespace, passphrase: bytes) -> str:
    if options.command == "keys":
        make_keys(options.folder, passphrase)
        return f"Four keys in {options.folder}. Take root.pem and targets.pem off this machine after use."
    if options.command == "begin":
        return f"What packages trust: {begin(options.folder, options.keys, passphrase)}"
    if options.command == "renew":
        renew(options.folder, options.keys, passphrase)
        return "Renewed."
    if options.command == "rotate":
        rotate(options.folder, options.keys, passphrase, options.role)
        return f"{options.role} has a new key."
    program, store = _versions()
    made = add(options.folder, options.keys, passphrase, app=options.app, version=options.version or program,
               store_version=store, platform=options.platform)  # fmt: skip
    size = sum(file.size for file in made.files) / 1e6
    return f"Version {made.version} for {made.platform}: {len(made.files)} files, {size:.0f} MB, patches from " + (
        ", ".join(made.patches) or "none"
    )


def _versions() -> tuple[str, int]:
    """The program's and the store's version in this tree."""
    text = (Path(__file__).resolve().parents[1] / "models" / "version.py").read_text(encoding="utf-8")
    program, store = re.search(r'PROGRAM = "([^"]+)"', text), re.search(r"STORE = (\d+)", text)
    assert program and store
    return program[1], int(store[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
