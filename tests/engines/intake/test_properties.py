"""Promises about any files: order and repetition do not matter, and taking an import back is as if it never was."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engines.intake.actions import import_file, undo_batch
from models.site import create_site
from models.store import Store, create_store
from tests.engines.intake.content import content

few = settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate),
               suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
#: Said, not guessed: a file of one row with a word for its price gives nothing to guess from.
MAPS = {
    "sales": {"receipt": "invoice", "at": "date", "tenant": "shop", "card": "card", "category": "category",
              "quantity": "qty", "unit_price": "price"},
    "members": {"card_no": "card no", "name": "name", "tier": "tier", "joined_day": "joined", "customer": "customer"},
}  # fmt: skip
shop = st.sampled_from(["A", "B", "", "甲"])
line = st.tuples(
    st.integers(1, 6), shop, st.sampled_from(["", "c1", "c2"]), st.sampled_from(["food", "toys", ""]),
    st.integers(-3, 9), st.sampled_from(["1.10", "0", "2.345", "oops"]),
)  # fmt: skip
lines = st.lists(line, min_size=1, max_size=12)
member = st.tuples(
    st.integers(1, 5),
    st.sampled_from(["Ann", "Bo", ""]),
    st.sampled_from(["gold", "silver"]),
    st.sampled_from(["c1", "c3", ""]),
)
members = st.lists(member, min_size=1, max_size=8)


@contextmanager
def mall() -> Iterator[tuple[Store, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        store = create_store(
            create_site(Path(folder) / "s", name="m", time_zone="Asia/Shanghai", currency="CNY", country="CN")
        )
        try:
            yield store, Path(folder)
        finally:
            store.close()


def sales(rows: list[tuple[object, ...]]) -> str:
    """A receipt has one customer: its number decides which."""
    body = [
        f"{n},2025-01-0{n} 10:00,{where},{who if n % 2 else ''},{what},{many},{price}"
        for n, where, who, what, many, price in rows
    ]
    customer: dict[str, str] = {}
    for place, text in enumerate(body):
        cells = text.split(",")
        cells[3] = customer.setdefault(f"{cells[0]} {cells[2]}", cells[3])
        body[place] = ",".join(cells)
    return "\n".join(["invoice,date,shop,card,category,qty,price", *body]) + "\n"


def cards(rows: list[tuple[object, ...]]) -> str:
    return (
        "\n".join(
            [
                "card no,name,tier,joined,customer",
                *(f"c{n},{name},{tier},2025-01-01,{other}" for n, name, tier, other in rows),
            ]
        )
        + "\n"
    )


def load(store: Store, folder: Path, kind: str, text: str, source: str = "s") -> bytes:
    path = folder / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    result = import_file(store, "me", kind, path, source=source, mapping=MAPS[kind])
    assert result.loaded + result.updated + result.unchanged + result.rejected == result.read
    assert result.batch is not None
    return result.batch


@few
@given(rows=lines, seed=st.randoms(use_true_random=False))
def test_order_and_repetition_add_nothing(rows: list[tuple[object, ...]], seed: object) -> None:
    text = sales(rows)
    head, *body = text.splitlines()
    with mall() as (store, folder):
        load(store, folder, "sales", text)
        once = content(store, "intake_batch", "intake_reject")
        seed.shuffle(body)
        load(store, folder, "sales", "\n".join([head, *body]) + "\n")
        load(store, folder, "sales", text)
        assert content(store, "intake_batch", "intake_reject") == once
    with mall() as (store, folder):
        load(store, folder, "sales", "\n".join([head, *body]) + "\n")
        assert content(store, "intake_batch", "intake_reject") == once


@few
@given(first=lines, second=lines, people=members, more=members)
def test_taking_an_import_back_is_as_if_it_never_was(first: list, second: list, people: list, more: list) -> None:
    with mall() as (store, folder):
        load(store, folder, "sales", sales(first), "a")
        load(store, folder, "members", cards(people), "m")
        before = content(store, "intake_batch", "intake_reject")
        batch = load(store, folder, "sales", sales(second), "b")
        other = load(store, folder, "members", cards(more), "m")
        undo_batch(store, "me", other)
        undo_batch(store, "me", batch)
        assert content(store, "intake_batch", "intake_reject") == before


@few
@given(rows=members)
def test_members_twice_are_members_once(rows: list[tuple[object, ...]]) -> None:
    last = list({row[0]: row for row in rows}.values())
    with mall() as (store, folder):
        load(store, folder, "members", cards(last))
        once = content(store, "intake_batch", "intake_before")
        load(store, folder, "members", cards(last))
        load(store, folder, "members", cards(last + last))
        assert content(store, "intake_batch", "intake_before") == once
