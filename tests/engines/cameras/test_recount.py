"""Recordings of one camera: several in one quarter add up, the same one again adds nothing, and what is old goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.service.keeping import kinds_of
from engines.cameras.counts import keep_counts, kept_since
from engines.cameras.recount import Recount
from models.site import create_site
from models.store import Store, create_store
from tests.vision.scenes import Clip, Script, standing
from vision.boxes import Boxes
from vision.config import Config, Line, Zone
from vision.scene import Rows
from vision.watch import count

HALL = ((0, 0), (640, 0), (640, 480), (0, 480))
DOOR = Config((640, 480), (Line("door", (320, 0), (320, 480), gate="G1"),), (Zone("Z1", HALL),))
QUARTER = 1_959_552 * 900_000  # a quarter hour's begin


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    yield made
    made.close()


def film(mall: Store, begin_s: float, seconds: int, config: Config = DOOR, people: int = 1) -> bool:
    """Count a film of so many people who walk in, one after another; whether something was left as it was."""
    begin, frames = QUARTER + round(begin_s * 1000), seconds * 10
    walks = [standing((20 * (n % 50) - 290, 400)) if n < 50 * people and n % 50 >= 25 and n % 50 < 46 else Boxes.empty()
             for n in range(frames)]  # fmt: skip
    recount = Recount(mall, "C1", begin, begin + seconds * 1000)
    clip = Clip([n / 10 for n in range(frames)], start_at_ms=begin)

    def keep(rows: Rows) -> None:
        keep_counts(mall, "C1", recount.take(kinds_of(rows)))

    count(clip, config, Script(walks), resume=recount.resume, on_rows=keep)
    recount.settle()
    return recount.held


def kept(mall: Store) -> dict[str, list[dict[str, Any]]]:
    return kept_since(mall, "C1", QUARTER)


def quarters(mall: Store) -> list[tuple[str, int, int, int]]:
    return [(row["gate"], row["n_in"] + row["n_out"], row["seconds_observed"], row["frames_seen"])
            for row in kept(mall)["buckets"]]  # fmt: skip


def everything(mall: Store) -> list[Any]:
    tables = ("count_bucket", "count_minute", "zone_bucket", "zone_minute", "dwell_bucket", "zone_flow", "heat_hour")
    with mall.read() as connection:
        return [connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4").fetchall() for table in tables]


@pytest.mark.parametrize("cut_s", [60.0, 95.0, 90.0, 20.0])
def test_two_recordings_in_one_quarter_add_up(mall: Store, cut_s: float) -> None:
    film(mall, 0, round(cut_s), people=2)
    film(mall, cut_s, 150, people=3)
    [(gate, people, seconds, _)] = quarters(mall)
    assert (gate, people) == ("G1", 5)
    assert seconds == pytest.approx(cut_s + 150, abs=1)
    [zone] = kept(mall)["zones"]
    assert zone["entries"] == 5


@pytest.mark.parametrize("cut_s", [60.0, 95.0, 90.0])
def test_the_same_recordings_again_change_nothing(mall: Store, cut_s: float) -> None:
    parts = ((0.0, round(cut_s), 2), (cut_s, 150, 3))
    for begin, seconds, people in parts:
        film(mall, begin, seconds, people=people)
    before = everything(mall)
    for begin, seconds, people in parts:
        assert film(mall, begin, seconds, people=people), "said that it was left as it is"
        assert everything(mall) == before


def test_one_recording_alone_again_changes_nothing_and_says_nothing(mall: Store) -> None:
    film(mall, 850, 130, people=4)
    before = everything(mall)
    assert not film(mall, 850, 130, people=4)
    assert everything(mall) == before


def test_what_new_lines_and_zones_do_not_give_goes(mall: Store) -> None:
    film(mall, 10, 100, people=2)
    other = replace(DOOR, lines=(replace(DOOR.lines[0], gate="north"),), zones=(Zone("Z2", HALL),))
    film(mall, 10, 100, config=other, people=2)
    assert [gate for gate, *_ in quarters(mall)] == ["north"]
    rows = kept(mall)
    assert {row["gate"] for row in rows["minutes"]} == {"north"}
    assert {row["zone"] for row in (*rows["zones"], *rows["zone_minutes"])} == {"Z2"}
    with mall.read() as connection:
        bands = connection.exec_driver_sql("SELECT total(n) FROM dwell_bucket").scalar_one()
    assert bands == sum(row["visits"] for row in rows["zones"])


def test_other_times_of_the_camera_are_left_alone(mall: Store) -> None:
    film(mall, 0, 100, people=1)
    film(mall, 1000, 100, people=2)
    film(mall, 1000, 100, people=3, config=replace(DOOR, lines=(replace(DOOR.lines[0], gate="north"),)))
    assert [(gate, people) for gate, people, *_ in quarters(mall)] == [("G1", 1), ("north", 3)]


def test_another_source_at_the_same_gate_is_told(mall: Store) -> None:
    film(mall, 0, 100)
    alone = Recount(mall, "C1", QUARTER, QUARTER + 100_000)
    assert alone.rivals() == []
    keep_counts(mall, "part two", {"buckets": kept(mall)["buckets"]})
    assert len(alone.rivals()) == 1
