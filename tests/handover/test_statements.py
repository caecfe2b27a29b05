"""Statements: what they say, to whom, in which form; the same record on the same day gives the same bytes."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdf
import pytest
from python_calamine import CalamineWorkbook

from handover import access, clock
from handover.access import Actor, asking
from handover.actions import audit_findings, audit_requests, audit_samples, audits, checks, undertakings
from handover.canonical import text_digest
from handover.errors import Invalid, NotFound
from handover.exchange import statements
from handover.exchange.statements import FACTS, Statement
from handover.models import AuditEngagement, Programme, SustainabilityCheck
from handover.models.organisations import OrganisationKind
from handover.permissions import Role
from handover.queries.statements.sections import Form
from tests.factories import registers
from tests.factories.cast import Cast
from tests.factories.organisations import organisation, person
from tests.factories.programmes import grant as granted
from tests.factories.programmes import programme as founded
from tests.factories.transfers import executed, responsibilities_of
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

SEED = bytes(range(32)).hex()
NOW = dt.datetime(2025, 4, 2, 12, tzinfo=dt.UTC)
REPORT = statements.sustainability_report


def at(day: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T12:00:00+00:00")


@pytest.fixture
def home(cast: Cast, programme: Programme) -> Iterator[Programme]:
    """Give a programme handed over on 3 June 2024, with a held check and a broken promise, on 2 April 2025."""
    with clock.at(at("2024-06-03")):
        executed(cast, programme)
    with clock.at(at("2024-06-10")):
        promise = undertakings.enter(
            by=cast.receiver,
            programme_uuid=programme.uuid,
            organisation=cast.receiver.organisation,
            kind="budget",
            title="=2+5 a line in the budget",
            amount=Decimal("90000.00"),
            currency="RON",
            starts_on=dt.date(2024, 6, 10),
        )
    with clock.at(at("2024-12-02")):
        with asking(cast.receiver):
            row = SustainabilityCheck.objects.get(programme=programme, months=6)
        checks.look(
            by=cast.community,
            check_uuid=row.uuid,
            part="voice",
            found="weaker",
            remark="Nobody invites the council any more",
        )
        checks.hold(by=cast.receiver, check_uuid=row.uuid, version=1, remark="The council is invited again")
    with clock.at(at("2025-04-01")):
        undertakings.say(
            by=cast.receiver,
            undertaking_uuid=promise.uuid,
            year=2024,
            outcome="broken",
            reason="The budget was cut",
        )
    with clock.at(NOW):
        yield programme


def made(by: Actor, home: Programme, form: Form = Form.JSON, *languages: str) -> Statement:
    with asking(by):
        return REPORT(by, home.uuid, form=form, languages=languages)


def facts(statement: Statement) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(statement.content)
    return found


def words(pdf: bytes) -> str:
    reader = pypdf.PdfReader(io.BytesIO(pdf), strict=True)
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def cells(content: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


# --- the sustainability report --------------------------------------------------------------------


def test_the_report_tells_checks_promises_and_by_what_it_is_checked(cast: Cast, home: Programme) -> None:
    found = facts(made(cast.donor, home))
    assert [(item["giver"], item["receiver"]) for item in found["handovers"]] == [
        (cast.giver.organisation.name, cast.receiver.organisation.name)
    ]
    held = found["checks"][0]
    assert (held["months"], held["state"], held["held_by"]) == (6, "held", cast.receiver.organisation.name)
    with asking(cast.donor):
        assert held["digest"] == SustainabilityCheck.objects.get(uuid=held["uuid"]).digest
    assert found["today"]["months"] == 12
    (promise,) = found["undertakings"]
    assert [(year["year"], year["state"]) for year in promise["years"]] == [
        (2025, "running"),
        (2024, "broken"),
    ]
    assert found["ledger"]["chain"] == str(home.uuid)
    assert found["ledger"]["entry"]["seq"] > 0


def test_everybody_who_reads_the_programme_gets_the_same_bytes(cast: Cast, home: Programme) -> None:
    for form in Form:
        papers = {
            made(actor, home, form, "ro").content for actor in (cast.donor, cast.receiver, cast.community)
        }
        assert len(papers) == 1


def test_another_tenant_finds_no_programme_to_report_on(cast: Cast, home: Programme) -> None:
    with pytest.raises(NotFound):
        made(cast.stranger, home)


def test_whoever_gave_the_programme_away_reads_nothing_that_came_after_their_view(
    cast: Cast, home: Programme
) -> None:
    with asking(cast.giver):
        cutoff = access.reach(cast.giver, home).cutoff
    assert cutoff is not None
    found = facts(made(cast.giver, home))
    assert [check["state"] for check in found["checks"] if check["result"]] == []
    assert [year["state"] for item in found["undertakings"] for year in item["years"]] == [
        "running",
        "overdue",
    ]
    assert found["cutoff"] == cutoff.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    # The database's own clock wrote all entries after that instant: none of them is this reader's.
    assert found["ledger"]["entry"] is None


def test_the_paper_keeps_to_its_standards_and_carries_what_it_says(cast: Cast, home: Programme) -> None:
    paper = made(cast.donor, home, Form.PDF, "en", "ro")
    reader = pypdf.PdfReader(io.BytesIO(paper.content), strict=True)
    metadata = reader.xmp_metadata
    assert metadata is not None
    said_of_it = metadata.stream.get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in said_of_it
    assert "<pdfaid:part>3</pdfaid:part>" in said_of_it
    (inside,) = reader.attachments[FACTS]
    assert json.loads(inside)["statement"] == "sustainability"
    assert text_digest(inside.decode()) == paper.digest
    assert all(paper.digest in page.extract_text().replace("\n", "") for page in reader.pages)
    shown = words(paper.content)
    assert "Sustainability report" in shown
    assert "Raport de sustenabilitate" in shown
    assert "Nobody invites the council any more" in shown


def test_a_text_in_a_workbook_is_never_a_formula(cast: Cast, home: Programme) -> None:
    content = made(cast.donor, home, Form.XLSX, "en").content
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if "/worksheets/" in name]
    assert not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets)
    promised = cells(content)["Undertakings"]
    assert any(str(row[0]).startswith("'=2+5 a line in the budget") for row in promised)


def test_the_workbook_holds_numbers_as_numbers_and_days_as_days(cast: Cast, home: Programme) -> None:
    rows = cells(made(cast.donor, home, Form.XLSX, "en").content)["Sustainability checks"]
    assert rows[1][:2] == [6.0, dt.date(2024, 12, 3)]


def test_no_person_is_named_in_a_statement(cast: Cast, home: Programme) -> None:
    text = made(cast.donor, home).content.decode()
    for actor in (cast.giver, cast.receiver, cast.donor, cast.community):
        assert str(actor.user.called) not in text
        assert actor.user.email not in text


@pytest.mark.parametrize("languages", [("de",), ("en", "ro", "lt")])
def test_a_statement_is_written_in_one_or_two_known_languages(
    cast: Cast, home: Programme, languages: tuple[str, ...]
) -> None:
    with pytest.raises(Invalid) as refusal:
        made(cast.donor, home, Form.PDF, *languages)
    assert refusal.value.code == "paper_languages"


def test_a_programme_without_a_handover_has_a_report_that_says_so(cast: Cast, programme: Programme) -> None:
    shown = words(made(cast.giver, programme, Form.PDF, "en").content)
    assert "Nothing was handed over yet." in shown
    assert "No sustainability check has been held yet." in shown


# --- the audit file -------------------------------------------------------------------------------


@pytest.fixture
def audit(cast: Cast, home: Programme) -> AuditEngagement:
    """Give an audit with an answered request, a drawn sample, a shared finding and a draft."""
    body = organisation("inspectors", OrganisationKind.AUDIT_BODY)
    auditor = person(body, Role.AUDITOR)
    grant = granted(home, by=cast.receiver, donor=cast.donor.organisation)
    row = audits.open_by_authority(
        by=cast.donor,
        programme_uuid=home.uuid,
        auditor=body,
        grants=[grant.uuid],
        reference="A-1",
        title="On the spot",
        purpose="Whether what was funded is there",
        legal_basis="Grant agreement, article 9",
        ends_at=at("2025-05-01").replace(hour=0),
    )
    asked = audit_requests.ask(
        by=auditor,
        engagement_uuid=row.uuid,
        title="Register of equipment",
        asked="With the place of each item",
        due_on=dt.date(2025, 4, 20),
    )
    audit_requests.answer(by=cast.receiver, request_uuid=asked.uuid, version=1, answer="It is attached")
    registers.item(responsibilities_of(home, by=cast.receiver)[0], by=cast.receiver, grant=grant)
    sample = audit_samples.commit(
        by=auditor,
        engagement_uuid=row.uuid,
        title="Items to see",
        population="equipment",
        method="simple",
        size=1,
        commitment=hashlib.sha256(bytes.fromhex(SEED)).hexdigest(),
    )
    audit_samples.freeze(by=auditor, sample_uuid=sample.uuid, version=1)
    audit_samples.reveal(by=auditor, sample_uuid=sample.uuid, version=2, seed=SEED)
    said_of_it = {"criterion": "What was bought stays in use", "condition": "It was not there"}
    shared = audit_findings.draft(
        by=auditor, engagement_uuid=row.uuid, title="One laptop is gone", severity="high", **said_of_it
    )
    audit_findings.share(by=auditor, finding_uuid=shared.uuid, version=1)
    audit_findings.draft(
        by=auditor, engagement_uuid=row.uuid, title="A suspicion", severity="low", **said_of_it
    )
    return row


def auditor_of(row: AuditEngagement) -> Actor:
    return person(row.auditor, Role.AUDITOR, name="another")


def file_of(by: Actor, row: AuditEngagement, form: Form = Form.JSON, *languages: str) -> Statement:
    with asking(by):
        return statements.audit_report(by, row.uuid, form=form, languages=languages)


def test_the_audit_file_tells_scope_requests_samples_and_findings(cast: Cast, audit: AuditEngagement) -> None:
    found = facts(file_of(cast.receiver, audit))
    assert (found["audit"]["state"], found["audit"]["auditor"]) == ("open", audit.auditor.name)
    (grant,) = found["grants"]
    assert {group["key"]: group["held"] for group in grant["annex_xvii"]}["checks"] == "held"
    assert [(item["state"], item["answer"]) for item in found["requests"]] == [("answered", "It is attached")]
    (sample,) = found["samples"]
    assert (sample["holds"], len(sample["drawn"]), sample["seed"]) == (True, 1, SEED)
    assert [item["title"] for item in found["findings"]] == ["One laptop is gone"]
    verbs = [item["verb"] for item in found["entries"]]
    assert verbs[0] == "audit.opened"
    assert "audit.finding_shared" in verbs


def test_a_draft_of_a_finding_leaves_no_trace_in_any_audit_file(cast: Cast, audit: AuditEngagement) -> None:
    for by in (cast.receiver, cast.donor, auditor_of(audit)):
        found = file_of(by, audit)
        assert b"A suspicion" not in found.content
        drafted = [item for item in facts(found)["entries"] if item["verb"] == "audit.finding_drafted"]
        assert len(drafted) == 1


def test_an_auditor_and_the_audited_get_the_same_file(cast: Cast, audit: AuditEngagement) -> None:
    assert file_of(auditor_of(audit), audit).content == file_of(cast.receiver, audit).content


def test_the_audit_file_is_a_paper_and_a_workbook_too(cast: Cast, audit: AuditEngagement) -> None:
    shown = words(file_of(cast.receiver, audit, Form.PDF, "en").content)
    assert "Audit file" in shown
    assert "One laptop is gone" in shown
    assert "the same sample follows" in shown
    book = cells(file_of(cast.receiver, audit, Form.XLSX, "en").content)
    assert [row[1] for row in book["Findings"] if row[0] == 1] == ["One laptop is gone"]
    assert [row[1] for row in book["Findings, whole"] if row[0] == 1] == ["What was bought stays in use"]


def test_an_audit_of_another_tenants_programme_is_not_there(cast: Cast, audit: AuditEngagement) -> None:
    with pytest.raises(NotFound):
        file_of(cast.stranger, audit)


def test_a_file_that_is_ready_after_midnight_is_not_given(
    cast: Cast, audit: AuditEngagement, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor = auditor_of(audit)
    ends = at("2025-05-01").replace(hour=0)
    monkeypatch.setattr(clock, "wall", lambda: ends - dt.timedelta(seconds=1))
    with clock.at(ends - dt.timedelta(seconds=30)):
        assert file_of(auditor, audit).content
        monkeypatch.setattr(clock, "wall", lambda: ends)
        with pytest.raises(NotFound):
            file_of(auditor, audit)


# --- all handovers --------------------------------------------------------------------------------


def view(by: Actor) -> dict[str, Any]:
    with asking(by):
        return facts(statements.portfolio(by, form=Form.JSON))


def test_a_donor_reads_all_handovers_by_whoever_answers_for_them(cast: Cast, home: Programme) -> None:
    found = view(cast.donor)
    (line,) = found["municipalities"]
    assert (line["name"], line["programmes"], line["held"]) == (cast.receiver.organisation.name, 1, 1)
    assert line["undertakings"]["broken"] == 1
    (row,) = found["programmes"]
    assert (row["handed_over_on"], row["last"]["months"]) == ("2024-06-03", 6)
    assert row["next_due_on"] == "2025-06-03"
    assert found["together"] == {key: line[key] for key in found["together"]}


def test_findings_that_are_open_are_counted_and_drafts_are_not(cast: Cast, audit: AuditEngagement) -> None:
    for by in (cast.donor, auditor_of(audit)):
        assert view(by)["together"]["findings"] == {"critical": 0, "high": 1, "medium": 0, "low": 0}


def test_a_programme_that_was_not_handed_over_stands_in_no_line(cast: Cast, home: Programme) -> None:
    founded(cast.receiver)
    assert [row["identifier"] for row in view(cast.receiver)["programmes"]] == [home.identifier]
    assert view(cast.stranger)["programmes"] == []


def test_whoever_sees_a_programme_as_it_stood_once_is_told_that_it_is_left_out(
    cast: Cast, home: Programme
) -> None:
    found = view(cast.giver)
    assert (found["programmes"], found["ended"]) == ([], 1)


# --- by commands ----------------------------------------------------------------------------------


def test_statements_are_written_by_commands(cast: Cast, audit: AuditEngagement, tmp_path: Path) -> None:
    me = ("--as", cast.receiver.user.email)
    report, paper = tmp_path / "report.json", tmp_path / "audit.PDF"
    document = told("statement", "sustainability", "XX-TEST-HOME", "--to", str(report), *me)
    assert document["digest"] == text_digest(report.read_text())
    assert "The audit file is written to" in said(
        "statement", "audit", str(audit.uuid)[:13], "--to", str(paper), "--language", "lt", *me
    )
    assert paper.read_bytes().startswith(b"%PDF-")
    whole = tmp_path / "all.xlsx"
    assert "over all handovers" in said("statement", "portfolio", "--to", str(whole), *me)
    assert "After the handovers" in cells(whole.read_bytes())
    assert "end it with .pdf, .xlsx or .json" in refused(
        "statement", "portfolio", "--to", str(tmp_path / "all.doc"), *me
    )
    assert "There is no one audit" in refused("statement", "audit", "ffffffff", "--to", str(paper), *me)
    assert "not open to you" in refused("statement", "sustainability", "NOT-THERE", "--to", str(paper), *me)
