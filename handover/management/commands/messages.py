"""``handover messages``: collect what people read into the catalogues, and say what is not translated yet."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from handover.languages import catalogues


class Command(BaseCommand):
    help = "Collect what people read into the catalogues of Romanian and Lithuanian, and compile them."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing; fail if a text is missing.")

    def handle(self, *args: Any, **options: Any) -> None:
        missing = 0
        for language in catalogues.LANGUAGES:
            if not options["check"]:
                catalogues.update(language)
            left = catalogues.untranslated(language)
            missing += len(left)
            self.stdout.write(
                f"{catalogues.path(language).parent.parent.name}: {len(left)} texts are not translated."
            )
            for text in left[:5]:
                self.stdout.write(f"  {text[:100]}")
        catalogues.compile_all()
        if missing and options["check"]:
            raise CommandError("Run “make messages”, and translate what is empty.")
