"""A network of one fixed input size made into one of another size.

Convolutions take any size, and YOLOX and SSD files hold nothing else that depends on it. Ultralytics' exports
also hold constants that were worked out for their own size: the centres of the grids' cells, the strides of
the cells, and shapes that rows are put into. Those are recognised by their values, and written anew for the
other size; whatever else depends on the size makes the network refuse it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray
from openvino import opset13 as ops

from vision.boxes import Floats
from vision.detectors.outputs import STRIDES, cells
from vision.detectors.sizes import UNIT

Size = tuple[int, int]
_TOLERANCE = 0.02  # pixels or cells: files may hold these numbers in 16 bits


def resize(model: Any, own: Size, wanted: Size) -> bool:
    """Gives the model of input `own` (width, height) the input `wanted`; false where it cannot have it.

    The model is then of no further use. Both sides must be multiples of 32.
    """
    if any(side % UNIT or side < UNIT for side in wanted):
        return False
    shapes = _shapes(own, wanted)
    old, new = anchors(own), anchors(wanted)
    for constant in [each for each in model.get_ops() if each.get_type_name() == "Constant"]:
        if not _replaced(constant, own, old, new, shapes):
            return False
    try:
        # Not `model.reshape`, which first looks whether the model still fits its old size.
        model.get_parameters()[0].set_partial_shape(openvino.PartialShape([1, 3, wanted[1], wanted[0]]))
        model.validate_nodes_and_infer_types()
    except RuntimeError:
        return False
    return True


def anchors(size: Size) -> tuple[Floats, Floats]:
    """(2, n) centres of all grids' cells in cells, x first, and (n,) strides in pixels, finest grid first."""
    centres, strides = [], []
    for stride in STRIDES:
        x, y = np.meshgrid(np.arange(size[0] // stride) + 0.5, np.arange(size[1] // stride) + 0.5)
        centres.append(np.stack([x.ravel(), y.ravel()]))
        strides.append(np.full(x.size, stride))
    return np.concatenate(centres, axis=1).astype(np.float32), np.concatenate(strides).astype(np.float32)


def _replaced(
    constant: Any, own: Size, old: tuple[Floats, Floats], new: tuple[Floats, Floats], shapes: Mapping[Any, Any]
) -> bool:
    """Whether the constant does not depend on the size, or now has the values for the new one."""
    output = constant.output(0)
    sides = list(output.get_shape())
    if cells(*own) in sides:
        numbers = _renewed(np.asarray(constant.get_data(), np.float32), old, new)
        if numbers is None:
            return False
        _put(constant, numbers, output.get_element_type(), list(output.get_target_inputs()))
        return True
    uses = [each for each in output.get_target_inputs() if _is_target(each)]
    if uses:
        target = [int(side) for side in constant.get_data().ravel()]
        changed = retargeted(target, shapes)
        if changed != target:
            _put(constant, np.array(changed, np.int64), openvino.Type.i64, uses)
    return True


def _renewed(numbers: Floats, old: tuple[Floats, Floats], new: tuple[Floats, Floats]) -> Floats | None:
    """Centres or strides of the old grids, in any arrangement of axes, as those of the new; None for others."""
    flat = numbers.squeeze()
    for before, after in zip(old, new, strict=True):
        for turned in (False, True):
            held = flat.T if turned else flat
            if held.shape == before.shape and np.allclose(held, before, atol=_TOLERANCE):
                values = after.T if turned else after
                sides = iter(values.shape)
                return values.reshape([1 if side == 1 else next(sides) for side in numbers.shape])
    return None


def _is_target(used: Any) -> bool:
    return bool(used.get_node().get_type_name() == "Reshape" and used.get_index() == 1)


def _shapes(own: Size, wanted: Size) -> dict[Any, Any]:
    """What becomes of the sides of each grid (height, width) and of their products."""
    found: dict[Any, Any] = {cells(*own): cells(*wanted)}
    for stride in (*STRIDES, 4, 64):
        before, after = ((size[1] // stride, size[0] // stride) for size in (own, wanted))
        found.setdefault(before, after)
        found.setdefault(before[0] * before[1], after[0] * after[1])
    return found


def retargeted(target: list[int], shapes: Mapping[Any, Any]) -> list[int]:
    """A shape that rows are put into, for the new size: a grid's height and width, or the number of its cells.

    A shape with a free side (-1) lets that side take the change.
    """
    if len(target) >= 4 and tuple(target[-2:]) in shapes:
        return [*target[:-2], *shapes[tuple(target[-2:])]]
    if len(target) >= 4 and tuple(target[1:3]) in shapes:
        return [target[0], *shapes[tuple(target[1:3])], *target[3:]]
    if -1 in target:
        return target
    for place in reversed(range(1, len(target))):
        if target[place] in shapes:
            return [*target[:place], shapes[target[place]], *target[place + 1 :]]
    return target


def _put(constant: Any, numbers: NDArray[Any], kind: Any, uses: list[Any]) -> None:
    fresh = ops.constant(numbers, dtype=kind)
    fresh.set_friendly_name(constant.get_friendly_name())
    for used in uses:
        used.replace_source_output(fresh.output(0))
