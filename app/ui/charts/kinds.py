"""Every kind of chart: the data that it takes and the layout that draws it.

A kind's module is loaded by whoever makes its data, so a page loads only the kinds that it shows.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from app.ui.charts.area import Area
    from app.ui.charts.areamap import AreaMap
    from app.ui.charts.bar import Bars
    from app.ui.charts.boxplot import BoxPlot
    from app.ui.charts.floorheat import FloorHeat
    from app.ui.charts.floorplan import FloorPlan
    from app.ui.charts.funnel import Funnel
    from app.ui.charts.gauge import Gauge
    from app.ui.charts.heatmap import Cohorts, HeatMap
    from app.ui.charts.histogram import Histogram
    from app.ui.charts.intervals import Intervals
    from app.ui.charts.kpi import Kpi, Sparkline
    from app.ui.charts.line import Line
    from app.ui.charts.marks import Mark, Size
    from app.ui.charts.matrix import Matrix
    from app.ui.charts.network import Network
    from app.ui.charts.pie import Pie
    from app.ui.charts.radar import Radar
    from app.ui.charts.sankey import Sankey
    from app.ui.charts.scatter import Scatter
    from app.ui.charts.style import ChartTheme
    from app.ui.charts.treemap import Treemap
    from app.ui.charts.waterfall import Waterfall

Chart: TypeAlias = (
    "Kpi | Sparkline | Line | Bars | Area | Scatter | Histogram | BoxPlot | HeatMap | Cohorts | Matrix | "
    "Treemap | Funnel | Sankey | Radar | Gauge | Waterfall | Pie | Network | FloorPlan | FloorHeat | Intervals | "
    "AreaMap"
)

#: The layout of each data class, a function in the class's own module.
LAYOUTS: dict[str, str] = {
    "Kpi": "kpi_card",
    "Sparkline": "sparkline",
    "Line": "line",
    "Bars": "bars",
    "Area": "area",
    "Scatter": "scatter",
    "Histogram": "histogram",
    "BoxPlot": "box_plot",
    "HeatMap": "heat_map",
    "Cohorts": "cohorts",
    "Matrix": "matrix",
    "Treemap": "treemap",
    "Funnel": "funnel",
    "Sankey": "sankey",
    "Radar": "radar",
    "Gauge": "gauge",
    "Waterfall": "waterfall",
    "Pie": "pie",
    "Network": "network",
    "FloorPlan": "floor_plan",
    "FloorHeat": "floor_heat",
    "Intervals": "intervals",
    "AreaMap": "area_map",
}


def lay_out(data: Chart, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """The marks of any chart; `empty` is the sentence shown when there is nothing to draw."""
    kind = type(data)
    marks: tuple[Mark, ...] = getattr(sys.modules[kind.__module__], LAYOUTS[kind.__name__])(
        data, size, theme, empty=empty
    )
    return marks
