"""The first start: look at the demo mall, make a new site, or open one that exists."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from app.ui import theme
from app.ui.child import Child
from app.ui.i18n import tr
from app.ui.widgets.card import Card

ZONES = (
    ("Asia/Shanghai", "CNY", "CN"), ("Asia/Hong_Kong", "HKD", "HK"), ("Asia/Singapore", "SGD", "SG"),
    ("Asia/Tokyo", "JPY", "JP"), ("Asia/Bangkok", "THB", "TH"), ("Australia/Melbourne", "AUD", "AU"),
    ("Europe/Istanbul", "TRY", "TR"), ("Europe/London", "GBP", "GB"), ("Europe/Berlin", "EUR", "DE"),
    ("America/New_York", "USD", "US"), ("America/Los_Angeles", "USD", "US"),
)  # fmt: skip


class FirstRun(QWidget):
    """Shown where the folder holds no site; `opened(Path)` once there is one."""

    opened = Signal(object)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.child: Child | None = None
        self.setWindowTitle("Atrium")
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.resize(880, 560)
        self.name = QLineEdit(tr("My mall"))
        self.zone = QComboBox()
        self.zone.addItems([f"{zone} ({currency})" for zone, currency, _ in ZONES])
        self.bar = QProgressBar()
        self.bar.setVisible(False)
        self.says = QLabel()
        self.says.setWordWrap(True)
        self.stop = QPushButton(tr("Cancel"))
        self.stop.setVisible(False)
        self.stop.clicked.connect(self._cancel)
        self._buttons: list[QPushButton] = []
        self._lay_out()

    def make_demo(self) -> None:
        """Make the demo mall in the folder, in a process of its own."""
        self._start(["demo", "--days", "400", "--members", "20000", "--seed", "7"])

    def make_site(self) -> None:
        """Make an empty site in the folder."""
        zone, currency, country = ZONES[self.zone.currentIndex()]
        name = self.name.text().strip() or "My mall"
        place = ("--time-zone", zone, "--currency", currency, "--country", country)
        self._start(["init", "--name", name, *place])

    def open_folder(self) -> None:
        """Choose a folder that holds a site."""
        chosen = QFileDialog.getExistingDirectory(self, tr("The site's folder"), str(self.folder.parent))
        if not chosen:
            return
        if (Path(chosen) / "site.toml").exists():
            self.opened.emit(Path(chosen))
        else:
            self.says.setText(tr("There is no site in {folder}.", folder=chosen))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing stops what is being made."""
        if self.child and self.child.running():
            self.child.kill()
        super().closeEvent(event)

    def _start(self, arguments: list[str]) -> None:
        self._busy(True)
        self.child = Child(
            ["--site", str(self.folder), *arguments, *(["--child"] if arguments[0] == "demo" else [])], self
        )
        self.child.progressed.connect(self._progress)
        self.child.ended.connect(self._ended)
        self.child.start()

    def _progress(self, report: dict[str, object]) -> None:
        total, done = report.get("total"), report.get("done")
        if isinstance(total, int) and isinstance(done, int):
            self.bar.setRange(0, total)
            self.bar.setValue(done)
        self.says.setText(str(report.get("what", "")))

    def _ended(self, code: int, document: dict[str, object]) -> None:
        self._busy(False)
        if code == 0:
            self.opened.emit(self.folder)
        else:
            self.says.setText(f"{document.get('error', '')} {document.get('step', '')}".strip())

    def _cancel(self) -> None:
        if self.child:
            self.child.cancel()

    def _busy(self, busy: bool) -> None:
        self.bar.setVisible(busy)
        self.bar.setRange(0, 0)
        self.stop.setVisible(busy)
        for button in self._buttons:
            button.setEnabled(not busy)

    def _lay_out(self) -> None:
        title = QLabel(tr("Welcome to Atrium"))
        theme.set_role(title, role="title")
        where = QLabel(tr("There is no site in {folder} yet. How do you want to begin?", folder=str(self.folder)))
        where.setWordWrap(True)
        theme.set_role(where, role="muted")
        form = QWidget()
        fields = QFormLayout(form)
        fields.setContentsMargins(0, 8, 0, 8)
        fields.setSpacing(8)
        fields.addRow(tr("Name"), self.name)
        fields.addRow(tr("Place"), self.zone)
        cards = QHBoxLayout()
        cards.setSpacing(12)
        cards.addWidget(self._card(
            tr("Look at a demo mall"),
            tr("A made-up mall with 400 days of visits, sales and members, marked as a demo. Takes about a minute."),
            tr("Make the demo mall"), self.make_demo, primary=True,
        ), 1)  # fmt: skip
        cards.addWidget(self._card(
            tr("Start a new site"),
            tr("An empty site for your mall. Next, import the till's export or count a recording."),
            tr("Make the site"), self.make_site, form,
        ), 1)  # fmt: skip
        cards.addWidget(self._card(
            tr("Open a site"), tr("A folder that holds a site already, with its key on this machine."),
            tr("Choose a folder…"), self.open_folder,
        ), 1)  # fmt: skip
        down = QVBoxLayout(self)
        down.setContentsMargins(48, 40, 48, 32)
        down.setSpacing(12)
        down.addWidget(title)
        down.addWidget(where)
        down.addSpacing(12)
        down.addLayout(cards)
        down.addStretch(1)
        down.addWidget(self.says)
        foot = QHBoxLayout()
        foot.addWidget(self.bar, 1)
        foot.addWidget(self.stop)
        down.addLayout(foot)

    def _card(
        self, title: str, text: str, action: str, do: object, form: QWidget | None = None, *, primary: bool = False
    ) -> Card:
        card = Card(title)
        inside = QWidget()
        down = QVBoxLayout(inside)
        down.setContentsMargins(0, 0, 0, 0)
        words = QLabel(text)
        words.setWordWrap(True)
        theme.set_role(words, role="muted")
        down.addWidget(words)
        if form is not None:
            down.addWidget(form)
        down.addStretch(1)
        button = QPushButton(action)
        theme.set_role(button, kind="primary" if primary else "plain")
        button.clicked.connect(do)
        self._buttons.append(button)
        down.addWidget(button)
        card.set_body(inside)
        card.setMinimumSize(240, 264)
        return card
