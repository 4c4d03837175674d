"""The line that says whether the background service runs, where and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card

if TYPE_CHECKING:
    from app.service.client import ServiceState


class ServiceStrip(Card):
    """`wanted(True)` to start the service, `wanted(False)` to stop it."""

    wanted = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[ServiceState, bool] | None = None
        inside = QWidget()
        self.badge = Badge(parent=inside)
        self.words, self.below = QLabel(), QLabel()
        theme.set_role(self.words, role="card-title")
        theme.set_role(self.below, role="caption")
        self.button = QPushButton()
        self.button.clicked.connect(self._want)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.words)
        words.addWidget(self.below)
        row = QHBoxLayout(inside)
        row.setContentsMargins(0, 0, 0, 4)
        row.setSpacing(12)
        row.addLayout(words, 1)
        row.addWidget(self.badge)
        row.addWidget(self.button)
        self.set_body(inside)

    def show_service(self, service: ServiceState, *, own: bool) -> None:
        """Who runs the site's jobs now; `own` is a service that this desktop started."""
        self._shown = (service, own)
        self.words.setText(tr("Background service"))
        self.button.setVisible(own or not service.running)
        self.button.setText(tr("Stop") if service.running else tr("Start"))
        theme.set_role(self.button, kind="plain" if service.running else "primary")
        if not service.running:
            self.badge.say("Not running", "warning")
            self.below.setText(tr("Nothing runs by the clock and no camera counts until it is started."))
            return
        self.badge.say("Running", "good")
        since = current().datetime(service.since) if service.since else "–"
        where = {"machine": service.owner, "process": service.pid, "since": since}
        self.below.setText(
            tr("Started by this desktop on {machine}, process {process}, since {since}; it ends with it.", **where)
            if own
            else tr("On {machine}, process {process}, since {since}; it is stopped where it was started.", **where)
        )

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        shown = getattr(self, "_shown", None)  # the card translates its title while it is made
        if shown:
            self.show_service(shown[0], own=shown[1])

    def _want(self) -> None:
        self.wanted.emit(self._shown is None or not self._shown[0].running)
