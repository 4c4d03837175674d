"""Ultralytics for what is done off-line: exporting a trained network, fine-tuning it, and validating it.

This needs the extra `yolo` (Ultralytics and torch); counting does not. Ultralytics and its weights are AGPL-3.0.
It works on the machine alone: nothing is downloaded, and nothing is installed while it runs.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import Known, NotInstalled
from vision.detectors.sizes import UNIT

Size = tuple[int, int]
_INSTALL = "Run: python3 installer/bootstrap.py setup --extra yolo"
_PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
_LEAST_PICTURES = 8
_NMS = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


@dataclass(frozen=True, slots=True)
class Validation:
    """How well a network finds persons on labelled pictures.

    `precision` and `recall` at the confidence where their mean is best, `ap50` and `ap50_95` the average
    precision at an overlap of 0.5, and over 0.5 to 0.95 (COCO), all 0..1; `persons` were labelled.
    """

    precision: float
    recall: float
    ap50: float
    ap50_95: float
    persons: int


def export(
    model: Path, folder: Path, *, size: Size, int8: bool = False, calibrate: Path | None = None, form: str = "openvino"
) -> Path:
    """Exports a trained .pt to `folder` for pictures of `size` (width, height); returns the .xml or .onnx file.

    `int8` quantises to 8 bits, which needs pictures of the site to `calibrate` by (a folder of some tens) and the
    package nncf, and gives an OpenVINO file. Raises `NotInstalled` without the extra `yolo` or nncf, `Known` for
    what is no model, a size that is not of multiples of 32, or too few pictures.
    """
    _check_export(model, size, int8, calibrate, form)
    folder = folder.resolve()
    yolo = _yolo(model.resolve())
    with tempfile.TemporaryDirectory() as scratch:
        arguments: dict[str, Any] = {"format": form, "imgsz": (size[1], size[0]), "batch": 1, "device": "cpu"}
        if form == "onnx":
            arguments["simplify"] = False
        if int8 and calibrate:
            arguments |= {"quantize": 8, "data": str(_calibration(calibrate.resolve(), Path(scratch), yolo.names))}
        with _told_plainly(model), contextlib.chdir(scratch):
            made = Path(str(yolo.export(**arguments)))
        return _moved(made, folder, model.stem)


def tune(dataset: Path, start: Path, folder: Path, *, epochs: int, side: int = 640) -> Path:
    """Fine-tunes the network `start` (.pt) on a data set (Ultralytics' YAML); returns the best .pt in `folder`.

    `side` is the longer side of the pictures in pixels. Raises `NotInstalled` without the extra `yolo` and `Known`
    for what is no model or no data set.
    """
    dataset, folder = dataset.resolve(), folder.resolve()
    _check_dataset(dataset)
    yolo = _yolo(start.resolve())
    with tempfile.TemporaryDirectory() as scratch, _told_plainly(dataset), contextlib.chdir(scratch):
        yolo.train(
            data=str(dataset), epochs=epochs, imgsz=side, device="cpu", workers=0, plots=False, exist_ok=True,
            project=scratch, name="run", seed=0, deterministic=True, verbose=False,
        )  # fmt: skip
        best = Path(str(yolo.trainer.best))
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(best if best.exists() else yolo.trainer.last, folder / f"{start.stem}-tuned.pt"))


def validate(model: Path, dataset: Path, *, size: Size | None = None) -> Validation:
    """Measures a network (.pt, .onnx, or the .xml of an OpenVINO export) on a labelled data set.

    `size` (width, height) is the input; by default 640 x 640, or the file's own. Raises as `tune` does.
    """
    dataset = dataset.resolve()
    _check_dataset(dataset)
    longer = {"imgsz": max(size)} if size else {}
    with tempfile.TemporaryDirectory() as scratch, _told_plainly(model), contextlib.chdir(scratch):
        yolo = _yolo(_named_as_expected(model.resolve(), Path(scratch)))
        found = yolo.val(
            data=str(dataset), device="cpu", workers=0, plots=False, project=scratch, name="run", verbose=False,
            batch=1, classes=[_person_of(yolo.names)], **longer,
        )  # fmt: skip
    box = found.box
    persons = int(found.nt_per_class.sum())
    return Validation(float(box.mp), float(box.mr), float(box.map50), float(box.map), persons)


def _check_export(model: Path, size: Size, int8: bool, calibrate: Path | None, form: str) -> None:
    if any(side < UNIT or side % UNIT for side in size):
        raise Known(f"{size[0]} x {size[1]} is no size of an input.", "Give multiples of 32, such as 640x480.", code=2)
    if not int8:
        return
    if form != "openvino":
        raise Known("8 bits are for OpenVINO files.", "Leave --int8 out for an ONNX file.", code=2)
    if calibrate is None:
        raise Known("8 bits need pictures to calibrate by.", "Add --calibrate FOLDER with some tens of them.", code=2)
    if not importlib.util.find_spec("nncf"):
        raise NotInstalled("The package nncf, which quantises, is not installed.", "Run: pip install nncf==3.4.0")
    if len(_pictures(calibrate)) < _LEAST_PICTURES:
        raise Known(
            f"{calibrate} holds fewer than {_LEAST_PICTURES} pictures.", "Put some tens of the site's own into it."
        )


def _check_dataset(dataset: Path) -> None:
    if not dataset.is_file():
        raise Known(f"There is no data set {dataset}.", "Give the YAML file of an Ultralytics data set.")


def _named_as_expected(model: Path, scratch: Path) -> Path:
    """Ultralytics knows an OpenVINO export by the end of its folder's name."""
    if model.suffix != ".xml":
        return model
    folder = scratch / f"{model.stem}_openvino_model"
    folder.mkdir()
    for path in (model, model.with_suffix(".bin"), model.with_name("metadata.yaml")):
        if path.exists():
            shutil.copy(path, folder)
    return folder


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in _PICTURES)


def _calibration(pictures: Path, scratch: Path, names: dict[int, str]) -> Path:
    """A data set of unlabelled pictures: quantising looks at what the layers do, not at what is right."""
    images = scratch / "calibration" / "images"
    images.mkdir(parents=True)
    for number, path in enumerate(_pictures(pictures)):
        shutil.copy(path, images / f"{number:05d}{path.suffix.lower()}")
    told = "".join(f"  {number}: {json.dumps(name)}\n" for number, name in names.items())
    described = scratch / "calibration" / "data.yaml"
    place = json.dumps(str(images))
    described.write_text(f"train: {place}\nval: {place}\nnames:\n{told}", encoding="utf-8")
    return described


def _person_of(names: dict[int, str]) -> int:
    return next((number for number, name in names.items() if name == "person"), 0)


def _moved(made: Path, folder: Path, stem: str) -> Path:
    """The export in its own folder: `<stem>.xml` with its .bin and description, or `<stem>.onnx`."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in made.iterdir() if made.is_dir() else [made]:
        name = f"{stem}{path.suffix}" if path.suffix in (".xml", ".bin", ".onnx") else path.name
        shutil.move(path, folder / name)
    if made.is_dir():
        shutil.rmtree(made)
    return next(each for each in (folder / f"{stem}.xml", folder / f"{stem}.onnx") if each.exists())


@contextlib.contextmanager
def _told_plainly(path: Path) -> Iterator[None]:
    """What Ultralytics raises of files that it cannot use, as a sentence."""
    try:
        yield
    except (RuntimeError, ValueError, TypeError, AssertionError, OSError, KeyError, SyntaxError, IndexError) as error:
        known = Known(f"Ultralytics cannot do this with {path.name}: {_first_line(error)}.", "Check the file.")
        raise known from error


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:200].rstrip(".")


def _yolo(path: Path) -> Any:
    """Ultralytics' model of a file (a description without numbers, .yaml, too)."""
    ultralytics = ultralytics_here()
    if not path.exists():
        raise Known(f"There is no model {path}.", "Give the path of a file that is on this machine.")
    with _told_plainly(path):
        return ultralytics.YOLO(str(path), task="detect")


def ultralytics_here() -> Any:
    """Ultralytics, offline and without its habit of installing packages while it runs."""
    if not (importlib.util.find_spec("ultralytics") and importlib.util.find_spec("torch")):
        raise NotInstalled("Ultralytics and torch are not installed: they are the extra 'yolo'.", _INSTALL)
    os.environ |= {"YOLO_AUTOINSTALL": "false", "YOLO_OFFLINE": "true", "YOLO_VERBOSE": "false"}
    _let_torchvision_load()
    import ultralytics

    return ultralytics


def _let_torchvision_load() -> None:
    """Declares two operators that torchvision describes although it does not bring them beside another torch.

    A torchvision built for a graphics card cannot load its own code beside a torch for processors, and its import
    then ends with "operator torchvision::nms does not exist". Suppression is the one of the two that is used.
    """
    import torch

    try:
        import torchvision
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
        for name in [each for each in sys.modules if each.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "DEF")
        library.define("nms" + _NMS)
        library.define("qnms" + _NMS)
        library.impl("nms", _suppressed, "CPU")
        _KEPT.append(library)
        import torchvision
        import torchvision.extension

        torchvision.extension._has_ops = lambda: True
        torchvision.extension._assert_has_ops = lambda: None


_KEPT: list[Any] = []  # torch forgets operators whose library is no longer held


def _suppressed(boxes: Any, scores: Any, threshold: float) -> Any:
    """The positions of the boxes that greedy suppression keeps, best first (torchvision's `nms`)."""
    import torch

    order = scores.argsort(descending=True)
    kept = []
    while len(order):
        kept.append(order[0])
        here, rest = boxes[order[0]], boxes[order[1:]]
        sides = (torch.minimum(here[2:], rest[:, 2:]) - torch.maximum(here[:2], rest[:, :2])).clamp(min=0)
        shared = sides.prod(1)
        areas = (rest[:, 2:] - rest[:, :2]).prod(1) + (here[2:] - here[:2]).prod()
        order = order[1:][shared / (areas - shared) <= threshold]
    return torch.stack(kept) if kept else torch.empty(0, dtype=torch.int64)
