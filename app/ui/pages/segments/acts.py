"""Acts on segments off the UI thread; each tells what was done and offers to take it back."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

from app.ui.desk import Desk
from app.ui.i18n import mark
from engines.segments.rule import Rule
from models.store import Store

Do = Callable[[Store, str], Any]


class Act:
    """One act in the person's name, and its undo. It holds no widget, so that its undo outlives the page."""

    def __init__(
        self,
        desk: Desk,
        do: Do,
        said: str,
        undo: Do | None = None,
        *,
        then: Callable[[], None] | None = None,
        **values: Any,
    ) -> None:
        """`then`, a bound method held weakly, is called when it is done; `values` fill the sentence `said`."""
        self._desk, self._do, self._said, self._undo, self._values = desk, do, said, undo, values
        self._then = weakref.WeakMethod(then) if then else None

    def start(self) -> None:
        """Carry it out; the toast follows."""
        self._desk.work.run(self._carry_out, Act._tell)

    def take_back(self) -> None:
        """Carry out the undo."""
        if self._undo is not None:
            Act(self._desk, self._undo, mark("Taken back.")).start()

    def _carry_out(self) -> Act:
        self._do(self._desk.store, self._desk.actor)
        return self

    @staticmethod
    def _tell(done: Act) -> None:
        """A plain function, because nothing else keeps the act alive until it is done."""
        if done._undo is not None:
            done._desk.say(done._said, "good", "Undo", done.take_back, **done._values)
        else:
            done._desk.say(done._said, "good", **done._values)
        if done._then is not None and (then := done._then()):
            then()
        done._desk.moved.emit(frozenset({"segment", "segment_member", "segment_pin", "segment_run"}))


def archive(desk: Desk, code: str, name: str) -> None:
    """Put a segment away; undo brings it back."""
    from engines.segments import actions

    Act(desk, _call(actions.archive, code), "{name} is archived.", _call(actions.restore, code), name=name).start()


def restore(desk: Desk, code: str, name: str) -> None:
    """Bring a segment back to life."""
    from engines.segments import actions

    Act(desk, _call(actions.restore, code), "{name} is live again.", _call(actions.archive, code), name=name).start()


def put_live(desk: Desk, code: str, name: str) -> None:
    """Keep the members of a draft from now on."""
    from engines.segments import actions

    Act(desk, _call(actions.put_live, code), "{name} is live: its members are kept from now on.", name=name).start()


def delete_draft(desk: Desk, code: str, name: str) -> None:
    """Take a draft out; undo makes it anew with its newest rule."""
    kept: list[Rule] = []
    Act(
        desk, partial(_delete, code=code, kept=kept), "The draft {name} is deleted.",
        partial(_make_again, code=code, name=name, kept=kept), name=name,
    ).start()  # fmt: skip


def pin(desk: Desk, code: str, person: bytes, *, into: bool, reason: str) -> None:
    """Pin a person in or out; undo lets the rule decide again."""
    from engines.segments import actions

    said = "Pinned in, whatever the rule says." if into else "Kept out, whatever the rule says."
    Act(
        desk,
        partial(_pin, code=code, person=person, into=into, reason=reason),
        said,
        _call(actions.unpin, code, person),
    ).start()


def unpin(desk: Desk, code: str, person: bytes, *, into: bool, reason: str) -> None:
    """Let the rule decide on a person again; undo pins as before."""
    from engines.segments import actions

    back = partial(_pin, code=code, person=person, into=into, reason=reason)
    Act(desk, _call(actions.unpin, code, person), "The rule decides again.", back).start()


SAID = (
    mark("{name} is archived."), mark("{name} is live again."), mark("The draft {name} is deleted."),
    mark("{name} is live: its members are kept from now on."), mark("Pinned in, whatever the rule says."),
    mark("Kept out, whatever the rule says."), mark("The rule decides again."),
)  # fmt: skip
"""What acts say, marked for translation."""


def _delete(store: Store, actor: str, *, code: str, kept: list[Rule]) -> None:
    from engines.segments import actions, queries

    kept.append(queries.versions(store, code)[0].rule)
    actions.delete_draft(store, actor, code)


def _make_again(store: Store, actor: str, *, code: str, name: str, kept: list[Rule]) -> None:
    from engines.segments.actions import create

    create(store, actor, code, name, kept[0])


def _pin(store: Store, actor: str, *, code: str, person: bytes, into: bool, reason: str) -> None:
    from engines.segments.actions import pin as pin_person

    pin_person(store, actor, code, person, into=into, reason=reason)


def _call(act: Callable[..., Any], *arguments: Any) -> Do:
    """The act with what comes after store and actor."""
    return partial(_with, act, arguments)


def _with(act: Callable[..., Any], arguments: tuple[Any, ...], store: Store, actor: str) -> None:
    act(store, actor, *arguments)
