"""The words of the handover protocol, and of what all papers have in common, in the language that is active."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext, pgettext

from handover.languages import counted, day, number, short_day, translated
from handover.models.annexes import AnnexDecision, AnnexKind
from handover.models.legal_acts import LegalActKind
from handover.models.milestones import MilestoneKind, Side
from handover.models.responsibilities import Phase, ResponsibilityKind
from handover.models.signoffs import Decision, SignOffSubject
from handover.models.transfers import KeepKind
from handover.names import said
from handover.papers import fields
from handover.queries.paper_blocks import Block, Facts, heading, lines, mono, pairs, paragraph, table

# --- what all papers begin with ----------------------------------------------------------------------------------


def opening(facts: Facts) -> list[Block]:
    """Say which handover a paper belongs to, and between whom."""
    transfer = facts["transfer"]
    known = [
        (gettext("Reference number of the handover"), facts["reference"]),
        (
            gettext("Programme"),
            lines([*_titles(facts["programme"]["title"]), facts["programme"]["identifier"]]),
        ),
        (gettext("Transfer"), transfer["title"]),
        (gettext("Hands over"), facts["giver"]["name"]),
        (gettext("Takes over"), facts["receiver"]["name"]),
        (
            gettext("Day of the handover"),
            day(transfer["executed_on"]) if transfer["executed_on"] else gettext("not yet"),
        ),
    ]
    if transfer["reverses"]:
        known.append((gettext("Gives back the handover"), transfer["reverses"]))
    return [pairs(known)]


def warning() -> str:
    """Say what a draft is worth."""
    return gettext(
        "This is a draft. Nothing has been handed over yet, and what stands here can still change. Do not sign it."
    )


def _titles(narratives: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(item["text"] for item in narratives))


# --- protocol ----------------------------------------------------------------------------------------------------


def protocol(facts: Facts) -> list[Block]:
    """Write the handover protocol."""
    return [
        *opening(facts),
        *_parties(facts),
        *_responsibilities(facts),
        *_legal_acts(facts),
        *_milestones(facts),
        *_keeps(facts),
        *_annexes(facts),
        heading(gettext("Signed in the programme's own record")),
        signatures(facts["signatures"]),
        *ledger(facts),
        *_signing(facts),
    ]


def _parties(facts: Facts) -> list[Block]:
    blocks = [heading(gettext("Who hands over and who takes over"))]
    for side, title in (("giver", gettext("Hands over")), ("receiver", gettext("Takes over"))):
        party = facts[side]
        blocks += [heading(title, 3), pairs(_party(party))]
    return blocks


def _party(party: Facts) -> list[tuple[str, Any]]:
    rows = [(gettext("Organisation"), party["name"])]
    if party["registration_number"]:
        rows.append((gettext("Registration number"), party["registration_number"]))
    unknown = gettext("not recorded: written by hand with the signature")
    rows.append((gettext("Represented by (function)"), party["capacity"] or unknown))
    rows.append((gettext("Act that gives the mandate"), party["mandate_act"] or unknown))
    return rows


def _responsibilities(facts: Facts) -> list[Block]:
    rows = [
        [
            item["title"],
            translated(ResponsibilityKind(item["kind"]).label),
            translated(Phase(item["phase"]).label) if item["phase"] else gettext("given back"),
            _when(item),
            item["provider_after"] or facts["receiver"]["name"],
            gettext("moves too") if item["moves_debtor"] else gettext("stays where it is"),
        ]
        for item in facts["responsibilities"]
    ]
    head = [
        gettext("Responsibility"),
        pgettext("kind of a responsibility", "Kind"),
        gettext("How the giver's part ends"),
        gettext("Since"),
        gettext("Delivered afterwards by"),
        gettext("Answerable to the donor"),
    ]
    steward = (
        gettext("%(receiver)s becomes the steward of the programme and answers for it as a whole.")
        if facts["transfer"]["lead"]
        else gettext("The steward of the programme stays the same.")
    ) % {"receiver": facts["receiver"]["name"]}
    return [
        heading(gettext("What changes hands")),
        paragraph(steward),
        table(head, rows, widths=[5, 3, 3, 3, 4, 3]),
    ]


def _when(item: Facts) -> str:
    if item["moved_on"]:
        return short_day(item["moved_on"])
    if item["milestone"]:
        return gettext("with the step “%(milestone)s”") % {"milestone": item["milestone"]}
    return gettext("with the handover")


def _legal_acts(facts: Facts) -> list[Block]:
    if not facts["legal_acts"]:
        return []
    head = [gettext("Act"), gettext("Dated"), gettext("Issued by")]
    rows = [[_act(act), short_day(act["dated"]), act["issuer"]] for act in facts["legal_acts"]]
    return [heading(gettext("Legal acts on which it rests")), table(head, rows, widths=[5, 3, 4])]


def _act(act: Facts) -> str:
    kind = translated(LegalActKind(act["kind"]).label)
    title = f": {act['title']}" if act["title"] else ""
    return f"{kind} {act['number']}{title}"


def _milestones(facts: Facts) -> list[Block]:
    if not facts["milestones"]:
        return []
    acts = {str(act["uuid"]): act for act in facts["legal_acts"]}
    rows = [
        [
            lines([item["title"], translated(MilestoneKind(item["kind"]).label)]),
            short_day(item["done_on"])
            if item["done_on"]
            else gettext("not done; due on %(day)s") % {"day": short_day(item["due_on"])},
            lines(_evidence(item, acts)),
            lines(text for signed in item["signatures"] for text in _signature(signed)),
        ]
        for item in facts["milestones"]
    ]
    head = [gettext("Step"), gettext("Done"), gettext("Evidence"), gettext("Signatures")]
    return [
        heading(gettext("Transfer milestones, their evidence and who signed them")),
        table(head, rows, widths=[5, 3, 5, 6]),
    ]


def _evidence(item: Facts, acts: Mapping[str, Facts]) -> Iterable[Any]:
    if item["legal_act"]:
        yield _act(acts[str(item["legal_act"])])
    for piece in item["evidence"]:
        yield piece["title"]
        if piece["sha256"]:
            yield mono(f"SHA-256 {piece['sha256'][:16]}…")
        elif piece["link"]:
            yield piece["link"]


def _signature(signed: Facts) -> Iterable[str]:
    """Tell a sign-off: who, for which side, on which day, and what it says."""
    who = (said(signed["signatory"]), signed["capacity"], signed["organisation"])
    yield ", ".join(part for part in who if part)
    yield gettext("%(side)s, %(day)s: %(decision)s") % {
        "side": translated(Side(signed["side"]).label),
        "day": short_day(signed["signed_on"]),
        "decision": translated(Decision(signed["decision"]).label),
    }
    if signed["remark"]:
        yield f"“{signed['remark']}”"


def signatures(given: Sequence[Facts]) -> Block:
    """Tell the sign-offs that the record holds."""
    if not given:
        return paragraph(gettext("Nobody has signed yet."))
    head = [gettext("What was signed"), gettext("By whom"), gettext("Mandate")]
    rows = [
        [
            translated(SignOffSubject(item["subject"]).label),
            lines(_signature(item)),
            item["mandate_act"] or "–",
        ]
        for item in given
    ]
    return table(head, rows, widths=[3, 7, 4])


def _keeps(facts: Facts) -> list[Block]:
    transfer = facts["transfer"]
    head = [gettext("What the giver keeps"), gettext("Last day")]
    rows = [[_keep(keep), day(keep["until"])] for keep in facts["keeps"]]
    rows.append(
        [gettext("Keeps its own records, by the giver's retention rules"), day(transfer["retention_until"])]
    )
    blocks = [heading(gettext("What the giver keeps, and until when")), table(head, rows, widths=[4, 2])]
    if transfer["give_back_days"]:
        within = counted("%(count)s day", "%(count)s days", transfer["give_back_days"])
        sentence = gettext("Both sides together can give it back within %(days)s of the handover.")
        blocks.append(paragraph(sentence % {"days": within}))
    return blocks


def _keep(keep: Facts) -> str:
    said = translated(KeepKind(keep["kind"]).label)
    if keep["kind"] != KeepKind.OWED_RESULTS:
        return said
    return f"{said} ({counted('%(count)s indicator', '%(count)s indicators', keep['indicators'])})"


def _annexes(facts: Facts) -> list[Block]:
    if not facts["annexes"]:
        return []
    decisions = list(AnnexDecision)
    head = [gettext("Annex"), *(translated(decision.label) for decision in decisions)]
    rows = [
        [translated(AnnexKind(item["kind"]).label), *(number(item[decision.value]) for decision in decisions)]
        for item in facts["annexes"]
    ]
    blocks = [
        heading(gettext("Annexes")),
        paragraph(
            gettext(
                "How many lines each annex has, by the receiver's answer. The annexes are a paper of their own."
            )
        ),
        table(head, rows, widths=[4, 3, 3, 4, 3], figures=[1, 2, 3, 4]),
    ]
    if facts["reservations"]:
        head = [
            gettext("Line"),
            gettext("Reservation"),
            gettext("Who settles it"),
            gettext("To be settled by"),
        ]
        rows = [
            [line["text"], line["reservation"], line["owner"] or "–", short_day(line["deadline"])]
            for line in facts["reservations"]
        ]
        blocks += [heading(gettext("Accepted with reservation"), 3), table(head, rows, widths=[5, 5, 3, 3])]
    return blocks


def ledger(facts: Facts) -> list[Block]:
    """Say by what a paper is held against the programme's record."""
    word = facts["ledger"]
    rows: list[tuple[str, Any]] = [(gettext("Programme's record"), mono(str(word["chain"])))]
    if word["plan"]:
        rows.append((gettext("The plan that both sides signed (SHA-256)"), mono(word["plan"])))
    if word["proof"]:
        rows.append((gettext("Continuity proof (SHA-256)"), mono(word["proof"])))
    if word["entry"]:
        rows.append((gettext("Entry of the handover"), number(word["entry"]["seq"])))
        rows.append((gettext("The entry's hash"), mono(word["entry"]["hash"].hex())))
    if word["checkpoint"]:
        rows.append((gettext("Checkpoint that covers it"), number(word["checkpoint"]["size"])))
        rows.append((gettext("The checkpoint's root"), mono(word["checkpoint"]["root"].hex())))
        rows.append((gettext("Fingerprint of the installation's key"), mono(word["checkpoint"]["key"])))
    said = gettext(
        "The figures below let anybody find out whether this paper says what the record says. Every page bears the "
        "reference number and the digest of what this paper says."
    )
    return [heading(gettext("By what this paper can be checked")), paragraph(said), pairs(rows)]


def _signing(facts: Facts) -> list[Block]:
    if facts["draft"]:
        return []
    said = gettext(
        "This protocol may be signed by hand or electronically: both are worth the same. Whoever signs by hand signs "
        "here; the signed pages are then scanned and recorded, with the signatory's function and the act that gives "
        "the mandate."
    )
    return [
        {"kind": "page"},
        heading(gettext("Signatures")),
        paragraph(said),
        _place(fields.GIVER, gettext("Hands over"), facts["giver"]),
        _place(fields.RECEIVER, gettext("Takes over"), facts["receiver"]),
    ]


def _place(field: str, side: str, party: Facts) -> Block:
    rows = [[gettext("Organisation"), party["name"]]]
    if party["capacity"]:
        rows.append([gettext("Function"), party["capacity"]])
    if party["mandate_act"]:
        rows.append([gettext("Act that gives the mandate"), party["mandate_act"]])
    blanks = [gettext("Name"), gettext("Day")]
    if not party["capacity"]:
        blanks += [gettext("Function and act that gives the mandate")]
    return {
        "kind": "signature",
        "field": field,
        "side": side,
        "rows": rows,
        "blanks": blanks,
        "signature": gettext("Signature and seal"),
        "width": 230,
        "height": 70,
    }


def field_names() -> dict[str, str]:
    """Give what the two signature fields are called for who hears the paper read."""
    return {
        fields.GIVER: gettext("Signature of the side that hands over"),
        fields.RECEIVER: gettext("Signature of the side that takes over"),
    }
