"""Charts as geometry, without Qt: inside their size whatever the data, and true to the figures."""

from __future__ import annotations

import datetime as dt
import math
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ui.charts.area import Area
from app.ui.charts.areamap import AreaMap, Region
from app.ui.charts.bar import Bars
from app.ui.charts.boxplot import BoxPlot, Spread
from app.ui.charts.data import Series
from app.ui.charts.floorheat import FloorHeat, Outline, floor_heat
from app.ui.charts.floorheat import Spot as Square
from app.ui.charts.floorplan import FloorPlan, Zone
from app.ui.charts.funnel import Funnel, Step, funnel
from app.ui.charts.gauge import Gauge
from app.ui.charts.heatmap import Cohorts, HeatMap
from app.ui.charts.histogram import Histogram
from app.ui.charts.intervals import Estimate, Intervals, intervals
from app.ui.charts.kinds import LAYOUTS, lay_out
from app.ui.charts.kpi import Kpi, Sparkline
from app.ui.charts.line import Band, Line
from app.ui.charts.marks import Box, Ribbon, Size, Text, Wedge
from app.ui.charts.marks import Path as PathMark
from app.ui.charts.matrix import Matrix
from app.ui.charts.network import Link, Network, Node
from app.ui.charts.pie import MOST_PARTS, Part, Pie, pie
from app.ui.charts.radar import Radar
from app.ui.charts.samples import samples
from app.ui.charts.sankey import NODE, Flow, Sankey, layers, sankey
from app.ui.charts.scatter import Scatter, Spot
from app.ui.charts.style import ChartTheme
from app.ui.charts.treemap import Tile, Treemap, treemap
from app.ui.charts.waterfall import Change, Waterfall

THEME = ChartTheme()
MANY = settings(max_examples=40, deadline=None)
SIZES = st.builds(Size, st.floats(120, 1600), st.floats(80, 900))
NUMBERS = st.one_of(st.floats(-1e15, 1e15), st.just(math.nan), st.just(0.0), st.integers(-50, 5000).map(float))
GAINS = st.one_of(st.floats(0, 1e15), st.just(math.nan), st.just(0.0), st.integers(0, 5000).map(float))
NAMES = st.one_of(
    st.text(max_size=12), st.sampled_from(["一层东侧国际美妆护肤精品集合旗舰店（含快闪区）" * 3, "Zara", "x" * 200, ""])
)
UNITS = st.sampled_from(["count", "decimal", "percent", "money", "minutes", "seconds"])


@st.composite
def table(draw, values=NUMBERS, most=200):
    """Names and one to four rows as long."""
    names = draw(st.lists(NAMES, max_size=most))
    row = st.lists(values, min_size=len(names), max_size=len(names)).map(tuple)
    rows = draw(st.lists(row, min_size=1, max_size=4))
    return tuple(names), tuple(Series(draw(NAMES), r) for r in rows)


@st.composite
def lines(draw):
    names, series = draw(table(most=60))
    places = draw(
        st.sampled_from([names, tuple(dt.date(2026, 1, 1) + dt.timedelta(days=i) for i in range(len(names)))])
    )
    low = series[0].values
    band = draw(st.sampled_from([None, Band("b", low, low)]))
    return Line(places, series, draw(UNITS), band, draw(st.sampled_from([None, series[0]])), draw(NUMBERS))


@st.composite
def grids(draw):
    rows, columns = draw(st.lists(NAMES, max_size=30)), draw(st.lists(NAMES, max_size=30))
    row = st.lists(NUMBERS, min_size=len(columns), max_size=len(columns)).map(tuple)
    values = draw(st.lists(row, min_size=len(rows), max_size=len(rows)).map(tuple))
    return HeatMap(tuple(rows), tuple(columns), values, draw(UNITS))


@st.composite
def networks(draw):
    count = draw(st.integers(0, 25))
    place = st.one_of(st.none(), st.tuples(st.floats(-1, 2), st.floats(-1, 2)))
    nodes = tuple(
        Node(str(i), draw(NAMES), draw(GAINS), draw(st.sampled_from("ab")), draw(place)) for i in range(count)
    )
    ends = st.integers(0, max(count - 1, 0)).map(str)
    links = draw(st.lists(st.builds(Link, ends, ends, GAINS), max_size=30)) if count else []
    return Network(nodes, tuple(links))


def bars_of(mode):
    return st.builds(lambda t, unit: Bars(t[0], t[1], mode, unit), table(), UNITS)


def one_row(values=GAINS):
    return table(values).map(lambda t: list(zip(t[0], t[1][0].values, strict=True)))


POINTS = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
FLOWS = st.builds(Flow, st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"), GAINS)
CHARTS = {
    "kpi": st.builds(
        Kpi, NAMES, NUMBERS, UNITS, NUMBERS, st.sampled_from(["up", "down", "neither"]), NAMES, NUMBERS,
        st.lists(NUMBERS, max_size=40).map(tuple),
    ),
    "sparkline": st.builds(Sparkline, NAMES, st.lists(NUMBERS, max_size=200).map(tuple)),
    "line": lines(),
    "grouped": bars_of("grouped"),
    "stacked": bars_of("stacked"),
    "ranked": bars_of("ranked"),
    "area": st.builds(lambda t: Area(*t), table(most=60)),
    "scatter": st.builds(
        Scatter,
        st.lists(st.builds(Spot, NAMES, NUMBERS, NUMBERS, st.sampled_from("abc"), GAINS), max_size=60).map(tuple),
        NAMES, NAMES, UNITS, UNITS,
    ),
    "histogram": st.builds(Histogram.of, NAMES, st.lists(NUMBERS, max_size=200), unit=UNITS),
    "boxplot": st.lists(st.builds(Spread.of, NAMES, st.lists(NUMBERS, max_size=30)), max_size=40).map(
        lambda g: BoxPlot(tuple(g))
    ),
    "heatmap": grids(),
    "cohorts": st.lists(st.lists(st.floats(0, 1), max_size=12).map(tuple), max_size=12).map(
        lambda rows: Cohorts(tuple("c" for _ in rows), tuple(9 for _ in rows), tuple(rows))
    ),
    "matrix": st.integers(0, 20).map(
        lambda n: Matrix(tuple(f"店铺{i}" for i in range(n)), tuple(tuple(map(float, range(n))) for _ in range(n)))
    ),
    "treemap": one_row().map(lambda rows: Treemap(tuple(Tile(n, v, n[:1]) for n, v in rows))),
    "funnel": one_row().map(lambda rows: Funnel(tuple(Step(n, v) for n, v in rows))),
    "sankey": st.lists(FLOWS, max_size=40).map(lambda flows: Sankey(tuple(flows))),
    "radar": st.builds(lambda t: Radar(*t), table(most=40)),
    "gauge": st.builds(Gauge, NAMES, NUMBERS, st.floats(1, 1e15), st.just(0.0), NUMBERS, st.booleans(), UNITS),
    "waterfall": st.lists(st.builds(Change, NAMES, st.floats(-1e12, 1e12), st.booleans()), max_size=60).map(
        lambda c: Waterfall(tuple(c))
    ),
    "pie": one_row().map(lambda rows: Pie("whole", tuple(Part(n, v) for n, v in rows))),
    "network": networks(),
    "floorplan": st.lists(
        st.builds(Zone, NAMES, st.lists(POINTS, min_size=3, max_size=7).map(tuple), NUMBERS), max_size=12
    ).map(lambda zones: FloorPlan(tuple(zones))),
    "floorheat": st.builds(
        FloorHeat,
        st.lists(st.builds(Square, st.floats(-1e4, 1e4), st.floats(-1e4, 1e4), GAINS), max_size=60).map(tuple),
        st.floats(0.5, 10),
        st.lists(st.builds(Outline, NAMES, st.lists(POINTS, min_size=3, max_size=7).map(tuple)), max_size=8).map(tuple),
    ),
    "areamap": st.builds(
        AreaMap,
        st.lists(
            st.builds(
                Region, NAMES,
                st.lists(
                    st.lists(st.lists(POINTS, min_size=3, max_size=6).map(tuple), min_size=1, max_size=2).map(tuple),
                    max_size=2,
                ).map(tuple),
                NUMBERS, NAMES, st.none() | POINTS,
            ), max_size=8,
        ).map(tuple),
        st.none() | POINTS, st.lists(st.floats(0.0, 1e5), max_size=4).map(tuple), NAMES, UNITS, st.booleans(),
    ),
    "intervals": st.lists(
        st.builds(
            lambda name, seen, ends: Estimate(name, seen, *(ends[i] for i in (1, 0, 2))), NAMES, NUMBERS,
            st.one_of(
                st.lists(st.floats(-1e15, 1e15), min_size=3, max_size=3).map(sorted), st.just([math.nan] * 3)
            ),
        ), max_size=30,
    ).map(lambda rows: Intervals(tuple(rows), ("observed", "estimated"))),
}  # fmt: skip


def assert_inside(marks, size):
    slack = 0.51
    for mark in marks:
        left, top, right, bottom = mark.bounds()
        assert all(math.isfinite(v) for v in (left, top, right, bottom)), mark
        assert left >= -slack and top >= -slack, mark
        assert right <= size.width + slack and bottom <= size.height + slack, mark
        if isinstance(mark, Box):
            assert mark.w >= -1e-6 and mark.h >= -1e-6, mark


@pytest.mark.parametrize("kind", CHARTS)
def test_nothing_is_painted_outside_whatever_the_data(kind):
    @MANY
    @given(CHARTS[kind], SIZES)
    def check(data, size):
        marks = lay_out(data, size, THEME, empty="Nothing yet.")
        assert marks
        assert_inside(marks, size)
        data.table().tsv()

    check()


EMPTY = [
    Line((), ()), Bars((), ()), Area((), ()), Scatter((), "x", "y"), Histogram.of("h", []), BoxPlot(()),
    HeatMap((), (), ()), Cohorts((), (), ()), Matrix((), ()), Treemap(()), Funnel(()), Sankey(()), Radar((), ()),
    Gauge("g", math.nan, 1), Waterfall(()), Pie("p", ()), Network((), ()), FloorPlan(()), Sparkline("s", ()),
    FloorHeat(()), Intervals((), ("observed", "estimated")), AreaMap(()),
]  # fmt: skip


@pytest.mark.parametrize("data", EMPTY, ids=lambda data: type(data).__name__)
def test_empty_data_shows_one_centred_sentence(data):
    size = Size(400, 300)
    (only,) = lay_out(data, size, THEME, empty="No cameras yet.")
    assert isinstance(only, Text)
    assert (only.text, only.label) == ("No cameras yet.", "No cameras yet.")
    assert abs(only.x + only.w / 2 - 200) < 1 and abs(only.y + only.h / 2 - 150) < 2


def test_empty_is_tested_for_every_kind_with_a_sentence():
    assert {type(data).__name__ for data in EMPTY} == set(LAYOUTS) - {"Kpi"}


@MANY
@given(st.lists(st.floats(0.01, 1e9), min_size=1, max_size=MOST_PARTS), SIZES)
def test_pie_closes_and_shares_are_the_values(values, size):
    marks = pie(Pie("whole", tuple(Part(str(i), v) for i, v in enumerate(values))), size, THEME)
    wedges = [mark for mark in marks if isinstance(mark, Wedge)]
    assert math.isclose(sum(w.sweep for w in wedges), 360)
    assert all(math.isclose(a.start + a.sweep, b.start) for a, b in pairwise(wedges))
    for wedge, value in zip(wedges, values, strict=True):
        assert math.isclose(wedge.sweep, 360 * value / sum(values), abs_tol=1e-6)


def test_seven_parts_become_bars():
    marks = pie(Pie("whole", tuple(Part(f"p{i}", 1 + i) for i in range(7))), Size(400, 300), THEME)
    assert not any(isinstance(mark, Wedge) for mark in marks)
    assert sum(isinstance(mark, Box) for mark in marks) == 7


@MANY
@given(st.lists(st.floats(1, 1000), min_size=1, max_size=60), SIZES)
def test_treemap_areas_are_proportional_and_do_not_overlap(values, size):
    marks = treemap(Treemap(tuple(Tile(str(i), v) for i, v in enumerate(values))), size, THEME)
    boxes = [mark for mark in marks if isinstance(mark, Box)]
    assert len(boxes) == len(values)
    whole = sum(box.w * box.h for box in boxes)
    for box, value in zip(boxes, sorted(values, reverse=True), strict=True):
        assert math.isclose(box.w * box.h / whole, value / sum(values), rel_tol=1e-3, abs_tol=1e-6)
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            wide = min(a.x + a.w, b.x + b.w) - max(a.x, b.x)
            tall = min(a.y + a.h, b.y + b.h) - max(a.y, b.y)
            assert wide < 1e-3 or tall < 1e-3


@MANY
@given(
    st.lists(
        st.builds(Flow, st.sampled_from("abcd"), st.sampled_from("efgh"), st.floats(1, 100)), min_size=1, max_size=16
    ),
    SIZES,
)
def test_sankey_conserves_what_flows(flows, size):
    marks = sankey(Sankey(tuple(flows)), size, THEME)
    ribbons = [mark for mark in marks if isinstance(mark, Ribbon)]
    nodes = {mark.key: mark for mark in marks if isinstance(mark, Box)}
    scale = ribbons[0].h0 / next(
        f.value for f in flows if f"{f.source} to {f.target}: {round(f.value):,}" == ribbons[0].label
    )
    for name, node in nodes.items():
        coming = sum(f.value for f in flows if f.target == name)
        going = sum(f.value for f in flows if f.source == name)
        assert math.isclose(node.h, max(coming, going) * scale, rel_tol=0.02, abs_tol=1e-6)
        assert node.w == NODE
        out = [r for r in ribbons if math.isclose(r.x0, node.x + node.w) and node.y - 1e-6 <= r.y0 <= node.y + node.h]
        assert all(r.y0 + r.h0 <= node.y + node.h + 1e-6 for r in out)
    assert all(math.isclose(r.h0, r.h1) for r in ribbons)
    assert math.isclose(sum(r.h0 for r in ribbons), sum(f.value for f in flows) * scale, rel_tol=0.02)


def test_sankey_layers_go_forward_and_survive_circles():
    found = layers((Flow("a", "b", 1), Flow("b", "c", 1), Flow("c", "a", 1), Flow("a", "c", 1)))
    assert found == {"a": 0, "b": 1, "c": 2}


@MANY
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=12), SIZES)
def test_funnel_widths_order_like_the_values(values, size):
    marks = funnel(Funnel(tuple(Step(f"s{i}", v, f"k{i}") for i, v in enumerate(values))), size, THEME)
    widths = {mark.key: mark.w for mark in marks if isinstance(mark, Box) and mark.key}
    if not widths:
        assert max(values) == 0
        return
    for i, one in enumerate(values):
        for j, other in enumerate(values):
            if one < other:
                assert widths[f"k{i}"] <= widths[f"k{j}"] + 1e-9


@MANY
@given(st.lists(st.floats(-1000, 1000), min_size=1, max_size=40), SIZES)
def test_bars_stand_on_zero_and_are_as_long_as_their_values(values, size):
    data = Bars(
        tuple(map(str, range(len(values)))), (Series("s", tuple(values)),), keys=tuple(map(str, range(len(values))))
    )
    boxes = {mark.key: mark for mark in lay_out(data, size, THEME) if isinstance(mark, Box) and mark.key}
    tallest = max(values, key=abs)
    full = boxes[str(values.index(tallest))].h
    for i, value in enumerate(values):
        assert math.isclose(boxes[str(i)].h, abs(value) / abs(tallest) * full if tallest else 0, abs_tol=0.01)


def test_a_gap_breaks_the_line():
    values = (1.0, 2.0, math.nan, 4.0, 5.0)
    marks = lay_out(Line(tuple("abcde"), (Series("s", values),)), Size(400, 300), THEME)
    hue = THEME.tokens.hue(0)
    runs = [mark for mark in marks if isinstance(mark, PathMark) and mark.stroke == hue]
    assert [len(run.points) for run in runs] == [2, 2]


def test_labels_never_run_into_each_other():
    for count in (3, 12, 40, 200):
        names = tuple(f"Sample category {i}" for i in range(count))
        marks = lay_out(Bars(names, (Series("s", (1.0,) * count),)), Size(500, 300), THEME)
        feet = sorted((m.x, m.x + m.w, m.y) for m in marks if isinstance(m, Text) and m.y > 240)
        for row in {y for _, _, y in feet}:
            line = [(left, right) for left, right, y in feet if y == row]
            assert all(a[1] <= b[0] + 0.5 for a, b in pairwise(line))


def test_kpi_figure_and_course_keep_apart_on_the_smallest_tile():
    kpi = Kpi("Footfall", 1_018_234, delta=0.064, course=(5.0, 1.0, 9.0, 3.0, 8.0))
    marks = lay_out(kpi, Size(250, 112), THEME)
    figure = next(mark for mark in marks if isinstance(mark, Text) and mark.bold and mark.size > 14)
    course = [mark for mark in marks if isinstance(mark, PathMark) and not mark.fill]
    assert course
    assert min(mark.bounds()[1] for mark in course) >= figure.y + figure.h


def test_change_is_spoken_with_its_meaning():
    down = Kpi("Wait", 4, "minutes", delta=-0.1, good="down", against="against last week")
    marks = lay_out(down, Size(250, 112), THEME)
    (label,) = [mark.label for mark in marks if mark.label]
    assert label == "Wait: 4 min; down 10.0% against last week, better"


def test_waterfall_ends_where_its_parts_lead():
    data = Waterfall((Change("start", 10, True), Change("gain", 5), Change("loss", -7), Change("end", math.nan, True)))
    assert data.levels() == [(0.0, 10), (10, 15), (15, 8), (0.0, 8)]


def test_histogram_counts_every_value_once():
    data = Histogram.of("h", [float(i % 37) for i in range(500)] + [math.nan])
    assert sum(data.counts) == 500
    width = data.edges[1] - data.edges[0]
    area = sum((a[1] + b[1]) / 2 * (b[0] - a[0]) for a, b in pairwise(data.density)) / width
    assert 0.8 * 500 < area <= 1.02 * 500


def test_box_figures_are_the_textbook_ones():
    spread = Spread.of("g", [*map(float, range(1, 12)), 100.0])
    assert (spread.median, spread.high, spread.outliers) == (6.5, 11.0, (100.0,))


@pytest.mark.parametrize(
    "make",
    [lambda: Line((1.0, 2.0), (Series("s", (1.0,)),)), lambda: Bars(("a",), (Series("s", (math.inf,)),)),
     lambda: Treemap((Tile("t", -1),)), lambda: Gauge("g", 1, 0), lambda: Zone("z", ((0, 0), (1, 1))),
     lambda: Network((Node("a", "A"),), (Link("a", "b"),)), lambda: HeatMap(("r",), ("c",), ()),
     lambda: Histogram("h", (0, 1), (1, 2)), lambda: Kpi("k", 1e16)],
)  # fmt: skip
def test_malformed_data_is_refused(make):
    with pytest.raises(ValueError, match=r"."):
        make()


def test_table_pastes_into_a_spreadsheet():
    data = Line(
        (dt.date(2026, 1, 1), dt.date(2026, 1, 2)), (Series("Visits", (3.0, math.nan)), Series("a\tb", (1.5, 2.0)))
    )
    assert data.table().tsv() == "\tVisits\ta b\n2026-01-01\t3\t1.5\n2026-01-02\t\t2\n"


def test_every_kind_has_a_sample_with_something_to_read_aloud():
    made = [build() for build in samples(THEME).values()]
    assert {type(data).__name__ for data in made} == set(LAYOUTS)
    for data in made:
        marks = lay_out(data, Size(420, 260), THEME)
        assert any(mark.label for mark in marks)
        assert_inside(marks, Size(420, 260))


def test_layouts_import_no_qt():
    modules = "app.ui.charts.kinds, app.ui.charts.samples, app.ui.period, sys"
    code = f"import {modules}; print([m for m in sys.modules if 'PySide' in m])"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_heat_lies_where_the_plan_has_it_and_the_warmest_square_has_the_fullest_colour():
    wall = Outline("Hall", ((0, 0), (40, 0), (40, 20), (0, 20)))
    marks = floor_heat(FloorHeat((Square(10, 5, 3.0), Square(30, 5, 60.0)), 1.0, (wall,)), Size(430, 260), THEME)
    cool, warm = (mark for mark in marks if isinstance(mark, Box) and mark.tip)
    hall = next(mark for mark in marks if isinstance(mark, PathMark) and mark.fill)
    left, _, right, _ = hall.bounds()
    assert (cool.x - left) / (right - left) == pytest.approx(0.25, abs=0.01)
    assert (warm.x - left) / (right - left) == pytest.approx(0.75, abs=0.01)
    assert warm.fill == THEME.tokens.heat_high != cool.fill


def test_an_interval_is_drawn_from_its_low_to_its_high_end_and_read_aloud():
    data = Intervals((Estimate("Women", 0.5, 0.6, 0.4, 0.8),), ("As told", "Corrected"))
    marks = intervals(data, Size(500, 200), THEME)
    label = next(mark.label for mark in marks if mark.label)
    assert label.startswith("Women: As told 50") and "40" in label and "80" in label
    whisker = next(m for m in marks if isinstance(m, PathMark) and m.width == 2.0)
    (left, _), (right, _) = whisker.points
    bar = next(m for m in marks if isinstance(m, Box) and m.fill)
    assert right - left == pytest.approx(bar.w * 0.8, rel=0.01)


def test_an_estimate_outside_its_interval_is_refused():
    with pytest.raises(ValueError, match="interval"):
        Intervals((Estimate("x", 0.5, 0.9, 0.4, 0.8),), ("a", "b"))
