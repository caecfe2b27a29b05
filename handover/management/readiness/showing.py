"""What `handover readiness` finds and tells: rounds, sheets, instruments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from handover import access
from handover.access import Actor, asking
from handover.canonical import decimal_text
from handover.errors import Invalid, NotFound
from handover.management.base import Call, argument
from handover.management.finding import SHORTEST_PREFIX
from handover.models import Assessment, Programme
from handover.narratives import best
from handover.permissions import Permission
from handover.queries.questionnaires import Questionnaire
from handover.queries.readiness import Round, Sheet, assessment_for
from handover.queries.scoring import domain_scores, total
from handover.terminal import wrapped

ASSESSMENT: Final = argument(
    "assessment", metavar="ASSESSMENT", help="UUID or its first eight characters: `handover readiness list`"
)
LANGUAGE: Final = argument(
    "--lang", default="en", metavar="LANG", help="language of the texts, if there: en, ro, lt"
)
HEXADECIMAL: Final = re.compile(rf"[0-9a-f]{{{SHORTEST_PREFIX},32}}")


def programme_of(call: Call) -> Programme:
    """Find the programme that a command names."""
    with asking(call.by):
        return access.programme_for(call.by, call["programme"], may=Permission.VIEW)


def assessment_named(by: Actor, text: str) -> Assessment:
    """Find an assessment by UUID or by the first eight or more characters of it, inside ``asking``.

    Raises:
        NotFound: there is none that the actor may know of.
        Invalid: the text is no such prefix, or several begin so.
    """
    bare = text.lower().replace("-", "")
    if not HEXADECIMAL.fullmatch(bare):
        raise Invalid(
            "no_such_key",
            f"“{text}” names no assessment: give its UUID, or at least its first {SHORTEST_PREFIX} characters.",
            field="assessment",
        )
    reachable = access.programme_ids(by, may=Permission.VIEW)
    rows = Assessment.objects.filter(
        programme__in=reachable, uuid__range=(UUID(bare.ljust(32, "0")), UUID(bare.ljust(32, "f")))
    )
    found = list(rows.values_list("uuid", flat=True)[:2])
    if not found:
        raise NotFound("assessment")
    if len(found) > 1:
        raise Invalid(
            "ambiguous", f"Several assessments begin with {text}: give the UUID.", field="assessment"
        )
    return assessment_for(by, found[0])


def assessment_of(call: Call) -> Assessment:
    """Find the assessment that a command names."""
    with asking(call.by):
        return assessment_named(call.by, call["assessment"])


def document(item: Assessment) -> dict[str, Any]:
    """Give an assessment for machines, without scores."""
    return {
        "uuid": item.uuid,
        "instrument": item.instrument.key,
        "edition": item.instrument.edition,
        "voice": str(item.voice),
        "wave": str(item.wave),
        "state": str(item.state),
        "organisation": item.organisation.slug,
        "scored_on": item.scored_on,
        "responsibility": item.responsibility.title if item.responsibility else None,
        "transfer": item.transfer.uuid if item.transfer else None,
    }


def about(item: Assessment) -> str:
    """Name what is scored, by which instrument, and when."""
    of = f", “{item.responsibility.title}”" if item.responsibility else ""
    to = f", “{item.transfer.title}”" if item.transfer else ""
    return f"{best(item.instrument.title)}, {item.get_wave_display()}{of}{to}"


def round_lines(within: Round) -> Iterator[str]:
    """Tell who scored in a round, and how far they are."""
    yield from wrapped(f"{about(within.first)}: round {within.number}", indent=2)
    for item in (*within.voices, *([within.agreed] if within.agreed else [])):
        by = "written by " if item.voice == "agreed" else ""
        state = "not closed yet" if item.state == "open" and by else item.get_state_display()
        yield f"  {str(item.uuid)[:8]}  {item.voice:<10} {by}{item.organisation.name}: {state}"


def sheet_lines(found: Sheet, lang: str) -> Iterator[str]:
    """Tell the scores of one voice by domain."""
    questionnaire = found.questionnaire
    scores = domain_scores(questionnaire, found.steps)
    yield from wrapped(f"{about(found.assessment)}: {found.assessment.get_voice_display()}", indent=2)
    for domain in questionnaire.domains:
        score = scores[domain.key]
        said = "–" if score is None else decimal_text(score)
        yield f"  {best(domain.title, lang)}: {said}"
        for item in domain.items:
            row = found.scores.get(item.key)
            step = " " if row is None else "-" if row.score is None else str(row.score)
            yield from wrapped(f"{item.key}: {best(item.text, lang)}", first=f"    {step}  ", indent=7)
            if row is not None and row.remark:
                yield from wrapped(row.remark, first="         ", indent=9)
    whole = total(questionnaire, found.steps)
    yield f"  the whole: {'–' if whole is None else decimal_text(whole)} of 100"


def sheet_document(found: Sheet) -> dict[str, Any]:
    """Give the scores of one voice for machines."""
    return {
        "assessment": document(found.assessment),
        "domains": domain_scores(found.questionnaire, found.steps),
        "whole": total(found.questionnaire, found.steps),
        "scores": [
            {"item": key, "score": row.score, "remark": row.remark} for key, row in found.scores.items()
        ],
        "missing": found.missing,
    }


def questionnaire_lines(found: Questionnaire, lang: str) -> Iterator[str]:
    """Tell an instrument in full: scale, domains, items."""
    yield from wrapped(best(found.title, lang))
    yield f"  {found.key}, edition {found.edition}; {found.source}; {found.licence}"
    ready, nearly = decimal_text(found.ready), decimal_text(found.nearly)
    yield f"  ready from {ready}, nearly from {nearly} of 100"
    for step, label in sorted(found.labels.items()):
        yield f"  {step}  {best(label, lang)}"
    for domain in found.domains:
        yield f"  {domain.key}: {best(domain.title, lang)} (weight {decimal_text(domain.weight)})"
        for item in domain.items:
            heavy = f" (weight {decimal_text(item.weight)})" if item.weight != 1 else ""
            yield from wrapped(f"{item.key}: {best(item.text, lang)}{heavy}", first="    ", indent=6)


def questionnaire_document(found: Questionnaire) -> Mapping[str, Any]:
    """Give an instrument for machines, in the form in which one is adopted."""
    return {
        "key": found.key,
        "edition": found.edition,
        "title": found.title,
        "source": found.source,
        "licence": found.licence,
        **found.document,
    }
