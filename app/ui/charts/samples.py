"""Made-up figures for the gallery and the tests of charts; every name says that it is a sample."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable

from app.ui.catalogue import tr
from app.ui.charts.area import Area
from app.ui.charts.areamap import AreaMap, Region
from app.ui.charts.bar import Bars
from app.ui.charts.boxplot import BoxPlot, Spread
from app.ui.charts.data import Series
from app.ui.charts.floorheat import FloorHeat, Outline
from app.ui.charts.floorheat import Spot as Square
from app.ui.charts.floorplan import FloorPlan, Zone
from app.ui.charts.funnel import Funnel, Step
from app.ui.charts.gauge import Gauge
from app.ui.charts.heatmap import Cohorts, HeatMap, hour_weekday
from app.ui.charts.histogram import Histogram
from app.ui.charts.intervals import Estimate, Intervals
from app.ui.charts.kinds import Chart
from app.ui.charts.kpi import Kpi, Sparkline
from app.ui.charts.line import Band, Line
from app.ui.charts.matrix import Matrix
from app.ui.charts.network import Link, Network, Node
from app.ui.charts.pie import Part, Pie
from app.ui.charts.radar import Radar
from app.ui.charts.sankey import Flow, Sankey
from app.ui.charts.scatter import Scatter, Spot
from app.ui.charts.style import ChartTheme
from app.ui.charts.treemap import Tile, Treemap
from app.ui.charts.waterfall import Change, Waterfall


def wave(count: int, base: float, swing: float, shift: float = 0.0) -> tuple[float, ...]:
    """A smooth made-up course of whole numbers, always the same."""
    return tuple(
        float(round(base + swing * math.sin(i * 0.9 + shift) + swing * 0.4 * math.sin(i * 2.3 + shift * 2)))
        for i in range(count)
    )


def _zones() -> list[str]:
    return [tr("Sample fashion"), tr("Sample food"), tr("Sample cinema"), tr("Sample beauty"), tr("Sample sport")]


def _days(count: int) -> tuple[dt.date, ...]:
    return tuple(dt.date(2026, 9, 1) + dt.timedelta(days=i) for i in range(count))


def _line() -> Line:
    visits = wave(30, 4200, 700)
    gap = (*visits[:17], math.nan, math.nan, *visits[19:])
    likely = Band(tr("Likely range"), tuple(v * 0.9 for v in visits), tuple(v * 1.1 for v in visits))
    compare = Series(tr("Sample last year"), wave(30, 3900, 600, 0.6))
    return Line(_days(30), (Series(tr("Sample visits"), gap),), band=likely, compare=compare, target=4500)


def _grouped() -> Bars:
    names = tuple(_zones())
    two = (Series(tr("Sample weekdays"), wave(5, 320, 90)), Series(tr("Sample weekends"), wave(5, 450, 120, 2)))
    return Bars(names, two)


def _stacked() -> Bars:
    parts = tuple(Series(name, wave(12, 200 - 20 * i, 50, i)) for i, name in enumerate(_zones()[:4]))
    return Bars(tuple(str(month) for month in range(1, 13)), parts, "stacked")


def _ranked() -> Bars:
    names = tuple(tr("Sample shop {number}", number=i + 1) for i in range(14))
    values = tuple(round(9_800_000 / (i + 1.4)) for i in range(14))
    return Bars(names, (Series(tr("Sample sales"), tuple(map(float, values))),), "ranked", "money")


def _area() -> Area:
    parts = tuple(Series(name, wave(30, 900 - 150 * i, 120, i)) for i, name in enumerate(_zones()[:4]))
    return Area(_days(30), parts)


def _scatter() -> Scatter:
    spots = tuple(
        Spot(
            tr("Sample shop {number}", number=i + 1),
            40 + 30 * math.sin(i * 1.7) + i * 1.2,
            0.1 + 0.06 * math.sin(i * 2.9) + i * 0.002,
            _zones()[i % 3],
            100 + 60 * (i % 7),
        )
        for i in range(42)
    )
    return Scatter(spots, tr("Sample dwell, minutes"), tr("Sample conversion"), "decimal", "percent")


def _histogram() -> Histogram:
    values = [38 + 14 * math.sin(i * 12.9898) + 9 * math.sin(i * 78.233) + 5 * math.cos(i * 3.7) for i in range(600)]
    return Histogram.of(tr("Sample dwell, minutes"), values, unit="decimal")


def _boxes() -> BoxPlot:
    groups = tuple(
        Spread.of(name, [30 + 8 * i + 15 * math.sin(k * 12.9898 + i) ** 3 + (k % 40 == 0) * 28 for k in range(80)])
        for i, name in enumerate(_zones())
    )
    return BoxPlot(groups)


def _hours(theme: ChartTheme) -> HeatMap:
    rows = [
        [round(60 + 240 * math.exp(-((h - 18.5) ** 2) / 9) * (1.5 if d > 4 else 1) + h) for h in range(10, 23)]
        for d in range(7)
    ]  # fmt: skip
    return hour_weekday(rows, list(range(10, 23)), theme)


def _cohorts(theme: ChartTheme) -> Cohorts:
    names = tuple(theme.format.day(dt.date(2026, month, 1), "short") for month in range(1, 9))
    kept = tuple(tuple(1.0 if a == 0 else 0.52 * 0.86**a + 0.01 * c for a in range(8 - c)) for c in range(8))
    return Cohorts(names, tuple(1200 - 40 * i for i in range(8)), kept)


def _matrix() -> Matrix:
    names = (*_zones(), tr("Sample books"))
    return Matrix(names, tuple(tuple(0.05 + 0.3 * abs(math.sin(r * 2 + c * 1.3)) for c in range(6)) for r in range(6)))


def _treemap() -> Treemap:
    tiles = tuple(Tile(tr("Sample shop {number}", number=i + 1), 5200 / (i + 1.6), _zones()[i % 4]) for i in range(18))
    return Treemap(tiles)


def _funnel() -> Funnel:
    names = (tr("Sample passers-by"), tr("Sample visitors"), tr("Sample shop entries"), tr("Sample buyers"))
    return Funnel(tuple(Step(n, v) for n, v in zip(names, (48200.0, 18240.0, 9120.0, 2960.0), strict=True)))


def _sankey() -> Sankey:
    north, south, out = tr("Sample gate north"), tr("Sample gate south"), tr("Sample exit")
    fashion, food, cinema = _zones()[:3]
    flows = ((north, fashion, 420), (north, food, 260), (south, food, 310), (south, cinema, 120), (fashion, food, 180),
             (fashion, out, 240), (food, cinema, 210), (food, out, 540), (cinema, out, 330))  # fmt: skip
    return Sankey(tuple(Flow(a, b, float(v)) for a, b, v in flows))


def _radar() -> Radar:
    spokes = (*_zones(), tr("Sample books"))
    one, other = (0.8, 0.6, 0.9, 0.4, 0.7, 0.5), (0.5, 0.8, 0.6, 0.7, 0.3, 0.6)
    return Radar(spokes, (Series(tr("Sample group A"), one), Series(tr("Sample group B"), other)), 1.0, "percent")


def _waterfall() -> Waterfall:
    steps = ((tr("Sample last year"), 920, True), (tr("Sample new members"), 210, False),
             (tr("Sample larger baskets"), 95, False), (tr("Sample fewer visits"), -140, False),
             (tr("Sample returns"), -38, False), (tr("Sample this year"), math.nan, True))  # fmt: skip
    return Waterfall(tuple(Change(name, value * 100_000.0, total) for name, value, total in steps), "money")


def _pie() -> Pie:
    values = (420.0, 310.0, 160.0, 90.0, 60.0)
    return Pie(tr("Sample visits"), tuple(Part(n, v) for n, v in zip(_zones(), values, strict=True)))


def _network() -> Network:
    nodes = tuple(
        Node(str(i), tr("Sample shop {number}", number=i + 1), 10.0 + 90 / (i + 1), _zones()[i % 3]) for i in range(18)
    )
    links = tuple(Link(str(i), str((i * 7 + 3) % 18), 1.0 + i % 4) for i in range(18) if i != (i * 7 + 3) % 18)
    near = tuple(Link(str(i), str(i % 3), 2.0) for i in range(3, 18))
    hubs = (Link("0", "1", 4.0), Link("1", "2", 3.0))
    return Network(nodes, links + near + hubs, tr("Sample visits"))


def _floor() -> FloorPlan:
    shapes = (
        ((0, 0), (30, 0), (30, 25), (0, 25)),
        ((32, 0), (58, 0), (58, 18), (32, 18)),
        ((60, 0), (100, 0), (100, 40), (76, 40), (60, 25)),
        ((0, 28), (20, 28), (20, 60), (0, 60)),
        ((24, 30), (56, 30), (64, 44), (56, 60), (24, 60)),
        ((70, 46), (100, 46), (100, 60), (70, 60)),
    )  # fmt: skip
    names = (*_zones(), tr("Sample books"))
    values = (820.0, 310.0, 1240.0, 150.0, 990.0, math.nan)
    zones = tuple(Zone(n, s, v, n) for n, s, v in zip(names, shapes, values, strict=True))
    wall = ((-2, -2), (102, -2), (102, 62), (-2, 62), (-2, -2))
    return FloorPlan(zones, (wall,), tr("Sample visits"))


def _warmth() -> FloorHeat:
    plan = _floor()
    squares = tuple(Square(24 + x, 30 + y, 900.0 / (1 + (x - 14) ** 2 + y)) for x in range(0, 32, 2) for y in range(14))
    return FloorHeat(squares, 2.0, tuple(Outline(z.name, z.polygon) for z in plan.zones), tr("Sample visits"))


def _areas() -> AreaMap:
    plan = _floor()
    regions = tuple(
        Region(z.name, ((tuple((x / 5, y / 5) for x, y in z.polygon),),), z.value, z.key) for z in plan.zones
    )
    return AreaMap(regions, (9.0, 5.0), (3.0, 5.0, 10.0), tr("Sample visits"))


def _estimates() -> Intervals:
    rows = (Estimate(_zones()[0], 0.44, 0.41, 0.36, 0.47), Estimate(_zones()[1], 0.56, 0.59, 0.53, 0.64))
    return Intervals(rows, (tr("Sample visits"), tr("Sample last year")))


def _kpi() -> Kpi:
    return Kpi(tr("Sample visits"), 18234, delta=0.064, against=tr("Sample last year"), course=wave(14, 40, 9))


def samples(theme: ChartTheme) -> dict[str, Callable[[], Chart]]:
    """Every kind of chart by a short name."""
    return {
        "kpi": _kpi,
        "sparkline": lambda: Sparkline(tr("Sample visits"), wave(24, 40, 9)),
        "line": _line,
        "bar-grouped": _grouped,
        "bar-stacked": _stacked,
        "bar-ranked": _ranked,
        "area": _area,
        "scatter": _scatter,
        "histogram": _histogram,
        "boxplot": _boxes,
        "heatmap": lambda: _hours(theme),
        "cohorts": lambda: _cohorts(theme),
        "matrix": _matrix,
        "treemap": _treemap,
        "funnel": _funnel,
        "sankey": _sankey,
        "radar": _radar,
        "gauge": lambda: Gauge(tr("Sample people inside"), 742, 1200, target=1000, limit=True),
        "waterfall": _waterfall,
        "pie": _pie,
        "network": _network,
        "floorplan": _floor,
        "floorheat": _warmth,
        "areamap": _areas,
        "intervals": _estimates,
    }
