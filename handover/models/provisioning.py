"""Provisioning: accounts and groups that an organisation's own directory keeps here (SCIM 2.0, RFC 7643)."""

from __future__ import annotations

import uuid as uuids
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from handover.models.base import FreeText
from handover.models.guard import Guarded
from handover.permissions import Role


class ProvisionedUser(FreeText, Guarded):
    """A person as the organisation's directory knows them. Inactive: they hold no seat there.

    The row outlives the directory's entry, emptied: it says whose account it was, should the directory bring the
    person back.
    """

    may_look_personal: ClassVar[frozenset[str]] = frozenset({"user_name", "external_id"})

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey("handover.User", on_delete=models.PROTECT, related_name="provisioned")
    user_name = models.CharField(
        max_length=254, blank=True, help_text="How the directory calls them; nobody signs in by it."
    )
    external_id = models.CharField(max_length=200, blank=True, help_text="The directory's own key.")
    active = models.BooleanField(default=True)
    made_here = models.BooleanField(default=False, help_text="This directory made the account.")
    closed_here = models.BooleanField(default=False, help_text="This directory closed the account.")
    given_roles = ArrayField(
        models.CharField(max_length=30),
        default=list,
        blank=True,
        help_text="Seats that the directory gave by its groups: those that it may take away.",
    )
    forgotten_at = models.DateTimeField(null=True, blank=True, help_text="The directory dropped its entry.")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=["organisation", "user"], name="handover_provisioneduser_once"),
            models.UniqueConstraint(
                "organisation",
                Upper("user_name"),
                condition=Q(forgotten_at__isnull=True),
                name="handover_provisioneduser_name",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} by {self.organisation_id}"


class ProvisionedGroup(FreeText, Guarded):
    """A group of the organisation's directory; where it stands for a role, its members sit in that role."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    external_id = models.CharField(max_length=200, blank=True, help_text="The directory's own key.")
    role = models.CharField(
        max_length=30,
        blank=True,
        choices=[(role.value, role.help) for role in Role],
        help_text="Empty: none.",
    )
    by_hand = models.BooleanField(
        default=False, help_text="A manager said which role it stands for; else its title does."
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ("id",)
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=["organisation", "title"], name="handover_provisionedgroup_once"),
            models.CheckConstraint(
                condition=Q(role="") | Q(role__in=[role.value for role in Role]),
                name="handover_provisionedgroup_role",
            ),
        )

    def __str__(self) -> str:
        return self.title


class ProvisionedMember(Guarded):
    """A person in a group of the organisation's directory."""

    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(ProvisionedGroup, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(ProvisionedUser, on_delete=models.PROTECT, related_name="memberships")

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "group", "user"], name="handover_provisionedmember_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group_id}"
