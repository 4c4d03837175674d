"""The pages, one line each; a page's module is imported when it is first opened."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from types import ModuleType
from typing import cast

from app.ui.catalogue import mark
from app.ui.desk import Desk
from app.ui.page import Page


@dataclass(frozen=True)
class PageCard:
    """A page's name, title (English source), icon, whether it follows the period, and its group in the navigation."""

    name: str
    title: str
    icon: str
    period: bool = True
    group: str = "look"

    def loaded(self) -> bool:
        """Whether the page's module is imported."""
        return f"app.ui.pages.{self.name}" in sys.modules

    def load(self) -> ModuleType:
        """Import the page's module; on any thread, since modules make no widgets."""
        return importlib.import_module(f"app.ui.pages.{self.name}")

    def make(self, desk: Desk) -> Page:
        """Build the page: its module's `make(desk)`."""
        return cast(Page, self.load().make(desk))


PAGES: tuple[PageCard, ...] = (
    PageCard("today", mark("Today"), "home", period=False),
    PageCard("live", mark("Live"), "camera", period=False),
    PageCard("footfall", mark("Footfall"), "footfall", group="place"),
    PageCard("zones", mark("Zones"), "map", group="place"),
    PageCard("demographics", mark("Demographics"), "user", group="place"),
    PageCard("customers", mark("Customers"), "customers", period=False, group="people"),
    PageCard("segments", mark("Segments"), "segment", period=False, group="people"),
    PageCard("catchment", mark("Catchment"), "pin", group="people"),
    PageCard("network", mark("Network"), "link", period=False, group="people"),
    PageCard("journeys", mark("Journeys"), "flow", group="people"),
    PageCard("leads", mark("Leads"), "goal", period=False, group="people"),
    PageCard("insights", mark("Predictive insights"), "insight", period=False, group="people"),
    PageCard("shop", mark("My shop"), "space", group="business"),
    PageCard("sales", mark("Sales"), "receipt", group="business"),
    PageCard("attribution", mark("Attribution"), "campaign", period=False, group="business"),
    PageCard("evaluation", mark("Evaluation"), "event", period=False, group="business"),
    PageCard("money", mark("Money"), "chart", group="business"),
    PageCard("intake", mark("Import"), "import", period=False, group="run"),
    PageCard("jobs", mark("Jobs"), "jobs", period=False, group="run"),
    PageCard("health", mark("Health and sync"), "refresh", period=False, group="run"),
    PageCard("users", mark("Users and roles"), "key", period=False, group="run"),
    PageCard("gateway", mark("Gateway"), "link", period=False, group="run"),
    PageCard("governance", mark("Governance"), "consent", period=False, group="run"),
    PageCard("backup", mark("Backup"), "backup", period=False, group="run"),
    PageCard("setup", mark("Site set-up"), "check", period=False, group="run"),
    PageCard("settings", mark("Settings"), "settings", period=False, group="run"),
)

#: What the navigation writes over each group of pages; nothing over the first.
GROUP_TITLES = {
    "place": mark("The place"),
    "people": mark("Customers and members"),
    "business": mark("Business"),
    "run": mark("This site"),
}
