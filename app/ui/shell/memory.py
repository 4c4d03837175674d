"""What the desktop remembers for a person between starts: window, page, theme, language, period."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths


class Memory:
    """A small file of the person's, not of the site's: `ATRIUM_STATE` or the system's configuration folder."""

    def __init__(self) -> None:
        place = os.environ.get("ATRIUM_STATE") or QStandardPaths.writableLocation(
            QStandardPaths.StandardLocation.GenericConfigLocation
        )
        self._settings = QSettings(str(Path(place) / "atrium" / "desktop.ini"), QSettings.Format.IniFormat)

    def text(self, name: str, default: str = "") -> str:
        """A remembered word."""
        return str(self._settings.value(name, default))

    def keep(self, name: str, value: str) -> None:
        """Remember a word."""
        self._settings.setValue(name, value)

    def geometry(self) -> QByteArray:
        """Where the window stood; empty at first."""
        value = self._settings.value("geometry", QByteArray())
        return value if isinstance(value, QByteArray) else QByteArray()

    def keep_geometry(self, geometry: QByteArray) -> None:
        """Remember where the window stands."""
        self._settings.setValue("geometry", geometry)
        self._settings.sync()
