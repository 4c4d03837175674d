"""The nightly look for people who are one, in the worker process: it needs the libraries of record linkage."""

from __future__ import annotations

from app.service.chores import Outcome
from app.service.progress import Progress
from models.store import Store

MARK = "identity"


def resolve_identities(store: Store, progress: Progress) -> Outcome:
    """Merge what is sure, queue what is likely, flag shared signs; remember up to which change people were seen."""
    from engines.people.identity.resolve import resolve

    with store.read() as connection:
        seen = connection.exec_driver_sql("SELECT ifnull(max(seq), 0) FROM change_log").scalar_one()
    done = resolve(store, progress)
    with store.write("service", "noting a look for duplicates") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (MARK, str(seen)),
        )
    says = f"{done.people} people compared, {done.merged} merged, {done.waiting} pairs wait"
    return Outcome(done.merged + done.waiting, f"{says}; {done.refused}" if done.refused else says)


def people_have_changed(store: Store) -> bool:
    """Whether a sign or a member has come or changed since the last look."""
    with store.read() as connection:
        ask = connection.exec_driver_sql
        seen = ask("SELECT value FROM meta WHERE name = ?", (MARK,)).scalar()
        newest = ask(
            "SELECT ifnull(max(seq), 0) FROM change_log "
            "WHERE tbl IN ('identifier', 'identity_link', 'member', 'person_attr')"
        ).scalar_one()
    return seen is None or int(newest) > int(seen)
