"""Indicators as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    """Registers what this app holds for a programme."""

    name = "indicators"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the holding, and the kinds of jobs."""
        from indicators import exports, holdings, jobs  # noqa: F401  importing registers the kinds

        holdings.register()
