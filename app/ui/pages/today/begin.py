"""What the Today page shows of an empty site: three ways to begin."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QProcess, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.child import Child, command_line
from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.widgets.progress import ProgressStrip

STEPS: tuple[tuple[str, str, str, str], ...] = (
    ("camera", mark("Count a recording"),
     mark("Give a camera's address or a video file and draw a line where people pass."), mark("Add a camera")),
    ("receipt", mark("Import the till's export"),
     mark("CSV or Excel, with or without line items. Columns are recognised and shown before anything is loaded."),
     mark("Import sales")),
    ("home", mark("Look at a demo mall"),
     mark("400 days of invented visits, sales and members, in a site of its own beside this one."),
     mark("Make the demo mall")),
)  # fmt: skip


class _Way(QFrame):
    """One way to begin: icon, title, sentence and a button."""

    pressed = Signal(int)

    def __init__(self, number: int) -> None:
        super().__init__()
        theme.set_role(self, role="card")
        self._number = number
        self._icon, self._title, self._text = QLabel(), QLabel(), QLabel()
        self._text.setWordWrap(True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop)
        theme.set_role(self._title, role="card-title")
        theme.set_role(self._text, role="muted")
        self.button = QPushButton()
        theme.set_role(self.button, kind="primary" if number == 0 else "")
        self.button.clicked.connect(self._press)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 20)
        column.setSpacing(8)
        column.addWidget(self._icon)
        column.addWidget(self._title)
        column.addWidget(self._text, 1)
        column.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignLeft)
        self.setMinimumHeight(216)
        self.retranslate()
        self.retheme()

    def retranslate(self) -> None:
        """Words in the language in force."""
        _, title, text, action = STEPS[self._number]
        self._title.setText(f"{self._number + 1}.  {tr(title)}")
        self._text.setText(tr(text))
        self.button.setText(tr(action))

    def retheme(self) -> None:
        """The icon in the theme's colour."""
        self._icon.setPixmap(icons.icon(STEPS[self._number][0], "accent").pixmap(QSize(28, 28)))

    def _press(self) -> None:
        self.pressed.emit(self._number)


class Beginning(QWidget):
    """Three cards side by side; the third makes a demo mall in a folder beside the site's and opens it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.child: Child | None = None
        self.heading, self.below = QLabel(), QLabel()
        theme.set_role(self.heading, role="section")
        theme.set_role(self.below, role="muted")
        self.ways = [_Way(number) for number in range(len(STEPS))]
        self.progress = ProgressStrip()
        row = QHBoxLayout()
        row.setSpacing(12)
        for way in self.ways:
            row.addWidget(way, 1)
            way.pressed.connect(self.begin)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.heading)
        column.addWidget(self.below)
        column.addLayout(row)
        column.addWidget(self.progress)
        self.retranslate()

    def begin(self, number: int) -> None:
        """Go to the page of a step, or make the demo mall."""
        if number == 0:
            self.desk.go("live", "add")
        elif number == 1:
            self.desk.go("intake", {"kind": "sales"})
        else:
            self.make_demo()

    @property
    def demo_folder(self) -> Path:
        """Where the demo mall goes."""
        return self.desk.folder.with_name(f"{self.desk.folder.name}-demo")

    def make_demo(self) -> None:
        """Make the demo mall in a process of its own, or open the one that is there."""
        if (self.demo_folder / "site.toml").exists():
            self._open_demo()
            return
        if self.child is not None and self.child.running():
            return
        arguments = ["--site", str(self.demo_folder), "demo", "--days", "400", "--members", "20000", "--seed", "7"]
        self.child = Child([*arguments, "--child"], self)
        self.child.progressed.connect(self.progress.show_report)
        self.child.ended.connect(self._ended)
        self.progress.cancelled.connect(self.child.cancel)
        self.progress.begin(mark("Making the demo mall"))
        self.child.start()

    def close_child(self) -> None:
        """The page goes: what is being made is stopped."""
        if self.child is not None:
            self.child.close()

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.heading.setText(tr("This mall has no data yet. Three ways to begin"))
        self.below.setText(tr("Each takes a minute or two; the pages fill as soon as something is there."))

    def _ended(self, code: int, document: dict[str, object]) -> None:
        self.progress.end()
        if code == 0:
            self._open_demo()
        else:
            sentence = f"{document.get('error', '')} {document.get('step', '')}".strip()
            self.desk.say("{why}", "error", why=sentence)

    def _open_demo(self) -> None:
        program, arguments = command_line(["--site", str(self.demo_folder)])
        QProcess.startDetached(program, arguments)
        self.desk.say("The demo mall opens in a window of its own.", "good")
