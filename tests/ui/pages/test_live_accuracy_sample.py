"""A stretch counted by hand: its clock, its breaks, its edges."""

from __future__ import annotations

from app.ui.pages.live.accuracy.frames import Stills
from app.ui.pages.live.accuracy.sample import Sample
from engines.cameras.accuracy import match


def running(**kind: float) -> Sample:
    sample = Sample(**kind)
    sample.picture(1_000)
    assert sample.phase == "ready"
    sample.picture(4_000)
    assert sample.phase == "running"
    return sample


def test_nothing_is_tapped_before_it_runs():
    sample = Sample(length_s=60)
    assert not sample.tap("in")
    sample.picture(0)  # no picture yet
    assert sample.phase == "waiting"


def test_a_stretch_ends_after_its_time_and_waits_for_late_crossings():
    sample = running(length_s=60)
    sample.picture(10_000, [(9_000, "in")])
    assert sample.tap("in")
    sample.picture(64_000)
    assert sample.phase == "closing"
    assert sample.elapsed_s() == 60
    sample.picture(67_000, [(63_000, "out")])
    assert sample.phase == "closing"
    sample.picture(69_000)
    assert sample.phase == "done"
    assert sample.settled() == ([(10_000, "in")], [(9_000, "in"), (63_000, "out")])


def test_a_stretch_of_so_many_crossings_ends_with_the_last_tap():
    sample = running(crossings=2)
    sample.tap("in")
    sample.picture(9_000)
    sample.tap("out")
    assert sample.phase == "closing"
    assert [way for _, way in sample.taps] == ["in", "out"]


def test_a_break_is_left_out_on_both_sides_and_lengthens_the_stretch():
    sample = running(length_s=60)
    sample.picture(10_000)
    sample.pause()
    assert not sample.tap("in")
    sample.picture(50_000, [(30_000, "in")])
    sample.resume()
    sample.picture(64_000)
    assert sample.phase == "running"
    sample.picture(104_000)
    assert sample.phase == "closing"
    sample.end()
    assert sample.settled() == ([], [])


def test_the_last_tap_can_be_taken_back():
    sample = running(length_s=60)
    assert not sample.undo()
    sample.tap("in")
    sample.tap("out")
    assert sample.undo()
    assert (sample.count("in"), sample.count("out")) == (1, 0)


def test_a_partner_just_beyond_the_edge_is_neither_missed_nor_false():
    sample = running(length_s=60)
    sample.picture(63_900, [(63_800, "out")])
    sample.tap("in")  # the camera is sure of it only after the end
    sample.picture(64_100)
    assert sample.phase == "closing"
    assert sample.tap("out")  # a slow finger for the crossing of 63.8 s
    sample.picture(69_000, [(65_000, "in"), (65_500, "in")])
    taps, crossings = sample.settled()
    found = match(taps, crossings)
    assert len(found.pairs) == 2
    assert not found.missed
    assert not found.false  # the second `in` belongs to nobody's tap and happened after the end


def test_an_early_end_keeps_what_was_counted():
    sample = running(length_s=600)
    sample.picture(20_000, [(19_000, "in")])
    sample.tap("in")
    sample.close()
    sample.end()
    assert sample.phase == "done"
    assert sample.ended_at == 20_000


def test_still_pictures_are_as_far_apart_as_asked():
    stills = Stills(3)
    assert stills.wants(1_000, 4)
    assert not stills.wants(9_000, 4)  # one is held
    stills.tell(5)
    assert stills.frames == [(5.0, 4.0)]
    assert not stills.wants(2_000, 4)
    assert not stills.wants(9_000, None)  # the camera does not see the zone
    assert stills.wants(9_000, 0)
