"""What Prometheus reads: requests, rows, sessions and the writer's queue, in a registry of the gateway's own."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The gateway's figures; labels are routes, statuses and kinds, never addresses or keys."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "atrium_requests", "Requests by route and status", ("route", "method", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "atrium_request_seconds", "Seconds from the first byte in to the last out", ("route",),
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10), registry=self.registry,
        )  # fmt: skip
        self.rows = Counter("atrium_rows", "Rows received, by what became of them", ("kind", "what"),
                            registry=self.registry)  # fmt: skip
        self.refused = Counter("atrium_refused", "Requests refused at the door", ("why",), registry=self.registry)
        self.dropped = Counter("atrium_live_dropped", "Live sessions ended, by why", ("why",), registry=self.registry)
        self.sessions = Gauge("atrium_live_sessions", "Live sessions open", registry=self.registry)
        self.waiting = Gauge("atrium_posts_waiting", "Posts that wait for the writer", registry=self.registry)

    def watch(self, waiting: Callable[[], float], sessions: Callable[[], float]) -> None:
        """Read the queue and the sessions when asked, not before."""
        self.waiting.set_function(waiting)
        self.sessions.set_function(sessions)

    def text(self) -> bytes:
        """As Prometheus reads it."""
        return generate_latest(self.registry)
