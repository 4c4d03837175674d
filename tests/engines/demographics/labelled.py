"""A labelled set without pictures: what a network with known errors would have told."""

from __future__ import annotations

from dataclasses import dataclass

BANDS = ("16-24", "25-34", "35-44", "45-54", "55-64", "65+")
AGES = (20, 30, 40, 50, 60, 70)


@dataclass(frozen=True)
class Told:
    age: float
    band: str
    gender: str
    group: str | None
    told_age: float | None
    told_band: str
    told_gender: str
    face_width: float | None = 100.0


def labelled_set(
    each: int = 60, *, wrong_women: int = 3, wrong_men: int = 6, weak_group: bool = False, young: int = 0
) -> list[Told]:
    """`each` women and men of each band; so many of each are told the other gender, every 4th the next band."""
    faces: list[Told] = []
    for place, (band, age) in enumerate(zip(BANDS, AGES, strict=True)):
        for gender, wrong in (("female", wrong_women), ("male", wrong_men)):
            other = "male" if gender == "female" else "female"
            for number in range(each):
                off = number % 4 == 0
                told = min(place + off, 5)
                group = "B" if weak_group and number < wrong else "A"
                faces.append(
                    Told(age, band, gender, group, AGES[told] + 1, BANDS[told], other if number < wrong else gender)
                )
    faces += [Told(9, "unknown", "male", "A", 22, "16-24", "female")] * young
    return faces
