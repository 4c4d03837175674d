"""The live feed: whoever is connected hears within a second what was counted and sold, and of new alerts.

One thread asks the store whether it has moved, which costs microseconds, and reads only what did, only while somebody
listens. A session has a short queue of its own: one that does not keep up is ended with the reason, so that it never
holds up the others.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engines.alerts.queries import Alert, alerts
from engines.footfall.queries import presence_now, visits_today
from engines.hooks.words import words_of
from engines.kpi.queries import period_value
from engines.sales.queries import sold_on
from models.errors import Known
from models.store import Store
from models.times import business_day, now_ms
from models.watching import StoreWatch

EVERY_SECONDS = 0.25
MOST_QUEUED = 32
#: Topic: the right it needs, and the relations whose moving it tells.
TOPICS: Mapping[str, tuple[str, frozenset[str]]] = {
    "counts": ("see", frozenset({"count_bucket"})),
    "sales": ("see_sales", frozenset({"sale"})),
    "kpi": ("see", frozenset({"kpi_fact"})),
    "alerts": ("alerts", frozenset({"alert"})),
}
#: The KPIs of yesterday that a move of `kpi_fact` tells.
KPIS = ("footfall", "presence", "dwell_minutes")
LOG = logging.getLogger("atrium.gateway")


@dataclass(eq=False)
class Session:
    """Someone who listens to some topics; `overrun` is set where the queue was full."""

    topics: frozenset[str]
    queue: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(MOST_QUEUED))
    overrun: bool = False

    def offer(self, text: str) -> None:
        """Put a message in the queue; a full queue ends the session at its next turn."""
        try:
            self.queue.put_nowait(text)
        except asyncio.QueueFull:
            self.overrun = True


class LiveFeed:
    """Watches the store and tells sessions; `start`, then `close`. Sessions join and leave in the event loop."""

    def __init__(self, store: Store, most_sessions: int) -> None:
        self._store = store
        self._most = most_sessions
        self._sessions: set[Session] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = threading.Event()
        self._wanted = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="gateway-live", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def close(self) -> None:
        """Watch no more."""
        self._stop.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join()

    def count(self) -> int:
        """Open sessions."""
        return len(self._sessions)

    def join(self, session: Session) -> bool:
        """Let a session hear; False where there are as many as may be."""
        if len(self._sessions) >= self._most:
            return False
        self._loop = asyncio.get_running_loop()
        self._sessions.add(session)
        self._wanted.set()
        return True

    def leave(self, session: Session) -> None:
        """A session hears no more."""
        self._sessions.discard(session)
        if not self._sessions:
            self._wanted.clear()

    def snapshot(self, topics: frozenset[str]) -> list[str]:
        """What stands now, for a session that has just begun; alerts are told as they come."""
        return [_text(topic, self._read(topic)) for topic in TOPICS if topic in topics and topic != "alerts"]

    def _watch(self) -> None:
        watch = StoreWatch(self._store)
        try:
            self._tell_moves(watch)
        finally:
            watch.close()

    def _tell_moves(self, watch: StoreWatch) -> None:
        seen = self._versions()
        known = self._open_alerts()
        while not self._stop.is_set():
            self._wanted.wait()
            if self._stop.wait(EVERY_SECONDS) or not watch.moved():
                continue
            try:
                now = self._versions()
                moved = {name for name, version in now.items() if seen.get(name) != version}
                known = self._tell(moved, known)
                seen = now
            except Known as error:
                LOG.warning("the live feed waits: %s", error.sentence)

    def _tell(self, moved: set[str], known: dict[bytes, str]) -> dict[bytes, str]:
        """Tell every topic that moved; returns the open alerts as they are now."""
        for topic, (_, relations) in TOPICS.items():
            if topic != "alerts" and relations & moved:
                self._send(topic, _text(topic, self._read(topic)))
        if not TOPICS["alerts"][1] & moved:
            return known
        found = {a.id: a for a in alerts(self._store, limit=200)}
        for alert in found.values():
            if known.get(alert.id) != alert.state:
                self._send("alerts", _text("alerts", _told(alert)))
        return {key: alert.state for key, alert in found.items()}

    def _open_alerts(self) -> dict[bytes, str]:
        return {a.id: a.state for a in alerts(self._store, limit=200)}

    def _versions(self) -> dict[str, int]:
        with self._store.read() as connection:
            return dict(connection.exec_driver_sql("SELECT relation, version FROM change").fetchall())

    def _read(self, topic: str) -> dict[str, Any]:
        store, at = self._store, now_ms()
        day, _ = business_day(at, store.site.zone, store.site.day_starts_minute)
        if topic == "counts":
            visits, inside = visits_today(store, at), presence_now(store, at)
            return {"day": day, "visits": visits.visits, "until": visits.until, "inside": inside.inside,
                    "peak": inside.peak}  # fmt: skip
        if topic == "sales":
            sold = sold_on(store, day)
            return {"day": day, "sales_minor": sold.sales, "transactions": sold.transactions}
        newest = self._newest_kpi_day()
        values = {name: period_value(store, name, newest, newest).value for name in KPIS} if newest else {}
        return {"day": newest, "values": values}

    def _newest_kpi_day(self) -> str | None:
        with self._store.read() as connection:
            found: str | None = connection.exec_driver_sql(
                "SELECT max(period) FROM kpi_fact WHERE kpi = 'footfall' AND grain = 'day'"
            ).scalar()
        return found

    def _send(self, topic: str, text: str) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._offer, topic, text)

    def _offer(self, topic: str, text: str) -> None:
        for session in tuple(self._sessions):
            if topic in session.topics:
                session.offer(text)


def topics_for(wanted: list[str], has: Callable[[str], bool]) -> frozenset[str]:
    """The topics asked for (all where none is named) that the caller has the right to."""
    return frozenset(t for t, (right, _) in TOPICS.items() if (not wanted or t in wanted) and has(right))


def _text(topic: str, data: Mapping[str, Any]) -> str:
    return json.dumps({"type": topic, "at": now_ms(), "data": data}, ensure_ascii=False)


def _told(alert: Alert) -> dict[str, Any]:
    english, chinese = words_of(alert.sentence, alert.facts)
    return {"id": alert.id.hex(), "kind": alert.kind, "severity": alert.severity, "day": alert.day,
            "state": alert.state, "sentence": english, "sentence_zh": chinese}  # fmt: skip
