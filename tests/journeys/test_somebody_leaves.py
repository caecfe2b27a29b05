"""Somebody leaves for good: their name is erased everywhere, and everything that was proven is proven still."""

from __future__ import annotations

import datetime as dt
import io
from uuid import UUID

import pypdf
import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from handover import access, clock
from handover.access import Actor, asking, custody
from handover.actions import (
    accounts,
    checkpoints,
    executions,
    invitations,
    papers,
    permissions,
    tokens,
    transfers,
)
from handover.holdings import Finding
from handover.models import LedgerEntry, Programme, SignOff
from handover.models.papers import PaperKind
from handover.permissions import Permission, Role, Scope
from handover.queries import activity
from handover.queries import papers as paper_queries
from handover.queries.previews import exceptions_now
from handover.queries.verification import verify_installation, verify_programme
from indicators.models import Value
from tests.conftest import OwnerSql
from tests.factories import indicators
from tests.factories import transfers as stories
from tests.factories.cast import Cast, programme_of
from tests.factories.organisations import OPERATOR

NAME = "Qvxzy Wkjh-Leaving"
ADDRESS = "manager@giver.example"
SCAN = b"\x89PNG\r\n\x1a\n scan"


def texts_of(owner_sql: OwnerSql) -> dict[str, str]:
    """Read every column of every table that can hold a word, as the owner."""
    columns = owner_sql(
        "SELECT table_name, column_name, data_type FROM information_schema.columns JOIN information_schema.tables"
        " USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    )
    found = {}
    for table, column, kind in columns:
        if kind in ("bigint", "integer", "smallint", "boolean", "uuid", "date") or "timestamp" in kind:
            continue
        said = f"encode(\"{column}\", 'hex')" if kind == "bytea" else f'"{column}"::text'
        ((text,),) = owner_sql(f"SELECT string_agg({said}, '|') FROM \"{table}\"")
        found[f"{table}.{column}"] = text or ""
    return found


def holding_a_name(owner_sql: OwnerSql) -> list[str]:
    """Name the columns in which the name or the address stands."""
    parts = [NAME.casefold(), NAME.encode().hex(), ADDRESS, ADDRESS.encode().hex()]
    return [
        column
        for column, text in texts_of(owner_sql).items()
        if any(part in text.casefold() for part in parts)
    ]


def words_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.django_db(transaction=True)
def test_nothing_holds_the_name_afterwards_and_everything_verifies(cast: Cast, owner_sql: OwnerSql) -> None:
    leaves = cast.giver
    accounts.rename(by=leaves, display_name=NAME)
    programme = programme_of(cast)
    indicator = indicators.indicator(programme, by=leaves)
    indicators.reported(indicator, {"": "7"}, by=leaves)
    tokens.issue(
        by=leaves,
        title=f"Laptop of {NAME}",
        scopes=[Scope.READ],
        expires_at=clock.now() + dt.timedelta(days=9),
    )
    invitations.invite(by=leaves, email="new@giver.example", role=Role.VIEWER)
    # The stranger invites the same address: behind another wall.
    invitations.invite(by=cast.stranger, email=ADDRESS, role=Role.VIEWER)
    permissions.except_user(
        by=leaves,
        thing=programme,
        user=leaves.user,
        organisation=leaves.organisation,
        permission=Permission.REPORT_OWED,
        reason="Helps out",
    )
    transfer = stories.drafted(programme, by=leaves, receiver=cast.receiver.organisation)
    with asking(leaves):
        (excepted,) = exceptions_now(programme)
    transfers.map_exception(
        by=leaves, transfer_uuid=transfer.uuid, key=excepted.key, to_user=cast.receiver_officer.user
    )
    stories.agreed(transfer, by=leaves, receiver=cast.receiver)
    stories.signed(transfer, cast)
    executions.execute(by=cast.receiver, transfer_uuid=transfer.uuid, key="once")
    executions.countersign(by=leaves, transfer_uuid=transfer.uuid)
    issued = papers.issue(by=leaves, transfer_uuid=transfer.uuid, kind=PaperKind.PROTOCOL)
    papers.record_signed(
        by=leaves,
        paper_uuid=issued.paper.uuid,
        content=SCAN,
        signatory=NAME,
        capacity="President",
        mandate_act="Statute",
        signed_on=clock.today(),
    )
    checkpoints.make(by=OPERATOR)
    browser = Client()
    browser.force_login(leaves.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    bodies, papered = chain(cast.receiver, programme.uuid), digests(cast.receiver, transfer.uuid)
    assert findings(cast.receiver, programme) == []
    kept_apart = {"handover_personname.name", "handover_user.display_name", "handover_user.email"}
    assert set(holding_a_name(owner_sql)) - kept_apart <= {
        "handover_accesstoken.title",
        "handover_invitation.email",
    }, "a copy of the name stands in another table"

    accounts.deactivate(by=OPERATOR, user=leaves.user, confirmed=True)
    accounts.pseudonymise(by=OPERATOR, user=leaves.user, reason="On request of 3 June.")

    assert holding_a_name(owner_sql) == []
    assert chain(cast.receiver, programme.uuid) == bodies
    assert findings(cast.receiver, programme) == []
    assert digests(cast.receiver, transfer.uuid) == papered, (
        "what a paper says is the same, and so its digest"
    )
    former = f"former member of {leaves.organisation.name}"
    with asking(cast.receiver):
        assert set(SignOff.objects.filter(side="giver").values_list("signatory", flat=True)) == {former}
        assert Value.objects.get().reporter_name == former
        happened = activity.of_programme(access.reach(cast.receiver, programme))
        assert (str(leaves.user.uuid), former) in happened.people
        pdf = paper_queries.protocol(cast.receiver, transfer.uuid)
        proof = paper_queries.proof(cast.receiver, transfer.uuid)
    for paper in (pdf, proof):
        assert NAME not in words_of(paper)
    assert former in " ".join(words_of(proof).split())
    session = SessionStore(browser.session.session_key)
    assert session.get(SESSION_KEY) is None


def chain(reader: Actor, uuid: UUID) -> list[tuple[str, bytes]]:
    """Give bodies and hashes of a chain."""
    with asking(reader):
        return [
            (entry.body, bytes(entry.hash))
            for entry in LedgerEntry.objects.filter(chain=uuid).order_by("seq")
        ]


def digests(reader: Actor, transfer_uuid: UUID) -> set[str]:
    """Give the digests of what the papers say."""
    with asking(reader):
        return {
            paper_queries.composed(reader, transfer_uuid, kind, ("en",)).digest
            for kind in (PaperKind.PROTOCOL, PaperKind.PROOF)
        }


def findings(reader: Actor, programme: Programme) -> list[Finding]:
    """Verify a programme, and what the reader sees of the installation."""
    with asking(reader), custody(programme.pk):
        return [*verify_programme(programme), *verify_installation()]
