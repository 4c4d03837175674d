"""The catchment of a small mall whose figures can be added up by hand."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.catchment.actions import import_areas, place_of, remove_areas
from engines.catchment.areas import areas_file
from engines.catchment.geometry import distance_km, flat
from engines.catchment.queries import catchment, people_of
from engines.catchment.rules import PRIMARY_SHARE, SECONDARY_SHARE, band, rings, tiers
from models import settings
from models.errors import Known
from models.ids import new_id
from models.site import create_site
from models.store import create_store

DAYS = ("2026-03-01", "2026-03-31")


@pytest.fixture
def store(tmp_path):
    made = create_store(create_site(tmp_path / "site", name="Hand mall", time_zone="UTC", currency="CNY"))
    yield made
    made.close()


@pytest.fixture
def town(tmp_path):
    """Alder at the mall, Birch and Cedar a tenth and two tenths of a degree east on the equator, Dogwood unknown."""
    areas = [("A", "Alder", 0.0, 1000), ("B", "Birch", 0.1, 400), ("C", "Cedar", 0.2, None), ("D", "Dogwood", None, 50)]
    features = [
        {"type": "Feature", "properties": {"code": c, "name": n, "population": p},
         "geometry": None if x is None else {"type": "Point", "coordinates": [x, 0.0]}} for c, n, x, p in areas
    ]  # fmt: skip
    file = tmp_path / "town.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "mall": [0.0, 0.0], "features": features}))
    return file


def enrol(store, *groups):
    """(home area or None, people, of whom so many bought on the second for 100.00 each and came again on the third)."""
    with store.write("tester", "people") as tx:
        run = tx.connection.exec_driver_sql
        source = new_id()
        run("INSERT INTO source (id, code, kind) VALUES (?, hex(?), 'sales')", (source, source))
        for home, people, bought in groups:
            for i in range(people):
                person, sign = new_id(), new_id()
                run("INSERT INTO person (id, state, created_at) VALUES (?, 'active', 0)", (person,))
                run("INSERT INTO identifier (id, kind, value_hmac) VALUES (?, 'card', ?)", (sign, sign))
                run("INSERT INTO identifier_owner VALUES (?, ?)", (sign, person))
                run("INSERT INTO member (id, person_id, card_no, home_area, joined_day, state) "
                    "VALUES (?, ?, hex(?), ?, '2026-01-01', 'active')", (new_id(), person, sign, home))  # fmt: skip
                if i < bought:
                    run("INSERT INTO sale (id, source_id, source_key, identifier_id, at, day, minute, gross_minor, "
                        "net_minor, txns, basis, batch_id) VALUES (?, ?, hex(?), ?, 0, '2026-03-02', 600, 10000, 10000, "
                        "1, 'pos', ?)", (new_id(), source, sign, sign, sign))  # fmt: skip
                    run("INSERT INTO activity (id, source_id, source_key, identifier_id, kind, at, day, minute, batch_id)"
                        " VALUES (?, ?, hex(?), ?, 'visit', 0, '2026-03-03', 600, ?)",
                        (new_id(), source, sign, sign, sign))  # fmt: skip


def by_code(found):
    return {row.code: row for row in found.rows}


def test_members_visits_sales_and_distance_by_area(store, town):
    enrol(store, ("alder", 30, 20), (" BIRCH ", 10, 10), (None, 7, 0), ("Somewhere", 12, 0), ("1 Privet Drive", 1, 0))
    import_areas(store, "meg", town)
    found = catchment(store, *DAYS)
    alder, birch, cedar = (by_code(found)[code] for code in "ABC")
    assert (alder.members, alder.active, alder.visits, alder.sales, alder.spend) == (30, 20, 40, 200_000, 200_000 / 30)
    assert (birch.members, birch.sales, birch.penetration, birch.share) == (10, 100_000, 10 / 400, 0.25)
    assert birch.sales_share == pytest.approx(1 / 3) and birch.distance_km == pytest.approx(11.12, abs=0.01)
    assert (cedar.members, cedar.sales, cedar.share, cedar.tier) == (0, 0, 0.0, "")
    assert (alder.tier, birch.tier) == ("primary", "secondary")
    assert (found.members, found.placed, found.elsewhere, found.unsaid) == (60, 40, 13, 7)
    assert [(u.text, u.people) for u in found.unmatched] == [("Somewhere", 12), ("", None)]
    assert found.rings == (1.0, 3.0, 5.0, 10.0, 20.0)
    assert [(b.members, b.up_to_km) for b in found.bands if b.members] == [(30, 1.0), (10, 20.0)]


def test_the_period_and_erased_people_are_heeded(store, town):
    enrol(store, ("Alder", 20, 20))
    import_areas(store, "meg", town)
    assert by_code(catchment(store, "2026-04-01", "2026-04-30"))["A"].sales == 0
    assert by_code(catchment(store, "2026-03-03", "2026-03-03"))["A"].visits == 20
    with store.write("tester", "erasing") as tx:
        tx.connection.exec_driver_sql("UPDATE person SET state = 'erased'")
    assert catchment(store, *DAYS).members == 0


def test_the_golden_record_says_where_somebody_lives(store, town):
    enrol(store, ("Alder", 20, 0))
    import_areas(store, "meg", town)
    with store.write("tester", "a better word") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO profile_attr (person_id, attr, value, source, strategy, observed_at, differing) "
            "SELECT id, 'home_area', 'Birch', 'desk', 'most_recent', 1, 0 FROM person"
        )
    found = by_code(catchment(store, *DAYS))
    assert (found["A"].members, found["B"].members) == (0, 20)


def test_groups_too_small_show_nothing_and_cannot_be_had_by_subtraction(store, town):
    enrol(store, ("Alder", 30, 4), ("Birch", 9, 9), ("Cedar", 12, 12))
    import_areas(store, "meg", town)
    found = catchment(store, *DAYS)
    alder, birch, cedar = (by_code(found)[code] for code in "ABC")
    assert (alder.members, alder.active, alder.visits, alder.sales, alder.spend) == (30, None, None, None, None)
    assert birch.hidden and (birch.members, birch.share, birch.sales, birch.penetration) == (None,) * 4
    assert (cedar.sales_share, cedar.tier) == (1.0, "primary")
    assert (found.hidden, found.hidden_members) == (1, None)
    assert sum(b.members for b in found.bands) == 42 and people_of(store, "B") == ([], ())


def test_the_people_of_an_area_come_by_pages_with_the_words_they_use(store, town):
    enrol(store, ("Alder", 8, 0), ("ALDER", 6, 0), ("Birch", 20, 0))
    import_areas(store, "meg", town)
    first, words = people_of(store, "A", limit=10)
    rest, _ = people_of(store, "A", limit=10, after=first[-1])
    assert len(set(first) | set(rest)) == 14 and sorted(words) == ["ALDER", "Alder"]
    assert people_of(store, "nowhere") == ([], ())


def test_without_a_map_members_own_words_are_the_areas(store):
    enrol(store, ("North", 15, 0), ("north ", 5, 0), ("1 Privet Drive", 1, 0))
    found = catchment(store, *DAYS)
    assert found.map is None and found.mall is None
    assert [(row.name, row.members) for row in found.rows if not row.hidden] == [("North", 20)]
    assert "Privet" not in "".join(row.name for row in found.rows)


def test_an_empty_mall_answers_with_nothing(store):
    found = catchment(store, *DAYS)
    assert (found.rows, found.members, found.rings, found.bands) == ((), 0, (), ())


def test_a_bad_file_leaves_the_map_before_in_place(store, town, tmp_path):
    import_areas(store, "meg", town)
    bad = tmp_path / "bad.geojson"
    bad.write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(Known, match=r"bad\.geojson has no areas"):
        import_areas(store, "meg", bad)
    assert len(catchment(store, *DAYS).rows) == 4


def test_importing_and_removing_are_audited_and_wake_the_page(store, town):
    import_areas(store, "meg", town, dry_run=True)
    assert not areas_file(store.site.folder).exists()
    import_areas(store, "meg", town)
    assert by_code(catchment(store, *DAYS))["A"].distance_km == 0  # by the file's own word
    settings.change_setting(store, "meg", "mall.place", "0, 0.1")
    import_areas(store, "meg", town)
    assert by_code(catchment(store, *DAYS))["B"].distance_km == 0  # what a person set stands
    assert remove_areas(store, "meg") and not remove_areas(store, "meg")
    with store.read() as connection:
        acts = connection.exec_driver_sql(
            "SELECT action FROM audit_entry WHERE object = 'areas' ORDER BY seq"
        ).fetchall()
        moved = connection.exec_driver_sql("SELECT version FROM change WHERE relation = 'areas'").scalar()
    assert [act for (act,) in acts] == ["import", "import", "remove"] and moved == 3


def test_a_spoilt_map_is_told_and_not_a_fault(store, town):
    import_areas(store, "meg", town)
    areas_file(store.site.folder).write_text("{")
    with pytest.raises(Known, match="no valid JSON"):
        catchment(store, *DAYS)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("31.2304, 121.4737", (121.4737, 31.2304)), ("31,2 121", None), ("-33.8 151.2", (151.2, -33.8)),
        ("31.2，121.4", (121.4, 31.2)), ("121, 31", None), ("here", None), ("1,2,3", None), ("nan, 1", None),
    ],
)  # fmt: skip
def test_the_malls_place_is_latitude_then_longitude(text, place):
    assert place_of(text) == place


@given(st.lists(st.integers(-(10**9), 10**12), max_size=40))
def test_the_primary_areas_are_the_fewest_that_make_three_fifths(sales):
    found = tiers(sales)
    total = sum(s for s in sales if s > 0)
    made = {tier: [s for s, t in zip(sales, found, strict=True) if t == tier] for tier in set(found)}
    assert all(s <= 0 for s in made.get("", ())) and all(s > 0 for t in made if t for s in made[t])
    if total:
        primary = sorted(made["primary"])
        assert sum(primary) >= PRIMARY_SHARE * total > sum(primary[1:])
        assert sum(primary) + sum(made.get("secondary", ())) >= SECONDARY_SHARE * total


@given(st.floats(0, 30_000), st.floats(0, 30_000))
def test_every_distance_lies_in_one_band(farthest, distance):
    found = rings(farthest)
    number = band(distance, found)
    assert 0 <= number <= len(found)
    assert (number == 0 or distance > found[number - 1]) and (number == len(found) or distance <= found[number])


def test_haversine_of_a_known_pair():
    london, paris = (-0.1278, 51.5074), (2.3522, 48.8566)
    assert distance_km(london, paris) == pytest.approx(343.6, abs=0.5)
    assert distance_km((179.9, 0), (-179.9, 0)) == pytest.approx(22.24, abs=0.01)
    east, south = flat((-179.9, -1.0), (179.9, 0.0))
    assert (east, south) == pytest.approx((22.24, 111.2), abs=0.1)
