# ruff: noqa: E501 - tables of hostile inputs read best on one line
"""Files of a site that somebody has changed: settings, the hub's address, enrolment, backups, recovery, updates."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.update.manifest import read_manifest, target_name, this_platform
from app.update.source import Release
from app.update.stage import unpack
from benchmarks.hostile.mutations import INJECTIONS, deep, spoil, spoil_text, spoil_value, tarred
from benchmarks.hostile.trial import PASSWORD, Act, Family, Leak
from models import backup_set, escrow, keys
from models.backup import make_backup
from models.hub.enrolment import Enrolment, enrolment_text, new_code, read_enrolment
from models.recovery_code import new_code as new_recovery_code
from models.recovery_code import read_code
from models.restore import restore_backup
from models.site import create_site, load_site
from models.store import Store, create_store, open_store
from models.sync.link import load_link

WAYS = ("site", "link", "enrolment", "backup", "code", "escrow", "manifest", "release", "archive")
OUTSIDE = ("../outside", "/tmp/atrium-outside", "a/../../outside", "..\\outside", "app/../../outside")


class _SiteFiles:
    """A whole site, its backup, enrolment and a release; each input spoils one of them."""

    def __init__(self, folder: Path, store: Store, secrets: set[str]) -> None:
        self._folder, self._site = folder, store.site
        self._toml = (store.site.folder / "site.toml").read_text("utf-8")
        recovery = escrow.show_recovery(store, "cli:it")
        self._copy = make_backup(store, store.site.folder / "backups").path
        self._code = new_code()
        made = Enrolment(
            store.site.id, store.site.id, "pc", "atrium_1", "hub.example", 5432, "hub", "BEGIN CERTIFICATE", PASSWORD
        )
        self._enrolment = enrolment_text(made, self._code)
        self._recovery = recovery
        self._release = json.dumps({
            "version": "1.4.0", "platform": this_platform(), "store": 4, "whole": "a.tar.gz", "patches": {},
            "files": [{"path": "app/x", "sha256": "0" * 64, "size": 3, "runs": False}],
        })  # fmt: skip
        secrets |= {store.key.hex(), recovery, self._code}
        keys.keep_secret(store.site.id, "hub", PASSWORD.encode())
        self._scratch = folder / "scratch"

    def make(self, number: int, dice: random.Random) -> tuple[str, Act]:
        """One of the files, spoiled."""
        way = WAYS[number % len(WAYS)]
        act = getattr(self, f"_{way}_")
        return way, lambda: self._clean(act, dice)

    def _clean(self, act: Callable[[random.Random], object], dice: random.Random) -> None:
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir()
        act(dice)
        if any((self._folder / name).exists() for name in ("outside", "pwned")) or Path("/tmp/atrium-outside").exists():
            raise Leak("a file outside")

    def _spoiled(self, text: str, dice: random.Random, name: str) -> Path:
        path = self._scratch / name
        if dice.random() < 0.5:
            path.write_bytes(spoil(text.encode(), dice))
        else:
            path.write_bytes(spoil_text(text, dice).encode("utf-8", "surrogatepass"))
        return path

    def _retyped(self, text: str, dice: random.Random) -> str:
        """The same lines with a value of another kind."""
        lines = text.splitlines()
        places = [n for n, line in enumerate(lines) if " = " in line]
        at = dice.choice(places)
        name = lines[at].partition(" = ")[0]
        words = [json.dumps(dice.choice(INJECTIONS)[:5_000]) for _ in range(3)]
        lines[at] = f"{name} = " + dice.choice(
            (*words, "5", "1.5", "true", "[]", "{}", "2026-01-01", "[[1]]", '""', "nan", '"Asia"', "-1")
        )
        return "\n".join(lines)

    def _toml_at(self, path: Path, text: str, dice: random.Random) -> Path:
        if dice.random() < 0.6:
            path.write_bytes(self._retyped(text, dice).encode("utf-8", "surrogatepass"))
            return path
        if dice.random() < 0.1:
            path.write_text(f"[site]\nid = {deep(5_000)}", "utf-8")
            return path
        return self._spoiled(text, dice, path.name)

    def _site_(self, dice: random.Random) -> None:
        self._toml_at(self._scratch / "site.toml", self._toml, dice)
        site = load_site(self._scratch)
        if Path(f"{keys.keys_folder()}/{site.id}.key").resolve().parent != keys.keys_folder().resolve():
            raise Leak("the site's id leads out of the folder of keys")
        assert site.zone is not None
        if site.id != self._site.id:
            keys.read_key(site.id)

    def _link_(self, dice: random.Random) -> None:
        text = f'[hub]\nhost = "hub.example"\nport = 5432\ndbname = "hub"\nlogin = "atrium_1"\nnode_id = "{self._site.id}"\nsslmode = "verify-full"\n'
        path = self._site.folder / "hub.toml"
        try:
            shutil.copyfile(self._toml_at(self._scratch / "hub.toml", text, dice), path)
            load_link(self._site)
        finally:
            path.unlink(missing_ok=True)

    def _enrolment_(self, dice: random.Random) -> None:
        path = self._toml_at(self._scratch / "enrolment.toml", self._enrolment, dice)
        read_enrolment(path, self._code if dice.random() < 0.7 else dice.choice(INJECTIONS)[:1_000])

    def _backup_(self, dice: random.Random) -> None:
        for source in (self._copy, backup_set.manifest_path(self._copy)):
            shutil.copyfile(source, self._scratch / source.name)
        copy = self._scratch / self._copy.name
        target = copy if dice.random() < 0.4 else backup_set.manifest_path(copy)
        if target != copy and dice.random() < 0.6:
            document = spoil_value(json.loads(target.read_text("utf-8")), dice)
            text = deep(50_000) if dice.random() < 0.05 else json.dumps(document)
            target.write_text(text, "utf-8")
        else:
            target.write_bytes(spoil(target.read_bytes(), dice))
        backup_set.read_manifest(copy, keys.read_key(self._site.id))
        backup_set.check_copy(copy)
        if dice.random() < 0.1:
            restore_backup(self._site.folder, copy, actor="cli:it")
            open_store(self._site.folder).close()

    def _code_(self, dice: random.Random) -> None:
        text = dice.choice((*INJECTIONS, new_recovery_code(), spoil_text(self._recovery, dice)))
        escrow.open_with_code(self._site.folder, self._site.id, read_code(text) if dice.random() < 0.5 else text)

    def _escrow_(self, dice: random.Random) -> None:
        document = spoil_value(json.loads((self._site.folder / escrow.FILE).read_text("utf-8")), dice)
        if dice.random() < 0.8:
            document = spoil_value(document, dice)
        text = deep(50_000) if dice.random() < 0.05 else json.dumps(document)
        (self._scratch / escrow.FILE).write_text(text, "utf-8")
        escrow.open_with_code(self._scratch, self._site.id, self._recovery)

    def _manifest_(self, dice: random.Random) -> None:
        found = json.loads(self._release)
        if dice.random() < 0.3:
            found["files"][0]["path"] = dice.choice(OUTSIDE)
        else:
            found = spoil_value(found, dice)
        manifest = read_manifest(deep(50_000) if dice.random() < 0.03 else json.dumps(found))
        for file in manifest.files:
            if not (self._scratch / file.path).resolve().is_relative_to(self._scratch.resolve()):
                raise Leak(f"{file.path!r} leads out")

    def _release_(self, dice: random.Random) -> None:
        """Unsigned metadata under a trusted root that is itself damaged or none."""
        source = self._scratch / "source"
        for name in ("metadata", "targets"):
            (source / name).mkdir(parents=True)
        signed = json.dumps(
            {"signatures": [], "signed": {"_type": "root", "version": 1, "expires": "2030-01-01T00:00:00Z"}}
        )
        (self._scratch / "root.json").write_bytes(spoil(signed.encode(), dice))
        for name in ("2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"):
            (source / "metadata" / name).write_bytes(spoil(signed.encode(), dice))
        (source / "targets" / target_name(this_platform())).write_text(self._release, "utf-8")
        Release(str(source), self._scratch / "root.json", self._scratch / "state")
        raise Leak("an unsigned release was believed")

    def _archive_(self, dice: random.Random) -> None:
        manifest = read_manifest(self._release)
        wanted = {file.path: file for file in manifest.files}
        kind = dice.choice(("file", "link", "hard", "device", "pipe"))
        name = dice.choice((*OUTSIDE, "app/x", "app/x\0y"))
        data = tarred([(name, b"../../outside" if kind != "file" else b"xyz", kind), ("app/x", b"xyz", "file")])
        path = self._scratch / "a.tar.gz"
        path.write_bytes(data if dice.random() < 0.5 else spoil(data, dice))
        target = self._scratch / "unpacked"
        target.mkdir()
        unpack(path, target, wanted)
        raise Leak("an archive was taken whose files have other hashes")


@contextmanager
def _enter(folder: Path, secrets: set[str]) -> Iterator[Callable[[int, random.Random], tuple[str, Act]]]:
    store = create_store(create_site(folder / "mall", name="File mall"))
    files = _SiteFiles(folder, store, secrets)
    store.close()
    yield files.make


SITE_FILES = Family("site files", _enter, 1_500)
