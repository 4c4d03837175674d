"""What the profile shows at the counter: the best three shops with reasons, and the next action."""

from __future__ import annotations

from typing import Any

from engines.picks.queries import TOP, picks_on
from engines.picks.words import ACTIONS, BECAUSE, BLOCKED
from models.connection import Connection

#: A decision since the run, or a sign that nothing may be sent to: the night's suggestion may not hold any more.
_SINCE = """
SELECT EXISTS (SELECT 1 FROM identifier_owner o JOIN consent_decision d ON d.identifier_id = o.identifier_id
               WHERE o.person_id = :person AND date(d.at / 1000, 'unixepoch') >= :day)
    OR EXISTS (SELECT 1 FROM identifier_owner o JOIN identifier i ON i.id = o.identifier_id
               JOIN suppression s ON s.value_hmac = i.value_hmac WHERE o.person_id = :person)
    OR EXISTS (SELECT 1 FROM restriction r WHERE r.person_id = :person)
"""


def picks_facet(connection: Connection, person: bytes) -> tuple[Any, ...]:
    """Three shops, and what to do next as of the last run; made of keyed rows, so that it is read in milliseconds."""
    from engines.people.facets import Fact

    found = []
    for pick in picks_on(connection, person, TOP):
        text, text_zh = BECAUSE[pick.because]
        found.append(
            Fact(pick.name, pick.name_zh, text.format(shop=pick.other), value_zh=text_zh.format(shop=pick.other_zh))
        )
    row = connection.exec_driver_sql(
        "SELECT action, blocked, as_of FROM next_action WHERE person_id = ?", (person,)
    ).one_or_none()
    if row is not None:
        action, blocked, as_of = row
        if action != "none" and connection.exec_driver_sql(_SINCE, {"person": person, "day": as_of}).scalar():
            action, blocked = "none", "changed"
        text, text_zh = ACTIONS[action]
        if blocked:
            why, why_zh = BLOCKED.get(blocked, (blocked, blocked))
            text, text_zh = f"{text}: {why}", f"{text_zh}：{why_zh}"
        found.append(Fact("Next action", "下一步行动", text, value_zh=text_zh, as_of=as_of))
    return tuple(found)
