"""What to count in a picture: a TOML file of lines, zones and shop fronts, checked before the first frame is read.

    size = [768, 576]            # the picture size that all coordinates are in

    [[line]]
    name = "main door"
    a = [655, 150]               # `in` is from the left of a -> b to its right, as seen in the picture
    b = [655, 560]
    band = 8                     # optional dead band on either side, pixels of `size`
    gate = "G1"                  # optional code of the gate that the crossings belong to

    [[zone]]
    name = "till queue"
    polygon = [[100, 300], [300, 300], [300, 500], [100, 500]]
    zone = "Z1"                  # optional code of the site's zone; the name where it is absent
    purpose = "queue"            # presence (default), queue, display, entry, staff or ignore
    exit_s = 1.0                 # optional: outside for longer than this ends a stay
    least_s = 2.0                # optional: a shorter stay is no visit
    served_by = "till"           # queue only, optional: who leaves across this line was served
    reach = [[120, 250], ...]    # display only, optional: where an arm must be to count as a reach

    [[front]]
    name = "shop"
    code = "F1"                  # optional code of the front; the name where it is absent
    line = "shop door"           # the line whose `in` are the shop's entries
    pass = [[10, 300], ...]      # outside the shop: who crosses it and does not enter is a passer-by
    gate = "G2"                  # optional; the line's gate where it is absent

    [staff]                      # all optional
    hours = [["07:00", "09:30"]] # the site's local time: everybody is staff
    uniform = { hue = [200, 250], least_saturation = 0.4, share = 0.35 }

    [groups]
    gap_s = 1.5                  # people who cross no further apart in time ...
    apart = 1.2                  # ... and in place (heights of a person) are one group

    [reentry]
    within_s = 0                 # an `out` undone by an `in` within this time near the same place; 0 is off

    [floor]
    floor = "L1"
    points = [[x, y, X, Y], ...] # at least four: pixels of the picture and metres of the plan

    [camera]
    fps = 7                      # pictures analysed per second
    rotate = 0                   # 0, 90, 180 or 270 degrees clockwise

    [detector]
    weights = "yolox-nano.onnx"  # file or folder, relative to this file
    confidence = 0.25            # score from which a box is certain
    size = [640, 480]            # width and height of the network's input
    runtime = "openvino"         # or "onnxruntime"

    [folder]
    fps = 10                     # pictures per second when the source is a folder of pictures

Settings that are not known here are named in `Config.notes`, not refused, so that a file written for a
later version still counts its lines.
"""

from __future__ import annotations

from vision.config.advice import warnings
from vision.config.model import (
    CERTAIN,
    Config,
    FloorView,
    FrontView,
    Groups,
    Line,
    Point,
    Polygon,
    Purpose,
    Runtime,
    Staff,
    Uniform,
    Zone,
)
from vision.config.read import config_of, load_config
from vision.config.write import write_config

__all__ = [
    "CERTAIN",
    "Config",
    "FloorView",
    "FrontView",
    "Groups",
    "Line",
    "Point",
    "Polygon",
    "Purpose",
    "Runtime",
    "Staff",
    "Uniform",
    "Zone",
    "config_of",
    "load_config",
    "warnings",
    "write_config",
]
