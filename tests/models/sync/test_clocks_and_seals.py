"""Clocks only go forward; seals hide a value, tell equal ones and open where they were made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.sync import hlc
from models.sync.cursors import Cursor, read_cursor
from models.sync.sealing import Sealer

INSTANTS = st.integers(0, 2**45)
CLOCKS = st.integers(0, 2**61)
VALUES = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.text(), st.binary())


@given(CLOCKS, st.lists(INSTANTS))
def test_a_nodes_clocks_grow_and_never_lag_behind_the_wall(last: int, ats: list[int]) -> None:
    made = hlc.series(last, ats)
    assert made == sorted(set(made))
    assert all(clock > last and hlc.wall(clock) >= at for clock, at in zip(made, ats, strict=True))


@given(CLOCKS, CLOCKS, INSTANTS)
def test_what_a_node_does_next_comes_after_what_it_has_seen(last: int, remote: int, at: int) -> None:
    assert hlc.after(hlc.receive(last, remote), at) > max(last, remote)


def test_a_clock_keeps_its_millisecond() -> None:
    assert hlc.wall(hlc.of(1_795_000_000_123)) == 1_795_000_000_123


@given(st.integers(0, 2**40), st.one_of(st.none(), st.lists(VALUES, min_size=1).map(tuple)))
def test_a_cursor_is_read_as_it_was_written(seq: int, part: tuple[object, ...] | None) -> None:
    for table in (None, "sale"):
        cursor = Cursor(seq if table or not part else seq + 1, part, table)
        assert read_cursor(str(cursor)) == cursor


@given(st.text(), st.binary(min_size=1))
def test_a_seal_opens_where_it_was_made_and_nowhere_else(name: str, digest: bytes) -> None:
    sealer = Sealer(bytes(32))
    sealed = sealer.seal("member", "name", "01", name)
    assert sealer.open("member", "name", ["02", "01"], sealed) == name
    assert sealer.seal("member", "name", "01", name) == sealed
    assert sealer.seal("member", "name", "02", name) != sealed
    for wrong in (("member", "card_no", ["01"]), ("member", "name", ["02"])):
        with pytest.raises(ValueError, match="sealed"):
            sealer.open(*wrong, sealed)
    with pytest.raises(ValueError, match="sealed"):
        Sealer(b"\1" * 32).open("member", "name", ["01"], sealed)
    blob = sealer.seal("identifier", "value_hmac", "01", digest)
    assert blob == sealer.seal("identifier", "value_hmac", "02", digest)  # a key: equal in every row
    assert sealer.open("identifier", "value_hmac", ["03"], blob) == digest


def test_nothing_is_sealed_of_nothing() -> None:
    assert Sealer(bytes(32)).seal("member", "name", "01", None) is None
    assert Sealer(bytes(32)).open("member", "name", ["01"], None) is None
