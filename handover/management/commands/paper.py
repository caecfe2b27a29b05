"""`handover paper`: protocol, annexes and continuity proof as PDF; what came back signed; a check of a signed file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from handover.access import asking
from handover.actions import papers as actions
from handover.errors import Invalid
from handover.management.base import Call, Steps, StepsCommand, Told, argument
from handover.management.files import write_whole
from handover.management.finding import day, transfer_named
from handover.management.tables import table
from handover.models import LegalAct, Paper, SignedPaper, Transfer
from handover.models.papers import PaperKind
from handover.papers import uploads
from handover.queries import paper_checks, papers
from handover.queries.paper_blocks import CODES
from handover.queries.paper_checks import BAD, GOOD, Checked
from handover.queries.paper_facts import reference
from handover.terminal import done, fitted, wrong

TRANSFER = argument(
    "transfer", metavar="TRANSFER", help="reference number, UUID, or its first 8 or more characters"
)
TO = argument("--to", type=Path, required=True, metavar="FILE", help="where the PDF is written")
LANGUAGE = argument(
    "--language",
    action="append",
    default=[],
    choices=list(CODES),
    help="a language of the paper, twice for two; left out: those of both sides",
)
FILE = argument("file", type=Path, metavar="FILE", help="the PDF")

steps = Steps()


def _named(call: Call) -> Transfer:
    """Find the transfer that a call names, by its reference number too."""
    return transfer_named(call.by, call["transfer"].strip().lower().removeprefix("ho-"))


@steps.add("protocol", TRANSFER, TO, LANGUAGE)
def protocol(call: Call) -> Told:
    """Write the handover protocol as PDF. Before the handover it is a draft; afterwards, for a side of it, the paper is
    issued: its digest is recorded, so that it is known again when it comes back signed."""
    return _written(call, PaperKind.PROTOCOL)


@steps.add("annexes", TRANSFER, TO, LANGUAGE)
def annexes(call: Call) -> Told:
    """Write the annexes as one PDF; issued as the protocol is."""
    return _written(call, PaperKind.ANNEXES)


@steps.add("proof", TRANSFER, TO, LANGUAGE)
def proof(call: Call) -> Told:
    """Write the continuity proof as PDF, with the proof itself inside for machines; issued as the protocol is."""
    return _written(call, PaperKind.PROOF)


def _written(call: Call, kind: PaperKind) -> Told:
    with asking(call.by):
        found = _named(call)
        side = call.by.organisation.pk in (found.giver_id, found.receiver_id)
        draft = found.executed_at is None
    if side and not draft:
        issued = actions.issue(by=call.by, transfer_uuid=found.uuid, kind=kind, languages=call["language"])
        paper, composed = issued.paper, issued.composed
    else:
        with asking(call.by):
            paper, composed = None, papers.composed(call.by, found.uuid, kind, call["language"])
    write_whole(call["to"], composed.pdf)
    if paper is not None:
        state = f"issued as paper {paper.uuid}"
    else:
        state = "a draft: nothing has been handed over yet" if draft else "a copy to read: a side issues it"
    return Told(
        {
            "reference": reference(found),
            "kind": kind.value,
            "languages": list(composed.languages),
            "file": str(call["to"]),
            "sha256": composed.sha256,
            "digest": composed.digest,
            "draft": composed.draft,
            "paper": paper.uuid if paper else None,
        },
        [
            f"Written to {call['to']}: {kind.label} of {reference(found)} ({len(composed.pdf)} bytes).",
            f"  {state}",
            f"  every page bears SHA-256 {composed.digest}",
        ],
    )


@steps.add("list", TRANSFER, reads=True)
def list_all(call: Call) -> Told:
    """List the papers of a transfer that were issued, and what came back signed."""
    found = _named(call)
    rows = papers.issued(call.by, found.uuid)
    cells = [
        (
            str(row.uuid)[:8],
            str(row.kind),
            "+".join(row.languages),
            f"{row.issued_at:%Y-%m-%d}",
            row.organisation.slug,
            ", ".join(_signed(item) for item in row.signed.all()) or "nobody yet",
        )
        for row in rows
    ]
    head = ("PAPER", "KIND", "IN", "ISSUED", "BY", "SIGNED")
    return Told(
        {
            "reference": reference(found),
            "papers": [
                {
                    **papers.paper_facts(row),
                    "signed": [papers.signed_facts(item) for item in row.signed.all()],
                }
                for row in rows
            ],
        },
        [*table(head, cells, empty="No paper of this transfer has been issued.")],
    )


def _signed(item: SignedPaper) -> str:
    return f"{item.side} {item.get_form_display()} {item.signed_on}"


@steps.add("check", FILE)
def check(call: Call) -> Told:
    """Check a paper that somebody brought: is it the one that was issued, unchanged since signing, who signed, and does
    it still say what the record says."""
    content = _content(call["file"], uploads.LARGEST)
    with asking(call.by), call.patience("Reading the file"):
        checked = paper_checks.check(call.by, content)
    return Told(
        {
            "holds": checked.holds,
            "reference": checked.reference,
            "paper": checked.paper.uuid if checked.paper else None,
            "sha256": checked.sha256,
            "words": [word.as_json() for word in checked.words],
            "signatures": [vars(item) for item in checked.signatures],
        },
        [*fitted(_lines(checked))],
        found="" if checked.holds else "This paper does not hold: see above.",
    )


def _lines(checked: Checked) -> Iterator[str]:
    marks = {GOOD: done(), BAD: wrong()}
    for word in checked.words:
        yield f"{marks.get(word.weight, '·')} {word.sentence} [{word.code}]"


@steps.add(
    "record",
    argument(
        "paper", metavar="PAPER", help="UUID, or its first 8 or more characters: see `handover paper list`"
    ),
    FILE,
    argument("--signatory", required=True, metavar="TEXT", help="who signed, as it stands under the paper"),
    argument("--function", required=True, metavar="TEXT", help="in which function: mayor, president …"),
    argument(
        "--mandate", required=True, metavar="TEXT", help="act that gives the mandate: kind, number, date"
    ),
    argument("--signed-on", type=day, required=True, metavar="DATE", help="the day of the signature"),
    argument("--legal-act", metavar="ACT", help="the same act where the programme keeps it: its number"),
)
def record(call: Call) -> Told:
    """Record that your side has signed: give the scan of the paper, or the file with the electronic signature."""
    content = _content(call["file"], uploads.LARGEST)
    with asking(call.by):
        paper = _paper(call["paper"])
        act = _legal_act(paper, call["legal_act"]) if call["legal_act"] else None
    signed = actions.record_signed(
        by=call.by,
        paper_uuid=paper.uuid,
        content=content,
        signatory=call["signatory"],
        capacity=call["function"],
        mandate_act=call["mandate"],
        signed_on=call["signed_on"],
        legal_act_uuid=act.uuid if act else None,
    )
    return Told(
        {"signed": papers.signed_facts(signed)},
        [
            f"Recorded: the {signed.side} has signed {signed.get_form_display()} on {signed.signed_on}.",
            f"  SHA-256 of the file: {signed.file.sha256}",
        ],
    )


def _paper(key: str) -> Paper:
    typed = key.strip().lower()
    rows: list[Paper] = []
    if len(typed) >= 8 and not set(typed) - set("0123456789abcdef-"):
        rows = list(Paper.objects.filter(uuid__startswith=typed).select_related("transfer__programme")[:2])
    if len(rows) != 1:
        raise Invalid(
            "unknown_paper",
            f"There is no one paper “{key}”: `handover paper list` names them.",
            field="paper",
        )
    return rows[0]


def _legal_act(paper: Paper, number: str) -> LegalAct:
    rows = list(LegalAct.objects.filter(programme=paper.programme_id, number=number)[:2])
    if len(rows) != 1:
        raise Invalid("unknown_legal_act", f"The programme keeps no one act “{number}”.", field="legal_act")
    return rows[0]


def _content(path: Path, largest: int) -> bytes:
    """Read a file, but no more than is taken: the rest only shows that it is too large."""
    with path.open("rb") as file:
        return file.read(largest + 1)


class Command(StepsCommand):
    """Write, check and record the papers of a handover."""

    help = (
        "The papers of a handover: write the protocol, the annexes and the continuity proof as PDF, in the languages "
        "of both sides; check a signed file; record what came back signed, on paper or electronically."
    )
    steps = steps
