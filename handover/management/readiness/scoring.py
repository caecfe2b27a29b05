"""Instruments, scores, what is agreed, gaps."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from handover.access import asking
from handover.actions import instruments as adopting
from handover.actions import readiness
from handover.errors import Invalid
from handover.management.base import PROGRAMME, Call, Steps, Told, Who, argument
from handover.management.files import write_whole
from handover.management.finding import (
    day,
    responsibility_named,
    transfer_named,
)
from handover.management.readiness.reading import LARGEST, answers, form
from handover.management.readiness.showing import (
    ASSESSMENT,
    LANGUAGE,
    about,
    assessment_of,
    document,
    programme_of,
    questionnaire_document,
    questionnaire_lines,
    round_lines,
    sheet_document,
    sheet_lines,
)
from handover.management.tables import table
from handover.models import Assessment
from handover.models.readiness import Wave
from handover.narratives import best
from handover.queries import instruments
from handover.queries.readiness import rounds, sheet
from handover.queries.readiness_gaps import Gap, gap
from handover.queries.readiness_lines import as_document, gap_lines
from handover.terminal import wrapped

steps = Steps()

SCORES = argument(
    "scores", nargs="*", metavar="KEY=N", help="an item and its step, - if it does not apply; KEY=N:REMARK"
)
TABLE = argument(
    "--csv",
    type=Path,
    metavar="FILE",
    help="a table with the columns item, score, remark (`instruments --form`)",
)
RESPONSIBILITY = argument(
    "--responsibility", metavar="TITLE", help="UUID, or a part of its title that only one has"
)


@steps.add(
    "instruments",
    argument("key", nargs="?", metavar="KEY", help="show this one in full"),
    argument("--form", type=Path, metavar="FILE", help="write KEY as an empty form (CSV) to fill in"),
    LANGUAGE,
    who=Who.EITHER,
)
def show_instruments(call: Call) -> Told:
    """List the instruments that ship with the toolkit; show one in full, or write it as a form to fill in."""
    if call["key"] is None:
        if call["form"] is not None:
            raise Invalid("usage", "Say which instrument: handover readiness instruments KEY --form FILE.")
        found = instruments.shipped()
        rows = [
            (
                item.key,
                item.edition,
                item.about or "either",
                len(list(item.items)),
                item.called(lang=call["lang"]),
            )
            for item in found
        ]
        return Told(
            {"instruments": [questionnaire_document(item) for item in found]},
            [*table(("KEY", "EDITION", "ASKED OF", "ITEMS", "TITLE"), rows, empty="None ships.")],
        )
    item = instruments.shipped_one(call["key"])
    if call["form"] is not None:
        write_whole(call["form"], form(item, call["lang"]))
        return Told(
            {"form": str(call["form"])}, [f"{call['form']} is written: {len(list(item.items))} items."]
        )
    return Told(questionnaire_document(item), [*questionnaire_lines(item, call["lang"])])


@steps.add(
    "adopt",
    PROGRAMME,
    argument("key", nargs="?", default="", metavar="KEY", help="an instrument that ships with the toolkit"),
    argument("--file", type=Path, metavar="FILE", help="your own, as JSON: docs/reference/instruments.md"),
)
def adopt(call: Call) -> Told:
    """Adopt an instrument for a programme, as a copy: one that ships, or your own."""
    found = programme_of(call)
    own = _read(call["file"]) if call["file"] is not None else None
    made = adopting.adopt(by=call.by, programme_uuid=found.uuid, key=call["key"], document=own)
    return Told(
        {"instrument": made.uuid, "key": made.key, "edition": made.edition, "digest": made.digest},
        [
            f"{found.identifier} uses “{best(made.title)}” ({made.key}, edition {made.edition}; {made.licence})."
        ],
    )


def _read(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Invalid("file_too_large", f"{path} is too large: {LARGEST} bytes at most.", field="file")
    try:
        found = json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise Invalid(
            "not_json", f"{path} is no JSON: {' '.join(str(error).split())}.", field="file"
        ) from error
    if not isinstance(found, dict):
        raise Invalid("instrument_malformed", f"{path}: an instrument is a JSON object.", field="file")
    return found


@steps.add(
    "begin",
    PROGRAMME,
    argument("instrument", metavar="INSTRUMENT", help="key of an adopted instrument"),
    argument("--transfer", metavar="TRANSFER", help="of which transfer; UUID, or its first 8 characters"),
    RESPONSIBILITY,
    argument("--wave", choices=Wave.values, default=Wave.BEFORE.value, help="when it is measured"),
    argument("--on", type=day, metavar="DATE", help="the day of the scores; today if left out"),
    argument("--remark", default="", metavar="TEXT"),
)
def begin(call: Call) -> Told:
    """Begin to score for your own side: giver, receiver or community. Nobody else reads your scores while they are
    open."""
    found = programme_of(call)
    with asking(call.by):
        transfer = transfer_named(call.by, call["transfer"]) if call["transfer"] else None
        one = responsibility_named(found, call["responsibility"]) if call["responsibility"] else None
    made = readiness.begin(
        by=call.by,
        programme_uuid=found.uuid,
        instrument_key=call["instrument"],
        transfer_uuid=transfer.uuid if transfer else None,
        responsibility_uuid=one.uuid if one else None,
        wave=call["wave"],
        scored_on=call["on"],
        remark=call["remark"],
    )
    return _told(made, f"You score for the {made.get_voice_display()}.")


def _told(made: Assessment, done: str, **more: object) -> Told:
    return Told(
        {"assessment": document(made), **more}, [done, f"  {about(made)}", f"  assessment {made.uuid}"]
    )


@steps.add("list", PROGRAMME, reads=True)
def list_all(call: Call) -> Told:
    """List who has scored, by which instrument and when; never what."""
    found = rounds(call.by, programme_of(call))
    lines = [line for within in found for line in round_lines(within)]
    return Told(
        {
            "rounds": [
                {"round": within.number, "assessments": [document(item) for item in within.assessments]}
                for within in found
            ]
        },
        lines or ["Nobody has begun to score: `handover readiness begin`."],
    )


@steps.add("score", ASSESSMENT, SCORES, TABLE)
def score(call: Call) -> Told:
    """Answer items of your own open scores, typed or from a table; all of them, or none if one is wrong."""
    found = assessment_of(call)
    given = answers(call["scores"], call["csv"])
    readiness.score(by=call.by, assessment_uuid=found.uuid, answers=given)
    with asking(call.by):
        missing = sheet(call.by, found.uuid).missing
    left = (
        f"still to answer: {', '.join(missing)}"
        if missing
        else "all are answered: `handover readiness close`"
    )
    items = "1 item is" if len(given) == 1 else f"{len(given)} items are"
    return Told(
        {"answered": len(given), "missing": missing},
        [f"{items} answered.", *wrapped(left, first="  ", indent=4)],
    )


@steps.add("close", ASSESSMENT)
def close(call: Call) -> Told:
    """Close your scores, or close what another side wrote down as agreed. Nobody opens them again."""
    found = assessment_of(call)
    made = readiness.close(by=call.by, assessment_uuid=found.uuid, version=found.version)
    return _told(
        made, "The agreed scores are closed." if made.voice == "agreed" else "Your scores are closed."
    )


@steps.add("show", ASSESSMENT, LANGUAGE, reads=True)
def show(call: Call) -> Told:
    """Show scores item by item: your own; those of others once yours are closed."""
    found = sheet(call.by, assessment_of(call).uuid)
    return Told(sheet_document(found), [*sheet_lines(found, call["lang"])])


@steps.add(
    "agree",
    ASSESSMENT,
    SCORES,
    TABLE,
    argument("--remark", default="", metavar="TEXT", help="how it was agreed"),
)
def agree(call: Call) -> Told:
    """Write down what was agreed; another side then closes it. Where voices are two steps apart write KEY=N:WHY."""
    found = assessment_of(call)
    given = answers(call["scores"], call["csv"]) if call["scores"] or call["csv"] else []
    made = readiness.reconcile(by=call.by, assessment_uuid=found.uuid, answers=given, remark=call["remark"])
    return _told(made, "It is written down. Another side that scored closes it: `handover readiness close`.")


@steps.add("gap", ASSESSMENT, LANGUAGE, reads=True)
def show_gap(call: Call) -> Told:
    """Show a round by domain: the voices that you may read side by side, what is agreed, how far that is from ready."""
    found = gap(call.by, assessment_of(call), lang=call["lang"])
    lines = [*gap_lines(found)]
    if found.sealed:
        lines.append(f"  sealed still: {', '.join(item.organisation.name for item in found.sealed)}")
    return Told(as_document(found), [*lines, *_apart(found)])


def _apart(found: Gap) -> list[str]:
    if not found.differences:
        return []
    lines = ["", "Where the voices are apart:"]
    for row in found.differences:
        steps_said = [
            f"{column.voice} {'-' if step is None else step}"
            for column, step in zip(found.columns, row.steps, strict=True)
        ]
        agreed = [] if found.round.agreed is None else [f"agreed {'-' if row.agreed is None else row.agreed}"]
        lines += wrapped(f"{row.item}: {row.text}", first="  ", indent=4)
        lines += wrapped(
            ", ".join([*steps_said, *agreed]) + (f": {row.reason}" if row.reason else ""),
            first="    ",
            indent=4,
        )
    return lines
