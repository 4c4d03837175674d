"""Attribution done the slow way: one conversion after another, in plain Python."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

DAY = 86_400_000
HALF_LIVES = (3, 7, 14)


@dataclass(frozen=True)
class Touch:
    who: int
    at: int
    channel: str
    campaign: str


@dataclass(frozen=True)
class Buy:
    who: int
    at: int
    value: int


Credits = dict[tuple[str, str, str], list[float]]


def path_of(buy: Buy, touches: list[Touch], lookback: int) -> list[Touch]:
    mine = [t for t in touches if t.who == buy.who and buy.at - lookback * DAY < t.at <= buy.at]
    return sorted(mine, key=lambda t: (t.at, t.channel, t.campaign))


def read(path: list[Touch]) -> str:
    return ("… > " if len(path) > 6 else "") + " > ".join(t.channel for t in path[-6:])


def weights(path: list[Touch], at: int) -> dict[str, list[float]]:
    """Each model's shares along one path."""
    n = len(path)
    channels = {t.channel for t in path}
    messages = {(t.channel, t.campaign) for t in path}
    first_of_channel = [t.channel not in {u.channel for u in path[:i]} for i, t in enumerate(path)]
    first_of_message = [
        (t.channel, t.campaign) not in {(u.channel, u.campaign) for u in path[:i]} for i, t in enumerate(path)
    ]
    made = {
        "first": [float(i == 0) for i in range(n)],
        "last": [float(i == n - 1) for i in range(n)],
        "linear": [1 / n] * n,
        "position": [1 / n] * n if n <= 2 else [0.4, *[0.2 / (n - 2)] * (n - 2), 0.4],
        "channel": [f / len(channels) for f in first_of_channel],
        "message": [f / len(messages) for f in first_of_message],
    }
    for half in HALF_LIVES:
        fresh = [0.5 ** ((at - t.at) / (half * DAY)) for t in path]
        made[f"decay_{half}"] = [f / sum(fresh) for f in fresh]
    return made


def credits(touches: list[Touch], buys: list[Buy], lookback: int) -> Credits:
    """(model, channel, campaign) -> [conversions, money]."""
    found: Credits = defaultdict(lambda: [0.0, 0.0])
    for buy in buys:
        path = path_of(buy, touches, lookback)
        for model, shares in weights(path, buy.at).items() if path else ():
            for touch, part in zip(path, shares, strict=True):
                one = found[model, touch.channel, touch.campaign]
                one[0] += part
                one[1] += part * buy.value
    return found


def lost_paths(touches: list[Touch], buys: list[Buy], lookback: int, now: int) -> list[list[Touch]]:
    """Runs of touches that led to nothing, of those old enough to tell."""
    span = lookback * DAY
    mute = [
        t for t in touches
        if t.at <= now - span and not any(b.who == t.who and t.at <= b.at < t.at + span for b in buys)
    ]  # fmt: skip
    runs: list[list[Touch]] = []
    for touch in sorted(mute, key=lambda t: (t.who, t.at, t.channel, t.campaign)):
        if runs and runs[-1][-1].who == touch.who and touch.at - runs[-1][-1].at <= span:
            runs[-1].append(touch)
        else:
            runs.append([touch])
    return runs
