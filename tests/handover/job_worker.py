"""A worker in a process of its own that knows the tests' kinds: ``python -m tests.handover.job_worker [OPTION …]``."""

from __future__ import annotations

import sys

import django
from django.core.management import call_command

if __name__ == "__main__":
    django.setup()

    import tests.handover.job_kinds  # noqa: F401  registers them

    call_command("worker", *sys.argv[1:])
