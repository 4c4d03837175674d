"""The lines of each receipt: one to three goods whose amounts add up to it exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.demo.purchases import Receipts
from engines.demo.shops import Shops
from engines.demo.span import Ints, stream
from engines.demo.trades import TRADES

GOODS = 8
TENTH = 10  # fen: every amount is a multiple


@dataclass(frozen=True)
class Lines:
    """Receipts' lines in their order: receipt position, number from 1, good, quantity, unit and amount in fen."""

    receipt: Ints
    number: Ints
    good: Ints
    quantity: Ints
    unit: Ints
    amount: Ints


def make_lines(receipts: Receipts, seed: int, *, part: str = "lines") -> Lines:
    """Split every receipt by the stream of chance `part`; a returned one comes back as one line of quantity -1."""
    rng = stream(seed, part)
    tenths = np.abs(receipts.amount) // TENTH
    count = 1 + (rng.random(receipts.count) < 0.42) + (rng.random(receipts.count) < 0.18)
    count = np.where(receipts.returns >= 0, 1, np.minimum(count, tenths)).astype(np.int64)
    one = np.clip((tenths * rng.uniform(0.25, 0.75, receipts.count) / np.maximum(count - 1, 1)).astype(np.int64),
                  1, np.maximum(tenths - count + 1, 1))  # fmt: skip
    rest = tenths - one
    two = np.clip((rest * rng.uniform(0.3, 0.7, receipts.count)).astype(np.int64), 1, np.maximum(rest - 1, 1))
    split = np.stack([
        np.where(count == 1, tenths, one),
        np.where(count == 2, rest, two),
        rest - two,
    ], axis=1)  # fmt: skip
    receipt, slot = np.nonzero(np.arange(3)[None, :] < count[:, None])
    amount = split[receipt, slot] * TENTH
    pair = (rng.random(len(receipt)) < 0.12) & (receipts.returns[receipt] < 0)
    quantity = np.where(pair, 2, np.where(receipts.returns[receipt] >= 0, -1, 1)).astype(np.int64)
    good = rng.integers(0, GOODS, len(receipt))
    sign = np.sign(receipts.amount[receipt])
    return Lines(receipt, slot + 1, good, quantity, amount // np.abs(quantity), amount * sign)


def units(receipts: Receipts, lines: Lines) -> Ints:
    """Pieces on each receipt, negative where they come back."""
    return np.rint(np.bincount(lines.receipt, lines.quantity, receipts.count)).astype(np.int64)


def goods_names(shops: Shops) -> tuple[list[list[str]], list[list[str]]]:
    """(codes, names) of each tenant's goods."""
    names = [list(TRADES[t].goods) for t in shops.trade]
    codes = [[f"{code}-{i + 1}" for i in range(GOODS)] for code in shops.code]
    return codes, names
