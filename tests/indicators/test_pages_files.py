"""Files in and out on pages: an import step by step, what has to be mended, exports, and the progress of long work."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from handover.access import asking
from handover.actions.jobs import run
from handover.models import Job, Programme
from indicators.models import Indicator, Value
from tests.factories.cast import Cast
from tests.factories.indicators import indicator, reported
from tests.indicators.sheets.broken_files import lines
from tests.indicators.test_pages_entry import as_, here, text

pytestmark = pytest.mark.django_db

SHEET = lines(
    "Indicator;Period;Gender;Value", "Pupils enrolled;2024Q2;women;5", "Pupils enrolled;2024Q2;men;4"
)
UNCLEAR = lines(
    "Indicator;Period;Gender;Value", "Pupils enrolled;2024Q2;women;1.234", "Pupils enrolled;2024Q2;men;4"
)
WRONG = SHEET.replace(b"Pupils enrolled;2024Q2;men", b"Nobody knows;2024Q2;men")


@pytest.fixture
def pupils(cast: Cast, programme: Programme) -> Indicator:
    """Count pupils by gender."""
    of = indicator(programme, by=cast.giver)
    reported(of, {"women": 20, "men": 22}, by=cast.giver)
    return of


def brought(client: Client, programme: Programme, content: bytes, name: str = "values.csv") -> Any:
    """Bring a file, and go where that leads."""
    return client.post(here(programme, "import/"), {"file": SimpleUploadedFile(name, content)}, follow=True)


def cells(answer: Any) -> list[str]:
    """Read the first sheet of a workbook that was sent."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer)))
    return [str(cell) for row in book.get_sheet_by_index(0).to_python() for cell in row if cell != ""]


def worked(cast: Cast, programme: Programme) -> Job:
    """Do the last job as a worker would."""
    with asking(cast.giver):
        job = Job.objects.filter(programme=programme).latest("id")
    run(job.uuid, programme.pk)
    with asking(cast.giver):
        return Job.objects.get(pk=job.pk)


def kept(programme: Programme) -> list[Path]:
    """Give the files in the programme's store."""
    return [path for path in Path(settings.MEDIA_ROOT, str(programme.uuid)).rglob("*") if path.is_file()]


def test_a_file_is_previewed_and_then_imported_by_a_worker(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    preview = brought(as_(client, cast.giver), programme, SHEET)
    counts = {each["key"]: each["count"] for each in preview.context["counts"]}
    assert counts == {"new": 2, "changed": 0, "same": 0, "conflicts": 0, "refused": 0}
    with asking(cast.giver):
        assert Value.objects.count() == 2
    waiting = client.post(here(programme, "import/preview/"), {"do": "import", "reason": ""}, follow=True)
    assert "Waiting its turn" in text(waiting)
    assert "Reload" in text(waiting)
    job = worked(cast, programme)
    ended = text(client.get(here(programme, f"import/{job.uuid}/")))
    assert "2 values imported" in ended
    with asking(cast.giver):
        assert Value.objects.count() == 4


def test_what_a_file_does_not_say_is_asked(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    asked = brought(as_(client, cast.giver), programme, UNCLEAR)
    assert "One thing cannot be told from the file." in text(asked)
    missing = client.post(here(programme, "import/reading/"), {"answer-0": ""})
    assert missing.context["form"].errors
    preview = client.post(here(programme, "import/reading/"), {"answer-0": ","}, follow=True)
    assert {each["key"]: each["count"] for each in preview.context["counts"]}["new"] == 2
    client.post(here(programme, "import/preview/"), {"do": "import", "reason": ""})
    worked(cast, programme)
    with asking(cast.giver):
        assert Value.objects.filter(value=1234).exists()


def test_what_cannot_be_taken_is_told_and_comes_back_as_a_workbook(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    preview = brought(as_(client, cast.giver), programme, WRONG)
    assert "Nothing can be imported before this is mended: 1 problem." in text(preview)
    assert 'value="import"' not in preview.content.decode()
    answer = client.get(here(programme, "import/mend/"))
    said = cells(answer)
    assert "Nobody knows" in said
    assert any("There is no indicator" in cell for cell in said)


def test_a_value_that_changes_needs_a_reason(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    changed = lines("Indicator;Period;Gender;Value", "Pupils enrolled;2024Q1;women;21")
    preview = brought(as_(client, cast.giver), programme, changed)
    assert "Why do values change?" in text(preview)
    again = client.post(
        here(programme, "import/preview/"), {"do": "look", "reason": "One list was missed"}, follow=True
    )
    assert {each["key"]: each["count"] for each in again.context["counts"]}["changed"] == 1
    client.post(here(programme, "import/preview/"), {"do": "import", "reason": "One list was missed"})
    worked(cast, programme)
    with asking(cast.giver):
        assert Value.objects.get(revision=2).reason == "One list was missed"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("old.xls", b"\xd0\xcf\x11\xe0" + b"x" * 600, "Excel 97"),
        ("page.csv", b"<html></html>", "web page"),
        ("nothing.csv", b" ", "The file"),
    ],
)
def test_what_is_no_table_is_refused_at_its_field(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client, name: str, content: bytes, words: str
) -> None:
    answer = brought(as_(client, cast.giver), programme, content, name)
    assert words in " ".join(answer.context["form"].errors["file"])
    assert kept(programme) == []


def test_the_steps_begin_with_a_file(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    as_(client, cast.giver)
    for step in ("reading", "preview", "mend"):
        answer = client.get(here(programme, f"import/{step}/"), follow=True)
        assert "Choose the file first." in text(answer)


def test_another_file_takes_the_place_of_the_one_before(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    brought(as_(client, cast.giver), programme, SHEET)
    brought(client, programme, UNCLEAR)
    assert len(kept(programme)) == 1


def test_only_who_reports_imports(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    assert as_(client, cast.auditor).get(here(programme, "import/")).status_code == 403
    assert as_(client, cast.stranger).get(here(programme, "import/")).status_code == 404


def test_the_template_is_a_workbook_of_what_may_be_reported(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    answer = as_(client, cast.giver).post(here(programme, "import/template/"))
    assert "Pupils enrolled" in cells(answer)


def test_an_export_is_written_by_a_worker_and_downloaded(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    waiting = as_(client, cast.giver).post(here(programme, "export/"), {"kind": "csv"}, follow=True)
    assert "Waiting its turn" in text(waiting)
    job = worked(cast, programme)
    assert "Download" in text(client.get(here(programme, f"export/{job.uuid}/")))
    answer = client.get(here(programme, f"export/{job.uuid}/file/"))
    assert b"Pupils enrolled" in b"".join(answer)
    assert "Table (CSV)" in text(client.get(here(programme, "export/")))


def test_iati_is_not_cut(cast: Cast, programme: Programme, pupils: Indicator, client: Client) -> None:
    answer = as_(client, cast.giver).post(here(programme, "export/"), {"kind": "iati", "public": "on"})
    assert "IATI carries the whole programme" in text(answer)
    with asking(cast.giver):
        assert not Job.objects.exists()


# --- long work ------------------------------------------------------------------------------------


def test_progress_is_refreshed_in_part_and_the_page_loaded_anew_at_the_end(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    as_(client, cast.giver).post(here(programme, "export/"), {"kind": "csv"})
    with asking(cast.giver):
        job = Job.objects.get()
    part = client.get(f"/jobs/{job.uuid}/", HTTP_HX_REQUEST="true")
    assert "<html" not in part.content.decode()
    assert "Waiting its turn" in text(part)
    assert "HX-Refresh" not in part
    worked(cast, programme)
    assert client.get(f"/jobs/{job.uuid}/", HTTP_HX_REQUEST="true")["HX-Refresh"] == "true"
    assert client.get(f"/jobs/{job.uuid}/")["Location"] == here(programme, f"export/{job.uuid}/")


def test_work_is_called_off_by_who_asked_for_it_and_by_nobody_elsewhere(
    cast: Cast, programme: Programme, pupils: Indicator, client: Client
) -> None:
    as_(client, cast.giver).post(here(programme, "export/"), {"kind": "csv"})
    with asking(cast.giver):
        job = Job.objects.get()
    assert as_(client, cast.stranger).post(f"/jobs/{job.uuid}/").status_code == 404
    assert "Another organisation asked for this." in text(
        as_(client, cast.donor).post(f"/jobs/{job.uuid}/", follow=True)
    )
    answer = as_(client, cast.giver).post(f"/jobs/{job.uuid}/", follow=True)
    assert "Called off" in text(answer)
