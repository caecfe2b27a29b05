"""Assessments begun: by whom, by which instrument, of what, and whether it is the time."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from handover import access, clock
from handover.access import Actor
from handover.actions import action
from handover.actions.scores import recorded, refuse_both
from handover.errors import Invalid, Refused
from handover.models import Assessment, Instrument, Programme, Responsibility, Transfer
from handover.models.readiness import Voice, Wave
from handover.models.transfers import OPEN_STATES, TransferState
from handover.permissions import Permission
from handover.queries import instruments
from handover.queries.questionnaires import Questionnaire
from handover.queries.readiness import Round, agreed_before, rounds_of, voice_of
from handover.queries.readiness_waves import OPENS_DAYS, due_on


@action
def begin(
    *,
    by: Actor,
    programme_uuid: UUID,
    instrument_key: str,
    transfer_uuid: UUID | None = None,
    responsibility_uuid: UUID | None = None,
    wave: Wave | str = Wave.BEFORE,
    scored_on: dt.date | None = None,
    remark: str = "",
) -> Assessment:
    """Begin to score for one's own side: a programme or one responsibility, of a transfer if one is named.

    After the handover the edition is scored that was scored before it, else the one that was adopted last.

    Raises:
        NotFound, NotAllowed: the actor may not score, is no side here, or has scored this round for another side.
        Invalid: the instrument is not adopted or not asked about this, an unknown wave, or a day ahead.
        Refused: one's own side has scored in this round, what was scored is being agreed, or it is not the time.
    """
    programme = access.lock_programme(access.programme_for(by, programme_uuid, may=Permission.VIEW))
    access.programme_for(by, programme_uuid, may=Permission.ASSESS_READINESS)
    if wave not in Wave.values:
        raise Invalid("unknown_wave", f"“{wave}” is no wave: {', '.join(Wave.values)}.", field="wave")
    transfer = _transfer(by, programme, transfer_uuid)
    _refuse_out_of_time(transfer, Wave(wave))
    responsibility = _responsibility(by, programme, transfer, responsibility_uuid)
    instrument = _instrument(programme, instrument_key, transfer, responsibility, Wave(wave))
    _refuse_about(instruments.of(instrument), responsibility)
    day = scored_on or clock.today()
    if day > clock.today():
        raise Invalid("day_ahead", "Readiness is scored today or was scored before.", field="scored_on")
    voice = voice_of(by, programme, transfer)
    subject = (instrument.pk, responsibility and responsibility.pk, transfer and transfer.pk, str(wave))
    _refuse_second(by, voice, _open_round(programme, subject))
    assessment = Assessment(
        programme=programme,
        instrument=instrument,
        responsibility=responsibility,
        transfer=transfer,
        voice=voice,
        wave=wave,
        scored_on=day,
        organisation=by.organisation,
        user_uuid=by.user.uuid,
        user_name=by.user.called,
        remark=remark.strip(),
    )
    assessment.clean_fields(exclude=["programme", "instrument", "responsibility", "transfer", "organisation"])
    assessment.save()
    recorded(by, assessment, "assessment.begun", instrument=instrument.key, edition=instrument.edition)
    return assessment


def _transfer(by: Actor, programme: Programme, uuid: UUID | None) -> Transfer | None:
    if uuid is None:
        return None
    transfer = access.transfer_for(by, uuid, may=Permission.VIEW)
    if transfer.programme_id != programme.pk:
        raise Invalid("foreign_transfer", "This transfer is of another programme.", field="transfer")
    return transfer


def _refuse_out_of_time(transfer: Transfer | None, wave: Wave) -> None:
    """Refuse scores before a handover that is over, and scores after one that has not been, or too early."""
    if wave == Wave.BEFORE:
        if transfer is not None and transfer.state not in OPEN_STATES:
            raise Refused(
                "transfer_over",
                f"“{transfer.title}” is {transfer.get_state_display()}: nothing is scored before it any more.",
            )
        return
    if transfer is None:
        raise Invalid("transfer_missing", "Say after which transfer this is scored.", field="transfer")
    due = due_on(transfer, wave)
    if transfer.state != TransferState.EXECUTED or due is None:
        raise Refused(
            "not_executed",
            f"“{transfer.title}” is {transfer.get_state_display()}: nothing is scored after it.",
        )
    opens = due - dt.timedelta(days=OPENS_DAYS)
    if clock.today() < opens:
        raise Refused(
            "too_early", f"Scores {wave.label} “{transfer.title}” are due on {due}, and open on {opens}."
        )


def _responsibility(
    by: Actor, programme: Programme, transfer: Transfer | None, uuid: UUID | None
) -> Responsibility | None:
    if uuid is None:
        return None
    found = access.responsibility_for(by, uuid, may=Permission.VIEW)
    if found.programme_id != programme.pk:
        raise Invalid(
            "foreign_responsibility",
            f"“{found.title}” is a responsibility of another programme.",
            field="responsibility",
        )
    if transfer is not None and not transfer.items.filter(responsibility=found).exists():
        raise Invalid("outside_plan", f"“{found.title}” is not in this plan.", field="responsibility")
    return found


def _instrument(
    programme: Programme,
    key: str,
    transfer: Transfer | None,
    responsibility: Responsibility | None,
    wave: Wave,
) -> Instrument:
    adopted = Instrument.objects.filter(programme=programme)
    found = adopted.filter(key=key).order_by("-id").first()
    if found is None:
        there = ", ".join(dict.fromkeys(adopted.order_by("key").values_list("key", flat=True)))
        among = f"it has: {there}" if there else "it has none yet"
        raise Invalid(
            "instrument_not_adopted", f"The programme has no instrument “{key}”; {among}.", field="instrument"
        )
    if wave == Wave.BEFORE or transfer is None:
        return found
    before = agreed_before(transfer, key, responsibility.pk if responsibility else None)
    return before.instrument if before is not None else found


def _refuse_about(questionnaire: Questionnaire, responsibility: Responsibility | None) -> None:
    if questionnaire.about == "responsibility" and responsibility is None:
        raise Invalid(
            "responsibility_missing",
            f"Instrument “{questionnaire.key}” is asked of one responsibility at a time: say of which.",
            field="responsibility",
        )
    if questionnaire.about == "programme" and responsibility is not None:
        raise Invalid(
            "asks_the_programme",
            f"Instrument “{questionnaire.key}” is asked of the programme, not of one responsibility.",
            field="responsibility",
        )


def _open_round(programme: Programme, subject: tuple[object, ...]) -> Round | None:
    """Give the round of a subject that is not over, if there is one."""
    for within in rounds_of(programme):
        first = within.first
        own = (first.instrument_id, first.responsibility_id, first.transfer_id, first.wave)
        if own == subject and not within.over:
            return within
    return None


def _refuse_second(by: Actor, voice: Voice, within: Round | None) -> None:
    if within is None:
        return
    own = within.of(by.organisation)
    if own is not None:
        raise Refused(
            "scored_already",
            f"{by.organisation.name} has begun its scores of this round: assessment {str(own.uuid)[:8]}.",
        )
    if within.agreed is not None:
        raise Refused(
            "being_agreed", "What was scored in this round is being agreed: the next round is yours too."
        )
    if voice != Voice.COMMUNITY and any(item.voice == voice for item in within.voices):
        raise Refused("scored_already", f"The {voice.label} has scored this round already.")
    refuse_both(by, voice, within)
