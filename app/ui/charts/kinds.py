"""Every kind of chart: the data that it takes and the layout that draws it."""

from __future__ import annotations

from collections.abc import Callable

from app.ui.charts.area import Area, area
from app.ui.charts.bar import Bars, bars
from app.ui.charts.boxplot import BoxPlot, box_plot
from app.ui.charts.floorplan import FloorPlan, floor_plan
from app.ui.charts.funnel import Funnel, funnel
from app.ui.charts.gauge import Gauge, gauge
from app.ui.charts.heatmap import Cohorts, HeatMap, cohorts, heat_map
from app.ui.charts.histogram import Histogram, histogram
from app.ui.charts.kpi import Kpi, Sparkline, kpi_card, sparkline
from app.ui.charts.line import Line, line
from app.ui.charts.marks import Mark, Size
from app.ui.charts.matrix import Matrix, matrix
from app.ui.charts.network import Network, network
from app.ui.charts.pie import Pie, pie
from app.ui.charts.radar import Radar, radar
from app.ui.charts.sankey import Sankey, sankey
from app.ui.charts.scatter import Scatter, scatter
from app.ui.charts.style import ChartTheme
from app.ui.charts.treemap import Treemap, treemap
from app.ui.charts.waterfall import Waterfall, waterfall

Chart = (
    Kpi | Sparkline | Line | Bars | Area | Scatter | Histogram | BoxPlot | HeatMap | Cohorts | Matrix
    | Treemap | Funnel | Sankey | Radar | Gauge | Waterfall | Pie | Network | FloorPlan
)  # fmt: skip

LAYOUTS: dict[type, Callable[..., tuple[Mark, ...]]] = {
    Kpi: kpi_card,
    Sparkline: sparkline,
    Line: line,
    Bars: bars,
    Area: area,
    Scatter: scatter,
    Histogram: histogram,
    BoxPlot: box_plot,
    HeatMap: heat_map,
    Cohorts: cohorts,
    Matrix: matrix,
    Treemap: treemap,
    Funnel: funnel,
    Sankey: sankey,
    Radar: radar,
    Gauge: gauge,
    Waterfall: waterfall,
    Pie: pie,
    Network: network,
    FloorPlan: floor_plan,
}


def lay_out(data: Chart, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """The marks of any chart; `empty` is the sentence shown when there is nothing to draw."""
    return LAYOUTS[type(data)](data, size, theme, empty=empty)
