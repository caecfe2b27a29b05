"""The pages of obligations: what binds, how it is counted, what stops it, and who may change any of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from handover import clock
from handover.access import Actor, asking
from handover.actions import obligations
from handover.models import Grant, Obligation, ObligationPause, Programme
from tests.factories.cast import Cast
from tests.factories.programmes import grant as granted

pytestmark = pytest.mark.django_db


@pytest.fixture
def grant(cast: Cast, programme: Programme) -> Iterator[Grant]:
    with asking(cast.giver):
        yield granted(
            programme, by=cast.giver, donor=cast.donor.organisation, final_payment_on=dt.date(2026, 3, 12)
        )


def client(actor: Actor) -> Client:
    made = Client()
    made.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    return made


def shown(actor: Actor, name: str, *args: Any) -> str:
    answer = client(actor).get(reverse(name, args=args))
    assert answer.status_code == 200, answer.content[:500]
    return str(answer.content.decode())


def sent(actor: Actor, name: str, *args: Any, **given: Any) -> str:
    answer: Any = client(actor).post(reverse(name, args=args), given, follow=True)
    assert answer.status_code == 200, answer.content[:500]
    return str(answer.content.decode())


def taken(cast: Cast, grant: Grant, *keys: str) -> list[Obligation]:
    return obligations.adopt(by=cast.giver, grant_uuid=grant.uuid, rules=list(keys))


def test_without_a_grant_the_page_says_what_to_do_first(cast: Cast, programme: Programme) -> None:
    text = shown(cast.giver, "obligations", programme.uuid)
    assert "No grant is entered yet" in text
    assert reverse("grant-add", args=[programme.uuid]) in text
    assert reverse("grant-add", args=[programme.uuid]) not in shown(cast.donor, "obligations", programme.uuid)


def test_rules_are_taken_over_and_decided_on_the_pages(cast: Cast, grant: Grant) -> None:
    key = grant.programme.uuid
    assert "No obligations are entered for this grant yet" in shown(cast.giver, "obligations", key)
    text = sent(
        cast.giver, "obligations-adopt", key, grant.uuid, rules=["cpr-82-records", "records-seven-years"]
    )
    assert "31 December 2031" in text
    assert "31 December 2033" in text
    assert "Of 2 rules nobody has decided whether they apply" in text
    row = Obligation.objects.get(rule="records-seven-years")
    address = (key, row.uuid)
    start = {"version": row.version, "debtor": grant.lead.uuid, "counts_from": row.counts_from}
    text = sent(cast.giver, "obligation-edit", *address, **start, applies="no")
    assert "Say why" in text
    text = sent(
        cast.giver, "obligation-edit", *address, **start, applies="no", why="Another programme’s rule"
    )
    assert "Does not apply" in text
    assert "Another programme’s rule" in text


def test_choosing_no_rule_says_so_at_the_field(cast: Cast, grant: Grant) -> None:
    text = sent(cast.giver, "obligations-adopt", grant.programme.uuid, grant.uuid)
    assert "Choose at least one rule." in text
    assert not Obligation.objects.exists()


def test_a_rule_of_ones_own_is_entered_with_how_it_is_counted(cast: Cast, grant: Grant) -> None:
    said = {
        "kind": "sustainability",
        "title": "The service is kept",
        "source": "Agreement",
        "article": "12",
        "counts_from": "grant_end",
        "years": 2,
        "months": 6,
        "applies": "yes",
        "exposure": "proportional",
        "debtor": grant.lead.uuid,
    }
    text = sent(cast.giver, "obligation-add", grant.programme.uuid, grant.uuid, **said)
    assert "2 years 6 months from 31 December 2024 (the last day of the grant)" in text
    assert "30 June 2027" in text
    assert "An estimate for this rule alone." in text
    text = sent(
        cast.giver, "obligation-add", grant.programme.uuid, grant.uuid, **said | {"years": 0, "months": 0}
    )
    assert "binds for no time" in text
    assert Obligation.objects.count() == 1


def test_what_stops_the_clock_is_entered_and_ended(cast: Cast, grant: Grant) -> None:
    (row,) = taken(cast, grant, "cpr-65-durability")
    key = grant.programme.uuid
    said = {"effect": "suspends", "starts_on": "2027-01-01", "authority": "Court", "reason": "A claim"}
    text = sent(cast.giver, "obligation-pause", key, row.uuid, **said)
    assert "Clock stopped" in text
    assert "not known, not before" in text
    stop = ObligationPause.objects.get()
    text = sent(
        cast.giver,
        "obligation-pause-edit",
        key,
        stop.uuid,
        version=stop.version,
        **said,
        ends_on="2027-01-10",
    )
    assert "22 March 2031" in text


def test_a_final_payment_is_entered_on_the_grants_page_and_moves_the_clock(cast: Cast, grant: Grant) -> None:
    (row,) = taken(cast, grant, "cpr-82-records")
    key = grant.programme.uuid
    names = ("title", "agreement_number", "starts_on", "ends_on", "amount")
    said = {name: getattr(grant, name) for name in names}
    sent(
        cast.giver,
        "grant-edit",
        key,
        grant.uuid,
        version=grant.version,
        final_payment_on="2028-05-01",
        **said,
    )
    assert "31 December 2033" in shown(cast.giver, "obligation", key, row.uuid)


def test_a_donor_reads_what_binds_and_is_offered_no_change(cast: Cast, grant: Grant) -> None:
    (row,) = taken(cast, grant, "cpr-65-durability")
    key = grant.programme.uuid
    text = shown(cast.donor, "obligation", key, row.uuid)
    assert escape(grant.lead.name) in text
    assert reverse("obligation-edit", args=[key, row.uuid]) not in text
    for name, of in (
        ("obligation-edit", row.uuid),
        ("obligations-adopt", grant.uuid),
        ("obligation-pause", row.uuid),
    ):
        assert client(cast.donor).get(reverse(name, args=[key, of])).status_code == 403


def test_of_another_tenants_obligation_there_is_nothing(cast: Cast, grant: Grant) -> None:
    (row,) = taken(cast, grant, "cpr-65-durability")
    address = reverse("obligation", args=[grant.programme.uuid, row.uuid])
    assert client(cast.stranger).get(address).status_code == 404


def test_a_shipped_rule_is_told_in_the_readers_language(cast: Cast, grant: Grant) -> None:
    taken(cast, grant, "cpr-82-records")
    cast.giver.user.language = "lt"
    with asking(cast.giver):
        type(cast.giver.user).objects.filter(pk=cast.giver.user.pk).update(language="lt")
    text = shown(cast.giver, "obligations", grant.programme.uuid)
    assert "Saugomi visi veiksmo patvirtinamieji dokumentai" in text
    assert "Reglamentas (ES) 2021/1060, 82(1) straipsnis" in text
    assert "2031 m. gruodžio 31 d." in text


def test_what_ends_within_a_year_is_ahead_on_the_programmes_page(cast: Cast, grant: Grant) -> None:
    (row,) = taken(cast, grant, "cpr-82-records")
    with clock.at(dt.datetime(2031, 6, 1, tzinfo=dt.UTC)):
        text = shown(cast.giver, "programme", grant.programme.uuid)
        assert "Obligation ends" in text
        assert reverse("obligation", args=[grant.programme.uuid, row.uuid]) in text
        obligations.edit(
            by=cast.giver, obligation_uuid=row.uuid, version=1, applies="no", why="Not this fund"
        )
        assert "Obligation ends" not in shown(cast.giver, "programme", grant.programme.uuid)
