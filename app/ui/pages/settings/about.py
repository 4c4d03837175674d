"""What the settings page shows and nobody changes there: the site's facts, versions and licences."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from app.ui import theme
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.widgets.card import Card
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable
from models.site import Site

PARTS = (
    "PySide6-Essentials", "SQLAlchemy", "sqlcipher3", "duckdb", "pyarrow", "numpy", "scipy", "scikit-learn", "openvino",
    "opencv-python-headless", "pyqtgraph", "APScheduler", "QtAwesome", "python-calamine", "XlsxWriter",
    "holidays", "scikit-network", "lightgbm", "splink", "sqlglot",
)  # fmt: skip
VERSION = "0.1.0"


@dataclass(frozen=True)
class Library:
    """A library that Atrium is built with; version and licence as its own metadata say."""

    name: str
    version: str
    licence: str


def libraries() -> tuple[Library, ...]:
    """Those that are installed."""
    found = []
    for name in PARTS:
        try:
            found.append(Library(name, metadata.version(name), _licence(metadata.metadata(name))))
        except metadata.PackageNotFoundError:
            continue
    return tuple(found)


def _licence(facts: metadata.PackageMetadata) -> str:
    """The expression where there is one; older packages hold a name, a classifier or the whole text."""
    for key in ("License-Expression", "License"):
        text = str(facts[key] or "").strip() if key in facts else ""
        if text and len(text) <= 60 and "\n" not in text:
            return text
    named = [str(c).rpartition(" :: ")[2] for c in facts.get_all("Classifier") or [] if str(c).startswith("License")]
    return ", ".join(named)


class SiteCard(Card):
    """Name, zone and currency: read only, because figures already stored rest on them."""

    FACTS = (
        ("name", mark("Name")), ("code", mark("Code")), ("time_zone", mark("Time zone")),
        ("currency", mark("Currency")), ("country", mark("Country")), ("day_starts", mark("Business day begins")),
        ("folder", mark("Folder")), ("kind", mark("Data")),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__("Site", "These stand in site.toml, which IT owns: figures already stored rest on them.")
        inside = QWidget()
        self._form = QFormLayout(inside)
        self._form.setContentsMargins(0, 4, 0, 4)
        self._form.setHorizontalSpacing(24)
        self._form.setVerticalSpacing(8)
        self._labels: dict[str, QLabel] = {}
        self._facts: dict[str, QLabel] = {}
        for key, _ in self.FACTS:
            self._labels[key], self._facts[key] = QLabel(), QLabel()
            theme.set_role(self._labels[key], role="muted")
            self._facts[key].setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts[key].setWordWrap(True)
            self._form.addRow(self._labels[key], self._facts[key])
        self.set_body(inside)
        self.show_names()

    def show_site(self, site: Site) -> None:
        """The site's facts."""
        country = f"{site.country}-{site.subdivision}" if site.subdivision else site.country
        values = {
            "name": site.name, "code": site.code, "time_zone": site.time_zone, "currency": site.currency,
            "country": country, "day_starts": current().minute(site.day_starts_minute),
            "folder": str(site.folder.resolve()),
            "kind": tr("Demo: every figure is invented") if site.demo else tr("Real"),
        }  # fmt: skip
        for key, value in values.items():
            self._facts[key].setText(value)
        self.show_names()

    def show_names(self) -> None:
        """The facts' names in the language in force."""
        for key, name in self.FACTS:
            self._labels[key].setText(tr(name))


class AboutCard(Card):
    """Versions and licences, for whoever has to ask or to answer."""

    def __init__(self) -> None:
        super().__init__("About", "Atrium {version}. Built with these libraries, each under its own licence.")
        self.set_title("About", "Atrium {version}. Built with these libraries, each under its own licence.",
                       version=VERSION)  # fmt: skip
        self.table = DataTable(
            (Column("name", "Library"), Column("version", "Version", width=140), Column("licence", "Licence")),
            "Libraries", filterable=False,
        )  # fmt: skip
        self.set_body(self.table)

    def show_libraries(self, found: tuple[Library, ...]) -> None:
        """One row a library; the card is as tall as they are, because the page scrolls."""
        self.table.set_rows(found)
        self.table.setFixedHeight(32 * (len(found) + 1) + 44)
