"""Joining a hub with an enrolment file and its code, and leaving it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from models import keys
from models.errors import Known
from models.hub.enrolment import read_enrolment
from models.hub.nodes import scram_verifier
from models.rights import require
from models.store import Store
from models.sync.epoch import begin_epoch
from models.sync.link import NEXT_SECRET, SECRET, Link, connect, drop_link, keep_link


def join_hub(store: Store, actor: str, path: Path, code: str) -> Link:
    """Make this site's store the node that the file enrols. Raises Known for a wrong code, site or hub.

    The password of the file is changed at once, so that file and code are of no more use. A store that was another
    node before begins a new epoch.
    """
    require(store, actor, "sync", "joining the hub")
    enrolment = read_enrolment(path, code)
    if enrolment.site_id != store.site.id:
        raise Known("This enrolment is for another site.", "Ask for one with this site's id: see 'sync status'.",
                    code=6)  # fmt: skip
    link = keep_link(store.site, enrolment)
    try:
        link = change_password(store, link)
    except Known:
        drop_link(store.site)
        raise
    with store.write(actor, "joining the hub") as tx:
        tx.touch("sync_state")
        known = tx.connection.exec_driver_sql("SELECT value FROM meta WHERE name = 'node_id'").scalar()
        tx.connection.exec_driver_sql(
            "INSERT INTO meta (name, value) VALUES ('node_id', ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (link.node_id,),
        )
        if known != link.node_id:
            begin_epoch(tx)
        tx.audit("join", "hub", host=link.host, node=link.node_id)
    return link


def leave_hub(store: Store, actor: str) -> None:
    """Forget the hub. What it has stays there until an administrator revokes the node."""
    require(store, actor, "sync", "leaving the hub")
    with store.write(actor, "leaving the hub") as tx:
        tx.touch("sync_state", "sync_node")
        tx.connection.exec_driver_sql("DELETE FROM sync_state")
        tx.connection.exec_driver_sql("DELETE FROM sync_node")
        tx.audit("leave", "hub")
    drop_link(store.site)


def change_password(store: Store, link: Link) -> Link:
    """Give the login a new random password, known to nobody. A crash half-way leaves one of two kept ones valid."""
    from psycopg import sql

    fresh = os.urandom(32).hex().encode()
    keys.keep_secret(store.site.id, NEXT_SECRET, fresh)
    with connect(link) as connection:
        verifier = scram_verifier(connection, link.login, fresh.decode())
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(link.login), verifier))
    keys.keep_secret(store.site.id, SECRET, fresh)
    keys.drop_secret(store.site.id, NEXT_SECRET)
    return replace(link, password=fresh)
