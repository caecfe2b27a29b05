"""Grants of permission: guardian's object permissions on tables of our own, with direct foreign keys.

Generic rows outlive their object, and a reused key then grants access; these cannot. ``expires_at`` ends a grant at its
minute without a job. Rows are written set-based by ``actions.permissions`` alone.
"""

from __future__ import annotations

from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from handover.models.guard import Guarded


class ProgrammeGroupGrant(Guarded, GroupObjectPermissionBase):
    """A role group's permission on a programme."""

    content_object = models.ForeignKey(
        "handover.Programme", on_delete=models.PROTECT, db_column="programme_id"
    )
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
        default_permissions = ()


class ProgrammeUserGrant(Guarded, UserObjectPermissionBase):
    """A single user's exception on a programme, held for one of the user's organisations."""

    content_object = models.ForeignKey(
        "handover.Programme", on_delete=models.PROTECT, db_column="programme_id"
    )
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        default_permissions = ()


class ResponsibilityGroupGrant(Guarded, GroupObjectPermissionBase):
    """A role group's permission on a responsibility."""

    content_object = models.ForeignKey(
        "handover.Responsibility", on_delete=models.PROTECT, db_column="responsibility_id"
    )
    programme = models.ForeignKey("handover.Programme", on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
        default_permissions = ()


class ResponsibilityUserGrant(Guarded, UserObjectPermissionBase):
    """A single user's exception on a responsibility, held for one of the user's organisations."""

    content_object = models.ForeignKey(
        "handover.Responsibility", on_delete=models.PROTECT, db_column="responsibility_id"
    )
    programme = models.ForeignKey("handover.Programme", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("handover.Organisation", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        default_permissions = ()
