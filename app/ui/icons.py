"""Named icons, drawn from the Phosphor font by QtAwesome in the theme's colours."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QIcon
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
    "workflow": "tree-structure",
}  # fmt: skip
"""The project's own names for icons, so that the font behind them can change."""

_held: dict[tuple[str, str, str], QIcon] = {}


class _Font:
    made: Any = None


def icon(name: str, color: str = "") -> QIcon:
    """The icon `name` in a token colour (`text` unless told, or any field of Tokens); KeyError for an unknown name."""
    colors = theme.tokens()
    wanted = getattr(colors, color or "text")
    key = (name, wanted, colors.faint)
    if key not in _held:
        _held[key] = _font().icon(f"ph.{NAMES[name]}", color=wanted, color_disabled=colors.faint)
    return _held[key]


def set_icon(button: QAbstractButton, name: str, color: str = "") -> None:
    """Gives the button the icon now; call again from the widget's `retheme()` to recolour it."""
    button.setIcon(icon(name, color))


def _font() -> Any:
    if _Font.made is None:
        import qtawesome  # 0.1 s, so only with the first icon

        _Font.made = qtawesome.IconicFont(("ph", "phosphor-1.3.0.ttf", "phosphor-charmap-1.3.0.json"))
    return _Font.made
