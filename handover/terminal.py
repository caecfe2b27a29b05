"""What a person reads on a terminal of about a hundred columns: plans, previews, proofs, gates, who can do
what. Plain text; a mark or a heading has colour only where the output is a terminal that wants it.

Functions that take a row of the database read it in the name of whoever asks: call them inside
``access.asking``. Documents are taken as mappings, read from canonical JSON.
"""

from __future__ import annotations

import os
import re
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any, Final

from django.apps import apps

from handover import clock
from handover.errors import Gate
from handover.holdings import Finding
from handover.models import Organisation, Programme, SignOff, Standing, Transfer, TransferMilestone
from handover.models.annexes import AnnexDecision, AnnexKind
from handover.models.milestones import Side
from handover.models.signoffs import Decision, SignOffSubject
from handover.models.transfers import KeepKind
from handover.permissions import Permission, StandingKind
from handover.queries import vote_words
from handover.queries.previews import Holder, exceptions_now, held_now, people

WIDTH: Final = 100
BOLD, DIM, RED, GREEN, YELLOW = "1", "2", "31", "32", "33"
RESET: Final = "\x1b[0m"
DONE, OPEN, WRONG = "✓", "·", "✗"

WORDS: Final[Mapping[Permission, str]] = {
    Permission.VIEW: "read",
    Permission.EXPORT: "export",
    Permission.READ_LEDGER: "verify the ledger",
    Permission.EDIT_PROGRAMME: "edit the programme",
    Permission.MANAGE_STANDINGS: "admit organisations",
    Permission.MANAGE_RESPONSIBILITIES: "define responsibilities",
    Permission.EDIT_RESPONSIBILITY: "keep registers",
    Permission.EDIT_NEEDS: "edit needs",
    Permission.EDIT_INTERVENTIONS: "edit interventions",
    Permission.RECORD_VOICE: "record the community's voice",
    Permission.ASSESS_READINESS: "score readiness",
    Permission.PUBLISH_MODEL: "publish models",
    Permission.DEFINE_INDICATORS: "define indicators",
    Permission.REPORT_VALUES: "report values",
    Permission.APPROVE_VALUES: "approve values",
    Permission.REPORT_OWED: "report owed results",
    Permission.PLAN_TRANSFER: "plan transfers",
    Permission.ANSWER_TRANSFER: "answer transfers",
    Permission.ADD_EVIDENCE: "add evidence",
    Permission.SIGN: "sign",
    Permission.EXECUTE_TRANSFER: "execute transfers",
    Permission.OPEN_AUDIT: "open audits",
    Permission.AUDIT: "audit",
    Permission.ANSWER_AUDIT: "answer audits",
}
"""A permission in two or three words; its sentence is ``Permission.help``."""


CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
COLOURS: Final = re.compile(rf"(\x1b\[(?:0|{'|'.join((BOLD, DIM, RED, GREEN, YELLOW))})m)")


def without_controls(text: str, *, colours: bool = False) -> str:
    """Take control characters out of a text, but for line breaks and tabs: what people typed commands no terminal.

    Args:
        colours: leave the few sequences of ``coloured``; they end with the text.
    """
    if not colours or "\x1b" not in text:
        return CONTROLS.sub("", text)
    parts = [
        part if odd else CONTROLS.sub("", part)
        for part, odd in zip(COLOURS.split(text), cycle((False, True)))
    ]
    kept = "".join(parts)
    return kept if parts[-2:-1] in ([], [RESET]) else f"{kept}{RESET}"


def wants_colour() -> bool:
    """Tell whether the output is a terminal, and ``NO_COLOR`` is not set."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def coloured(text: str, code: str) -> str:
    """Give a text in a colour where the output is a terminal and ``NO_COLOR`` is not set."""
    return f"\x1b[{code}m{text}{RESET}" if wants_colour() else text


def done() -> str:
    """Give the mark of what is well."""
    return coloured(DONE, GREEN)


def wrong() -> str:
    """Give the mark of what is not, or was refused."""
    return coloured(WRONG, RED)


def heading(text: str) -> Iterator[str]:
    """Give a heading: an empty line, the text, and a line under it."""
    yield ""
    yield coloured(text, BOLD)
    yield coloured("─" * min(len(text), WIDTH), DIM)


def said(codes: Iterable[str | Permission]) -> str:
    """Say permissions in words, in the order in which the permissions are listed."""
    given = {str(code) for code in codes}
    return ", ".join(WORDS[code] for code in Permission if code.value in given)


def wrapped(text: str, *, first: str = "", indent: int = 0) -> Iterator[str]:
    """Break a text into lines; ``first`` stands before the first one, ``indent`` before the others."""
    yield from textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
        break_long_words=False,
    ) or [first.rstrip()]


def folded(line: str) -> Iterator[str]:
    """Fit a line of an outline: a remark in parentheses at its end is cut, anything else is broken."""
    if line.endswith(")"):
        yield cut(line)
    else:
        indent = len(line) - len(line.lstrip())
        yield from wrapped(line.strip(), first=" " * indent, indent=indent + 4)


def fitted(lines: Iterable[str]) -> Iterator[str]:
    """Break what is too long for a terminal, with its own indent; nothing is cut."""
    for line in lines:
        if len(line) <= WIDTH:
            yield line
        else:
            indent = len(line) - len(line.lstrip())
            yield from wrapped(line.strip(), first=" " * indent, indent=indent + 4)


def cut(text: str, width: int = WIDTH) -> str:
    """Give a text in one line, with an ellipsis where it is too long."""
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}…"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


# --- plans -------------------------------------------------------------------------------------------------------


def plan_lines(transfer: Transfer) -> Iterator[str]:
    """Tell a transfer's plan: what goes to whom, the milestones in their order, what the giver keeps, the
    annexes."""
    yield coloured(transfer.title, BOLD)
    steward = ", who becomes the steward" if transfer.lead else ""
    signed = [
        signoff.get_side_display()
        for signoff in transfer.signoffs.filter(subject=SignOffSubject.PLAN, digest=transfer.plan_digest)
    ]
    yield f"  from    {transfer.giver.name}"
    yield f"  to      {transfer.receiver.name}{steward}"
    yield f"  state   {transfer.get_state_display()}"
    if transfer.plan_digest:
        yield f"  plan    {transfer.plan_digest[:16]}…  signed by {', '.join(dict.fromkeys(signed)) or 'nobody yet'}"
    milestones = list(
        transfer.milestones.order_by("due_on", "id").prefetch_related(
            "dependencies", "signoffs", "evidence", "moves"
        )
    )
    numbers = {milestone.pk: number for number, milestone in enumerate(milestones, 1)}
    yield from _responsibility_lines(transfer, numbers)
    met = sum(milestone.done_at is not None for milestone in milestones)
    yield f"  Milestones ({met} of {len(milestones)} done)"
    for milestone in milestones:
        yield from _milestone_lines(milestone, numbers)
    yield "  What the giver keeps"
    for keep in transfer.keeps.order_by("until", "kind"):
        what = _counted(len(keep.indicator_uuids), "indicator", "indicators")
        more = f" ({what})" if keep.kind == KeepKind.OWED_RESULTS else ""
        yield f"    {keep.get_kind_display()}{more}, until {keep.until:%d %B %Y}"
    yield from _annex_lines(transfer)


def _responsibility_lines(transfer: Transfer, numbers: Mapping[int, int]) -> Iterator[str]:
    items = list(transfer.items.select_related("responsibility", "provider_after").order_by("id"))
    yield f"  Responsibilities ({sum(item.moved_at is not None for item in items)} of {len(items)} moved)"
    for item in items:
        if item.moved_at is not None:
            mark, when = done(), f"moved {item.moved_at:%Y-%m-%d}"
        else:
            mark = OPEN
            when = f"with {numbers[item.milestone_id]}" if item.milestone_id else "at execution"
        how = f"{item.get_phase_display()}, {when}"
        yield from wrapped(item.responsibility.title, first=f"    {mark} {how:<30} ", indent=37)
        if item.provider_after is not None:
            yield f"{' ' * 37}(delivered afterwards by {item.provider_after.name})"


def _milestone_lines(milestone: TransferMilestone, numbers: Mapping[int, int]) -> Iterator[str]:
    number = numbers[milestone.pk]
    if milestone.done_at is not None:
        mark, state = done(), f"done {milestone.done_at:%Y-%m-%d}"
    elif milestone.due_on < clock.today():
        mark, state = coloured(OPEN, YELLOW), "open, overdue"
    else:
        mark, state = OPEN, "open"
    yield from wrapped(milestone.title, first=f"    {mark} {number:>2}  due {milestone.due_on}  ", indent=26)
    notes = [state, milestone.get_kind_display(), f"signs: {_sides(milestone)}"]
    waits = sorted(numbers[item.waits_for_id] for item in milestone.dependencies.all())
    if waits:
        notes.append(f"waits for {', '.join(map(str, waits))}")
    if milestone.evidence_required and not milestone.evidence.all():
        notes.append("needs evidence")
    moves = len(milestone.moves.all())
    if moves:
        notes.append(f"moves {_counted(moves, 'responsibility', 'responsibilities')}")
    yield from wrapped("; ".join(notes), first=" " * 26, indent=28)
    for signoff in milestone.signoffs.all():
        if signoff.decision != Decision.AGREES:
            voice = f"{signoff.signatory} {signoff.get_decision_display()}: “{signoff.remark}”"
            yield from wrapped(voice, first=" " * 26, indent=28)
    for line in vote_words.in_plan(milestone):
        yield from wrapped(line, first=" " * 26, indent=28)


def _sides(milestone: TransferMilestone) -> str:
    return ", ".join(side for side in Side.values if side in milestone.signs)


def _annex_lines(transfer: Transfer) -> Iterator[str]:
    lines = list(transfer.annex.select_related("owner").order_by("id"))
    if not lines:
        return
    yield "  Annexes"
    for kind in AnnexKind:
        among = [line for line in lines if line.kind == kind]
        if among:
            answers = [
                f"{count} {decision.label}"
                for decision in AnnexDecision
                if (count := sum(line.decision == decision for line in among))
            ]
            yield f"    {kind.label:<12} {_counted(len(among), 'line', 'lines'):>8}: {', '.join(answers)}"
    for line in lines:
        if line.decision == AnnexDecision.RESERVED:
            text = f"reservation: {line.reservation} ({line.owner}, until {line.deadline})"
            yield from wrapped(text, first=" " * 6, indent=8)


# --- permission previews -----------------------------------------------------------------------------------------


def preview_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Tell a permission preview: by organisation and person, what each gains, keeps and loses, and on what.

    Responsibilities on which the same changes are one line; people for whom nothing changes are named in one.
    """
    same: list[str] = []
    organisation = None
    for person in document["people"]:
        changes = [line for line in person["changes"] if line["gained"] or line["lost"]]
        name = f"{person['name']} ({', '.join(_words(role) for role in person['roles'])})"
        if not changes:
            same.append(name)
            continue
        if person["organisation"] != organisation:
            organisation = person["organisation"]
            yield coloured(person["organisation_name"], BOLD)
        yield f"  {name}"
        yield from _change_lines(changes)
    if same:
        yield from wrapped("; ".join(same), first="Nothing changes for: ", indent=2)
    exceptions = document["exceptions"]
    yield f"Single users' exceptions: {len(exceptions) or 'none'}"
    for item in exceptions:
        outcome = item["outcome"]
        mark = wrong() if outcome == "unmapped" else "→"
        permission = WORDS[Permission(item["permission"])]
        yield from wrapped(
            f"{item['name']}: {permission} on {item['on']} {mark} {outcome}", first="  ", indent=4
        )


def _change_lines(changes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    groups: defaultdict[tuple[Any, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for line in changes:
        groups[(line["on"], *(tuple(line[part]) for part in ("gained", "kept", "lost")))].append(line)
    for (on, gained, kept, lost), lines in groups.items():
        count = f"{len(lines[0]['before'])} → {len(lines[0]['after'])}"
        if on == "programme":
            what = "programme"
        else:
            what = lines[0]["title"] if len(lines) == 1 else f"{len(lines)} responsibilities"
        parts = [
            f"{word} {said(codes)}"
            for word, codes in (("gains", gained), ("keeps", kept), ("loses", lost))
            if codes
        ]
        yield from wrapped("; ".join(parts), first=f"    {cut(what, 28):<28} {count:>8}  ", indent=43)


def _words(code: str) -> str:
    return code.replace("_", " ")


# --- continuity proofs -------------------------------------------------------------------------------------------


def proof_lines(document: Mapping[str, Any], signoffs: Iterable[SignOff] = ()) -> Iterator[str]:
    """Tell a continuity proof: every kind of row before and after with its digest, the steward, what moved,
    and who has signed it."""
    names = {document[side]["uuid"]: document[side]["name"] for side in ("giver", "receiver")}
    steward = document["steward"]
    before, after = (str(names.get(steward[when], steward[when])) for when in ("before", "after"))
    rows = document["holdings"]
    yield coloured(f"Continuity proof: {document['transfer']['title']}", BOLD)
    yield f"  programme  {document['programme']['identifier']}  (the identifier does not change)"
    yield f"  from       {document['giver']['name']}"
    yield f"  to         {document['receiver']['name']}"
    yield f"  executed   {document['executed_at'][:16].replace('T', ' ')} UTC"
    yield f"  steward    {before} → {after}" if before != after else f"  steward    {before}, as before"
    yield f"  {'held by':<14} {'what':<20} {'before':>8} {'after':>8}  {'digest':<13}  equal"
    for row in rows:
        if row["before"]["count"] or row["after"]["count"]:
            yield from _row_lines(row)
    unequal = sum(not row["equal"] for row in rows)
    if unequal:
        yield f"  {wrong()} {unequal} of {len(rows)} kinds of rows are not equal"
    else:
        count = sum(row["after"]["count"] for row in rows)
        yield f"  {done()} {count} rows of {len(rows)} kinds: counts, sums and digests are equal"
    yield from _moved_lines(document)
    dissent = list(vote_words.story_lines(document.get("voices", [])))
    if dissent:
        yield "  dissent on record"
        for line in dissent:
            yield from wrapped(line.strip(), first="      " if line.startswith(" ") else "    ", indent=8)
    for signoff in signoffs:
        mandate = f", {signoff.capacity}" if signoff.capacity else ""
        when = f"{signoff.signed_at:%Y-%m-%d %H:%M} UTC"
        text = f"signed by the {signoff.side}: {signoff.signatory}, for {signoff.organisation.name}{mandate}, {when}"
        yield from wrapped(text, first=f"  {done()} ", indent=4)


def _row_lines(row: Mapping[str, Any]) -> Iterator[str]:
    mark = done() if row["equal"] else wrong()
    was, now = row["before"], row["after"]
    counts = f"{was['count']:>8} {now['count']:>8}  {now['digest'][:12]}…  {mark}"
    # Breaking between a sum's parts would make it unreadable: they are glued, and parted again.
    sums = ", ".join(f"Σ\xa0{name}\xa0{total}" for name, total in now["sums"].items())
    first = f"  {row['holding']:<14} {cut(_kind(str(row['name'])), 20):<20} {counts}  "
    yield from (line.replace("\xa0", " ") for line in wrapped(sums, first=first, indent=17))


def _kind(label: str) -> str:
    """Give what a kind of row is called; its own label where no app of that name is installed any more."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label.rpartition(".")[2]


def _moved_lines(document: Mapping[str, Any]) -> Iterator[str]:
    earlier = [f"{item['title']} ({item['moved_at'][:10]})" for item in document.get("moved_before", ())]
    moved = [item["title"] + _ended(item) for item in document.get("moved", ())]
    if earlier:
        yield from wrapped("; ".join(earlier), first=f"  moved with milestones ({len(earlier)}): ", indent=4)
    if moved:
        yield from wrapped("; ".join(moved), first=f"  moved at execution ({len(moved)}): ", indent=4)
    if "moved_back" in document:
        yield f"  moved back: {_counted(document['moved_back'], 'responsibility', 'responsibilities')}"


def _ended(item: Mapping[str, Any]) -> str:
    return " (phased out: nobody holds it any more)" if item["holder_after"] is None else ""


# --- gates and findings ------------------------------------------------------------------------------------------


def gate_lines(gates: Sequence[Gate]) -> Iterator[str]:
    """Tell what still stands between a plan and its execution; one line if nothing does."""
    if not gates:
        yield f"{done()} Nothing stands in the way."
    for gate in gates:
        yield from wrapped(gate.sentence, first=f"{wrong()} ", indent=2)


def finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Tell what a verification found; one line if it found nothing."""
    if not findings:
        yield f"{done()} No findings: everything is as the ledger says."
    for finding in findings:
        yield from wrapped(f"{finding.sentence} [{finding.subject}]", first=f"{wrong()} ", indent=2)


# --- who can do what ---------------------------------------------------------------------------------------------


def who_can_lines(programme: Programme) -> Iterator[str]:
    """Tell who can do what now, by organisation: each role that somebody fills, in words, and on how many
    responsibilities it holds what."""
    held = held_now(programme)
    standings = defaultdict(list)
    for standing in Standing.objects.filter(programme=programme, valid__contains=clock.now()):
        standings[standing.organisation_id].append(standing)
    concerned = {holder.organisation for holder in held} | standings.keys()
    seats: defaultdict[int, set[str]] = defaultdict(set)
    for person in people(concerned):
        seats[person.organisation].update(person.roles)
    exceptions = exceptions_now(programme)
    for organisation in Organisation.objects.filter(pk__in=concerned).order_by("name"):
        roles = sorted(seats[organisation.pk])
        stands = "; ".join(map(_standing, standings[organisation.pk])) or "no standing"
        yield from wrapped(f"{organisation.name}: {stands}", indent=2)
        yield from _role_lines(organisation.pk, roles, held)
        for item in exceptions:
            if item.organisation == organisation.pk:
                text = f"{item.user_name}, by exception: {WORDS[item.permission]} ({item.reason})"
                yield from wrapped(text, first="  ", indent=27)


def _standing(standing: Standing) -> str:
    text = _words(standing.kind)
    if standing.kind == StandingKind.FORMER_STEWARD and standing.cutoff is not None:
        text += f", sees what was recorded up to {standing.cutoff:%Y-%m-%d}"
    if standing.valid.upper is not None:
        text += f", until {standing.valid.upper:%Y-%m-%d %H:%M} UTC"
    return text


def _role_lines(
    organisation: int, roles: Sequence[str], held: Mapping[Holder, frozenset[Permission]]
) -> Iterator[str]:
    for role in roles:
        there = {
            holder.responsibility: codes
            for holder, codes in held.items()
            if (holder.organisation, holder.role) == (organisation, role)
        }
        parts = [said(there[None])] if None in there else []
        groups: defaultdict[frozenset[Permission], int] = defaultdict(int)
        for thing, codes in there.items():
            groups[codes] += thing is not None
        for codes, count in sorted(groups.items(), key=lambda group: said(group[0])):
            if count:
                where = _counted(count, "responsibility", "responsibilities")
                parts.append(f"on {where}: {said(codes)}")
        yield from wrapped("; ".join(parts) or "nothing", first=f"  {_words(role):<24} ", indent=27)
