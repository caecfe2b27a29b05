"""Papers as PDF: what they say, in whose languages, by which standards; the same state gives the same bytes."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from typing import Any

import pypdf
import pytest
from hypothesis import given
from hypothesis.strategies import text

from handover.access import Actor, asking
from handover.actions import executions, giving_back, transfers
from handover.canonical import text_digest
from handover.errors import Broken, Invalid, NotFound, Refused
from handover.models import Checkpoint, Programme, Proof, Transfer
from handover.models.annexes import AnnexKind
from handover.models.papers import PaperKind
from handover.papers import letters
from handover.papers.typesetting import Sheet, set_as_pdf
from handover.queries import paper_blocks, papers
from handover.queries.paper_facts import reference
from tests.factories import registers
from tests.factories import transfers as stories
from tests.factories.cast import TODAY, Cast

LETTERS = "ăâîșțĂÂÎȘȚąčęėįšųūžĄČĘĖĮŠŲŪŽ"


def read(pdf: bytes) -> pypdf.PdfReader:
    """Let somebody else's reader read a PDF."""
    return pypdf.PdfReader(io.BytesIO(pdf), strict=True)


def text_of(pdf: bytes) -> str:
    """Give the words of all pages, in one line."""
    return " ".join(" ".join(page.extract_text() for page in read(pdf).pages).split())


@pytest.fixture
def done(cast: Cast, programme: Programme) -> Transfer:
    """Give a transfer that was executed, with an annex line with a letter of each language."""
    drawn = stories.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    transfers.list_in_annex(
        by=cast.giver,
        transfer_uuid=drawn.uuid,
        lines=[
            (AnnexKind.EQUIPMENT, f"Van {LETTERS}", None),
            (AnnexKind.OPEN_POINTS, "Keys of the hall", None),
        ],
    )
    stories.agreed(drawn, by=cast.giver, receiver=cast.receiver)
    stories.signed(drawn, cast)
    executions.execute(by=cast.receiver, transfer_uuid=drawn.uuid, key="test")
    return stories.read(drawn, by=cast.giver)


def made(by: Actor, transfer: Transfer, kind: str, *languages: str) -> bytes:
    """Set a paper in somebody's name."""
    with asking(by):
        pdf: bytes = getattr(papers, kind)(by, transfer.uuid, languages)
    return pdf


# --- letters and standards ---------------------------------------------------------------------------------------


def sheet(**said: Any) -> Sheet:
    """Give a paper of one paragraph."""
    known: dict[str, Any] = {
        "title": ["A paper"],
        "languages": ["en"],
        "author": "Somebody",
        "reference": "HO-12345678",
        "digest": "0" * 64,
        "page": ["Page {page} of {pages}"],
        "blocks": [paper_blocks.joined([paper_blocks.paragraph("Nothing")])],
    }
    return Sheet(**{**known, **said})


def test_every_letter_that_papers_show_is_in_their_faces() -> None:
    """A missing letter stops the typesetter: all of them in one paper, upright and bold."""
    everything = "".join(
        chr(code)
        for first, last in letters.RANGES
        for code in range(first, last + 1)
        if unicodedata.category(chr(code)) not in ("Cn", "Cf")
    )
    assert set(LETTERS) < set(everything)
    blocks = [
        paper_blocks.paragraph(everything),
        paper_blocks.heading(everything),
        paper_blocks.pairs([("x", "y")]),
    ]
    pdf, _ = set_as_pdf(sheet(blocks=paper_blocks.joined([blocks])), made_at=TODAY)
    shown = text_of(pdf)
    assert all(letter in shown for letter in LETTERS)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("s\u0326coala\nnoua\u0306", "școala nouă"),
        ("a\u200bb\u202ec\x07", "abc"),
        ("漢 and 🏠", f"{letters.UNSHOWN} and {letters.UNSHOWN}"),
        ("#set page(fill: red) *bold* $x$ [ / ] \\", "#set page(fill: red) *bold* $x$ [ / ] \\"),
    ],
)
def test_what_somebody_wrote_never_stops_a_paper(typed: str, shown: str) -> None:
    assert letters.shown(typed) == shown
    pdf, _ = set_as_pdf(sheet(blocks=paper_blocks.joined([[paper_blocks.paragraph(typed)]])), made_at=TODAY)
    assert shown in text_of(pdf)


@given(text())
def test_whatever_is_written_only_letters_of_the_faces_are_shown(typed: str) -> None:
    shown = letters.shown(typed)
    assert letters.shown(shown) == shown
    assert all(any(first <= ord(letter) <= last for first, last in letters.RANGES) for letter in shown)


def test_a_paper_that_would_be_set_with_a_warning_is_not_set() -> None:
    with pytest.raises(Broken) as refused:
        set_as_pdf(sheet(blocks=[{"kind": "heading", "level": 4, "text": ["Skips a level"]}]), made_at=TODAY)
    assert refused.value.code == "paper_not_set"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["protocol", "annexes", "proof"])
def test_a_paper_says_that_it_is_accessible_and_lasts(cast: Cast, done: Transfer, kind: str) -> None:
    pdf = made(cast.giver, done, kind, "ro", "lt")
    reader = read(pdf)
    root: Any = reader.root_object
    metadata = root["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfaid:part>3<", metadata)
    assert re.search(r"pdfaid:conformance>A<", metadata)
    assert re.search(r"pdfuaid:part>1<", metadata)
    assert root["/Lang"] == "ro"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reference(done) in str(reader.metadata.get("/Keywords"))


# --- what they say -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_same_state_gives_the_same_bytes_for_both_sides(cast: Cast, done: Transfer) -> None:
    assert made(cast.giver, done, "protocol", "ro", "lt") == made(cast.receiver, done, "protocol", "ro", "lt")


@pytest.mark.django_db
def test_the_protocol_tells_who_hands_over_what_and_by_which_record(cast: Cast, done: Transfer) -> None:
    said = text_of(made(cast.receiver, done, "protocol", "en"))
    with asking(cast.giver):
        proof = Proof.objects.get(transfer=done)
        checkpoint = Checkpoint.objects.latest()
    for part in (
        reference(done),
        "Handover protocol",
        "XX-TEST-HOME",
        "Giver organisation",
        "Receiver organisation",
        "Day centre",
        "Reporting",
        "3 June 2024",
        "31 December 2029",
        "Manager of giver",
    ):
        assert part in said
    unbroken = said.replace(" ", "")
    assert proof.digest in unbroken
    assert bytes(checkpoint.root).hex() in unbroken
    assert "DRAFT" not in said


@pytest.mark.django_db
def test_every_page_bears_reference_digest_and_number(cast: Cast, done: Transfer) -> None:
    with asking(cast.giver):
        composed = papers.composed(cast.giver, done.uuid, PaperKind.PROTOCOL, ["en"])
    pages = read(composed.pdf).pages
    assert len(pages) > 1
    for number, page in enumerate(pages, 1):
        said = page.extract_text()
        assert reference(done) in said
        assert composed.digest in said.replace("\n", "").replace(" ", "")
        assert f"Page {number} of {len(pages)}" in said


@pytest.mark.django_db
def test_the_annexes_list_what_was_answered_and_who_may_do_what(cast: Cast, done: Transfer) -> None:
    said = text_of(made(cast.giver, done, "annexes", "en"))
    assert f"Van {LETTERS}" in said
    assert "Keys of the hall" in said
    assert "accepted" in said
    assert "Annex: who may do what" in said
    assert "Manager of giver" not in said, "a role, not a person"


@pytest.mark.django_db
def test_the_proof_carries_itself_as_it_was_signed(cast: Cast, done: Transfer) -> None:
    pdf = made(cast.giver, done, "proof", "en", "ro")
    with asking(cast.giver):
        proof = Proof.objects.get(transfer=done)
    inside = read(pdf).attachments
    assert inside[papers.PROOF] == [proof.body.encode()]
    assert text_digest(inside[papers.PROOF][0].decode()) == proof.digest
    told = json.loads(inside[papers.FACTS][0])
    assert told["ledger"]["proof"] == proof.digest
    assert "Everything that the programme holds was the same" in text_of(pdf)


@pytest.mark.django_db
def test_what_a_page_bears_is_the_digest_of_the_file_inside(cast: Cast, done: Transfer) -> None:
    with asking(cast.giver):
        composed = papers.composed(cast.giver, done.uuid, PaperKind.PROTOCOL)
    assert text_digest(read(composed.pdf).attachments[papers.FACTS][0].decode()) == composed.digest


@pytest.mark.django_db
def test_before_the_handover_a_protocol_is_a_draft_that_says_so_and_cannot_be_signed(
    cast: Cast, programme: Programme
) -> None:
    transfer = stories.ready(cast, programme)
    pdf = made(cast.giver, transfer, "protocol", "en")
    said = text_of(pdf)
    assert said.count("DRAFT") >= len(read(pdf).pages)
    assert "Nothing has been handed over yet" in said
    assert "/AcroForm" not in read(pdf).root_object
    with pytest.raises(Refused) as refused:
        made(cast.giver, transfer, "proof")
    assert refused.value.code == "no_proof"


@pytest.mark.django_db
def test_a_giving_back_has_papers_too(cast: Cast, done: Transfer) -> None:
    giving_back.give_back(by=cast.receiver, transfer_uuid=done.uuid, reason="Both want it")
    giving_back.give_back(by=cast.giver, transfer_uuid=done.uuid, reason="Both want it")
    with asking(cast.giver):
        reversal = Transfer.objects.get(reverses=done)
    said = text_of(made(cast.giver, reversal, "protocol", "en"))
    assert reference(done) in said
    assert "Day centre" in said
    assert made(cast.giver, reversal, "proof")


# --- languages and readers ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_two_languages_stand_side_by_side_and_one_stands_alone(cast: Cast, done: Transfer) -> None:
    both = text_of(made(cast.giver, done, "protocol", "ro", "lt"))
    assert "3 iunie 2024" in both
    assert "2024 m. birželio 3 d." in both
    assert "3 June 2024" not in both
    alone = text_of(made(cast.giver, done, "protocol", "lt"))
    assert "3 iunie 2024" not in alone


@pytest.mark.django_db
def test_without_being_asked_a_paper_is_in_the_languages_of_both_sides(cast: Cast, done: Transfer) -> None:
    with asking(cast.giver):
        assert papers.chosen(done) == ("en",)
        done.giver.languages, done.receiver.languages = ["rom", "ro"], ["lt", "en"]
        assert papers.chosen(done) == ("ro", "lt")
        done.giver.languages = ["lt"]
        assert papers.chosen(done) == ("lt",)


@pytest.mark.django_db
@pytest.mark.parametrize("languages", [["fr"], ["en", "ro", "lt"]])
def test_a_language_in_which_no_papers_are_written_is_refused(
    cast: Cast, done: Transfer, languages: list[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        made(cast.giver, done, "protocol", *languages)
    assert refused.value.code == "paper_languages"


@pytest.mark.django_db
def test_a_stranger_gets_no_paper(cast: Cast, done: Transfer) -> None:
    with pytest.raises(NotFound):
        made(cast.stranger, done, "protocol")


@pytest.mark.django_db
def test_lines_of_registers_reach_the_annexes(cast: Cast, programme: Programme) -> None:
    first, *_ = stories.responsibilities_of(programme, by=cast.giver)
    registers.item(first, by=cast.giver, title="Projector")
    transfer = stories.drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)
    transfers.list_holdings(by=cast.giver, transfer_uuid=transfer.uuid)
    assert "Projector" in text_of(made(cast.giver, transfer, "annexes", "en"))
