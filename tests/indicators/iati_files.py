"""IATI files: the shared ones, small ones made on the spot, and how two of them are compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "iati"
REAL = "actionaid-power.xml"
EXAMPLE = "activity-standard-example-annotated.xml"

MINIMAL = """<?xml version="1.0" encoding="UTF-8"?>
<iati-activities version="2.03">
{activities}
</iati-activities>
"""

ACTIVITY = """  <iati-activity xml:lang="en" default-currency="EUR">
    <iati-identifier>{identifier}</iati-identifier>
    <reporting-org ref="XX-TEST-GIVER" type="22">
      <narrative>Giver organisation</narrative>
    </reporting-org>
    <title><narrative>A day centre for families</narrative></title>
    <description type="1"><narrative>What it does.</narrative></description>
    <participating-org role="4" ref="XX-TEST-GIVER" type="22"/>
    <activity-status code="2"/>
    <activity-date type="2" iso-date="2022-01-01"/>
    {rest}
  </iati-activity>"""

RESULT = """<result type="1">
      <title><narrative>Families are supported</narrative></title>
      <indicator measure="1" ascending="1">
        <title><narrative>Families visited</narrative></title>
        {below}
      </indicator>
    </result>"""

PERIOD = """<period>
          <period-start iso-date="2023-01-01"/>
          <period-end iso-date="2023-12-31"/>
          <target value="100"/>
          <actual value="40"><dimension name="sex" value="female"/></actual>
        </period>"""


def shared(name: str) -> Path:
    """Give a shared file; skip the test, and say so, where the data folder is absent."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"needs ../shared/data/iati/{name} beside the repository, which is not there")
    return path


def activity(identifier: str = "XX-TEST-1", rest: str = "") -> str:
    """Write one activity, with results and the like in ``rest``."""
    return ACTIVITY.format(identifier=identifier, rest=rest)


def result(below: str = PERIOD) -> str:
    """Write one result with one indicator."""
    return RESULT.format(below=below)


def file_of(folder: Path, *activities: str, name: str = "activities.xml") -> Path:
    """Put activities into a file."""
    path = folder / name
    path.write_text(MINIMAL.format(activities="\n".join(activities)), encoding="utf-8")
    return path


def schema() -> etree.XMLSchema:
    """Give the standard's own schema."""
    return etree.XMLSchema(etree.parse(str(shared("iati-activities-schema.xsd"))))


def root_of(source: Path | bytes) -> etree._Element:
    """Parse a file or what was written."""
    parser = etree.XMLParser(remove_comments=True, resolve_entities=False)
    return etree.fromstring(source if isinstance(source, bytes) else source.read_bytes(), parser)


def shape(element: etree._Element) -> Any:
    """Give what must come out equal: tag, attributes, text, children in order; not the layout between them."""
    text = element.text or ""
    if len(element):
        text = "".join([text, *[child.tail or "" for child in element]]).strip()
    return (str(element.tag), sorted(element.attrib.items()), text, [shape(child) for child in element])


def results_of(root: etree._Element) -> list[Any]:
    """Give the shape of each result."""
    return [shape(item) for item in root.iterfind("iati-activity/result")]
