"""Columns of a row, checked by its model's own rules: what the model refuses is told as everywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError

from handover.errors import Invalid


@contextmanager
def checking(at: str = "", *, of: object = None) -> Iterator[None]:
    """Tell a model's own refusal as a domain error that names the field.

    Args:
        at: what stands before the field's name.
        of: what the sentence names besides the field.

    Raises:
        Invalid: the first field that is wrong.
    """
    try:
        yield
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        whose = "" if of is None else f" of “{of}”"
        label = field.replace("_", " ").capitalize()
        raise Invalid("invalid", f"{label}{whose}: {messages[0]}", field=f"{at}{field}") from error
