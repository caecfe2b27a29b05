"""The words of the audit file, in the language that is active."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext, gettext_noop

from handover.clock import HOUSE_ZONE
from handover.languages import language, moment, translated
from handover.models.audits import (
    AuditKind,
    FindingState,
    FrameKind,
    Recovery,
    RequestState,
    SampleMethod,
    Severity,
)
from handover.queries import annex_xvii
from handover.queries.annex_xvii import Held
from handover.queries.audit_words import STATES
from handover.queries.audits import State
from handover.queries.ledger_words import PHRASES
from handover.queries.statements.sections import Exact, Form, Section, Value, Written
from handover.queries.statements.sustainability_words import ledger, opening

Facts = Mapping[str, Any]

HELD: Final[Mapping[Held, str]] = {
    Held.HELD: gettext_noop("held here"),
    Held.MISSING: gettext_noop("something is missing"),
    Held.ELSEWHERE: gettext_noop("not kept here"),
}


def write(facts: Facts) -> Written:
    """Write the whole file."""
    return Written(
        gettext("Audit file"),
        [
            opening(facts),
            _engagement(facts["audit"]),
            _grants(facts),
            _completeness(facts),
            _requests(facts),
            *_samples(facts),
            _findings(facts),
            *_each_finding(facts),
            _looks(facts),
            _entries(facts),
            ledger(facts),
        ],
    )


def _engagement(row: Facts) -> Section:
    told: list[tuple[str, Value]] = [
        (gettext("Reference"), row["reference"]),
        (gettext("Title"), row["title"]),
        (gettext("Kind of audit"), translated(AuditKind(row["kind"]).label)),
        (gettext("Where it is"), gettext(STATES[State(row["state"])][0])),
        (gettext("Audited by"), row["auditor"]),
        (gettext("Opened by"), row["opened_by"]),
        (gettext("From"), moment(row["starts_at"])),
        (gettext("Until, and without"), moment(row["ends_at"])),
        (gettext("Purpose"), row["purpose"]),
    ]
    if row["withdrawn_at"]:
        told.append((gettext("Withdrawn on"), _day(row["withdrawn_at"])))
    if row["legal_basis"]:
        told.append((gettext("Legal basis"), row["legal_basis"]))
    if row["notice"]:
        told.append((gettext("What the audited were told"), row["notice"]))
    return Section(gettext("The audit"), facts=told)


def _day(instant: dt.datetime | None) -> dt.date | None:
    return instant.astimezone(HOUSE_ZONE).date() if instant else None


def _grants(facts: Facts) -> Section:
    named = any(row["named"] for row in facts["grants"])
    return Section(
        gettext("Grants in scope"),
        said=[] if named else [gettext("No grant is named: the audit is about the whole programme.")],
        head=[
            gettext("Agreement"),
            gettext("Title"),
            gettext("Donor"),
            gettext("Amount"),
            gettext("Currency"),
            gettext("Final payment on"),
        ],
        rows=[
            [
                row["agreement_number"],
                row["title"],
                row["donor"],
                row["amount"],
                row["currency"],
                row["final_payment_on"],
            ]
            for row in facts["grants"]
        ],
        widths=[3, 5, 4, 3, 2, 3],
        empty=gettext("The programme has no grant."),
    )


def _completeness(facts: Facts) -> Section:
    titles = {group.key: group.title(language()) for group in annex_xvii.groups()}
    return Section(
        gettext("Data of the operation (Annex XVII of Regulation (EU) 2021/1060)"),
        head=[
            gettext("Grant"),
            gettext("Fields"),
            gettext("What they tell"),
            gettext("Whether it is held here"),
            gettext("Missing"),
        ],
        rows=[
            [
                row["agreement_number"],
                group["numbers"],
                titles.get(group["key"], group["key"]),
                gettext(HELD[Held(group["held"])]),
                ", ".join(group["missing"]),
            ]
            for row in facts["grants"]
            for group in row["annex_xvii"]
        ],
        widths=[3, 2, 6, 3, 5],
        empty=gettext("The programme has no grant."),
    )


def _requests(facts: Facts) -> Section:
    return Section(
        gettext("Requests"),
        head=[
            gettext("What was asked for"),
            gettext("Due on"),
            gettext("Where it is"),
            gettext("Answer"),
            gettext("Evidence (SHA-256)"),
        ],
        rows=[_request(row) for row in facts["requests"]],
        widths=[4, 2, 2, 4, 6],
        empty=gettext("Nothing was asked for."),
    )


def _request(row: Facts) -> list[Value]:
    state = translated(RequestState(row["state"]).label)
    if row["overdue"]:
        state = f"{state}, {gettext('overdue')}"
    answer = " ".join(text for text in (row["answer"], row["remark"]) if text)
    digests = " ".join(item["sha256"] or item["uuid"] for item in row["evidence"])
    return [f"{row['title']}. {row['asked']}", row["due_on"], state, answer, Exact(digests)]


def _samples(facts: Facts) -> Iterator[Section]:
    yield Section(
        gettext("Samples"),
        said=[
            gettext(
                "The hash of a seed was told first, then the list was frozen, then the seed was revealed:"
                " neither side could choose."
            )
        ],
        empty="" if facts["samples"] else gettext("No sample was drawn."),
    )
    for number, row in enumerate(facts["samples"], start=1):
        yield _sample(number, row)


def _sample(number: int, row: Facts) -> Section:
    told: list[tuple[str, Value]] = [
        (gettext("What is drawn from"), translated(FrameKind(row["population"]).label)),
        (gettext("How it is drawn"), translated(SampleMethod(row["method"]).label)),
        (gettext("Size of the sample"), row["size"]),
        (gettext("Hash of the seed (SHA-256)"), Exact(row["commitment"])),
        (gettext("Told on"), _day(row["committed_at"])),
    ]
    if row["frozen_at"]:
        told += [
            (gettext("The list was frozen on"), _day(row["frozen_at"])),
            (gettext("Items in the list"), row["frame_size"]),
            (gettext("Digest of the list (SHA-256)"), Exact(row["frame_digest"])),
        ]
    if row["revealed_at"]:
        told += [
            (gettext("The seed was revealed on"), _day(row["revealed_at"])),
            (gettext("Seed"), Exact(row["seed"])),
            (
                gettext("Drawn again for this file"),
                gettext("the same sample follows") if row["holds"] else gettext("ANOTHER SAMPLE FOLLOWS"),
            ),
        ]
    return Section(
        gettext("Sample %(number)s: %(title)s") % {"number": number, "title": row["title"]},
        facts=told,
        head=[
            gettext("No."),
            gettext("Item"),
            gettext("Where"),
            gettext("Group"),
            gettext("Amount"),
            gettext("Drawn for certain"),
        ],
        rows=[
            [
                item["number"],
                item["label"],
                item["place"],
                item["stratum"],
                Decimal(item["cents"]).scaleb(-2) if row["currency"] else None,
                gettext("yes") if item["certain"] else "",
            ]
            for item in row["drawn"]
        ],
        widths=[1, 5, 4, 3, 3, 2],
        empty=gettext("Nothing is drawn yet."),
        level=3,
    )


def _findings(facts: Facts) -> Section:
    return Section(
        gettext("Findings"),
        said=[gettext("Drafts are not told.")],
        head=[
            gettext("No."),
            gettext("Finding"),
            gettext("Severity"),
            gettext("Where it is"),
            gettext("Affected amount"),
            gettext("Correction"),
            gettext("Currency"),
            gettext("Debtor"),
            gettext("Recovery"),
        ],
        rows=[
            [
                number,
                row["title"],
                translated(Severity(row["severity"]).label),
                translated(FindingState(row["state"]).label),
                row["affected_amount"],
                row["correction_amount"],
                row["currency"],
                row["debtor"],
                translated(Recovery(row["recovery"]).label),
            ]
            for number, row in enumerate(facts["findings"], start=1)
        ],
        widths=[1, 5, 2, 3, 3, 3, 2, 3, 3],
        empty=gettext("No finding was shared."),
    )


def _each_finding(facts: Facts) -> Iterator[Section]:
    """Tell each finding whole: on paper one after the other, in a workbook line by line."""
    told = [_finding(row) for row in facts["findings"]]
    for number, (row, lines) in enumerate(zip(facts["findings"], told, strict=True), start=1):
        yield Section(
            gettext("Finding %(number)s: %(title)s") % {"number": number, "title": row["title"]},
            facts=[(label, value) for label, value in lines if value is not None and value != ""],
            level=3,
            only=Form.PDF,
        )
    if told:
        yield Section(
            gettext("Findings, whole"),
            head=[gettext("No."), *(label for label, _ in told[0])],
            rows=[[number, *(value for _, value in lines)] for number, lines in enumerate(told, start=1)],
            widths=[1, *[5] * len(told[0])],
            only=Form.XLSX,
        )


def _finding(row: Facts) -> list[tuple[str, Value]]:
    return [
        (gettext("What should be (criterion)"), row["criterion"]),
        (gettext("What is (condition)"), row["condition"]),
        (gettext("Why (cause)"), row["cause"]),
        (gettext("What follows (effect)"), row["effect"]),
        (gettext("Type of irregularity"), row["irregularity"]),
        (gettext("Correction (%)"), row["correction_rate"]),
        (gettext("Recommendation"), row["recommendation"]),
        (gettext("Due on"), row["due_on"]),
        (gettext("Reply of the audited"), row["reply"]),
        (gettext("Replied on"), _day(row["replied_at"])),
        (gettext("What became of it"), row["follow_up"]),
        (gettext("Why it was closed"), row["closure_reason"]),
        (gettext("Closed on, by two people"), _day(row["closed_at"])),
    ]


def _looks(facts: Facts) -> Section:
    return Section(
        gettext("Looks at special categories"),
        said=[gettext("Who looked is named in the programme’s own record.")],
        head=[gettext("When"), gettext("At what")],
        rows=[[moment(row["at"]), row["what"]] for row in facts["looks"]],
        widths=[2, 5],
        empty=gettext("No auditor looked at figures of special categories."),
    )


def _entries(facts: Facts) -> Section:
    return Section(
        gettext("In the ledger"),
        head=[gettext("Entry"), gettext("What happened"), gettext("When"), gettext("Its hash (SHA-256)")],
        rows=[
            [str(row["seq"]), _phrase(row["verb"]), moment(row["recorded_at"]), Exact(row["hash"].hex())]
            for row in facts["entries"]
        ],
        widths=[1, 4, 3, 6],
        empty=gettext("Nothing is recorded."),
    )


def _phrase(verb: str) -> str:
    phrase = PHRASES.get(verb)
    return translated(phrase) if phrase else verb
