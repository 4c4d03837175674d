"""Small networks that look at one face: read, recognised by shape, compiled for one thread, and made to forget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import Known, NotInstalled
from models.weights import digest_of
from vision.boxes import Floats, Image
from vision.demographics.faces import Face, cut

T = TypeVar("T")
Shape = tuple[int, ...]


@dataclass(frozen=True)
class FaceFamily(Generic[T]):
    """A kind of network: how its picture is prepared, which outputs are kept and what they mean.

    `matches` is asked with the input's shape, the outputs' shapes and the outputs' names. `keep`, if given, is
    the part (first, end) of the last axis of the only output that is computed at all. `mean` and `scale` are
    taken from and divide the 0..255 values by colour; `layout` is the input's order of axes.
    """

    name: str
    matches: Callable[[Shape, Sequence[Shape], Sequence[str]], bool]
    decode: Callable[[Sequence[NDArray[Any]], Sequence[str]], T]
    colours: Literal["bgr", "rgb"] = "bgr"
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    layout: Literal["nchw", "nhwc"] = "nchw"
    keep: tuple[int, int] | None = None


class FaceNetwork(Generic[T]):
    """A compiled network that gives a `T` for a face. Not for two threads at once.

    `digest` is the SHA-256 of its files, by which what it told is known to be its own.
    """

    def __init__(self, path: Path, families: Sequence[FaceFamily[T]], purpose: str) -> None:
        """`purpose` names the network in sentences. `NotInstalled` where the file is absent, `Known` where it is
        damaged or of no known kind."""
        import openvino

        if not path.is_file():
            raise NotInstalled(f"There are no weights of a network for {purpose} at {path}.", "Add them to the site.")
        try:
            core = openvino.Core()
            model = _with_one_picture(core.read_model(path))
            self.family, model = _recognised(model, families, path, purpose)
            settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
            self._compiled = core.compile_model(model, "CPU", {**settings, "ENABLE_CPU_PINNING": False})
        except (RuntimeError, UnicodeDecodeError, OverflowError) as error:
            raise Known(f"{path.name} is damaged or cannot be run here.", "Copy the weights again.") from error
        self.name, self.digest = path.stem, digest_of(path)
        self._names = [output.get_any_name() if output.names else "" for output in model.outputs]
        self._request = self._compiled.create_infer_request()
        self._shape = tuple(self._compiled.input(0).shape)
        self.side = self._shape[2]
        self.forget()

    @property
    def output_shapes(self) -> list[Shape]:
        """The shapes of what is computed at all."""
        return [tuple(output.shape) for output in self._compiled.outputs]

    def look(self, image: Image, face: Face) -> T:
        """What the network says of a face in a picture (blue-green-red)."""
        return self.look_at(cut(image, face, self.side))

    def look_at(self, chip: Image) -> T:
        """What the network says of a picture that is one face with room around it, of any size."""
        return self.family.decode(self._run(_prepared(chip, self.side, self.family)), self._names)

    def forget(self) -> None:
        """Runs on nothing, so that neither the picture nor what was computed from it stays in memory."""
        self._run(np.zeros(self._shape, np.float32))

    def _run(self, blob: Floats) -> list[NDArray[Any]]:
        given = self._request.get_input_tensor().data
        given[:] = blob.reshape(self._shape)
        self._request.infer()
        given[:] = 0
        return [np.array(self._request.get_output_tensor(i).data).ravel() for i in range(len(self._names))]


def softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Probabilities of logits."""
    powers = np.exp(np.asarray(logits, np.float64) - np.max(logits))
    return np.asarray(powers / powers.sum(), np.float64)


def _prepared(chip: Image, side: int, family: FaceFamily[Any]) -> Floats:
    sized = chip if chip.shape[:2] == (side, side) else cv2.resize(chip, (side, side), interpolation=cv2.INTER_AREA)
    ordered = sized[:, :, ::-1] if family.colours == "rgb" else sized
    values = (ordered - np.array(family.mean)) / np.array(family.scale)
    return np.asarray(values.transpose(2, 0, 1) if family.layout == "nchw" else values, np.float32)


def _with_one_picture(model: Any) -> Any:
    """The model for one picture at a time, where it was exported for any number."""
    if len(model.inputs) == 1 and len(model.input(0).partial_shape) == 4 and model.input(0).partial_shape[0].is_dynamic:
        rest = [each.get_length() if each.is_static else -1 for each in list(model.input(0).partial_shape)[1:]]
        model.reshape([1, *rest])
    return model


def _recognised(model: Any, families: Sequence[FaceFamily[T]], path: Path, purpose: str) -> tuple[FaceFamily[T], Any]:
    given, outputs = _shapes(model)
    names = [output.get_any_name() if output.names else "" for output in model.outputs]
    family = next((each for each in families if given and each.matches(given, outputs, names)), None)
    if family is None:
        known = ", ".join(each.name for each in families)
        raise Known(
            f"{path.name} is not a network for {purpose}: its input is {given or 'not one picture'}, "
            f"its outputs are {outputs or 'of no fixed shape'}.",
            f"Known kinds: {known}.",
        )
    return family, _cut_down(model, family.keep) if family.keep else model


def _shapes(model: Any) -> tuple[Shape | None, list[Shape]]:
    """The input's shape, None where it is not one picture of fixed size, and the outputs' shapes."""
    one = len(model.inputs) == 1 and model.input(0).partial_shape.is_static
    fixed = all(output.partial_shape.is_static for output in model.outputs)
    given = tuple(model.input(0).shape) if one and len(model.input(0).shape) == 4 else None
    return given, [tuple(output.shape) for output in model.outputs] if fixed else []


def _cut_down(model: Any, keep: tuple[int, int]) -> Any:
    """The model with only a part of its output's last axis; what only the rest needs is never computed."""
    import openvino
    from openvino import opset13 as ops

    def whole(number: int) -> Any:
        return ops.constant([number], np.int64)

    kept = ops.slice(model.output(0).node.input_value(0), whole(keep[0]), whole(keep[1]), whole(1), whole(-1))
    return openvino.Model([kept], model.get_parameters(), model.get_friendly_name())
