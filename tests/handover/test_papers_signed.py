"""Papers that come back signed: recorded by each side, checked against the record, and hostile files told as such."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pypdf
import pytest
from django.test.utils import override_settings
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from handover.access import Actor, asking
from handover.actions import executions, papers
from handover.canonical import digest as digest_of
from handover.errors import DomainError, Invalid, NotAllowed, NotFound, Refused
from handover.models import LedgerEntry, Paper, Programme, SignedPaper, Transfer
from handover.models.papers import PaperKind, SignedForm
from handover.papers import uploads
from handover.queries import paper_checks
from handover.queries.chains import bodies
from handover.queries.paper_checks import Checked
from handover.queries.papers import protocol
from handover.queries.verification import verify_programme
from tests.conftest import OwnerSql
from tests.factories import transfers as stories
from tests.factories.cast import Cast
from tests.handover.paper_signer import certificate, signed

pytestmark = pytest.mark.django_db

PICTURE = b"\x89PNG\r\n\x1a\n" + b"a scan"
SIGNED_ON = dt.date(2024, 6, 3)


@pytest.fixture
def done(cast: Cast, programme: Programme) -> Transfer:
    """Give a transfer that was executed."""
    return stories.read(stories.executed(cast, programme).transfer, by=cast.giver)


@pytest.fixture
def issued(cast: Cast, done: Transfer) -> papers.Issued:
    """Give the protocol as the receiver issued it."""
    return papers.issue(by=cast.receiver, transfer_uuid=done.uuid, kind=PaperKind.PROTOCOL, languages=["en"])


def check(by: Actor, upload: bytes) -> Checked:
    """Check a file in somebody's name."""
    with asking(by):
        return paper_checks.check(by, upload)


def record(paper: Paper, *, by: Actor, **said: Any) -> SignedPaper:
    """Record a scan that a side signed, as it should be."""
    known: dict[str, Any] = {
        "content": PICTURE,
        "signatory": "Whoever signed",
        "capacity": "mayor",
        "mandate_act": "decision 1 of 2024",
        "signed_on": SIGNED_ON,
    }
    return papers.record_signed(by=by, paper_uuid=paper.uuid, **{**known, **said})


def entries(programme: Programme, verb: str, *, by: Actor) -> list[dict[str, Any]]:
    """Give what the ledger says under a verb."""
    with asking(by):
        return [dict(entry) for entry in bodies(programme.uuid) if entry["verb"] == verb]


# --- issuing -----------------------------------------------------------------------------------------------------


def test_an_issued_paper_is_known_by_its_digest_and_stands_in_the_ledger_once(
    cast: Cast, done: Transfer, issued: papers.Issued
) -> None:
    again = papers.issue(by=cast.giver, transfer_uuid=done.uuid, kind=PaperKind.PROTOCOL, languages=["en"])
    assert again.paper == issued.paper
    assert issued.paper.sha256 == hashlib.sha256(issued.composed.pdf).hexdigest()
    assert issued.paper.size == len(issued.composed.pdf)
    [entry] = entries(done.programme, "paper.issued", by=cast.giver)
    assert entry["data"]["facts"]["sha256"] == issued.paper.sha256
    assert entry["data"]["facts_digest"] == digest_of(entry["data"]["facts"])


def test_a_draft_is_not_issued(cast: Cast, programme: Programme) -> None:
    transfer = stories.ready(cast, programme)
    with pytest.raises(Refused) as refused:
        papers.issue(by=cast.giver, transfer_uuid=transfer.uuid, kind=PaperKind.PROTOCOL)
    assert refused.value.code == "paper_is_draft"


def test_only_a_side_of_the_handover_issues_its_papers(cast: Cast, done: Transfer) -> None:
    for actor, expected in ((cast.donor, NotAllowed), (cast.auditor, NotAllowed), (cast.stranger, NotFound)):
        with pytest.raises(expected):
            papers.issue(by=actor, transfer_uuid=done.uuid, kind=PaperKind.PROTOCOL)


def test_the_fields_are_empty_named_and_stand_in_the_structure(issued: papers.Issued) -> None:
    """PDF/UA-1, 7.18: a field has a name for who hears it, and a place in the structure; PDF/A-3, 6.3.3: a look."""
    root: Any = pypdf.PdfReader(io.BytesIO(issued.composed.pdf), strict=True).root_object
    widgets = [field.get_object() for field in root["/AcroForm"]["/Fields"]]
    assert [widget["/T"] for widget in widgets] == ["giver", "receiver"]
    tree = root["/StructTreeRoot"]
    numbers = tree["/ParentTree"]["/Nums"]
    parents = dict(zip(numbers[::2], numbers[1::2], strict=True))
    for widget in widgets:
        assert "/V" not in widget
        assert widget["/TU"].startswith("Signature of the side")
        assert widget["/F"] & 4, "it is printed"
        assert "/N" in widget["/AP"]
        element = parents[widget["/StructParent"]].get_object()
        assert element["/S"] == "/Form"
        assert element["/K"]["/Obj"].get_object()["/T"] == widget["/T"]
        assert widget["/P"].get_object()["/Tabs"] == "/S"
    assert tree["/ParentTreeNextKey"] == max(parents) + 1


# --- recording ---------------------------------------------------------------------------------------------------


def test_each_side_records_its_own_signature_the_former_steward_too(
    cast: Cast, done: Transfer, issued: papers.Issued
) -> None:
    by_hand = record(issued.paper, by=cast.giver)
    electronic = record(
        issued.paper, by=cast.receiver, content=signed(issued.composed.pdf, "receiver", "The mayor's office")
    )
    assert (by_hand.side, by_hand.form) == ("giver", SignedForm.PAPER)
    assert (electronic.side, electronic.form) == ("receiver", SignedForm.ELECTRONIC)
    told = entries(done.programme, "paper.signed", by=cast.receiver)
    assert [entry["data"]["facts"]["capacity"] for entry in told] == ["mayor", "mayor"]
    with asking(cast.auditor):
        assert verify_programme(done.programme) == []


def test_a_recorded_scan_opens_to_who_verifies_and_leaves_a_trace(
    cast: Cast, done: Transfer, issued: papers.Issued
) -> None:
    scan = record(issued.paper, by=cast.giver)
    assert papers.open_signed(by=cast.auditor, signed_uuid=scan.uuid) == PICTURE
    assert len(entries(done.programme, "paper.opened", by=cast.auditor)) == 1
    with pytest.raises(NotFound):
        papers.open_signed(by=cast.stranger, signed_uuid=scan.uuid)
    with pytest.raises(NotAllowed):
        papers.open_signed(by=cast.receiver_reporter, signed_uuid=scan.uuid)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"signatory": " "}, "signatory_incomplete"),
        ({"capacity": ""}, "signatory_incomplete"),
        ({"mandate_act": ""}, "signatory_incomplete"),
        ({"signed_on": dt.date(2024, 6, 4)}, "in_the_future"),
        ({"content": b"MZ not a scan"}, "no_scan"),
        ({"legal_act_uuid": uuid4()}, "not_found"),
    ],
)
def test_what_a_signed_paper_counts_by_is_asked_for(
    cast: Cast, issued: papers.Issued, said: dict[str, Any], code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        record(issued.paper, by=cast.receiver, **said)
    assert refused.value.code == code


def test_the_paper_itself_without_a_signature_is_no_signed_paper(cast: Cast, issued: papers.Issued) -> None:
    other = signed(issued.composed.pdf, "giver", "The association")
    for content in (issued.composed.pdf, other):
        with pytest.raises(Invalid) as refused:
            record(issued.paper, by=cast.receiver, content=content)
        assert refused.value.code == "paper_unsigned"


def test_the_same_scan_is_recorded_once(cast: Cast, issued: papers.Issued) -> None:
    record(issued.paper, by=cast.receiver)
    with pytest.raises(Refused) as refused:
        record(issued.paper, by=cast.receiver)
    assert refused.value.code == "paper_recorded"


def test_who_signs_for_no_side_records_nothing(cast: Cast, issued: papers.Issued) -> None:
    for actor, expected in (
        (cast.donor, NotAllowed),
        (cast.receiver_officer, NotAllowed),
        (cast.auditor, NotAllowed),
        (cast.stranger, NotFound),
    ):
        with pytest.raises(expected):
            record(issued.paper, by=actor)


@pytest.mark.django_db(transaction=True)
def test_a_paper_that_is_changed_in_the_database_is_found(
    cast: Cast, done: Transfer, owner_sql: OwnerSql
) -> None:
    paper = papers.issue(by=cast.receiver, transfer_uuid=done.uuid, kind=PaperKind.PROTOCOL).paper
    record(paper, by=cast.receiver)
    for table, change in (
        ("handover_paper", f"SET sha256 = '{'0' * 64}'"),
        ("handover_signedpaper", "SET signatory = 'Somebody else'"),
    ):
        owner_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        owner_sql(f"UPDATE {table} {change}")
        owner_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    with asking(cast.auditor):
        found = [item.code for item in verify_programme(done.programme)]
    assert found == ["paper_changed", "paper_changed"]


# --- checking ----------------------------------------------------------------------------------------------------


def test_a_paper_signed_by_both_sides_holds(cast: Cast, issued: papers.Issued) -> None:
    once = signed(issued.composed.pdf, "giver", "The association's seal")
    twice = signed(once, "receiver", "The mayor's office")
    checked = check(cast.giver, twice)
    assert checked.holds
    assert checked.paper == issued.paper
    assert checked.codes == (
        "issued",
        "signed",
        "signed_further",
        "signed",
        "trust_not_checked",
        "proof_agrees",
        "agrees",
    )
    assert [item.subject for item in checked.signatures] == [
        "Common Name: The association's seal",
        "Common Name: The mayor's office",
    ]
    assert not any(item.trusted for item in checked.signatures)


def test_a_chain_is_called_trusted_only_by_a_list(cast: Cast, issued: papers.Issued) -> None:
    file = signed(issued.composed.pdf, "giver", "The association's seal")
    with override_settings(TRUSTED_SIGNERS=certificate("The association's seal")):
        assert "trusted" in check(cast.giver, file).codes
    with override_settings(TRUSTED_SIGNERS=certificate("Somebody else")):
        codes = check(cast.giver, file).codes
        assert "not_trusted" in codes
        assert "trusted" not in codes


def test_an_unsigned_paper_is_the_one_that_was_issued_and_says_so(cast: Cast, issued: papers.Issued) -> None:
    checked = check(cast.receiver, issued.composed.pdf)
    assert checked.codes == ("issued", "not_signed", "proof_agrees", "agrees")


def test_one_changed_byte_is_told(cast: Cast, issued: papers.Issued) -> None:
    file = bytearray(signed(issued.composed.pdf, "giver", "The association's seal"))
    at = file.index(b"/MediaBox") + 11
    file[at] ^= 1
    checked = check(cast.giver, bytes(file))
    assert not checked.holds
    assert checked.paper is None
    assert {"not_issued", "changed_since_signing"} <= set(checked.codes)


def drawn_over(pdf: bytes) -> bytes:
    """Draw over the first page in a further revision, as one who forges figures would."""
    writer: Any = IncrementalPdfFileWriter(io.BytesIO(pdf))
    writer.add_stream_to_page(0, writer.add_object(StreamObject(stream_data=b"0 0 300 300 re f")))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_what_was_added_before_a_signature_is_told(cast: Cast, issued: papers.Issued) -> None:
    """The signature itself is whole: it covers the forgery."""
    forged = signed(drawn_over(issued.composed.pdf), "giver", "The association's seal")
    checked = check(cast.giver, forged)
    assert "changed_since_issued" in checked.codes
    assert not checked.holds
    with pytest.raises(Invalid) as refused:
        record(issued.paper, by=cast.giver, content=forged)
    assert refused.value.code == "paper_tampered"


def test_what_was_added_after_a_signature_is_told(cast: Cast, issued: papers.Issued) -> None:
    checked = check(cast.giver, drawn_over(signed(issued.composed.pdf, "giver", "The association's seal")))
    assert {"changed_since_issued", "changed_after_signing"} <= set(checked.codes)
    assert not checked.holds


def test_another_document_behind_the_papers_bytes_is_told(cast: Cast, issued: papers.Issued) -> None:
    """Its cross-references pass the paper by: the bytes are there, and another document is shown."""
    other = drawn_over(issued.composed.pdf)
    shift = len(issued.composed.pdf)
    reader = pypdf.PdfReader(io.BytesIO(other))
    writer = pypdf.PdfWriter()
    writer.append(reader)
    out = io.BytesIO()
    writer.write(out)
    alien = _shifted(out.getvalue(), shift)
    assert "changed_since_issued" in check(cast.giver, issued.composed.pdf + alien).codes


def _shifted(pdf: bytes, by: int) -> bytes:
    """Move every offset of a file with a plain cross-reference table, so that it stands behind other bytes."""
    start = pdf.rindex(b"xref\n", 0, pdf.rindex(b"startxref"))
    head, tail = pdf[:start], pdf[start:]
    lines = tail.split(b"\n")
    moved = [
        b"%010d%b" % (int(line[:10]) + by, line[10:]) if line[10:18] == b" 00000 n" else line
        for line in lines
    ]
    at = moved.index(b"startxref") + 1
    moved[at] = b"%d" % (int(moved[at]) + by)
    return head + b"\n".join(moved)


def test_a_record_that_went_on_is_told_and_the_paper_still_holds(
    cast: Cast, done: Transfer, issued: papers.Issued
) -> None:
    executions.countersign(by=cast.giver, transfer_uuid=done.uuid)
    checked = check(cast.giver, issued.composed.pdf)
    assert checked.holds
    assert "added_since" in checked.codes
    assert "agrees" not in checked.codes


def test_a_draft_is_told_as_one(cast: Cast, programme: Programme) -> None:
    transfer = stories.ready(cast, programme)
    with asking(cast.giver):
        draft = protocol(cast.giver, transfer.uuid)
    checked = check(cast.giver, draft)
    assert "draft" in checked.codes
    assert not checked.holds


def test_a_stranger_learns_nothing_of_the_paper(cast: Cast, issued: papers.Issued) -> None:
    checked = check(cast.stranger, issued.composed.pdf)
    assert checked.codes == ("not_issued", "not_signed", "nothing_to_compare")
    assert checked.paper is None
    assert checked.reference == ""


def hostile() -> Iterator[tuple[str, bytes, str]]:
    """Give files that no reader should have to read, and what is said of them."""
    yield "empty", b"", "no_pdf"
    yield "no PDF", b"PK\x03\x04" * 100, "no_pdf"
    yield "a head alone", b"%PDF-1.7\n", "paper_unreadable"
    yield "brackets", b"%PDF-1.7\n" + b"[" * 500_000, "paper_unreadable"
    yield "itself", b"%PDF-1.7\ntrailer<</Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF", "paper_unreadable"
    yield "ends of files", b"%PDF-1.7\n" + b"%%EOF\n" * 50_000, "paper_unreadable"


@pytest.mark.parametrize(
    ("file", "code"), [item[1:] for item in hostile()], ids=[item[0] for item in hostile()]
)
def test_a_hostile_file_is_refused_in_one_sentence(cast: Cast, file: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(cast.giver, file)
    assert refused.value.code == code


def test_a_file_that_is_too_large_is_not_read(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        check(cast.giver, b"%PDF-1.7" + bytes(uploads.LARGEST))
    assert refused.value.code == "paper_too_large"


def test_nothing_of_a_check_is_written(cast: Cast, issued: papers.Issued) -> None:
    before = LedgerEntry.objects.count()
    check(cast.giver, issued.composed.pdf)
    assert LedgerEntry.objects.count() == before
