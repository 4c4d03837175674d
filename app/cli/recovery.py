"""`backup`, `restore`, `spare`, `outgoing`: that the site comes back."""

from __future__ import annotations

import argparse
import getpass
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from app.cli.actor import actor
from app.cli.entry import say, site_folder
from app.cli.progress import Reporter, add_child_option
from models import keys
from models.errors import Known
from models.escrow import made_at
from models.lease import alive
from models.store import Store, open_store
from models.times import now_ms

if TYPE_CHECKING:
    from models.rebuild import KeyOf, Rebuilt
    from models.restore import Restored

Result = tuple[Any, str]
T = TypeVar("T")


def register(commands: Any) -> None:
    """Add the commands."""
    backup = commands.add_parser("backup", help="a verified, encrypted copy of the store, and proof that it restores")
    backup.add_argument("--to", metavar="FOLDER", help="where to put it (default: the site's backups/)")
    backup.add_argument("--list", action="store_true", help="the backups and proofs there were")
    backup.add_argument("--prove", nargs="?", const="", metavar="FILE",
                        help="restore the newest (or FILE) into a scratch folder and compare it")  # fmt: skip
    add_child_option(backup)
    backup.set_defaults(run=run_backup)
    restore = commands.add_parser("restore", help="put a backup in the place of the store, or rebuild a bare machine")
    restore.add_argument("file", metavar="FILE", help="a backup, or a folder of backup sets (the newest is taken)")
    restore.add_argument("--check", action="store_true", help="say what would be lost, and change nothing")
    _add_key_options(restore)
    restore.add_argument("--after", type=int, default=0, metavar="PID", help=argparse.SUPPRESS)
    restore.add_argument("--reopen", action="store_true", help=argparse.SUPPRESS)
    restore.set_defaults(run=run_restore)
    _add_spare(commands.add_parser("spare", help="the machine that would take over"))
    outgoing = commands.add_parser("outgoing", help="whether what goes out is held since a restore")
    outgoing.add_argument("action", nargs="?", choices=("release",), help="let it go out again")
    outgoing.set_defaults(run=run_outgoing)


def _add_spare(command: Any) -> None:
    parts = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    part(parts, "status", run_spare_status, "what the spare's folder holds")
    promote = part(parts, "promote", run_promote, "make the spare in the folder given by --site the site")
    _add_key_options(promote)


def _add_key_options(command: Any) -> None:
    command.add_argument("--recovery-code", action="store_true", help="ask for the code (or read a line of input)")
    command.add_argument("--private-key", metavar="PEM", help="the hub's private key that the key was sealed for")


def part(parts: Any, name: str, run: Callable[..., Any], told: str) -> Any:
    """A sub-command with the options that every command has."""
    part = parts.add_parser(name, help=told)
    part.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
    part.set_defaults(run=run)
    return part


def run_backup(options: argparse.Namespace) -> Result:
    """Copy and verify the store; or list, or prove."""
    if options.list:
        return with_store(options, _listed)
    if options.prove is not None:
        return with_store(options, lambda store: _proved(store, options))
    from app.service.recovery import back_up_site

    folder, report = Path(options.to) if options.to else None, _report(options)
    saved, coded = with_store(
        options, lambda s: (back_up_site(s, actor(s), report=report, folder=folder), made_at(s.site) is not None)
    )
    made = saved.made
    for trouble in saved.troubles:
        say(f"{trouble.sentence} {trouble.step}")
    document = {
        "file": str(made.path), "bytes": made.size, "rows": made.rows, "seconds": round(made.seconds, 3),
        "figures": made.figures, "copies": saved.copies,
        "troubles": [{"en": t.sentence, "zh": t.sentence_zh} for t in saved.troubles],
    }  # fmt: skip
    rows = sum(made.rows.values())
    lines = [f"{made.path}: {made.size / 1e6:.1f} MB, {rows} rows, verified in {made.seconds:.1f} s."]
    lines += [f"Copied to {copy}." for copy in saved.copies]
    if not coded:
        lines.append(
            "It opens only with this site's key: make a recovery code (key show-recovery) and keep it on paper."
        )
    return document, "\n".join(lines)


def _proved(store: Store, options: argparse.Namespace) -> Result:
    from app.service.recovery import prove_restore

    proof = prove_restore(store, Path(options.prove) if options.prove else None, report=_report(options))
    document = {**asdict(proof), "copy": str(proof.copy)}
    if proof.wrong:
        raise Known(f"{proof.copy.name} does not restore: {'; '.join(proof.wrong)}.", "Make another backup.",
                    sentence_zh=f"{proof.copy.name} 无法正确恢复：{'; '.join(proof.wrong)}。",
                    step_zh="请重新备份。")  # fmt: skip
    return document, (
        f"{proof.copy.name} restores: {proof.rows} rows and {proof.figures} key figures are those of the backup "
        f"({proof.seconds:.1f} s)."
    )


def _listed(store: Store) -> Result:
    from models.backup_log import records

    found = records(store)
    zone = store.site.zone
    lines = [
        f"{datetime.fromtimestamp(r.at / 1000, zone):%Y-%m-%d %H:%M}  {r.kind:<8}{r.state:<8}"
        f"{f'{r.size / 1e6:.1f} MB' if r.size else '':>12} {r.seconds or 0:>6.1f} s  "
        f"{r.message or Path(r.path or '').name}"
        for r in found
    ]
    return [asdict(r) for r in found], "\n".join(lines) or "No backup was recorded yet."


def run_restore(options: argparse.Namespace) -> Result:
    """Restore; for a desktop (`--after`, `--reopen`) wait until it has ended, and open it again whatever came of it."""
    if options.after:
        wait_for_end(options.after)
    try:
        return _restore(options)
    except Known as error:
        _note_failure(options, error)
        raise
    finally:
        if options.reopen:
            from app.service.processes import program

            subprocess.Popen(program(site_folder(options), "--page", "backup"), start_new_session=True)


def wait_for_end(pid: int, seconds: float = 120.0) -> None:
    """Wait until that process has ended. Raises Known where it does not."""
    until = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() > until:
            raise Known(f"Process {pid} has not ended, so the store is in use.", "Close it and restore again.")
        time.sleep(0.1)


def _note_failure(options: argparse.Namespace, error: Known) -> None:
    """So that the desktop can say what became of it; where there is no store to note it in, the terminal has it."""
    from models.backup_log import BackupRecord, record

    told = BackupRecord("restore", now_ms(), "failed", options.file, message=error.sentence)
    with suppress(Known):
        with_store(options, lambda store: record(store, told))


def _restore(options: argparse.Namespace) -> Result:
    """Put a backup in the store's place, or make the site anew from a set, and write the mart anew."""
    from app.service.recovery import after_restore
    from models.rebuild import newest_set, rebuild_site
    from models.restore import restore_backup

    folder, file = site_folder(options), newest_set(Path(options.file))
    if options.check:
        return with_store(options, lambda store: _lost(store, file))
    if not (folder / "site.toml").exists():
        return _rebuilt(options, rebuild_site(folder, file, actor=actor(), key_of=_key_of(options)))
    if key_of := _key_of(options):
        bring_key(folder, file.parent, key_of)
    done = restore_backup(folder, file, actor=actor())
    after_restore(folder, actor(), str(file))
    return _restored_document(done, file), _restored_text(done, file) + _again(folder, done, file)


def _lost(store: Store, file: Path) -> Result:
    from app.service.recovery import what_is_lost

    loss = what_is_lost(store, file)
    document = {**asdict(loss), "copy": str(loss.copy)}
    rows = [f"  {name}: {n:+,} rows" for name, n in sorted(loss.rows.items(), key=lambda item: -abs(item[1]))]
    made = datetime.fromtimestamp(loss.made_at / 1000, store.site.zone)
    head = f"{file.name} was made {made:%Y-%m-%d %H:%M}; changes since, which would be lost: {loss.changes:,}."
    imports = [f"  import again: {name}" for name in loss.imports]
    return document, "\n".join([head, *rows, *imports])


def _rebuilt(options: argparse.Namespace, done: Rebuilt) -> Result:
    from app.service.recovery import after_restore

    after_restore(site_folder(options), actor(), str(done.copy))
    document = {**_restored_document(done.restored, done.copy), "missing_weights": list(done.missing_weights)}
    missing = f"\nBring these weights again: {', '.join(done.missing_weights)}." if done.missing_weights else ""
    return document, f"The site stands in {site_folder(options)}. {_restored_text(done.restored, done.copy)}{missing}"


def _restored_document(done: Restored, file: Path) -> dict[str, Any]:
    aside = str(done.kept_aside) if done.kept_aside else None
    return {"file": str(file), "epoch": done.epoch, "version": done.version, "rows": done.rows, "kept_aside": aside}


def _restored_text(done: Restored, file: Path) -> str:
    kept = f" The store before it is kept as {done.kept_aside}." if done.kept_aside else ""
    return (
        f"Restored {file}: {sum(done.rows.values())} rows, and the mart written anew.{kept}\n"
        "What would go out is held until someone confirms: python main.py outgoing release"
    )


def _again(folder: Path, done: Restored, file: Path) -> str:
    """Which files were imported into the store that was replaced, and are not in the backup."""
    from models.backup import list_backups, made_at
    from models.damage import imports_since
    from models.site import load_site

    if done.kept_aside is None or file not in list_backups(file.parent):
        return ""
    since = int(made_at(file).timestamp() * 1000)
    names = imports_since(done.kept_aside, keys.read_key(load_site(folder).id), since)
    return "\nImport these again, they came after the backup:\n" + "\n".join(f"  {n}" for n in names) if names else ""


def run_spare_status(options: argparse.Namespace) -> Result:
    """What the spare's folder holds: the setting's, or --site itself on the spare."""
    from models import settings
    from models.spare import STANDBY, spare_state

    folder = site_folder(options)
    if not (folder / STANDBY).exists():
        folder = Path(str(with_store(options, lambda store: settings.read(store, "backup.spare"))) or "-")
        if str(folder) == "-":
            raise Known("No spare is set up.", "Run: python main.py settings backup.spare FOLDER", code=2)
    found = spare_state(folder)
    made = f"{datetime.fromtimestamp(found.made_at / 1000).astimezone():%Y-%m-%d %H:%M}" if found.made_at else "never"
    state = "promoted" if found.promoted_at else "standing by"
    document = {**asdict(found), "folder": str(folder), "copy": str(found.copy) if found.copy else None}
    return document, f"{folder}: {state}, newest copy {made}."


def run_promote(options: argparse.Namespace) -> Result:
    """The spare becomes the site."""
    from models.spare import promote_spare

    return _rebuilt(options, promote_spare(site_folder(options), actor=actor(), key_of=_key_of(options)))


def run_outgoing(options: argparse.Namespace) -> Result:
    """Whether it is held, or let it go."""
    from models.recovery import held, release

    def told(store: Store) -> Result:
        if options.action == "release":
            gone = release(store, actor(store))
            return {"held": False, "released": gone}, "Outgoing is released." if gone else "Nothing was held."
        found = held(store)
        words = f"Held since {at(store, found.since)}: {found.file} was restored." if found else "Nothing is held."
        return {"held": asdict(found) if found else None}, words

    return with_store(options, told)


def _key_of(options: argparse.Namespace) -> KeyOf | None:
    from models.rebuild import by_private_key

    if options.private_key:
        try:
            pem = Path(options.private_key).read_bytes()
        except OSError as error:
            raise Known(f"{options.private_key} cannot be read: {error.strerror}.", "Give the key as PEM.") from error
        password = asked("Password of the key: ").encode() if b"ENCRYPTED" in pem else None
        return by_private_key(pem, password)
    return by_code() if options.recovery_code else None


def by_code() -> KeyOf:
    """The key by a recovery code that is asked for."""
    from models.rebuild import by_code

    return by_code(asked("Recovery code: "))


def bring_key(folder: Path, sealed: Path, key_of: KeyOf) -> None:
    """Put the site's key on this machine."""
    from models.site import load_site

    site = load_site(folder)
    keys.keep_key(site.id, key_of(sealed, site.id))


def _report(options: argparse.Namespace) -> Callable[[float, str], None]:
    reporter = Reporter(options)
    return lambda share, what: reporter.report(round(share * 100), 100, what)


def at(store: Store, instant: int | None) -> str:
    """An instant of the site, or 'none'."""
    return f"{datetime.fromtimestamp(instant / 1000, store.site.zone):%Y-%m-%d %H:%M}" if instant else "none"


def asked(prompt: str) -> str:
    """A secret from the terminal, unseen, or one line of standard input: never from the command line."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline().rstrip("\r\n")


def with_store(options: argparse.Namespace, work: Callable[[Store], T]) -> T:
    """What `work` makes of the site's store."""
    store = open_store(site_folder(options))
    try:
        return work(store)
    finally:
        store.close()
