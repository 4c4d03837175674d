"""Facial expressions, as aggregate only and behind a switch of their own.

What a face shows is a weak sign of what its person feels: Barrett et al. 2019 (Psychological Science in the
Public Interest 20) review more than a thousand studies and find no reliable link. No accuracy of this on a
mall's cameras is known. Asking (a satisfaction survey) answers the question that this cannot.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vision.demographics.bands import UNKNOWN
from vision.demographics.networks import FaceFamily, FaceNetwork, softmax

EXPRESSIONS = ("neutral", "happy", "sad", "surprise", "anger")
_SURE = 0.6


Expression = NDArray[np.float64]
"""(5,) probabilities of `EXPRESSIONS`."""
EmotionNetwork = FaceNetwork[Expression]


def _probabilities(values: Sequence[NDArray[Any]], names: Sequence[str]) -> Expression:
    found = np.asarray(values[0], np.float64)
    if not np.isfinite(found).all():
        return np.full(len(EXPRESSIONS), 1 / len(EXPRESSIONS))
    already = bool((found >= 0).all() and abs(float(found.sum()) - 1) < 0.01)
    return found if already else softmax(found)


EMOTION_FAMILIES: tuple[FaceFamily[Expression], ...] = (
    FaceFamily(
        # Open Model Zoo: blue-green-red 0..255.
        "emotions-recognition-retail-0003 (1x3x64x64, 5 numbers)",
        lambda given, outputs, names: given == (1, 3, 64, 64) and [prod(o) for o in outputs] == [5],
        _probabilities,
    ),
)


def load_emotions(path: Path) -> EmotionNetwork:
    """A network for expressions. `NotInstalled` where the file is absent, `Known` where it is none."""
    return FaceNetwork(path, EMOTION_FAMILIES, "expressions")


def expression_of(probabilities: Expression) -> str:
    """The expression whose probability is at least 0.6, else 'unknown'."""
    best = int(np.argmax(probabilities))
    return EXPRESSIONS[best] if probabilities[best] >= _SURE else UNKNOWN
