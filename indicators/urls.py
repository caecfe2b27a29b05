"""Addresses of the indicators' pages."""

from __future__ import annotations

from django.urls import path

from indicators.views.portfolio import portfolio
from indicators.views.programmes import indicator, indicators

urlpatterns = [
    path("programmes/<uuid:programme_uuid>/indicators/", indicators, name="indicators"),
    path("programmes/<uuid:programme_uuid>/indicators/<uuid:indicator_uuid>/", indicator, name="indicator"),
    path("portfolio/", portfolio, name="portfolio"),
]
