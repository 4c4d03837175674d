"""Charts as files: PNG at twice the size, SVG, or one PDF page of the chart's own shape."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRect, QRectF, QSize, QSizeF
from PySide6.QtGui import QColor, QImage, QPageLayout, QPageSize, QPaintDevice, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from app.ui.catalogue import tr
from app.ui.charts.marks import Mark, Size
from app.ui.charts.paint import paint
from models.errors import Known

FORMATS = ("png", "svg", "pdf")


def save(marks: Sequence[Mark], size: Size, background: str, path: Path) -> None:
    """Writes the marks to `path`, the format from its suffix; Known when the file cannot be written."""
    kind = path.suffix.lower().lstrip(".")
    writers = {"png": _png, "svg": _svg, "pdf": _pdf}
    if kind not in writers:
        raise Known(tr("A chart cannot be saved as {suffix}.", suffix=path.suffix), tr("Choose PNG, SVG or PDF."))
    if not writers[kind](marks, size, background, path):
        sentence = tr("The chart could not be written to {path}.", path=str(path))
        raise Known(sentence, tr("Choose another folder."))


def image(marks: Sequence[Mark], size: Size, background: str, scale: float = 2.0) -> QImage:
    """The chart as a picture, `scale` device pixels to a logical one."""
    made = QImage(round(size.width * scale), round(size.height * scale), QImage.Format.Format_ARGB32_Premultiplied)
    made.setDevicePixelRatio(scale)
    made.fill(QColor(background))
    painter = QPainter(made)
    paint(painter, marks)
    painter.end()
    return made


def _png(marks: Sequence[Mark], size: Size, background: str, path: Path) -> bool:
    return image(marks, size, background).save(str(path))


def _svg(marks: Sequence[Mark], size: Size, background: str, path: Path) -> bool:
    writer = QSvgGenerator()
    writer.setFileName(str(path))
    writer.setSize(QSize(round(size.width), round(size.height)))
    writer.setViewBox(QRect(0, 0, round(size.width), round(size.height)))
    return _draw(writer, marks, size, background)


def _pdf(marks: Sequence[Mark], size: Size, background: str, path: Path) -> bool:
    writer = QPdfWriter(str(path))
    points = QSizeF(size.width * 0.75, size.height * 0.75)
    page = QPageSize(points, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    writer.setResolution(96)
    return _draw(writer, marks, size, background)


def _draw(device: QPaintDevice, marks: Sequence[Mark], size: Size, background: str) -> bool:
    painter = QPainter()
    if not painter.begin(device):
        return False
    painter.fillRect(QRectF(0, 0, size.width, size.height), QColor(background))
    paint(painter, marks)
    return painter.end()
