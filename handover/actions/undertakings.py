"""Undertakings of institutions: entered with what depends on them, and said of each year whether they were kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID

from handover import access, clock, files, ledger
from handover.access import Actor
from handover.actions import action, evidence, lines
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import (
    Programme,
    Responsibility,
    Undertaking,
    UndertakingResponsibility,
    UndertakingYear,
)
from handover.models.undertakings import Outcome
from handover.permissions import Permission
from handover.queries import undertakings as reads
from handover.queries.obligations import today_of

MAY: Final = Permission.EDIT_PROGRAMME
SAYS: Final = Permission.ADD_EVIDENCE
SAID: Final = (
    "organisation", "kind", "title", "promise", "legal_act", "quantity", "unit", "amount", "currency", "starts_on",
    "ends_on", "due_month", "due_day",
)  # fmt: skip
"""What is said of an undertaking."""
OF_A_YEAR: Final = ("outcome", "quantity", "amount", "reason", "link")
"""What is said of a year, beside a file."""


@action
def enter(
    *, by: Actor, programme_uuid: UUID, responsibilities: Sequence[UUID] = (), **fields: Any
) -> Undertaking:
    """Enter what an institution undertook to keep up. ``fields`` are ``SAID``.

    Args:
        responsibilities: which of the programme's responsibilities depend on it.

    Raises:
        NotFound, NotAllowed: there is no such programme, or the actor may not edit it.
        Invalid: a field is wrong, an amount has no currency, or a responsibility is another programme's.
    """
    programme = access.programme_for(by, programme_uuid, may=MAY)
    row = Undertaking(programme=programme, **lines.filled(Undertaking, programme, fields))
    lines.cleaned(row)
    lines.checked(row)
    _fits(row)
    row.save()
    depending = _depend(row, responsibilities)
    ledger.record(
        verb="undertaking.entered",
        by=by,
        programme=programme,
        subject=row.uuid,
        data={**lines.facts(row, SAID), "responsibilities": depending},
    )
    return row


@action
def edit(*, by: Actor, undertaking_uuid: UUID, version: int, **changes: Any) -> Undertaking:
    """Change an undertaking; the ledger keeps what stood there before.

    Raises:
        NotFound, NotAllowed: there is no such undertaking, or the actor may not edit its programme.
        Stale: somebody else was quicker.
        Invalid: as for ``enter``, a year of which something was said would fall out, or nothing would change.
    """
    row = _undertaking(by, undertaking_uuid, may=MAY)
    changed = lines.rewritten(row, row.programme, changes)
    _fits(row)
    said = UndertakingYear.objects.filter(undertaking=row).values_list("year", flat=True)
    lost = sorted(
        year
        for year in said
        if year < row.starts_on.year or (row.ends_on is not None and year > row.ends_on.year)
    )
    if lost:
        raise Invalid(
            "year_said",
            f"Something was said of {lost[0]} already: “{row}” cannot leave that year out.",
            field="ends_on" if row.ends_on and lost[0] > row.ends_on.year else "starts_on",
        )
    row.change(version=version, **{name: getattr(row, name) for name in changed.after})
    ledger.record(
        verb="undertaking.edited",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={"before": changed.before, "after": changed.after},
    )
    return row


@action
def depend(*, by: Actor, undertaking_uuid: UUID, responsibilities: Sequence[UUID]) -> Undertaking:
    """Say which responsibilities depend on an undertaking: these, and no others.

    Raises:
        NotFound, NotAllowed: there is no such undertaking, or the actor may not edit its programme.
        Invalid: a responsibility is another programme's, or nothing would change.
    """
    row = _undertaking(by, undertaking_uuid, may=MAY)
    before = _depending(row)
    after = _depend(row, responsibilities)
    if before == after:
        raise Invalid("nothing_changed", f"Nothing would change in “{row}”.")
    ledger.record(
        verb="undertaking.dependents_set",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={"before": before, "after": after},
    )
    return row


@action
def say(
    *,
    by: Actor,
    undertaking_uuid: UUID,
    year: int,
    content: Iterable[bytes] | None = None,
    filename: str = "",
    **fields: Any,
) -> UndertakingYear:
    """Say for one's organisation what became of a year of an undertaking. ``fields`` are ``OF_A_YEAR``.

    Args:
        content: the bytes of a file that shows it and names nobody, in chunks.

    Raises:
        NotFound, NotAllowed: there is no such undertaking, or the actor may not add evidence to its programme.
        Invalid: not a year of the undertaking, one that has not begun, one that is kept before it is over, said
            already, no reason where it was not kept, or both a file and a link.
    """
    row = _undertaking(by, undertaking_uuid, may=SAYS)
    _year_is_right(row, year)
    given = _known(fields)
    made = UndertakingYear(
        programme=row.programme,
        undertaking=row,
        year=year,
        organisation=by.organisation,
        filename=PurePath(filename).name[:255] if content is not None else "",
        said_at=clock.now(),
        **lines.filled(UndertakingYear, row.programme, given),
    )
    lines.cleaned(made)
    _says_enough(row, made, with_file=content is not None)
    lines.one_at_a_time(row.programme, "undertakings")
    if UndertakingYear.objects.filter(undertaking=row, year=year, organisation=by.organisation).exists():
        raise Invalid(
            "said_already",
            f"{by.organisation.name} has said what became of {year} already: change that instead.",
            field="year",
        )
    made.file = evidence.store(row.programme, content, filename) if content is not None else None
    made.save()
    ledger.record(
        verb="undertaking.said",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={
            "title": row.title,
            "year": year,
            **lines.facts(made, OF_A_YEAR),
            "sha256": made.file.sha256 if made.file else None,
        },
    )
    return made


@action
def resay(*, by: Actor, said_uuid: UUID, version: int, **changes: Any) -> UndertakingYear:
    """Change what one's own organisation said of a year; the ledger keeps what it said before.

    Raises:
        NotFound, NotAllowed: there is nothing, another organisation said it, or the actor may not add evidence.
        Stale: somebody else was quicker.
        Invalid: as for ``say``, or nothing would change.
    """
    found = UndertakingYear.objects.select_related("undertaking", "file").filter(uuid=said_uuid).first()
    if found is None:
        raise NotFound("year of an undertaking")
    row = _undertaking(by, found.undertaking.uuid, may=SAYS)
    if found.organisation_id != by.organisation.pk:
        raise NotAllowed("not_yours", "Each organisation changes its own words alone.")
    changed = lines.rewritten(found, row.programme, _known(changes))
    _says_enough(row, found, with_file=found.file_id is not None)
    found.change(
        version=version, said_at=clock.now(), **{name: getattr(found, name) for name in changed.after}
    )
    ledger.record(
        verb="undertaking.said_anew",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={"title": row.title, "year": found.year, "before": changed.before, "after": changed.after},
    )
    return found


@action
def open_file(*, by: Actor, said_uuid: UUID) -> bytes:
    """Read the bytes of the file that shows what was said of a year.

    Raises:
        NotFound: there is nothing for this actor, it came after their cut-off, or the bytes were erased.
        Invalid: there is no file.
    """
    found = UndertakingYear.objects.select_related("programme", "file").filter(uuid=said_uuid).first()
    if found is None:
        raise NotFound("year of an undertaking")
    access.authorise(by, found.programme_id, None, may=Permission.VIEW)
    cutoff = access.reach(by, found.programme).cutoff
    if cutoff is not None and found.said_at > cutoff:
        raise NotFound("year of an undertaking")
    if found.file is None:
        raise Invalid("is_link", f"There is no file: {found.link or 'nothing was added'}.")
    if found.file.erased_at is not None:
        raise NotFound("file")
    return files.read(found.programme.uuid, found.file.sha256)


def _depend(row: Undertaking, wanted: Iterable[UUID]) -> list[UUID]:
    """Write which responsibilities depend on an undertaking, and give their UUIDs in order."""
    asked = sorted(set(wanted))
    found = {
        item.uuid: item for item in Responsibility.objects.filter(programme=row.programme, uuid__in=asked)
    }
    lost = [key for key in asked if key not in found]
    if lost:
        raise Invalid(
            "unknown_responsibility",
            f"There is no such responsibility in this programme: {lost[0]}.",
            field="responsibilities",
        )
    links = UndertakingResponsibility.objects.filter(undertaking=row)
    links.exclude(responsibility__uuid__in=asked).delete()
    there = set(links.values_list("responsibility__uuid", flat=True))
    for key in asked:
        if key not in there:
            UndertakingResponsibility.objects.create(
                programme=row.programme, undertaking=row, responsibility=found[key]
            )
    return asked


def _depending(row: Undertaking) -> list[UUID]:
    links = UndertakingResponsibility.objects.filter(undertaking=row)
    return sorted(links.values_list("responsibility__uuid", flat=True))


def _fits(row: Undertaking) -> None:
    """Check what the columns of an undertaking say together."""
    if row.amount is not None and not row.currency:
        raise Invalid("currency_missing", f"“{row}” has an amount in no currency.", field="currency")
    if row.quantity is not None and not row.unit.strip():
        raise Invalid(
            "unit_missing", f"“{row}” asks for {row.quantity} of nothing: say of what.", field="unit"
        )


def _year_is_right(row: Undertaking, year: int) -> None:
    if year not in reads.span(row, today_of(row.organisation)):
        raise Invalid("year_not_promised", f"{year} is no year of “{row}” that has begun.", field="year")


def _says_enough(row: Undertaking, made: UndertakingYear, *, with_file: bool) -> None:
    """Check what is said of a year: a reason where it was not kept, nothing kept that is not over."""
    if made.outcome != Outcome.KEPT and not made.reason.strip():
        raise Invalid("reason_needed", f"Say why “{row}” was not kept in {made.year}.", field="reason")
    if made.outcome == Outcome.KEPT and made.year >= today_of(row.organisation).year:
        raise Invalid(
            "year_not_over",
            f"{made.year} is not over: whether “{row}” is kept shows afterwards.",
            field="outcome",
        )
    if with_file and made.link:
        raise Invalid("file_or_link", "Give either a file or a link.", field="link")
    if made.link and not made.link.startswith(("https://", "http://")):
        raise Invalid("link_malformed", "A link begins with https:// or http://.", field="link")


def _known(given: dict[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(given) - set(OF_A_YEAR))
    if unknown:
        raise Invalid("unknown_field", f"There is no field “{unknown[0]}”.", field=unknown[0])
    return given


def _undertaking(by: Actor, key: UUID, *, may: Permission) -> Undertaking:
    found = (
        Undertaking.objects.select_related("programme", "organisation")
        .filter(uuid=key)
        .order_by("id")
        .first()
    )
    if found is None:
        raise NotFound("undertaking")
    programme: Programme = found.programme
    access.authorise(by, programme.pk, None, may=may)
    return found
