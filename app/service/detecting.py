"""Which detector counts a camera: what its own set-up says, else the site's choice, else the best weights there are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from models import settings
from models.errors import Known
from models.store import Store

if TYPE_CHECKING:
    from vision.config import Config
    from vision.detectors import Detector

FALLBACK = "background-subtraction"
"""The name by which a person asks for counting without weights."""

Runtime = Literal["openvino", "onnxruntime"]


@dataclass(frozen=True)
class DetectorChoice:
    """Weights (None: background subtraction), the network's input (width, height) and what runs it; None: its own."""

    weights: Path | None
    size: tuple[int, int] | None = None
    runtime: Runtime | None = None


def choose_detector(store: Store, wanted: str | None, config: Config) -> DetectorChoice:
    """The detector that is `wanted` by name or path (a command's or camera's), else the config's, else the site's.

    The site's choice is the setting `vision.weights`, with `vision.input` and `vision.runtime`, which
    `weights bench --save` writes; without it the permissively licensed weights come first.
    """
    from vision.detectors import choose_weights

    folder = store.site.folder / "weights"
    if wanted == FALLBACK:
        return DetectorChoice(None)
    if wanted or config.weights:
        path = _named(wanted, folder) if wanted else config.weights
        return DetectorChoice(path, config.detector_size, _runtime(config.runtime))
    if chosen := str(settings.read(store, "vision.weights") or ""):
        size = config.detector_size or parsed_size(str(settings.read(store, "vision.input") or ""))
        runtime = _runtime(config.runtime or settings.read(store, "vision.runtime"))
        return DetectorChoice(_named(chosen, folder), size, runtime)
    return DetectorChoice(choose_weights(folder), config.detector_size, _runtime(config.runtime))


def load_choice(choice: DetectorChoice, *, threads: int) -> Detector:
    """The detector itself. Raises NotInstalled or Known as `vision.detectors.load_detector` does."""
    from vision.detectors import load_detector

    return load_detector(choice.weights, threads=threads, size=choice.size, runtime=choice.runtime)


def parsed_size(text: str) -> tuple[int, int] | None:
    """The two numbers of "640x480"; None for an empty text. Raises Known for any other."""
    if not text.strip():
        return None
    wide, cross, high = text.lower().partition("x")
    if cross and wide.strip().isdecimal() and high.strip().isdecimal():
        return int(wide), int(high)
    raise Known(f"'{text}' is no size of a picture.", "Write width and height, as in 640x480.", code=2)


def _named(wanted: str | None, folder: Path) -> Path:
    """A path as given, or the one weights file under the site's folder whose name, or whose folder's, begins so."""
    name = wanted or ""
    if Path(name).exists():
        return Path(name)
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in (".onnx", ".xml") and (path.stem.startswith(name) or path.parent.name == name)
    )
    return found[0] if found else Path(name)


def _runtime(value: object) -> Runtime | None:
    text = str(value or "")
    return cast(Runtime, text) if text in ("openvino", "onnxruntime") else None
