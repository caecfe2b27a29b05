"""The words of the sustainability report, in the language that is active."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from handover.languages import counted, day, language, money, number, translated
from handover.models.obligations import ObligationKind
from handover.models.undertakings import Outcome, UndertakingKind
from handover.narratives import best
from handover.queries import after_words as words
from handover.queries.checks import State
from handover.queries.obligation_rules import title_of
from handover.queries.obligation_words import STATES as DUTIES
from handover.queries.obligations import State as DutyState
from handover.queries.statements.sections import Exact, Section, Value, Written
from handover.queries.sustained import Part, Stands, Warns
from handover.queries.undertakings import YearState

Facts = Mapping[str, Any]


def write(facts: Facts) -> Written:
    """Write the whole report."""
    return Written(
        gettext("Sustainability report"),
        [
            opening(facts),
            _summary(facts),
            _handovers(facts),
            _checks(facts),
            *_by_part(facts),
            *_today(facts),
            *_held(facts),
            _undertakings(facts),
            _obligations(facts),
            ledger(facts),
        ],
    )


def opening(facts: Facts) -> Section:
    """Say which programme a statement is about, for which day it was made, and where its reader's view ends."""
    programme = facts["programme"]
    told: list[tuple[str, Value]] = [
        (gettext("Programme"), best(programme["title"], language()) or programme["identifier"]),
        (gettext("Identifier"), programme["identifier"]),
    ]
    if "steward" in facts:
        told.append((gettext("Answers for the programme"), facts["steward"]["name"]))
    told.append((gettext("As recorded on"), facts["on"]))
    if facts.get("cutoff"):
        told.append((gettext("Nothing is told that was recorded after"), facts["cutoff"].date()))
    return Section("", facts=told)


def _summary(facts: Facts) -> Section:
    """Say in sentences what stands, what is late and what warns."""
    said = []
    held = [check for check in facts["checks"] if check["result"]]
    if held:
        said.append(_scored(held[-1]))
    else:
        said.append(gettext("No sustainability check has been held yet."))
    late = sum(check["state"] == State.OVERDUE for check in facts["checks"])
    if late:
        said.append(counted("%(count)s check is overdue.", "%(count)s checks are overdue.", late))
    bad = [item for item in facts["undertakings"] if item["state"] in (YearState.BROKEN, YearState.PARTLY)]
    if bad:
        said.append(
            counted(
                "%(count)s undertaking was not kept, or only partly, in its last year.",
                "%(count)s undertakings were not kept, or only partly, in their last year.",
                len(bad),
            )
        )
    quiet = facts["silence"]
    if quiet and quiet["silent"]:
        said.append(
            gettext("%(organisation)s has recorded nothing here since %(day)s.")
            % {"organisation": facts["steward"]["name"], "day": day(quiet["since"])}
        )
    warned = [item for item in _result(facts).get("warnings", ()) if item["warns"] != Warns.TOO_FEW]
    if warned:
        said.append(counted("%(count)s indicator warns.", "%(count)s indicators warn.", len(warned)))
    return Section(gettext("In short"), said=said)


def _result(facts: Facts) -> Mapping[str, Any]:
    """Give what is known latest: of today, else of the last check that was held."""
    if facts["today"]:
        told: Mapping[str, Any] = facts["today"]["result"]
        return told
    held = [check["result"] for check in facts["checks"] if check["result"]]
    return held[-1] if held else {}


def _scored(check: Facts) -> str:
    result = check["result"]
    about = {
        "check": _called(check["months"]),
        "day": day(check["held_on"]),
        "score": words.score(result["score"]),
        "known": number(result["known"]),
        "of": number(result["of"]),
    }
    if result["score"] is None:
        return (
            gettext(
                "The last check: %(check)s, held on %(day)s. No score: only %(known)s of %(of)s parts are known."
            )
            % about
        )
    return (
        gettext(
            "The last check: %(check)s, held on %(day)s. %(score)s of 100, from %(known)s of %(of)s parts."
        )
        % about
    )


def _called(months: int) -> str:
    return counted("%(count)s month after the handover", "%(count)s months after the handover", months)


def _handovers(facts: Facts) -> Section:
    return Section(
        gettext("Handovers"),
        head=[
            gettext("Reference number"),
            gettext("Day of the handover"),
            gettext("Hands over"),
            gettext("Takes over"),
            gettext("Continuity proof (SHA-256)"),
        ],
        rows=[
            [
                item["reference"],
                item["executed_on"],
                item["giver"],
                item["receiver"],
                Exact(item["proof"] or ""),
            ]
            for item in facts["handovers"]
        ],
        widths=[3, 3, 3, 3, 6],
        empty=gettext("Nothing was handed over yet."),
    )


def _checks(facts: Facts) -> Section:
    return Section(
        gettext("Sustainability checks"),
        head=[
            gettext("Months after it"),
            gettext("Due on"),
            gettext("Where it is"),
            gettext("Held on"),
            gettext("Score"),
        ],
        rows=[_check(check) for check in facts["checks"]],
        empty=gettext("No check is planned."),
    )


def _check(check: Facts) -> list[Value]:
    return [
        check["months"],
        check["due_on"],
        gettext(words.CHECKS[State(check["state"])][0]),
        check["held_on"],
        _decimal((check["result"] or {}).get("score")),
    ]


def _by_part(facts: Facts) -> Iterator[Section]:
    """Set the parts of all checks that were held beside each other."""
    held = [check for check in facts["checks"] if check["result"]]
    if not held:
        return
    scores = [{part["part"]: _decimal(part["score"]) for part in check["result"]["parts"]} for check in held]
    yield Section(
        gettext("Scores by part"),
        said=[
            gettext(
                "From 0 to 100; nothing where a part was not known. Parts weigh the same, and fewer than three known"
                " ones make no score."
            )
        ],
        head=[gettext("Part"), *(f"+{check['months']}" for check in held)],
        rows=[[gettext(words.PARTS[part]), *(each.get(part.value) for each in scores)] for part in Part],
        widths=[4, *[2] * len(held)],
        level=3,
    )


def _decimal(text: str | Decimal | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _today(facts: Facts) -> Iterator[Section]:
    told = facts["today"]
    if told is None:
        return
    about = {"check": _called(told["months"]), "day": day(told["due_on"])}
    yield Section(
        gettext("What the next check would say today"),
        said=[
            gettext("%(check)s, due on %(day)s. What stands here is kept only once the check is held.")
            % about,
            *_remarks(told["result"]),
        ],
    )
    yield from _parts(told["result"], "")
    yield _warnings(told["result"])


def _remarks(result: Mapping[str, Any]) -> list[str]:
    about = {
        "score": words.score(result["score"]),
        "known": number(result["known"]),
        "of": number(result["of"]),
    }
    if result["score"] is None:
        return [gettext("No score: only %(known)s of %(of)s parts are known.") % about]
    return [gettext("%(score)s of 100, from %(known)s of %(of)s parts.") % about]


def _held(facts: Facts) -> Iterator[Section]:
    for check in facts["checks"]:
        if not check["result"]:
            continue
        title = gettext("Check %(check)s") % {"check": _called(check["months"])}
        told: list[tuple[str, Value]] = [
            (gettext("Held on"), check["held_on"]),
            (gettext("Held by"), check["held_by"]),
        ]
        if check["remark"]:
            told.append((gettext("What follows from it"), check["remark"]))
        told.append((gettext("Digest of what it found (SHA-256)"), Exact(check["digest"])))
        yield Section(title, said=_remarks(check["result"]), facts=told)
        yield from _parts(check["result"], f"+{check['months']} ")


def _parts(result: Mapping[str, Any], mark: str) -> Iterator[Section]:
    """Tell what was looked at, part by part, in one table; ``mark`` tells its sheet from those of other checks."""
    rows = [
        [gettext(words.PARTS[Part(part["part"])]), *_figure(figure)]
        for part in result["parts"]
        for figure in part["figures"]
    ]
    yield Section(
        mark + gettext("What was looked at"),
        head=[
            gettext("Part"),
            gettext("What was looked at"),
            gettext("At the handover"),
            gettext("Now"),
            gettext("Floor"),
            gettext("Unit"),
            gettext("How it stands"),
            gettext("Remark"),
        ],
        rows=rows,
        widths=[3, 5, 2, 2, 2, 3, 3, 5],
        empty=gettext("Nobody recorded anything by which to tell."),
        level=3,
    )


def _figure(figure: Mapping[str, Any]) -> list[Value]:
    unit = figure["unit"]
    reason = words.WHY.get(figure["why"])
    remarks = [gettext(reason) if reason else "", figure["remark"]]
    return [
        figure["said"] or best(figure["title"], language()) or gettext("Posts of the programme"),
        _decimal(figure["before"]),
        _decimal(figure["now"]),
        _decimal(figure["floor"]),
        gettext(words.UNITS[unit]) if unit in words.UNITS else unit,
        gettext(words.STANDS[Stands(figure["stands"])][0]),
        " ".join(text for text in remarks if text),
    ]


def _warnings(result: Mapping[str, Any]) -> Section:
    few = sum(item["warns"] == Warns.TOO_FEW for item in result["warnings"])
    said = (
        [
            counted(
                "Of %(count)s indicator there are too few data since the handover for a trend.",
                "Of %(count)s indicators there are too few data since the handover for a trend.",
                few,
            )
        ]
        if few
        else []
    )
    return Section(
        gettext("Early warning"),
        said=said,
        head=[
            gettext("Indicator"),
            gettext("What warns"),
            gettext("Now"),
            gettext("Floor"),
            gettext("Expected on the day of the next check"),
            gettext("At least"),
            gettext("At most"),
            gettext("Unit"),
            gettext("Crosses its floor on"),
        ],
        rows=[_warned(item) for item in result["warnings"] if item["warns"] != Warns.TOO_FEW],
        widths=[5, 3, 2, 2, 3, 2, 2, 2, 3],
        empty="" if few else gettext("Nothing warns."),
        level=3,
    )


def _warned(item: Mapping[str, Any]) -> list[Value]:
    crosses = item["crosses_on"]
    return [
        best(item["title"], language()),
        gettext(words.WARNS[Warns(item["warns"])][0]),
        *(_decimal(item[name]) for name in ("now", "floor", "expected", "low", "high")),
        item["unit"],
        dt.date.fromisoformat(crosses) if crosses else None,
    ]


def _undertakings(facts: Facts) -> Section:
    rows = [_promise(item, year) for item in facts["undertakings"] for year in item["years"] or [None]]
    return Section(
        gettext("Undertakings"),
        said=[gettext("What an institution promised, year by year; the least that anybody says counts.")],
        head=[
            gettext("What was promised"),
            gettext("Institution"),
            gettext("Each year"),
            gettext("Year"),
            gettext("Evidence due on"),
            gettext("Where it is"),
            gettext("Reason"),
        ],
        rows=rows,
        widths=[4, 3, 3, 2, 3, 3, 4],
        empty=gettext("No undertaking is entered."),
    )


def _promise(item: Facts, year: Facts | None) -> list[Value]:
    promised = [
        money(item["amount"], item["currency"]) if item["amount"] is not None else "",
        f"{number(item['quantity'])} {item['unit']}".strip() if item["quantity"] is not None else "",
    ]
    kind = translated(UndertakingKind(item["kind"]).label)
    head: list[Value] = [
        f"{item['title']} ({kind})",
        item["organisation"],
        ", ".join(text for text in promised if text),
    ]
    if year is None:
        return [*head, None, None, gettext(words.YEARS[YearState(item["state"])][0]), None]
    reasons = [year["reason"], *(_other(said) for said in year["others"])]
    return [
        *head,
        str(year["year"]),
        year["due_on"],
        gettext(words.YEARS[YearState(year["state"])][0]),
        " ".join(text for text in reasons if text),
    ]


def _other(said: Facts) -> str:
    about = {"outcome": translated(Outcome(said["outcome"]).label), "reason": said["reason"]}
    return (gettext("Somebody else says: %(outcome)s. %(reason)s") % about).strip()


def _obligations(facts: Facts) -> Section:
    return Section(
        gettext("Obligations of the grants"),
        said=[gettext("What is exposed is an estimate in proportion to the time left, for that rule alone.")],
        head=[
            gettext("Grant"),
            gettext("Obligation"),
            gettext("Where it is"),
            gettext("It decides"),
            gettext("Last day"),
            gettext("Answerable to the donor"),
            gettext("Exposed (estimate)"),
            gettext("Currency"),
        ],
        rows=[_obligation(item) for item in facts["obligations"]],
        widths=[3, 5, 3, 2, 3, 3, 3, 2],
        empty=gettext("No obligation is entered."),
    )


def _obligation(item: Facts) -> list[Value]:
    kind = translated(ObligationKind(item["kind"]).label)
    law = " ".join(part for part in (item["source"], item["article"]) if part)
    return [
        item["grant"],
        f"{title_of(item['rule'], item['title'], language())} ({kind}; {law})",
        gettext(DUTIES[DutyState(item["state"])][0]),
        gettext("yes") if item["binds"] else gettext("no"),
        item["ends_on"],
        item["debtor"],
        item["exposed"],
        item["currency"] if item["exposed"] is not None else None,
    ]


def ledger(facts: Facts) -> Section:
    """Say how far the record went, and how this statement is checked."""
    told = facts["ledger"]
    rows: list[tuple[str, Value]] = [(gettext("Chain of the programme"), Exact(str(told["chain"])))]
    if told["entry"]:
        rows += [
            (gettext("Last entry"), str(told["entry"]["seq"])),
            (gettext("Its hash (SHA-256)"), Exact(told["entry"]["hash"].hex())),
        ]
    if told["checkpoint"]:
        rows += [
            (gettext("Covered by the checkpoint of size"), str(told["checkpoint"]["size"])),
            (gettext("Its root (SHA-256)"), Exact(told["checkpoint"]["root"].hex())),
            (gettext("Fingerprint of the key"), Exact(told["checkpoint"]["key"])),
        ]
    return Section(
        gettext("By what it can be checked"),
        said=[
            gettext(
                "The same stands in a document for machines, statement.json. Its SHA-256 is on every page of the paper"
                " and on the first sheet of the workbook."
            )
        ],
        facts=rows,
    )
