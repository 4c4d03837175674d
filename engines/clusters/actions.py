"""Acts on clusters, audited: a name of one's own, and a segment that follows a cluster."""

from __future__ import annotations

from engines.access.guard import guarded
from engines.segments.actions import create
from engines.segments.rule import And, Trait
from models.connection import Connection
from models.errors import Known
from models.store import Store
from models.times import now_ms


@guarded
def rename(store: Store, actor: str, cluster_id: int, name: str, name_zh: str | None = None) -> None:
    """Give a cluster a name, which stays with it over refits; an empty name gives ours back."""
    told = " ".join(name.split())
    if len(told) > 80:
        raise Known("The name is too long.", "Use at most 80 letters.", code=2)
    with store.write(actor, "naming a cluster") as tx:
        _name_of(tx.connection, cluster_id)
        before = tx.connection.exec_driver_sql(
            "SELECT name FROM cluster_name WHERE cluster_id = ?", (cluster_id,)
        ).scalar()
        if told:
            tx.connection.exec_driver_sql(
                "INSERT INTO cluster_name (cluster_id, name, name_zh, actor, at) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (cluster_id) DO UPDATE SET name = excluded.name, name_zh = excluded.name_zh, "
                "actor = excluded.actor, at = excluded.at",
                (cluster_id, told, name_zh or None, actor, now_ms()),
            )
        else:
            tx.connection.exec_driver_sql("DELETE FROM cluster_name WHERE cluster_id = ?", (cluster_id,))
        tx.audit("rename", f"cluster/{cluster_id}", name=told, before=before)


@guarded
def make_segment(store: Store, actor: str, cluster_id: int) -> str:
    """A live segment of everyone who belongs to the cluster, now and later; its code. Raises Known where it exists."""
    with store.read() as connection:
        name, name_zh = _name_of(connection, cluster_id)
    code = f"cluster-{cluster_id}"
    create(store, actor, code, name, rule_of(cluster_id), name_zh=name_zh, live=True)
    return code


def rule_of(cluster_id: int) -> And:
    """The rule whose people are the cluster's."""
    return And((Trait("cluster", "eq", (float(cluster_id),)),))


def _name_of(connection: Connection, cluster_id: int) -> tuple[str, str | None]:
    row = connection.exec_driver_sql(
        "SELECT coalesce(n.name, c.name), coalesce(n.name_zh, n.name, c.name_zh) FROM cluster c "
        "LEFT JOIN cluster_name n ON n.cluster_id = c.cluster_id WHERE c.cluster_id = ?",
        (cluster_id,),
    ).fetchone()
    if row is None:
        raise Known(f"There is no cluster {cluster_id}.", "Run: python main.py clusters", code=2)
    return str(row[0]), row[1]
