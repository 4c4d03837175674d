"""A person detector that is a neural network, whatever runs it: picture in, boxes out."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import Known, NotInstalled
from vision.boxes import Boxes, Image
from vision.detectors.contract import Answer
from vision.detectors.fitting import GREY, Fitting, back
from vision.detectors.outputs import settled, suppressed
from vision.detectors.runtime import Network, Request, RuntimeName, Size, damaged

_ENDS = (".onnx", ".xml")
_MOST_PIXELS = 4096 * 4096


class NetworkDetector:
    """A compiled network with its decoder.

    `size` is the (width, height) of its input, `runtime` what runs it, `family` the kind of network. Called
    with a frame it uses one request, again and again; `submit` uses one more for each frame that is under way,
    of which `in_flight` keep it busy. One detector serves any number of cameras, from any thread.
    """

    fallback = False

    def __init__(
        self, path: Path, *, threads: int, size: Size | None, runtime: RuntimeName | None, streams: int = 1
    ) -> None:
        """Reads, compiles and tries the weights; `Known` where they are damaged or of no known kind."""
        _check(path, size, runtime)
        network = _network(path, threads, size, runtime, max(1, streams))
        told = network.described
        trial = network.request()
        self._decoder = settled(network.family, told, _tried(trial, path))
        self.name, self.runtime, self.family = path.stem, network.runtime, self._decoder.name
        self.size = (told.width, told.height)
        self.in_flight = network.in_flight
        self.network = network
        self._fitting = Fitting(*self.size, letterbox=self._decoder.letterbox)
        self._idle: list[Request] = [trial]
        self._lock = threading.Lock()

    def __call__(self, image: Image) -> Boxes:
        return self.submit(image)()

    def submit(self, image: Image) -> Answer:
        """Starts on a frame; the answer waits for its boxes."""
        with self._lock:
            request = self._idle.pop() if self._idle else None
        request = request or self.network.request()
        factors = self._fitting.put(image, request.picture)
        request.start()

        def answer() -> Boxes:
            family = self._decoder
            with np.errstate(all="ignore"):  # damaged numbers give no boxes, and no warnings either
                corners, scores = family.decode(request.outputs())
            with self._lock:
                self._idle.append(request)
            found = suppressed(corners, scores) if family.suppress else Boxes.of(corners, scores)
            return back(found, factors, image)

        return answer


def _network(path: Path, threads: int, size: Size | None, runtime: RuntimeName | None, streams: int) -> Network:
    if runtime == "onnxruntime":
        from vision.detectors.onnx_network import OnnxNetwork

        return OnnxNetwork(path, threads=threads, size=size)
    from vision.detectors.openvino_network import OpenVinoNetwork

    return OpenVinoNetwork(path, threads=threads, size=size, streams=streams)


def _tried(request: Request, path: Path) -> list[NDArray[Any]]:
    """The answer to a grey picture: weights that can be compiled and not run are found here, before a camera opens."""
    request.picture[:] = GREY
    try:
        request.start()
        return request.outputs()
    except RuntimeError as error:
        raise damaged(path, error) from error


def _check(path: Path, size: Size | None, runtime: RuntimeName | None) -> None:
    """What can be said of a file before a runtime reads it."""
    if not path.is_file():
        raise NotInstalled(f"There are no detector weights at {path}.", "Give the path of an .onnx or .xml file.")
    end = path.suffix.lower()
    if end not in _ENDS:
        raise Known(
            f"{path.name} is not a detector that can be run here.", "Give an ONNX or OpenVINO file (.onnx, .xml)."
        )
    if end == ".xml" and not path.with_suffix(".bin").is_file():
        raise Known(f"{path.name} has no {path.with_suffix('.bin').name} beside it.", "Copy both files.")
    if end == ".xml" and runtime == "onnxruntime":
        raise Known(f"ONNX Runtime cannot run {path.name}, an OpenVINO file.", "Use OpenVINO, or give an .onnx file.")
    if size and not (min(size) >= 1 and size[0] * size[1] <= _MOST_PIXELS):
        raise Known(f"A network cannot take pictures of {size[0]} x {size[1]}.", "Give a size such as 640x480.")
