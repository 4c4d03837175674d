"""Every kind of chart: the data that it takes and the layout that draws it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.ui.charts.kpi import Kpi, Sparkline, kpi_card, sparkline
from app.ui.charts.marks import Mark, Size
from app.ui.charts.style import ChartTheme

Chart = Kpi | Sparkline

LAYOUTS: dict[type, Callable[..., tuple[Mark, ...]]] = {Kpi: kpi_card, Sparkline: sparkline}


def lay_out(data: Chart, size: Size, theme: ChartTheme, *, empty: str = "") -> tuple[Mark, ...]:
    """The marks of any chart; `empty` is the sentence shown when there is nothing to draw."""
    layout: Callable[..., tuple[Mark, ...]] = LAYOUTS[type(data)]
    return layout(data, size, theme, empty=empty)


def is_chart(value: Any) -> bool:
    """Whether the value is data of a known kind."""
    return type(value) in LAYOUTS
