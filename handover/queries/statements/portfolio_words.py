"""The words of the view over all handovers, in the language that is active."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext, gettext_noop

from handover.disclosure import SUPPRESSED
from handover.languages import counted, language, number
from handover.narratives import best
from handover.queries import after_words as words
from handover.queries.statements.sections import Section, Value, Written
from handover.queries.sustained import Part
from handover.queries.undertakings import YearState

Facts = Mapping[str, Any]

BAD: Final = (YearState.OVERDUE, YearState.PARTLY, YearState.BROKEN, YearState.CONTESTED)
"""States of a promise's last year that stand out."""
COUNTED: Final = (
    gettext_noop("Checks held"),
    gettext_noop("Checks overdue"),
    gettext_noop("Promises kept"),
    gettext_noop("Promises not kept or not shown"),
    gettext_noop("Open findings"),
    gettext_noop("Warnings"),
)


def write(facts: Facts) -> Written:
    """Write the whole view."""
    return Written(
        gettext("After the handovers"),
        [
            _opening(facts),
            _short(facts),
            _municipalities(facts),
            _parts(facts),
            _programmes(facts),
            *_people(facts),
        ],
    )


def figures(row: Facts) -> list[Value]:
    """Give the counts of a programme, or of several together, in the order of ``COUNTED``."""
    promised = row["undertakings"]
    return [
        row["held"],
        row["overdue"],
        promised[YearState.KEPT.value],
        sum(promised[state.value] for state in BAD),
        sum(row["findings"].values()),
        row["warnings"],
    ]


def _opening(facts: Facts) -> Section:
    return Section(
        "",
        facts=[
            (gettext("Read by"), facts["organisation"]["name"]),
            (gettext("As recorded on"), facts["on"]),
            (gettext("Programmes that were handed over"), len(facts["programmes"])),
        ],
    )


def short(facts: Facts) -> list[str]:
    """Say in sentences what stands out."""
    together = facts["together"]
    said = []
    if together["score"] is not None:
        said.append(
            gettext(
                "The last checks give %(score)s of 100 on average, over %(scored)s of %(programmes)s programmes."
            )
            % {
                "score": words.score(together["score"]),
                "scored": number(together["scored"]),
                "programmes": number(together["programmes"]),
            }
        )
    elif together["programmes"]:
        said.append(gettext("No sustainability check has given a score yet."))
    if together["overdue"]:
        said.append(
            counted("%(count)s check is overdue.", "%(count)s checks are overdue.", together["overdue"])
        )
    if together["silent"]:
        said.append(
            counted(
                "In %(count)s programme whoever answers for it has recorded nothing for half a year.",
                "In %(count)s programmes whoever answers for them has recorded nothing for half a year.",
                together["silent"],
            )
        )
    if facts["ended"]:
        said.append(
            counted(
                "%(count)s programme is left out: your view of it ended.",
                "%(count)s programmes are left out: your view of them ended.",
                facts["ended"],
            )
        )
    return said


def _short(facts: Facts) -> Section:
    nothing = "" if facts["programmes"] else gettext("Nothing was handed over yet.")
    return Section(gettext("In short"), said=short(facts), empty=nothing)


def _municipalities(facts: Facts) -> Section:
    rows: list[Sequence[Value]] = [
        [row["name"], row["programmes"], row["score"], row["scored"], *figures(row)]
        for row in facts["municipalities"]
    ]
    if len(rows) > 1:
        row = facts["together"]
        rows.append([gettext("Together"), row["programmes"], row["score"], row["scored"], *figures(row)])
    return Section(
        gettext("By whoever answers for the programmes"),
        head=[
            gettext("Organisation"),
            gettext("Programmes"),
            gettext("Score (mean)"),
            gettext("Programmes with a score"),
            *(gettext(text) for text in COUNTED),
        ],
        rows=rows,
        widths=[6, 4, 4, 4, 4, 4, 4, 5, 4, 4],
        empty=gettext("Nothing was handed over yet."),
    )


def _parts(facts: Facts) -> Section:
    return Section(
        gettext("Scores by part"),
        said=[
            gettext("Means of the last checks, from 0 to 100, over the programmes where a part was known.")
        ],
        head=[gettext("Organisation"), *(gettext(words.PARTS[part]) for part in Part)],
        rows=[[row["name"], *(row["parts"][part.value] for part in Part)] for row in facts["municipalities"]],
        widths=[5, *[4] * len(Part)],
        empty=gettext("Nothing was handed over yet."),
    )


def _programmes(facts: Facts) -> Section:
    return Section(
        gettext("Programme by programme"),
        head=[
            gettext("Programme"),
            gettext("Answers for it"),
            gettext("Handed over on"),
            gettext("Last check"),
            gettext("Score"),
            gettext("Next check due on"),
            *(gettext(text) for text in COUNTED[1:]),
            gettext("Silent (days)"),
        ],
        rows=[
            [
                f"{best(row['title'], language()) or row['identifier']} ({row['identifier']})",
                row["steward"],
                row["handed_over_on"],
                f"+{row['last']['months']}" if row["last"] else None,
                row["score"],
                row["next_due_on"],
                *figures(row)[1:],
                row["silent_days"],
            ]
            for row in facts["programmes"]
        ],
        widths=[7, 5, 4, 4, 3, 4, 4, 4, 4, 4, 4, 3],
        empty=gettext("Nothing was handed over yet."),
    )


def _people(facts: Facts) -> Iterator[Section]:
    for told in facts["people"]:
        title = best(told["title"], language())
        yield Section(
            f"{told['code']}: {title}" if title else told["code"],
            said=[withheld(told)],
            head=[gettext("Organisation"), *map(str, told["years"])],
            rows=[
                *([row["name"], *row["figures"]] for row in told["rows"]),
                [gettext("Together"), *told["totals"]],
            ],
            widths=[5, *[2] * len(told["years"])],
            level=3,
        )


def withheld(told: Facts) -> str:
    """Say what is withheld of a table of people."""
    return gettext(
        "People counted. Counts from 1 to %(threshold)s are withheld (%(mark)s), and those by which they could be"
        " worked out; nothing stands where nothing was reported or it does not add up."
    ) % {"threshold": number(told["threshold"]), "mark": SUPPRESSED}
