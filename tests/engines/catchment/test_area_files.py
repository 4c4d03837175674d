"""Area files as people send them: what is taken, what is refused and in which words."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.catchment import geojson
from engines.catchment.areas import Area, AreaMap, key_of, matcher
from engines.catchment.geojson import parse_geojson, write_geojson
from engines.catchment.geometry import points_of, signed_area
from engines.catchment.listing import read_areas
from models.errors import Known

SQUARE = [[121.0, 31.0], [121.2, 31.0], [121.2, 31.2], [121.0, 31.2], [121.0, 31.0]]


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties or {"code": "A", "name": "Alder"}, "geometry": geometry}


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def parse(*features, **members):
    document = {"type": "FeatureCollection", "features": list(features), **members}
    return parse_geojson(json.dumps(document).encode(), "town.geojson")


def refusal(*features, **members):
    with pytest.raises(Known) as refused:
        parse(*features, **members)
    assert refused.value.step
    return refused.value.sentence


def test_districts_become_areas_with_their_words_and_middles():
    (area,) = parse(
        feature(
            polygon(SQUARE), Code=310101, NAME=" Alder  Row ", name_zh="桤木", population="12,500", also="AR; Alders"
        )
    ).areas
    assert (area.code, area.name, area.name_zh, area.population) == ("310101", "Alder Row", "桤木", 12_500)
    assert area.also == ("AR", "Alders") and area.center == pytest.approx((121.1, 31.1))
    assert area.parts[0][0] == tuple(map(tuple, SQUARE[:-1]))


def test_a_point_marked_as_the_mall_is_no_area():
    found = parse(feature(polygon(SQUARE)), feature({"type": "Point", "coordinates": [121.3, 31.3]}, mall=True))
    assert found.mall == (121.3, 31.3) and len(found.areas) == 1


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (polygon(SQUARE[:3]), "fewer than four places"),
        (polygon(SQUARE[:4]), "does not end where it begins"),
        (polygon([SQUARE[0], SQUARE[1], SQUARE[0], SQUARE[1], SQUARE[0]]), "three different places"),
        (polygon([["121", "31"], *SQUARE[1:]]), "no number"),
        (polygon([[True, 31.0], *SQUARE[1:]]), "no number"),
        (polygon([[121.0], *SQUARE[1:]]), "no pair"),
        (polygon([[357432.1, 3432100.5], *SQUARE[1:]]), "no longitude and latitude in degrees"),
        (polygon([[10**400, 31.0], *SQUARE[1:]]), "no longitude and latitude in degrees"),
        (polygon([[math.nan, 31.0], *SQUARE[1:]]), "not finite"),
        (polygon([[math.inf, 31.0], *SQUARE[1:]]), "not finite"),
        ({"type": "Polygon", "coordinates": []}, "no coordinates"),
        ({"type": "Polygon"}, "no coordinates"),
        ({"type": "MultiPolygon", "coordinates": [[]]}, "no coordinates"),
        ({"type": "LineString", "coordinates": SQUARE}, "'LineString'"),
        ({"type": "GeometryCollection", "geometries": []}, "'GeometryCollection'"),
        ([1, 2], "no JSON object"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_file_the_feature_and_the_reason(geometry, reason):
    said = refusal(feature(polygon(SQUARE), code="B"), feature(geometry, code="C", name="Cedar"))
    assert said.startswith("town.geojson, feature 2 ('Cedar'): ") and reason in said


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"other": 1}, "neither a code nor a name"), ({"code": "A", "population": -5}, "residents"),
        ({"code": "A", "population": "many"}, "residents"), ({"code": "A", "population": math.nan}, "residents"),
        ({"code": "x" * 200}, "letters"), ({"code": 10**30}, "no code"),
    ],
)  # fmt: skip
def test_properties_that_say_nothing_sensible_are_refused(properties, reason):
    assert reason in refusal(feature(polygon(SQUARE), **properties))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no valid JSON"), (b"[1]", "no GeoJSON object"), (b"{", "no valid JSON"), (b"\xff\xfe{", "UTF-8"),
        (b'{"type": "Topology"}', "TopoJSON"), (b'{"type": "FeatureCollection"}', "no GeoJSON feature collection"),
        (b'{"type": "FeatureCollection", "features": []}', "no areas"),
        (b'{"type": "FeatureCollection", "features": [7]}', "feature 1"),
        (b'{"a":' * 200_000, "too deeply"), (b"[" * 200_000, "too deeply"),
        (b'{"type": "FeatureCollection", "features": [], "crs": {"properties": {"name": "EPSG:4549"}}}', "WGS 84"),
        (b'{"type":"FeatureCollection","features":[' + b"9" * 5000 + b"]}", "town.geojson"),
    ],
)  # fmt: skip
def test_files_of_another_kind_are_refused(data, reason):
    with pytest.raises(Known, match=reason):
        parse_geojson(data, "town.geojson")


def test_two_areas_with_one_code_are_refused():
    said = refusal(feature(polygon(SQUARE), code="A 1"), feature(polygon(SQUARE), code="a  1"))
    assert "areas 1 and 2" in said


def test_files_beyond_the_limits_are_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(geojson, "MOST_PLACES", 6)
    assert "places on its borders" in refusal(feature(polygon(SQUARE), code="A"), feature(polygon(SQUARE), code="B"))
    monkeypatch.setattr(geojson, "MOST_AREAS", 0)
    assert "features" in refusal(feature(polygon(SQUARE), code="A"), feature(polygon(SQUARE), code="B"))
    monkeypatch.setattr(geojson, "MOST_BYTES", 10)
    big = tmp_path / "big.geojson"
    big.write_text("{" + " " * 20)
    with pytest.raises(Known, match="an area map may have"):
        geojson.read_geojson(big)


def test_a_ring_that_crosses_itself_is_taken_with_a_middle_inside_its_extent():
    bow = [[0.0, 0.0], [2.0, 2.0], [2.0, 0.0], [0.0, 2.0], [0.0, 0.0]]
    (area,) = parse(feature(polygon(bow))).areas
    assert area.center == pytest.approx((1.0, 1.0))


def test_an_area_over_the_antimeridian_keeps_its_middle():
    across = [[179.0, -17.0], [-179.0, -17.0], [-179.0, -16.0], [179.0, -16.0], [179.0, -17.0]]
    (area,) = parse(feature(polygon(across))).areas
    assert abs(area.center[0]) == pytest.approx(180.0) and area.center[1] == pytest.approx(-16.5)
    halves = {
        "type": "MultiPolygon",
        "coordinates": [
            [[[179.0, 0.0], [180.0, 0.0], [180.0, 1.0], [179.0, 1.0], [179.0, 0.0]]],
            [[[-180.0, 0.0], [-178.0, 0.0], [-178.0, 1.0], [-180.0, 1.0], [-180.0, 0.0]]],
        ],
    }
    (cut,) = parse(feature(halves)).areas
    assert cut.center == pytest.approx((-179.5, 0.5))


def test_an_area_without_a_place_is_listed_and_said(tmp_path):
    found = parse(feature(None))
    assert found.areas[0].center is None and "no place" in found.notes[0]


def test_fine_borders_are_thinned_and_neighbours_keep_the_border_they_share(monkeypatch):
    monkeypatch.setattr(geojson, "KEPT_PLACES", 300)
    wave = [[121.1 + 0.02 * math.sin(i / 200), 31.0 + i * 0.0001] for i in range(2001)]
    west = [[121.0, 31.0], *wave, [121.0, 31.2], [121.0, 31.0]]
    east = [[121.3, 31.0], *wave, [121.3, 31.2], [121.3, 31.0]]
    found = parse(feature(polygon(west), code="W"), feature(polygon(east), code="E")).areas
    assert points_of(found) < 2200
    shared = set(found[0].parts[0][0]) & set(found[1].parts[0][0])
    assert len(shared) >= len(set(found[0].parts[0][0])) - 4
    assert abs(signed_area(found[0].parts[0][0])) == pytest.approx(abs(signed_area(west[:-1])), rel=0.02)


def test_words_match_whatever_their_case_width_and_spaces():
    areas = (Area("200001", "Alder Row", "桤木"), Area("200002", "Birch", None, ("BR", "Alder Row ")))
    known, doubtful = matcher(areas)
    assert [known.get(key_of(w)) for w in (" ALDER  row", "２００００１", "桤木", "br", "Cedar")] == [0, 0, 0, 1, None]
    assert not doubtful  # a name counts before another's other spelling


def test_a_name_that_two_areas_share_means_neither():
    known, doubtful = matcher((Area("1", "Central"), Area("2", "central"), Area("central", "South")))
    assert known[key_of("central")] == 2  # a code counts before a name
    known, doubtful = matcher((Area("1", "Central"), Area("2", "central")))
    assert doubtful == {"central"} and "central" not in known


def test_a_table_of_middles_becomes_points(tmp_path):
    file = tmp_path / "postcodes.csv"
    file.write_text("Postcode,Lat,Lng,population\n01001,31.2,121.4,900\n01002,31.3,121.5,\n01003,,,\n", "utf-8")
    found = read_areas(file)
    assert [(a.code, a.center, a.population) for a in found.areas] == [
        ("01001", (121.4, 31.2), 900), ("01002", (121.5, 31.3), None), ("01003", None, None),
    ]  # fmt: skip
    assert found.source == "postcodes.csv" and len(found.sha256) == 64


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("code,lat\nA,1\n", "no column for longitude"), ("code,lat,lon\nA,north,2\n", r"row 1 \('A'\)"),
        ("code,lat,lon\nA,131,22\n", "in degrees"), ("code,lat,lon\nA,nan,22\n", "in degrees"),
        ("code,lat,lon,population\nA,1,2,few\n", "residents"), ("code,lat,lon\nA,1,2\na,3,4\n", "both have the code"),
        ("code,lat,lon\n,1,2\n", "neither a code"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_used_says_why(tmp_path, text, reason):
    file = tmp_path / "areas.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(Known, match=reason):
        read_areas(file)


def test_a_shapefile_is_told_what_to_become(tmp_path):
    with pytest.raises(Known, match="no GeoJSON"):
        read_areas(tmp_path / "districts.shp")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)
GEOMETRY = st.fixed_dictionaries(
    {"type": st.sampled_from(["Polygon", "MultiPolygon", "Point", "LineString", ""]), "coordinates": JSON}
)
ANY_FEATURE = JSON | st.fixed_dictionaries(
    {"type": st.just("Feature"), "properties": JSON | st.dictionaries(st.sampled_from(["code", "name", "population",
     "also", "mall"]), JSON), "geometry": JSON | GEOMETRY, "id": JSON}
)  # fmt: skip


@given(st.lists(ANY_FEATURE, max_size=4), JSON, JSON)
def test_whatever_json_comes_it_is_an_area_map_or_a_refusal_that_names_the_file(features, crs, mall):
    document = {"type": "FeatureCollection", "features": features, "crs": crs, "mall": mall}
    try:
        found = parse_geojson(json.dumps(document).encode("utf-8", "replace"), "odd.geojson")
    except Known as refused:
        assert refused.sentence.startswith("odd.geojson") and refused.step
    else:
        _is_sound(found)


@given(st.binary(max_size=200))
def test_whatever_bytes_come_they_are_refused_in_words(data):
    try:
        parse_geojson(data, "odd.geojson")
    except Known as refused:
        assert refused.sentence.startswith("odd.geojson")


PLACES = st.tuples(st.floats(-180, 180, width=32), st.floats(-90, 90, width=32))


@given(st.lists(st.lists(PLACES, min_size=3, max_size=8, unique=True), min_size=1, max_size=4), PLACES)
def test_any_shape_on_earth_has_a_middle_and_survives_being_kept(rings, mall):
    closed = [[*[list(p) for p in ring], list(ring[0])] for ring in rings]
    shape = {"type": "MultiPolygon", "coordinates": [[ring] for ring in closed]}
    found = parse(feature(shape, code="A", name="Ä桤", population=7), mall=list(mall))
    _is_sound(found)
    again = parse_geojson(write_geojson(found).encode(), "areas.geojson")
    assert again.areas == found.areas and again.mall == found.mall == mall


def _is_sound(found: AreaMap):
    for area in found.areas:
        assert area.code and area.name
        assert area.population is None or area.population >= 0
        if area.center is not None:
            assert -180 <= area.center[0] <= 180 and -90 <= area.center[1] <= 90
        for part in area.parts:
            assert all(len(ring) >= 3 for ring in part)
