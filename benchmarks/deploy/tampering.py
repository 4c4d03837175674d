"""Ways to tamper with a repository of signed releases, and a world to try them in.

Each function of `TAMPERINGS` is given a copy of the repository, its keys and a generator of chance. What an attacker
has is named in its words: the disk of the server, a network in between, a stolen online key, old files.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.update.layout import Installation, installation_of
from app.update.manifest import describe, target_name, this_platform
from app.update.source import Release
from app.update.stage import stage
from installer import release
from models.errors import Known
from models.version import STORE

PASSPHRASE = b"for these trials only"
OLD, NEW = "1.0.0", "1.1.0"


@dataclass(frozen=True)
class World:
    """A repository with two releases, its state before the second, its keys, and an attacker's own repository."""

    folder: Path

    @property
    def repository(self) -> Path:
        return self.folder / "repository"

    @property
    def before(self) -> Path:
        return self.folder / "before"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def foreign(self) -> Path:
        return self.folder / "foreign"

    @property
    def foreign_keys(self) -> Path:
        return self.folder / "foreign-keys"

    def app(self, version: str) -> Path:
        return self.folder / f"app-{version}"


def make_world(folder: Path) -> World:
    """Build two releases, sign them, and keep what an attacker may hold."""
    world = World(folder)
    for version in (OLD, NEW):
        _make_app(world.app(version), version)
    for keys, repository in ((world.keys, world.repository), (world.foreign_keys, world.foreign)):
        release.make_keys(keys, PASSPHRASE)
        release.begin(repository, keys, PASSPHRASE)
        release.add(repository, keys, PASSPHRASE, app=world.app(OLD), version=OLD, store_version=STORE)
        if repository == world.repository:
            shutil.copytree(repository, world.before)
        release.add(repository, keys, PASSPHRASE, app=world.app(NEW), version=NEW, store_version=STORE)
    return world


def make_installation(world: World, root: Path) -> Installation:
    """Version 1.0.0, installed and current."""
    shutil.copytree(world.app(OLD), root / f"app-{OLD}")
    shutil.copyfile(world.repository / "root.json", root / "root.json")
    (root / "current").symlink_to(f"app-{OLD}")
    return installation_of(root / f"app-{OLD}")


def attempt(place: Installation, repository: Path, world: World) -> str:
    """What becomes of an update: 'refused' with nothing staged, 'genuine', or 'taken in' by a forgery."""
    try:
        got = Release(str(repository), place.trusted_root, place.state)
        got.fetch(got.manifest.whole)
        staged = stage(place, got.manifest, got.fetch)
    except Known:
        return "taken in" if list(place.root.glob(f"app-{NEW}")) else "refused"
    real = describe(staged) in (describe(world.app(NEW)), describe(world.app(OLD)))
    return "genuine" if real and staged.name == f"app-{NEW}" else "taken in"


def naive(repository: Path, root: Path, world: World) -> str:
    """An updater that checks the archive against the hash that lies beside it, as many do."""
    from app.update.manifest import digest

    try:
        newest = max((repository / "metadata").glob("*.targets.json"), key=lambda p: int(p.name.split(".")[0]))
        targets = json.loads(newest.read_text("utf-8"))["signed"]["targets"]
        names = [name for name in targets if name.endswith(f"{this_platform()}.tar.gz")]
        name = max(names)
        sha = targets[name]["hashes"]["sha256"]
        archive = repository / "targets" / f"{sha}.{name}"
        if digest(archive) != sha:
            return "refused"
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "refused"
    import tarfile

    target = root / "naive"
    shutil.rmtree(target, ignore_errors=True)
    with tarfile.open(archive) as tar:
        tar.extractall(target, filter="data")
    signed = [path.relative_to(target) for path in target.rglob("*") if path.is_file()]
    real = len(signed) == len(describe(world.app(NEW))) and describe(target) == describe(world.app(NEW))
    return "genuine" if real else "taken in"


Tampering = Callable[[Path, World, random.Random], None]


def flipped_archive(repository: Path, world: World, chance: random.Random) -> None:
    """A bit of the whole archive differs."""
    _flip(_target(repository, ".tar.gz", "from"), chance)


def flipped_patch(repository: Path, world: World, chance: random.Random) -> None:
    """A bit of the patch differs."""
    _flip(_target(repository, f"from-{OLD}.tar.gz"), chance)


def truncated_archive(repository: Path, world: World, chance: random.Random) -> None:
    """The archive ends early."""
    path = _target(repository, ".tar.gz", "from")
    content = path.read_bytes()
    path.write_bytes(content[: chance.randrange(len(content))])


def longer_archive(repository: Path, world: World, chance: random.Random) -> None:
    """Something is appended to the archive."""
    path = _target(repository, ".tar.gz", "from")
    path.write_bytes(path.read_bytes() + chance.randbytes(1 + chance.randrange(9000)))


def older_archive(repository: Path, world: World, chance: random.Random) -> None:
    """The archive of the version before stands under the name of the new one."""
    shutil.copyfile(_target(repository, f"atrium-{OLD}-{this_platform()}.tar.gz"), _new_archive(repository))


def forged_archive(repository: Path, world: World, chance: random.Random) -> None:
    """The attacker's archive, and targets.json edited to its hash, unsigned anew."""
    forged = world.folder / f"forged-{chance.random()}"
    shutil.copytree(world.app(NEW), forged)
    (forged / "atrium").write_bytes(chance.randbytes(300))
    from app.update.manifest import digest
    from app.update.stage import pack

    archive = forged.with_suffix(".tar.gz")
    pack(archive, forged, [file.path for file in describe(forged)])
    name = f"atrium-{NEW}-{this_platform()}.tar.gz"

    def edit(signed: Any) -> None:
        signed["targets"][name] = {"length": archive.stat().st_size, "hashes": {"sha256": digest(archive)}}

    shutil.copyfile(archive, repository / "targets" / f"{digest(archive)}.{name}")
    _edit(_newest(repository, "targets"), edit)
    shutil.rmtree(forged)


def flipped_manifest(repository: Path, world: World, chance: random.Random) -> None:
    """A bit of the description of the release differs."""
    for path in (repository / "targets").glob(f"*.{target_name(this_platform())}"):
        _flip(path, chance)


def flipped_metadata(repository: Path, world: World, chance: random.Random) -> None:
    """A bit of a signed file differs, in what is signed."""
    path = _newest(repository, chance.choice(("timestamp", "snapshot", "targets")))
    content = bytearray(path.read_bytes())
    begin = content.index(b'"signed"')
    at = begin + chance.randrange(len(content) - begin - 2)
    content[at] ^= 1 << chance.randrange(7)
    if json_equal(bytes(content), path.read_bytes()):  # white space is not signed
        return flipped_metadata(repository, world, chance)
    path.write_bytes(bytes(content))
    return None


def unsigned(repository: Path, world: World, chance: random.Random) -> None:
    """A role's signatures are gone."""
    path = _newest(repository, chance.choice(("timestamp", "snapshot", "targets")))
    document = json.loads(path.read_text("utf-8"))
    document["signatures"] = []
    path.write_text(json.dumps(document), "utf-8")


def wrong_key(repository: Path, world: World, chance: random.Random) -> None:
    """A role is signed by the attacker's key."""
    role = chance.choice(("timestamp", "snapshot", "targets"))
    _resign(_newest(repository, role), world.foreign_keys, role)


def other_roles_key(repository: Path, world: World, chance: random.Random) -> None:
    """A stolen online key signs for a role that is kept offline."""
    _resign(_newest(repository, "targets"), world.keys, chance.choice(("timestamp", "snapshot")))


def forged_root(repository: Path, world: World, chance: random.Random) -> None:
    """The next root names the attacker's keys and is signed by them only."""
    document = json.loads((world.foreign / "metadata" / "1.root.json").read_text("utf-8"))
    document["signed"]["version"] = 2
    (repository / "metadata" / "2.root.json").write_text(json.dumps(document), "utf-8")
    _resign(repository / "metadata" / "2.root.json", world.foreign_keys, "root")


def foreign_repository(repository: Path, world: World, chance: random.Random) -> None:
    """Everything is the attacker's, and in itself whole."""
    _replace(repository, world.foreign)


def rolled_back(repository: Path, world: World, chance: random.Random) -> None:
    """The whole repository as it was before the newest release, for a site that has seen the newest."""
    _replace(repository, world.before)


def mixed(repository: Path, world: World, chance: random.Random) -> None:
    """A file of an older state among new ones."""
    role = chance.choice(("snapshot", "targets"))
    old = _newest(world.before, role)
    shutil.copyfile(old, _newest(repository, role))


def expired(repository: Path, world: World, chance: random.Random) -> None:
    """A genuine state that is kept up for longer than it is good for."""
    long_ago = datetime.now(UTC) - timedelta(days=400 + chance.randrange(900))
    release.renew(repository, world.keys, PASSPHRASE, now=long_ago)


def expired_targets(repository: Path, world: World, chance: random.Random) -> None:
    """The release's own signature has run out, whatever the online keys say."""
    store = release._Repository(repository, world.keys, PASSPHRASE, datetime.now(UTC) - timedelta(days=500))
    store.write("targets", store.read("targets").signed)
    release.renew(repository, world.keys, PASSPHRASE)


def endless(repository: Path, world: World, chance: random.Random) -> None:
    """A metadata file that does not end."""
    path = _newest(repository, chance.choice(("timestamp", "snapshot", "targets")))
    path.write_bytes(path.read_bytes() + b" " * 6_000_000)


def garbage(repository: Path, world: World, chance: random.Random) -> None:
    """A metadata file of anything."""
    path = _newest(repository, chance.choice(("timestamp", "snapshot", "targets")))
    path.write_bytes(chance.choice((b"", b"{}", b"[" * 100_000, b"null", chance.randbytes(500), b'{"signed": 1}')))


def missing(repository: Path, world: World, chance: random.Random) -> None:
    """A file is gone."""
    chance.choice(
        (_newest(repository, "snapshot"), _newest(repository, "timestamp"), _new_archive(repository))
    ).unlink()


TAMPERINGS: tuple[Tampering, ...] = (
    flipped_archive, flipped_patch, truncated_archive, longer_archive, older_archive, forged_archive, flipped_manifest,
    flipped_metadata, unsigned, wrong_key, other_roles_key, forged_root, foreign_repository, rolled_back, mixed,
    expired, expired_targets, endless, garbage, missing,
)  # fmt: skip


def try_one(world: World, tampering: Tampering, seed: int, scratch: Path) -> tuple[str, str]:
    """One tampering against this updater and against the naive one: what each made of it."""
    chance = random.Random(seed)
    repository = scratch / "repository"
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(world.repository, repository)
    place = make_installation(world, scratch / "place")
    seen = world.repository if tampering is rolled_back else world.before
    if tampering is rolled_back or chance.random() < 0.5:  # the others are asked for the first time
        Release(str(seen), place.trusted_root, place.state)
        shutil.rmtree(place.state / "fetched")
    tampering(repository, world, chance)
    ours = attempt(place, repository, world)
    if (place.root / "current").resolve().name != f"app-{OLD}":
        ours = "taken in"
    return ours, naive(repository, scratch, world)


def json_equal(one: bytes, other: bytes) -> bool:
    """Whether two texts are the same JSON."""
    try:
        return bool(json.loads(one)["signed"] == json.loads(other)["signed"])
    except (ValueError, KeyError, TypeError):
        return False


def _make_app(folder: Path, version: str) -> None:
    """A program as a package has it: one file that changes and some that do not."""
    (folder / "_internal").mkdir(parents=True)
    program = folder / "atrium"
    program.write_text(f'#!/bin/sh\necho \'{{"version": "{version}"}}\'\n', "utf-8")
    program.chmod(0o755)
    for n in range(6):
        (folder / "_internal" / f"library-{n}.so").write_bytes(random.Random(n).randbytes(4000))


def _target(repository: Path, ending: str, without: str = "\n") -> Path:
    found = [p for p in (repository / "targets").iterdir() if p.name.endswith(ending) and without not in p.name]
    return max(found, key=lambda path: path.name.partition(".")[2])


def _new_archive(repository: Path) -> Path:
    return _target(repository, f"atrium-{NEW}-{this_platform()}.tar.gz")


def _newest(repository: Path, role: str) -> Path:
    if role == "timestamp":
        return repository / "metadata" / "timestamp.json"
    return max((repository / "metadata").glob(f"*.{role}.json"), key=lambda p: int(p.name.partition(".")[0]))


def _flip(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(bytes(content))


def _edit(path: Path, edit: Callable[[Any], None]) -> None:
    document = json.loads(path.read_text("utf-8"))
    edit(document["signed"])
    path.write_text(json.dumps(document), "utf-8")


def _resign(path: Path, keys: Path, role: str) -> None:
    from tuf.api.metadata import Metadata

    document = Metadata[Any].from_file(str(path))
    document.sign(release._signer(keys, role, PASSPHRASE), append=False)
    document.to_file(str(path))


def _replace(repository: Path, other: Path) -> None:
    shutil.rmtree(repository)
    shutil.copytree(other, repository)
