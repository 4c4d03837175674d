"""Charts as files: PNG at twice the size, SVG, or one PDF page of the chart's own shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRect, QRectF, QSize, QSizeF
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPageLayout, QPageSize, QPaintDevice, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from app.ui import demo, theme
from app.ui.catalogue import tr
from app.ui.charts.marks import Mark, Size
from app.ui.charts.paint import paint
from models.errors import Known

FORMATS = ("png", "svg", "pdf")
STRIP = 24.0
"""Height of the line that says of a demo mall that its figures are invented."""


Draw = Callable[[QPainter], None]


def save(marks: Sequence[Mark], size: Size, background: str, path: Path) -> None:
    """Writes the marks to `path`, the format from its suffix; Known when the file cannot be written."""
    save_drawing(partial(paint, marks=marks), size, background, path)


def save_drawing(draw: Draw, size: Size, background: str, path: Path) -> None:
    """Writes whatever `draw` draws at the size; the format from the suffix; Known when it cannot be written."""
    draw, size = _stamped(draw, size)
    kind = path.suffix.lower().lstrip(".")
    writers = {"png": _png, "svg": _svg, "pdf": _pdf}
    if kind not in writers:
        raise Known(tr("A chart cannot be saved as {suffix}.", suffix=path.suffix), tr("Choose PNG, SVG or PDF."))
    if not writers[kind](draw, size, background, path):
        sentence = tr("The chart could not be written to {path}.", path=str(path))
        raise Known(sentence, tr("Choose another folder."))


def image(marks: Sequence[Mark], size: Size, background: str, scale: float = 2.0) -> QImage:
    """The chart as a picture, `scale` device pixels to a logical one."""
    return _image(*_stamped(partial(paint, marks=marks), size), background, scale)


def _stamped(draw: Draw, size: Size) -> tuple[Draw, Size]:
    """The drawing below the warning that a demo mall's exports carry; as it is for a real site."""
    words = demo.note()
    return (partial(_draw_stamped, draw, words, size), Size(size.width, size.height + STRIP)) if words else (draw, size)


def _draw_stamped(draw: Draw, words: str, size: Size, painter: QPainter) -> None:
    colors = theme.tokens()
    painter.fillRect(QRectF(0, 0, size.width, STRIP), QColor(colors.warning_soft))
    painter.setFont(theme.font(12, bold=True))
    painter.setPen(QColor(colors.warning))
    rise = (STRIP + QFontMetricsF(painter.font()).capHeight()) / 2
    painter.drawText(8, round(rise), words)
    painter.translate(0, STRIP)
    draw(painter)


def _image(draw: Draw, size: Size, background: str, scale: float) -> QImage:
    made = QImage(round(size.width * scale), round(size.height * scale), QImage.Format.Format_ARGB32_Premultiplied)
    made.setDevicePixelRatio(scale)
    _draw(made, draw, size, background)
    return made


def _png(draw: Draw, size: Size, background: str, path: Path) -> bool:
    return _image(draw, size, background, 2.0).save(str(path))


def _svg(draw: Draw, size: Size, background: str, path: Path) -> bool:
    if not path.parent.is_dir():
        return False
    writer = QSvgGenerator()
    writer.setFileName(str(path))
    writer.setSize(QSize(round(size.width), round(size.height)))
    writer.setViewBox(QRect(0, 0, round(size.width), round(size.height)))
    return _draw(writer, draw, size, background)


def _pdf(draw: Draw, size: Size, background: str, path: Path) -> bool:
    if not path.parent.is_dir():
        return False
    writer = QPdfWriter(str(path))
    points = QSizeF(size.width * 0.75, size.height * 0.75)
    page = QPageSize(points, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    writer.setResolution(96)
    return _draw(writer, draw, size, background)


def _draw(device: QPaintDevice, draw: Draw, size: Size, background: str) -> bool:
    painter = QPainter()
    if not painter.begin(device):
        return False
    painter.fillRect(QRectF(0, 0, size.width, size.height), QColor(background))
    draw(painter)
    return painter.end()
