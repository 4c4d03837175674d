"""What the profile shows of a person's privacy: a restriction, and requests that are not closed."""

from __future__ import annotations

from typing import Any

from engines.privacy.laws import KIND_NAMES
from models.connection import Connection
from models.times import now_ms


def privacy_facet(connection: Connection, person: bytes) -> tuple[Any, ...]:
    """Whether the data may be used, and what the person has asked for; nothing of most people."""
    from engines.people.facets import Fact

    found = []
    since = connection.exec_driver_sql(
        "SELECT since FROM restriction WHERE person_id = ? AND (until IS NULL OR until > ?)", (person, now_ms())
    ).scalar()
    if since is not None:
        found.append(Fact("Use is restricted since", "限制处理，自", int(since), "instant"))
    rows = connection.exec_driver_sql(
        "SELECT kind, due_at FROM data_request WHERE person_id = ? AND state IN ('open', 'verified') ORDER BY due_at",
        (person,),
    )
    for kind, due_at in rows:
        english, chinese = KIND_NAMES[kind]
        found.append(Fact(f"{english}: answer due by", f"{chinese}请求：答复期限", int(due_at), "instant"))
    return tuple(found)
