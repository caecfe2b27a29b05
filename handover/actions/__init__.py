"""Every write: a module is a noun, a function a verb; keyword-only, ``by=`` an actor.

``action`` opens one transaction, tells the database who is asking, and lifts the models' guard for its
length. A domain error rolls everything back.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

from handover import clock
from handover.access import Actor, Operator, asking, who_asks
from handover.models.guard import is_writing, writing

__all__ = ["action"]

P = ParamSpec("P")
R = TypeVar("R")


def action(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function an action: one transaction, one actor, the only place where guarded models may be
    written.

    An action called from an action of the same actor joins its transaction. Actions on the shared directory
    also take an ``Operator``, to whom the database shows no programme.

    Raises:
        TypeError: ``by`` is missing or no actor.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        by = kwargs.get("by")
        if isinstance(by, Operator):
            with transaction.atomic(), clock.frozen(), writing():
                return function(*args, **kwargs)
        if not isinstance(by, Actor):
            raise TypeError(f"{function.__name__}() needs by=, an Actor")
        if is_writing() and who_asks() == by:
            return function(*args, **kwargs)
        with asking(by), writing():
            return function(*args, **kwargs)

    return run
