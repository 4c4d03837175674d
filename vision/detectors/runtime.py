"""What the detector needs of a runtime, and what both runtimes say of files they cannot use."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Protocol

from numpy.typing import NDArray

from models.errors import Known
from vision.boxes import Image
from vision.detectors.outputs import Described, Family

RuntimeName = Literal["openvino", "onnxruntime"]
Size = tuple[int, int]

KINDS = (
    "an SSD such as person-detection-retail-0013", "YOLOX", "Ultralytics YOLO 8 to 12 and 26 (detect)", "RT-DETR",
)  # fmt: skip


class Request(Protocol):
    """One frame's way through a network. `picture` is the input itself, (height, width, 3) blue-green-red uint8:
    write into it, `start`, then read `outputs`, which wait and are valid until the next `start`."""

    picture: Image

    def start(self) -> None: ...

    def outputs(self) -> list[NDArray[Any]]: ...


class Network(Protocol):
    """A compiled network; `in_flight` requests keep it busy."""

    runtime: RuntimeName
    described: Described
    family: Family
    in_flight: int

    def request(self) -> Request: ...


def damaged(path: Path, error: Exception) -> Known:
    """What to say of weights that the runtime cannot read or run."""
    known = Known(f"The detector weights {path.name} are damaged or not weights at all.", "Get the file again.")
    known.add_note(str(error))
    return known


def unknown_kind(path: Path, told: str) -> Known:
    """What to say of a network that is not a person detector."""
    return Known(f"{path.name} is not a person detector of a known kind ({told}).", f"Known kinds: {'; '.join(KINDS)}.")


def fixed_size(path: Path, own: Size, wanted: Size, step: str) -> Known:
    """What to say where a network can only take its own size."""
    return Known(f"{path.name} takes pictures of {own[0]} x {own[1]} only, not {wanted[0]} x {wanted[1]}.", step)


def described_as(told: Described) -> str:
    """A network's purpose and outputs, for a refusal."""
    outputs = ", ".join("[" + ",".join(map(str, shape)) + "]" for shape in told.outputs)
    purpose = "" if told.task == "detect" else f"it was made to {told.task}; "
    return f"{purpose}its output is {outputs or 'nothing'}"
