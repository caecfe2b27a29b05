"""Reading what a command line says of registers: kinds, lines, ``FIELD=VALUE``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import models

from handover import access
from handover.access import asking
from handover.actions.lines import columns, required
from handover.errors import Invalid
from handover.management.base import Call, argument
from handover.management.finding import line_named, organisation_named, place_named
from handover.models import Contract, Grant, LegalAct, Organisation, Place, Programme, StoredFile
from handover.models.registers import Register
from handover.permissions import Permission
from handover.queries.registers import REGISTERS

KIND: Final = argument("kind", metavar="KIND", choices=sorted(REGISTERS), help=", ".join(sorted(REGISTERS)))
FIELDS: Final = argument(
    "fields", nargs="+", metavar="FIELD=VALUE", help="`handover register fields KIND` lists them"
)
NUMBERED: Final[Mapping[type[models.Model], str]] = {
    Grant: "agreement_number",
    LegalAct: "number",
    Contract: "number",
    StoredFile: "sha256",
}
"""What of a programme a value may name by a number of its own."""
NAMED_BY: Final[Mapping[type[models.Model], str]] = {
    Organisation: "an organisation's slug",
    Place: "COUNTRY:CODE",
    Grant: "a grant's agreement number",
    LegalAct: "a legal act's number",
    Contract: "a contract's number",
    StoredFile: "a file's SHA-256",
}


def programme_of(call: Call) -> Programme:
    """Find the programme that a call names.

    Raises:
        NotFound: there is none that the actor may read.
    """
    with asking(call.by):
        return access.programme_for(call.by, call["programme"], may=Permission.VIEW)


def rows_of(programme: Programme, register: type[Register]) -> list[Register]:
    """Read a register's lines, in the order in which they were entered; inside ``asking``."""
    rows = register._default_manager.filter(programme=programme).select_related("responsibility", "programme")
    return list(rows.order_by("id"))


def register_line(call: Call, programme: Programme, text: str) -> Register:
    """Find a line of the register that a call names, by its title, number or UUID.

    Raises:
        Invalid: none, or several.
    """
    with asking(call.by):
        return line_named(
            rows_of(programme, REGISTERS[call["kind"]]),
            text,
            field="line",
            what=call["kind"].replace("_", " "),
        )


def values(
    call: Call, programme: Programme, register: type[Register], given: Sequence[str]
) -> dict[str, Any]:
    """Read ``FIELD=VALUE`` of a register. A value of nothing empties the field.

    Raises:
        Invalid: a field that the register does not have, one that is given twice, or a name of nothing.
    """
    fields, several = columns(register), register._meta.verbose_name_plural
    found: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or name not in fields:
            raise Invalid(
                "unknown_field",
                f"“{text}” sets no field of {several}; there are: {', '.join(fields)}.",
                field=name,
            )
        if name in found:
            raise Invalid("field_twice", f"{name} is given twice.", field=name)
        field = fields[name]
        if not value:
            found[name] = None
        elif isinstance(field, models.ForeignKey):
            found[name] = _named(call, programme, field, value)
        elif isinstance(field, models.BooleanField):
            found[name] = _yes(name, value)
        else:
            found[name] = value
    return found


def _named(call: Call, programme: Programme, field: models.ForeignKey[Any, Any], text: str) -> models.Model:
    target: type[models.Model] = field.related_model
    if target is Organisation:
        return organisation_named(text)
    if target is Place:
        return place_named(text)
    with asking(call.by):
        rows: Any = target._default_manager.filter(programme=programme).order_by("id")
        numbered = NUMBERED.get(target)
        same = list(rows.filter(**{numbered: text})) if numbered else []
        found: models.Model = (
            same[0]
            if len(same) == 1
            else line_named(list(rows), text, field=field.name, what=str(target._meta.verbose_name))
        )
    return found


def _yes(name: str, text: str) -> bool:
    said = {"yes": True, "true": True, "no": False, "false": False}.get(text.lower())
    if said is None:
        raise Invalid("not_yes_or_no", f"{name} is yes or no, not “{text}”.", field=name)
    return said


def fields_of(register: type[Register]) -> list[dict[str, Any]]:
    """Describe the fields of a register: what each takes, and whether a line can do without it."""
    needed = set(required(register))
    return [
        {
            "field": name,
            "takes": _takes(field),
            "needed": name in needed,
            "help": str(field.help_text),
        }
        for name, field in columns(register).items()
    ]


def _takes(field: models.Field[Any, Any]) -> str:
    if field.choices:
        return " | ".join(str(value) for value, _ in field.flatchoices)
    match field:
        case models.ForeignKey():
            return NAMED_BY.get(field.related_model, "a UUID")
        case models.DateField():
            return "YYYY-MM-DD"
        case models.DecimalField():
            return f"a number with up to {field.decimal_places} decimals"
        case models.BooleanField():
            return "yes | no"
        case models.IntegerField():
            return "a whole number"
    return "text"
