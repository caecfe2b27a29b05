"""Obligations of grants: shipped rules are taken over, own ones entered; what moves a clock moves its last day, and
leaves a trace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from handover import access, ledger
from handover.access import Actor
from handover.actions import action, lines
from handover.errors import Invalid, NotFound
from handover.models import Grant, Obligation, ObligationPause, Programme
from handover.models.obligations import Applies, CountsFrom
from handover.permissions import Permission
from handover.queries import obligations as reads
from handover.queries.obligation_rules import rule

MAY: Final = Permission.EDIT_PROGRAMME
SAID: Final = (
    "kind", "title", "source", "article", "mark", "in_force_from", "in_force_to", "counts_from", "day", "years",
    "months", "is_deadline", "applies", "why", "exposure", "debtor",
)  # fmt: skip
"""What is said of an obligation; the rest is worked out."""
COPIED: Final = (
    "kind", "article", "mark", "in_force_from", "in_force_to", "counts_from", "years", "months", "is_deadline",
    "exposure",
)  # fmt: skip
"""What an obligation takes over of a shipped rule as it is."""
PAUSED: Final = ("effect", "starts_on", "ends_on", "authority", "reason")
"""What is said of a pause."""


@action
def adopt(*, by: Actor, grant_uuid: UUID, rules: Sequence[str], language: str = "en") -> list[Obligation]:
    """Take shipped rules over for a grant; one that is there already stays as it is. Its lead is the debtor until
    somebody says otherwise, and whether a rule applies is still to be decided.

    Args:
        rules: keys of shipped rules.
        language: in which their titles are kept (readers are told them in their own).

    Raises:
        NotFound, NotAllowed: there is no such grant, or the actor may not edit its programme.
        Invalid: no such rule, or one that was not in force while the grant ran.
    """
    grant = _grant(by, grant_uuid)
    wanted = [rule(key) for key in dict.fromkeys(rules)]
    lines.one_at_a_time(grant.programme, "obligations")
    there = set(Obligation.objects.filter(grant=grant).values_list("rule", flat=True))
    made = []
    for item in wanted:
        if item.key in there:
            continue
        if not item.in_force(grant):
            raise Invalid(
                "rule_not_in_force",
                f"“{item.title('en')}” ({item.source('en')}) was not in force on any day of this grant.",
                field="rules",
            )
        row = Obligation(
            programme=grant.programme,
            grant=grant,
            title=item.title(language),
            rule=item.key,
            source=item.source(language),
            debtor=grant.lead,
            **{name: getattr(item, name) for name in COPIED},
        )
        made.append(_entered(by, row, verb="obligation.adopted"))
    return made


@action
def enter(*, by: Actor, grant_uuid: UUID, **fields: Any) -> Obligation:
    """Enter a rule of one's own: the agreement's clause, the donor's or a country's rules. ``fields`` are ``SAID``.

    Raises:
        NotFound, NotAllowed: there is no such grant, or the actor may not edit its programme.
        Invalid: a field is wrong, it takes no time and is no deadline, or it does not apply and nobody says why.
    """
    grant = _grant(by, grant_uuid)
    given = {"debtor": grant.lead} | {
        name: value for name, value in _known(fields, SAID).items() if value != ""
    }
    row = Obligation(
        programme=grant.programme, grant=grant, **lines.filled(Obligation, grant.programme, given)
    )
    return _entered(by, row, verb="obligation.entered")


@action
def edit(*, by: Actor, obligation_uuid: UUID, version: int, **changes: Any) -> Obligation:
    """Change an obligation: whether it applies, who the debtor is, what the rule says.

    Raises:
        NotFound, NotAllowed: there is no such obligation, or the actor may not edit its programme.
        Stale: somebody else was quicker.
        Invalid: as for ``enter``, or nothing would change.
    """
    row = _obligation(by, obligation_uuid)
    changed = lines.rewritten(row, row.programme, _known(changes, SAID))
    _fits(row)
    before = row.ends_on
    found = reads.reading(row)
    row.change(
        version=version,
        **{name: getattr(row, name) for name in changed.after},
        counted_from=found.counted_from,
        ends_on=found.ends_on,
    )
    ledger.record(
        verb="obligation.edited",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={
            "before": {**changed.before, "ends_on": before},
            "after": {**changed.after, "ends_on": row.ends_on},
        },
    )
    return row


@action
def pause(*, by: Actor, obligation_uuid: UUID, **fields: Any) -> ObligationPause:
    """Enter proceedings or an authority's request that stop the clock of an obligation. ``fields`` are ``PAUSED``.

    Raises:
        NotFound, NotAllowed: there is no such obligation, or the actor may not edit its programme.
        Invalid: a field is wrong, or it ends before it begins.
    """
    row = _obligation(by, obligation_uuid)
    given = lines.filled(ObligationPause, row.programme, _known(fields, PAUSED))
    made = ObligationPause(programme=row.programme, obligation=row, **given)
    lines.cleaned(made)
    lines.checked(made)
    made.save()
    ledger.record(
        verb="obligation.paused",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={"pause": made.uuid, **lines.facts(made, PAUSED)},
    )
    recount(by, [_again(row)], because="obligation.paused")
    return made


@action
def edit_pause(*, by: Actor, pause_uuid: UUID, version: int, **changes: Any) -> ObligationPause:
    """Change what stops a clock: most often, say its last day.

    Raises:
        NotFound, NotAllowed: there is no such pause, or the actor may not edit its programme.
        Stale: somebody else was quicker.
        Invalid: as for ``pause``, or nothing would change.
    """
    found = (
        ObligationPause.objects.select_related("obligation").filter(uuid=pause_uuid).order_by("id").first()
    )
    if found is None:
        raise NotFound("pause of an obligation")
    row = _obligation(by, found.obligation.uuid)
    changed = lines.rewritten(found, row.programme, _known(changes, PAUSED))
    found.change(version=version, **{name: getattr(found, name) for name in changed.after})
    ledger.record(
        verb="obligation.pause_edited",
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={"pause": found.uuid, "before": changed.before, "after": changed.after},
    )
    recount(by, [_again(row)], because="obligation.pause_edited")
    return found


def recount(by: Actor, rows: Sequence[Obligation], *, because: str) -> list[Obligation]:
    """Work out the last days anew and write those that moved, each with its trace. For actions alone.

    Args:
        because: the verb of what moved them.
    """
    moved = []
    for row in rows:
        found = reads.reading(row)
        if (row.counted_from, row.ends_on) == (found.counted_from, found.ends_on):
            continue
        before = row.ends_on
        row.change(version=row.version, counted_from=found.counted_from, ends_on=found.ends_on)
        moved.append(row)
        ledger.record(
            verb="obligation.moved",
            by=by,
            programme=row.programme,
            subject=row.uuid,
            data={"before": before, "after": row.ends_on, "because": because},
        )
    return moved


def _entered(by: Actor, row: Obligation, *, verb: str) -> Obligation:
    lines.cleaned(row)
    _fits(row)
    found = reads.reading(row)
    row.counted_from, row.ends_on = found.counted_from, found.ends_on
    row.save()
    ledger.record(
        verb=verb,
        by=by,
        programme=row.programme,
        subject=row.uuid,
        data={
            "grant": row.grant.uuid,
            "title": row.title,
            "rule": row.rule,
            "source": row.source,
            "debtor": row.debtor.uuid,
            "ends_on": row.ends_on,
        },
    )
    return row


def _fits(row: Obligation) -> None:
    """Check what the columns of an obligation say together."""
    if not (row.years or row.months or row.is_deadline):
        raise Invalid(
            "no_time",
            f"“{row}” binds for no time: say for how many years, or that it is a deadline.",
            field="years",
        )
    if row.day is not None and row.counts_from != CountsFrom.DAY:
        raise Invalid(
            "day_not_counted",
            f"“{row}” is counted from {row.get_counts_from_display()}: a day of its own would count for nothing.",
            field="day",
        )
    if row.applies == Applies.NO and not row.why.strip():
        raise Invalid("reason_needed", f"Say why “{row}” does not apply to this grant.", field="why")
    first, last = row.in_force_from, row.in_force_to
    if first and last and last < first:
        raise Invalid(
            "dates_reversed", f"“{row}” goes out of force before it is in force.", field="in_force_to"
        )
    _year_is_right(row.day)


def _year_is_right(day: dt.date | None) -> None:
    if day is not None and day.year not in lines.YEARS:
        raise Invalid("year_out_of_range", f"The year {day.year} cannot be right.", field="day")


def _known(given: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise Invalid("unknown_field", f"There is no field “{unknown[0]}”.", field=unknown[0])
    return given


def _grant(by: Actor, key: UUID) -> Grant:
    found = Grant.objects.select_related("programme", "lead").filter(uuid=key).order_by("id").first()
    if found is None:
        raise NotFound("grant")
    _may(by, found.programme)
    return found


def _obligation(by: Actor, key: UUID) -> Obligation:
    found = (
        Obligation.objects.select_related("programme", "grant", "debtor")
        .filter(uuid=key)
        .order_by("id")
        .first()
    )
    if found is None:
        raise NotFound("obligation")
    _may(by, found.programme)
    return found


def _may(by: Actor, programme: Programme) -> None:
    access.authorise(by, programme.pk, None, may=MAY)


def _again(row: Obligation) -> Obligation:
    """Fetch an obligation anew, with what stops its clock now."""
    return reads.rows(row.programme).get(pk=row.pk)
