"""Shop fronts: who goes in, who only passes."""

from __future__ import annotations

from datetime import UTC

import pytest

from tests.vision.walks import Play, along, square
from vision.config import Config, FrontView, Line, Zone
from vision.scene import Scene

PAVEMENT = square(100, 260, 600, 200)
FRONT = FrontView("shop", "shop door", PAVEMENT, code="F1")


def watch(front: FrontView = FRONT, zones: tuple[Zone, ...] = ()) -> Play:
    door = Line("shop door", (500, 200), (300, 200), gate="G1")  # `in` is up the picture, into the shop
    return Play(Scene(Config((800, 600), (door,), zones, (front,)), zone=UTC))


PASSES = along((3, 20, 350), (13, 780, 350))
ENTERS = along((3, 20, 360), (8, 400, 360), (11, 400, 120), (13, 400, 110))
LEAVES = along((3, 400, 110), (5, 400, 150), (8, 400, 350), (13, 780, 350))
STANDS = along((3, 400, 350), (13, 410, 350))
TURNS = along((3, 20, 300), (6, 300, 300), (9, 20, 300), (13, 20, 290))


def test_passers_by_entries_and_those_who_come_out() -> None:
    row = watch().run({1: PASSES, 2: ENTERS, 3: LEAVES}, 20).close().only("buckets")
    assert (row.gate, row.lines, row.n_in, row.n_out, row.n_pass) == ("G1", ("shop door",), 1, 1, 1)


def test_who_stands_before_the_window_has_not_passed_and_who_turns_round_has() -> None:
    play = watch().run({1: STANDS, 2: TURNS}, 20).close()
    assert play.total("buckets", "n_pass") == 1
    assert play.total("minutes", "n_pass") == 1


def test_the_same_person_who_passes_twice_is_two_passages() -> None:
    path = along((3, 20, 350), (8, 780, 350), (11, 780, 350), (16, 20, 350))
    assert watch().run({1: path}, 25).close().total("buckets", "n_pass") == 2


def test_a_front_with_a_gate_of_its_own_has_entries_and_passers_by_there() -> None:
    front = FrontView("shop", "shop door", PAVEMENT, gate="G9")
    play = watch(front).run({1: PASSES, 2: ENTERS}, 20).close()
    found = {gate: (row.n_in, row.n_pass) for (gate, _), row in play.rows["buckets"].items()}
    assert found == {"G1": (1, 0), "G9": (1, 1)}


def test_staff_pass_nothing_by() -> None:
    staff = Zone("staff door", square(720, 250, 80, 200), purpose="staff")
    assert watch(zones=(staff,)).run({1: PASSES}, 20).close().total("buckets", "n_pass") == 0


@pytest.mark.parametrize("cut", [5.0, 8.0, 12.0])
def test_a_gap_in_the_passage_counts_nobody(cut: float) -> None:
    play = watch().run({1: PASSES}, cut).skip(12).run({}, cut + 20).close()
    assert play.total("buckets", "n_pass") == (1 if cut > 12.5 else 0)
    assert len(play.scene) == 0
