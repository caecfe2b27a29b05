"""Addresses of the kernel's resources."""

from __future__ import annotations

from handover.api.addresses import Addresses
from handover.api.organisations import Organisations
from handover.api.programmes import Programmes

addresses = Addresses()
addresses.register("organisations", Organisations, basename="organisations")
addresses.register("programmes", Programmes, basename="programmes")

urlpatterns = addresses.urls
