"""The demonstration as it stands: its files, and what of them is in the database already."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias
from uuid import UUID

from handover import access, clock
from handover.access import Actor, asking
from handover.models import Organisation, Programme, Transfer, TransferMilestone, User
from handover.models.organisations import OrganisationKind
from handover.permissions import Permission, Role

FOLDER: Final = Path(__file__).parents[2] / "demonstration"
GIVER: Final = "punte-exemplu"
DONOR: Final = "fond-demo"

Row: TypeAlias = Mapping[str, Any]


def read(name: str) -> Any:
    """Read one of the demonstration's JSON files by its name without ending."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def values() -> str:
    """Read the demonstration's indicator values: CSV text with a header.

    A share of nobody (denominator 0) has no value: such a line is left out, nothing was reported.
    """
    header, *rows = csv.reader((FOLDER / "values.csv").read_text("utf-8").splitlines())
    said = io.StringIO()
    csv.writer(said).writerows([header, *(row for row in rows if row[header.index("value")])])
    return said.getvalue()


@contextmanager
def on(instant: dt.datetime) -> Iterator[None]:
    """Move the clock to an instant of the story, but never past the present."""
    with clock.at(min(instant, clock.now())):
        yield


@dataclass
class Demonstration:
    """The demonstration as it stands in the database; everything by the key that its files give it."""

    organisations: dict[str, Organisation]
    people: dict[str, Actor]
    """Each person, acting for the first of their organisations."""
    programme: Programme = field(init=False)
    transfers: dict[str, UUID] = field(default_factory=dict)
    milestones: dict[str, UUID] = field(default_factory=dict)

    def actor(self, organisation: str, role: Role = Role.MANAGER) -> Actor:
        """Give the first person with a role in an organisation.

        Raises:
            LookupError: nobody has it.
        """
        for row in read("people"):
            seat = row["memberships"][0]
            if (seat["organisation"], seat["role"]) == (organisation, role.value):
                return self.people[row["key"]]
        raise LookupError(f"nobody is {role} of {organisation}")

    @property
    def giver(self) -> Actor:
        """Give the manager of the organisation that hands over."""
        return self.actor(GIVER)

    def community(self, transfer: Row) -> Actor:
        """Give the representative of the community in the receiver's country."""
        country = self.organisations[transfer["receiver"]].country
        for key, organisation in self.organisations.items():
            if organisation.kind == OrganisationKind.COMMUNITY and organisation.country == country:
                return self.actor(key, Role.COMMUNITY_REPRESENTATIVE)
        raise LookupError(f"no community in {country}")

    def transfer(self, key: str, *, by: Actor) -> Transfer:
        """Fetch a transfer for somebody who reads it; inside ``access.asking``."""
        return access.transfer_for(by, self.transfers[key], may=Permission.VIEW)


def lead_key() -> str:
    """Give the key of the transfer that moves stewardship."""
    return str(next(row["key"] for row in read("transfers") if row["lead_steward"]))


def plan_of(key: str) -> Row:
    """Give a transfer's plan by its key, as the files have it."""
    return next(row for row in read("transfers") if row["key"] == key)


def find() -> Demonstration | None:
    """Find the demonstration where it has been loaded; ``None`` where it has not."""
    slugs = [row["key"] for row in read("organisations")]
    directory = {row.slug: row for row in Organisation.objects.filter(slug__in=slugs)}
    if len(directory) < len(slugs):
        return None
    rows = read("people")
    users = {row.email: row for row in User.objects.filter(email__in=[row["email"] for row in rows])}
    if len(users) < len(rows):
        return None
    people = {
        row["key"]: Actor(users[row["email"]], directory[row["memberships"][0]["organisation"]])
        for row in rows
    }
    found = Demonstration(directory, people)
    with asking(found.giver):
        programme = Programme.objects.filter(identifier=read("programme")["identifier"]).first()
        if programme is None:
            return None
        found.programme = programme
        planned = {row.title: row for row in Transfer.objects.filter(programme=programme, reverses=None)}
        steps = {
            (row.transfer_id, row.title): row.uuid
            for row in TransferMilestone.objects.filter(programme=programme)
        }
        for row in read("transfers"):
            transfer = planned[row["title"]]
            found.transfers[row["key"]] = transfer.uuid
            for step in row["milestones"]:
                found.milestones[step["key"]] = steps[transfer.pk, step["title"]]
    return found
