"""Addresses of reorganisations."""

from __future__ import annotations

from django.urls import URLPattern, path

from handover.views.reorganisations import planning, reading

ALL = "organisation/reorganisations/"
ONE = f"{ALL}<uuid:reorganisation_uuid>/"

urlpatterns: list[URLPattern] = [
    path(ALL, reading.reorganisations, name="reorganisations"),
    path(f"{ALL}new/", planning.draw_up, name="reorganisation-draw-up"),
    path(ONE, reading.reorganisation, name="reorganisation"),
    path(f"{ONE}proof/", reading.proof, name="reorganisation-proof"),
    path(f"{ONE}change/", planning.change, name="reorganisation-change"),
    path(f"{ONE}part/", planning.state, name="reorganisation-state"),
    path(f"{ONE}sign/", planning.sign, name="reorganisation-sign"),
    path(f"{ONE}withdraw/", planning.withdraw, name="reorganisation-withdraw"),
    path(f"{ONE}execute/", planning.execute, name="reorganisation-execute"),
]
