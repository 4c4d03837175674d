"""Which moment of what is remembered is shown: now, or an earlier one that stands still or goes on. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass

Span = tuple[int, int]


@dataclass
class Replay:
    """`moment` in UTC milliseconds, None for now; `speed` times as fast as it was. A span is what is remembered."""

    moment: float | None = None
    playing: bool = False
    speed: int = 1

    def toggle(self, span: Span) -> None:
        """From now: replay from the oldest; else pause or go on."""
        self.playing = self.moment is None or not self.playing
        if self.moment is None:
            self.moment = float(span[0])

    def go_back(self, span: Span, age_ms: int) -> None:
        """To so many milliseconds before the newest."""
        self.moment = float(max(span[1] - age_ms, span[0]))

    def go_live(self) -> None:
        """To now."""
        self.moment, self.playing = None, False

    def step(self, span: Span, passed_s: float) -> None:
        """Seconds have passed; a replay that reaches the newest is at now, one that aged away at the oldest."""
        if self.moment is None:
            return
        self.moment = max(self.moment + (1000 * passed_s * self.speed if self.playing else 0.0), span[0])
        if self.playing and self.moment >= span[1]:
            self.go_live()
