"""Addresses of a programme's pages."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, path

from handover.views.programmes import (
    descriptions,
    documents,
    ledger,
    listing,
    obligations,
    overview,
    registers,
    responsibilities,
    stages,
)
from handover.views.programmes.nouns import NOUNS, Noun

ONE = "programmes/<uuid:programme_uuid>/"
REGISTERS = f"{ONE}registers/"
DUTY = f"{REGISTERS}responsibilities/<uuid:responsibility_uuid>/"


def _of(noun: Noun) -> Iterator[URLPattern]:
    """Give the addresses of one register; each names its lines by their own word, so that it is known what they are."""
    start, said = f"{REGISTERS}{noun.slug}/", {"noun": noun.slug}
    line = f"{start}<uuid:{noun.argument}>/"
    yield path(start, registers.lines, said, name=noun.plural)
    yield path(f"{start}add/", registers.add, said, name=f"{noun.name}-add")
    yield path(line, registers.line, said, name=noun.name)
    if noun.editable:
        yield path(f"{line}edit/", registers.edit, said, name=f"{noun.name}-edit")


urlpatterns: list[URLPattern] = [
    path("programmes/", listing.programmes, name="programmes"),
    path("programmes/new/", listing.found, name="programme-new"),
    path(ONE, overview.overview, name="programme"),
    path(f"{ONE}ledger/<int:seq>/", ledger.entry, name="ledger-entry"),
    path(f"{ONE}edit/", descriptions.edit, name="programme-edit"),
    path(REGISTERS, registers.registers, name="registers"),
    path(f"{REGISTERS}budget/", stages.curve, name="budget-curve"),
    path(f"{REGISTERS}responsibilities/", responsibilities.responsibilities, name="responsibilities"),
    path(f"{REGISTERS}responsibilities/add/", responsibilities.define, name="responsibility-add"),
    path(DUTY, responsibilities.responsibility, name="responsibility"),
    path(f"{DUTY}edit/", responsibilities.edit, name="responsibility-edit"),
    path(f"{DUTY}provide/", responsibilities.provide, name="responsibility-provide"),
    *(address for noun in NOUNS for address in _of(noun)),
    path(f"{REGISTERS}posts/<uuid:post_uuid>/fund/", stages.fund, name="post-fund"),
    path(f"{REGISTERS}budget-lines/<uuid:budget_line_uuid>/stage/", stages.stage, name="budget-line-stage"),
    path(f"{ONE}obligations/", obligations.obligations, name="obligations"),
    path(f"{ONE}obligations/grants/<uuid:grant_uuid>/adopt/", obligations.adopt, name="obligations-adopt"),
    path(f"{ONE}obligations/grants/<uuid:grant_uuid>/add/", obligations.add, name="obligation-add"),
    path(f"{ONE}obligations/<uuid:obligation_uuid>/", obligations.obligation, name="obligation"),
    path(f"{ONE}obligations/<uuid:obligation_uuid>/edit/", obligations.edit, name="obligation-edit"),
    path(f"{ONE}obligations/<uuid:obligation_uuid>/pause/", obligations.pause, name="obligation-pause"),
    path(
        f"{ONE}obligations/pauses/<uuid:obligation_pause_uuid>/",
        obligations.edit_pause,
        name="obligation-pause-edit",
    ),
    path(f"{ONE}documents/", documents.documents, name="documents"),
]
