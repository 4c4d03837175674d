"""Above one camera's picture: its name and state, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from app.ui import icons, theme
from app.ui.i18n import mark, tr
from app.ui.pages.live.state import CameraView
from app.ui.widgets.badge import Badge, Tone
from app.ui.widgets.elided import ElidedLabel
from app.ui.widgets.picture import LAYERS

LAYER_NAMES = (
    ("lines", mark("Lines")), ("zones", mark("Zones")), ("people", mark("People")), ("trails", mark("Trails")),
)  # fmt: skip


class CameraBar(QWidget):
    """Signals say what a person wants; `layers_changed(frozenset)` what is to be drawn over the picture."""

    left = Signal()
    stepped = Signal(int)
    played = Signal()
    count_wanted = Signal()
    setup_wanted = Signal()
    accuracy_wanted = Signal()
    remove_wanted = Signal()
    layers_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.back, self.previous, self.next = QPushButton(), QToolButton(), QToolButton()
        self.name = ElidedLabel()
        theme.set_role(self.name, role="section")
        theme.set_role(self.back, kind="quiet")
        self.state, self.reduced = Badge(parent=self), Badge(parent=self)
        self.play, self.count = QPushButton(), QPushButton()
        self.accuracy, self.setup = QPushButton(), QPushButton()
        self.layers, self.more = QToolButton(), QToolButton()
        self._playing = self._ended = self._counted = False
        self._actions = {key: QAction(self, checkable=True, checked=True) for key, _ in LAYER_NAMES}
        self._remove = QAction(self)
        self._kept: frozenset[str] = LAYERS
        self._lay_out()
        self._connect()
        self.retheme()
        self.retranslate()

    def show_camera(self, camera: CameraView, now: int, *, counting: bool, place: int, among: int) -> None:
        """The camera's name, and what can be done with its kind."""
        self.name.setText(camera.record.name)
        for button in (self.previous, self.next):
            button.setVisible(among > 1)
            button.setToolTip(f"{button.accessibleName()} ({place + 1}/{among})")
        self.play.setVisible(camera.recording and not camera.wrong)
        self._counted = any(line.n_in is not None for line in camera.lines)
        self._say_count()
        self.count.setVisible(camera.recording)
        self.count.setEnabled(not counting and not camera.wrong)
        self.accuracy.setEnabled(camera.checkable)

    def say_state(self, words: str, tone: Tone, *, reduced: bool) -> None:
        """The state in words, and whether it counts with reduced accuracy."""
        self.state.say("{state}", tone, state=words)
        self.reduced.say("Reduced accuracy" if reduced else "", "warning")

    def show_play(self, *, playing: bool, ended: bool, counting: bool) -> None:
        """Whether a recording runs, or has come to its end."""
        self._playing, self._ended = playing, ended
        self.play.setEnabled(not counting)
        self._say_play()
        self.retheme()

    def toggle_layers(self) -> None:
        """Everything over the picture off, or what was there on again."""
        on = self._layers()
        if on:
            self._kept = on
        wanted = frozenset() if on else self._kept
        for key, action in self._actions.items():
            action.setChecked(key in wanted)

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.back.setText(tr("All cameras"))
        self._say_count()
        self.accuracy.setText(tr("Check accuracy"))
        self.setup.setText(tr("Set up"))
        for button, name in (
            (self.previous, tr("Previous camera")), (self.next, tr("Next camera")),
            (self.layers, tr("What is drawn over the picture (O)")), (self.more, tr("More")),
        ):  # fmt: skip
            button.setToolTip(name)
            button.setAccessibleName(name)
        for key, name in LAYER_NAMES:
            self._actions[key].setText(tr(name))
        self._remove.setText(tr("Remove"))
        self._say_play()

    def retheme(self) -> None:
        """Icons in the colours in force."""
        for button, icon in (
            (self.back, "back"), (self.previous, "back"), (self.next, "forward"), (self.more, "more"),
            (self.layers, "show" if self._layers() else "hide"), (self.setup, "edit"), (self.accuracy, "check"),
            (self.play, "pause" if self._playing else "play"),
        ):  # fmt: skip
            icons.set_icon(button, icon, "accent" if button is self.back else "text")

    def _say_count(self) -> None:
        """A recording that is counted can be counted again, but nothing waits for it."""
        self.count.setText(tr("Count it again") if self._counted else tr("Count it now"))
        theme.set_role(self.count, kind="" if self._counted else "primary")

    def _say_play(self) -> None:
        if self._playing:
            self.play.setText(tr("Pause"))
        else:
            self.play.setText(tr("Watch it again") if self._ended else tr("Watch it live"))

    def _layers(self) -> frozenset[str]:
        return frozenset(key for key, action in self._actions.items() if action.isChecked())

    def _layers_moved(self) -> None:
        self.retheme()
        self.layers_changed.emit(self._layers())

    def _back_step(self) -> None:
        self.stepped.emit(-1)

    def _next_step(self) -> None:
        self.stepped.emit(1)

    def _connect(self) -> None:
        self.back.clicked.connect(self.left)
        self.previous.clicked.connect(self._back_step)
        self.next.clicked.connect(self._next_step)
        self.play.clicked.connect(self.played)
        self.count.clicked.connect(self.count_wanted)
        self.setup.clicked.connect(self.setup_wanted)
        self.accuracy.clicked.connect(self.accuracy_wanted)
        self._remove.triggered.connect(self.remove_wanted)
        for action in self._actions.values():
            action.toggled.connect(self._layers_moved)

    def shortcuts_on(self, view: QWidget) -> None:
        """Arrow keys go to other cameras, Esc back, O hides what is drawn, while the view has the keyboard."""
        for key, slot in (
            (Qt.Key.Key_Left, self._back_step), (Qt.Key.Key_Right, self._next_step),
            (Qt.Key.Key_Escape, self.left), (Qt.Key.Key_O, self.toggle_layers),
        ):  # fmt: skip
            shortcut = QShortcut(QKeySequence(key), view)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)

    def _lay_out(self) -> None:
        menu = QMenu(self)
        for action in self._actions.values():
            menu.addAction(action)
        self.layers.setMenu(menu)
        self.layers.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        others = QMenu(self)
        others.addAction(self._remove)
        self.more.setMenu(others)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self.back, self.previous, self.next):
            row.addWidget(widget)
        row.addWidget(self.name, 1)
        for each in (
            self.state, self.reduced, self.play, self.count, self.accuracy, self.setup, self.layers, self.more
        ):  # fmt: skip
            row.addWidget(each)
