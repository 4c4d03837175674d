"""Who may look at faces: a camera's switches and the site's checked weights, as the counting of that camera."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from engines.cameras.purposes import purposes
from engines.demographics.weights import FACE_WEIGHTS, checked_weights, emotion_weights
from models import settings
from models.connection import Connection
from models.errors import Known
from models.store import Store
from models.weights import digest_of, find_weights

if TYPE_CHECKING:
    from vision.demographics import AttributeNetwork, Demographics, EmotionNetwork, FaceFinder

LOG = logging.getLogger("atrium.cameras")
T = TypeVar("T")


class FaceReaders:
    """What estimates age bands, gender and expressions for the cameras of one process, which share the networks.

    The cameras must be counted in one thread. A camera that is begun anew with the same networks goes on in the same
    hour; a switch that was thrown off and the end of the process lose the hour that runs, as nothing of it is kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._finder: FaceFinder | None = None
        self._attributes: AttributeNetwork | None = None
        self._emotions: EmotionNetwork | None = None
        self._begun: dict[str, tuple[tuple[Hashable, ...], Demographics]] = {}

    def of(self, code: str, view: Hashable = None) -> Demographics | None:
        """The camera's estimating; None where no person switched it on, or where the weights for it are missing.

        `view` stands for what the camera shows: when it changes, the size of its faces is measured anew.
        """
        on = {one.purpose for one in purposes(self._store) if one.camera == code and one.on}
        attributes = self._ready(code, self._attribute_network) if "demographics" in on else None
        emotions = self._ready(code, self._emotion_network) if "emotion" in on else None
        finder = self._ready(code, self._face_finder) if attributes is not None or emotions is not None else None
        if finder is None:
            self._begun.pop(code, None)
            return None
        return self._made(code, view, finder, attributes, emotions)

    def _made(
        self,
        code: str,
        view: Hashable,
        finder: FaceFinder,
        attributes: AttributeNetwork | None,
        emotions: EmotionNetwork | None,
    ) -> Demographics:
        """The estimating that the camera had, or a new one where anything of it differs."""
        from vision.demographics import Demographics

        least = int(settings.read(self._store, "vision.minimum_group"))
        wanted = (view, attributes, emotions, least)
        before = self._begun.get(code)
        if before is not None and before[0] == wanted:
            return before[1]
        made = Demographics(finder, attributes, None, least, emotion_weights=emotions)
        self._begun[code] = (wanted, made)
        return made

    @staticmethod
    def _ready(code: str, load: Callable[[], T]) -> T | None:
        """What `load` gives; None, with a line in the log, where the site lacks it."""
        try:
            return load()
        except Known as missing:
            LOG.warning("camera %s does not measure all that is switched on: %s", code, missing)
            return None

    def _face_finder(self) -> FaceFinder:
        from vision.demographics import FaceFinder

        if self._finder is None:
            self._finder = FaceFinder(find_weights(self._store.site, FACE_WEIGHTS))
        return self._finder

    def _attribute_network(self) -> AttributeNetwork:
        """The network whose very file was checked. Raises NotInstalled where there is none."""
        from vision.demographics import load_attributes

        found = checked_weights(self._store)
        if self._attributes is None or self._attributes.digest != found.check.sha256:
            self._attributes = load_attributes(found.path)
        return self._attributes

    def _emotion_network(self) -> EmotionNetwork:
        from vision.demographics import load_emotions

        path = emotion_weights(self._store)
        if self._emotions is None or self._emotions.digest != digest_of(path):
            self._emotions = load_emotions(path)
        return self._emotions


def face_marks(connection: Connection, weights: Path) -> dict[str, str]:
    """By camera with a purpose that is on: a mark that moves with its switches, the weights in that folder, their
    checks and the smallest group."""
    switches = connection.exec_driver_sql(
        "SELECT camera, hex(id) FROM camera_purpose p WHERE switched_on = 1 AND NOT EXISTS (SELECT 1 FROM "
        "camera_purpose n WHERE n.camera = p.camera AND n.purpose = p.purpose AND n.id > p.id) ORDER BY camera, id"
    ).fetchall()
    if not switches:
        return {}
    check = connection.exec_driver_sql("SELECT hex(max(id)) FROM model_check").scalar()
    least = connection.exec_driver_sql("SELECT value FROM setting WHERE name = 'vision.minimum_group'").scalar()
    files = sorted((str(path), _changed_at(path)) for path in weights.glob("*/*"))
    shared = f"{check} {least} {files}"
    marks: dict[str, str] = {}
    for camera, switch in switches:
        marks[camera] = marks.get(camera, shared) + f" {switch}"
    return marks


def _changed_at(path: Path) -> int:
    """When a file was last written (ns); 0 for one that has just been removed."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
