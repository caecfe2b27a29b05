"""Evidence, signatures, execution, and giving back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from handover.access import asking
from handover.actions import evidence as evidences
from handover.actions import executions, giving_back, milestones
from handover.errors import Invalid
from handover.management.base import Call, Steps, Told, argument
from handover.management.finding import day, milestone_named, user_named
from handover.management.transfer.planning import MILESTONE
from handover.management.transfer.showing import REASON, TRANSFER, named, told_after, told_proof
from handover.models import Proof, Transfer, TransferMilestone
from handover.models.signoffs import Decision

CHUNK = 1024 * 1024
TITLE = 300
KEY = 80

steps = Steps()


@steps.add(
    "evidence",
    TRANSFER,
    argument("file", nargs="?", type=Path, metavar="FILE"),
    argument("--link", default="", metavar="URL", help="instead of a file"),
    MILESTONE,
    argument(
        "--title", default="", metavar="TEXT", help="what it is; the file's name or the link, if left out"
    ),
    argument(
        "--names-people", action="store_true", help="it names people: it then opens to named verifiers only"
    ),
    argument("--erase-after", type=day, metavar="DATE", help="last day of a file that names people"),
    argument(
        "--verifier", action="append", default=[], metavar="EMAIL", help="who may open it; may be repeated"
    ),
)
def evidence(call: Call) -> Told:
    """Add a file or a link to a milestone. New evidence voids the signatures that were given without it."""
    file: Path | None = call["file"]
    if (file is None) == (not call["link"]):
        raise Invalid("file_or_link", "Give either a FILE or --link URL.", field="file")
    if call["verifier"] and not call["names_people"]:
        raise Invalid("usage", "--verifier goes with --names-people.")
    found = named(call)
    verifiers = [user_named(email) for email in call["verifier"]]
    title = call["title"].strip() or (file.name if file else call["link"])
    with asking(call.by):
        milestone = milestone_named(found, call["milestone"])
        made = evidences.add(
            by=call.by,
            milestone_uuid=milestone.uuid,
            title=title[:TITLE] if not call["title"] else title,
            content=_chunks(file) if file else None,
            filename=file.name if file else "",
            link=call["link"],
            names_people=call["names_people"],
            erase_after=call["erase_after"],
        )
        for user in verifiers:
            evidences.name_verifier(by=call.by, evidence_uuid=made.uuid, user=user, until=call["erase_after"])
    digest = made.file.sha256 if made.file else None
    lines = [f"SHA-256 {digest}, {made.file.size} bytes"] if made.file else [made.link]
    if made.erase_after:
        lines.append(f"It is erased after {made.erase_after}; it opens to: {_names(call['verifier'])}")
    return told_after(
        call,
        found,
        f"“{made.title}” is evidence for “{milestone.title}”.",
        *lines,
        evidence={"uuid": made.uuid, "title": made.title, "sha256": digest, "link": made.link},
    )


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _names(emails: list[str]) -> str:
    return ", ".join(emails) or "nobody yet"


@steps.add(
    "sign",
    TRANSFER,
    MILESTONE,
    argument("--objects", metavar="TEXT", help="object instead, in these words: the milestone stays open"),
    argument("--with-dissent", metavar="TEXT", help="sign, with a dissent in these words on record"),
)
def sign(call: Call) -> Told:
    """Sign a milestone for your side. The last signature that was missing completes it and moves what it moves."""
    if call["objects"] is not None and call["with_dissent"] is not None:
        raise Invalid("usage", "Give either --objects or --with-dissent.")
    decision, remark = Decision.AGREES, ""
    if call["objects"] is not None:
        decision, remark = Decision.OBJECTS, call["objects"]
    elif call["with_dissent"] is not None:
        decision, remark = Decision.AGREES_WITH_DISSENT, call["with_dissent"]
    found = named(call)
    with asking(call.by):
        milestone = milestone_named(found, call["milestone"])
    signed = milestones.sign(by=call.by, milestone_uuid=milestone.uuid, decision=decision, remark=remark)
    word = (
        f"The {signed.side} objects to" if decision is Decision.OBJECTS else f"Signed for the {signed.side}:"
    )
    return told_after(
        call,
        found,
        f"{word} “{milestone.title}”.",
        *_done(call, milestone),
        signoff={
            "uuid": signed.uuid,
            "side": signed.side,
            "decision": signed.decision,
            "digest": signed.digest,
        },
    )


def _done(call: Call, milestone: TransferMilestone) -> list[str]:
    with asking(call.by):
        now = TransferMilestone.objects.filter(pk=milestone.pk, done_at__isnull=False).first()
        if now is None:
            return []
        titles = [
            item.responsibility.title for item in now.moves.select_related("responsibility").order_by("id")
        ]
    return ["the milestone is done", *(f"moved: {title}" for title in titles)]


@steps.add(
    "execute",
    TRANSFER,
    argument(
        "--key", default="", metavar="KEY", help="of your choice: the same key again gives the same proof"
    ),
)
def execute(call: Call) -> Told:
    """Execute an accepted transfer for the receiver, in one transaction, and print the continuity proof."""
    if len(call["key"]) > KEY:
        raise Invalid("key_too_long", f"A key has at most {KEY} characters.", field="key")
    found = named(call)
    with call.patience(f"Executing “{found.title}”: counting, moving, counting again"):
        proof = executions.execute(by=call.by, transfer_uuid=found.uuid, key=call["key"])
    return told_proof(call, proof, "The transfer is executed.")


@steps.add("countersign", TRANSFER)
def countersign(call: Call) -> Told:
    """Sign the continuity proof of an executed transfer for the other side."""
    found = named(call)
    executions.countersign(by=call.by, transfer_uuid=found.uuid)
    return told_proof(call, _proof(call, found), "The proof is signed by both sides.")


def _proof(call: Call, transfer: Transfer) -> Proof:
    with asking(call.by):
        return Proof.objects.select_related("transfer").get(transfer=transfer)


@steps.add("give-back", TRANSFER, REASON)
def give_back(call: Call) -> Told:
    """Sign giving back for your side; the second side's signature carries it out and proves it."""
    found = named(call)
    with call.patience(f"Giving back “{found.title}”"):
        _, reversal = giving_back.give_back(by=call.by, transfer_uuid=found.uuid, reason=call["reason"])
    if reversal is None:
        return told_after(call, found, "Giving back is signed for your side; the other side must sign too.")
    return told_proof(call, _proof(call, reversal), "The transfer is given back.")
