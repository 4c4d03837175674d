"""The propensities: what is asked, of whom, and how the answer is read from two frames of features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engines.features.design import column
from engines.validation.cards import Limit
from engines.validation.metrics import Array
from engines.validation.outcome import Question

if TYPE_CHECKING:
    import pyarrow as pa

Flags = NDArray[np.bool_]

CODE = "1"
LIMITS = (
    Limit(
        "It says what people are likely to do anyway, not what a message changes: only a held-out group tells that.",
        "只说明客户本来可能做什么，不说明消息带来的改变：后者只有保留组才能证明。",
    ),
    Limit(
        "Messages go only to people who agreed to them, whatever the chance.", "无论概率多高，只能联系已同意的客户。"
    ),
    Limit("Not for refusing service, prices or credit.", "不得用于拒绝服务、定价或授信。"),
)


@dataclass(frozen=True)
class Propensity:
    """A question, the days back of its windows, who is asked about (`among`: a mask of the frame then and after, None
    for the frame of today) and the answer (`did`: 1 or 0 from the frame after)."""

    question: Question
    back: tuple[int, ...]
    among: Callable[[dict[str, Array], dict[str, Array] | None], Flags]
    did: Callable[[dict[str, Array], dict[str, Array]], Flags]

    @property
    def horizon(self) -> int:
        """Days within which it is done."""
        return self.question.horizon


def figures(frame: pa.Table) -> dict[str, Array]:
    """The columns that the questions read."""
    names = (
        "frequency",
        "visits_30",
        "messages_90",
        "messages_365",
        "opens_90",
        "clicks_90",
        "known_days",
        "tenure_days",
    )
    return {name: column(frame, name) for name in names}


def _ask(model: str, about: str, about_zh: str, rule: str, horizon: int) -> Question:
    return Question("propensity", model, about, about_zh, rule, horizon, f"{CODE}.{model}", LIMITS)


def _everyone(then: dict[str, Array], _: dict[str, Array] | None) -> Flags:
    return np.ones(then["frequency"].size, bool)


def _messaged(then: dict[str, Array], after: dict[str, Array] | None) -> Flags:
    """People who were sent something in the window; of today, those who were ever sent something in a year."""
    return (then["messages_365"] if after is None else after["messages_90"]) > 0


PROPENSITIES = (
    Propensity(
        _ask("buy", "A purchase in the next 30 days.", "未来 30 天内消费。", "recency_days", 30),
        (30, 60, 90), _everyone, lambda then, after: after["frequency"] > then["frequency"],
    ),
    Propensity(
        _ask("visit", "A recorded visit in the next 30 days.", "未来 30 天内有到访记录。", "activity_days", 30),
        (30, 60, 90), _everyone, lambda then, after: after["visits_30"] > 0,
    ),
    Propensity(
        _ask("open", "Opens a message sent in the next 90 days.", "打开未来 90 天内发送的消息。", "open_rate", 90),
        (90, 180, 270), _messaged, lambda then, after: after["opens_90"] > 0,
    ),
    Propensity(
        _ask("respond", "Answers (clicks) a message sent in the next 90 days.", "回应（点击）未来 90 天内发送的消息。",
             "open_rate", 90),
        (90, 180, 270), _messaged, lambda then, after: after["clicks_90"] > 0,
    ),
)  # fmt: skip
