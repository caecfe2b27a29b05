"""Build a house to look at and leave it standing: ``python -m tests.browser before|after FILE``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.browser.house import build, furnish, kept

if __name__ == "__main__":
    _, name, target = sys.argv
    folder = Path(tempfile.mkdtemp(prefix=f"handover-browser-{name}-"))
    folder.chmod(0o711)
    made = furnish(folder / "furnished")
    Path(target).write_text(kept(build(folder, made, handed_over=name == "after")))
