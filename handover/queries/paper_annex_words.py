"""The words of the annexes and of the continuity proof, in the language that is active."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext

from handover.holdings import holdings
from handover.languages import counted, day, number, translated
from handover.models.annexes import AnnexDecision, AnnexKind
from handover.permissions import Permission, Role
from handover.queries.paper_blocks import Block, Facts, heading, lines, mono, pairs, paragraph, table
from handover.queries.paper_facts import day_of
from handover.queries.paper_words import ledger, opening, signatures

SHORT = 16
"""Letters of a digest that a table shows; the whole digest is in the file inside the paper."""

NAMED = 3
"""How many responsibilities with the same changes are named."""


def annexes(facts: Facts) -> list[Block]:
    """Write the annexes: one list for each kind, who may do what, and what is open."""
    blocks = opening(facts)
    for kind in AnnexKind:
        blocks += _list(kind, [line for line in facts["lines"] if line["kind"] == kind])
    return [*blocks, *_permissions(facts["permissions"]), *ledger(facts)]


def _list(kind: AnnexKind, found: Sequence[Facts]) -> list[Block]:
    title = heading(gettext("Annex: %(kind)s") % {"kind": translated(kind.label)})
    if not found:
        return [title, paragraph(gettext("This annex has no lines."))]
    head = [gettext("No."), gettext("What is handed over"), gettext("The receiver's answer")]
    rows = [[number(place), line["text"], lines(_answer(line))] for place, line in enumerate(found, 1)]
    return [title, table(head, rows, widths=[1, 8, 5], figures=[0])]


def _answer(line: Facts) -> Iterator[str]:
    yield translated(AnnexDecision(line["decision"]).label)
    if line["reservation"]:
        yield line["reservation"]
    if line["owner"]:
        yield gettext("%(organisation)s settles it by %(day)s") % {
            "organisation": line["owner"],
            "day": day(line["deadline"]),
        }


def _permissions(said: Facts | None) -> list[Block]:
    title = heading(gettext("Annex: who may do what"))
    if said is None:
        return [title, paragraph(gettext("No permission preview has been written yet."))]
    about = gettext(
        "As both sides signed it: what each role may do before and after the handover. Roles for which nothing changes "
        "are left out."
    )
    head = [gettext("Organisation and role"), gettext("On what"), gettext("What changes")]
    rows = [row for role in said["roles"] for row in _role(role)]
    blocks = [title, paragraph(about), table(head, rows, widths=[4, 4, 8])]
    if said["exceptions"]:
        blocks.append(heading(gettext("Single persons' exceptions"), 3))
        head = [gettext("Permission"), gettext("On what"), gettext("What becomes of it")]
        rows = [
            [translated(Permission(item["permission"]).help), item["on"], _outcome(item["outcome"])]
            for item in said["exceptions"]
        ]
        blocks.append(table(head, rows, widths=[6, 4, 4]))
    return [*blocks, pairs([(gettext("The preview that was signed (SHA-256)"), mono(said["digest"]))])]


def _role(role: Facts) -> Iterator[list[Any]]:
    """Give the changes of one role; responsibilities on which the same changes are one row."""
    groups: defaultdict[tuple[Any, ...], list[str]] = defaultdict(list)
    for change in role["changes"]:
        if change["gained"] or change["lost"]:
            groups[change["on"], tuple(change["gained"]), tuple(change["lost"])].append(change["title"])
    who = lines([role["organisation"], translated(Role(role["role"]).help)])
    for (on, gained, lost), titles in groups.items():
        where = gettext("the programme") if on == "programme" else _on(titles)
        yield [who, where, lines([*_each(gettext("gains"), gained), *_each(gettext("loses"), lost)])]


def _on(titles: Sequence[str]) -> Any:
    """Name a few responsibilities, and count many: the file inside the paper names them all."""
    if len(titles) > NAMED:
        return counted("%(count)s responsibility", "%(count)s responsibilities", len(titles))
    return lines(titles)


def _each(word: str, codes: Iterable[str]) -> Iterator[str]:
    for code in codes:
        yield f"{word}: {translated(Permission(code).help)}"


def _outcome(outcome: str) -> str:
    match outcome:
        case "to":
            return gettext("passes to a person of the other side")
        case "kept":
            return gettext("stays")
        case "lost":
            return gettext("ends with the handover")
    return gettext("not settled yet")


# --- continuity proof --------------------------------------------------------------------------------------------


def proof(facts: Facts, body: Facts) -> list[Block]:
    """Write the continuity proof: what the programme held before and after, and that it is the same."""
    rows = [row for row in body["holdings"] if row["before"]["count"] or row["after"]["count"]]
    equal = all(row["equal"] for row in body["holdings"])
    verdict = (
        gettext("Everything that the programme holds was the same before and after the handover.")
        if equal
        else gettext("Not everything was the same before and after the handover: see the rows that say no.")
    )
    head = [
        gettext("What is held"),
        gettext("Before"),
        gettext("After"),
        gettext("Digest (beginning)"),
        gettext("The same"),
    ]
    return [
        *opening(facts),
        heading(gettext("What was held before and after")),
        paragraph(verdict),
        table(head, map(_held, rows), widths=[6, 2, 2, 5, 2], figures=[1, 2]),
        *_sums(rows),
        *_steward(facts, body),
        *_moved(body),
        *_voices(body.get("voices", ())),
        heading(gettext("Who has signed this proof")),
        signatures(facts["signatures"]),
        *ledger(facts),
    ]


def _held(row: Facts) -> list[Any]:
    return [
        named(row["name"]),
        number(row["before"]["count"]),
        number(row["after"]["count"]),
        mono(f"{row['after']['digest'][:SHORT]}…"),
        gettext("yes") if row["equal"] else gettext("no"),
    ]


def named(label: str) -> str:
    """Give what a kind of row is called; its own label where no app of that name is installed any more."""
    known = next((name for holding in holdings() if (name := holding.kinds().get(label))), "")
    return translated(known) or label.rpartition(".")[2]


def _sums(rows: Sequence[Facts]) -> list[Block]:
    summed = [
        [named(row["name"]), column.replace("_", " "), number(row["before"]["sums"][column]), number(total)]
        for row in rows
        for column, total in row["after"]["sums"].items()
        if column in row["before"]["sums"]
    ]
    if not summed:
        return []
    head = [gettext("What is held"), gettext("Column"), gettext("Sum before"), gettext("Sum after")]
    return [heading(gettext("Sums"), 3), table(head, summed, widths=[5, 4, 3, 3], figures=[2, 3])]


def _steward(facts: Facts, body: Facts) -> list[Block]:
    names = {str(facts[side]["uuid"]): facts[side]["name"] for side in ("giver", "receiver")}
    before, after = (names.get(body["steward"][when], "–") for when in ("before", "after"))
    said = (
        gettext("The steward of the programme stays the same.")
        if before == after
        else gettext("Stewardship passed from %(before)s to %(after)s.") % {"before": before, "after": after}
    )
    return [heading(gettext("Who answers for the programme")), paragraph(said)]


def _moved(body: Facts) -> list[Block]:
    rows = [
        [item["title"], day(day_of(dt.datetime.fromisoformat(item["moved_at"])))]
        for item in body.get("moved_before", ())
    ]
    rows += [[item["title"], gettext("with the handover")] for item in body.get("moved", ())]
    if not rows:
        return []
    head = [gettext("Responsibility"), gettext("When it moved")]
    return [heading(gettext("What moved")), table(head, rows, widths=[6, 3])]


def _voices(voices: Sequence[Facts]) -> list[Block]:
    """Tell the community's votes: counts, and every reason against in the words in which it was given."""
    rows = [
        [
            lines([milestone["title"], day(dt.date.fromisoformat(vote["held_on"]))]),
            lines(_counts(vote)),
            lines(
                counted("%(count)s person", "%(count)s people", reason["people"]) + f": “{reason['text']}”"
                for reason in vote["reasons"]
            ),
        ]
        for milestone in voices
        for vote in milestone["votes"]
    ]
    if not rows:
        return []
    head = [gettext("Vote"), gettext("Counted"), gettext("Reasons against")]
    return [heading(gettext("What the community voted")), table(head, rows, widths=[4, 4, 6])]


def _counts(vote: Mapping[str, Any]) -> Iterator[str]:
    yield gettext("present: %(count)s") % {"count": number(vote["present"])}
    yield gettext("for: %(count)s") % {"count": number(vote["assent"])}
    yield gettext("against: %(count)s") % {"count": number(vote["dissent"])}
    yield gettext("abstained: %(count)s") % {"count": number(vote["abstained"])}
