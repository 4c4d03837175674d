"""Who is whom: synthetic people through vision.tracker."""

from __future__ import annotations

import numpy as np
import pytest

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
