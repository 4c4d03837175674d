"""What each trade is like in the demo mall: prices, share of receipts, rents, hours, goods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.demo.span import Floats

#: Receipts by part of the opening hours (0 opening, 1 closing): (centre, spread, weight) of normal humps.
MEALS = ((0.19, 0.06, 0.42), (0.68, 0.08, 0.48), (0.45, 0.20, 0.10))
SHOPPING = ((0.25, 0.12, 0.20), (0.48, 0.16, 0.40), (0.77, 0.11, 0.40))
EVENING = ((0.45, 0.15, 0.35), (0.78, 0.10, 0.65))
STEPS = 144


@dataclass(frozen=True)
class Trade:
    """One category. `share` is its part of all receipts, `ticket` its mean receipt in yuan, `off_day` its
    receipts per visit on days off against workdays, `pct` the usual turnover rent, `returned` the share of
    receipts brought back, `capture` entries per person passing and `conversion` receipts per entry of its fronts."""

    code: str
    en: str
    zh: str
    share: float
    ticket: float
    off_day: float
    pct: float
    returned: float
    capture: float
    conversion: float
    hours: tuple[tuple[float, float, float], ...]
    goods: tuple[str, ...]


TRADES = (
    Trade("fashion", "Fashion", "服装", 0.14, 420, 1.18, 0.12, 0.030, 0.09, 0.20, SHOPPING,
          ("Shirt", "Dress", "Jeans", "Jacket", "Knitwear", "Shoes", "Bag", "Scarf")),
    Trade("food", "Food and beverage", "餐饮", 0.46, 75, 0.97, 0.10, 0.0, 0.22, 0.78, MEALS,
          ("Set meal", "Main dish", "Noodles", "Soup", "Snack", "Coffee", "Tea", "Dessert")),
    Trade("cosmetics", "Cosmetics", "美妆", 0.06, 310, 1.08, 0.14, 0.015, 0.12, 0.30, SHOPPING,
          ("Serum", "Cream", "Lipstick", "Mask", "Perfume", "Cleanser", "Sunscreen", "Gift box")),
    Trade("sports", "Sports", "运动", 0.035, 480, 1.20, 0.11, 0.025, 0.11, 0.22, SHOPPING,
          ("Running shoes", "T-shirt", "Leggings", "Rucksack", "Jacket", "Racket", "Cap", "Socks")),
    Trade("kids", "Kids", "亲子", 0.06, 230, 1.35, 0.10, 0.020, 0.14, 0.28, SHOPPING,
          ("Toy", "Book", "Romper", "Course", "Play ticket", "Puzzle", "Shoes", "Pushchair part")),
    Trade("electronics", "Electronics", "数码", 0.03, 900, 1.10, 0.05, 0.020, 0.13, 0.16, SHOPPING,
          ("Headphones", "Phone case", "Charger", "Speaker", "Camera", "Game", "Kettle", "Watch")),
    Trade("jewellery", "Jewellery", "珠宝", 0.008, 2400, 1.12, 0.08, 0.010, 0.05, 0.12, SHOPPING,
          ("Ring", "Necklace", "Bracelet", "Earrings", "Watch", "Pendant", "Repair", "Gold bar")),
    Trade("entertainment", "Entertainment", "娱乐", 0.10, 95, 1.15, 0.12, 0.0, 0.20, 0.70, EVENING,
          ("Ticket", "Popcorn", "Tokens", "Room hour", "Drink", "Skate hire", "Pass", "Souvenir")),
    Trade("supermarket", "Supermarket", "超市", 0.09, 110, 1.00, 0.04, 0.004, 0.30, 0.80, EVENING,
          ("Vegetables", "Fruit", "Rice", "Milk", "Fish", "Snacks", "Household", "Wine")),
    Trade("services", "Services", "服务", 0.017, 120, 0.90, 0.10, 0.0, 0.06, 0.50, SHOPPING,
          ("Spectacles", "Medicine", "Repair", "Battery", "Vitamin", "Check-up", "Lens", "Screen")),
)  # fmt: skip
CODES = tuple(trade.code for trade in TRADES)


def hour_cdf() -> Floats:
    """Cumulative receipts over the opening hours in `STEPS` steps, one row a trade, ending in 1."""
    x = (np.arange(STEPS) + 0.5) / STEPS
    rows = [sum(w / s * np.exp(-0.5 * ((x - c) / s) ** 2) for c, s, w in t.hours) for t in TRADES]
    shape = np.asarray(rows)
    cdf: Floats = np.cumsum(shape / shape.sum(axis=1, keepdims=True), axis=1)
    return cdf
