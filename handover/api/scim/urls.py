"""Addresses of SCIM, as RFC 7644 names them."""

from __future__ import annotations

from django.urls import path

from handover.api.scim import views

urlpatterns = [
    path("ServiceProviderConfig", views.config, name="scim-config"),
    path("ResourceTypes", views.types, name="scim-types"),
    path("ResourceTypes/<str:key>", views.types, name="scim-type"),
    path("Schemas", views.schemas, name="scim-schemas"),
    path("Schemas/<str:key>", views.schemas, name="scim-schema"),
    path("Me", views.unsupported, name="scim-me"),
    path("Bulk", views.unsupported, name="scim-bulk"),
    path(".search", views.unsupported, name="scim-search"),
    path("Users/.search", views.unsupported, name="scim-user-search"),
    path("Groups/.search", views.unsupported, name="scim-group-search"),
    path("Users", views.users, name="scim-users"),
    path("Users/<str:key>", views.users, name="scim-user"),
    path("Groups", views.groups, name="scim-groups"),
    path("Groups/<str:key>", views.groups, name="scim-group"),
    path("<path:key>", views.nothing, name="scim-nothing"),
]
