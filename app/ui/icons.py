"""Icons by the project's own names, coloured by the theme's tokens, from the Phosphor font."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractButton

from app.ui import theme

NAMES: dict[str, str] = {
    "add": "plus", "alert": "warning", "back": "caret-left", "backup": "cloud-arrow-up", "bell": "bell",
    "calendar": "calendar-blank", "camera": "video-camera", "campaign": "megaphone", "chart": "chart-bar",
    "check": "check", "clock": "clock", "close": "x", "consent": "shield-check", "copy": "copy",
    "customers": "users-three", "dark": "moon", "database": "database", "delete": "trash", "down": "arrow-down",
    "edit": "pencil-simple", "event": "calendar-check", "export": "download-simple", "file": "file-text",
    "filter": "funnel", "flow": "flow-arrow", "folder": "folder-open", "footfall": "person-simple-walk",
    "forecast": "trend-up", "forward": "caret-right", "gift": "gift", "goal": "target", "help": "question",
    "hide": "eye-slash", "home": "house", "import": "upload-simple", "info": "info", "insight": "lightbulb",
    "jobs": "list-bullets", "key": "key", "keyboard": "keyboard", "language": "translate", "light": "sun",
    "link": "link", "lock": "lock", "loyalty": "crown-simple", "mail": "envelope-simple", "map": "map-trifold",
    "member": "identification-card", "message": "chat-circle-text", "minus": "minus", "more": "dots-three",
    "note": "note", "offline": "wifi-slash", "pause": "pause", "phone": "phone", "pin": "push-pin", "play": "play",
    "print": "printer", "question": "question", "receipt": "receipt", "refresh": "arrows-clockwise",
    "report": "file-text", "robot": "robot", "search": "magnifying-glass", "segment": "chart-pie-slice",
    "send": "paper-plane-tilt", "settings": "gear-six", "show": "eye", "sign-out": "sign-out", "sliders": "sliders",
    "space": "storefront", "star": "star", "stop": "stop", "table": "table", "tag": "tag", "tenant": "buildings",
    "ticket": "ticket", "undo": "arrow-counter-clockwise", "up": "arrow-up", "user": "user", "user-add": "user-plus",
    "workflow": "tree-structure", "full": "corners-out", "redo": "arrow-clockwise",
}  # fmt: skip
"""The project's own names for icons, so that the font behind them can change."""

SIZES = (16, 18, 20, 24)
FONT, CODES = "phosphor-1.3.0.ttf", "phosphor-charmap-1.3.0.json"
_held: dict[tuple[str, str], QIcon] = {}


def icon(name: str, color: str = "") -> QIcon:
    """The icon `name` in a token colour (`text` unless told, or any field of Tokens); KeyError for an unknown name."""
    tokens = theme.tokens()
    wanted = getattr(tokens, color or "text")
    key = (name, wanted)
    if key not in _held:
        glyph = _glyphs()[NAMES[name]]
        _held[key] = made = QIcon()
        _draw(made, glyph, wanted, QIcon.Mode.Normal)
        if color == "on_accent":  # a button that cannot be pressed has lost its accent, on which alone this is seen
            _draw(made, glyph, tokens.faint, QIcon.Mode.Disabled)
    return _held[key]


def set_icon(button: QAbstractButton, name: str, color: str = "") -> None:
    """Gives the button the icon now; call again from the widget's `retheme()` to recolour it."""
    button.setIcon(icon(name, color))


def _draw(made: QIcon, glyph: str, color: str, mode: QIcon.Mode) -> None:
    """The glyph at the sizes that buttons use, for plain and for doubled screens."""
    for size in SIZES:
        for ratio in (1, 2):
            pixmap = QPixmap(size * ratio, size * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            font = QFont(_family())
            font.setPixelSize(round(size * 0.95))
            painter.setFont(font)
            painter.setPen(QColor(color))
            painter.drawText(QRectF(0, 0, size, size), Qt.AlignmentFlag.AlignCenter, glyph)
            painter.end()
            made.addPixmap(pixmap, mode)


@cache
def _fonts() -> Path:
    """QtAwesome's font files. Its code is not imported: that costs 0.1 s at the desktop's start."""
    found = find_spec("qtawesome")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent / "fonts"


@cache
def _family() -> str:
    return QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(_fonts() / FONT)))[0]


@cache
def _glyphs() -> dict[str, str]:
    """The character of each of the font's names."""
    codes: dict[str, str] = json.loads((_fonts() / CODES).read_text("utf-8"))
    return {name: chr(int(code, 16)) for name, code in codes.items()}
