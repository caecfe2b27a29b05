"""People who sign in, and the seats that they hold in organisations."""

from __future__ import annotations

import uuid as uuids
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from handover.models.guard import Guarded
from handover.names import Called, key_text
from handover.permissions import Role

if TYPE_CHECKING:
    from collections.abc import Iterable


class UserManager(BaseUserManager["User"]):
    """Makes accounts that sign in by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create an account; without a password it cannot sign in until one is set."""
        user = User(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create an operator of the installation. An operator holds no programme by that."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Find an account by its address, whatever its case."""
        return self.get(email__iexact=username or "")


class User(AbstractBaseUser, PermissionsMixin):
    """An account. It is deactivated or pseudonymised, never deleted: history keeps copies, not references."""

    uuid = models.UUIDField(default=uuids.uuid4, unique=True, editable=False)
    email = models.EmailField(max_length=254, unique=True, help_text="Kept in lower case.")
    display_name = models.CharField(max_length=200)
    name_key = models.UUIDField(
        default=uuids.uuid4,
        editable=False,
        help_text="Under which the present name is kept for its copies; the database gives each name its own.",
    )
    language = models.CharField(max_length=5, default="en")
    is_staff = models.BooleanField(default=False, help_text="May enter the operators' pages.")
    is_active = models.BooleanField(default=True)
    pseudonymised_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When name, address and ways in were erased for good.",
    )
    is_service = models.BooleanField(
        default=False, editable=False, help_text="Acts by an organisation's token alone, and never signs in."
    )
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    class Meta:
        default_permissions = ()
        permissions = (("operate", "Operate the installation"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="handover_user_email_lower"
            ),
            models.CheckConstraint(
                condition=models.Q(pseudonymised_at__isnull=True)
                | models.Q(is_active=False, email__endswith="@pseudonym.invalid"),
                name="handover_user_pseudonymised",
            ),
        )

    def __str__(self) -> str:
        return self.display_name or self.email

    @property
    def called(self) -> Called:
        """Give what they are called, as a copy keeps it: by its key."""
        return Called(self.display_name, key_text(self.name_key))

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Answer for an object from its grants alone: an operator is no exception there."""
        if obj is None:
            return super().has_perm(perm)
        from django.contrib.auth import get_backends

        return self.is_active and any(
            backend.has_perm(self, perm, obj=obj)
            for backend in get_backends()
            if hasattr(backend, "has_perm")
        )

    def has_perms(self, perm_list: Iterable[str], obj: Any = None) -> bool:
        """Answer whether all of several permissions hold."""
        return all(self.has_perm(perm, obj) for perm in perm_list)


class Membership(Guarded):
    """A person's seat: one role in one organisation, for a time."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        "handover.Organisation", on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(max_length=30, choices=[(role.value, role.help) for role in Role])
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=["user", "organisation", "role"], name="handover_membership_once"),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gte=models.F("starts_at")),
                name="handover_membership_dates",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]), name="handover_membership_role"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role} of {self.organisation_id}"


class RoleGroup(Guarded):
    """The group that stands for one role of one organisation; grants are given to it."""

    organisation = models.ForeignKey(
        "handover.Organisation", on_delete=models.PROTECT, related_name="role_groups"
    )
    role = models.CharField(max_length=30, choices=[(role.value, role.help) for role in Role])
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="role_group")

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=["organisation", "role"], name="handover_rolegroup_once"),
        )

    def __str__(self) -> str:
        return self.group.name
