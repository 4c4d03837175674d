"""A payment card's number that a file brings by mistake is never kept whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.intake.actions import import_file
from engines.privacy.payment_cards import hide_cards
from tests.engines.privacy import seeded

VISA = "4111111111111111"  # the networks' own numbers for tests


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"paid by {VISA}", "paid by 411111******1111"),
        ("4111 1111 1111 1111", "411111******1111"),
        ('{"n": "3782-822463-10005"}', '{"n": "378282*****0005"}'),
        ("6200000000000005", "620000******0005"),
        ("4111111111111112", "4111111111111112"),  # its check digit is wrong
        ("13900001111", "13900001111"),  # a telephone
        ("20260305123456789", "20260305123456789"),  # a receipt
    ],
)
def test_cards_are_masked_and_other_numbers_stay(text: str, masked: str) -> None:
    assert hide_cards(text) == masked


@given(st.text())
def test_any_text_is_masked_once_and_for_all(text: str) -> None:
    assert hide_cards(hide_cards(text)) == hide_cards(text)


def test_no_card_s_number_of_a_file_is_in_the_store(tmp_path: Path) -> None:
    store = seeded.make_site(tmp_path / "site")
    try:
        file = seeded.write(
            tmp_path / "sales.csv", ("receipt", "at", "tenant", "amount", "payment"),
            [("1", "2026-03-02 12:00", "Nord", "5", f"card {VISA}"), ("2", "never", "Nord", "5", VISA)],
        )  # fmt: skip
        for _ in range(2):  # the same file again changes nothing
            done = import_file(store, "cli:it", "sales", file, source="till")
        assert (done.unchanged, done.rejected) == (1, 1)
        acts = seeded.write(
            tmp_path / "acts.csv", ("key", "kind", "at", "card", "props"),
            [("a", "call", "2026-03-02 12:00", "VX1", f'{{"said": "{VISA}"}}')],
        )  # fmt: skip
        import_file(store, "cli:it", "activities", acts, source="till")
        assert seeded.cells_with(store, [VISA.encode()]) == {}
        assert seeded.one(store, "SELECT payment FROM sale") == "card 411111******1111"
    finally:
        store.close()
