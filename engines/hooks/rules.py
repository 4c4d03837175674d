"""When a message is tried again, and what an answer means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["sent", "waiting", "refused", "given_up"]
_S, _M, _H = 1_000, 60_000, 3_600_000
#: Waits between tries, as Standard Webhooks proposes: ten tries within a little over three days.
WAITS_MS = (5 * _S, 5 * _M, 30 * _M, 2 * _H, 5 * _H, 10 * _H, 14 * _H, 20 * _H, 24 * _H)
JITTER = 0.2
GONE = 410
LONGEST_ASKED_S = 24 * 3_600

#: What an endpoint can be told of.
KINDS: dict[str, tuple[str, str]] = {
    "alert.raised": ("Alerts, when they are raised", "警报产生时"),
    "alert.closed": ("Alerts, when they are closed", "警报关闭时"),
    "kpi.changed": ("Key figures of the newest day", "最新一天的关键指标"),
    "segment.changed": ("Sizes of segments", "分群人数变化"),
}
TEST = "test"


@dataclass(frozen=True)
class Answer:
    """What came back: a status, or None and why there is none; `retry_after` is in seconds, as the receiver asked."""

    status: int | None
    text: str
    retry_after: int | None = None
    final: bool = False


def after(answer: Answer, attempts: int, now: int, chance: float) -> tuple[State, int | None]:
    """The message's state after its try number `attempts`, and when it is tried next (UTC ms).

    `chance` in 0..1 spreads the waits by a fifth either way, so that a receiver that comes back is not met by all at
    once. Anything but 2xx is a failure: redirects are not followed.
    """
    if answer.status is not None and 200 <= answer.status < 300:
        return "sent", None
    if answer.final or answer.status == GONE:
        return "refused", None
    if attempts > len(WAITS_MS):
        return "given_up", None
    wait = WAITS_MS[attempts - 1] * (1 + JITTER * (2 * chance - 1))
    asked = min(answer.retry_after or 0, LONGEST_ASKED_S) * 1_000
    return "waiting", now + round(max(wait, asked))
