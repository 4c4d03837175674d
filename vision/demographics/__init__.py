"""Age bands and gender of the people that a camera follows, as hourly counts: off unless a person switched it on.

Nothing of a face is kept: a picture of a face lives inside one call, its two estimated numbers as long as the
track, and only counts of at least ten people leave.
"""

from vision.demographics.attributes import AttributeNetwork, load_attributes
from vision.demographics.bands import BANDS, SUPPRESSED, UNKNOWN
from vision.demographics.check import check_faces
from vision.demographics.counting import Demographics
from vision.demographics.emotions import EmotionNetwork, load_emotions
from vision.demographics.faces import FaceFinder
from vision.rows import ExpressionRow

__all__ = [
    "BANDS",
    "SUPPRESSED",
    "UNKNOWN",
    "AttributeNetwork",
    "Demographics",
    "EmotionNetwork",
    "ExpressionRow",
    "FaceFinder",
    "check_faces",
    "load_attributes",
    "load_emotions",
]
