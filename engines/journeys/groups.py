"""Groups of people that can be compared: by segment, tier, channel of joining, cohort, or a person-made segment."""

from __future__ import annotations

from dataclasses import dataclass

from models.connection import Connection
from models.store import Store

KINDS = ("rfm", "tier", "channel", "joined", "segment", "everyone")
_CHOICES = {
    "rfm": "SELECT segment, count(*) FROM rfm_score GROUP BY segment",
    "tier": "SELECT tier, count(*) FROM member WHERE tier IS NOT NULL GROUP BY tier",
    "channel": "SELECT channel, count(*) FROM member WHERE channel IS NOT NULL GROUP BY channel",
    "joined": "SELECT substr(joined_day, 1, 7), count(*) FROM member GROUP BY 1",
}
_PEOPLE = {
    "everyone": "SELECT person_id FROM person_stage",
    "rfm": "SELECT person_id FROM rfm_score WHERE segment = :value",
    "tier": "SELECT person_id FROM member WHERE tier = :value",
    "channel": "SELECT person_id FROM member WHERE channel = :value",
    "joined": "SELECT person_id FROM member WHERE substr(joined_day, 1, 7) = :value",
}


@dataclass(frozen=True)
class Group:
    """Whose journeys: `kind` of KINDS and the `value` that its people share; `people` as far as it was counted."""

    kind: str
    value: str = ""
    name: str = ""
    people: int = 0

    @property
    def sql(self) -> str:
        """The query of its people's ids."""
        return _SEGMENT if self.kind == "segment" else _PEOPLE[self.kind]

    @property
    def values(self) -> dict[str, object]:
        """The query's values."""
        if self.kind == "everyone":
            return {}
        return {"value": bytes.fromhex(self.value) if self.kind == "segment" else self.value}


_SEGMENT = "SELECT person_id FROM segment_member WHERE segment_id = :value"


def groups(store: Store, least: int) -> list[Group]:
    """Every group of at least so many people, kind by kind."""
    with store.read() as connection:
        found = [Group("everyone")]
        for kind, sql in _CHOICES.items():
            found += [
                Group(kind, str(value), str(value), int(n))
                for value, n in sorted(connection.exec_driver_sql(sql).fetchall())
                if n >= least
            ]
        return found + _segments(connection, least)


def _segments(connection: Connection, least: int) -> list[Group]:
    """Segments that people made, as far as the segments engine has run."""
    rows = connection.exec_driver_sql(
        "SELECT hex(s.id), s.name, count(*) FROM segment_member AS m JOIN segment AS s ON s.id = m.segment_id "
        "GROUP BY s.id ORDER BY s.name"
    ).fetchall()
    return [Group("segment", str(key), str(name), int(n)) for key, name, n in rows if n >= least]
