"""When the last backup was made: a note in the state folder, written by whoever made it."""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from handover import clock


@dataclass(frozen=True)
class Backup:
    """A backup that was made: when, and how large it is."""

    made_at: dt.datetime
    size: int


def note(size: int) -> None:
    """Note that a backup was made now.

    Raises:
        OSError: the state folder cannot be written.
    """
    text = json.dumps({"made_at": clock.now().isoformat(), "size": size})
    place = _place()
    draft = place.with_name(f"{place.name}.{secrets.token_hex(4)}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="ascii")
        # Another account than the web's may make the backups.
        os.chmod(draft, 0o644)
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)


def last() -> Backup | None:
    """Give the last one that was noted, if any."""
    try:
        found = json.loads(_place().read_text(encoding="ascii"))
        made_at = dt.datetime.fromisoformat(found["made_at"])
        return Backup(made_at, int(found["size"])) if made_at.tzinfo else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _place() -> Path:
    return Path(settings.STATE) / "backup.json"
