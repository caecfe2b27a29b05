"""Audits: who opens them, until which minute they reach, what auditors write, and how findings are closed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import Error, transaction

from handover import access, clock, sampling
from handover.access import Actor, asking
from handover.actions import audit_findings, audit_requests, audit_samples, audits, registers
from handover.errors import DomainError, Invalid, NotAllowed, NotFound
from handover.models import (
    AuditEngagement,
    AuditFinding,
    AuditSample,
    Equipment,
    Grant,
    LedgerEntry,
    Programme,
    Responsibility,
)
from handover.models.organisations import OrganisationKind
from handover.permissions import Permission, Role
from handover.queries import audits as reads
from handover.queries.audits import State
from tests.conftest import sql_of
from tests.factories.cast import TODAY, Cast
from tests.factories.organisations import organisation, person
from tests.factories.programmes import grant as granted

pytestmark = pytest.mark.django_db

ENDS = dt.datetime(2024, 7, 1, 0, 0, tzinfo=dt.UTC)
"""The instant from which the audit's access is closed: midnight."""
BEFORE = ENDS - dt.timedelta(seconds=1)
SEED = bytes(range(32)).hex()
FOUND: dict[str, Any] = {
    "title": "Two laptops were not there",
    "severity": "high",
    "criterion": "What was bought stays in use",
    "condition": "Two of ten laptops were not found",
    "affected_amount": Decimal("1500.00"),
    "currency": "EUR",
}


@dataclass(frozen=True)
class Scene:
    """An audit body with two people, and a grant that the donor funds."""

    first: Actor
    second: Actor
    grant: Grant
    engagement: AuditEngagement


def opened(cast: Cast, programme: Programme, auditor: Actor, **said: Any) -> AuditEngagement:
    return audits.open_by_authority(
        **{
            "by": cast.donor,
            "programme_uuid": programme.uuid,
            "auditor": auditor.organisation,
            "reference": "A-1",
            "title": "On the spot",
            "purpose": "Whether what was funded is there",
            "legal_basis": "Grant agreement, article 9",
            "ends_at": ENDS,
            **said,
        }
    )


@pytest.fixture
def scene(cast: Cast, programme: Programme, today: dt.datetime) -> Iterator[Scene]:
    body = organisation("inspectors", OrganisationKind.AUDIT_BODY)
    first, second = person(body, Role.AUDITOR), person(body, Role.AUDITOR, name="second")
    with clock.at(TODAY):
        grant = granted(programme, by=cast.giver, donor=cast.donor.organisation)
        yield Scene(first, second, grant, opened(cast, programme, first))


def now(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def refused(code: str, act: Any, **said: Any) -> None:
    with pytest.raises(DomainError) as error, transaction.atomic():
        act(**said)
    assert error.value.code == code


def bodies(programme: Programme) -> list[dict[str, Any]]:
    return [
        json.loads(row.body) for row in LedgerEntry.objects.filter(programme_id=programme.pk).order_by("seq")
    ]


# --- who opens an audit, and until when it reaches ------------------------------------------------


def test_the_authority_that_a_grant_names_opens_an_audit_without_anybodys_consent(
    cast: Cast, programme: Programme, scene: Scene
) -> None:
    with asking(cast.giver):
        (row,) = reads.engagements(programme)
        assert reads.state(row) is State.OPEN
        assert [part.grant for part in row.scope.all()] == [scene.grant]
        told = bodies(programme)[-1]
        assert (told["verb"], told["data"]["auditor_name"]) == (
            "audit.opened",
            scene.first.organisation.name,
        )
    with asking(scene.first):
        held = access.reach(scene.first, programme).permissions
        assert held == {Permission.VIEW, Permission.EXPORT, Permission.READ_LEDGER, Permission.AUDIT}


def test_nobody_else_opens_an_audit(cast: Cast, programme: Programme, scene: Scene) -> None:
    for actor in (cast.giver, cast.receiver, cast.community, scene.first, cast.stranger):
        with pytest.raises((NotAllowed, NotFound)):
            opened(cast, programme, scene.first, by=actor)


def test_a_donor_that_no_grant_names_is_no_authority(cast: Cast, programme: Programme) -> None:
    with clock.at(TODAY):
        refused(
            "not_the_authority",
            opened,
            cast=cast,
            programme=programme,
            auditor=person(organisation("others", OrganisationKind.AUDIT_BODY), Role.AUDITOR),
        )


def test_a_voluntary_review_is_opened_by_the_steward_alone(
    cast: Cast, programme: Programme, scene: Scene
) -> None:
    said: dict[str, Any] = {
        "programme_uuid": programme.uuid,
        "auditor": scene.first.organisation.uuid,
        "ends_at": ENDS,
        "reference": "R-1",
        "title": "A review",
        "purpose": "To learn",
    }
    row = audits.open_review(by=cast.giver, **said)
    assert (row.kind, row.scope.count()) == ("review", 0)
    with pytest.raises(NotAllowed):
        audits.open_review(by=cast.donor, **said)


def test_who_keeps_the_programme_cannot_audit_it(cast: Cast, programme: Programme, scene: Scene) -> None:
    for actor in (cast.giver, cast.community):
        refused("auditor_not_independent", opened, cast=cast, programme=programme, auditor=actor)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("not_a_minute", {"ends_at": ENDS + dt.timedelta(seconds=1)}),
        ("ends_in_past", {"ends_at": TODAY - dt.timedelta(minutes=1)}),
        ("starts_in_past", {"starts_at": TODAY - dt.timedelta(minutes=1)}),
        ("basis_missing", {"legal_basis": " "}),
        ("unknown_grant", {"grants": [UUID(int=1)]}),
    ],
)
def test_an_audit_that_cannot_be_is_refused(
    cast: Cast, programme: Programme, scene: Scene, code: str, said: dict[str, Any]
) -> None:
    refused(code, opened, cast=cast, programme=programme, auditor=scene.first, **said)


def test_an_auditors_access_works_a_second_before_midnight_and_not_at_midnight(
    programme: Programme, scene: Scene
) -> None:
    with clock.at(BEFORE), asking(scene.first):
        assert access.programme_for(scene.first, programme.uuid, may=Permission.AUDIT) == programme
        assert Responsibility.objects.exists()
    with clock.at(ENDS), asking(scene.first):
        assert not Programme.objects.exists()
        assert not Responsibility.objects.exists()
        with pytest.raises(NotFound):
            access.programme_for(scene.first, programme.uuid, may=Permission.VIEW)
        assert access.programme_ids(scene.first, may=Permission.VIEW) == frozenset()


def test_an_announced_audit_begins_by_itself_at_its_minute(
    cast: Cast, programme: Programme, scene: Scene
) -> None:
    later = person(organisation("later", OrganisationKind.AUDIT_BODY), Role.AUDITOR)
    begins = TODAY + dt.timedelta(days=7)
    row = opened(cast, programme, later, starts_at=begins)
    assert reads.state(row) is State.ANNOUNCED
    with clock.at(begins - dt.timedelta(seconds=1)), asking(later), pytest.raises(NotFound):
        access.programme_for(later, programme.uuid, may=Permission.VIEW)
    with clock.at(begins), asking(later):
        assert access.programme_for(later, programme.uuid, may=Permission.AUDIT) == programme


def test_an_audit_is_extended_ended_and_withdrawn_by_who_opened_it(
    cast: Cast, programme: Programme, scene: Scene
) -> None:
    row = scene.engagement
    refused("reason_missing", audits.extend, by=cast.donor, engagement_uuid=row.uuid, version=1,
            ends_at=ENDS + dt.timedelta(days=1), reason="")  # fmt: skip
    with pytest.raises(NotAllowed):
        audits.end(by=cast.giver, engagement_uuid=row.uuid, version=1, reason="Enough")
    longer = ENDS + dt.timedelta(days=1)
    audits.extend(by=cast.donor, engagement_uuid=row.uuid, version=1, ends_at=longer, reason="More to see")
    with clock.at(ENDS), asking(scene.first):
        assert access.programme_for(scene.first, programme.uuid, may=Permission.AUDIT) == programme
    with clock.at(ENDS):
        audits.end(by=cast.donor, engagement_uuid=row.uuid, version=2, reason="Done")
        with asking(scene.first), pytest.raises(NotFound):
            access.programme_for(scene.first, programme.uuid, may=Permission.VIEW)
    # It goes on from the instant of its extension, not from its old end.
    again = longer + dt.timedelta(hours=1)
    with clock.at(longer):
        audits.extend(by=cast.donor, engagement_uuid=row.uuid, version=3, ends_at=again, reason="Follow-up")
        with asking(scene.first):
            assert access.programme_for(scene.first, programme.uuid, may=Permission.AUDIT) == programme
    future = opened(cast, programme, scene.second, starts_at=TODAY + dt.timedelta(days=1), ends_at=again)
    audits.end(by=cast.donor, engagement_uuid=future.uuid, version=1, reason="Not needed")
    with asking(cast.giver):
        assert reads.state(now(future)) is State.WITHDRAWN
    refused("audit_withdrawn", audits.end, by=cast.donor, engagement_uuid=future.uuid, version=2, reason="x")


def test_the_audits_of_others_are_not_there(cast: Cast, scene: Scene) -> None:
    with asking(cast.stranger):
        assert not AuditEngagement.objects.exists()
    with pytest.raises(NotFound):
        audits.end(by=cast.stranger, engagement_uuid=scene.engagement.uuid, version=1, reason="x")


# --- the wall: an auditor writes the audit, and nothing else --------------------------------------


def tried(actor: Actor, statement: str, *values: object) -> int | str:
    try:
        return sql_of(actor)(statement, values, keep=False).count
    except Error as error:
        return str(getattr(error.__cause__, "sqlstate", error))


def test_an_auditor_writes_the_audit_and_the_rest_of_the_programme_stays_read_only(
    programme: Programme, scene: Scene
) -> None:
    ask = (
        "INSERT INTO handover_auditrequest (uuid, version, programme_id, engagement_id, title, asked, due_on, state,"
        " answer, evidence_uuids, answered_by_name, remark)"
        " VALUES (gen_random_uuid(), 1, %s, %s, 'x', 'x', '2024-06-10', 'open', '', '[]', '', '')"
    )
    with clock.at(TODAY):
        assert tried(scene.first, ask, programme.pk, scene.engagement.pk) == 1
        assert tried(scene.first, "UPDATE handover_responsibility SET title = 'x'") == 0
        assert tried(scene.first, "UPDATE handover_auditengagement SET ends_at = '2030-01-01'") == 0
        assert tried(scene.first, "DELETE FROM handover_auditengagement") == 0
        assert tried(scene.first, "UPDATE handover_standing SET valid = '[2024-01-01,2030-01-01)'") == 0
        entry = (
            "INSERT INTO handover_ledgerentry (chain_kind, chain, programme_id, body)"
            " VALUES ('programme', %s, %s, %s)"
        )
        values = (programme.uuid, programme.pk)
        assert tried(scene.first, entry, *values, '{"verb":"audit.asked"}') == 1
        assert tried(scene.first, entry, *values, '{"verb":"transfer.executed"}') == "42501"
    with clock.at(ENDS):
        assert tried(scene.first, ask, programme.pk, scene.engagement.pk) == "42501"


def test_a_look_is_never_changed(cast: Cast, programme: Programme, scene: Scene) -> None:
    with clock.at(TODAY):
        for statement in ("UPDATE handover_auditlook SET what = 'x'", "DELETE FROM handover_auditlook"):
            assert tried(cast.giver, statement) == "42501"


# --- requests -------------------------------------------------------------------------------------


def test_a_request_is_asked_answered_returned_and_accepted(cast: Cast, scene: Scene) -> None:
    row = audit_requests.ask(
        by=scene.first, engagement_uuid=scene.engagement.uuid, title="Inventory", asked="The list",
        due_on=dt.date(2024, 6, 10),
    )  # fmt: skip
    of: dict[str, Any] = {"request_uuid": row.uuid}
    refused("request_state", audit_requests.accept, by=scene.first, version=1, **of)
    with pytest.raises(NotAllowed):
        audit_requests.answer(by=cast.donor, version=1, answer="Here", **of)
    refused("unknown_evidence", audit_requests.answer, by=cast.giver, version=1, answer="Here",
            evidence=[UUID(int=1)], **of)  # fmt: skip
    audit_requests.answer(by=cast.giver_officer, version=1, answer="Here", **of)
    audit_requests.send_back(by=scene.first, version=2, reason="Without serial numbers", **of)
    with clock.at(dt.datetime(2024, 6, 11, tzinfo=dt.UTC)), asking(cast.giver):
        assert reads.is_overdue(now(row))
    audit_requests.answer(by=cast.giver, version=3, answer="With them", **of)
    with asking(cast.giver):
        assert not reads.is_overdue(now(row), today=dt.date(2030, 1, 1))
    done = audit_requests.accept(by=scene.second, version=4, **of)
    assert done.state == "accepted"


def test_after_the_end_an_auditor_asks_nothing(scene: Scene) -> None:
    with clock.at(ENDS), pytest.raises(NotFound):
        audit_requests.ask(
            by=scene.first, engagement_uuid=scene.engagement.uuid, title="x", asked="x",
            due_on=dt.date(2024, 7, 10),
        )  # fmt: skip


# --- samples --------------------------------------------------------------------------------------


def things(cast: Cast, programme: Programme, grant: Grant | None, *costs: int) -> list[Equipment]:
    with asking(cast.giver):
        held = Responsibility.objects.filter(programme=programme).earliest("id")
    return [
        registers.enter(
            by=cast.giver, register=Equipment, responsibility_uuid=held.uuid, title=f"Laptop {place}",
            acquired_on=dt.date(2023, 1, 1), cost=cost, currency="EUR", grant=grant,
        )
        for place, cost in enumerate(costs, start=1)
    ]  # fmt: skip


def committed(scene: Scene, **said: Any) -> AuditSample:
    return audit_samples.commit(
        **{
            "by": scene.first,
            "engagement_uuid": scene.engagement.uuid,
            "title": "Laptops",
            "population": "equipment",
            "method": "simple",
            "size": 2,
            "commitment": hashlib.sha256(bytes.fromhex(SEED)).hexdigest(),
            **said,
        }
    )


@pytest.mark.parametrize("method", ["simple", "stratified", "monetary"])
def test_a_sample_follows_from_a_seed_and_a_frame_that_neither_side_chose(
    cast: Cast, programme: Programme, scene: Scene, method: str
) -> None:
    rows = things(cast, programme, scene.grant, 100, 200, 300, 400)
    things(cast, programme, None, 999)  # of no grant in scope
    row = committed(scene, method=method)
    row = audit_samples.freeze(by=scene.first, sample_uuid=row.uuid, version=1)
    things(cast, programme, scene.grant, 500)  # after the frame was frozen
    row = audit_samples.reveal(by=scene.first, sample_uuid=row.uuid, version=2, seed=SEED)
    assert {line["uuid"] for line in row.frame} == {str(item.uuid) for item in rows}
    assert len(row.drawn) == 2
    for actor in (cast.giver, scene.second, cast.donor):
        with asking(actor):
            shown = reads.verify_sample(now(row))
            assert shown is not None
            assert shown.holds
            assert [line.number for line in reads.checklist(now(row))] == [1, 2]


def test_the_steps_of_a_sample_come_in_one_order_and_once(
    cast: Cast, programme: Programme, scene: Scene
) -> None:
    things(cast, programme, scene.grant, 100, 200, 300)
    of: dict[str, Any] = {"by": scene.first, "sample_uuid": committed(scene).uuid}
    refused("frame_not_frozen", audit_samples.reveal, version=1, seed=SEED, **of)
    audit_samples.freeze(version=1, **of)
    refused("frame_frozen", audit_samples.freeze, version=2, **of)
    refused("seed_other", audit_samples.reveal, version=2, seed="ff" * 32, **of)
    refused("seed_short", audit_samples.reveal, version=2, seed="ff", **of)
    audit_samples.reveal(version=2, seed=SEED, **of)
    refused("seed_revealed", audit_samples.reveal, version=3, seed=SEED, **of)


def test_the_database_takes_no_step_back(cast: Cast, programme: Programme, scene: Scene) -> None:
    things(cast, programme, scene.grant, 100, 200, 300)
    row = committed(scene)
    with clock.at(TODAY):
        assert tried(scene.first, "UPDATE handover_auditsample SET commitment = %s", "0" * 64) == "23000"
        audit_samples.freeze(by=scene.first, sample_uuid=row.uuid, version=1)
        for actor in (scene.first, cast.giver):
            assert tried(actor, "UPDATE handover_auditsample SET frame = '[]'") == "23000"
            assert (
                tried(actor, "UPDATE handover_auditsample SET revealed_at = now(), seed = %s", "ff" * 16)
                == "23000"
            )
        assert tried(cast.giver, "DELETE FROM handover_auditsample") == "23000"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("not_money", {"population": "posts", "method": "monetary"}),
        ("sample_size", {"size": 0}),
        ("commitment_unreadable", {"commitment": "no hash"}),
        ("sizes_without_strata", {"sizes": {"a": 2}}),
        ("sizes_unequal", {"method": "stratified", "sizes": {"a": 1}}),
        ("invalid", {"population": "people"}),
    ],
)
def test_a_sample_that_cannot_be_is_refused(scene: Scene, code: str, said: dict[str, Any]) -> None:
    refused(code, committed, scene=scene, **said)


def test_a_frame_that_is_too_small_or_of_several_currencies_is_not_frozen(
    cast: Cast, programme: Programme, scene: Scene
) -> None:
    (item, *_rest) = things(cast, programme, scene.grant, 100, 200)
    small = committed(scene, size=3)
    refused("sample_size", audit_samples.freeze, by=scene.first, sample_uuid=small.uuid, version=1)
    registers.edit(by=cast.giver, register=Equipment, line_uuid=item.uuid, version=1, currency="RON")
    mixed = committed(scene, method="monetary")
    refused("frame_currencies", audit_samples.freeze, by=scene.first, sample_uuid=mixed.uuid, version=1)


def test_posts_budget_lines_evidence_and_values_have_frames(
    cast: Cast, programme: Programme, scene: Scene
) -> None:
    for population in ("posts", "budget_lines", "evidence", "values"):
        row = committed(scene, population=population, size=1)
        refused("sample_size", audit_samples.freeze, by=scene.first, sample_uuid=row.uuid, version=1)


def test_a_seed_that_is_made_here_is_as_long_as_a_hash() -> None:
    assert len(sampling.new_seed()) == 32


# --- findings -------------------------------------------------------------------------------------


def drafted(scene: Scene, **said: Any) -> AuditFinding:
    return audit_findings.draft(
        **{"by": scene.first, "engagement_uuid": scene.engagement.uuid, **FOUND, **said}
    )


def shared(scene: Scene) -> AuditFinding:
    return audit_findings.share(by=scene.first, finding_uuid=drafted(scene).uuid, version=1)


def seen(actor: Actor, scene: Scene) -> int:
    with asking(actor):
        return reads.findings(actor, scene.engagement).count()


def test_a_draft_is_its_auditors_alone_until_it_is_shared(
    cast: Cast, programme: Programme, scene: Scene
) -> None:
    row = drafted(scene)
    audit_findings.edit(by=scene.second, finding_uuid=row.uuid, version=1, severity="critical")
    everybody = (cast.giver, cast.donor, cast.auditor, cast.community)
    assert [seen(actor, scene) for actor in (scene.first, scene.second, *everybody)] == [1, 1, 0, 0, 0, 0]
    refused("not_found", audit_findings.reply, by=cast.giver, finding_uuid=row.uuid, version=2, reply="No")
    with asking(cast.giver):
        assert not any(FOUND["title"] in json.dumps(entry) for entry in bodies(programme))
    audit_findings.share(by=scene.first, finding_uuid=row.uuid, version=2)
    assert all(seen(actor, scene) == 1 for actor in everybody)
    refused("finding_state", audit_findings.edit, by=scene.first, finding_uuid=row.uuid, version=3, title="x")


def test_a_finding_is_replied_to_followed_up_and_closed_by_two_people(cast: Cast, scene: Scene) -> None:
    of: dict[str, Any] = {"finding_uuid": shared(scene).uuid}
    with pytest.raises(NotAllowed):
        audit_findings.reply(by=cast.donor, version=2, reply="Not ours to say", **of)
    audit_findings.reply(by=cast.giver, version=2, reply="They were lent out", **of)
    audit_findings.follow_up(
        by=scene.first, version=3, text="Seen again", recovery="recovered", correction_amount="100", **of
    )
    refused("finding_state", audit_findings.close, by=scene.second, version=4, **of)
    audit_findings.propose_closure(by=scene.first, version=4, reason="Both are there", **of)
    refused("second_person", audit_findings.close, by=scene.first, version=5, **of)
    row = audit_findings.close(by=scene.second, version=5, **of)
    assert (row.state, row.recovery, row.closed_by) == ("closed", "recovered", scene.second.user)
    refused("finding_state", audit_findings.reply, by=cast.giver, version=6, reply="Thanks", **of)


def test_after_the_end_the_authority_that_opened_it_follows_up_and_nobody_else(
    cast: Cast, scene: Scene
) -> None:
    of: dict[str, Any] = {"finding_uuid": shared(scene).uuid}
    other = person(cast.donor.organisation, Role.MANAGER, name="other")
    with clock.at(ENDS):
        with pytest.raises(NotFound):
            audit_findings.follow_up(by=scene.first, version=2, text="x", **of)
        for actor in (cast.giver, cast.auditor):
            with pytest.raises(DomainError):
                audit_findings.follow_up(by=actor, version=2, text="x", **of)
        audit_findings.reply(by=cast.giver, version=2, reply="Later", **of)
        audit_findings.propose_closure(by=cast.donor, version=3, reason="Paid back", **of)
        refused("second_person", audit_findings.close, by=cast.donor, version=4, **of)
        assert audit_findings.close(by=other, version=4, **of).state == "closed"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("currency_missing", {"currency": ""}),
        ("negative_amount", {"affected_amount": Decimal(-1)}),
        ("rate_out_of_range", {"correction_rate": Decimal(101)}),
        ("unknown_field", {"state": "closed"}),
        ("invalid", {"severity": "grave"}),
    ],
)
def test_a_finding_that_cannot_be_is_refused(scene: Scene, code: str, said: dict[str, Any]) -> None:
    refused(code, drafted, scene=scene, **said)


def test_another_auditor_keeps_its_hands_off(cast: Cast, scene: Scene) -> None:
    with pytest.raises(NotAllowed) as error:
        audit_findings.draft(by=cast.auditor, engagement_uuid=scene.engagement.uuid, **FOUND)
    assert error.value.code == "not_the_auditor"


def test_a_bad_currency_is_no_currency(scene: Scene) -> None:
    with pytest.raises(Invalid):
        drafted(scene, currency="XYZ")
