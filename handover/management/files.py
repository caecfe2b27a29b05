"""Reading and writing the files that a command line names."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from uuid import uuid4

from handover.errors import Invalid


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that its name never stands for a part of it; a device or a pipe is written to as it is.

    Raises:
        Invalid: it cannot be written; what stood there before still does.
    """
    if not path.name or path.is_dir():
        raise Invalid("file_unusable", f"{path} cannot be written: it is no name for a file.", field="file")
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise Invalid(
            "file_unusable", f"{path} cannot be written: {error.strerror or error}.", field="file"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
