"""Carrying out a set-up: what is there stays, what is missing is made, and a site that is another is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from engines.setup.plan import CameraPlan, Plan
from engines.setup.secrets import Secrets
from models.errors import Known
from models.site import Site, create_site, load_site
from models.store import Store, create_store, open_store

_CLERK = "administrator"


@dataclass(frozen=True)
class Done:
    """One step: what it was about, what became of it, a sentence; `secret` is shown once and kept nowhere."""

    step: str
    state: Literal["made", "changed", "kept", "left"]
    says: str
    secret: str = ""


def carry_out(folder: Path, plan: Plan, actor: str, secrets: Secrets) -> Iterator[Done]:
    """Make or complete the site in `folder`, a step at a time.

    Each step is whole or not at all, so a run that was cut off is completed by the next. Raises Known where the
    folder holds another site, or for a step that cannot be done.
    """
    done, site = _site(folder, plan)
    yield done
    store = open_store(folder) if site.database.exists() else create_store(site)
    try:
        yield from _settings(store, actor, plan)
        for camera in plan.cameras:
            yield _camera(store, actor, camera, secrets)
        if plan.join_file is not None:
            yield _hub(store, actor, plan.join_file, secrets.join_code)
        if plan.administrator is not None:
            yield _administrator(store, actor, *plan.administrator)
    finally:
        store.close()


def site_values(plan: Plan) -> dict[str, Any]:
    """The site's values as the site's own settings file has them."""
    hour, minute = (int(part) for part in plan.site.get("day_starts", "00:00").split(":"))
    return {
        "name": plan.site["name"], "code": plan.site["code"], "time_zone": plan.site["time_zone"],
        "currency": plan.site["currency"].upper(), "country": plan.site["country"].upper(),
        "subdivision": plan.site.get("subdivision"), "day_starts_minute": hour * 60 + minute,
    }  # fmt: skip


def _site(folder: Path, plan: Plan) -> tuple[Done, Site]:
    wanted, given_id = site_values(plan), plan.site.get("id")
    if not (folder / "site.toml").exists():
        site = create_site(folder, **wanted, id_=given_id)
        return Done("site", "made", f"Made the site '{site.name}' in {folder}."), site
    site = load_site(folder)
    here = {name: getattr(site, name) for name in wanted}
    if given_id is not None:
        here["id"], wanted["id"] = site.id.lower(), str(given_id).lower()
    for name, value in wanted.items():
        if here[name] != value:
            raise Known(
                f"The site in {folder} has {name} '{here[name]}', and the file says '{value}'.",
                "This cannot be changed once a site is made: correct the file, or name another folder.",
                sentence_zh=f"{folder} 中的站点 {name} 为“{here[name]}”，而文件写的是“{value}”。",
                step_zh="站点建立后不能更改此项：请修正文件，或指定另一个文件夹。",
            )
    return Done("site", "kept", f"The site '{site.name}' is in {folder} already."), site


def _settings(store: Store, actor: str, plan: Plan) -> Iterator[Done]:
    from models.settings import change_setting, read_all

    standing = read_all(store)
    for name, value in plan.settings.items():
        now, source = standing[name]
        if source == "set" and now == value:
            yield Done(name, "kept", f"{name} is {value} already.")
            continue
        change_setting(store, actor, name, value)
        yield Done(name, "changed", f"{name}: {now} -> {value}")


def _camera(store: Store, actor: str, wanted: CameraPlan, secrets: Secrets) -> Done:
    from engines.cameras.records import address_to_open, cameras, remember_camera

    here = next((camera for camera in cameras(store) if camera.code == wanted.code), None)
    address = secrets.address(wanted.code, wanted.address)
    lines = wanted.lines or (here.lines if here else "")
    active = wanted.active and bool(lines)
    step = f"camera {wanted.code}"
    if here is not None:
        same = (here.name, here.address, here.lines) == (wanted.name, wanted.address, lines)
        known = address == wanted.address or address == address_to_open(store, wanted.code)
        if same and known and bool(here.active) == active:
            return Done(step, "kept", f"Camera {wanted.code} is set up already.")
    remember_camera(
        store, actor, code=wanted.code, address=address, lines=lines, name=wanted.name, active=active,
        detector=here.detector if here else None,
    )  # fmt: skip
    without = "" if lines else " It counts once its lines are drawn on the Live page."
    return Done(step, "changed" if here else "made", f"Camera {wanted.code} is saved.{without}")


def _hub(store: Store, actor: str, path: Path, code: str) -> Done:
    from models.sync.join import join_hub
    from models.sync.link import has_link

    if has_link(store.site):
        return Done("hub", "kept", "The site has joined its hub already.")
    if not code:
        return Done("hub", "left", "The hub was not joined: its one-time code is not given. Run: python main.py sync "
                    f"join {path}")  # fmt: skip
    link = join_hub(store, actor, path, code)
    return Done("hub", "made", f"Joined the hub at {link.host} as {link.node}.")


def _administrator(store: Store, actor: str, user: str, name: str) -> Done:
    from engines.access.actions import add_user, reset_password
    from engines.access.queries import users
    from models.hub.enrolment import new_code

    here = next((row for row in users(store) if row.code == user), None)
    if here is not None and here.signs_in != "no":
        return Done("administrator", "kept", f"{user} can sign in already.")
    if here is None:
        add_user(store, actor, user, name, _CLERK)
    code = new_code()
    reset_password(store, actor, user, code, must_change=True)
    return Done("administrator", "made", f"{user} signs in once with the code below and then chooses a password.", code)
