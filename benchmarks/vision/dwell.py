"""Dwell in zones and waits in queues: three scenes with truth, beside membership frame by frame.

    python benchmarks/vision/dwell.py [--weights FILE]

1. A film: six people cut from the real clip come into a hall (the clip's empty background), stand, and go; a real
   detector looks at every frame. Target: six of six visits, each end within 0.8 s.
2. The clip itself: stays of the reference tracks in four polygons, against ours through the same detector.
3. Three tills for ninety minutes, as boxes with a detector's errors: waits of some three hundred people. Target: p50
   and p90 within 5 %.

The peer is supervision's `PolygonZone` in the interpreter that ATRIUM_PEERS names, on the same tracked boxes: a visit
is an unbroken run of frames inside, which is all that membership gives. Without that interpreter its rule is applied
here (the same test of the box's lower middle), and the table says so.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from vision.boxes import Boxes, Image  # noqa: E402
from vision.config import CERTAIN, Config, Line, Zone  # noqa: E402
from vision.detectors import Detector, load_detector  # noqa: E402
from vision.rows import Histogram, ZoneRow, bin_of, quantile  # noqa: E402
from vision.scene import Scene  # noqa: E402
from vision.sightings import Moment, people_in  # noqa: E402
from vision.stays import Stay, Stays  # noqa: E402
from vision.tracker import Tracker, TrackerSettings  # noqa: E402

DATA = ROOT / os.environ.get("ATRIUM_DATA", "../shared/data")
PEERS = os.environ.get("ATRIUM_PEERS", "")
LEAST_S, EXIT_S = 2.0, 1.0
TRUTH_SIZE = (768, 576)
Floats = NDArray[np.float64]
Visit = tuple[float, float]
"""Seconds of a stay's beginning and end."""
Frames = Iterable[tuple[float, Boxes]]
Corners = tuple[tuple[float, float], ...]

PEER = """
import json, sys
import numpy as np, supervision as sv
job = json.load(sys.stdin)
zone = sv.PolygonZone(np.array(job["polygon"], np.int64), triggering_anchors=[sv.Position.BOTTOM_CENTER])
inside = [zone.trigger(sv.Detections(xyxy=np.array(b, float).reshape(-1, 4))).tolist() for b in job["boxes"]]
json.dump(inside, sys.stdout)
"""


@dataclass
class Watched:
    """What our tracks say of one zone: stays of at least the least time, and the tracked boxes of each frame."""

    visits: list[Visit] = field(default_factory=list)
    row: ZoneRow | None = None
    frames: list[tuple[float, Boxes]] = field(default_factory=list)


def watch(frames: Frames, config: Config, period: float) -> Watched:
    """Boxes of a detector through tracker and scene; the config has one zone. Stays are also read one by one, since
    rows hold only their histogram."""
    tracker = Tracker(TrackerSettings(certain=CERTAIN, begins=CERTAIN + 0.1))
    scene, stays, found = Scene(config, zone=UTC), Stays(config.zones[0].polygon, EXIT_S, _same_person), Watched()
    for index, (seconds, boxes) in enumerate(frames):
        tracked = tracker.update(boxes, seconds)
        moment = Moment(index, round(seconds * 1000), seconds)
        scene.update(tracked, tracker.ended, index=index, at_ms=moment.at_ms, seconds=seconds)
        over = [stays.end(track) for track in tracker.ended]
        over += [stays.see(person, moment) for person in people_in(tracked)]
        over += [stay for _, stay in stays.given_up(seconds)]
        found.visits += [(stay.entered, stay.last) for stay in over if stay]
        found.frames.append((seconds, tracked))
    scene.end(period)
    last = [stays.end(track) for track in tuple(stays.open)] + [stay for _, stay in stays.rest()]
    found.visits += [(stay.entered, stay.last) for stay in last if stay]
    found.visits = [visit for visit in found.visits if visit[1] - visit[0] >= LEAST_S]
    found.row = _added(scene.changed(ended=True).zones)
    assert found.row.visits == len(found.visits)
    return found


def _same_person(track: int, stay: Stay) -> None:
    """A stay goes on with another track."""


def _added(rows: Sequence[ZoneRow]) -> ZoneRow:
    """The rows of all quarters as one."""
    waits: Histogram = {}
    for row in rows:
        for index, n in row.waits.items():
            waits[index] = waits.get(index, 0) + n
    return ZoneRow(
        rows[0].zone, rows[0].purpose, 0, 0, 0, sum(row.visits for row in rows), 0.0, waits=waits,
        unserved=sum(row.unserved for row in rows),
    )  # fmt: skip


def membership(watched: Watched, polygon: Corners) -> tuple[list[Visit], str]:
    """Visits as unbroken runs of frames inside, with the name of what judged."""
    boxes = [each.xyxy.tolist() for _, each in watched.frames]
    if PEERS and Path(PEERS).exists():
        job = json.dumps({"polygon": polygon, "boxes": boxes})
        told = subprocess.run([PEERS, "-c", PEER], input=job, capture_output=True, text=True, check=True)
        inside, name = json.loads(told.stdout), "supervision PolygonZone"
    else:
        inside, name = [[_holds(polygon, (l + r) / 2, b) for l, _, r, b in each] for each in boxes], "its rule, here"  # noqa: E741
    runs: dict[int, list[float]] = {}
    visits: list[Visit] = []
    for (seconds, tracked), held in zip(watched.frames, inside, strict=True):
        now = {track for track, is_in in zip(tracked.track.tolist(), held, strict=True) if is_in}
        for track in set(runs) - now:
            visits.append((runs[track][0], runs.pop(track)[1]))
        for track in now:
            runs.setdefault(track, [seconds, seconds])[1] = seconds
    visits += [(begin, end) for begin, end in runs.values()]
    return [visit for visit in visits if visit[1] - visit[0] >= LEAST_S], name


def _holds(polygon: Corners, x: float, y: float) -> bool:
    return cv2.pointPolygonTest(np.array(polygon, np.float32), (x, y), False) >= 0


def paired(true: Sequence[Visit], found: Sequence[Visit]) -> list[tuple[Visit, Visit]]:
    """True and found visits that overlap most, each used once."""
    common = sorted(
        ((min(t[1], f[1]) - max(t[0], f[0]), i, j) for i, t in enumerate(true) for j, f in enumerate(found)),
        reverse=True,
    )
    pairs: dict[int, int] = {}
    for overlap, i, j in common:
        if overlap > 0 and i not in pairs and j not in pairs.values():
            pairs[i] = j
    return [(true[i], found[j]) for i, j in sorted(pairs.items())]


def line_of(name: str, true: Sequence[Visit], found: Sequence[Visit]) -> tuple[int, float]:
    """Prints one row of the table; gives visits whose both ends are within 0.8 s, and the worst end."""
    pairs = paired(true, found)
    ends = [max(abs(t[0] - f[0]), abs(t[1] - f[1])) for t, f in pairs]
    total = sum(f[1] - f[0] for f in found) / max(sum(t[1] - t[0] for t in true), 1e-9)
    good, worst = sum(end <= 0.8 for end in ends), max(ends, default=float("nan"))
    middle = float(np.median(ends)) if ends else float("nan")
    print(f"  {name:<28} visits {len(found):>3} of {len(true):<3} ends within 0.8 s {good:>3}  "
          f"median end {middle:5.2f} s, worst {worst:6.2f} s; dwell in all x{total:.3f}")  # fmt: skip
    return good, worst


# 1. The film


def clip_frames() -> list[Image]:
    """The clip's frames as decoded."""
    capture, frames = cv2.VideoCapture(str(DATA / "vision/vtest.avi")), list[Image]()
    while True:
        good, frame = capture.read()
        if not good:
            return frames
        frames.append(np.asarray(frame, np.uint8))


def reference() -> dict[int, dict[int, Floats]]:
    """Reference boxes (left, top, right, bottom in 768x576) by track and 0-based frame."""
    tracks: dict[int, dict[int, Floats]] = {}
    for row in np.loadtxt(DATA / "vision/vtest-tracks.txt", delimiter=","):
        left, top, wide, high = row[2:6]
        tracks.setdefault(int(row[1]), {})[int(row[0]) - 1] = np.array([left, top, left + wide, top + high])
    return tracks


def cut_outs(frames: list[Image], ground: Image, track: dict[int, Floats]) -> list[tuple[Image, Floats]]:
    """One walking person's pictures, each (image, opacity), where it differs from the empty ground."""
    scale, found = frames[0].shape[1] / TRUTH_SIZE[0], []
    for frame, box in sorted(track.items()):
        left, top, right, bottom = (round(float(v)) for v in box * scale + np.array([-2, -2, 2, 2]))
        if left < 0 or top < 0 or right > frames[0].shape[1] or bottom > frames[0].shape[0]:
            continue
        part, under = frames[frame][top:bottom, left:right], ground[top:bottom, left:right]
        differs = np.abs(part.astype(np.int16) - under).max(axis=2) > 22
        solid = cv2.morphologyEx(differs.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        found.append((part, np.asarray(cv2.GaussianBlur(solid.astype(np.float64), (3, 3), 0), np.float64)))
    return found


@dataclass
class Visitor:
    """Somebody in the film: cut-outs, and a path as seconds and foot points in pixels of the film."""

    pictures: list[tuple[Image, Floats]]
    times: Floats
    points: Floats

    def place(self, at: float) -> tuple[float, float] | None:
        """The foot point, None while not in the film."""
        if not self.times[0] <= at <= self.times[-1]:
            return None
        return tuple(float(np.interp(at, self.times, self.points[:, axis])) for axis in (0, 1))  # type: ignore[return-value]

    def walks(self, at: float) -> bool:
        """Whether the foot moves."""
        now, soon = self.place(at), self.place(at + 0.1)
        return now is not None and soon is not None and np.hypot(soon[0] - now[0], soon[1] - now[1]) > 0.5


HALL: Corners = ((150.0, 190.0), (330.0, 190.0), (360.0, 330.0), (120.0, 330.0))
"""The film's zone, in pixels of the clip's 480x360."""
FILM_FPS, FILM_S = 7.0, 70.0


def visitors(frames: list[Image], ground: Image) -> list[Visitor]:
    """Six people who come in from the sides at different times, stand in the hall, and go."""
    tracks = reference()
    people = []
    for n, (track, begin, stand, frm, to) in enumerate(
        [(2, 2, 14, 0, 1), (3, 8, 25, 1, 0), (9, 15, 8, 0, 0), (14, 24, 18, 1, 1), (6, 36, 6, 0, 1), (1, 44, 12, 1, 0)]
    ):
        spot = (185.0 + 28 * n, 235.0 + 14 * (n % 3) * 2)
        sides = ((30.0, 300.0), (450.0, 300.0))
        walk = 3.5
        times = np.cumsum([begin, walk, stand, walk])
        people.append(
            Visitor(cut_outs(frames, ground, tracks[track])[:40], times, np.array([sides[frm], spot, spot, sides[to]]))
        )
    return people


def film(people: list[Visitor], ground: Image) -> Iterable[tuple[float, Image]]:
    """The film's frames."""
    steps = [0] * len(people)
    noise = np.random.default_rng(5)
    for index in range(round(FILM_S * FILM_FPS)):
        at, picture = index / FILM_FPS, ground.astype(np.float64)
        there = sorted((place[1], n) for n, each in enumerate(people) if (place := each.place(at)) is not None)
        for _, n in there:
            steps[n] += people[n].walks(at)
            _paste(picture, people[n], steps[n], at)
        yield at, np.clip(picture + noise.normal(0, 1.5, picture.shape), 0, 255).astype(np.uint8)


def _paste(picture: Floats, person: Visitor, step: int, at: float) -> None:
    place = person.place(at)
    assert place is not None
    image, opacity = person.pictures[step % len(person.pictures)]
    high, wide = image.shape[:2]
    left, top = round(place[0] - wide / 2), round(place[1] - high + 2)
    right, bottom = min(left + wide, picture.shape[1]), min(top + high, picture.shape[0])
    cut = opacity[: bottom - top, : right - left, None]
    under = picture[top:bottom, left:right]
    picture[top:bottom, left:right] = cut * image[: bottom - top, : right - left] + (1 - cut) * under


def true_visit(person: Visitor, polygon: Corners) -> Visit:
    """When the foot point itself is first and last inside."""
    fine = np.arange(0, FILM_S, 0.01)
    inside = [at for at in fine if (place := person.place(float(at))) is not None and _holds(polygon, *place)]
    return float(inside[0]), float(inside[-1])


def run_film(detector: Detector, frames: list[Image]) -> bool:
    ground = np.median(np.stack(frames[::8]), axis=0).astype(np.uint8)
    people = visitors(frames, ground)
    config = Config((480, 360), (), (Zone("hall", HALL),))
    watched = watch(((at, detector(image)) for at, image in film(people, ground)), config, 1 / FILM_FPS)
    true = [true_visit(person, HALL) for person in people]
    print("1. A film of six visitors")
    good, _ = line_of("Atrium", true, watched.visits)
    found, name = membership(watched, HALL)
    line_of(name, true, found)
    return good == 6 and len(watched.visits) == 6


# 2. The clip

PLACES: dict[str, Corners] = {
    "plaza": ((330.0, 200.0), (600.0, 200.0), (600.0, 400.0), (330.0, 400.0)),
    "path": ((20.0, 180.0), (250.0, 180.0), (250.0, 330.0), (20.0, 330.0)),
    "corner": ((560.0, 260.0), (740.0, 260.0), (740.0, 480.0), (560.0, 480.0)),
    "south": ((300.0, 380.0), (620.0, 380.0), (620.0, 560.0), (300.0, 560.0)),
}
CLIP_FPS = 10.0


def reference_visits(polygon: Corners) -> list[Visit]:
    """Stays of the reference tracks: frames inside, no more than a second apart, over at least two seconds."""
    visits = []
    for track in reference().values():
        inside = [f / CLIP_FPS for f, box in sorted(track.items()) if _holds(polygon, (box[0] + box[2]) / 2, box[3])]
        begin = 0
        for n in range(1, len(inside) + 1):
            if n == len(inside) or inside[n] - inside[n - 1] > EXIT_S + 1.5 / CLIP_FPS:
                visits.append((inside[begin], inside[n - 1]))
                begin = n
    return [visit for visit in visits if visit[1] - visit[0] >= LEAST_S]


def run_clip(detector: Detector, frames: list[Image]) -> None:
    across, down = TRUTH_SIZE[0] / frames[0].shape[1], TRUTH_SIZE[1] / frames[0].shape[0]
    seen = [(n / CLIP_FPS, detector(frame).scaled(across, down)) for n, frame in enumerate(frames)]
    true: list[Visit] = []
    ours: list[Visit] = []
    theirs: list[Visit] = []
    name = ""
    for n, (place, polygon) in enumerate(PLACES.items()):
        watched = watch(seen, Config(TRUTH_SIZE, (), (Zone(place, polygon),)), 1 / CLIP_FPS)
        found, name = membership(watched, polygon)
        for into, visits in ((true, reference_visits(polygon)), (ours, watched.visits), (theirs, found)):
            into += [(begin + 1000 * n, end + 1000 * n) for begin, end in visits]  # places apart in time
    print("2. The clip, four places")
    line_of("Atrium", true, ours)
    line_of(name, true, theirs)


# 3. The tills

TILL: Corners = ((120.0, 200.0), (560.0, 200.0), (560.0, 360.0), (120.0, 360.0))
TILL_FPS, TILL_S, SEEDS = 7.0, 90 * 60.0, (21, 22, 23)
_SPEED, _SPACE, _FRONT = 80.0, 52.0, 530.0
_HIGH, _WIDE = 100.0, 38.0


def customers(random: np.random.Generator) -> list[tuple[float, float, float]]:
    """(comes, is called, height) of each customer of one till, first come first served, one in twelve gives up after
    a while (called at infinity less the patience is told by a negative second value)."""
    at, free, found = 5.0, 0.0, []
    while at < TILL_S - 600:
        at += random.exponential(42.0)
        if random.random() < 1 / 12:
            found.append((at, -random.uniform(15, 60), random.normal(_HIGH, 6)))
            continue
        called = max(at + 8.0, free)
        free = called + random.gamma(4.0, 36.0 / 4)
        found.append((at, called, random.normal(_HIGH, 6)))
    return found


def till(random: np.random.Generator) -> tuple[list[tuple[float, Boxes]], list[Visit], int]:
    """Frames of boxes, the true waits of those served, and how many gave up."""
    everyone = customers(random)
    x = np.full(len(everyone), 40.0)
    y = np.array([285.0 + 6 * (n % 3) if c > 0 else 235.0 for n, (_, c, _) in enumerate(everyone)])
    edges, hidden = np.zeros((len(everyone), 4)), np.zeros(len(everyone))
    inside: dict[int, list[float]] = {}
    frames = []
    keep = float(np.exp(-1 / (TILL_FPS * 0.3)))
    for index in range(round(TILL_S * TILL_FPS)):
        at = index / TILL_FPS
        here = [n for n, (comes, *_) in enumerate(everyone) if comes <= at and -5 < x[n] < 700]
        queue = [n for n in here if everyone[n][1] > at]
        for n in here:
            aim = _aim(everyone[n], queue.index(n) if n in queue else None, at)
            x[n] += float(np.clip(aim - x[n], -_SPEED / TILL_FPS, _SPEED / TILL_FPS))
            if _holds(TILL, float(x[n]), float(y[n])):
                inside.setdefault(n, [at, at])[1] = at
            edges[n] = keep * edges[n] + np.sqrt(1 - keep**2) * random.normal(0, 0.03, 4)
            if hidden[n] < at and random.random() < 0.012:
                hidden[n] = at + random.exponential(0.5)
        shown = [n for n in here if hidden[n] < at and random.random() < 0.97]
        feet, high = np.stack([x, y], axis=1)[shown], np.array([everyone[n][2] for n in shown])
        frames.append((at, _boxes(random, feet, high, edges[shown])))
    served = [(begin, end) for n, (begin, end) in inside.items() if everyone[n][1] > 0 and x[n] > 560]
    return frames, served, sum(everyone[n][1] < 0 for n in inside)


def _aim(customer: tuple[float, float, float], place: int | None, at: float) -> float:
    comes, called, _ = customer
    if called < 0:
        return 300.0 if at < comes - called else -10.0
    return 720.0 if place is None else _FRONT - _SPACE * place


def _boxes(random: np.random.Generator, feet: Floats, high: Floats, edges: Floats) -> Boxes:
    """What a detector finds of people with these feet (n, 2), heights and errors of their boxes' edges."""
    half = np.full(len(feet), _WIDE / 2)
    true = np.stack([feet[:, 0] - half, feet[:, 1] - high, feet[:, 0] + half, feet[:, 1]], axis=1)
    if not len(true):
        return Boxes.empty()
    return Boxes.of(true + edges * high[:, None], np.clip(random.normal(0.7, 0.12, len(true)), 0.1, 0.95))


@dataclass
class Waits:
    """What was counted at the tills."""

    histogram: Histogram = field(default_factory=dict)
    extra: str = ""

    def add(self, histogram: Histogram) -> None:
        """Adds the bins of another till."""
        for index, n in histogram.items():
            self.histogram[index] = self.histogram.get(index, 0) + n


def run_tills() -> bool:
    zone = Zone("till", TILL, purpose="queue", served_by="till line")
    config = Config((720, 480), (Line("till line", (590, 420), (590, 180)),), (zone,))
    true: list[float] = []
    ours, theirs, gave_up, counted_up, name = Waits(), Waits(extra="knows no service"), 0, 0, ""
    for seed in SEEDS:
        frames, served, left = till(np.random.default_rng(seed))
        watched = watch(frames, config, 1 / TILL_FPS)
        assert watched.row is not None
        found, name = membership(watched, TILL)
        true += [end - begin for begin, end in served]
        ours.add(watched.row.waits)
        for begin, end in found:
            theirs.add({bin_of(end - begin): 1})
        gave_up, counted_up = gave_up + left, counted_up + watched.row.unserved
    ours.extra = f"{counted_up} gave up"
    print(f"3. {len(SEEDS)} tills for {TILL_S / 60:.0f} minutes: {len(true)} served, {gave_up} gave up")
    told_waits(name, theirs, true)
    return told_waits("Atrium", ours, true)


def told_waits(who: str, counted: Waits, true: list[float]) -> bool:
    """Prints one row; whether both quantiles (inverted distribution function) are within 5 %."""
    exact = [float(np.quantile(true, share, method="inverted_cdf")) for share in (0.5, 0.9)]
    told = [quantile(counted.histogram, share) or 0.0 for share in (0.5, 0.9)]
    errors = [got / right - 1 for got, right in zip(told, exact, strict=True)]
    shown = "; ".join(
        f"{name} {got:.1f} s of {right:.1f} ({error:+.1%})"
        for name, got, right, error in zip(("p50", "p90"), told, exact, errors, strict=True)
    )
    print(f"  {who:<28} waits {sum(counted.histogram.values()):>4}, {counted.extra}; {shown}")
    return all(abs(error) <= 0.05 for error in errors)


def main() -> int:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--weights", type=Path, default=DATA / "weights/yolox-nano-416.onnx")
    chosen = arguments.parse_args()
    detector = load_detector(chosen.weights, threads=1)
    print(f"{detector.name}; visits of at least {LEAST_S:g} s, {EXIT_S:g} s outside end one")
    frames = clip_frames()
    good = run_film(detector, frames)
    run_clip(detector, frames)
    good = run_tills() and good
    print("targets reached" if good else "TARGETS MISSED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
