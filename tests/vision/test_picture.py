"""Pictures that cannot be believed, and motion; the real clip and its night must raise no alarm."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np
import pytest

from tests.data import data_file
from vision.boxes import Image
from vision.outlook import COVERED_S, MOVED_S, NEW_VIEW_S
from vision.picture import MotionGate, PictureCheck, PictureState

SIZE = (240, 320)
FPS = 5


@pytest.fixture(scope="module")
def noise() -> Sequence[np.ndarray]:
    """Seven pictures of sensor noise of one grey level's spread."""
    random = np.random.default_rng(4)
    return [random.normal(0, 1, (*SIZE, 3)).astype(np.float32) for _ in range(7)]


def hall(seed: int = 1, *, colour: bool = True) -> Image:
    """A hall of coloured, lit and patterned things, so with structure everywhere."""
    random = np.random.default_rng(seed)
    image = np.full((*SIZE, 3), 110, np.uint8)
    for _ in range(250):
        x, y, w, h = random.integers(0, 320), random.integers(0, 240), random.integers(4, 30), random.integers(4, 30)
        shade = random.integers(30, 220, 3) if colour else np.repeat(random.integers(30, 220), 3)
        cv2.rectangle(image, (int(x), int(y)), (int(x + w), int(y + h)), [int(each) for each in shade], -1)
    return image


class Watched:
    """A check whose clock goes on by itself."""

    def __init__(self, noise: Sequence[np.ndarray], *, sigma: float = 2.0) -> None:
        self.check = PictureCheck()
        self.noise, self.sigma = noise, sigma
        self.count = 0

    def show(self, image: Image, seconds: float, *, fps: float = FPS, noisy: bool = True) -> PictureState:
        """Shows the picture for so long; the last state."""
        for _ in range(max(round(seconds * fps), 1)):
            self.count += 1
            self.seconds = getattr(self, "seconds", 0.0) + 1 / fps
            shown = image
            if noisy:
                shown = np.clip(image + self.noise[self.count % 7] * self.sigma, 0, 255).astype(np.uint8)
            state = self.check.look(shown, self.seconds)
        return state


@pytest.fixture
def watched(noise: Sequence[np.ndarray]) -> Watched:
    made = Watched(noise)
    assert made.show(hall(), 30).flaws == ()
    return made


def test_an_identical_picture_is_frozen_after_a_minute_and_not_before(watched: Watched) -> None:
    assert watched.show(hall(), 59, noisy=False).flaws == ()
    assert watched.show(hall(), 2, noisy=False).flaws == ("frozen",)
    changed = hall()
    changed[96:104, 100] += 1
    assert watched.show(changed, 0.2, noisy=False).flaws == ()


def test_a_still_scene_with_noise_is_not_frozen(noise: Sequence[np.ndarray]) -> None:
    assert Watched(noise, sigma=0.6).show(hall(), 90).flaws == ()


def test_a_black_picture(watched: Watched) -> None:
    lid = np.full((*SIZE, 3), 8, np.uint8)
    assert "black" not in watched.show(lid, 1).flaws
    assert "black" in watched.show(lid, 3).flaws
    assert watched.show(hall(), 1).flaws == ()


def test_a_hand_before_the_lens(watched: Watched) -> None:
    hand = np.full((*SIZE, 3), 90, np.uint8)
    assert watched.show(hand, COVERED_S - 2).flaws == ()
    assert watched.show(hand, 4).flaws == ("covered",)
    assert watched.show(hall(), 1.2).flaws == ()


def test_paint_on_the_lens(watched: Watched) -> None:
    assert watched.show(cv2.GaussianBlur(hall(), (0, 0), 12).astype(np.uint8), COVERED_S + 3).flaws == ("covered",)


@pytest.mark.parametrize("shift", [(16, 0), (0, 10), (60, 30)])
def test_a_camera_that_was_turned(watched: Watched, shift: tuple[int, int]) -> None:
    turned = np.roll(hall(), shift, axis=(1, 0))
    assert watched.show(turned, MOVED_S - 2).flaws == ()
    assert watched.show(turned, 5).flaws == ("moved",)
    assert watched.show(hall(), 1.2).flaws == ()


def test_a_moved_view_is_accepted_when_told(watched: Watched) -> None:
    assert watched.show(hall(2), MOVED_S + 3).flaws == ("moved",)
    watched.check.accept_view()
    state = watched.show(hall(2), 30)
    assert (state.flaws, state.new_view) == ((), False)
    assert watched.show(hall(), MOVED_S + 3).flaws == ("moved",)


def test_a_moved_view_that_stays_is_taken_over_and_says_so(watched: Watched) -> None:
    state = watched.show(hall(2), NEW_VIEW_S - 60, fps=1)
    assert (state.flaws, state.new_view) == (("moved",), False)
    state = watched.show(hall(2), 120, fps=1)
    assert (state.flaws, state.new_view) == ((), True)
    assert watched.show(hall(), 5).flaws == ()  # the old view is still known


def test_night_vision_is_another_view_of_the_same_place(watched: Watched) -> None:
    grey = cv2.cvtColor(hall(5, colour=False), cv2.COLOR_BGR2GRAY)
    infrared = np.repeat(grey[:, :, None], 3, axis=2)
    silent = watched.noise
    watched.noise = [np.repeat(each[:, :, :1], 3, axis=2) for each in silent]
    assert watched.show(infrared, 60).flaws == ()
    watched.noise = silent
    assert watched.show(hall(), 30).flaws == ()


def test_a_dense_crowd_is_no_other_view(watched: Watched) -> None:
    """People hide four fifths of the picture for minutes, but never the same fifth is free for long."""
    crowd = hall(9)
    for step in range(120):
        full = crowd.copy()
        free = (step * 37) % 256
        full[:, free : free + 64] = hall()[:, free : free + 64]
        assert watched.show(full, 1, fps=2).flaws == ()
        crowd = np.roll(crowd, (11, 7), axis=(1, 0))


def test_the_lights_going_out_is_night_and_nothing_else(watched: Watched) -> None:
    dim = (hall() * 0.2).astype(np.uint8)
    assert watched.show(dim, 5).flaws == ()
    assert watched.show(dim, 60).flaws == ("dark",)
    assert watched.show(hall(), 2).flaws == ()


def test_another_resolution_begins_anew(watched: Watched) -> None:
    watched.noise = [cv2.resize(each, (640, 360)) for each in watched.noise]
    assert watched.show(cv2.resize(hall(3), (640, 360)).astype(np.uint8), 40).flaws == ()


@pytest.mark.parametrize("size", [(1, 1), (2, 3000), (480, 16), (17, 31)])
def test_pictures_of_odd_sizes(size: tuple[int, int]) -> None:
    check = PictureCheck()
    for number in range(40):
        state = check.look(np.full((*size, 3), 100 + number, np.uint8), float(number))
    assert 0 <= state.motion <= 1


@pytest.fixture(scope="module")
def clip() -> list[Image]:
    capture = cv2.VideoCapture(str(data_file("vision/vtest.avi")))
    found: list[Image] = []
    while (answer := capture.read())[0]:
        found.append(answer[1].astype(np.uint8))
    capture.release()
    return found


def night(gain: float, sigma: float) -> Callable[[Image, int], Image]:
    random = np.random.default_rng(6)
    grain = [random.normal(0, sigma, (360, 480, 3)).astype(np.float32) for _ in range(5)]
    return lambda image, number: np.clip(image * gain + grain[number % 5], 0, 255).astype(np.uint8)


def flaws_of(pictures: Iterator[Image], *, fps: float) -> set[str]:
    check = PictureCheck()
    return {flaw for number, image in enumerate(pictures) for flaw in check.look(image, number / fps).flaws}


@pytest.mark.parametrize("fps", [10, 1])
def test_real_footage_raises_no_alarm(clip: list[Image], fps: float) -> None:
    assert flaws_of(iter(clip), fps=fps) == set()


@pytest.mark.parametrize(
    ("gain", "sigma", "found"), [(0.5, 8, set()), (0.25, 8, {"dark"}), (0.1, 5, {"dark"}), (0.06, 3, {"dark"})]
)
def test_real_footage_at_night_is_only_dark(clip: list[Image], gain: float, sigma: float, found: set[str]) -> None:
    darker = night(gain, sigma)
    assert flaws_of((darker(image, number) for number, image in enumerate(clip[::4])), fps=2.5) == found


def test_people_on_real_footage_are_motion_and_an_empty_hall_is_not(
    clip: list[Image], noise: Sequence[np.ndarray]
) -> None:
    check = PictureCheck()
    motion = [check.look(image, number / 10).motion for number, image in enumerate(clip)]
    assert min(motion[10:]) > 0.002
    still = Watched(noise, sigma=6)
    assert max(still.show(hall(), 0.2).motion for _ in range(100)) == 0


def test_a_small_slow_walker_is_motion(noise: Sequence[np.ndarray]) -> None:
    still = Watched(noise, sigma=3)
    still.show(hall(), 2)
    found = []
    for step in range(20):
        image = hall()
        image[100:114, 50 + step : 55 + step] = (20, 20, 30)
        found.append(still.show(image, 0.2).motion)
    assert min(found[5:]) >= 0.0004


def test_the_gate_lets_one_picture_a_second_through_and_opens_at_once() -> None:
    gate = MotionGate()
    times = np.arange(0, 20, 0.1)
    quiet = [at for at in times if gate.opens(0.0, float(at), 0)]
    assert len([at for at in quiet if at > 5]) == 14
    assert gate.opens(0.0, 20.05, 0)
    assert not gate.opens(0.0, 20.3, 0)
    assert gate.opens(0.001, 20.4, 0)
    assert all(gate.opens(0.0, 20.4 + wait, 0) for wait in (0.1, 0.5, 1.0, 1.9))
    assert all(gate.opens(0.0, float(at), 1) for at in np.arange(30, 35, 0.1))
