"""Reads for the Catchment page: where members live, what each area brings, how far it is, and what stays hidden.

An area's figures are shown from `privacy.smallest_group` people on: members for what is said of members, those who
came or bought for what is said of their visits and sales. Totals and rings add up what is shown, so that nothing
hidden can be had by subtraction.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from engines.catchment.actions import PLACE, place_of
from engines.catchment.areas import Area, AreaMap, Place, areas_file, key_of, matcher
from engines.catchment.geojson import read_geojson
from engines.catchment.geometry import distance_km
from engines.catchment.rules import Tier, band, rings, tiers
from models import settings
from models.connection import Connection
from models.store import Store

UNMATCHED_SHOWN = 20


@dataclass(frozen=True)
class AreaRow:
    """What an area brings in a period. None stands for a figure that is not known or may not be shown.

    `active` are members who came or bought, `visits` their days in the mall (a purchase or a check-in), `sales` net
    of returns in minor units, `spend` sales per member, `share` and `sales_share` of all areas shown, `penetration`
    members per resident, `distance_km` from the mall to the area's middle. `hidden` says that the group is too small.
    """

    code: str
    name: str
    name_zh: str | None
    members: int | None
    share: float | None
    active: int | None
    visits: int | None
    sales: int | None
    sales_share: float | None
    spend: float | None
    population: int | None
    penetration: float | None
    distance_km: float | None
    tier: Tier
    hidden: bool = False


@dataclass(frozen=True)
class BandRow:
    """The areas whose middle lies from `above_km` to `up_to_km` (None: beyond the last ring), those shown only."""

    above_km: float
    up_to_km: float | None
    areas: int
    members: int
    share: float | None
    sales: int
    sales_share: float | None


@dataclass(frozen=True)
class Unmatched:
    """What members say of where they live that no area of the map is called; None people: fewer than are shown."""

    text: str
    people: int | None


@dataclass(frozen=True)
class Catchment:
    """A period's catchment. `members` are all, `placed` those in an area of the map, `elsewhere` those whose words
    match none, `unsaid` those who say nothing; `hidden` and `hidden_members` the areas too small to be shown and the
    people in them (None where together they are too few as well).

    `odd_place` says that the mall's place is set to something that is none. `doubtful` are names that several areas
    of the map share.
    """

    map: AreaMap | None
    mall: Place | None
    odd_place: bool
    first: str
    last: str
    rows: tuple[AreaRow, ...]
    rings: tuple[float, ...]
    bands: tuple[BandRow, ...]
    members: int
    placed: int
    elsewhere: int
    unsaid: int
    hidden: int
    hidden_members: int | None
    unmatched: tuple[Unmatched, ...]
    doubtful: tuple[str, ...]
    smallest: int


@dataclass
class _Sum:
    """What the people of one area, or of one wording, add up to."""

    members: int = 0
    active: int = 0
    visits: int = 0
    sales: int = 0

    def add(self, other: _Sum) -> None:
        """Add the other's people."""
        self.members += other.members
        self.active += other.active
        self.visits += other.visits
        self.sales += other.sales


def site_map(folder: Path) -> AreaMap | None:
    """The site's area map, None where there is none. Raises Known where somebody has spoilt its file."""
    path = areas_file(folder)
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return _read(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=2)
def _read(path: Path, _changed: int, _size: int) -> AreaMap:
    return read_geojson(path)


def catchment(store: Store, first: str, last: str) -> Catchment:
    """Members by area over the days `first` to `last`, both within.

    A person lives where their golden record says, or before any import their newest membership. Without a map the
    rows are the words that members themselves use.
    """
    smallest = int(settings.read(store, "privacy.smallest_group"))
    told = str(settings.read(store, PLACE)).strip()
    areas = site_map(store.site.folder)
    mall = place_of(told) if told else (areas.mall if areas else None)
    with store.read() as connection:
        spoken = _by_words(connection, first, last)
    unsaid = spoken.pop("", _Sum())
    total = unsaid.members + sum(one.members for one in spoken.values())
    listed = areas.areas if areas else _as_said(spoken, smallest)
    sums, strangers, doubtful = _into_areas(listed, spoken)
    rows = _rows(listed, sums, mall, smallest)
    hidden = [sums[i] for i, row in enumerate(rows) if row.hidden]
    pooled = sum(one.members for one in hidden)
    placed = sum(one.members for one in sums)
    far = [row.distance_km for row in rows if row.distance_km is not None and row.members]
    distances = rings(max(far)) if far else ()
    listed_words = _strangers(strangers, smallest)
    return Catchment(
        areas, mall, bool(told) and mall is None, first, last, tuple(rows), distances, _bands(rows, distances), total,
        placed, total - placed - unsaid.members, unsaid.members, len(hidden), pooled if pooled >= smallest else None,
        listed_words, tuple(one.text for one in listed_words if key_of(one.text) in doubtful), smallest,
    )  # fmt: skip


def people_of(
    store: Store, code: str, *, limit: int = 100, after: bytes | None = None
) -> tuple[list[bytes], tuple[str, ...]]:
    """A page of the people who live in an area, by id, and the wordings by which they say so.

    Nobody where the area is too small to be shown.
    """
    areas = site_map(store.site.folder)
    with store.read() as connection:
        spoken = {str(text): int(n) for text, n in connection.exec_driver_sql(_WORDS).fetchall() if key_of(str(text))}
        smallest = int(settings.read(store, "privacy.smallest_group"))
        listed = areas.areas if areas else _as_said({text: _Sum(n) for text, n in spoken.items()}, smallest)
        known, _ = matcher(listed)
        place = next((i for i, area in enumerate(listed) if area.code == code), -1)
        words = [text for text in spoken if known.get(key_of(text)) == place]
        if sum(spoken[word] for word in words) < smallest:
            return [], ()
        people = connection.exec_driver_sql(
            _PEOPLE, {"words": json.dumps(words), "after": after or b"", "limit": limit}
        ).fetchall()
    return [bytes(person) for (person,) in people], tuple(words)


_HOMES = """
homes AS MATERIALIZED (
  SELECT p.id AS person_id, trim(coalesce(
    (SELECT a.value FROM profile_attr a WHERE a.person_id = p.id AND a.attr = 'home_area'),
    (SELECT m.home_area FROM member m WHERE m.person_id = p.id AND m.home_area IS NOT NULL
     ORDER BY m.joined_day DESC, m.id DESC LIMIT 1), '')) AS home
  FROM person p WHERE p.state = 'active' AND EXISTS (SELECT 1 FROM member m WHERE m.person_id = p.id)
)"""
_WORDS = f"WITH {_HOMES} SELECT home, count(*) FROM homes GROUP BY home"  # noqa: S608 - our own text
_PEOPLE = f"""WITH {_HOMES} SELECT person_id FROM homes
WHERE home IN (SELECT value FROM json_each(:words)) AND person_id > :after ORDER BY person_id LIMIT :limit"""  # noqa: S608 - our own text
_SUMS = f"""
WITH {_HOMES}, came AS (
  SELECT o.person_id AS person_id, s.day AS day, s.net_minor AS net FROM sale s
  JOIN identifier_owner o ON o.identifier_id = s.identifier_id
  WHERE s.identifier_id IS NOT NULL AND s.day BETWEEN :first AND :last
  UNION ALL
  SELECT o.person_id, a.day, 0 FROM activity a JOIN identifier_owner o ON o.identifier_id = a.identifier_id
  WHERE a.kind = 'visit' AND a.day BETWEEN :first AND :last
), done AS MATERIALIZED (
  SELECT person_id, count(DISTINCT day) AS visits, sum(net) AS sales FROM came GROUP BY person_id
)
SELECT h.home, count(*), count(d.person_id), coalesce(sum(d.visits), 0), coalesce(sum(d.sales), 0)
FROM homes h LEFT JOIN done d ON d.person_id = h.person_id GROUP BY h.home
"""  # noqa: S608 - our own text


def _by_words(connection: Connection, first: str, last: str) -> dict[str, _Sum]:
    """What people add up to by the words in which they say where they live; '' for those who say nothing."""
    found: dict[str, _Sum] = {}
    for text, *figures in connection.exec_driver_sql(_SUMS, {"first": first, "last": last}).fetchall():
        word = str(text) if key_of(str(text)) else ""
        found.setdefault(word, _Sum()).add(_Sum(*(int(n) for n in figures)))
    return found


def _as_said(spoken: dict[str, _Sum], smallest: int) -> tuple[Area, ...]:
    """Areas as members call them, for a site without a map: one for each wording that many use, however it is spelt.
    What fewer wrote may be an address."""
    people: dict[str, int] = {}
    first: dict[str, str] = {}
    for text in sorted(spoken, key=lambda word: (-spoken[word].members, word)):
        key = key_of(text)
        people[key] = people.get(key, 0) + spoken[text].members
        first.setdefault(key, text)
    return tuple(Area(text, text) for key, text in first.items() if key and people[key] >= smallest)


def _into_areas(listed: Sequence[Area], spoken: dict[str, _Sum]) -> tuple[list[_Sum], dict[str, int], frozenset[str]]:
    known, doubtful = matcher(listed)
    sums = [_Sum() for _ in listed]
    strangers: dict[str, int] = {}
    for text, sum_ in spoken.items():
        place = known.get(key_of(text))
        if place is None:
            strangers[text] = strangers.get(text, 0) + sum_.members
        else:
            sums[place].add(sum_)
    return sums, strangers, doubtful


def _rows(listed: Sequence[Area], sums: Sequence[_Sum], mall: Place | None, smallest: int) -> list[AreaRow]:
    shown = [one.members == 0 or one.members >= smallest for one in sums]
    active = [ok and (one.active == 0 or one.active >= smallest) for ok, one in zip(shown, sums, strict=True)]
    people = sum(one.members for ok, one in zip(shown, sums, strict=True) if ok)
    money = sum(one.sales for ok, one in zip(active, sums, strict=True) if ok and one.sales > 0)
    parts = tiers([one.sales if ok else 0 for ok, one in zip(active, sums, strict=True)])
    return [
        _row(area, one, (known, did), (people, money), _Stand(tier, mall))
        for area, one, known, did, tier in zip(listed, sums, shown, active, parts, strict=True)
    ]


@dataclass(frozen=True)
class _Stand:
    """Which part of the catchment an area is, and where the mall is that it is far from."""

    tier: Tier
    mall: Place | None


def _row(area: Area, one: _Sum, may: tuple[bool, bool], totals: tuple[int, int], stand: _Stand) -> AreaRow:
    """`may`: whether the figures of members and those of visits and sales are shown; `totals` are of all shown."""
    known, did = may
    people, money = totals
    mall, tier = stand.mall, stand.tier
    return AreaRow(
        area.code, area.name, area.name_zh,
        one.members if known else None,
        one.members / people if known and people else None,
        one.active if did else None,
        one.visits if did else None,
        one.sales if did else None,
        max(one.sales, 0) / money if did and money else None,
        one.sales / one.members if did and one.members else None,
        area.population,
        one.members / area.population if known and area.population else None,
        distance_km(mall, area.center) if mall and area.center else None,
        tier, not known,
    )  # fmt: skip


def _bands(rows: Sequence[AreaRow], distances: Sequence[float]) -> tuple[BandRow, ...]:
    if not distances:
        return ()
    placed = [row for row in rows if row.distance_km is not None and row.members is not None]
    people, money = sum(row.members or 0 for row in placed), sum(max(row.sales or 0, 0) for row in placed)
    made = []
    for number, (above, up_to) in enumerate(zip((0.0, *distances), (*distances, None), strict=True)):
        mine = [row for row in placed if band(row.distance_km or 0.0, distances) == number]
        members, sales = sum(row.members or 0 for row in mine), sum(row.sales or 0 for row in mine)
        if mine or up_to is not None:
            made.append(
                BandRow(above, up_to, len(mine), members, members / people if people else None, sales,
                        max(sales, 0) / money if money else None)
            )  # fmt: skip
    return tuple(made)


def _strangers(strangers: dict[str, int], smallest: int) -> tuple[Unmatched, ...]:
    """The commonest wordings that many use, then the others as one: what one person wrote may be an address."""
    often = sorted((text for text, n in strangers.items() if n >= smallest), key=lambda text: (-strangers[text], text))
    listed = [Unmatched(text, strangers[text]) for text in often[:UNMATCHED_SHOWN]]
    rest = sum(n for text, n in strangers.items() if text not in set(often[:UNMATCHED_SHOWN]))
    if rest:
        listed.append(Unmatched("", rest if rest >= smallest else None))
    return tuple(listed)
