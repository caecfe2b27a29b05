"""Lines of every register: what is refused, what an edit keeps, and what is told of equipment."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from handover.access import asking
from handover.actions import milestones, registers, transfers
from handover.errors import Invalid, NotAllowed, NotFound, Stale
from handover.exchange.demonstration import budgets
from handover.models import (
    BudgetStep,
    Contract,
    Equipment,
    LedgerEntry,
    Licence,
    PostFunding,
    Premises,
    Programme,
    Responsibility,
    Transfer,
)
from handover.models.milestones import MilestoneKind, Side
from handover.models.registers import Register
from handover.queries import equipment
from handover.queries.registers import health
from tests.factories import transfers as plans
from tests.factories.cast import Cast
from tests.factories.programmes import grant, responsibility
from tests.factories.programmes import programme as another
from tests.factories.registers import FIRST, item, line, post
from tests.factories.transfers import responsibilities_of

pytestmark = pytest.mark.django_db

PREMISES = {"title": "Two rooms", "address": "The former school", "held_by": "free_use", "valid_from": FIRST}
LICENCE = {"title": "Licence", "authority": "Inspectorate", "number": "1", "valid_from": FIRST}
CONTRACT = {
    "title": "Transport",
    "counterparty": "A carrier",
    "number": "7",
    "valid_from": FIRST,
    "amount": "1",
    "currency": "EUR",
}


@pytest.fixture
def service(cast: Cast, programme: Programme) -> Responsibility:
    return responsibilities_of(programme, by=cast.giver)[0]


def enter(cast: Cast, service: Responsibility, register: type[Register], said: Any) -> Register:
    return registers.enter(by=cast.giver, register=register, responsibility_uuid=service.uuid, **said)


@pytest.mark.parametrize(
    ("register", "said", "code", "field"),
    [
        (Premises, {**PREMISES, "valid_to": dt.date(2023, 12, 31)}, "dates_reversed", "valid_to"),
        (Premises, {**PREMISES, "area": "-1"}, "negative_amount", "area"),
        (Premises, {**PREMISES, "held_by": "theft"}, "invalid", "held_by"),
        (Licence, {**LICENCE, "valid_to": "2023-01-01"}, "dates_reversed", "valid_to"),
        (Licence, {**LICENCE, "valid_from": "soon"}, "invalid", "valid_from"),
        (Licence, {**LICENCE, "holder": "x"}, "unknown_field", "holder"),
        (Contract, {**CONTRACT, "currency": "EURO"}, "invalid", "currency"),
        (Contract, {**CONTRACT, "currency": "XXX"}, "unknown_currency", "currency"),
        (Contract, {**CONTRACT, "amount": "-0.01"}, "negative_amount", "amount"),
        (Contract, {**CONTRACT, "amount": 1.5}, "not_exact", "amount"),
        (Contract, {**CONTRACT, "valid_to": "20290-01-01"}, "invalid", "valid_to"),
        (Contract, {**CONTRACT, "valid_to": "2920-01-01"}, "year_out_of_range", "valid_to"),
    ],
)
def test_a_wrong_line_is_refused_by_name_and_nothing_is_written(
    cast: Cast, service: Responsibility, register: type[Register], said: Any, code: str, field: str
) -> None:
    entries = LedgerEntry.objects.count()
    with pytest.raises(Invalid) as caught:
        enter(cast, service, register, said)
    assert (caught.value.code, caught.value.details["field"]) == (code, field)
    with asking(cast.giver):
        assert not register._default_manager.filter(programme=service.programme).exists()
    assert LedgerEntry.objects.count() == entries


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"funding_share": "100.5"}, "share_over_100"),
        ({"book_value": "10"}, "book_value_undated"),
        ({"no_disposal_before": dt.date(2023, 1, 1)}, "dates_reversed"),
        ({"cost": "-6000"}, "negative_amount"),
        ({"currency": "eur"}, "unknown_currency"),
    ],
)
def test_wrong_equipment_is_refused_by_name(
    cast: Cast, service: Responsibility, said: Any, code: str
) -> None:
    with pytest.raises(Invalid, match="“Van”") as caught:
        item(service, by=cast.giver, **said)
    assert caught.value.code == code


def test_a_post_with_a_cost_names_its_currency_and_its_time(cast: Cast, service: Responsibility) -> None:
    with pytest.raises(Invalid) as caught:
        post(service, by=cast.giver, yearly_cost="12000")
    assert caught.value.code == "currency_missing"
    with pytest.raises(Invalid) as caught:
        post(service, by=cast.giver, fte="0")
    assert caught.value.code == "fte_missing"


def test_a_line_refers_to_its_own_programme_alone(cast: Cast, service: Responsibility) -> None:
    elsewhere = another(cast.giver)
    duty = responsibility(elsewhere, by=cast.giver)
    theirs = grant(elsewhere, by=cast.giver, donor=cast.donor.organisation)
    lease = enter(cast, duty, Contract, CONTRACT)
    for given in (theirs, theirs.uuid, str(theirs.uuid), "G-1"):
        with pytest.raises(Invalid) as caught:
            item(service, by=cast.giver, grant=given)
        assert caught.value.code in ("other_programme", "unknown_grant")
        assert caught.value.details["field"] == "grant"
    with pytest.raises(Invalid, match="another programme"):
        enter(cast, service, Premises, {**PREMISES, "contract": lease})


def test_an_edit_keeps_what_stood_there_before(cast: Cast, service: Responsibility) -> None:
    van = item(service, by=cast.giver)
    edit: dict[str, Any] = {"by": cast.giver, "register": Equipment, "line_uuid": van.uuid}

    changed = registers.edit(
        **edit, version=1, cost="6100", owner=cast.receiver.organisation, title="Van", reason="Invoice found"
    )

    assert (str(changed.cost), changed.version) == ("6100", 2)
    with asking(cast.giver):
        entry = json.loads(LedgerEntry.objects.filter(body__contains="equipment.edited").get().body)
    assert entry["data"] == {
        "before": {"cost": "6000", "owner": None},
        "after": {"cost": "6100", "owner": str(cast.receiver.organisation.uuid)},
        "reason": "Invoice found",
    }
    with pytest.raises(Stale):
        registers.edit(**edit, version=1, cost="1")
    with pytest.raises(Invalid) as caught:
        registers.edit(**edit, version=2, cost="6100.00")
    assert caught.value.code == "nothing_changed"
    with pytest.raises(Invalid) as caught:
        registers.edit(**edit, version=2, responsibility=service)
    assert caught.value.code == "unknown_field"


def test_only_the_holder_edits(cast: Cast, service: Responsibility) -> None:
    van = item(service, by=cast.giver)
    for by, refusal in ((cast.donor, NotAllowed), (cast.stranger, NotFound)):
        with pytest.raises(refusal):
            registers.edit(by=by, register=Equipment, line_uuid=van.uuid, version=1, cost="1")


def codes(programme: Programme, *, by: Any) -> list[tuple[str, str]]:
    with asking(by):
        return [(finding.code, finding.sentence) for finding in health(programme)]


def test_an_item_above_its_own_grants_threshold_needs_a_proof(
    cast: Cast, programme: Programme, service: Responsibility
) -> None:
    mild = grant(programme, by=cast.giver, donor=cast.donor.organisation, equipment_threshold="10000")
    grant(programme, by=cast.giver, donor=cast.donor.organisation, equipment_threshold="5000")
    item(service, by=cast.giver, title="Of the mild grant", grant=mild)
    item(service, by=cast.giver, title="Proven", proof="Minutes 12/2024")
    item(service, by=cast.giver, title="Cheap", cost="5000")
    item(service, by=cast.giver, title="Nobody's")

    assert codes(programme, by=cast.giver) == [
        (
            "proof_missing",
            "Day centre › Nobody's: 6000 EUR is above the threshold of 5000 EUR, and no paper proves its transfer.",
        )
    ]


def test_a_threshold_in_another_currency_without_a_rate_is_not_passed_over(
    cast: Cast, programme: Programme, service: Responsibility
) -> None:
    grant(programme, by=cast.giver, donor=cast.donor.organisation, equipment_threshold="5000")
    item(service, by=cast.giver, cost="10000", currency="RON")
    ((code, sentence),) = codes(programme, by=cast.giver)
    assert code == "proof_missing"
    assert "10000 RON cannot be compared, for want of a rate, with the threshold of 5000 EUR" in sentence


def test_what_moves_says_by_which_title_and_not_before_its_day(
    cast: Cast, programme: Programme, service: Responsibility
) -> None:
    van = item(service, by=cast.giver, no_disposal_before=dt.date(2030, 1, 1))
    assert codes(programme, by=cast.giver) == []
    plan = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)

    assert codes(programme, by=cast.giver) == [
        (
            "transfer_title_missing",
            (
                "Day centre › Van: it passes to Receiver organisation, and nobody said by which title"
                " (ownership, free use, lease)."
            ),
        ),
        (
            "disposal_too_early",
            (
                "Day centre › Van: it passes on 31 August 2024, and may not be disposed of before 01 January 2030"
                " without the donor's consent."
            ),
        ),
    ]
    registers.edit(
        by=cast.giver, register=Equipment, line_uuid=van.uuid, version=1, title_of_transfer="ownership"
    )
    with asking(cast.giver):
        (gate,) = equipment.gates(Transfer.objects.get(pk=plan.pk))
    assert (gate.code, gate.subject) == ("disposal_too_early", str(van.uuid))


def test_the_donors_consent_lifts_the_condition(
    cast: Cast, programme: Programme, service: Responsibility
) -> None:
    item(service, by=cast.giver, no_disposal_before=dt.date(2030, 1, 1), title_of_transfer="free_use")
    plan = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    consent = plans.milestone(plan, by=cast.giver, kind=MilestoneKind.DONOR_CONSENT, signs=[Side.DONOR])
    plans.agreed(plan, by=cast.giver, receiver=cast.receiver)
    with asking(cast.giver):
        assert len(equipment.gates(Transfer.objects.get(pk=plan.pk))) == 1

    milestones.sign(by=cast.donor, milestone_uuid=consent.uuid)

    with asking(cast.giver):
        assert equipment.gates(Transfer.objects.get(pk=plan.pk)) == []
    assert codes(programme, by=cast.giver) == []


def test_lines_on_an_act_that_fell_are_flagged_and_stay(
    cast: Cast, programme: Programme, service: Responsibility
) -> None:
    act = registers.cite(
        by=cast.giver,
        programme_uuid=programme.uuid,
        issuer=cast.receiver.organisation,
        kind="council_decision",
        number="12/2024",
        dated=FIRST,
        status="in_force",
    )
    line(service, by=cast.giver, legal_act=act.uuid)
    assert codes(programme, by=cast.giver) == []
    registers.restate(by=cast.giver, act=act, version=1, status="annulled")
    assert codes(programme, by=cast.giver) == [
        (
            "act_fallen",
            "Day centre › Running costs: it rests on council decision 12/2024, which is annulled.",
        )
    ]


def test_annexes_say_title_condition_stage_and_the_standing_amount(
    cast: Cast, programme: Programme, service: Responsibility
) -> None:
    item(
        service,
        by=cast.giver,
        serial="S1",
        title_of_transfer="ownership",
        no_disposal_before=dt.date(2030, 1, 1),
    )
    post(service, by=cast.giver, number="17", stage="funded")
    line(service, by=cast.giver, stage="requested")
    line(service, by=cast.giver, stage="adopted", amount="11000")
    plan = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)

    listed = [row.text for row in transfers.list_holdings(by=cast.giver, transfer_uuid=plan.uuid)]

    assert listed == [
        "Van (S1), 6000 EUR; passes in ownership; no disposal before 01 January 2030",
        "Mediator (no. 17), 1 FTE, paid by the grant; funded",
        "2025: Running costs, 11000 EUR from the municipality (adopted)",
    ]


ROW = {"key": "a", "responsibility": "r", "title": "Salaries", "year": 2025, "source": "grant", "amount": "1"}


@pytest.mark.parametrize(
    ("rows", "code", "field"),
    [
        ({"budget_lines": [{**ROW, "currency": "EUX"}]}, "unknown_currency", "budget_lines[a].currency"),
        (
            {"budget_lines": [{**ROW, "currency": "EUR", "responsibility": "x"}]},
            "unknown_responsibility",
            "budget_lines[a].responsibility",
        ),
        (
            {"premises": [{**PREMISES, "key": "p", "responsibility": "r", "owner": "x"}]},
            "unknown_organisation",
            "",
        ),
        ({"equipment": [{"key": "e", "responsibility": "r", "grant": "none"}]}, "unknown_grant", ""),
        (
            {"rates": [{"key": "q", "currency": "EUR", "into": "EUR", "rate": "1"}]},
            "same_currency",
            "rates[q].into",
        ),
    ],
)
def test_a_wrong_row_of_a_document_is_named(
    cast: Cast, service: Responsibility, rows: Any, code: str, field: str
) -> None:
    for row in rows.get("rates", ()):
        row.update(since="2024-01-01", source="A bank")
    with pytest.raises(Invalid) as caught:
        budgets.load(service.programme, rows, by=cast.giver, names={"responsibility:r": service.uuid})
    assert caught.value.code == code
    if field:
        assert caught.value.details["field"] == field


def test_a_document_fills_registers_that_refer_to_each_other(cast: Cast, service: Responsibility) -> None:
    rows = {
        "contracts": [{**CONTRACT, "key": "lease", "responsibility": "r"}],
        "premises": [{**PREMISES, "key": "rooms", "responsibility": "r", "contract": "lease"}],
        "posts": [
            {
                "key": "post",
                "responsibility": "r",
                "title": "Mediator",
                "fte": "1",
                "funded_by": "grant",
                "from": "2024-01-01",
                "employer": "receiver",
                "funding": [{"source": "grant", "share": "50", "from": "2024-02-01", "to": "2024-02-29"}],
            }
        ],
        "calendars": [{"key": "c", "organisation": "receiver", "country": "LT", "language": "lt"}],
    }
    added = budgets.load(service.programme, rows, by=cast.giver, names={"responsibility:r": service.uuid})
    with asking(cast.giver):
        rooms = Premises.objects.get(uuid=added["premises:rooms"])
        assert rooms.contract is not None
        assert rooms.contract.uuid == added["contracts:lease"]
        paid = PostFunding.objects.get(post__uuid=added["posts:post"])
        assert paid.share == 50
        assert paid.ends_on == dt.date(2024, 2, 29)
        assert BudgetStep.objects.filter(programme=service.programme).count() == 4
