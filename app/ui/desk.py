"""What a page may ask of the shell around it."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.ui.period import Against, Period, Span
from app.ui.refusals import told
from app.ui.widgets.toasts import Kind
from app.ui.work import Work
from engines.access.queries import standing_of
from models.errors import Known
from models.store import Store
from models.times import business_day, now_ms

if TYPE_CHECKING:
    from pathlib import Path

    from engines.access.sessions import Session


@dataclass(frozen=True)
class Notice:
    """Something to tell the person: a translated-later sentence, and perhaps one thing to do about it."""

    sentence: str
    kind: Kind = "info"
    action: str = ""
    do: Callable[[], None] | None = None
    values: dict[str, Any] = field(default_factory=dict)


class Desk(QObject):
    """The open site, the way off the UI thread, the chosen period, and the ways to go elsewhere or say something.

    `period_changed` fires when the person picks another period, `moved` when relations changed. `theme_wanted`
    (light, dark, system) and `language_wanted` (en, zh) ask the shell for another look at once; `service_wanted`
    asks it to start or stop the background service. `owns_service`: the one that runs is this desktop's child.

    `session` is the signed-in user's, None where nobody signs in; `standing` what the person may do, asked for again
    while the session lasts. `signed` fires when another person has come or gone, or may do something else.
    """

    period_changed = Signal()
    moved = Signal(object)
    wanted = Signal(str, object)
    said = Signal(object)
    theme_wanted = Signal(str)
    language_wanted = Signal(str)
    service_wanted = Signal(bool)
    signed = Signal()

    def __init__(self, store: Store, span: Span = "7", against: Against = "previous") -> None:
        super().__init__()
        self.store = store
        self.work = Work(self)
        self.work.failed.connect(self.fault)
        self.session: Session | None = None
        self.standing = standing_of(store, self.actor)
        self._period = Period.of(span, self.today, against)
        self.owns_service = False

    @property
    def actor(self) -> str:
        """Who acts: the signed-in user, else whoever the system says sits here."""
        return self.session.user if self.session else getpass.getuser()

    def take_session(self, session: Session | None) -> None:
        """Act in this user's name from now on; None: in nobody's."""
        before, self.session = (self.session, self.standing), session
        self.standing = session.standing if session else standing_of(self.store, self.actor)
        if before != (self.session, self.standing):
            self.signed.emit()

    def may(self, right: str) -> bool:
        """Whether the person has the right; a site where nobody signs in refuses nothing."""
        return self.standing.has(right)

    @property
    def folder(self) -> Path:
        """The site's folder."""
        return self.store.site.folder

    @property
    def period(self) -> Period:
        """The period every page shows."""
        return self._period

    def choose_period(self, period: Period) -> None:
        """Show another period."""
        if period != self._period:
            self._period = period
            self.period_changed.emit()

    @property
    def today(self) -> date:
        """The site's business day."""
        site = self.store.site
        return date.fromisoformat(business_day(now_ms(), site.zone, site.day_starts_minute)[0])

    def now(self) -> int:
        """Now, UTC milliseconds."""
        return now_ms()

    def go(self, page: str, argument: object = None) -> None:
        """Open a page, telling it what to show."""
        self.wanted.emit(page, argument)

    def say(
        self, sentence: str, kind: Kind = "info", action: str = "", do: Callable[[], None] | None = None, **values: Any
    ) -> None:
        """A toast; `do` is what its action button does (undo, open)."""
        self.said.emit(Notice(sentence, kind, action, do, values))

    def fault(self, error: Exception) -> None:
        """Tell of an error: a known one by its sentence, a bug by an apology and a report on disk."""
        if isinstance(error, Known):
            self.said.emit(Notice("{sentence}", "error", values={"sentence": told(error)}))
            return
        from models.logs import write_crash_bundle

        bundle = write_crash_bundle(self.folder, error)
        self.say("Something went wrong here. A report was written to {file}.", "error", file=bundle.name)
