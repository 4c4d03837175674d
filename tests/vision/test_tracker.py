"""Who is whom: synthetic people through vision.tracker."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.vision.crowd import scene
from benchmarks.vision.scores import Shown as Crowd
from benchmarks.vision.scores import track_score
from tests.vision.scenes import standing
from vision.boxes import Boxes
from vision.tracker import Tracker

Shown = dict[int, tuple[float, float]]


def shown(boxes: Boxes) -> Shown:
    return {track: (foot[0], foot[1]) for track, foot in zip(boxes.track.tolist(), boxes.feet.tolist(), strict=True)}


def nearest(people: Shown, x: float, y: float) -> int:
    return min(people, key=lambda track: (people[track][0] - x) ** 2 + (people[track][1] - y) ** 2)


def test_one_walker_is_one_track() -> None:
    tracker = Tracker()
    numbers = {track for n in range(50) for track in shown(tracker.update(standing((50 + 8 * n, 300)), n / 10))}
    assert len(numbers) == 1


@pytest.mark.parametrize("fps", [4, 10, 25])
def test_people_whose_paths_cross_keep_their_numbers(fps: int) -> None:
    tracker = Tracker()

    def place(second: float) -> tuple[tuple[float, float], tuple[float, float]]:
        return (100 + 80 * second, 300 + 10 * second), (500 - 80 * second, 350 - 10 * second)

    numbers = []
    for n in range(5 * fps + 1):
        people = shown(tracker.update(standing(*place(n / fps)), n / fps))
        if n in (fps, 4 * fps):
            numbers.append([nearest(people, *foot) for foot in place(n / fps)])
    assert numbers[0] == numbers[1]
    assert len(set(numbers[0])) == 2


@pytest.mark.parametrize("fps", [5, 10, 25])
def test_hidden_for_a_second_and_still_the_same(fps: int) -> None:
    tracker = Tracker()
    numbers = set()
    for n in range(5 * fps):
        hidden = 2 * fps <= n < 3 * fps
        boxes = Boxes.empty() if hidden else standing((100 + 60 * n / fps, 300))
        numbers |= set(shown(tracker.update(boxes, n / fps)))
    assert len(numbers) == 1


def test_gone_for_longer_than_the_memory_is_someone_else() -> None:
    tracker = Tracker()
    for n in range(10):
        tracker.update(standing((100, 300)), n / 10)
    assert set(shown(tracker.update(standing((100, 300)), 3.5))) == {1}
    assert tracker.ended == [0]


def test_an_uncertain_box_continues_a_track_and_begins_none() -> None:
    tracker = Tracker()
    for n in range(20):
        tracker.update(standing((100 + 5 * n, 300), score=0.9 if n < 10 else 0.15), n / 10)
    people = shown(
        tracker.update(
            Boxes.of(np.concatenate([standing((200, 300)).xyxy, standing((500, 300)).xyxy]), [0.15, 0.15]), 2.0
        )
    )
    assert set(people) == {0}


def test_a_person_far_away_is_never_the_same() -> None:
    tracker = Tracker()
    for n in range(10):
        tracker.update(standing((100, 300)), n / 10)
    assert set(shown(tracker.update(standing((400, 300)), 1.9))) == {1}


def test_a_shaking_box_moves_less_than_it_shakes() -> None:
    tracker = Tracker()
    shake = np.random.default_rng(3).normal(0, 4, (100, 2))
    seen = [shown(tracker.update(standing((200 + dx, 300 + dy)), n / 10))[0] for n, (dx, dy) in enumerate(shake)]
    assert np.std(np.array(seen)[20:], axis=0).max() < 0.8 * shake[20:].std(axis=0).min()


def test_closing_ends_every_track() -> None:
    tracker = Tracker()
    tracker.update(standing((100, 300), (300, 300)), 0.0)
    tracker.close()
    assert sorted(tracker.ended) == [0, 1]
    assert len(tracker) == 0


def test_ten_thousand_people_leave_nothing_behind() -> None:
    tracker = Tracker()
    ended: list[int] = []
    most = 0
    for n in range(10_000):
        tracker.update(standing((100 + (n * 977) % 3000, 100 + (n * 613) % 2000)), float(n))
        ended += tracker.ended
        most = max(most, len(tracker))
    assert most <= 4
    assert len(ended) == len(set(ended)) > 9_000


def test_the_same_boxes_give_the_same_tracks() -> None:
    feet = np.random.default_rng(5).uniform(0, 600, (40, 6, 2))

    def once() -> list[Shown]:
        tracker = Tracker()
        return [shown(tracker.update(standing(*map(tuple, people)), n / 10)) for n, people in enumerate(feet)]

    assert once() == once()


def people_of(tracker: Tracker, frames: list[Boxes], fps: float = 10) -> list[Shown]:
    return [shown(tracker.update(boxes, n / fps)) for n, boxes in enumerate(frames)]


def both(*boxes: Boxes) -> Boxes:
    return Boxes.of(np.concatenate([each.xyxy for each in boxes]), np.concatenate([each.score for each in boxes]))


@pytest.mark.parametrize("fps", [4, 7, 15])
def test_a_person_who_stops_and_goes_on_is_one_track(fps: int) -> None:
    def x(second: float) -> float:
        return 100 + 80 * min(second, 2) + 80 * max(second - 5, 0)

    seen = people_of(Tracker(), [standing((x(n / fps), 300)) for n in range(8 * fps)], fps)
    assert {track for people in seen for track in people} == {0}
    assert abs(seen[4 * fps][0][0] - x(4)) < 3


def test_hidden_legs_do_not_move_the_feet() -> None:
    """Someone in front hides the lower third for a second: the feet stay where the head says they are."""
    frames = []
    for n in range(40):
        box = standing((100 + 6 * n, 300)).xyxy.copy()
        if 15 <= n < 25:
            box[:, 3] -= 35
        frames.append(Boxes.of(box, [0.9]))
    seen = people_of(Tracker(), frames)
    assert {track for people in seen for track in people} == {0}
    assert max(abs(people[0][1] - 300) for people in seen) < 4


def test_two_side_by_side_who_pass_one_who_stands_keep_their_numbers() -> None:
    frames = [standing((60 + 9 * n, 300), (100 + 9 * n, 306), (300, 270)) for n in range(50)]
    seen = people_of(Tracker(), frames)
    places = {track: foot for track, foot in seen[-1].items()}
    assert len({track for people in seen for track in people}) == 3
    assert nearest(places, 300, 270) == 2 and nearest(places, 60 + 9 * 49, 300) == 0


def test_one_box_of_a_part_of_someone_is_nobody() -> None:
    person = [standing((100 + 6 * n, 300)) for n in range(20)]
    part = standing((105 + 6 * 10, 270), height=50, score=0.5)
    frames = [both(boxes, part) if n == 10 else boxes for n, boxes in enumerate(person)]
    assert {track for people in people_of(Tracker(), frames) for track in people} == {0}


def test_one_who_comes_in_alone_is_shown_at_once() -> None:
    assert set(shown(Tracker().update(standing((100, 300), score=0.4), 0.0))) == {0}


def test_furniture_that_sometimes_resembles_a_person_is_not_present_all_day() -> None:
    scores = [0.4, *[0.15, 0.12, 0.3, 0.2, 0.14] * 40]
    seen = people_of(Tracker(), [standing((200, 300), score=score) for score in scores])
    assert not any(seen[30:])


def test_a_person_who_walked_in_is_shown_though_hardly_seen() -> None:
    walking = [standing((100 + 8 * n, 300), score=0.8) for n in range(15)]
    standing_still = [standing((100 + 8 * 14, 300), score=0.15) for _ in range(60)]
    seen = people_of(Tracker(), [*walking, *standing_still])
    assert all(set(people) == {0} for people in seen)


def test_a_person_who_sits_there_from_the_start_is_shown() -> None:
    seen = people_of(Tracker(), [standing((200, 300), score=0.5) for _ in range(200)])
    assert all(set(people) == {0} for people in seen)


def test_a_clock_that_stands_still_harms_nothing() -> None:
    tracker = Tracker()
    for n in range(10):
        seen = shown(tracker.update(standing((100 + n, 300)), 5.0))
    assert set(seen) == {0} and np.isfinite(list(seen.values())).all()


@pytest.mark.parametrize("fps", [3.5, 7.0])
def test_drawn_crowds_are_told_apart(fps: float) -> None:
    """Groups that cross and stop behind each other and behind pillars. Perfect numbers are out of reach, as whole
    people are hidden for seconds; a tracker without motion, or one that hands numbers about, falls far below."""
    frames, tracker = scene(11, fps=fps, people=20, seconds=30), Tracker()
    tracks = [tracker.update(Boxes.of(each.xyxy, each.score), each.seconds) for each in frames]
    found = {n: Crowd(each.xyxy, each.track) for n, each in enumerate(tracks)}
    score = track_score({n: each.truth for n, each in enumerate(frames)}, found)
    assert score.idf1 >= 0.65 and score.switches <= 15
