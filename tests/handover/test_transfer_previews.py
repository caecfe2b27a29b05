"""The preview says what each person and role will hold; the execution does exactly that, or says what differs."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import pytest

from handover import clock
from handover.access import Actor, asking, permissions_on
from handover.actions import executions, milestones, permissions, standings, transfers
from handover.actions.transfers import Item
from handover.errors import Invalid, Refused
from handover.models import Preview, Programme, Proof, Responsibility, Transfer
from handover.models.milestones import MilestoneKind
from handover.models.responsibilities import Phase
from handover.models.transfers import KeepKind
from handover.permissions import Permission, Role, StandingKind
from handover.queries.previews import held_after, held_now
from tests.factories import indicators
from tests.factories import transfers as plans
from tests.factories.cast import TODAY, Cast
from tests.factories.organisations import organisation, person
from tests.factories.programmes import admitted

pytestmark = pytest.mark.django_db

PEOPLE = (
    "giver",
    "giver_officer",
    "giver_reporter",
    "receiver",
    "receiver_officer",
    "receiver_reporter",
    "community",
    "donor",
    "auditor",
)
Story = Mapping[str, Any]
Held = dict[tuple[str, str], list[str]]


def signed_preview(transfer: Transfer, *, by: Actor) -> Story:
    with asking(by):
        latest = Preview.objects.filter(transfer=transfer).latest()
    return dict(json.loads(latest.body))


def foretold(story: Story, when: str) -> Held:
    """Give what the preview says of each person: (person, thing) → permissions."""
    return {
        (line["user"], change["uuid"]): change[when]
        for line in story["people"]
        for change in line["changes"]
        if change[when]
    }


def happens(cast: Cast, programme: Programme) -> Held:
    """Give what each person can really do, asked one by one."""
    found: Held = {}
    for name in PEOPLE:
        by: Actor = getattr(cast, name)
        with asking(by):
            things: list[Programme | Responsibility] = [*Responsibility.objects.filter(programme=programme)]
            for thing in (*Programme.objects.filter(pk=programme.pk), *things):
                held = permissions_on(by, thing)
                if held:
                    found[str(by.user.uuid), str(thing.uuid)] = sorted(held)
    return found


@pytest.mark.parametrize("plan", ["lead", "partner", "owed", "phased out", "debtor", "staged"])
def test_what_was_foretold_is_what_happened(plan: str, cast: Cast, programme: Programme) -> None:
    first, second = plans.responsibilities_of(programme, by=cast.giver)
    items = [Item(first, phase=Phase.OUT if plan == "phased out" else Phase.OVER), Item(second)]
    transfer = plans.drafted(
        programme, by=cast.giver, receiver=cast.receiver.organisation, lead=plan != "partner", moves=items
    )
    if plan == "owed":
        transfers.keep(
            by=cast.giver,
            transfer_uuid=transfer.uuid,
            kind=KeepKind.OWED_RESULTS,
            until=dt.date(2024, 12, 31),
            indicator_uuids=[indicators.indicator(programme, by=cast.giver).uuid],
        )
    if plan == "staged":
        plans.milestone(transfer, by=cast.giver, kind=MilestoneKind.CO_DELIVERY, moves=[first])
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    story = signed_preview(transfer, by=cast.community)
    assert foretold(story, "before") == happens(cast, programme)

    plans.signed(transfer, cast)
    proof = executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    assert foretold(story, "after") == happens(cast, programme)
    told = json.loads(proof.body)["permissions"]
    assert (told["as_signed"], told["differing"]) == (True, [])


def test_gained_kept_and_lost_add_up(cast: Cast, programme: Programme) -> None:
    transfer = plans.ready(cast, programme)
    story = signed_preview(transfer, by=cast.giver)

    changes = [change for part in ("people", "roles") for line in story[part] for change in line["changes"]]
    assert changes
    for change in changes:
        before, after = set(change["before"]), set(change["after"])
        assert set(change["gained"]) == after - before
        assert set(change["kept"]) == after & before
        assert set(change["lost"]) == before - after


def test_a_preview_tells_what_the_giver_will_lose_and_the_receiver_gain(
    cast: Cast, programme: Programme
) -> None:
    transfer = plans.ready(cast, programme)
    story = signed_preview(transfer, by=cast.receiver_reporter)
    (giver,) = [line for line in story["people"] if line["user"] == str(cast.giver_officer.user.uuid)]
    (receiver,) = [line for line in story["people"] if line["user"] == str(cast.receiver_officer.user.uuid)]

    assert {change["on"] for change in giver["changes"]} == {"programme", "responsibility"}
    assert all(change["after"] == [] for change in giver["changes"] if change["on"] == "responsibility")
    (on_programme,) = [change for change in giver["changes"] if change["on"] == "programme"]
    assert on_programme["after"] == ["export", "view"]
    assert {code for change in receiver["changes"] for code in change["gained"]} >= {
        "edit_needs",
        "report_values",
    }


def test_every_role_of_both_sides_is_foretold_seated_or_not(cast: Cast, programme: Programme) -> None:
    transfer = plans.ready(cast, programme)
    with asking(cast.receiver):
        now = Transfer.objects.select_related("programme").get(pk=transfer.pk)
        before, after = held_now(now.programme), held_after(now)
    story = signed_preview(transfer, by=cast.receiver)
    foretold_roles = {
        (line["organisation"], line["role"], change["uuid"])
        for line in story["roles"]
        for change in line["changes"]
    }

    assert len(foretold_roles) == len({*before, *after})


def test_somebody_let_in_after_the_signatures_is_told_in_the_proof(cast: Cast, programme: Programme) -> None:
    transfer = plans.ready(cast, programme)
    late = person(organisation("late-partner"))
    admitted(programme, late.organisation, StandingKind.PARTNER, by=cast.giver)

    told = json.loads(executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid).body)["permissions"]
    assert told["as_signed"] is False
    assert {line["organisation"] for line in told["differing"]} == {str(late.organisation.uuid)}
    assert {line["role"] for line in told["differing"]} >= {"manager", "officer"}
    assert all(line["signed"] == [] and line["held"] for line in told["differing"])


def test_somebody_dismissed_after_the_signatures_is_told_in_the_proof(
    cast: Cast, programme: Programme
) -> None:
    transfer = plans.ready(cast, programme)
    standings.dismiss(
        by=cast.giver,
        programme_uuid=programme.uuid,
        organisation=cast.donor.organisation,
        kind=StandingKind.DONOR,
        reason="Closed.",
    )

    told = json.loads(executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid).body)["permissions"]
    assert {line["organisation"] for line in told["differing"]} == {str(cast.donor.organisation.uuid)}


def except_reporter(
    cast: Cast,
    thing: Programme | Responsibility,
    *,
    until: dt.datetime | None = None,
    by: Actor | None = None,
) -> None:
    who = by or cast.giver_reporter
    permissions.except_user(
        by=cast.giver,
        thing=thing,
        user=who.user,
        organisation=who.organisation,
        permission=Permission.EXPORT if isinstance(thing, Programme) else Permission.EDIT_INTERVENTIONS,
        reason="Covers for the officer",
        until=until,
    )


def mapped(cast: Cast, transfer: Transfer, to: Actor | None) -> str:
    """Map the only exception that a plan touches; give its key."""
    transfers.refresh_preview(by=cast.giver, transfer_uuid=transfer.uuid)
    (line,) = signed_preview(transfer, by=cast.giver)["exceptions"]
    assert line["outcome"] == "unmapped"
    transfers.map_exception(
        by=cast.giver, transfer_uuid=transfer.uuid, key=line["key"], to_user=to.user if to else None
    )
    return str(line["key"])


def handed_over(cast: Cast, transfer: Transfer) -> Proof:
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    plans.signed(transfer, cast)
    return executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)


def can(by: Actor, thing: Programme | Responsibility) -> frozenset[Permission]:
    with asking(by):
        return permissions_on(by, thing)


@pytest.mark.parametrize("on", ["programme", "responsibility"])
def test_an_exception_goes_where_the_plan_says(on: str, cast: Cast, programme: Programme) -> None:
    first, _ = plans.responsibilities_of(programme, by=cast.giver)
    thing, permission = (
        (programme, Permission.EXPORT) if on == "programme" else (first, Permission.EDIT_INTERVENTIONS)
    )
    except_reporter(cast, thing)
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    mapped(cast, transfer, cast.receiver_reporter)
    assert permission in can(cast.giver_reporter, thing)
    proof = handed_over(cast, transfer)

    (line,) = signed_preview(transfer, by=cast.receiver)["exceptions"]
    assert line["outcome"] == f"to {cast.receiver_reporter.user.called.key}"
    assert permission in can(cast.receiver_reporter, thing)
    assert permission not in can(cast.giver_reporter, thing)
    (told,) = json.loads(proof.body)["exceptions"]
    assert (told["user"], told["to"]) == (
        str(cast.giver_reporter.user.uuid),
        str(cast.receiver_reporter.user.uuid),
    )


@pytest.mark.parametrize("on", ["programme", "responsibility"])
def test_an_exception_that_the_plan_gives_up_is_lost(on: str, cast: Cast, programme: Programme) -> None:
    first, _ = plans.responsibilities_of(programme, by=cast.giver)
    thing = programme if on == "programme" else first
    except_reporter(cast, thing)
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    mapped(cast, transfer, None)
    handed_over(cast, transfer)

    (line,) = signed_preview(transfer, by=cast.receiver)["exceptions"]
    assert line["outcome"] == "lost"
    assert can(cast.giver_reporter, thing) <= {Permission.VIEW}


def test_an_exception_for_a_time_goes_over_for_that_time(cast: Cast, programme: Programme) -> None:
    until = TODAY + dt.timedelta(days=10)
    except_reporter(cast, programme, until=until)
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    mapped(cast, transfer, cast.receiver_reporter)
    handed_over(cast, transfer)

    with clock.at(until - dt.timedelta(minutes=1)):
        assert Permission.EXPORT in can(cast.receiver_reporter, programme)
    with clock.at(until):
        assert Permission.EXPORT not in can(cast.receiver_reporter, programme)


def test_an_exception_on_what_a_milestone_moves_goes_with_it(cast: Cast, programme: Programme) -> None:
    first, _ = plans.responsibilities_of(programme, by=cast.giver)
    except_reporter(cast, first)
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    plans.milestone(transfer, by=cast.giver, kind=MilestoneKind.CO_DELIVERY, moves=[first])
    mapped(cast, transfer, cast.receiver_reporter)
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    plans.signed(transfer, cast)

    assert Permission.EDIT_INTERVENTIONS not in can(cast.giver_reporter, first)
    assert Permission.EDIT_INTERVENTIONS in can(cast.receiver_reporter, first)
    with clock.at(TODAY + dt.timedelta(hours=1)):
        transfers.revoke(by=cast.giver, transfer_uuid=transfer.uuid, reason="Elections.")
        assert Permission.EDIT_INTERVENTIONS in can(cast.giver_reporter, first)
        assert Permission.EDIT_INTERVENTIONS not in can(cast.receiver_reporter, first)


def test_an_unmapped_exception_keeps_its_milestone_from_moving(cast: Cast, programme: Programme) -> None:
    first, _ = plans.responsibilities_of(programme, by=cast.giver)
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    step = plans.milestone(transfer, by=cast.giver, kind=MilestoneKind.CO_DELIVERY, moves=[first])
    plans.agreed(transfer, by=cast.giver, receiver=cast.receiver)
    except_reporter(cast, first)

    with pytest.raises(Refused) as refused:
        milestones.sign(by=cast.giver, milestone_uuid=step.uuid)
    assert [gate.code for gate in refused.value.gates] == ["permission_unmapped"]


def test_an_outsiders_exception_is_kept_only_where_the_plan_says_so(cast: Cast, programme: Programme) -> None:
    first, second = plans.responsibilities_of(programme, by=cast.giver)
    for thing in (first, second):
        except_reporter(cast, thing, by=cast.community)
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    transfers.refresh_preview(by=cast.giver, transfer_uuid=transfer.uuid)
    keys = {line["on"]: line["key"] for line in signed_preview(transfer, by=cast.giver)["exceptions"]}
    assert keys.keys() == {first.title, second.title}
    transfers.map_exception(
        by=cast.giver, transfer_uuid=transfer.uuid, key=keys[first.title], to_user=cast.community.user
    )
    transfers.map_exception(by=cast.giver, transfer_uuid=transfer.uuid, key=keys[second.title], to_user=None)
    handed_over(cast, transfer)

    outcomes = {
        line["on"]: line["outcome"] for line in signed_preview(transfer, by=cast.receiver)["exceptions"]
    }
    assert outcomes == {first.title: "kept", second.title: "lost"}
    assert can(cast.community, first) == {Permission.EDIT_INTERVENTIONS}
    assert can(cast.community, second) == frozenset()


def test_an_exception_on_what_goes_to_a_partner_ends_with_that(cast: Cast, programme: Programme) -> None:
    first, second = plans.responsibilities_of(programme, by=cast.giver)
    except_reporter(cast, first)
    part = plans.drafted(
        programme, by=cast.giver, receiver=organisation("partner"), lead=False, moves=[first]
    )
    partner = person(part.receiver)
    person(part.receiver, Role.OFFICER)
    mapped(cast, part, None)
    plans.agreed(part, by=cast.giver, receiver=partner)
    plans.signed(part, cast, receiver=partner)
    executions.execute(by=partner, transfer_uuid=part.uuid)
    assert can(cast.giver_reporter, first) == frozenset()
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation, moves=[second])
    handed_over(cast, transfer)
    assert can(cast.giver_reporter, first) == frozenset()


def test_an_exception_goes_to_somebody_seated_at_the_receiver_alone(cast: Cast, programme: Programme) -> None:
    except_reporter(cast, programme)
    transfer = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    transfers.refresh_preview(by=cast.giver, transfer_uuid=transfer.uuid)
    (line,) = signed_preview(transfer, by=cast.giver)["exceptions"]

    for to in (cast.giver, cast.giver_reporter, cast.stranger, cast.community):
        with pytest.raises(Invalid, match="holds no seat"):
            transfers.map_exception(
                by=cast.giver, transfer_uuid=transfer.uuid, key=line["key"], to_user=to.user
            )
    with pytest.raises(Invalid, match="touches no exception"):
        transfers.map_exception(by=cast.giver, transfer_uuid=transfer.uuid, key="nobody", to_user=None)
