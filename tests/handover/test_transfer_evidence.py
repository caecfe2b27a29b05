"""Evidence: whoever may read opens what names nobody; what names people opens to named verifiers, and goes in time."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from handover import clock, files
from handover.access import Actor, asking, custody
from handover.actions import evidence, executions, milestones, transfers
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import Evidence, LedgerEntry, Programme, StoredFile, Transfer, TransferMilestone
from handover.queries.verification import verify_programme
from tests.factories import transfers as plans
from tests.factories.cast import TODAY, Cast
from tests.factories.programmes import programme as another
from tests.factories.programmes import responsibility

pytestmark = pytest.mark.django_db

CaptureHooks = Callable[..., AbstractContextManager[object]]
ERASED_AFTER = dt.date(2024, 12, 31)
NAMES = b"Names and signatures of those who came"


@pytest.fixture
def transfer(cast: Cast, programme: Programme) -> Transfer:
    draft = plans.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    return plans.agreed(draft, by=cast.giver, receiver=cast.receiver)


@pytest.fixture
def step(cast: Cast, transfer: Transfer) -> TransferMilestone:
    return plans.milestones_of(transfer, by=cast.giver)[0]


@pytest.fixture
def list_of_names(cast: Cast, step: TransferMilestone) -> Evidence:
    return evidence.add(
        by=cast.giver_officer,
        milestone_uuid=step.uuid,
        title="Attendance",
        content=chunks(NAMES),
        filename="../attendance.pdf",
        names_people=True,
        erase_after=ERASED_AFTER,
    )


def chunks(content: bytes) -> Iterator[bytes]:
    yield from (content[start : start + 7] for start in range(0, len(content), 7))


def verbs(programme: Programme, subject: object, *, by: Actor) -> list[str]:
    with asking(by):
        bodies = [
            json.loads(entry.body)
            for entry in LedgerEntry.objects.filter(chain=programme.uuid).order_by("seq")
        ]
    return [body["verb"] for body in bodies if body["subject"] == str(subject)]


def findings(programme: Programme, *, by: Actor) -> list[str]:
    with asking(by), custody(programme.pk):
        return [found.code for found in verify_programme(programme)]


def test_what_names_nobody_opens_to_all_who_read_the_programme(cast: Cast, step: TransferMilestone) -> None:
    minutes = evidence.add(
        by=cast.community, milestone_uuid=step.uuid, title="Minutes", content=[b"We agreed."]
    )

    for by in (cast.giver_reporter, cast.receiver_officer, cast.community, cast.donor, cast.auditor):
        assert evidence.open_file(by=by, evidence_uuid=minutes.uuid) == b"We agreed."
    with pytest.raises(NotFound):
        evidence.open_file(by=cast.stranger, evidence_uuid=minutes.uuid)


def test_what_names_people_opens_to_named_verifiers_alone(cast: Cast, list_of_names: Evidence) -> None:
    for by in (cast.giver, cast.giver_officer, cast.receiver, cast.community, cast.donor, cast.auditor):
        with pytest.raises(NotAllowed, match="named for it"):
            evidence.open_file(by=by, evidence_uuid=list_of_names.uuid)

    evidence.name_verifier(
        by=cast.giver, evidence_uuid=list_of_names.uuid, user=cast.auditor.user, until=dt.date(2024, 7, 31)
    )
    assert evidence.open_file(by=cast.auditor, evidence_uuid=list_of_names.uuid) == NAMES
    with pytest.raises(NotAllowed):
        evidence.open_file(by=cast.donor, evidence_uuid=list_of_names.uuid)


def test_a_verifier_is_one_until_their_day(cast: Cast, list_of_names: Evidence) -> None:
    evidence.name_verifier(
        by=cast.giver, evidence_uuid=list_of_names.uuid, user=cast.donor.user, until=dt.date(2024, 7, 31)
    )

    with clock.at(dt.datetime(2024, 7, 31, 23, 59, tzinfo=dt.UTC)):
        assert evidence.open_file(by=cast.donor, evidence_uuid=list_of_names.uuid) == NAMES
    with clock.at(dt.datetime(2024, 8, 1, tzinfo=dt.UTC)), pytest.raises(NotAllowed):
        evidence.open_file(by=cast.donor, evidence_uuid=list_of_names.uuid)


def test_a_verifier_who_may_not_read_the_programme_opens_nothing(cast: Cast, list_of_names: Evidence) -> None:
    evidence.name_verifier(
        by=cast.giver, evidence_uuid=list_of_names.uuid, user=cast.stranger.user, until=dt.date(2024, 7, 31)
    )

    with pytest.raises(NotFound):
        evidence.open_file(by=cast.stranger, evidence_uuid=list_of_names.uuid)


def test_only_the_side_that_added_it_names_verifiers(cast: Cast, list_of_names: Evidence) -> None:
    for by in (cast.receiver, cast.community, cast.donor, cast.auditor):
        with pytest.raises(NotAllowed):
            evidence.name_verifier(
                by=by, evidence_uuid=list_of_names.uuid, user=by.user, until=dt.date(2024, 7, 31)
            )


def test_opening_what_names_people_leaves_a_trace(
    cast: Cast, programme: Programme, list_of_names: Evidence
) -> None:
    evidence.name_verifier(
        by=cast.giver, evidence_uuid=list_of_names.uuid, user=cast.receiver.user, until=dt.date(2024, 7, 31)
    )
    evidence.open_file(by=cast.receiver, evidence_uuid=list_of_names.uuid)
    with pytest.raises(NotAllowed):
        evidence.open_file(by=cast.donor, evidence_uuid=list_of_names.uuid)

    assert verbs(programme, list_of_names.uuid, by=cast.giver) == [
        "evidence.added",
        "evidence.verifier_named",
        "evidence.opened",
    ]


def test_an_auditor_who_only_reads_can_open_what_they_are_named_for(
    cast: Cast, programme: Programme, list_of_names: Evidence
) -> None:
    evidence.name_verifier(
        by=cast.giver, evidence_uuid=list_of_names.uuid, user=cast.auditor.user, until=dt.date(2024, 7, 31)
    )
    evidence.open_file(by=cast.auditor, evidence_uuid=list_of_names.uuid)

    assert verbs(programme, list_of_names.uuid, by=cast.giver)[-1] == "evidence.opened"


def test_the_file_goes_after_its_day_and_its_trace_stays(
    cast: Cast,
    programme: Programme,
    list_of_names: Evidence,
    django_capture_on_commit_callbacks: CaptureHooks,
) -> None:
    sha256 = list_of_names.file.sha256 if list_of_names.file else ""
    evidence.name_verifier(
        by=cast.giver, evidence_uuid=list_of_names.uuid, user=cast.giver.user, until=dt.date(2030, 1, 1)
    )
    with clock.at(dt.datetime(2024, 12, 31, 23, 0, tzinfo=dt.UTC)):
        assert evidence.erase_due(by=cast.giver, programme_uuid=programme.uuid) == 0
    with clock.at(dt.datetime(2025, 1, 1, tzinfo=dt.UTC)):
        with django_capture_on_commit_callbacks(execute=True):
            assert evidence.erase_due(by=cast.giver, programme_uuid=programme.uuid) == 1
        assert not files.path_of(programme.uuid, sha256).exists()
        with pytest.raises(NotFound):
            evidence.open_file(by=cast.giver, evidence_uuid=list_of_names.uuid)

        with asking(cast.giver):
            stays = Evidence.objects.select_related("file").get(pk=list_of_names.pk)
        assert stays.file is not None
        assert (stays.title, stays.filename, stays.file.sha256, stays.file.size) == (
            "Attendance",
            "attendance.pdf",
            sha256,
            len(NAMES),
        )
        assert stays.file.erased_at is not None
        assert findings(programme, by=cast.giver) == []


def test_a_file_is_kept_until_the_last_day_of_all_that_need_it(
    cast: Cast,
    programme: Programme,
    step: TransferMilestone,
    list_of_names: Evidence,
    django_capture_on_commit_callbacks: CaptureHooks,
) -> None:
    later = evidence.add(
        by=cast.receiver_officer,
        milestone_uuid=step.uuid,
        title="The same list",
        content=[NAMES],
        names_people=True,
        erase_after=dt.date(2026, 12, 31),
    )
    assert later.file_id == list_of_names.file_id

    with clock.at(dt.datetime(2025, 1, 1, tzinfo=dt.UTC)), django_capture_on_commit_callbacks(execute=True):
        assert evidence.erase_due(by=cast.giver, programme_uuid=programme.uuid) == 0
    with clock.at(dt.datetime(2027, 1, 1, tzinfo=dt.UTC)), django_capture_on_commit_callbacks(execute=True):
        assert evidence.erase_due(by=cast.giver, programme_uuid=programme.uuid) == 1


def test_an_erased_file_that_is_added_again_opens_and_is_erased_again(
    cast: Cast,
    programme: Programme,
    step: TransferMilestone,
    list_of_names: Evidence,
    django_capture_on_commit_callbacks: CaptureHooks,
) -> None:
    sha256 = list_of_names.file.sha256 if list_of_names.file else ""
    with clock.at(dt.datetime(2025, 1, 1, tzinfo=dt.UTC)):
        with django_capture_on_commit_callbacks(execute=True):
            evidence.erase_due(by=cast.giver, programme_uuid=programme.uuid)
        again = evidence.add(
            by=cast.giver,
            milestone_uuid=step.uuid,
            title="Attendance, scanned anew",
            content=[NAMES],
            names_people=True,
            erase_after=dt.date(2025, 6, 30),
        )
        evidence.name_verifier(
            by=cast.giver, evidence_uuid=again.uuid, user=cast.giver.user, until=dt.date(2030, 1, 1)
        )
    with clock.at(dt.datetime(2025, 1, 2, tzinfo=dt.UTC)):
        assert evidence.open_file(by=cast.giver, evidence_uuid=again.uuid) == NAMES
        assert findings(programme, by=cast.giver) == []
    with clock.at(dt.datetime(2025, 7, 1, tzinfo=dt.UTC)):
        with django_capture_on_commit_callbacks(execute=True):
            assert evidence.erase_due(by=cast.giver, programme_uuid=programme.uuid) == 1
        assert not files.path_of(programme.uuid, sha256).exists()
        assert findings(programme, by=cast.giver) == []


def test_erasing_is_the_stewards(cast: Cast, programme: Programme, list_of_names: Evidence) -> None:
    for by in (cast.giver_reporter, cast.receiver, cast.community, cast.donor, cast.auditor):
        with pytest.raises(NotAllowed):
            evidence.erase_due(by=by, programme_uuid=programme.uuid)


def test_after_the_handover_the_new_steward_erases_when_the_day_comes(
    cast: Cast, programme: Programme, transfer: Transfer, list_of_names: Evidence
) -> None:
    plans.signed(transfer, cast)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)

    with clock.at(dt.datetime(2025, 1, 1, tzinfo=dt.UTC)):
        with pytest.raises(NotAllowed):
            evidence.erase_due(by=cast.giver, programme_uuid=programme.uuid)
        assert evidence.erase_due(by=cast.receiver, programme_uuid=programme.uuid) == 1


def test_the_giver_reads_evidence_up_to_the_cut_off_after_the_handover(
    cast: Cast, programme: Programme, transfer: Transfer, step: TransferMilestone
) -> None:
    old = evidence.add(by=cast.receiver, milestone_uuid=step.uuid, title="Minutes", content=[b"We agreed."])
    plans.signed(transfer, cast)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid)
    with clock.at(TODAY + dt.timedelta(days=30)):
        assert evidence.open_file(by=cast.giver_reporter, evidence_uuid=old.uuid) == b"We agreed."
        onward = plans.drafted(programme, by=cast.receiver, receiver=cast.stranger.organisation)
        transfers.propose(by=cast.receiver, transfer_uuid=onward.uuid)
        (next_step,) = plans.milestones_of(onward, by=cast.receiver)
        new = evidence.add(
            by=cast.receiver,
            milestone_uuid=next_step.uuid,
            title="Later",
            content=[b"Not the giver's any more."],
        )

        assert evidence.open_file(by=cast.auditor, evidence_uuid=new.uuid)
        with pytest.raises(NotFound):
            evidence.open_file(by=cast.giver, evidence_uuid=new.uuid)
    with clock.at(dt.datetime(2030, 1, 1, tzinfo=dt.UTC)), pytest.raises(NotFound):
        evidence.open_file(by=cast.giver, evidence_uuid=old.uuid)


def test_a_file_belongs_to_one_programme(cast: Cast, programme: Programme, step: TransferMilestone) -> None:
    evidence.add(by=cast.giver, milestone_uuid=step.uuid, title="Form", content=[b"The same form"])
    other = another(cast.giver)
    thing = responsibility(other, by=cast.giver)
    draft = plans.drafted(other, by=cast.giver, receiver=cast.receiver.organisation, moves=[thing])
    transfers.propose(by=cast.giver, transfer_uuid=draft.uuid)
    (foreign,) = plans.milestones_of(draft, by=cast.giver)
    evidence.add(by=cast.giver, milestone_uuid=foreign.uuid, title="Form", content=[b"The same form"])

    with asking(cast.giver):
        found = list(StoredFile.objects.values_list("programme_id", "sha256"))
    assert len(found) == 2
    assert len({sha256 for _, sha256 in found}) == 1


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "file_or_link"),
        ({"content": [b"x"], "link": "https://giver.example"}, "file_or_link"),
        ({"link": "javascript:alert(1)"}, "link_malformed"),
        ({"link": "https://giver.example", "title": " "}, "title_missing"),
        ({"content": [b"x"], "names_people": True}, "erasure_missing"),
        (
            {"link": "https://giver.example", "names_people": True, "erase_after": ERASED_AFTER},
            "erasure_missing",
        ),
        ({"content": []}, "file_empty"),
    ],
)
def test_evidence_says_what_it_is(
    given: dict[str, object], code: str, cast: Cast, step: TransferMilestone
) -> None:
    with pytest.raises(Invalid) as refused:
        evidence.add(**{"by": cast.giver, "milestone_uuid": step.uuid, "title": "x", **given})  # type: ignore[arg-type]
    assert refused.value.code == code


def test_a_link_has_no_bytes_to_open(cast: Cast, step: TransferMilestone) -> None:
    link = evidence.add(by=cast.giver, milestone_uuid=step.uuid, title="x", link="https://giver.example/x")

    with pytest.raises(Invalid, match=r"https://giver\.example/x"):
        evidence.open_file(by=cast.giver, evidence_uuid=link.uuid)


def test_evidence_is_closed_when_its_milestone_is_done(cast: Cast, step: TransferMilestone) -> None:
    milestones.sign(by=cast.community, milestone_uuid=step.uuid)

    with pytest.raises(Invalid, match="evidence is closed"):
        evidence.add(by=cast.giver, milestone_uuid=step.uuid, title="x", link="https://giver.example/x")
