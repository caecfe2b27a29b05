"""Build what the pages need: ``python -m handover.assets``."""

from __future__ import annotations

import sys

from handover.assets.building import BuildError, build

if __name__ == "__main__":
    try:
        sys.stdout.write(f"{build()}\n")
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
