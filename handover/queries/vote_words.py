"""Votes in words: plain lines for people in three languages, the story for a proof, the chapter of a programme.

Sentences are made so that no number bends a noun: the same words hold for one person and for hundreds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from textwrap import shorten
from typing import Any, Final

from django.db.models import Q

from handover import clock
from handover.models import CommunitySeat, CommunityVote, Programme, Transfer, TransferMilestone
from handover.models.milestones import OnDissent
from handover.models.voices import AnswerKind
from handover.narratives import best
from handover.queries.votes import Heard, history, of_programme, of_transfer

WIDTH: Final = 100

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "about": "A vote of the community on: {milestone}",
        "asked": "The question: {asked}",
        "held": "Held on {day}, {who}. Recorded by {by}.",
        "everybody": "open to everybody whom it concerns",
        "counts": "People present: {present}. For: {assent}. Against: {dissent}. Abstained: {abstained}.",
        "silent": "Present, but did not vote: {silent}.",
        "quorum": "The plan asks for at least this many people: {quorum}. That was reached.",
        "short": "The plan asks for at least this many people: {quorum}. It was not reached: the vote does not count.",
        "yes": "More people said yes than no.",
        "no": "The noes weigh: at least as many people said no as yes.",
        "reasons": "Why people said no, in their words:",
        "reason": "  “{text}” (said by: {people})",
        "plan": "What the plan says then: {word}.",
        "answers": "What was done about it:",
        "answer": "  {day}: {kind}{mediator}. {text}",
        "mediator": " by {name}",
        "unanswered": "Nobody has answered this yet.",
        "changed": "The plan has changed since; its yes counts no longer.",
        "followed": "A later vote has followed it. This one stays on record.",
        "": "the milestone waits until the community has voted again",
        OnDissent.PAUSE.value: "the milestone waits until the community has voted again",
        OnDissent.MEDIATION.value: "the milestone waits until a mediation has been held",
        OnDissent.GO_ON.value: "the milestone goes on once the reasons have been answered in writing",
        AnswerKind.MEDIATED.value: "a mediation was held",
        AnswerKind.REASONS_GIVEN.value: "the reasons were answered",
        AnswerKind.PLAN_CHANGED.value: "the plan was changed",
    },
    "ro": {
        "about": "Un vot al comunității despre: {milestone}",
        "asked": "Întrebarea: {asked}",
        "held": "Ținut la {day}, {who}. Consemnat de {by}.",
        "everybody": "deschis tuturor celor pe care îi privește",
        "counts": "Persoane prezente: {present}. Pentru: {assent}. Împotrivă: {dissent}. Abțineri: {abstained}.",
        "silent": "Prezente, dar fără să voteze: {silent}.",
        "quorum": "Planul cere cel puțin atâtea persoane: {quorum}. Numărul a fost atins.",
        "short": "Planul cere cel puțin atâtea persoane: {quorum}. Numărul nu a fost atins: votul nu contează.",
        "yes": "Mai multe persoane au spus da decât nu.",
        "no": "Răspunsurile „nu” cântăresc: cel puțin la fel de multe persoane au spus nu câte au spus da.",
        "reasons": "De ce au spus nu, în cuvintele lor:",
        "reason": "  „{text}” (au spus-o: {people})",
        "plan": "Ce spune planul în acest caz: {word}.",
        "answers": "Ce s-a făcut:",
        "answer": "  {day}: {kind}{mediator}. {text}",
        "mediator": " de către {name}",
        "unanswered": "Nimeni nu a răspuns încă.",
        "changed": "Planul s-a schimbat între timp; „da”-ul de atunci nu mai contează.",
        "followed": "A urmat un alt vot. Acesta rămâne consemnat.",
        "": "etapa așteaptă până când comunitatea votează din nou",
        OnDissent.PAUSE.value: "etapa așteaptă până când comunitatea votează din nou",
        OnDissent.MEDIATION.value: "etapa așteaptă până când are loc o mediere",
        OnDissent.GO_ON.value: "etapa continuă după ce se răspunde în scris la motive",
        AnswerKind.MEDIATED.value: "a avut loc o mediere",
        AnswerKind.REASONS_GIVEN.value: "s-a răspuns la motive",
        AnswerKind.PLAN_CHANGED.value: "planul a fost schimbat",
    },
    "lt": {
        "about": "Bendruomenės balsavimas dėl: {milestone}",
        "asked": "Klausimas: {asked}",
        "held": "Vyko {day}, {who}. Užrašė {by}.",
        "everybody": "galėjo dalyvauti visi, kuriems tai svarbu",
        "counts": "Dalyvavo: {present}. Už: {assent}. Prieš: {dissent}. Susilaikė: {abstained}.",
        "silent": "Dalyvavo, bet nebalsavo: {silent}.",
        "quorum": "Planas reikalauja, kad dalyvautų ne mažiau kaip: {quorum}. Tiek dalyvavo.",
        "short": "Planas reikalauja, kad dalyvautų ne mažiau kaip: {quorum}. Tiek nedalyvavo: balsavimas negalioja.",
        "yes": "Daugiau žmonių pasakė „taip“ negu „ne“.",
        "no": "Balsai „ne“ lemia: „ne“ pasakė ne mažiau žmonių negu „taip“.",
        "reasons": "Kodėl žmonės pasakė „ne“, jų žodžiais:",
        "reason": "  „{text}“ (taip sakė: {people})",
        "plan": "Ką tokiu atveju numato planas: {word}.",
        "answers": "Kas dėl to padaryta:",
        "answer": "  {day}: {kind}{mediator}. {text}",
        "mediator": ", tarpininkavo {name}",
        "unanswered": "Į tai dar niekas neatsakė.",
        "changed": "Planas nuo to laiko pasikeitė; tuometinis „taip“ nebegalioja.",
        "followed": "Po jo vyko kitas balsavimas. Šis lieka užrašytas.",
        "": "etapas laukia, kol bendruomenė balsuos iš naujo",
        OnDissent.PAUSE.value: "etapas laukia, kol bendruomenė balsuos iš naujo",
        OnDissent.MEDIATION.value: "etapas laukia, kol įvyks tarpininkavimas",
        OnDissent.GO_ON.value: "etapas tęsiamas, kai į priežastis atsakyta raštu",
        AnswerKind.MEDIATED.value: "įvyko tarpininkavimas",
        AnswerKind.REASONS_GIVEN.value: "į priežastis atsakyta",
        AnswerKind.PLAN_CHANGED.value: "planas pakeistas",
    },
}
"""What is said of a vote, by language; English where there is no other."""
DAYS: Final = {"en": "%-d %B %Y", "ro": "%d.%m.%Y", "lt": "%Y-%m-%d"}


def readable(vote: CommunityVote, lang: str = "en") -> Iterator[str]:
    """Tell a vote in plain words: the question, the counts, the reasons of those who said no, and what was done."""
    item = next(item for item in history(vote.milestone) if item.vote.pk == vote.pk)
    yield from told(item, lang)


def told(item: Heard, lang: str = "en") -> Iterator[str]:
    """Tell a vote that was read already."""
    words = WORDS.get(lang, WORDS["en"])
    vote, milestone = item.vote, item.vote.milestone
    yield words["about"].format(milestone=milestone.title)
    yield words["asked"].format(asked=best(vote.asked, lang))
    who = vote.community.name if vote.community else words["everybody"]
    yield words["held"].format(day=_day(vote.held_on, lang), who=who, by=vote.organisation.name)
    yield words["counts"].format(
        present=vote.present, assent=vote.assent, dissent=vote.dissent, abstained=vote.abstained
    )
    silent = vote.present - vote.assent - vote.dissent - vote.abstained
    if silent:
        yield words["silent"].format(silent=silent)
    if milestone.quorum is not None:
        yield words["quorum" if item.counts else "short"].format(quorum=milestone.quorum)
    if item.weighs or item.carries:
        yield words["no" if item.weighs else "yes"]
    if vote.dissent:
        yield from _dissent(item, words, lang)
    if item.counts and not item.current:
        yield words["changed"]
    if item.counts and not item.stands:
        yield words["followed"]


def _dissent(item: Heard, words: Mapping[str, str], lang: str) -> Iterator[str]:
    yield words["reasons"]
    for reason in item.reasons:
        yield words["reason"].format(text=reason.text, people=reason.people)
    if item.weighs:
        yield words["plan"].format(word=words[item.vote.milestone.on_dissent])
    if not item.answers:
        yield words["unanswered"]
        return
    yield words["answers"]
    for answer in item.answers:
        mediator = words["mediator"].format(name=answer.mediator) if answer.mediator else ""
        yield words["answer"].format(
            day=_day(answer.answered_on, lang), kind=words[answer.kind], mediator=mediator, text=answer.text
        )


def _day(day: dt.date, lang: str) -> str:
    return day.strftime(DAYS.get(lang, DAYS["en"]))


def short(item: Heard) -> str:
    """Tell a vote in one line, for the plan: when, how many, and whether it counts."""
    vote = item.vote
    of = f", {vote.community}" if vote.community else ""
    more = "" if item.counts else "; below the quorum, it does not count"
    more += "" if not item.counts or item.current else "; of an earlier plan"
    more += "" if not item.counts or item.stands else "; followed by a later vote"
    return (
        f"the community voted on {vote.held_on}{of}: {vote.assent} for, {vote.dissent} against,"
        f" {vote.abstained} abstained of {vote.present}{more}"
    )


def dissent_lines(item: Heard) -> Iterator[str]:
    """Tell the dissent of a vote, for the plan: each reason, each answer."""
    for reason in item.reasons:
        yield f"dissent ({reason.people}): “{reason.text}”"
    for answer in item.answers:
        mediator = f", by {answer.mediator}" if answer.mediator else ""
        yield f"{answer.get_kind_display()}{mediator} ({answer.answered_on}): {answer.text}"
    if item.vote.dissent and not item.answers:
        yield "nobody has answered this dissent yet"


def in_plan(milestone: TransferMilestone) -> Iterator[str]:
    """Tell what a plan says of the community's vote on a milestone, and every vote, for whoever reads the plan."""
    if milestone.quorum is not None or milestone.on_dissent:
        quorum = f"at least {milestone.quorum} people vote; " if milestone.quorum else ""
        word = OnDissent(milestone.on_dissent).label if milestone.on_dissent else "the plan does not say"
        yield f"{quorum}on dissent: {word}"
    for item in history(milestone):
        yield short(item)
        yield from dissent_lines(item)


def story(transfer: Transfer) -> list[dict[str, Any]]:
    """Tell all votes on a transfer for its proof, in JSON types: counts, reasons, answers; nobody is named."""
    heard = of_transfer(transfer)
    return [
        {
            "milestone": milestone.uuid,
            "title": milestone.title,
            "quorum": milestone.quorum,
            "on_dissent": milestone.on_dissent or None,
            "votes": [_for_proof(item) for item in heard[milestone.pk]],
        }
        for milestone in transfer.milestones.filter(pk__in=heard).order_by("due_on", "id")
    ]


def _for_proof(item: Heard) -> dict[str, Any]:
    vote = item.vote
    return {
        "uuid": vote.uuid,
        "held_on": vote.held_on,
        "community": vote.community.name if vote.community else None,
        "asked": vote.asked,
        "present": vote.present,
        "assent": vote.assent,
        "dissent": vote.dissent,
        "abstained": vote.abstained,
        "counts": item.counts,
        "stands": item.stands,
        "reasons": [{"text": reason.text, "people": reason.people} for reason in item.reasons],
        "answers": [
            {
                "kind": str(answer.kind),
                "text": answer.text,
                "mediator": answer.mediator,
                "answered_on": answer.answered_on,
            }
            for answer in item.answers
        ],
    }


def story_lines(told: list[Mapping[str, Any]]) -> Iterator[str]:
    """Tell the dissent that a proof holds, from its body: every reason, every answer."""
    for milestone in told:
        for vote in milestone["votes"]:
            if not vote["dissent"]:
                continue
            yield f"{milestone['title']}, {vote['held_on']}: {vote['dissent']} of {vote['present']} dissented"
            for reason in vote["reasons"]:
                yield f"  “{reason['text']}” ({reason['people']})"
            for answer in vote["answers"]:
                kind = AnswerKind(answer["kind"]).label if answer["kind"] in AnswerKind.values else ""
                yield f"  {kind} ({answer['answered_on']}): {answer['text']}"


# --- of a programme ---


def seats(programme: Programme) -> list[CommunitySeat]:
    """Give the seats of a programme's communities, those of today first, then those that are over or to come."""
    today = clock.today()
    rows = CommunitySeat.objects.filter(programme=programme).select_related("community", "organisation")
    now = Q(starts_on__lte=today) & (Q(ends_on=None) | Q(ends_on__gte=today))
    filled = set(rows.filter(now).values_list("pk", flat=True))
    return sorted(rows, key=lambda seat: (seat.pk not in filled, seat.community.name, seat.role, seat.pk))


def lines(programme: Programme) -> Iterator[str]:
    """Tell in a few lines through whom communities are heard, and how they voted."""
    today = clock.today()
    held = [
        seat
        for seat in seats(programme)
        if seat.starts_on <= today and (seat.ends_on is None or seat.ends_on >= today)
    ]
    if held:
        yield f"Seats of the communities: {sum(seat.seats for seat in held)}"
        for seat in held:
            yield _fit(
                f"  {seat.seats} × {seat.get_role_display()}, {seat.community}: filled by {seat.chosen_by}"
            )
    heard = list(of_programme(programme))
    if heard:
        against = sum(bool(item.vote.dissent) for item in heard)
        yield f"Votes of the communities: {len(heard)}, with dissent on record in {against}"


def chapter(programme: Programme) -> Iterator[str]:
    """Tell every vote with its dissent and what became of it: the counts, the weightiest reason, the last answer."""
    for item in of_programme(programme):
        vote = item.vote
        yield _fit(f"{vote.held_on} {vote.milestone.title}")
        state = "" if item.counts else ", below the quorum"
        yield _fit(
            f"  {vote.assent} for, {vote.dissent} against, {vote.abstained} abstained, of {vote.present}{state}"
        )
        if item.reasons:
            first = max(item.reasons, key=lambda reason: reason.people)
            yield _fit(f"  they said ({first.people}): “{first.text}”")
        if item.answers:
            last = item.answers[-1]
            yield _fit(f"  {last.get_kind_display()}: {last.text}")
        elif vote.dissent:
            yield "  nobody has answered this dissent yet"


def _fit(text: str) -> str:
    if len(text) <= WIDTH:
        return text
    indent = len(text) - len(text.lstrip())
    return " " * indent + shorten(text.strip(), WIDTH - indent, placeholder=" …")
