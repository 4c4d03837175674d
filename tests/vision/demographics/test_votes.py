"""Of a person's faces the best three decide, the better ones more."""

from __future__ import annotations

from vision.demographics.attributes import Estimate
from vision.demographics.votes import Followed, Vote


def person(*faces: tuple[float, float, float]) -> Followed:
    """A person whose faces have (quality, age, male)."""
    made = Followed(0.0, 1.0, 1000)
    for quality, age, male in faces:
        made.add(Vote(quality, Estimate(age, male), None))
    return made


def test_the_best_three_of_many_are_kept() -> None:
    made = person((10, 70, 0.9), (90, 30, 0.1), (80, 31, 0.1), (20, 70, 0.9), (85, 32, 0.1), (5, 70, 0.9))
    assert [vote.quality for vote in made.votes] == [90, 85, 80]
    assert made.group() == ("25-34", "female")
    assert not made.wants(79)
    assert made.wants(81)


def test_a_good_face_outweighs_a_poor_one() -> None:
    assert person((90, 40, 0.95), (15, 20, 0.1)).group() == ("35-44", "male")
    assert person((90, 12, 0.95), (15, 40, 0.9)).group() == ("unknown", "unknown")
    assert person((50, 40, 0.95), (50, 41, 0.05)).group() == ("35-44", "unknown")


def test_without_a_face_everything_is_unknown() -> None:
    assert person().group() == ("unknown", "unknown")
    assert person().expression() == "unknown"


def test_a_person_belongs_to_the_place_where_it_was_longest() -> None:
    made = person()
    assert made.place() is None
    made.places.update(["Z1", "Z2", "Z2"])
    assert made.place() == "Z2"
