"""Pictures that were held up are old; those that come as they are taken are not."""

from __future__ import annotations

from collections.abc import Sequence

from vision.backlog import Backlog


def old(arrivals: Sequence[float]) -> list[bool]:
    backlog = Backlog()
    return [backlog.old(at) for at in arrivals]


def steady(begin: float, count: int, period: float = 0.1) -> list[float]:
    return [begin + n * period for n in range(count)]


def test_a_steady_camera_has_no_old_pictures() -> None:
    assert not any(old(steady(0.0, 500)))
    assert not any(old(steady(0.0, 100, period=0.5)))


def test_what_comes_at_once_after_a_stall_is_old_until_it_is_made_up_for() -> None:
    before, burst = steady(0.0, 100), steady(15.0, 50, period=0.005)
    after = steady(burst[-1] + 0.1, 50)
    found = old([*before, *burst, *after])
    assert not any(found[:100])
    assert all(found[100:148])
    assert not any(found[153:])


def test_after_a_stall_of_the_camera_itself_its_pictures_are_taken_again_at_once() -> None:
    found = old([*steady(0.0, 100), *steady(15.0, 50)])
    assert found.count(True) <= 3
    assert not any(found[103:])


def test_a_short_wait_is_no_stall() -> None:
    assert not any(old([*steady(0.0, 50), *steady(5.5, 50)]))


def test_a_camera_that_gives_few_pictures_while_nothing_moves_loses_hardly_any() -> None:
    quiet = steady(0.0, 20, period=1.2)
    lively = steady(quiet[-1] + 1.2, 100, period=0.04)
    assert old([*quiet, *lively])[20:].count(True) <= 3
