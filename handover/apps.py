"""The kernel as a Django app."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import pre_migrate


class HandoverConfig(AppConfig):
    """Connects what must be there before the first request: roles, checks, the kernel's own holding."""

    name = "handover"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Handover"

    def ready(self) -> None:
        """Register the receiver that prepares roles, the system checks and the kernel's own part of a programme."""
        from handover import checks, kernel_holding  # noqa: F401
        from handover.engine.roles import prepare_roles

        pre_migrate.connect(prepare_roles, sender=self)
        # Empty until files are collected; without it the file server warns at every start.
        with suppress(OSError):
            Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
        kernel_holding.register()
