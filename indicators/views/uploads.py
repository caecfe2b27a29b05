"""A file on its way in: kept from one step of an import to the next, for the one person who brought it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from handover import files
from handover.errors import Invalid, NotFound
from handover.models import Job, Programme, StoredFile
from handover.models.jobs import OPEN_STATES
from indicators.exchange.looks import How
from indicators.exchange.sheets.opening import Limits
from indicators.jobs import KIND

SESSION: Final = "values-imports"
MEGABYTE: Final = 1_048_576


@dataclass(frozen=True)
class Kept:
    """A file that was brought, what it is called, and how it is to be read as far as somebody said so."""

    programme: Programme
    sha256: str
    name: str
    size: int
    how: How

    @contextmanager
    def opened(self) -> Iterator[Path]:
        """Give a path where the file lies, for the length of a block.

        Raises:
            Invalid: it was lost; it has to be brought again.
        """
        with tempfile.TemporaryDirectory(prefix="handover-in-") as folder:
            path = Path(folder) / "file"
            try:
                files.unpack(self.programme.uuid, self.sha256, path)
            except NotFound:
                raise Invalid(
                    "upload_gone", "The file is not kept any more: choose it again.", field="file"
                ) from None
            yield path


@contextmanager
def on_disk(upload: UploadedFile[Any]) -> Iterator[Path]:
    """Give a path where an upload lies, for the length of a block.

    Raises:
        Invalid: it is larger than what is read.
    """
    if (upload.size or 0) > Limits().file:
        raise Invalid(
            "file_too_large",
            f"The file has more than {Limits().file // MEGABYTE} MB, which is what is allowed.",
            field="file",
        )
    with tempfile.TemporaryDirectory(prefix="handover-in-") as folder:
        path = Path(folder) / "file"
        with path.open("wb") as out:
            for piece in upload.chunks():
                out.write(piece)
        yield path


def keep(request: HttpRequest, programme: Programme, path: Path, *, name: str, size: int) -> Kept:
    """Keep a file for the next steps; the one before it is let go."""
    before = kept(request, programme)
    written = files.write(programme.uuid, files.packed(path))
    now = Kept(programme, written.sha256, name[:255], size, How())
    remember(request, now)
    if before is not None and before.sha256 != now.sha256:
        _erase(before)
    return now


def kept(request: HttpRequest, programme: Programme) -> Kept | None:
    """Give the file that was brought for a programme in this session."""
    said: Any = request.session.get(SESSION, {}).get(str(programme.uuid))
    if not isinstance(said, Mapping):
        return None
    return Kept(programme, said["file"], said["name"], said["size"], How.from_json(said["how"]))


def remember(request: HttpRequest, what: Kept) -> None:
    """Remember how a file is to be read."""
    said = {"file": what.sha256, "name": what.name, "size": what.size, "how": what.how.as_json()}
    request.session[SESSION] = {**request.session.get(SESSION, {}), str(what.programme.uuid): said}


def forget(request: HttpRequest, programme: Programme, *, erase: bool = False) -> None:
    """Forget a file; its bytes too, unless a job has them now."""
    before = kept(request, programme)
    said = dict(request.session.get(SESSION, {}))
    said.pop(str(programme.uuid), None)
    request.session[SESSION] = said
    if erase and before is not None:
        _erase(before)


def _erase(what: Kept) -> None:
    """Remove the bytes of a file, unless a job still needs them or they are kept as evidence."""
    needed = Job.objects.filter(
        programme=what.programme, kind=KIND, state__in=OPEN_STATES, arguments__file=what.sha256
    )
    evidence = StoredFile.objects.filter(programme=what.programme, sha256=what.sha256)
    if not needed.exists() and not evidence.exists():
        files.erase(what.programme.uuid, what.sha256)
