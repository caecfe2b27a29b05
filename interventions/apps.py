"""Interventions as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class InterventionsConfig(AppConfig):
    """Registers what this app holds for a programme."""

    name = "interventions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the holding."""
        from interventions import holdings

        holdings.register()
