"""The command palette (Ctrl+K): type a few letters, press Enter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.ui import icons
from app.ui.i18n import tr
from app.ui.shell.commands import Command, matching

WIDTH, HEIGHT = 560, 400
KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class Palette(QDialog):
    """A list that narrows while typing; runs the chosen command after it has closed."""

    def __init__(self, commands: Sequence[Command], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "palette")
        self._commands = list(commands)
        self.chosen: Command | None = None
        self.input = QLineEdit(self)
        self.input.setPlaceholderText(tr("Type a command or a page"))
        self.input.setAccessibleName(tr("Command"))
        self.list = QListWidget(self)
        self.list.setAccessibleName(tr("Commands"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.input)
        layout.addWidget(self.list)
        self.input.textChanged.connect(self.narrow)
        self.input.installEventFilter(self)
        self.input.returnPressed.connect(self.run_current)
        self.list.itemClicked.connect(self.run_item)
        self.resize(WIDTH, HEIGHT)
        place = parent.window().geometry()
        self.move(place.center().x() - WIDTH // 2, place.top() + 72)
        self.narrow("")
        self.input.setFocus()

    def narrow(self, typed: str) -> None:
        """Show the commands that match."""
        self.list.clear()
        for command in matching(self._commands, typed, _title):
            text = f"{_title(command)}    {command.shortcut}" if command.shortcut else _title(command)
            item = QListWidgetItem(icons.icon(command.icon, "muted"), text)
            item.setData(Qt.ItemDataRole.UserRole, command)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys move in the list while typing goes on."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in KEYS:
            self.list.event(event)
            return True
        return super().eventFilter(watched, event)

    def run_current(self) -> None:
        """Run the highlighted command."""
        item = self.list.currentItem()
        if item is not None:
            self.run_item(item)

    def run_item(self, item: QListWidgetItem) -> None:
        """Close, then run the item's command."""
        self.chosen = item.data(Qt.ItemDataRole.UserRole)
        self.accept()
        assert self.chosen is not None
        self.chosen.do()


def _title(command: Command) -> str:
    return tr(command.title)
