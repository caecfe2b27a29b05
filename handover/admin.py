"""Operators' pages: the shared directory, to look at. Writes go through the command line and its actions.

Django's admin runs as the web role: it shows no programme to anybody, an operator included.
"""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from handover.models import Membership, Organisation, Place, User


class Directory(admin.ModelAdmin[Any]):
    """A table of the directory, read-only."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Open to operators."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Open to operators."""
        return bool(
            request.user.is_active and request.user.is_staff and request.user.has_perm("handover.operate")
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is added here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is changed here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted anywhere."""
        return False


@admin.register(Organisation)
class Organisations(Directory):
    """Organisations."""

    list_display = ("name", "kind", "country", "slug")
    list_filter = ("kind", "country")
    search_fields = ("name", "slug", "registration_number")


@admin.register(User)
class Users(Directory):
    """Accounts, without what signs them in."""

    list_display = ("email", "display_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "display_name")
    fields = ("email", "display_name", "language", "is_active", "is_staff", "date_joined", "last_login")


@admin.register(Membership)
class Memberships(Directory):
    """Seats."""

    list_display = ("user", "organisation", "role", "starts_at", "ends_at")
    list_filter = ("role",)
    list_select_related = ("user", "organisation")


@admin.register(Place)
class Places(Directory):
    """Places."""

    list_display = ("name", "country", "code", "kind", "population")
    list_filter = ("country", "kind")
    search_fields = ("name", "name_latin", "code")


admin.site.unregister(Group)
# What signs people in is nobody's to look at or to change but their own.
admin.site.unregister([EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken])
admin.site.site_header = admin.site.site_title = "Handover toolkit: operators’ pages"
