"""What the steps of a set-up share: the source, the drawing, and the live picture of both."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from app.ui.catalogue import mark
from app.ui.desk import Desk
from app.ui.live_stream import LiveStream, View
from app.ui.pages.live.reasons import told
from app.ui.pages.live.setup.draft import Address, check_address, split_address
from app.ui.pages.live.setup.mapping import plan_holds
from app.ui.pages.live.setup.model import Sketch, countable, fit, problems
from engines.cameras.places import Places
from engines.cameras.records import CameraRecord
from models.errors import Known
from vision.config import Config, config_of, write_config

NAME = "draft"
SETTLE_MS = 400
WIDTH = 960
NEW_SIZE = (1280, 720)
SAME_SHAPE = 0.02


class Session(QObject):
    """`sketched()` when the drawing changed, `sourced()` when the source did, `arrived(QImage | None, View)` for each
    picture, `silent(sentence)` when none comes, `placed()` when the site's gates and zones are known."""

    sketched = Signal()
    sourced = Signal()
    arrived = Signal(object, object)
    silent = Signal(str)
    placed = Signal()

    def __init__(self, desk: Desk, command: Sequence[str] = (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.code = ""
        self.name = ""
        self.address = Address("")
        self.camera = True
        self.detector: str | None = None
        self.sketch = Sketch(Config(NEW_SIZE))
        self.places = Places()
        self.taken: frozenset[str] = frozenset()
        self.fitted = False
        self.view: View | None = None
        self.seen = False
        self.unread = ""
        self._told = ""
        self._had_login = False
        self._saved: tuple[object, ...] = ()
        self._own = frozenset[str]()
        self.stream = LiveStream(str(desk.folder), self, command=command)
        self.stream.arrived.connect(self._arrived)
        self.stream.failed.connect(self._failed)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._tell)

    # ---- opening

    def open(self, record: CameraRecord | None, *, recording: bool, taken: frozenset[str]) -> None:
        """Begin with a camera that the site knows, or with a new one."""
        self.stream.close()
        self.code, self.name = (record.code, record.name) if record else ("", "")
        self.address = address_of(record) if record else Address("")
        self._had_login = bool(self.address.user)
        self.camera = not recording
        self.detector = record.detector if record else None
        self.taken, self.view, self.seen = taken, None, False
        self.unread = ""
        config = Config(NEW_SIZE)
        if record is not None:
            try:
                config = config_of_text(record.lines)
            except Known as error:
                self.unread = str(error)
        self.fitted = record is not None and not self.unread
        self.sketch = Sketch(config)
        self._own = _names(config)
        self._saved = self._now()
        self.sourced.emit()
        self.sketched.emit()

    @property
    def keep_login(self) -> bool:
        """Whether what the site keeps of a login is still wanted: not once a person took the user out."""
        return bool(self.address.user) or not self._had_login

    def others(self) -> frozenset[str]:
        """Gates, zones and shop fronts of the site that this camera does not count for: what is newly drawn must not be
        called like them, or its counts would be added to theirs."""
        places = self.places
        gates = [name for gate in places.gates for name in (gate.code, gate.name)]
        zones = [name for zone in places.zones for name in (zone.code, zone.name)]
        return frozenset((*gates, *zones, *places.fronts)) - self._own

    def touched(self) -> bool:
        """Whether something differs from what was opened or saved."""
        return self._now() != self._saved

    def kept(self) -> None:
        """What there is now is saved."""
        self._saved = self._now()

    def _now(self) -> tuple[object, ...]:
        return self.name, self.address, self.camera, self.detector, self.sketch.config

    # ---- changing

    def set_sketch(self, sketch: Sketch) -> None:
        """Another drawing or choice; the picture's counts follow when the hand rests."""
        moved = sketch.config != self.sketch.config
        turned = sketch.config.rotate != self.sketch.config.rotate
        self.sketch = sketch
        if turned and self.stream.codes():
            self.look(again=True)
        elif moved:
            self._settle.start()
        self.sketched.emit()

    def set_source(self, address: Address, *, camera: bool, detector: str | None) -> None:
        """Another source or detector: the old picture is no longer of it."""
        if (address, camera, detector) == (self.address, self.camera, self.detector):
            return
        if address.place != self.address.place and not self.sketch.config.lines and not self.sketch.config.zones:
            self.fitted = False
        self.address, self.camera, self.detector = address, camera, detector
        self.view, self.seen = None, False
        self.stream.close()
        self.sourced.emit()

    # ---- the live picture

    def look(self, *, again: bool = False) -> None:
        """Show the source and count it; `silent` says so where it has no right address."""
        try:
            check_address(self.address.place, camera=self.camera)
        except Known as error:
            self.stream.close()
            self.silent.emit(told(str(error)))
            return
        if again:
            self.stream.close()
        self.stream.resume()
        self._told = self.running_text()
        if not self.stream.codes():
            self.stream.draft(
                self.address.whole(),
                self._told,
                name=NAME,
                detector=self.detector,
                width=WIDTH,
                loop=not self.camera,
                code=self.code if self.keep_login else "",
            )

    def rest(self) -> None:
        """Nobody looks: nothing is asked for."""
        self.stream.pause()

    def close(self) -> None:
        """End the child."""
        self._settle.stop()
        self.stream.close()

    def painted(self) -> None:
        """The picture is on the screen."""
        self.stream.painted(NAME)

    def text(self) -> str:
        """The drawing as TOML; a floor plan whose points do not fix it is left out."""
        return text_of(self.sketch.config)

    def running_text(self) -> str:
        """The drawing as TOML without what is wrong in it; empty where there is nothing to tell."""
        config = without_broken_plan(countable(self.sketch.config))
        return write_config(config) if config.lines or config.zones or config.rotate else ""

    def check_source(self) -> None:
        """Raises Known where the camera has no name, or no picture can come from its address."""
        if not self.name.strip():
            raise Known(mark("The camera has no name."), mark("Write one, such as the door's."))
        check_address(self.address.place, camera=self.camera)

    def check(self) -> None:
        """Raises Known where the camera cannot be saved as it is."""
        self.check_source()
        config = self.sketch.config
        if problems(config):
            raise Known(
                mark("Something in the drawing is not right yet."), mark("See the red marks under Lines and zones.")
            )
        if not config.lines and not config.zones:
            raise Known(
                mark("Nothing is drawn yet."), mark("Draw a line where people cross, or an area where they stay.")
            )
        config_of_text(self.text())

    def _tell(self) -> None:
        """Count with the new drawing from now on."""
        text = self.running_text()
        if text != self._told and self.stream.codes():
            self._told = text
            self.stream.set_config(text)

    def _arrived(self, _code: str, image: QImage | None, view: View) -> None:
        self.view = view
        if image is not None:
            self._see()
            self._fit(view)
        self.arrived.emit(image, view)
        if image is None:
            self.silent.emit(told(view.reason))
            self.painted()

    def _see(self) -> None:
        """There was a picture of this source: that step is done, whatever comes after."""
        if not self.seen:
            self.seen = True
            self.sourced.emit()

    def _failed(self, _code: str, sentence: str) -> None:
        self.silent.emit(told(sentence))

    def _fit(self, view: View) -> None:
        """A new drawing takes the picture's size; an older one keeps its own, which has the same shape."""
        size = (view.width, view.height)
        config = self.sketch.config
        if not self.fitted and config.size != size:
            self.sketch = replace(self.sketch, config=fit(config, size))
            self._settle.start()
            self.sketched.emit()
        self.fitted = True

    def misshapen(self) -> bool:
        """Whether the drawing was made for a picture of another shape."""
        if self.view is None or not self.view.height:
            return False
        width, height = self.sketch.config.size
        return abs(self.view.width / self.view.height / (width / height) - 1) > SAME_SHAPE

    def refit(self) -> None:
        """Stretch the drawing to the picture's shape."""
        if self.view is not None:
            config = fit(self.sketch.config, (self.view.width, self.view.height))
            self.set_sketch(self.sketch.edit(config, self.sketch.chosen))


def _names(config: Config) -> frozenset[str]:
    """What a drawing counts for."""
    names = [each.name for items in (config.lines, config.zones, config.fronts) for each in items]
    codes = [each.counted_as for items in (config.lines, config.zones, config.fronts) for each in items]
    return frozenset((*names, *codes))


def address_of(record: CameraRecord) -> Address:
    """A camera's address with its user; its password is the site's to know."""
    shown = split_address(record.address)
    return replace(shown, user=record.user, kept=record.has_password) if record.user else shown


def text_of(config: Config) -> str:
    """The config as TOML; a floor plan whose points do not fix it is left out."""
    return write_config(without_broken_plan(config))


def without_broken_plan(config: Config) -> Config:
    """The config without a floor plan whose points do not fix it."""
    broken = config.floor is not None and not plan_holds(config.floor.points)
    return replace(config, floor=None) if broken else config


def config_of_text(text: str) -> Config:
    """The config of a TOML text. Raises Known saying what is wrong and where."""
    try:
        return config_of(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise Known(f"The lines are no valid TOML: {error}.", "Correct them and try again.") from error
