"""Age and gender of a face, from whichever known network the operator has installed; told by its shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vision.demographics.bands import LEAST_AGE
from vision.demographics.networks import FaceFamily, FaceNetwork, Shape, softmax


@dataclass(frozen=True, slots=True)
class Estimate:
    """`age` in years (0..100) and the probability (0..1) of `male`."""

    age: float
    male: float


AttributeNetwork = FaceNetwork[Estimate]

_FAIRFACE_MIDDLES = np.array([1.0, 6.0, 14.5, 24.5, 34.5, 44.5, 54.5, 64.5, 74.5])
"""Years in the middle of FairFace's bands 0-2, 3-9, 10-19, 20-29 and so on to 70 and over."""
_YOUNG = 3  # FairFace's first bands; the third goes from 10 to 19, so it may be under 16


def _sizes(outputs: Sequence[Shape]) -> list[int]:
    return sorted(prod(shape) for shape in outputs)


def _sound(age: float, male: float) -> Estimate:
    """Numbers that are not finite say nothing: a person of age 0 is unknown."""
    if not (np.isfinite(age) and np.isfinite(male)):
        return Estimate(0.0, 0.5)
    return Estimate(float(np.clip(age, 0, 100)), float(np.clip(male, 0, 1)))


def _retail(values: Sequence[NDArray[Any]], names: Sequence[str]) -> Estimate:
    age = next(value for value in values if value.size == 1)
    gender = next(value for value in values if value.size == 2)
    return _sound(float(age[0]) * 100, float(gender[1]))


def _fairface(values: Sequence[NDArray[Any]], names: Sequence[str]) -> Estimate:
    genders, ages = softmax(values[0][:2]), softmax(values[0][2:])
    age = float(ages @ _FAIRFACE_MIDDLES)
    if float(ages[:_YOUNG].sum()) >= 0.5:
        age = min(age, LEAST_AGE - 1.0)
    return _sound(age, float(genders[0]))


def _ssrnet(values: Sequence[NDArray[Any]], names: Sequence[str]) -> Estimate:
    by_name = {
        ("age" if "age" in name else "gender"): float(value[0]) for name, value in zip(names, values, strict=True)
    }
    return _sound(by_name["age"], by_name["gender"])


ATTRIBUTE_FAMILIES: tuple[FaceFamily[Estimate], ...] = (
    FaceFamily(
        # Open Model Zoo: blue-green-red 0..255; age / 100, and [female, male].
        "age-gender-recognition-retail-0013 (1x3x62x62)",
        lambda given, outputs, names: given == (1, 3, 62, 62) and _sizes(outputs) == [1, 2],
        _retail,
    ),
    FaceFamily(
        # Karkkainen and Joo 2021: 7 logits of race, 2 of gender [male, female], 9 of age. The first are cut away.
        "FairFace (1x3x224x224, 18 numbers)",
        lambda given, outputs, names: given == (1, 3, 224, 224) and [tuple(o) for o in outputs] == [(1, 18)],
        _fairface,
        colours="rgb",
        mean=(123.675, 116.28, 103.53),
        scale=(58.395, 57.12, 57.375),
        keep=(7, 18),
    ),
    FaceFamily(
        # Yang et al. 2018: 0..255; years, and 0 (female) to 1 (male), as outputs named so.
        "SSR-Net (1x64x64x3, outputs 'age' and 'gender')",
        lambda given, outputs, names: (
            given == (1, 64, 64, 3)
            and _sizes(outputs) == [1, 1]
            and {"age" in name for name in names} == {"gender" in name for name in names} == {True, False}
        ),
        _ssrnet,
        layout="nhwc",
    ),
)


def load_attributes(path: Path) -> AttributeNetwork:
    """A network for age and gender. `NotInstalled` where the file is absent, `Known` where it is none."""
    return FaceNetwork(path, ATTRIBUTE_FAMILIES, "age and gender")
