"""Where values come from: registers that stay with their custodian, files that name nobody, and the way back."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from handover import clock, files
from handover.access import Actor, asking
from handover.actions import evidence, transfers
from handover.errors import Invalid, NotAllowed, NotFound, Stale
from handover.models import LedgerEntry, Programme, StoredFile
from handover.models.organisations import OrganisationKind
from handover.permissions import Role, StandingKind
from indicators.actions import drafts, provenance, sources, submissions, values
from indicators.actions.batches import CHUNK
from indicators.actions.drafts import Row
from indicators.models import Indicator, Provenance, SourceSeries, Value
from indicators.queries import provenance as verification
from indicators.queries.sources import lines, listing, named
from indicators.queries.trace import Trace, trace, value_for
from tests.conftest import OwnerSql
from tests.factories.cast import TODAY, Cast
from tests.factories.indicators import FIRST_QUARTER, csv_of, indicator, reported
from tests.factories.organisations import organisation, person
from tests.factories.programmes import admitted, responsibility
from tests.factories.transfers import drafted, executed, milestone, milestones_of

pytestmark = pytest.mark.django_db

SHEETS: dict[str, Any] = {"title": "Attendance sheets", "location": "12 Main Street, room 4, shelf B"}


def _register(by: Actor, programme: Programme, **said: Any) -> SourceSeries:
    entry = {**SHEETS, "custodian": by.organisation, **said}
    return sources.register(by=by, programme_uuid=programme.uuid, **entry)


def _values(by: Actor) -> list[Value]:
    with asking(by):
        return list(Value.objects.order_by("uuid"))


def _entries(by: Actor, programme: Programme) -> list[dict[str, Any]]:
    with asking(by):
        bodies = (
            LedgerEntry.objects.filter(chain=programme.uuid).order_by("seq").values_list("body", flat=True)
        )
        return [json.loads(body) for body in bodies]


def _trace(by: Actor, uuid: UUID, cutoff: dt.datetime | None = None) -> Trace:
    with asking(by):
        return trace(value_for(by, uuid), cutoff=cutoff)


@pytest.fixture
def pupils(cast: Cast, programme: Programme) -> Indicator:
    """Give an indicator of the programme's own with two values."""
    of = indicator(programme, by=cast.giver)
    reported(of, {"women": 41, "men": 37}, by=cast.giver_reporter)
    return of


# --- source series --------------------------------------------------------------------------------


def test_a_source_series_says_who_keeps_it_where_for_when_and_how_much(
    cast: Cast, programme: Programme
) -> None:
    made = _register(
        cast.giver_reporter,
        programme,
        office="Head of the day centre",
        starts_on=FIRST_QUARTER[0],
        ends_on=FIRST_QUARTER[1],
        count=61,
        counted="sheets",
        sha256="A" * 64,
        keep_until=dt.date(2031, 12, 31),
    )
    with asking(cast.giver):
        (line,) = lines(programme)
    assert line == (
        "Attendance sheets: kept by Giver organisation, Head of the day centre; 12 Main Street, room 4, shelf B;"
        " 2024-01-01 to 2024-03-31; 61 sheets; to be kept until 2031-12-31; 0 values rest on it"
    )
    assert made.sha256 == "a" * 64
    entry = _entries(cast.giver, programme)[-1]
    assert (entry["verb"], entry["subject"]) == ("source.registered", str(made.uuid))
    assert entry["data"]["said"]["custodian"]["name"] == "Giver organisation"
    ((uuid, digest),) = entry["data"]["sealed"]["indicators.sourceseries"]
    assert (uuid, len(digest)) == (str(made.uuid), 64)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"title": " "}, "invalid"),
        ({"location": ""}, "missing"),
        ({"custodian": None}, "missing"),
        ({"starts_on": dt.date(2024, 2, 1), "ends_on": dt.date(2024, 1, 1)}, "dates_reversed"),
        ({"sha256": "abc"}, "not_a_digest"),
        ({"count": -1}, "invalid"),
        ({"keeper": "somebody"}, "unknown_field"),
    ],
)
def test_what_an_auditor_could_not_use_is_refused(
    cast: Cast, programme: Programme, said: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        _register(cast.giver, programme, **said)
    assert refused.value.code == code


def test_a_source_series_goes_to_its_new_custodian(cast: Cast, programme: Programme) -> None:
    made = _register(cast.giver, programme)
    sources.edit(
        by=cast.giver,
        source_uuid=made.uuid,
        version=1,
        custodian=cast.receiver.organisation,
        location="Town hall, archive",
    )
    with asking(cast.giver):
        (found,) = listing(programme)
    assert (found.source.custodian, found.source.location) == (
        cast.receiver.organisation,
        "Town hall, archive",
    )
    with pytest.raises(Stale):
        sources.edit(by=cast.giver, source_uuid=made.uuid, version=1, note="Late")
    with pytest.raises(Invalid):
        sources.edit(by=cast.giver, source_uuid=made.uuid, version=2, location=" ")


def test_a_holder_names_its_own_registers_and_leaves_others_alone(cast: Cast, programme: Programme) -> None:
    partner = organisation("partner", OrganisationKind.NGO)
    admitted(programme, partner, StandingKind.PARTNER, by=cast.giver)
    holder = person(partner, Role.OFFICER)
    with pytest.raises(NotAllowed):
        _register(holder, programme)
    responsibility(programme, by=cast.giver, holder=partner)
    own, foreign = _register(holder, programme), _register(cast.giver, programme, title="Register")
    sources.edit(by=holder, source_uuid=own.uuid, version=1, note="Bound")
    with pytest.raises(NotAllowed) as refused:
        sources.edit(by=holder, source_uuid=foreign.uuid, version=1, note="Mine")
    assert refused.value.code == "not_custodian"


def test_names_in_files_mean_a_source_series_only_where_one_has_them(
    cast: Cast, programme: Programme
) -> None:
    one = _register(cast.giver, programme)
    _register(cast.giver, programme, title="Register")
    _register(cast.giver, programme, title="REGISTER")
    with asking(cast.giver):
        found = named(
            programme, ["attendance SHEETS", str(one.uuid), "Register", "nothing", "", str(uuid4())]
        )
    assert {name: row.uuid for name, row in found.items()} == {
        "attendance SHEETS": one.uuid,
        str(one.uuid): one.uuid,
    }


# --- what values rest on --------------------------------------------------------------------------


def test_values_rest_on_a_register_that_was_never_uploaded(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    source = _register(cast.giver, programme)
    women, men = _values(cast.giver)
    added = provenance.attach(
        by=cast.giver_reporter, value_uuids=[women.uuid, men.uuid], source_uuid=source.uuid
    )
    entry = _entries(cast.giver, programme)[-1]
    assert (entry["verb"], entry["subject"]) == ("provenance.added", str(added.batch))
    assert (entry["data"]["count"], entry["data"]["digest"]) == (2, added.digest)
    assert entry["data"]["sources"] == [{"title": "Attendance sheets", "uuid": str(source.uuid)}]
    assert len(entry["data"]["rows"]) == 2
    with asking(cast.giver):
        assert [(item.source.uuid, item.values) for item in listing(programme)] == [(source.uuid, 2)]


def test_what_is_said_already_is_not_said_again(cast: Cast, programme: Programme, pupils: Indicator) -> None:
    source = _register(cast.giver, programme)
    women, men = _values(cast.giver)
    provenance.attach(by=cast.giver, value_uuids=[women.uuid], source_uuid=source.uuid)
    more = provenance.attach(by=cast.giver, value_uuids=[women.uuid, men.uuid], source_uuid=source.uuid)
    assert more.count == 1
    with pytest.raises(Invalid) as refused:
        provenance.attach(by=cast.giver, value_uuids=[women.uuid], source_uuid=source.uuid)
    assert refused.value.code == "attached_already"


def _file(by: Actor, value: Value, content: bytes = b"minutes", **said: Any) -> provenance.Attached:
    entry: dict[str, Any] = {"filename": "minutes.pdf", "names_people": False, **said}
    return provenance.attach(by=by, value_uuids=[value.uuid], content=[content], **entry)


def test_a_file_that_names_nobody_is_kept_with_the_programme(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    (first, _) = _values(cast.giver)
    _file(cast.giver_reporter, first, title="Minutes of the school board")
    digest = hashlib.sha256(b"minutes").hexdigest()
    assert files.digest_of(programme.uuid, digest) == digest
    (found,) = _trace(cast.donor, first.uuid).revisions[0].files
    assert (found.title, found.sha256, found.size, found.erased) == (
        "Minutes of the school board",
        digest,
        7,
        False,
    )
    assert provenance.open_file(by=cast.donor, provenance_uuid=found.uuid) == b"minutes"
    with pytest.raises(NotFound):
        provenance.open_file(by=cast.stranger, provenance_uuid=found.uuid)


@pytest.mark.parametrize("said", [None, True])
def test_a_file_that_may_name_people_is_refused_and_leaves_nothing(
    cast: Cast, programme: Programme, pupils: Indicator, said: bool | None
) -> None:
    (first, _) = _values(cast.giver)
    with pytest.raises(Invalid, match="name its source series") as refused:
        _file(cast.giver, first, names_people=said)
    assert refused.value.code == "names_people"
    assert files.digest_of(programme.uuid, hashlib.sha256(b"minutes").hexdigest()) is None
    with asking(cast.giver):
        assert (StoredFile.objects.count(), Provenance.objects.count()) == (0, 0)


def test_evidence_that_names_people_does_not_come_in_by_the_back_door(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    transfer = drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    milestone(transfer, by=cast.giver)
    transfers.propose(by=cast.giver, transfer_uuid=transfer.uuid)
    step = milestones_of(transfer, by=cast.giver)[0]
    evidence.add(
        by=cast.giver,
        milestone_uuid=step.uuid,
        title="List",
        content=[b"names"],
        filename="list.csv",
        names_people=True,
        erase_after=dt.date(2024, 7, 1),
    )
    (first, _) = _values(cast.giver)
    with pytest.raises(Invalid) as refused:
        _file(cast.giver, first, b"names")
    assert refused.value.code == "file_names_people"
    with clock.at(TODAY + dt.timedelta(days=40)):
        with transaction.atomic():
            evidence.erase_due(by=cast.giver, programme_uuid=programme.uuid)
            files.erase(programme.uuid, hashlib.sha256(b"names").hexdigest())
        with pytest.raises(Invalid):
            _file(cast.giver, first, b"names")
    assert files.digest_of(programme.uuid, hashlib.sha256(b"names").hexdigest()) is None


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "source_or_file"),
        ({"content": [b"x"], "source_uuid": UUID(int=1), "names_people": False}, "source_or_file"),
        ({"content": [b"x"], "names_people": False}, "filename_missing"),
        ({"content": [], "names_people": False, "filename": "a.txt"}, "file_empty"),
    ],
)
def test_a_value_rests_on_one_thing_at_a_time(
    cast: Cast, programme: Programme, pupils: Indicator, said: dict[str, Any], code: str
) -> None:
    (first, _) = _values(cast.giver)
    with pytest.raises(Invalid) as refused:
        provenance.attach(by=cast.giver, value_uuids=[first.uuid], **said)
    assert refused.value.code == code


def test_only_who_may_report_a_value_says_what_it_rests_on(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    source = _register(cast.giver, programme)
    (first, _) = _values(cast.giver)
    for reader in (cast.community, cast.donor, cast.auditor):
        with pytest.raises(NotAllowed):
            provenance.attach(by=reader, value_uuids=[first.uuid], source_uuid=source.uuid)


def test_another_tenants_values_and_sources_do_not_exist(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    source = _register(cast.giver, programme)
    (first, _) = _values(cast.giver)
    with pytest.raises(NotFound):
        provenance.attach(by=cast.stranger, value_uuids=[first.uuid], source_uuid=source.uuid)
    with pytest.raises(NotFound):
        sources.edit(by=cast.stranger, source_uuid=source.uuid, version=1, note="Mine")
    with pytest.raises(NotFound):
        _register(cast.stranger, programme)
    with pytest.raises(NotFound):
        _trace(cast.stranger, first.uuid)
    for unknown in (uuid4(), UUID(int=0)):
        with pytest.raises(NotFound):
            provenance.attach(by=cast.giver, value_uuids=[first.uuid, unknown], source_uuid=source.uuid)
        with pytest.raises(NotFound):
            provenance.attach(by=cast.giver, value_uuids=[first.uuid], source_uuid=unknown)
    with asking(cast.stranger):
        assert (SourceSeries.objects.count(), Provenance.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE indicators_provenance SET title = 'x'", "DELETE FROM indicators_provenance"],
)
def test_the_web_role_takes_nothing_away(
    cast: Cast, programme: Programme, pupils: Indicator, statement: str
) -> None:
    (first, _) = _values(cast.giver)
    _file(cast.giver, first)
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        asking(cast.giver),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


# --- sets -----------------------------------------------------------------------------------------


def _note(by: Actor, programme: Programme, source: SourceSeries, pairs: list[UUID]) -> int:
    """Say on what many values rest, as an import does, and give how many statements it took."""
    from handover.actions import action

    @action
    def note(*, by: Actor) -> None:
        provenance.make_table()
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO indicators_sourced SELECT uuid, %s FROM unnest(%s::uuid[]) AS row (uuid)",
                [source.pk, pairs],
            )
        with CaptureQueriesContext(connection) as seen:
            provenance.enter(programme, by=by)
        counts.append(len(seen))

    counts: list[int] = []
    note(by=by)
    return counts[0]


def test_an_import_says_it_in_a_constant_number_of_statements(cast: Cast, programme: Programme) -> None:
    source = _register(cast.giver, programme)
    of = indicator(programme, by=cast.giver)
    values.import_csv(by=cast.giver, programme_uuid=programme.uuid, lines=csv_of(of, CHUNK + 6))
    every = [row.uuid for row in _values(cast.giver)]
    few = _note(cast.giver, programme, source, every[:5])
    many = _note(cast.giver, programme, source, every[5:])
    assert few == many
    with asking(cast.giver):
        assert listing(programme)[0].values == CHUNK + 6
        assert list(verification.verify(programme, _entries(cast.giver, programme))) == []
    entry = _entries(cast.giver, programme)[-1]
    assert [count for _, _, count, _ in entry["data"]["chunks"]] == [CHUNK, 1]


def test_nothing_noted_is_nothing_recorded(cast: Cast, programme: Programme) -> None:
    before = len(_entries(cast.giver, programme))
    source = _register(cast.giver, programme)
    _note(cast.giver, programme, source, [])
    assert len(_entries(cast.giver, programme)) == before + 1


# --- the way back ---------------------------------------------------------------------------------


def test_an_auditor_walks_from_a_value_to_sheets_that_were_never_uploaded(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    source = _register(cast.giver, programme, office="Head of the day centre", count=61, counted="sheets")
    made = submissions.draft(by=cast.giver_reporter, programme_uuid=programme.uuid, title="Recount")
    row = Row(
        indicator=pupils.uuid,
        starts_on=FIRST_QUARTER[0],
        ends_on=FIRST_QUARTER[1],
        value=44,
        dimensions={"gender": "women"},
        reason="Three enrolled late",
        source=source.uuid,
    )
    put = drafts.put(by=cast.giver_reporter, submission_uuid=made.uuid, version=made.version, rows=[row])
    sent = submissions.submit(by=cast.giver_reporter, submission_uuid=put.uuid, version=put.version)
    submissions.approve(by=cast.giver_officer, submission_uuid=sent.uuid, version=sent.version)
    with asking(cast.auditor):
        uuid = Value.objects.get(revision=2).uuid
        with CaptureQueriesContext(connection) as seen:
            found = trace(value_for(cast.auditor, uuid))
    assert len(seen) < 14
    first, second = found.revisions
    assert (found.title, found.cell, found.starts_on) == ("Pupils enrolled", "gender=women", FIRST_QUARTER[0])
    assert (first.said, second.said, second.reason) == ("41", "44", "Three enrolled late")
    assert (first.submission, first.sources) == (None, ())
    assert second.submission is not None
    assert (second.submission.author, second.submission.approver) == (
        cast.giver_reporter.user.display_name,
        cast.giver_officer.user.display_name,
    )
    (sheets,) = second.sources
    assert (sheets.custodian, sheets.office, sheets.location, sheets.count) == (
        "Giver organisation",
        "Head of the day centre",
        "12 Main Street, room 4, shelf B",
        61,
    )
    numbered = dict(enumerate(_entries(cast.giver, programme), start=1))
    for revision in (first, second):
        assert revision.entry is not None
        assert numbered[revision.entry]["data"]["batch"] == str(revision.batch)


def test_whose_view_ended_walks_no_further_than_it_reaches(
    cast: Cast, programme: Programme, pupils: Indicator
) -> None:
    source = _register(cast.giver, programme)
    executed(cast, programme)
    (first, _) = _values(cast.receiver)
    with clock.at(TODAY + dt.timedelta(days=3)):
        provenance.attach(by=cast.receiver, value_uuids=[first.uuid], source_uuid=source.uuid)
        values.correct(by=cast.receiver, value_uuid=first.uuid, value=44, reason="Recounted")
        (later,) = [row for row in _values(cast.receiver) if row.revision == 2]
        with pytest.raises(NotFound):
            _trace(cast.giver, later.uuid)
        seen = _trace(cast.giver, first.uuid, cutoff=TODAY + dt.timedelta(days=1))
        whole = _trace(cast.receiver, first.uuid)
    assert [(row.revision, len(row.sources)) for row in seen.revisions] == [(1, 0)]
    assert [(row.revision, len(row.sources)) for row in whole.revisions] == [(1, 1), (2, 0)]
    with asking(cast.giver):
        assert listing(programme, cutoff=TODAY + dt.timedelta(days=1))[0].values == 0


# --- verification ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE indicators_provenance SET title = 'Another'", "provenance_changed"),
        ("UPDATE indicators_provenance SET added_by_name = 'Somebody else'", "provenance_changed"),
        ("DELETE FROM indicators_provenance", "provenance_missing"),
    ],
)
def test_provenance_that_was_changed_past_the_actions_is_named(
    cast: Cast, programme: Programme, pupils: Indicator, owner_sql: OwnerSql, change: str, code: str
) -> None:
    (first, _) = _values(cast.giver)
    _file(cast.giver, first)
    with asking(cast.giver):
        uuid = Provenance.objects.get().uuid
    owner_sql("ALTER TABLE indicators_provenance DISABLE TRIGGER USER")
    owner_sql(change)
    owner_sql("ALTER TABLE indicators_provenance ENABLE TRIGGER USER")
    with asking(cast.giver):
        found = list(verification.verify(programme, _entries(cast.giver, programme)))
    assert [(finding.code, finding.subject) for finding in found] == [(code, f"provenance {uuid}")]


@pytest.mark.django_db(transaction=True)
def test_provenance_that_was_smuggled_in_is_named(
    cast: Cast, programme: Programme, pupils: Indicator, owner_sql: OwnerSql
) -> None:
    (first, _) = _values(cast.giver)
    _file(cast.giver, first)
    names = [
        str(field.column) for field in Provenance._meta.concrete_fields if field.name not in ("id", "uuid")
    ]
    same = ", ".join(names)
    owner_sql(
        f"INSERT INTO indicators_provenance (uuid, {same})"
        f" SELECT '00000000-0000-7000-8000-000000000001', {same} FROM indicators_provenance"
    )
    other = ", ".join(name for name in names if name != "batch")
    owner_sql(
        f"INSERT INTO indicators_provenance (uuid, batch, {other})"
        f" SELECT '00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000009', {other}"
        "   FROM indicators_provenance LIMIT 1"
    )
    with asking(cast.giver):
        found = list(verification.verify(programme, _entries(cast.giver, programme)))
    assert sorted((finding.code, finding.subject) for finding in found) == [
        ("provenance_unrecorded", "provenance 00000000-0000-7000-8000-000000000001"),
        ("provenance_unrecorded", "provenance batch 00000000-0000-7000-8000-000000000009"),
    ]
