"""Hostile inputs, a sample of the ten thousand of benchmarks/hostile: each is handled or ends in one clear sentence."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.hostile.families import FAMILIES
from benchmarks.hostile.trial import NAME, Family, Tally, _one, run_here
from models.errors import Known

#: How many of each family, and how far apart among those that the benchmark tries.
SAMPLE = {
    "import files": (40, 9), "site files": (54, 1), "gateway requests": (60, 1), "sign-in guesses": (12, 1),
    "command lines": (12, 1), "settings": (40, 1), "segment rules": (20, 1), "a lying hub": (30, 1), "a lying node": (20, 1),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _leaves_nothing_behind() -> Iterator[None]:
    """The gateway's pool of threads ends with its process."""
    yield


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_no_hostile_input_crashes_leaks_or_hangs(family: Family, tmp_path: Path) -> None:
    count, step = SAMPLE[family.name]
    tally = run_here(family, tmp_path, 1, count=count, step=step)
    assert tally.clean, (tally.crashes + tally.leaks + tally.hangs)[:5]
    assert tally.inputs == count == tally.handled + tally.refused


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (lambda: int("x"), "crashes"),
        (lambda: (_ for _ in ()).throw(Known("")), "crashes"),
        (lambda: (_ for _ in ()).throw(Known(f"Not {NAME}.")), "leaks"),
        (lambda: print(NAME), "leaks"),  # noqa: T201 - a leak that must be seen
        (lambda: (_ for _ in ()).throw(Known("No.")), "refused"),
        (lambda: None, "handled"),
    ],
)
def test_the_trial_can_fail(act: object, kind: str) -> None:
    family = Family("x", lambda _folder, _secrets: None, 1)
    tally = Tally("x")
    tally.note(*_one(family, lambda _n, _d: ("x", act), 1, 0, {NAME}))
    found = getattr(tally, kind)
    assert (found if isinstance(found, int) else len(found)) == 1
    assert tally.clean == (kind in ("handled", "refused"))
    assert random.Random("a").random() == random.Random("a").random()
