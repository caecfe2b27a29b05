"""Files: what goes out as a file, and what comes in as one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, ClassVar, Final

from django.http import FileResponse
from rest_framework import parsers, serializers
from rest_framework.response import Response

from handover.api.problems import RULE, Problem
from handover.api.resources import M, Resource
from handover.api.serializers import Body
from handover.files import LARGEST

CHUNK: Final = 262_144


class TakesFiles(Resource[M]):
    """A noun of which some requests are files. They are read with the parameters that stand in the address."""

    asks: ClassVar[type[Body]]
    """What the address says beside the file."""
    upload: Upload | None = None

    def no_parameters(self) -> dict[str, Any]:
        """Read the parameters that a request takes beside its file."""
        asked = self.asks(data=self.request.query_params.dict())
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Response:
        """Let go of the file."""
        if self.upload is not None:
            self.upload.file.close()
        return super().finalize_response(request, response, *args, **kwargs)


@contextmanager
def folder() -> Iterator[Path]:
    """Give a folder for a file that is on its way out; once it is open, its name may go."""
    with tempfile.TemporaryDirectory(prefix="handover-out-") as name:
        yield Path(name)


def sent(path: Path, *, media_type: str, name: str) -> FileResponse:
    """Send a file, to be kept under a name."""
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=media_type)


class Upload:
    """A file that came in: it lies on the disk, and may be read as often as it must be."""

    def __init__(self, media_type: str) -> None:
        self.media_type = media_type
        self.file: IO[bytes] = tempfile.NamedTemporaryFile(prefix="handover-in-")  # noqa: SIM115  it closes itself
        self.size = 0

    @property
    def path(self) -> Path:
        """Give where it lies, as long as somebody holds it."""
        return Path(self.file.name)


class FileParser(parsers.BaseParser):
    """Reads a body of any length up to the largest file, piece by piece, and keeps it on the disk."""

    def parse(  # type: ignore[override]
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Upload:
        """Keep what comes in.

        Raises:
            Problem: 413 where it is too large.
        """
        upload = Upload((media_type or "").partition(";")[0].strip())
        view = (parser_context or {}).get("view")
        if isinstance(view, TakesFiles):
            view.upload = upload
        while piece := stream.read(CHUNK):
            upload.size += len(piece)
            if upload.size > LARGEST:
                size = LARGEST // 1024 // 1024
                raise Problem(413, "file_too_large", f"The file is larger than {size} MB.", field="file")
            upload.file.write(piece)
        upload.file.flush()
        return upload


class CsvParser(FileParser):
    """Comma-separated values."""

    media_type = "text/csv"


class LinesParser(FileParser):
    """JSON lines."""

    media_type = "application/x-ndjson"


class WorkbookParser(FileParser):
    """A workbook of Excel."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class OpenDocumentParser(FileParser):
    """A spreadsheet in OpenDocument."""

    media_type = "application/vnd.oasis.opendocument.spreadsheet"


class BytesParser(FileParser):
    """Any file; its name says what it is."""

    media_type = "application/octet-stream"


class UploadBody(serializers.BaseSerializer[Any]):
    """The body of a request is the file itself."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Take the file.

        Raises:
            ValidationError: there is none.
        """
        if not isinstance(data, Upload) or not data.size:
            raise serializers.ValidationError(
                "The body of this request is the file, and it is empty.", code=RULE
            )
        return {"upload": data}
