"""Notices: said to whoever listens, kept for nobody; texts that look personal are noticed wherever they are written."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable, Iterator
from contextvars import copy_context
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import models

from handover import notices
from handover.access import Operator, asking
from handover.actions import (
    evidence,
    giving_back,
    milestones,
    permissions,
    places,
    programmes,
    registers,
    responsibilities,
    transfers,
)
from handover.models import Evidence, LedgerEntry, Place, Post, Programme, Transfer
from handover.models.base import FreeText, notice_personal_data
from handover.notices import Notice
from handover.permissions import Permission
from indicators.actions import breaks, values
from interventions.actions import needs
from tests.factories.cast import Cast
from tests.factories.indicators import indicator
from tests.factories.interventions import intervention, levels, need
from tests.factories.transfers import RETENTION, drafted, executed, milestone, responsibilities_of

PHONE = "Ring 0700 000 000 and ask for her."
MASKED = "a telephone number (0…0, from character 6)"
"""What a notice says of it. No number of anybody: exchanges of zeros are not given out."""


def codes(heard: notices.Heard) -> list[tuple[str, str]]:
    return [(notice.code, notice.field) for notice in heard]


# --- the collector -----------------------------------------------------------------------------------------------


def test_without_a_listener_nothing_happens() -> None:
    assert not notices.listening()
    notices.warn("looks_personal", "Somebody should hear this.", "title")
    with notices.collected() as heard:
        assert notices.listening()
    assert list(heard) == []


def test_a_listener_hears_each_notice_once_in_the_order_in_which_it_was_said() -> None:
    with notices.collected() as heard:
        for sentence in ("First.", "Second.", "First."):
            notices.warn("looks_personal", sentence, "title")
        notices.warn("looks_personal", "First.", "description")
    assert [(item.sentence, item.field) for item in heard] == [
        ("First.", "title"),
        ("Second.", "title"),
        ("First.", "description"),
    ]
    assert len(heard) == 3


def test_what_was_heard_stays_readable_and_hears_no_more_after_the_block() -> None:
    with notices.collected() as heard:
        notices.warn("looks_personal", "Inside.", "title")
    notices.warn("looks_personal", "Outside.", "title")
    assert list(heard) == [Notice("looks_personal", "Inside.", "title")]
    assert [item.as_json() for item in heard] == [
        {"code": "looks_personal", "sentence": "Inside.", "field": "title"}
    ]


def test_of_two_blocks_the_inner_one_hears() -> None:
    with notices.collected() as outer:
        with notices.collected() as inner:
            notices.warn("looks_personal", "Said inside.")
        notices.warn("looks_personal", "Said outside.")
    assert [item.sentence for item in inner] == ["Said inside."]
    assert [item.sentence for item in outer] == ["Said outside."]


def test_a_block_that_ends_in_an_error_listens_no_longer() -> None:
    with pytest.raises(ZeroDivisionError), notices.collected():
        raise ZeroDivisionError
    assert not notices.listening()


def test_one_request_does_not_hear_another() -> None:
    """Each context has its own listener: a thread or task that began elsewhere says nothing here."""
    elsewhere = copy_context()
    with notices.collected() as heard:
        elsewhere.run(notices.warn, "looks_personal", "Said elsewhere.")
    assert list(heard) == []


# --- which columns are read --------------------------------------------------------------------------------------


class Colour(models.TextChoices):
    """Two colours, the names of which would be telephone numbers."""

    RED = "0700000000", "red"


class Card(FreeText):
    """A row with a column of every kind that holds text; it has no table, and needs none."""

    title = models.CharField(max_length=100, blank=True)
    text = models.TextField(blank=True, null=True)  # noqa: DJ001
    told = models.JSONField(default=list, blank=True)
    key = models.SlugField(blank=True)
    link = models.URLField(blank=True)
    address = models.EmailField(blank=True)
    colour = models.CharField(max_length=20, choices=Colour, blank=True)
    number = models.CharField(max_length=20, blank=True)
    added_by_name = models.CharField(max_length=100, blank=True)
    count = models.BigIntegerField(default=0)

    may_look_personal = frozenset({"number"})

    class Meta(FreeText.Meta):
        abstract = False
        managed = False
        app_label = "handover_tests"
        default_permissions = ()

    def __str__(self) -> str:
        return self.title


@pytest.mark.parametrize(
    "said",
    [
        {"title": PHONE},
        {"text": PHONE},
        {"told": [{"lang": "ro", "text": "Fără acte."}, {"lang": "en", "text": PHONE}]},
        {"told": {"note": {"deep": ["nothing", PHONE]}}},
        {"told": PHONE},
    ],
)
def test_texts_are_read_wherever_they_stand(said: dict[str, Any]) -> None:
    (field,) = said
    with notices.collected() as heard:
        Card(**said).clean_fields()
    assert codes(heard) == [("looks_personal", field)]
    (notice,) = heard
    assert MASKED in notice.sentence
    assert "000 000" not in notice.sentence


@pytest.mark.parametrize(
    "said",
    [
        {"title": "Road to the settlement", "text": None},
        {"told": {"0700 000 000": "a key is a name"}},
        {"told": [1, 2.5, None, True]},
        {"key": "0700000000"},
        {"link": "https://example.org/?tel=0700000000"},
        {"address": "office@example.org"},
        {"colour": "0700000000"},
        {"number": "0700000000"},
        {"added_by_name": "office@example.org"},
        {"count": 700_000_000},
    ],
)
def test_keys_links_choices_numbers_and_exempt_columns_are_not_read(said: dict[str, Any]) -> None:
    with notices.collected() as heard:
        Card(**said).clean_fields()
    assert list(heard) == []


def test_only_the_columns_that_are_checked_are_read() -> None:
    card = Card(title=PHONE, text=PHONE)
    with notices.collected() as heard:
        card.clean_fields(exclude=["title"])
    assert codes(heard) == [("looks_personal", "text")]


def test_a_column_is_told_once_with_what_it_holds_and_the_rest_is_counted() -> None:
    text = "a@example.org b@example.org 0700 000 000 +370 600 00000 c@example.org"
    with notices.collected() as heard:
        card = Card(text=text)
        card.clean_fields()
        notice_personal_data(card)
    (notice,) = heard
    assert notice.sentence.count("an e-mail address") == 2
    assert "and 2 more" in notice.sentence
    assert "describe groups, not persons" in notice.sentence
    assert "GDPR" in notice.sentence


class Watched(list[str]):
    """Texts that know whether anybody read them."""

    times_read = 0

    def __iter__(self) -> Iterator[str]:
        self.times_read += 1
        return super().__iter__()


def test_without_a_listener_nothing_is_read() -> None:
    texts = Watched([PHONE])
    notice_personal_data(Card(told=texts))
    assert texts.times_read == 0
    with notices.collected() as heard:
        notice_personal_data(Card(told=texts))
    assert texts.times_read == 1
    assert len(heard) == 1


# --- where people write ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_edit_tells_once_what_two_checks_saw(cast: Cast, programme: Programme) -> None:
    levels(programme, by=cast.giver)
    row = need(programme, by=cast.giver)
    with notices.collected() as heard:
        needs.edit(by=cast.giver, need_uuid=row.uuid, version=row.version, evidence=PHONE)
    assert codes(heard) == [("looks_personal", "evidence")]


@pytest.mark.django_db
def test_nothing_of_a_warning_is_kept(cast: Cast, programme: Programme) -> None:
    with notices.collected() as heard:
        programmes.serve(by=cast.giver, programme_uuid=programme.uuid, name=PHONE, place=_place())
    assert codes(heard) == [("looks_personal", "name")]
    with asking(cast.giver):
        bodies = LedgerEntry.objects.values_list("body", flat=True)
        assert not any("looks_personal" in body or "GDPR" in body for body in bodies)


def _place() -> Place:
    return places.add_unit(by=Operator(), country="RO", nuts3="RO999", code="999999", name="A place")


Writing = Callable[[Cast, Programme], object]


def _grant(cast: Cast, programme: Programme) -> object:
    return registers.add_grant(
        by=cast.giver,
        programme_uuid=programme.uuid,
        title="A grant",
        donor=cast.donor.organisation,
        lead=cast.giver.organisation,
        agreement_number="DEMO-1",
        starts_on=dt.date(2022, 1, 1),
        ends_on=dt.date(2026, 8, 31),
        amount=Decimal(100),
        currency="EUR",
        equipment_conditions=PHONE,
    )


def _post(cast: Cast, programme: Programme) -> object:
    duty = responsibilities_of(programme, by=cast.giver)[0]
    return registers.enter(
        by=cast.giver,
        register=Post,
        responsibility_uuid=duty.uuid,
        title=PHONE,
        fte=Decimal(1),
        funded_by="grant",
        starts_on=dt.date(2022, 1, 1),
    )


def _drafted(cast: Cast, programme: Programme) -> Transfer:
    return drafted(programme, by=cast.giver, receiver=cast.receiver.organisation)


def _evidence(cast: Cast, programme: Programme) -> Evidence:
    transfer = _drafted(cast, programme)
    step = milestone(transfer, by=cast.giver)
    transfers.propose(by=cast.giver, transfer_uuid=transfer.uuid)
    return evidence.add(by=cast.giver, milestone_uuid=step.uuid, title=PHONE, link="https://example.org/a")


def _annex(cast: Cast, programme: Programme) -> object:
    transfer = _drafted(cast, programme)
    lines = [("open_points", PHONE, None)]
    return transfers.list_in_annex(by=cast.giver, transfer_uuid=transfer.uuid, lines=lines)


def _comment(cast: Cast, programme: Programme) -> object:
    transfer = _drafted(cast, programme)
    transfers.propose(by=cast.giver, transfer_uuid=transfer.uuid)
    return transfers.send_back(by=cast.receiver, transfer_uuid=transfer.uuid, comment=PHONE)


def _milestone(cast: Cast, programme: Programme) -> object:
    transfer = _drafted(cast, programme)
    return milestones.plan(
        by=cast.giver,
        transfer_uuid=transfer.uuid,
        kind="handover_protocol",
        title=PHONE,
        due_on=RETENTION,
        signs=["giver"],
    )


def _remark(cast: Cast, programme: Programme) -> object:
    proof = executed(cast, programme)
    return giving_back.give_back(by=cast.giver, transfer_uuid=proof.transfer.uuid, reason=PHONE)


def _exception(cast: Cast, programme: Programme) -> object:
    return permissions.except_user(
        by=cast.giver,
        thing=programme,
        user=cast.giver_reporter.user,
        organisation=cast.giver.organisation,
        permission=Permission.EDIT_NEEDS,
        reason=PHONE,
    )


def _value(cast: Cast, programme: Programme) -> object:
    return values.report(
        by=cast.giver,
        indicator_uuid=indicator(programme, by=cast.giver).uuid,
        starts_on=dt.date(2024, 1, 1),
        ends_on=dt.date(2024, 3, 31),
        rows=[values.Reported(value="12", comment={"lt": PHONE})],
    )


def _break(cast: Cast, programme: Programme) -> object:
    key = indicator(programme, by=cast.giver).uuid
    on = dt.date(2024, 1, 1)
    return breaks.state(by=cast.giver, indicator_uuid=key, on=on, kind="method", reason=PHONE)


WRITINGS: dict[str, tuple[str, Writing]] = {
    "a programme": (
        "title",
        lambda cast, _: programmes.create(by=cast.giver, identifier="XX-1", title=PHONE),
    ),
    "a programme's description": (
        "description",
        lambda cast, programme: programmes.edit(
            by=cast.giver, programme_uuid=programme.uuid, version=programme.version, description=PHONE
        ),
    ),
    "a responsibility": (
        "description",
        lambda cast, programme: responsibilities.define(
            by=cast.giver,
            programme_uuid=programme.uuid,
            title="Day centre",
            kind="service",
            holder=cast.giver.organisation,
            description=PHONE,
        ),
    ),
    "an intervention": (
        "description",
        lambda cast, programme: intervention(programme, by=cast.giver, description={"ro": PHONE}),
    ),
    "an indicator": (
        "description",
        lambda cast, programme: indicator(programme, by=cast.giver, description=PHONE),
    ),
    "a value": ("comment", _value),
    "a break in a series": ("reason", _break),
    "a grant": ("equipment_conditions", _grant),
    "a post": ("title", _post),
    "a piece of evidence": ("title", _evidence),
    "a line of an annex": ("text", _annex),
    "a comment on a plan": ("comment", _comment),
    "a milestone": ("title", _milestone),
    "the remark of a signature": ("remark", _remark),
    "the reason of an exception": ("reason", _exception),
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", WRITINGS)
def test_whoever_writes_it_is_warned_and_it_is_written(what: str, cast: Cast, programme: Programme) -> None:
    field, write = WRITINGS[what]
    with notices.collected() as heard:
        write(cast, programme)
    assert codes(heard) == [("looks_personal", field)]


# --- the command line --------------------------------------------------------------------------------------------


def typed(*words: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(*words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


CREATE = ("programme", "create", "XX-DEMO-9", "--title", "A road", "--as", "manager@giver.example")


@pytest.mark.django_db
def test_the_command_line_warns_on_standard_error_and_does_it(cast: Cast) -> None:
    out, err = typed(*CREATE, "--description", PHONE)
    assert "is founded" in out
    assert "warning" not in out
    (line,) = err.splitlines()
    assert line.startswith(
        "warning: The description of this programme seems to hold a telephone number (0…0,"
    )
    assert line.endswith(" [looks_personal]")
    assert Programme.objects.filter(identifier="XX-DEMO-9").exists() is False, "seen only by who asks"
    with asking(cast.giver):
        assert Programme.objects.get(identifier="XX-DEMO-9").description == [{"lang": None, "text": PHONE}]


@pytest.mark.django_db
def test_machines_read_the_warnings_in_the_document(cast: Cast) -> None:
    out, err = typed(*CREATE, "--description", PHONE, "--json")
    document = json.loads(out)
    assert document["programme"]["identifier"] == "XX-DEMO-9"
    ((code, sentence, field),) = [tuple(item.values()) for item in document["warnings"]]
    assert (code, field) == ("looks_personal", "description")
    assert err == f"warning: {sentence} [{code}]\n"


@pytest.mark.django_db
def test_what_needs_no_warning_has_none(cast: Cast) -> None:
    out, err = typed(*CREATE, "--json")
    assert "warnings" not in json.loads(out)
    assert err == ""
    assert not notices.listening()
