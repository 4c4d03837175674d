"""The check in the service layer: every act of a person passes here, whatever window or command it came from."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from engines.access.rules import POLICY
from models.rights import Scope, Standing, require
from models.store import Store

P = ParamSpec("P")
Answer = TypeVar("Answer")
GUARDED = "__atrium_right__"


def check(store: Store, actor: str, right: str, *, scope: Scope | None = None, what: str = "") -> Standing:
    """The actor's standing, where it has `right` (there). Raises Denied, which is in the audit log by then.

    `what` names the act in that entry; the right itself where nothing else is said.
    """
    return require(store, actor, right, what or f"right/{right}", scope)


def guarded(function: Callable[P, Answer]) -> Callable[P, Answer]:
    """An act `f(store, actor, ...)` that runs only with the right that `POLICY` gives it.

    Raises KeyError while the module loads where the policy has no line for it: deny by default.
    """
    name = f"{function.__module__.removeprefix('engines.')}.{function.__qualname__}"
    right = POLICY[name]

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> Answer:
        store, actor = _caller(args, kwargs)
        require(store, actor, right, name)
        return function(*args, **kwargs)

    setattr(checked, GUARDED, right)
    return checked


def _caller(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Store, str]:
    store = args[0] if args else kwargs["store"]
    actor = args[1] if len(args) > 1 else kwargs["actor"]
    return cast(Store, store), cast(str, actor)
