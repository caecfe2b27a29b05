"""What is entered in a record of the work, read and checked by its kind's declaration before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models

from handover.actions.columns import checking
from handover.errors import Invalid
from handover.models import Programme, Responsibility
from handover.models.base import InProgramme
from interventions.actions import entries
from interventions.actions.entries import Entry
from interventions.models import (
    CommemorationDay,
    Commitment,
    Intervention,
    NeedState,
    PolicyMeeting,
    Training,
)
from interventions.queries.calendar import SHARED, in_year
from interventions.queries.feeding import no_such
from interventions.queries.record_kinds import Kind, unknown_field

LEAP_YEAR: Final = 2024


class Reading:
    """Entries of one programme for one kind. What they refer to is read once: a query for each field that refers."""

    def __init__(self, programme: Programme, kind: Kind, given: Sequence[Entry]) -> None:
        self.programme, self.kind = programme, kind
        self._rows: dict[str, Mapping[object, models.Model]] = {
            name: self._referred(column, given)
            for name, column in kind.fields.items()
            if isinstance(column, models.ForeignKey)
        }

    def _referred(
        self, column: models.ForeignKey[Any, Any], given: Sequence[Entry]
    ) -> Mapping[object, models.Model]:
        wanted = {key for entry in given if (key := entry.get(column.name)) is not None}
        if not wanted:
            return {}
        model: type[models.Model] = column.related_model
        manager: models.Manager[Any] = model._default_manager
        among = manager.filter(programme=self.programme) if issubclass(model, InProgramme) else manager.all()
        if model is Intervention:
            among = among.select_related("responsibility")
        keys = {uuid: key for key in wanted if (uuid := _uuid(key)) is not None}
        found: dict[object, models.Model] = {keys[row.uuid]: row for row in among.filter(uuid__in=keys)}
        if model is CommemorationDay:
            texts = [key for key in wanted if isinstance(key, str)]
            found.update({row.key: row for row in among.filter(key__in=texts)})
        return found

    def columns(self, entry: Entry, *, at: str = "") -> dict[str, Any]:
        """Turn what was entered into column values; ``at`` goes before the name of a field that is wrong.

        Raises:
            Invalid: a field that is not there, a value of the wrong kind or below zero, a reference to nothing.
        """
        known = self.kind.fields
        values: dict[str, Any] = {}
        for name, given in entry.items():
            column = known.get(name)
            if column is None:
                raise unknown_field(self.kind, f"{at}{name}", known)
            values[name] = self._value(column, given, field=f"{at}{name}")
        return values

    def _value(self, column: models.Field[Any, Any], given: object, *, field: str) -> object:
        if isinstance(column, models.ForeignKey):
            return self._row(column, given, field=field)
        if isinstance(column, models.JSONField):
            return entries.text(column.name, given)
        if given is None:
            return "" if isinstance(column, models.CharField | models.TextField) else None
        if isinstance(given, str):
            given = given.strip()
        if isinstance(column, models.IntegerField | models.DecimalField):
            return self._number(column, given, field=field)
        try:
            return column.to_python(given)
        except ValidationError as error:
            raise self._wrong(column, error.messages[0], field) from error

    def _row(self, column: models.ForeignKey[Any, Any], key: object, *, field: str) -> models.Model | None:
        if key is None:
            return None
        found = self._rows[column.name].get(key)
        if found is None and column.related_model is CommemorationDay and key in SHARED:
            shared = SHARED[str(key)]
            # Kept by everybody, and from now on in this programme's calendar too.
            return CommemorationDay(
                programme=self.programme,
                key=shared.key,
                title=shared.narratives,
                month=shared.month,
                day=shared.day,
                own=False,
            )
        if found is None:
            wrong = no_such(column, key)
            raise Invalid(wrong.code, f"{wrong.sentence[:-1]} for this {self.name}.", field=field)
        return found

    def _number(self, column: models.Field[Any, Any], given: object, *, field: str) -> object:
        whole = isinstance(column, models.IntegerField)
        if isinstance(given, bool | float) or (whole and isinstance(given, Decimal)):
            what = "a whole number" if whole else "a number that is kept exactly: a decimal or a text"
            raise self._wrong(column, f"It must be {what}.", field)
        try:
            number = column.to_python(given)
        except ValidationError as error:
            raise self._wrong(column, error.messages[0], field) from error
        if number is not None and number < 0:
            raise Invalid(
                "negative_count",
                f"{_label(column)} of this {self.name} cannot be below zero: {given}.",
                field=field,
            )
        return number

    def _wrong(self, column: models.Field[Any, Any], why: str, field: str) -> Invalid:
        return Invalid("invalid", f"{_label(column)} of this {self.name}: {why}", field=field)

    @property
    def name(self) -> str:
        """Say what a record of the kind is called in a sentence."""
        return str(self.kind.model._meta.verbose_name)


def check(kind: Kind, row: Any, *, at: str = "") -> None:
    """Check a record whole, before it is saved.

    Raises:
        Invalid: something is missing, too long or no choice, days are the wrong way round, or fields contradict each
            other; the sentence names the record.
    """
    name = row._meta.verbose_name
    for field in kind.needed:
        if getattr(row, kind.fields[field].attname) in (None, "", []):
            needed = f"needed are: {', '.join(kind.needed)}"
            raise Invalid("missing", f"This {name} has no {field}; {needed}.", field=f"{at}{field}")
    with checking(at):
        row.clean_fields(exclude={column.name for column in row._meta.concrete_fields if column.is_relation})
    for first, last in kind.ordered:
        begins, ends = getattr(row, first), getattr(row, last)
        if begins is not None and ends is not None and ends < begins:
            raise Invalid(
                "dates_reversed",
                f"{name.capitalize()} “{row}”: {ends} ({kind.fields[last].verbose_name}) is before {begins}.",
                field=f"{at}{last}",
            )
    together = TOGETHER.get(kind.name)
    if together is not None:
        together(row, at)


def responsible(kind: Kind, row: Any) -> Responsibility | None:
    """Give the responsibility that a record asks: its intervention's; ``None`` asks the programme."""
    intervention = getattr(row, kind.intervention, None) if kind.intervention else None
    return intervention.responsibility if intervention is not None else None


def same(kind: Kind, row: Any) -> Any | None:
    """Give another record that is the same one, or that counts some of its days too; ``None`` where there is none."""
    among = kind.model._default_manager.filter(programme=row.programme).exclude(pk=row.pk)
    for field in kind.same:
        value = getattr(row, field)
        text = isinstance(value, str) and not kind.fields[field].choices
        among = among.filter(
            **{f"{field}__isnull": True} if value is None else {f"{field}__iexact" if text else field: value}
        )
    if kind.overlaps:
        first, last = kind.days
        if getattr(row, last) is not None:
            among = among.filter(**{f"{first}__lte": getattr(row, last)})
        among = among.filter(
            models.Q(**{f"{last}__gte": getattr(row, first)}) | models.Q(**{f"{last}__isnull": True})
        )
    return among.order_by("id").first()


def _training(row: Training, at: str) -> None:
    if not row.hours:
        raise Invalid("no_hours", f"Training “{row}”: say how many hours it took.", field=f"{at}hours")
    took_part = row.children + row.adults + row.age_unknown
    if row.young_volunteers > took_part:
        raise Invalid(
            "more_than_took_part",
            f"Training “{row}”: {row.young_volunteers} young volunteers among {took_part} who took part.",
            field=f"{at}young_volunteers",
        )


def _meeting(row: PolicyMeeting, at: str) -> None:
    if row.seat is not None and row.seat.authority_id != row.authority_id:
        raise Invalid(
            "seat_elsewhere", f"The seat “{row.seat}” is not at “{row.authority}”.", field=f"{at}seat"
        )


def _commitment(row: Commitment, at: str) -> None:
    if row.meeting is not None and row.meeting.authority_id != row.authority_id:
        raise Invalid(
            "meeting_elsewhere",
            f"The meeting “{row.meeting}” was not with “{row.authority}”.",
            field=f"{at}meeting",
        )
    if row.need is not None and row.need.state in (NeedState.MERGED, NeedState.SPLIT):
        raise Invalid(
            "need_closed",
            f"The need “{row.need}” is {row.need.get_state_display()}: name what it became.",
            field=f"{at}need",
        )


def _day(row: CommemorationDay, at: str) -> None:
    if row.own and row.key in SHARED:
        raise Invalid(
            "shared_day",
            f"“{row.key}” is a day that everybody keeps: give yours another key.",
            field=f"{at}key",
        )
    try:
        in_year(LEAP_YEAR, row.month, row.day)
    except ValueError:
        raise Invalid("no_such_day", f"No month {row.month} has a day {row.day}.", field=f"{at}day") from None


TOGETHER: Final[Mapping[str, Callable[[Any, str], None]]] = {
    "training": _training,
    "meeting": _meeting,
    "commitment": _commitment,
    "day": _day,
}
"""What no field can know alone, by kind."""


def _uuid(key: object) -> UUID | None:
    if isinstance(key, UUID):
        return key
    try:
        return UUID(key) if isinstance(key, str) else None
    except ValueError:
        return None


def _label(column: models.Field[Any, Any]) -> str:
    return str(column.verbose_name).capitalize()
