"""The wall clock may creep, jump, or be absurd; each is told apart on clocks that the test moves."""

from __future__ import annotations

from app.service.clockwatch import ClockWatch

YEAR = 366 * 86_400.0


class Clocks:
    """A wall clock and a steady one."""

    def __init__(self) -> None:
        self.wall = 1_790_000_000.0
        self.steady = 100.0

    def pass_time(self, seconds: float, *, jump: float = 0.0) -> None:
        self.steady += seconds
        self.wall += seconds + jump

    def watch(self, known: float = 0.0) -> ClockWatch:
        return ClockWatch(wall=lambda: self.wall, steady=lambda: self.steady, known=known)


def test_time_that_passes_is_no_jump_nor_is_slow_correction() -> None:
    clocks = Clocks()
    watch = clocks.watch()
    for _ in range(1000):
        clocks.pass_time(5.0, jump=0.5)
        assert watch.look() == "none"


def test_sleep_and_a_clock_set_back_are_told_once() -> None:
    clocks = Clocks()
    watch = clocks.watch()
    clocks.pass_time(5.0, jump=7200.0)
    assert (watch.look(), watch.look()) == ("forward", "none")
    clocks.pass_time(5.0, jump=-3600.0)
    assert (watch.look(), watch.look()) == ("backward", "none")


def test_a_jump_of_over_a_year_is_absurd_until_it_is_taken_back() -> None:
    clocks = Clocks()
    watch = clocks.watch()
    clocks.pass_time(5.0, jump=10 * YEAR)
    assert (watch.look(), watch.look()) == ("absurd", "absurd")
    clocks.pass_time(5.0, jump=-10 * YEAR)
    assert watch.look() == "none"


def test_a_machine_that_begins_in_the_year_2000_waits_for_the_right_time_and_believes_it() -> None:
    clocks = Clocks()
    right = clocks.wall
    clocks.wall = 946_684_800.0
    watch = clocks.watch(known=right - 3600)
    assert watch.look() == "absurd"
    clocks.pass_time(5.0, jump=right - clocks.wall)
    assert (watch.look(), watch.look()) == ("forward", "none")
