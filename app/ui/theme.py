"""Light and dark: palette for Fusion, one style sheet from tokens, switched at run time."""

from __future__ import annotations

import html
from string import Template
from typing import Literal

from PySide6.QtCore import QDir, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from app.ui.dressing import SCHEME, Dressing, twin
from app.ui.resources import RESOURCES
from app.ui.tokens import BODY, FAMILIES, Scheme, Tokens, load_tokens

Mode = Literal["system", "light", "dark"]
_Role = QPalette.ColorRole
_ROLES: dict[QPalette.ColorRole, str] = {
    _Role.Window: "surface",
    _Role.WindowText: "text",
    _Role.Base: "card",
    _Role.AlternateBase: "card",
    _Role.Text: "text",
    _Role.Button: "card",
    _Role.ButtonText: "text",
    _Role.BrightText: "bad",
    _Role.Highlight: "accent",
    _Role.HighlightedText: "on_accent",
    _Role.Accent: "accent",
    _Role.Link: "accent",
    _Role.LinkVisited: "accent",
    _Role.ToolTipBase: "tooltip",
    _Role.ToolTipText: "on_tooltip",
    _Role.PlaceholderText: "muted",
    _Role.Light: "raised",
    _Role.Midlight: "hover",
    _Role.Mid: "border",
    _Role.Dark: "control",
    _Role.Shadow: "border",
}


class Appearance(QObject):
    """The theme in force. `changed` fires after every widget has the new colours; get it with `appearance()`.

    Where a window is seen, `dressing` puts them on over several turns of the loop.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.mode: Mode = "system"
        self.tokens: Tokens = load_tokens("light")
        self.dressing = Dressing(self)
        self.dressing.done.connect(self.changed)

    def scheme_for(self, mode: Mode) -> Scheme:
        """The scheme that the mode means now; `system` asks the desktop environment."""
        if mode != "system":
            return mode
        dark = QApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return "dark" if dark else "light"

    def apply(self, mode: Mode) -> None:
        """Colours the running application; every window repaints, charts included."""
        self.mode = mode
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            raise RuntimeError("a theme needs a QApplication")
        wanted = self.scheme_for(mode)
        hints = QApplication.styleHints()
        hints.setColorScheme(
            {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark, "system": Qt.ColorScheme.Unknown}[mode]
        )
        self.tokens = load_tokens(wanted)
        QDir.setSearchPaths("atrium", [str(RESOURCES / "theme")])  # where the style sheet's pictures lie
        windows = app.topLevelWidgets()
        fresh = not app.styleSheet() or not any(window.isVisible() for window in windows)
        self.dressing.hold()
        app.setPalette(palette(self.tokens))
        for window in windows:
            window.setProperty(SCHEME, wanted)
        if fresh:
            app.setStyleSheet(both_sheets(wanted))
        self.dressing.begin(styled=fresh)

    def follow_system(self) -> None:
        """Called when the desktop environment switches; changes nothing unless the mode is `system`."""
        if self.mode == "system" and self.tokens.name != self.scheme_for("system"):
            self.apply("system")


class _Held:
    appearance: Appearance | None = None


def appearance() -> Appearance:
    """The process's one `Appearance`."""
    if _Held.appearance is None:
        _Held.appearance = Appearance()
    return _Held.appearance


def tokens() -> Tokens:
    """The colours in force."""
    return appearance().tokens


def start(app: QApplication, mode: Mode = "system") -> None:
    """Dresses a fresh application: Fusion, fonts, colours, and following the system's switch."""
    app.setStyle("Fusion")
    app.setFont(font())
    held = appearance()
    app.styleHints().colorSchemeChanged.connect(held.follow_system, Qt.ConnectionType.UniqueConnection)
    held.apply(mode)


def font(size: int = BODY, *, bold: bool = False) -> QFont:
    """The interface's font at one of the four sizes; bold means semibold."""
    made = QFont()
    made.setFamilies(list(FAMILIES))
    made.setPixelSize(size)
    if bold:
        made.setWeight(QFont.Weight.DemiBold)
    return made


_metrics: dict[tuple[int, bool], QFontMetricsF] = {}


def measure(text: str, size: int, bold: bool) -> float:
    """Width of one line of text in logical pixels."""
    held = _metrics.get((size, bold))
    if held is None:
        held = _metrics[(size, bold)] = QFontMetricsF(font(size, bold=bold))
    return held.horizontalAdvance(text)


def palette(colors: Tokens) -> QPalette:
    """The Fusion palette of the tokens; disabled text is faint."""
    made = QPalette()
    for role, name in _ROLES.items():
        made.setColor(role, QColor(getattr(colors, name)))
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.HighlightedText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(colors.faint))
    return made


def style_sheet(colors: Tokens) -> str:
    """The style sheet with every `$token` filled in; an unknown token is a KeyError."""
    text = (RESOURCES / "theme" / "style.qss").read_text(encoding="utf-8")
    names = {field: getattr(colors, field) for field in Tokens.__slots__ if field != "series"}
    return Template(text).substitute(names)


def both_sheets(first: Scheme) -> str:
    """The style sheet of a scheme, and of the other one for the windows that say so."""
    second: Scheme = "light" if first == "dark" else "dark"
    return style_sheet(load_tokens(first)) + twin(style_sheet(load_tokens(second)), second)


def adopt(window: QWidget) -> None:
    """Tell a new window without a parent which colours are in force."""
    window.setProperty(SCHEME, tokens().name)


def plain(words: str) -> str:
    """Words for a tool tip, which Qt would otherwise read as HTML when a name in the data looks like it."""
    return f"<p style='white-space:pre'>{html.escape(words)}</p>" if "<" in words else words


def set_role(widget: QWidget, **properties: str) -> None:
    """Sets style properties (`role`, `kind`, `tone`, `invalid`) and repolishes the widget where they changed."""
    moved = [name for name, value in properties.items() if widget.property(name) != value]
    for name in moved:
        widget.setProperty(name, properties[name])
    if moved:
        widget.style().unpolish(widget)
        widget.style().polish(widget)
