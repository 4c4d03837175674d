"""Redraw of 30 days of 15-minute figures of 20 gates, against a bare QPainter polyline of the same points.

Run: python benchmarks/charts_redraw.py [--frames 40] [--json]
Both sides are timed in turn in the same run, so the ratio holds on a busy or slow machine. The target is two frames
of a 60 Hz screen, 33.3 ms, for one full redraw after the view has moved.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QApplication

from app.ui import theme
from app.ui.charts.data import Series
from app.ui.charts.series import Dense, SeriesPlot, hue

DAYS, GATES, STEP = 30, 20, 900_000
WIDE, TALL = 1366, 480
FRAME_MS = 1000 / 60


def figures() -> Dense:
    """Made-up counts with the shape of a mall's day; the same on every run."""
    count = DAYS * 96
    at = tuple(1_788_192_000_000 + i * STEP for i in range(count))
    series = []
    for gate in range(GATES):
        values = (
            max(0.0, math.sin((i % 96 - 36) / 56 * math.pi)) * (80 + 7 * gate) + 12 * math.sin(i * 12.9898 + gate)
            for i in range(count)
        )
        series.append(Series(f"Made-up gate {gate + 1}", tuple(max(0.0, round(v)) for v in values)))
    return Dense(at, tuple(series))


def bare(polygons: list[QPolygonF]) -> float:
    """Milliseconds to draw the polylines and nothing else."""
    picture = QImage(WIDE, TALL, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(Qt.GlobalColor.white)
    begin = time.perf_counter()
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for index, polygon in enumerate(polygons):
        painter.setPen(QPen(QColor(hue(index)), 1))
        painter.drawPolyline(polygon)
    painter.end()
    return (time.perf_counter() - begin) * 1000


def redraw(plot: SeriesPlot, shift: float) -> float:
    """Milliseconds from a moved view to the finished picture of the whole widget."""
    inner = plot._plot
    if inner is None:
        raise RuntimeError("the plot shows nothing")
    low, high = inner._ends
    inner.getPlotItem().setXRange(low + shift, high, padding=0)
    picture = QImage(plot.size(), QImage.Format.Format_ARGB32_Premultiplied)
    begin = time.perf_counter()
    plot.render(picture)
    return (time.perf_counter() - begin) * 1000


def main() -> None:
    """Prints medians, the ratio and the frames used; exit 1 above two frames."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    theme.start(QApplication([]), "light")
    data = figures()
    top = max(max(series.values) for series in data.series)
    step = WIDE / len(data.at)
    polygons = [
        QPolygonF([QPointF(i * step, TALL * (1 - v / top)) for i, v in enumerate(series.values)])
        for series in data.series
    ]
    plot = SeriesPlot("Entries by gate")
    plot.resize(WIDE, TALL)
    plot.show_series(data)
    plot.show()
    QApplication.processEvents()
    ours, theirs = [], []
    for frame in range(chosen.frames + 3):
        theirs.append(bare(polygons))
        ours.append(redraw(plot, (frame % 7) * 900.0))
    mine, base = statistics.median(ours[3:]), statistics.median(theirs[3:])
    result = {
        "points": GATES * len(data.at), "redraw_ms": round(mine, 2), "bare_ms": round(base, 2),
        "ratio": round(mine / base, 2), "frames": round(mine / FRAME_MS, 2), "target_frames": 2,
        "worst_ms": round(max(ours[3:]), 2),
    }  # fmt: skip
    print(json.dumps(result) if chosen.json else "\n".join(f"{name:14} {value}" for name, value in result.items()))
    plot.close()
    sys.exit(0 if mine <= 2 * FRAME_MS else 1)


if __name__ == "__main__":
    main()
