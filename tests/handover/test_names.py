"""Names of people: copies hold keys, the names are apart, and what is erased is read nowhere."""

from __future__ import annotations

import json
import uuid as uuids

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from hypothesis import given
from hypothesis import strategies as st

from handover.access import asking
from handover.actions import accounts
from handover.canonical import canonical, plain
from handover.errors import Invalid, NotAllowed, NotFound
from handover.models import LedgerEntry, Programme, User
from handover.models.names import LongNameCopy, NameCopy
from handover.names import ERASED, LIVES, Called, copied, key_text, read, said
from handover.permissions import Role
from handover.queries.names import named, withheld
from tests.conftest import OwnerSql
from tests.factories.cast import Cast
from tests.factories.organisations import OPERATOR, person

ENDINGS = ("_by_name", "user_name", "reporter_name", "signatory")
NO_COPY = {
    "handover.ProvisionedUser.user_name": "how a directory calls them; emptied where they are forgotten"
}


def leave(user: User) -> None:
    accounts.deactivate(by=OPERATOR, user=user, confirmed=True)
    accounts.pseudonymise(by=OPERATOR, user=user, reason="Asked for it.")


# --- what is hashed ----------------------------------------------------------------------------------------------


@given(st.text(min_size=1), st.uuids())
def test_what_is_hashed_holds_the_key_and_never_the_name(name: str, key: uuids.UUID) -> None:
    called = Called(name, key_text(key))
    assert json.loads(canonical({"by": [called]})) == {"by": [f"name:{key}"]}
    assert plain({"by": called}) == {"by": name}, "what people read is the name"
    assert type(plain(called)) is str


@given(st.text(alphabet=st.characters(blacklist_characters="\x1e\x1f")), st.uuids())
def test_a_copy_is_read_as_it_was_written(name: str, key: uuids.UUID) -> None:
    kept = key_text(key)
    assert (read(f"{kept}{LIVES}{name}"), read(f"{kept}{LIVES}{name}").key) == (name, kept)
    gone = read(f"{kept}{ERASED}{name}")
    assert (gone.erased, gone.organisation, copied(gone)) == (True, name, kept)
    assert (str(read(name)), read(name).erased) == (name, False)


def test_an_erased_name_is_said_in_the_readers_language() -> None:
    assert said(read(f"name:x{ERASED}City")) == "former member of City"
    assert said(read(f"name:x{ERASED}")) == "former member"


def test_every_column_that_copies_a_name_holds_keys() -> None:
    found = {
        f"{model._meta.label}.{field.name}": isinstance(field, NameCopy | LongNameCopy)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField) and field.name.endswith(ENDINGS)
    }
    assert {name for name, copies in found.items() if not copies} == NO_COPY.keys()


# --- who is told a name ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_nobody_lists_names(cast: Cast) -> None:
    for statement in ("SELECT * FROM handover_personname", "DELETE FROM handover_personname"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.django_db
def test_a_key_opens_its_own_name_and_a_guessed_one_opens_none(cast: Cast) -> None:
    with asking(cast.stranger), connection.cursor() as cursor:
        cursor.execute(
            "SELECT handover_named(%s), handover_named(%s)",
            [cast.giver.user.called.key, key_text(uuids.uuid4())],
        )
        own, other = cursor.fetchone() or ("", "")
    assert read(own) == cast.giver.user.display_name
    assert read(other) == "former member"


# --- names change ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_whoever_renames_themselves_renames_no_history(cast: Cast, programme: Programme) -> None:
    before = cast.giver.user.called
    accounts.rename(by=cast.giver, display_name="Another name")
    assert cast.giver.user.called.key != before.key
    with asking(cast.donor):
        first = LedgerEntry.objects.filter(chain=programme.uuid).order_by("seq")[0]
        assert named(first.body)["by"]["user_name"] == before


@pytest.mark.django_db
def test_every_name_that_a_person_had_is_erased(cast: Cast, programme: Programme) -> None:
    old = cast.giver.user.called
    accounts.rename(by=cast.giver, display_name="Another name")
    new = cast.giver.user.called
    leave(cast.giver.user)
    with asking(cast.donor):
        told = [named(f'{{"by": "{called.key}"}}')["by"] for called in (old, new)]
    assert told == [f"former member of {cast.giver.organisation.name}"] * 2


@pytest.mark.django_db(transaction=True)
def test_a_name_from_before_there_were_keys_is_hidden_once_it_is_erased(
    cast: Cast, owner_sql: OwnerSql
) -> None:
    user = cast.giver.user
    body = json.dumps({"by": {"user_name": user.display_name}, "v": 1})
    with asking(cast.donor):
        assert named(body)["by"]["user_name"] == user.display_name
    owner_sql("UPDATE handover_personname SET plain = true WHERE person = %s", [user.uuid])
    leave(user)
    with asking(cast.donor):
        told = named(body)
    assert told["by"]["user_name"] == f"former member of {cast.giver.organisation.name}"
    assert withheld(body, told), "the hashed text itself is not given away"
    assert not withheld(json.dumps({"by": cast.donor.user.called.key}), told)


# --- who may -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_manager_pseudonymises_whoever_sat_nowhere_else(cast: Cast) -> None:
    who = cast.giver_reporter.user
    accounts.deactivate(by=OPERATOR, user=who, confirmed=True)
    with pytest.raises(NotAllowed, match="manager"):
        accounts.pseudonymise(by=cast.giver_officer, user=who, reason="Asked for it.")
    with pytest.raises(NotFound):
        accounts.pseudonymise(by=cast.stranger, user=who, reason="Asked for it.")
    with pytest.raises(Invalid, match="kept for ever"):
        accounts.pseudonymise(by=cast.giver, user=who, reason=f"{who.display_name} asked for it.")
    accounts.pseudonymise(by=cast.giver, user=who, reason="Asked for it.")
    with asking(cast.giver):
        entry = LedgerEntry.objects.filter(chain=cast.giver.organisation.uuid).order_by("-seq")[0]
    said_there = json.loads(entry.body)
    assert (said_there["verb"], said_there["subject"]) == ("account.pseudonymised", str(who.uuid))
    with pytest.raises(Invalid) as again:
        accounts.pseudonymise(by=OPERATOR, user=who, reason="Asked for it.")
    assert again.value.code == "pseudonymised_already"


@pytest.mark.django_db
def test_a_manager_may_not_where_the_person_sat_elsewhere(cast: Cast) -> None:
    who = cast.giver_reporter.user
    accounts.seat(by=cast.stranger, user=who, organisation=cast.stranger.organisation, role=Role.VIEWER)
    accounts.unseat(by=cast.stranger, user=who, organisation=cast.stranger.organisation, role=Role.VIEWER)
    accounts.deactivate(by=OPERATOR, user=who, confirmed=True)
    with pytest.raises(NotAllowed) as refused:
        accounts.pseudonymise(by=cast.giver, user=who, reason="Asked for it.")
    assert refused.value.code == "other_seats"


@pytest.mark.django_db
def test_an_account_that_is_open_is_not_pseudonymised(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        accounts.pseudonymise(
            by=OPERATOR, user=person(cast.giver.organisation, Role.VIEWER).user, reason="Why"
        )
    assert refused.value.code == "still_active"


@pytest.mark.django_db
def test_whoever_was_pseudonymised_stays_so(cast: Cast) -> None:
    leave(cast.giver_reporter.user)
    for changed in ({"pseudonymised_at": None}, {"is_active": True}):
        with pytest.raises(DatabaseError), transaction.atomic():
            User.objects.filter(pk=cast.giver_reporter.user.pk).update(**changed)
