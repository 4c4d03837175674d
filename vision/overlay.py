"""What a person at the screen may see of a camera: the picture made smaller, with everybody's head unrecognisable.

A head is blurred before the picture leaves the process that counts. Every box that the detector found is taken,
uncertain ones too, since a missed head is worse than a blurred bag.
"""

from __future__ import annotations

import cv2
import numpy as np

from vision.boxes import Boxes, Image

HEAD_SHARE = 0.3
"""Share of a box's height, from its top, that holds the head of a standing person, with room for a bad box."""
BLOCKS = 4
"""A head is drawn as so many blocks across: far below what anybody, or any network, can recognise."""
_MARGIN = 0.15


def fitted(image: Image, width: int) -> tuple[Image, float]:
    """The picture at most `width` pixels wide, and the factor that it was multiplied by."""
    tall, wide = image.shape[:2]
    factor = min(1.0, width / wide)
    if factor == 1.0:
        return image.copy(), 1.0
    size = (max(1, round(wide * factor)), max(1, round(tall * factor)))
    smaller = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    return smaller, factor


def blur_heads(image: Image, boxes: Boxes) -> None:
    """Makes the heads of the boxes (pixels of the image) unrecognisable, in place."""
    height, width = image.shape[:2]
    for left, top, right, bottom in boxes.xyxy.tolist():
        high, wide = bottom - top, right - left
        x0, x1 = round(max(left - _MARGIN * wide, 0)), round(min(right + _MARGIN * wide, width))
        y0, y1 = round(max(top - _MARGIN * high, 0)), round(min(top + HEAD_SHARE * high, height))
        if x1 - x0 < 2 or y1 - y0 < 2:
            continue
        head = image[y0:y1, x0:x1]
        rows = max(1, round(BLOCKS * (y1 - y0) / (x1 - x0)))
        blocks = cv2.resize(head, (BLOCKS, rows), interpolation=cv2.INTER_AREA)
        image[y0:y1, x0:x1] = cv2.resize(blocks, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)


def shown_picture(image: Image, boxes: Boxes, *, width: int, clear: bool = False) -> tuple[Image, float]:
    """The picture for a screen: red first, contiguous, at most `width` wide, heads blurred unless `clear`.

    `boxes` are in pixels of `image`; the second value is the factor from those to the picture's.
    """
    picture, factor = fitted(image, width)
    if not clear:
        blur_heads(picture, boxes.scaled(factor, factor))
    return np.ascontiguousarray(picture[:, :, ::-1]), factor
