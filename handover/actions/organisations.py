"""Organisations: entering the directory, their settings, and who represents them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection

from django.contrib.auth.models import Group
from django.utils.text import slugify

from handover import access, ledger
from handover.access import Actor, Operator
from handover.actions import action
from handover.colours import COLOUR, LEAST, contrast_with_white
from handover.errors import Invalid, NotAllowed
from handover.models import LegalRepresentative, Organisation, RoleGroup, User
from handover.models.organisations import OrganisationKind
from handover.permissions import Role, Scope

SIGNATORIES = (Role.MANAGER.value, Role.COMMUNITY_REPRESENTATIVE.value)
"""Roles that sign for their organisation."""


@action
def create(
    *,
    by: Operator,
    name: str,
    kind: OrganisationKind | str,
    country: str,
    slug: str = "",
    lau_code: str = "",
    registration_number: str = "",
    iati_identifier: str = "",
    iati_type: str = "",
    languages: list[str] | None = None,
    parent: Organisation | None = None,
) -> Organisation:
    """Enter an organisation in the directory, with the groups that stand for its roles.

    Raises:
        Invalid: the kind is unknown, or the slug is taken.
    """
    if kind not in OrganisationKind.values:
        raise Invalid(
            "unknown_kind",
            f"“{kind}” is no kind of organisation: {', '.join(OrganisationKind.values)}.",
            field="kind",
        )
    slug = slug or slugify(name)
    if Organisation.objects.filter(slug=slug).exists():
        raise Invalid("slug_taken", f"There is an organisation “{slug}” already.", field="slug")
    organisation = Organisation(
        slug=slug,
        name=name,
        kind=kind,
        country=country.upper(),
        lau_code=lau_code,
        registration_number=registration_number,
        iati_identifier=iati_identifier,
        iati_type=iati_type,
        languages=languages or [],
        parent=parent,
    )
    organisation.clean_fields()
    organisation.save()
    groups = Group.objects.bulk_create(Group(name=f"{organisation.uuid}/{role.value}") for role in Role)
    RoleGroup.objects.bulk_create(
        RoleGroup(organisation=organisation, role=role.value, group=group)
        for role, group in zip(Role, groups, strict=True)
    )
    ledger.record(
        verb="organisation.created",
        by=by,
        subject=organisation.uuid,
        data={"name": name, "kind": str(kind), "country": country.upper()},
    )
    return organisation


@action
def represent(
    *,
    by: Actor,
    capacity: str,
    mandate_act: str,
    valid_from: dt.date,
    valid_to: dt.date | None = None,
    user: User | None = None,
) -> LegalRepresentative:
    """Say who may sign for the actor's own organisation, in which capacity, by which act. Its managers and
    its community representatives may.

    Raises:
        NotAllowed: the actor is neither manager nor community representative of the organisation.
        Invalid: the dates are the wrong way round.
    """
    signatories = access.seats_now(by.user).filter(organisation=by.organisation, role__in=SIGNATORIES)
    if not by.has_scope(Scope.ORGANISATION) or not signatories.exists():
        raise NotAllowed(
            "not_manager", f"Only a manager of {by.organisation.name} may name who represents it."
        )
    if valid_to is not None and valid_to < valid_from:
        raise Invalid("dates_reversed", "The mandate ends before it begins.", field="valid_to")
    representative = LegalRepresentative.objects.create(
        organisation=by.organisation,
        user=user,
        capacity=capacity,
        mandate_act=mandate_act,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    ledger.record(
        verb="organisation.represented",
        by=by,
        organisation=by.organisation,
        subject=representative.uuid,
        data={"capacity": capacity, "mandate_act": mandate_act, "from": valid_from, "to": valid_to},
    )
    return representative


@action
def change(*, by: Actor, version: int, name: str, languages: Collection[str], colour: str) -> Organisation:
    """Change what the actor's own organisation is called, the languages that it works in, and its pages' colour.

    Args:
        languages: ISO 639, two letters or three.
        colour: ``#`` and six hexadecimal digits; empty: the toolkit's own.

    Raises:
        NotAllowed: the actor is no manager of the organisation.
        Stale: somebody else was quicker.
        Invalid: no name, no language code, no colour, or one on which white text cannot be read.
    """
    organisation = by.organisation
    if not access.manages(by, organisation):
        raise NotAllowed("not_manager", f"Only a manager of {organisation.name} may change its settings.")
    name, colour = name.strip(), colour.strip().lower()
    if not name:
        raise Invalid("name_missing", "An organisation needs a name.", field="name")
    spoken = list(dict.fromkeys(code.strip().lower() for code in languages if code.strip()))
    unknown = next((code for code in spoken if not re.fullmatch(r"[a-z]{2,3}", code)), None)
    if unknown is not None:
        raise Invalid("unknown_language", f"“{unknown}” is no language code.", field="languages")
    _check_colour(colour)
    row = Organisation.objects.get(pk=organisation.pk)
    before = {"name": row.name, "languages": row.languages, "colour": row.colour}
    after = {"name": name, "languages": spoken, "colour": colour}
    changed = [key for key in after if after[key] != before[key]]
    if not changed:
        return row
    row.change(version=version, name=name, languages=spoken, colour=colour)
    ledger.record(
        verb="organisation.changed",
        by=by,
        organisation=row,
        subject=row.uuid,
        data={
            "version": row.version,
            "before": {key: before[key] for key in changed},
            "after": {key: after[key] for key in changed},
        },
    )
    return row


def _check_colour(colour: str) -> None:
    if not colour:
        return
    if not COLOUR.fullmatch(colour):
        raise Invalid("colour_invalid", "Give a colour as # and six digits, such as #1d4f7a.", field="colour")
    contrast = contrast_with_white(colour)
    if contrast < LEAST:
        raise Invalid(
            "colour_contrast",
            f"White text on this colour cannot be read by everybody: its contrast is {contrast}, and {LEAST} is "
            "the least. Choose a darker one.",
            field="colour",
        )
