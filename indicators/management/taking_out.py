"""Files that commands write: under their name only once they are whole, and never over another one unasked."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from handover.errors import Invalid
from indicators.exchange.tables.packages import DESCRIPTOR


@contextmanager
def written_beside(path: Path, *, force: bool) -> Iterator[Path]:
    """Give a name beside the one that is wanted; what stands there at the end takes the wanted name.

    Args:
        force: replace what is there: a file, or a folder that holds a package.

    Raises:
        Invalid: something stands there and may not be replaced, or the folder cannot be written to.
    """
    _check(path, force=force)
    # The end of the name says what is written (``.zip``).
    draft = path.with_name(f".{uuid4().hex}{path.suffix}")
    try:
        yield draft
        _check(path, force=force)
        if path.is_dir():
            shutil.rmtree(path)
        draft.replace(path)
    except OSError as error:
        raise Invalid(
            "file_unusable", f"{path} cannot be written: {error.strerror or error}.", field="out"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            if draft.is_dir():
                shutil.rmtree(draft)
            draft.unlink(missing_ok=True)


def _check(path: Path, *, force: bool) -> None:
    if not path.name or not path.parent.is_dir():
        raise Invalid("file_unusable", f"{path} cannot be written: there is no such folder.", field="out")
    if not path.exists() and not path.is_symlink():
        return
    if not force:
        raise Invalid(
            "file_exists", f"{path} is there already: name another file, or give --force.", field="out"
        )
    if path.is_dir() and not (path / DESCRIPTOR).is_file():
        raise Invalid(
            "file_unusable", f"{path} is a folder that holds no package: it stays as it is.", field="out"
        )
