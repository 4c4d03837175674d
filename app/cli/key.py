"""`key`: the site's key sealed under a recovery code, and for the hub."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import Any

from app.cli.actor import actor
from app.cli.entry import site_folder
from app.cli.recovery import Result, asked, at, bring_key, by_code, part, with_store
from models.errors import Known
from models.store import Store


def register(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("key", help="the site's key: its recovery code and escrow")
    parts = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    part(parts, "show-recovery", run_show_recovery, "make a new recovery code and show it this once")
    part(parts, "check-recovery", run_check_recovery, "whether a recovery code (from standard input) opens the key")
    part(parts, "recover", run_recover, "put the key back on this machine by its recovery code")
    part(parts, "status", run_key_status, "whether there is a recovery code and an escrow")
    seal = part(parts, "seal-for-hub", run_seal, "seal the key for the holder of an X25519 key")
    seal.add_argument("file", metavar="PEM", help="the public key")


def run_show_recovery(options: argparse.Namespace) -> Result:
    """A new code on a sheet to print."""
    from models.escrow import show_recovery

    def shown(store: Store) -> Result:
        code = show_recovery(store, actor(store))
        return {"code": code, "site": store.site.name, "id": store.site.id}, _sheet(store, code)

    return with_store(options, shown)


def run_check_recovery(options: argparse.Namespace) -> Result:
    """Whether the person's sheet is right."""
    from models.escrow import open_with_code

    def checked(store: Store) -> Result:
        good = open_with_code(store.site.folder, store.site.id, asked("Recovery code: ")) == store.key
        return {"good": good}, "The code opens this site's key." if good else "The code opens another key."

    return with_store(options, checked)


def run_recover(options: argparse.Namespace) -> Result:
    """The key back on this machine, by the sealed file in the site's folder."""
    folder = site_folder(options)
    bring_key(folder, folder, by_code())
    return {"site": str(folder)}, "The key is on this machine again."


def run_key_status(options: argparse.Namespace) -> Result:
    """What sealed copies of the key there are."""
    from models.escrow import read_escrow

    def told(store: Store) -> Result:
        document = read_escrow(store.site.folder) or {}
        made = {name: (document.get(name) or {}).get("at") for name in ("code", "hub")}
        words = [f"{title}: {at(store, made[name])}" for name, title in (("code", "recovery code"), ("hub", "escrow"))]
        return made, "\n".join(words)

    return with_store(options, told)


def run_seal(options: argparse.Namespace) -> Result:
    """Seal the key for the hub's key."""
    from models.escrow import seal_for_hub

    try:
        pem = Path(options.file).read_bytes()
    except OSError as error:
        raise Known(f"{options.file} cannot be read: {error.strerror}.", "Give a public key as PEM.") from error
    mark = with_store(options, lambda store: seal_for_hub(store, actor(store), pem))
    return {"fingerprint": mark}, f"The key is sealed for the holder of {mark}; the next backup carries it."


def _sheet(store: Store, code: str) -> str:
    """What is printed and put into the safe, in both languages."""
    site, today = store.site, f"{datetime.now(store.site.zone):%Y-%m-%d}"
    return (
        f"Atrium recovery code / 恢复码\n\n  {site.name}   {site.id}   {today}\n\n    {code}\n\n"
        "Keep this sheet in a safe place apart from the machine. With a backup set it opens the site on any machine:\n"
        "  python main.py --site FOLDER restore BACKUPS --recovery-code\n"
        "Whoever has both reads everything. The code is kept nowhere else; a newer one is for the backups after it.\n"
        "请将此页与机器分开、妥善保管。配合备份集，可在任何机器上恢复本站点（命令同上）。\n"
        "同时持有两者即可读取全部数据。恢复码不会保存在其他任何地方；新恢复码用于其后生成的备份。"
    )
