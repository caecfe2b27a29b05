"""`handover obligation`: what grants ask for after the money, until when, and what stops the clock."""

from __future__ import annotations

from typing import Any

from handover import access
from handover.access import asking
from handover.actions import obligations, registers
from handover.errors import Invalid
from handover.management.base import PROGRAMME, Call, Steps, StepsCommand, Told, Who, argument
from handover.management.finding import day, line_named, organisation_named
from handover.management.registers.reading import programme_of
from handover.management.tables import table
from handover.models import Grant, Obligation, ObligationPause, Programme
from handover.models.obligations import Applies, PauseEffect
from handover.permissions import Permission
from handover.queries import obligations as reads
from handover.queries.obligation_rules import shipped
from handover.queries.obligations import Duty
from handover.terminal import wrapped

GRANT = argument("grant", metavar="GRANT", help="a grant: its agreement number, title or UUID")
DUTY = argument(
    "duty", metavar="OBLIGATION", help="an obligation: a part of its title, its rule's key or UUID"
)

steps = Steps()


class Command(StepsCommand):
    """Take over, decide, read and stop obligations."""

    help = "Obligations of grants: rules with their source, until when they bind, and what stops the clock."
    steps = steps


@steps.add("rules", who=Who.EITHER)
def rules(call: Call) -> Told:
    """List the rules that ship, with where each stands and how far it was verified."""
    found = shipped().values()
    lines: list[str] = []
    for rule in found:
        time = f"{rule.years} years" if rule.years else "a deadline"
        lines += wrapped(f"{rule.key}: {rule.title('en')}")
        lines += wrapped(
            f"{time} from {rule.counts_from.label}; {rule.source('en')} {rule.article} ({rule.mark.label})".replace(
                "  ", " "
            ),
            first="  ",
            indent=2,
        )
        lines += wrapped(rule.condition("en"), first="  ", indent=2)
    return Told(
        {
            "rules": [
                {
                    "key": rule.key,
                    "kind": rule.kind.value,
                    "title": rule.title("en"),
                    "source": rule.source("en"),
                    "article": rule.article,
                    "mark": rule.mark.value,
                    "counts_from": rule.counts_from.value,
                    "years": rule.years,
                    "months": rule.months,
                    "is_deadline": rule.is_deadline,
                    "applies_to": rule.condition("en"),
                }
                for rule in found
            ]
        },
        lines,
    )


@steps.add("list", PROGRAMME, reads=True)
def list_(call: Call) -> Told:
    """Tell what binds until when, grant by grant."""
    programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
    lines: list[str] = []
    documents = []
    for found in reads.of_programme(programme):
        documents.append(
            {"grant": found.grant.agreement_number, "obligations": [_document(duty) for duty in found.duties]}
        )
        lines.append(f"{found.grant.agreement_number}")
        lines += table(
            ("LAST DAY", "STATE", "BINDS", "DEBTOR", "OBLIGATION"),
            [
                (
                    _last(duty),
                    duty.state.value,
                    "yes" if duty.binds else "no",
                    duty.row.debtor.slug,
                    duty.row.title,
                )
                for duty in found.duties
            ],
            empty="",
        )
    return Told(
        {"grants": documents},
        lines or ["No obligations are entered: `handover obligation adopt` takes rules over."],
    )


@steps.add(
    "adopt",
    PROGRAMME,
    GRANT,
    argument("rules", nargs="+", metavar="RULE", help="`handover obligation rules` lists them"),
)
def adopt(call: Call) -> Told:
    """Take shipped rules over for a grant; one that is there already stays as it is."""
    grant = _grant(call, programme_of(call))
    made = obligations.adopt(by=call.by, grant_uuid=grant.uuid, rules=call["rules"])
    said = [f"{row.rule}: {_day(row)}" for row in made] or ["They are all there already."]
    return Told({"adopted": [row.rule for row in made]}, said)


@steps.add(
    "decide",
    PROGRAMME,
    DUTY,
    argument("applies", metavar="APPLIES", choices=Applies.values, help=", ".join(Applies.values)),
    argument("--why", default="", metavar="TEXT"),
    argument("--debtor", metavar="ORGANISATION", help="who answers for it to the donor: a slug"),
)
def decide(call: Call) -> Told:
    """Say whether a rule applies to its grant, why, and who answers for it."""
    row = _duty(call, programme_of(call))
    changes: dict[str, Any] = {"applies": call["applies"], "why": call["why"] or row.why}
    if call["debtor"]:
        changes["debtor"] = organisation_named(call["debtor"])
    changed = obligations.edit(by=call.by, obligation_uuid=row.uuid, version=row.version, **changes)
    return Told(
        {"obligation": str(changed.uuid), "applies": changed.applies},
        [f"{changed.title}: {changed.get_applies_display()}, {_day(changed)}"],
    )


@steps.add(
    "pause",
    PROGRAMME,
    DUTY,
    argument("effect", metavar="EFFECT", choices=PauseEffect.values, help=", ".join(PauseEffect.values)),
    argument("--from", dest="first", type=day, required=True, metavar="DATE"),
    argument("--until", dest="last", type=day, metavar="DATE", help="its last day; left out: it is not over"),
    argument("--authority", required=True, metavar="TEXT", help="the court or authority, never a person"),
    argument("--reason", required=True, metavar="TEXT"),
)
def pause(call: Call) -> Told:
    """Enter proceedings or an authority's request that stop the clock of an obligation."""
    programme = programme_of(call)
    row = _duty(call, programme)
    made = obligations.pause(
        by=call.by,
        obligation_uuid=row.uuid,
        effect=call["effect"],
        starts_on=call["first"],
        ends_on=call["last"],
        authority=call["authority"],
        reason=call["reason"],
    )
    return Told({"pause": str(made.uuid)}, [f"{row.title}: {_day(_again(call, row))}"])


@steps.add("end-pause", PROGRAMME, DUTY, argument("last", type=day, metavar="DATE", help="its last day"))
def end_pause(call: Call) -> Told:
    """Say the last day of what stops the clock of an obligation."""
    row = _duty(call, programme_of(call))
    with asking(call.by):
        open_ones = list(ObligationPause.objects.filter(obligation=row, ends_on=None).order_by("id"))
    if not open_ones:
        raise Invalid(
            "nothing_stops", f"Nothing stops the clock of “{row}”, or all of it is over.", field="duty"
        )
    stopped = open_ones[-1]
    obligations.edit_pause(by=call.by, pause_uuid=stopped.uuid, version=stopped.version, ends_on=call["last"])
    return Told({"pause": str(stopped.uuid)}, [f"{row.title}: {_day(_again(call, row))}"])


@steps.add(
    "paid", PROGRAMME, GRANT, argument("on", type=day, metavar="DATE", help="the day of the final payment")
)
def paid(call: Call) -> Told:
    """Enter the final payment of a grant; what is counted from it moves."""
    programme = programme_of(call)
    grant = _grant(call, programme)
    registers.edit_grant(
        by=call.by, grant_uuid=grant.uuid, version=grant.version, final_payment_on=call["on"]
    )
    with asking(call.by):
        rows = list(Obligation.objects.filter(grant=grant).order_by("id"))
    return Told(
        {"grant": str(grant.uuid), "obligations": {str(row.uuid): str(row.ends_on or "") for row in rows}},
        [f"{row.title}: {_day(row)}" for row in rows]
        or [f"{grant.agreement_number}: the final payment is entered."],
    )


def _grant(call: Call, programme: Programme) -> Grant:
    with asking(call.by):
        rows = list(Grant.objects.filter(programme=programme).order_by("id"))
    by_number = [row for row in rows if row.agreement_number == call["grant"]]
    return by_number[0] if by_number else line_named(rows, call["grant"], field="grant", what="grant")


def _duty(call: Call, programme: Programme) -> Obligation:
    with asking(call.by):
        rows = list(reads.rows(programme))
    by_rule = [row for row in rows if row.rule and row.rule == call["duty"]]
    return (
        by_rule[0]
        if len(by_rule) == 1
        else line_named(rows, call["duty"], field="obligation", what="obligation")
    )


def _again(call: Call, row: Obligation) -> Obligation:
    with asking(call.by):
        return Obligation.objects.get(pk=row.pk)


def _day(row: Obligation) -> str:
    return f"until {row.ends_on}" if row.ends_on else "its last day is not known"


def _last(duty: Duty) -> str:
    if duty.reading.ends_on:
        return str(duty.reading.ends_on)
    return f">= {duty.reading.not_before}" if duty.reading.not_before else "not known"


def _document(duty: Duty) -> dict[str, Any]:
    estimate = duty.exposed
    return {
        "id": str(duty.row.uuid),
        "rule": duty.row.rule,
        "title": duty.row.title,
        "kind": duty.row.kind,
        "source": duty.row.source,
        "article": duty.row.article,
        "mark": duty.row.mark,
        "applies": duty.row.applies,
        "debtor": duty.row.debtor.slug,
        "counted_from": str(duty.reading.counted_from or ""),
        "ends_on": str(duty.reading.ends_on or ""),
        "not_before": str(duty.reading.not_before or ""),
        "state": duty.state.value,
        "binds": duty.binds,
        "exposed": str(estimate.amount) if estimate else "",
    }
