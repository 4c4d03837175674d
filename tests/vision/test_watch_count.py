"""The whole of counting: scripted scenes, damaged files, real footage."""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path

import numpy as np
import pytest

from models.errors import Known
from tests.data import data_file
from tests.vision.scenes import Clip, Script, drawn_video, standing
from vision.boxes import Boxes
from vision.buckets import BUCKET_MS, BucketRow
from vision.config import Config, Line, load_config
from vision.detectors import load_detector
from vision.detectors.contract import Detector
from vision.scene import Rows
from vision.source import Frame, Recording
from vision.watch import Report, _Run, count

DOOR = Config((640, 480), (Line("door", (320, 0), (320, 480), gate="G1"),))
PICTURE = np.zeros((480, 640, 3), np.uint8)
Held = dict[tuple[str, int], BucketRow]


def counted(
    source: str | Clip, config: Config = DOOR, answers: list[Boxes] | None = None, **options: object
) -> tuple[Report, Held]:
    """The report, and the rows as a writer that replaces them holds them at the end."""
    held: Held = {}

    def write(rows: Rows) -> None:
        for row in rows.buckets:
            held[row.gate, row.start_ms] = row

    detector = load_detector(None, threads=1) if answers is None else Script(answers)
    return count(source, config, detector, on_rows=write, **options), held  # type: ignore[arg-type]


def walk(frames: int, start: float = 510, step: float = -20) -> list[Boxes]:
    return [standing((start + n * step, 400)) for n in range(frames)]


def ticks(frames: int, begin: float = 0) -> list[float]:
    return [begin + n / 10 for n in range(frames)]


def test_a_person_through_the_door() -> None:
    clip = Clip(ticks(20))
    report, rows = counted(clip, answers=walk(20))
    assert report.as_json() == {
        "source": "clip",
        "detector": "script",
        "fallback": False,
        "frames": 20,
        "frames_expected": 20,
        "frames_dropped": 0,
        "video_seconds": 2.0,
        "seconds": pytest.approx(report.seconds, abs=0.001),
        "damaged": False,
        "complete": True,
        "lines": [{"name": "door", "in": 1, "out": 0}],
        "crossings": [{"line": "door", "frame": 10, "direction": "in"}],
        "notes": [],
    }
    (row,) = rows.values()
    assert (row.gate, row.n_in, row.n_out, row.seconds_observed, row.finished) == ("G1", 1, 0, 2, True)
    assert clip.closed


def test_lines_are_scaled_to_the_real_picture() -> None:
    double = Config((1280, 960), (Line("door", (640, 0), (640, 960)),))
    report, _ = counted(Clip(ticks(20)), double, walk(20))
    assert report.totals == {"door": [1, 0]}
    assert report.notes == []


def test_another_shape_than_the_configs_is_told() -> None:
    report, _ = counted(Clip(ticks(2), size=(640, 360)), answers=walk(2))
    assert "640 x 480" in report.notes[0] and "640 x 360" in report.notes[0]


def test_a_picture_that_grows_keeps_counting_and_one_that_changes_shape_stops() -> None:
    grows = Clip(ticks(50), size=lambda n: (640, 480) if n < 25 else (1280, 960))
    answers = [*walk(25), *(boxes.scaled(2, 2) for boxes in walk(25))]
    report, _ = counted(grows, answers=answers)
    assert report.totals == {"door": [2, 0]}
    turned = Clip(ticks(50), size=lambda n: (640, 480) if n < 25 else (480, 640))
    with pytest.raises(Known, match="became 480 x 640 at frame 25"):
        counted(turned, answers=walk(50))
    assert turned.closed


def test_a_gap_ends_the_tracks_and_is_not_watched_time() -> None:
    seconds = [*ticks(9), *ticks(9, begin=10)]
    answers = [*walk(9), *walk(9, start=280)]
    report, rows = counted(Clip(seconds), answers=answers)
    assert report.totals == {"door": [0, 0]}
    assert [row.seconds_observed for row in rows.values()] == [2]


def test_hidden_behind_a_pillar_at_the_door_is_counted_once() -> None:
    answers = [boxes if not 8 <= n < 20 else Boxes.empty() for n, boxes in enumerate(walk(30, step=-12))]
    report, _ = counted(Clip(ticks(30)), answers=answers)
    assert report.totals == {"door": [1, 0]}


def test_a_crowd_that_is_gone_leaves_nothing_behind() -> None:
    run = _Run(Clip([]), DOOR, Script([]), UTC, None, None, None)
    for n, at in enumerate(ticks(5000)):
        feet = [(40 + (7 * n + 97 * k) % 560, 300 + (n * 31 + k * 53) % 180) for k in range(4)]
        run.step(Frame(n, at, round(at * 1000), PICTURE), standing(*feet))
    assert len(run.pipeline.tracker) < 150
    assert len(run.pipeline.scene) < 300


def test_crossings_fall_into_the_quarter_of_their_instant() -> None:
    clip = Clip(ticks(40), start_at_ms=BUCKET_MS - 2000)
    _, rows = counted(clip, answers=[*walk(20), *walk(20, start=100, step=20)])
    assert {start: (row.n_in, row.n_out, row.seconds_observed) for (_, start), row in rows.items()} == {
        0: (1, 0, 2),
        BUCKET_MS: (0, 1, 2),
    }


def test_boxes_that_are_no_boxes_do_no_harm() -> None:
    bad = np.array([[np.nan, 0, 5, 5], [9, 9, 3, 3]], np.float32)
    raw = Boxes(bad, np.ones(2, np.float32), np.zeros(2, np.int16), np.full(2, -1))
    report, _ = counted(Clip(ticks(20)), answers=[raw if n == 5 else boxes for n, boxes in enumerate(walk(20))])
    assert report.totals == {"door": [1, 0]}


def test_an_empty_scene_is_watched_and_counts_nothing() -> None:
    _, rows = counted(Clip(ticks(30)), answers=[Boxes.empty()] * 30)
    assert [(row.n_in, row.n_out, row.seconds_observed) for row in rows.values()] == [(0, 0, 3)]


def test_stopping_keeps_what_was_counted() -> None:
    seen: list[int] = []
    report, rows = counted(
        Clip(ticks(40)),
        answers=walk(40),
        cancelled=lambda: len(seen) >= 20,
        on_frame=lambda frame, boxes, crossings: seen.append(len(boxes)),
    )
    assert (report.complete, report.frames, report.totals) == (False, 20, {"door": [1, 0]})
    assert [(row.n_in, row.finished) for row in rows.values()] == [(1, False)]


def test_progress_ends_at_the_number_of_frames() -> None:
    told: list[tuple[int, int | None]] = []
    counted(Clip(ticks(7)), answers=walk(7), progress=lambda done, whole: told.append((done, whole)))
    assert told[-1] == (7, 7)


def test_a_drawn_recording_with_the_fallback_twice(tmp_path: Path) -> None:
    path = drawn_video(tmp_path / "a.avi", 60)
    config = Config((160, 120), (Line("door", (100, 0), (100, 120)),))
    first, rows = counted(str(path), config, start_at_ms=5 * BUCKET_MS)
    again, same = counted(str(path), config, start_at_ms=5 * BUCKET_MS)
    assert first.totals == {"door": [0, 1]}
    assert first.fallback and "reduced accuracy" in first.notes[0]
    assert (rows, first.crossings) == (same, again.crossings)


def test_half_a_recording_is_counted_and_said_to_be_damaged(tmp_path: Path) -> None:
    whole = data_file("vision/vtest.avi").read_bytes()
    path = tmp_path / "half.avi"
    path.write_bytes(whole[: len(whole) // 2])
    report, rows = counted(str(path), answers=[Boxes.empty()] * 795, start_at_ms=0)
    assert report.damaged and report.expected == 795 and 300 < report.frames < 500
    assert f"Only {report.frames} of 795 frames" in report.notes[0]
    assert sum(row.seconds_observed for row in rows.values()) == round(report.frames / 10)


def test_flipped_bytes_never_crash(tmp_path: Path) -> None:
    content = bytearray(data_file("vision/vtest.avi").read_bytes())
    places = np.random.default_rng(0).integers(4096, len(content), 400)
    for place in places.tolist():
        content[place] ^= 0xFF
    path = tmp_path / "flipped.avi"
    path.write_bytes(content)
    report, _ = counted(str(path), answers=[Boxes.empty()] * 795, start_at_ms=0)
    assert report.frames > 0
    assert report.damaged == (report.frames < 0.95 * 795)


def test_a_header_without_pictures_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "header.avi"
    path.write_bytes(data_file("vision/vtest.avi").read_bytes()[:6000])
    with pytest.raises(Known, match=r"header\.avi"):
        counted(str(path))


@pytest.mark.parametrize(("weights", "most_wrong"), [("weights/person-detection-retail-0013", 1), (None, 3)])
def test_real_footage_against_the_true_crossings(weights: str | None, most_wrong: int) -> None:
    """The first 150 frames; the fallback has no background learned yet, and people walk in pairs."""
    video = data_file("vision/vtest.avi")
    config = load_config(data_file("vision/lines.toml"))
    events = json.loads(data_file("vision/lines.truth.json").read_text())["events"]
    detector: Detector = load_detector(data_file(weights) if weights else None, threads=1)
    last = 150
    seen: list[int] = []
    report = count(
        str(video),
        config,
        detector,
        start_at_ms=0,
        on_frame=lambda frame, boxes, crossings: seen.append(frame.index),
        cancelled=lambda: len(seen) > last + 5,
    )
    wrong = 0
    for line in config.lines:
        for direction in ("in", "out"):
            true = [e for e in events if (e["line"], e["dir"]) == (line.name, direction) and e["frame"] - 1 <= last]
            got = [each for each in report.crossings if (each.line, each.direction) == (line.name, direction)]
            wrong += abs(len(true) - sum(each.frame <= last for each in got))
    assert len([e for e in events if e["frame"] - 1 <= last]) >= 10
    assert wrong <= most_wrong
    assert report.fallback is (weights is None)


def test_a_recording_is_turned_as_its_config_says(tmp_path: Path) -> None:
    config = Config((120, 160), (Line("door", (0, 80), (120, 80)),), rotate=90)
    shapes: set[tuple[int, ...]] = set()
    recording = str(drawn_video(tmp_path / "a.avi", 12))
    report, _ = counted(recording, config, on_frame=lambda frame, *_: shapes.add(frame.image.shape))
    assert shapes == {(160, 120, 3)}
    assert not any("stretched" in note for note in report.notes)


@pytest.mark.parametrize(("name", "damaged"), [("a.mkv", False), ("a.avi", True)])
def test_a_variable_rate_is_no_damage_where_the_file_tells_no_number_of_frames(
    tmp_path: Path, name: str, damaged: bool
) -> None:
    """Ten frames a second of a camera whose usual rate is twenty: half the frames, the whole length."""
    recording = Recording(drawn_video(tmp_path / name, 40))
    recording.expected, recording.period = 80, 0.05
    report = count(recording, DOOR, Script([Boxes.empty()] * 40))
    assert (report.frames, report.damaged) == (40, damaged)


def test_a_file_that_ends_early_is_damaged_also_where_it_tells_only_its_length(tmp_path: Path) -> None:
    recording = Recording(drawn_video(tmp_path / "a.mkv", 40))
    recording.expected = 60
    assert count(recording, DOOR, Script([Boxes.empty()] * 40)).damaged
