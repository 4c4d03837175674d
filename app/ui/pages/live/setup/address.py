"""First step: what the camera is called, where its picture comes from, and what finds the people in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.ui import icons, theme
from app.ui.i18n import mark, tr
from app.ui.pages.live.setup.draft import FALLBACK, Address, split_address
from app.ui.pages.live.setup.session import Session
from app.ui.pages.live.setup.step import Choice, Step, Words
from app.ui.widgets.card import Card
from app.ui.widgets.scrolled import scrolled
from app.ui.widgets.spin import indented
from models.errors import Known

if TYPE_CHECKING:
    from models.weights import Installed

KINDS = (mark("Network camera"), mark("USB camera"), mark("Recording"))
NETWORK, USB, RECORDING = range(3)
FIELDS = (
    mark("Name"), mark("Source"), mark("Address"), mark("Camera number"), mark("Recording"), mark("User"),
    mark("Password"), mark("Detector"),
)  # fmt: skip
WIDEST = 720


class AddressStep(Step):
    """The form keeps the session's name, source and detector true as it is typed."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.name, self.place, self.file = QLineEdit(), QLineEdit(), QLineEdit()
        self.user, self.password = QLineEdit(), QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.number = indented(QSpinBox())
        self.number.setRange(0, 15)
        self.kinds = QButtonGroup(self)
        self.radios = tuple(QRadioButton() for _ in KINDS)
        self.browse, self.search = QPushButton(), QPushButton()
        self.found = QListWidget()
        self.found.setFixedHeight(132)
        self.found.hide()
        self.detector = Choice()
        self.says = Words(role="wrong")
        self.hint, self.searching = Words(role="caption"), Words(role="caption")
        self._labels = [QLabel() for _ in FIELDS]
        self._weights: list[tuple[object, str]] = []
        self._filling = self._left = False
        self._lay_out()
        self._connect()
        self.retranslate()
        self.retheme()

    # ---- what the view calls

    def enter(self) -> None:
        """Fill the form from the session, and look which weights the site has."""
        self._filling = True
        address = self.session.address
        self._left = self._left and bool(self.session.name or address.place)
        kind = self._kind_of(address)
        self.radios[kind].setChecked(True)
        self.name.setText(self.session.name)
        self.place.setText(address.place if kind == NETWORK else "")
        self.file.setText(address.place if kind == RECORDING else "")
        self.number.setValue(int(address.place) if kind == USB and address.place.isdecimal() else 0)
        self.user.setText(address.user)
        self.password.clear()
        self._say_password()
        self._filling = False
        self._show_kind()
        self._offer_detectors()
        self._say_problem()
        self.session.desk.work.run(self._list_weights, self._know_weights)
        if not self.name.text():
            self.name.setFocus()

    def leave(self) -> None:
        """What is typed goes to the session."""
        self._left = True
        self._take()

    def retranslate(self) -> None:
        """Words in the language in force."""
        for label, words in zip(self._labels, FIELDS, strict=True):
            label.setText(tr(words))
        for radio, words in zip(self.radios, KINDS, strict=True):
            radio.setText(tr(words))
        self.browse.setText(tr("Browse…"))
        self.search.setText(tr("Find cameras on the network"))
        self.place.setPlaceholderText("rtsp://192.168.1.20:554/stream2")
        self.user.setPlaceholderText(tr("none"))
        self._say_password()
        for widget, words in zip(
            (self.name, self.place, self.number, self.file, self.user, self.password, self.detector),
            ("Name", "Address", "Camera number", "Recording", "User", "Password", "Detector"), strict=True,
        ):  # fmt: skip
            widget.setAccessibleName(tr(words))
        self.found.setAccessibleName(tr("Cameras found on the network"))
        self._say_detector()

    def retheme(self) -> None:
        """Icons in the colours in force."""
        icons.set_icon(self.search, "search")
        icons.set_icon(self.browse, "folder")

    # ---- what a person does

    def look_around(self) -> None:
        """Ask the network's cameras to answer; this takes three seconds."""
        self.place.setFocus()  # else the keyboard would go to the next button when this one is switched off
        self.search.setEnabled(False)
        self.searching.say("Looking for cameras…")
        self.session.desk.work.run(_discover, self._show_found, self._not_found)

    def take_found(self, item: QListWidgetItem) -> None:
        """The address of a camera that answered."""
        self.place.setText(str(item.data(Qt.ItemDataRole.UserRole)))
        if not self.name.text().strip():
            self.name.setText(item.text().partition("\n")[0])
        self._take()

    # ---- inside

    def _kind_of(self, address: Address) -> int:
        if not self.session.camera:
            return RECORDING
        return USB if address.place.isdecimal() else NETWORK

    def _kind(self) -> int:
        return self.kinds.checkedId()

    def _show_kind(self) -> None:
        kind = self._kind()
        rows = {2: kind == NETWORK, 3: kind == USB, 4: kind == RECORDING, 6: kind == NETWORK, 7: kind == NETWORK}
        for row, shown in rows.items():
            self.form.setRowVisible(row, shown)
        self.search.setVisible(kind == NETWORK)
        self.searching.setVisible(kind == NETWORK)
        self.found.setVisible(kind == NETWORK and self.found.count() > 0)
        hints = (
            mark("Use the camera's small second stream (640 x 360 or 640 x 480): it counts as well and costs less."),
            mark("The first USB camera of the machine that runs the service is number 0."),
            mark("A recording is counted once, when you ask for it."),
        )
        self.hint.say(hints[kind])

    def _changed(self) -> None:
        if self._filling:
            return
        self._show_kind()
        self._take()

    def _take(self) -> None:
        """The form's content goes to the session; a login typed into the address is taken out of it."""
        kind = self._kind()
        place = (self.place.text().strip(), str(self.number.value()), self.file.text().strip())[kind]
        address = self._with_login(place) if kind == NETWORK else Address(place)
        self.session.name = self.name.text().strip()
        detector = self.detector.value()
        self.session.set_source(
            address, camera=kind != RECORDING, detector=detector if isinstance(detector, str) else None
        )
        self._say_problem()

    def _with_login(self, place: str) -> Address:
        try:
            typed = split_address(place)
        except Known:
            return Address(place)
        if typed.user:
            self._filling = True
            self.place.setText(typed.place)
            self.user.setText(typed.user)
            self.password.setText(typed.password)
            self._filling = False
        user, password = self.user.text().strip(), self.password.text()
        held = self.session.address
        kept = False
        if not password and user and user == held.user and _host(typed.place) == _host(held.place):
            password, kept = held.password, held.kept  # another host is never sent the password of this one
        return Address(typed.place, user, password if user else "", kept)

    def _say_problem(self) -> None:
        """What is wrong; that a field is empty is only said to somebody who went on without it."""
        theme.set_role(self.name, invalid="false")
        self.says.say("")
        filled = self.session.name and self.session.address.place
        if not filled and not (self._left and (self.session.name or self.session.address.place)):
            return
        try:
            self.session.check_source()
        except Known as error:
            self.says.fault(error)

    def _say_password(self) -> None:
        """Whether there is one, since it is never shown."""
        kept = bool(self.session.address.password or self.session.address.kept)
        self.password.setPlaceholderText(tr("kept; write a new one to change it") if kept else tr("none"))

    def _offer_detectors(self) -> None:
        held = self.session.detector
        entries: list[tuple[object, str]] = [
            (None, mark("The site's person detector")),
            *self._weights,
            (FALLBACK, mark("Background subtraction (reduced accuracy)")),
        ]
        if held is not None and held not in [value for value, _ in entries]:
            entries.append((held, held))
        self.detector.offer(entries)
        self.detector.choose(held)
        self._say_detector()

    def _say_detector(self) -> None:
        value = self.detector.value()
        if value == FALLBACK:
            self.licence.say("It finds what moves, not who stands: for line counts only, with reduced accuracy.")
        elif value is None and not self._weights:
            self.licence.say("The site has no weights yet: background subtraction counts until they are added.")
        else:
            self.licence.say("The licence is the weights' own; using them binds the site to it.")

    def _list_weights(self) -> list[Installed]:
        from models.weights import list_weights

        return list_weights(self.session.desk.store.site)

    def _know_weights(self, found: list[Installed]) -> None:
        people = [each for each in found if each.path is not None and "face" not in each.name]
        people = [each for each in people if each.path is not None and each.path.suffix in (".onnx", ".xml")]
        self._weights = [(each.name, f"{each.name} ({each.licence})") for each in people if each.state != "damaged"]
        self._offer_detectors()

    def _show_found(self, cameras: Sequence[tuple[str, str]]) -> None:
        self.search.setEnabled(True)
        self.found.clear()
        for address, name in cameras:
            item = QListWidgetItem(f"{name or tr('Camera')}\n{address}")
            item.setData(Qt.ItemDataRole.UserRole, address)
            self.found.addItem(item)
        self.found.setVisible(bool(cameras) and self._kind() == NETWORK)
        if cameras:
            self.searching.say("{count} found. Choose one, and add its stream's path.", count=len(cameras))
        else:
            self.searching.say("No camera answered. Its address stands in its manual or in the router's list.")

    def _not_found(self, error: Exception) -> None:
        self.search.setEnabled(True)
        self.searching.say("")
        self.session.desk.fault(error)

    def _browse(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Choose a recording"))
        if name:
            self.file.setText(name)
            if not self.name.text().strip():
                self.name.setText(Path(name).stem)
            self._take()

    def _connect(self) -> None:
        for edit in (self.name, self.place, self.file, self.user, self.password):
            edit.editingFinished.connect(self._changed)
        self.number.valueChanged.connect(self._changed)
        self.kinds.idClicked.connect(self._changed)
        self.detector.activated.connect(self._changed)
        self.detector.activated.connect(self._say_detector)
        self.browse.clicked.connect(self._browse)
        self.search.clicked.connect(self.look_around)
        self.found.itemClicked.connect(self.take_found)
        self.found.itemActivated.connect(self.take_found)

    def _lay_out(self) -> None:
        self.licence = Words(role="caption")
        self._lay_out_form()
        around = _row(self.search)
        around.addWidget(self.searching, 1)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(12)
        column.addLayout(self.form)
        column.addLayout(around)
        column.addWidget(self.found)
        column.addWidget(self.says)
        card = Card()
        card.set_body(whole)
        inside = QWidget()
        inside.setMaximumWidth(WIDEST)
        room = QVBoxLayout(inside)
        room.setContentsMargins(0, 8, 0, 0)
        room.addWidget(card)
        room.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inside))

    def _lay_out_form(self) -> None:
        for number, radio in enumerate(self.radios):
            self.kinds.addButton(radio, number)
        self.radios[0].setChecked(True)
        kinds = _row(*self.radios)
        kinds.addStretch(1)
        path = _row(self.browse)
        path.insertWidget(0, self.file, 1)
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(16)
        self.form.setVerticalSpacing(10)
        rows: tuple[QWidget | QHBoxLayout, ...] = (
            self.name, kinds, self.place, self.number, path, self.user, self.password, self.detector,
        )  # fmt: skip
        for label, row in zip(self._labels, rows, strict=True):
            if isinstance(row, QHBoxLayout):
                self.form.addRow(label, row)
            else:
                self.form.addRow(label, row)
        self.form.insertRow(5, "", self.hint)
        self.form.addRow("", self.licence)


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(12)
    for widget in widgets:
        row.addWidget(widget)
    return row


def _discover() -> list[tuple[str, str]]:
    """Addresses and names of the cameras that answer within three seconds (ONVIF)."""
    from vision.discovery import discover

    return [(found.address, found.name) for found in discover(3)]


def _host(place: str) -> str:
    return place.partition("://")[2].partition("/")[0]
