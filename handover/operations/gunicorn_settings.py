"""How gunicorn serves the web. `handover serve` names this module; whoever starts gunicorn by hand may too."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from handover.operations import logs

worker_class = "gthread"
# Importing everything takes its time on a busy machine; a request's own time is not limited by this.
timeout = 90
keepalive = 5
control_socket_disable = True
logconfig_dict = logs.configuration(os.environ.get("HANDOVER_LOG", "text"))


def child_exit(server: Any, worker: Any) -> None:
    """Take what a process that ended showed at the moment out of the figures; what it counted stays."""
    from prometheus_client import multiprocess

    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Remove the folder in which the processes added up their counts, if it was made for this server."""
    folder = Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR") or "/")
    if folder.name.startswith("handover-metrics-"):
        shutil.rmtree(folder, ignore_errors=True)
