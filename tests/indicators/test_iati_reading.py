"""What is read of strangers' IATI files, and what is refused."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from handover.errors import Invalid
from indicators.exchange.iati import reading
from indicators.exchange.iati.tree import Activity
from tests.indicators.iati_files import EXAMPLE, MINIMAL, REAL, activity, file_of, result, shared


def refused(path: Path) -> Invalid:
    with pytest.raises(Invalid) as caught:
        list(reading.read(path))
    return caught.value


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "file.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read_one(path: Path) -> Activity:
    (found,) = reading.read(path)
    return found


def test_a_real_programme_is_read_with_all_its_indicators() -> None:
    power = read_one(shared(REAL))

    assert power.identifier == "GB-CHC-274467-GB-XUKDU15001"
    assert len([indicator for item in power.results for indicator in item.indicators]) == 51
    assert (power.starts_on, power.ends_on) == ("2016-01-01", "2020-12-31")
    missing = [
        baseline
        for item in power.results
        for indicator in item.indicators
        for baseline in indicator.baselines
        if baseline.value is None
    ]
    assert len(missing) == 1


def test_the_standards_example_needs_no_extras() -> None:
    example = read_one(shared(EXAMPLE))

    assert "extra" not in str([item.as_json() for item in example.results])
    actual = example.results[0].indicators[0].periods[0].actuals[0]
    assert [location.ref for location in actual.locations] == ["AF-KAN", "KH-PNH"]
    assert actual.documents[0].title is not None


def test_a_value_that_is_no_number_is_kept_as_text(tmp_path: Path) -> None:
    period = '<baseline year="2020" value="n/a, see note"/>'

    found = read_one(file_of(tmp_path, activity(rest=result(period))))

    assert found.results[0].indicators[0].baselines[0].value == "n/a, see note"


def test_utf_16_and_latin_1_are_read_as_they_declare_themselves(tmp_path: Path) -> None:
    text = MINIMAL.format(activities=activity().replace("day centre", "Straße centre"))
    for encoding in ("UTF-16", "ISO-8859-1"):
        path = written(tmp_path, text.replace("UTF-8", encoding).encode(encoding))
        assert "Straße" in read_one(path).title.narratives[0].text


# --- refusals ----------------------------------------------------------------------------------------------------


def test_malformed_xml_is_refused_with_its_line(tmp_path: Path) -> None:
    path = file_of(tmp_path, activity(), "<iati-activity><title></iati-activity>")

    error = refused(path)

    assert error.code == "malformed_xml"
    assert error.details["line"] == 15
    assert error.sentence.startswith("activities.xml, line 15: is not well-formed XML")


def test_a_file_that_ends_too_early_is_refused(tmp_path: Path) -> None:
    text = file_of(tmp_path, activity()).read_text()

    assert refused(written(tmp_path, text[: len(text) // 2])).code == "malformed_xml"


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"PK\x03\x04", b"{}", b"<?xml version='1.0' encoding='klingon'?><a/>"]
)
def test_what_is_no_xml_is_refused(tmp_path: Path, content: bytes) -> None:
    assert refused(written(tmp_path, content)).code == "malformed_xml"


def test_an_entity_bomb_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    entities = "\n".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE iati-activities [\n<!ENTITY e0 "ha">\n{entities}\n]>\n'
    text = MINIMAL.format(activities=activity().replace("A day centre", "&e11;"))
    begun = time.perf_counter()

    error = refused(written(tmp_path, text.replace("?>\n", "?>\n" + bomb)))

    assert (error.code, error.details["line"]) == ("doctype_refused", 2)
    assert time.perf_counter() - begun < 1


def test_an_external_entity_and_an_external_dtd_are_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("not yours")
    text = MINIMAL.format(activities=activity().replace("A day centre", "&leak;"))
    for declared in (
        f'<!DOCTYPE iati-activities [<!ENTITY leak SYSTEM "{secret.as_uri()}">]>',
        '<!DOCTYPE iati-activities SYSTEM "http://127.0.0.1:9/evil.dtd">',
    ):
        assert refused(written(tmp_path, text.replace("?>\n", f"?>\n{declared}\n"))).code == "doctype_refused"


def test_an_undeclared_entity_is_refused(tmp_path: Path) -> None:
    path = file_of(tmp_path, activity().replace("A day centre", "&nbsp;"))

    assert refused(path).details["line"] == 8


@pytest.mark.parametrize(("version", "said"), [("2.02", "2.02"), ("1.05", "1.05"), (None, "no version")])
def test_another_version_is_refused_by_name(tmp_path: Path, version: str | None, said: str) -> None:
    text = MINIMAL.format(activities=activity())
    stated = f' version="{version}"' if version else ""

    error = refused(written(tmp_path, text.replace(' version="2.03"', stated)))

    assert (error.code, error.details["line"]) == ("wrong_version", 2)
    assert said in error.sentence
    assert "2.03" in error.sentence


def test_another_root_is_refused(tmp_path: Path) -> None:
    error = refused(written(tmp_path, '<iati-organisations version="2.03"/>'))

    assert error.code == "not_iati"
    assert "iati-organisations" in error.sentence


def test_a_file_of_200_mb_is_refused_unparsed(tmp_path: Path) -> None:
    path = tmp_path / "large.xml"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    begun = time.perf_counter()

    error = refused(path)

    assert error.code == "file_too_large"
    assert error.sentence == "large.xml: has 200 MB, more than 100 MB; split it by activity."
    assert time.perf_counter() - begun < 1


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    assert refused(Path("/dev/zero")).code == "unreadable_file"
    assert refused(tmp_path).code == "unreadable_file"
    assert refused(tmp_path / "absent.xml").code == "unreadable_file"


def test_a_missing_identifier_is_refused_with_the_line_of_its_activity(tmp_path: Path) -> None:
    for without in (activity(" "), activity().replace("<iati-identifier>XX-TEST-1</iati-identifier>", "")):
        error = refused(file_of(tmp_path, activity("XX-TEST-0"), without))
        assert (error.code, error.details["line"]) == ("missing_identifier", 15)


def test_an_identifier_that_the_file_has_already_is_refused(tmp_path: Path) -> None:
    error = refused(file_of(tmp_path, activity(), activity("XX-TEST-2"), activity()))

    assert (error.code, error.details["line"]) == ("duplicate_identifier", 28)
    assert "line 3" in error.sentence


def test_a_file_without_activities_is_refused(tmp_path: Path) -> None:
    assert refused(file_of(tmp_path)).code == "no_activity"


@pytest.mark.parametrize(
    "period",
    [
        '<period><period-start iso-date="2023-02-30"/><period-end iso-date="2023-12-31"/></period>',
        '<period><period-start iso-date="2023-01-01"/></period>',
        "<period><period-start/><period-end/></period>",
        '<period><period-start iso-date="2023-12-31"/><period-end iso-date="2023-01-01"/></period>',
    ],
)
def test_a_period_that_is_no_span_of_time_is_refused_with_its_line(tmp_path: Path, period: str) -> None:
    error = refused(file_of(tmp_path, activity(rest=result(period))))

    assert (error.code, error.details["line"]) == ("invalid_date", 17)


def test_an_activity_date_that_is_no_date_is_refused(tmp_path: Path) -> None:
    error = refused(file_of(tmp_path, activity().replace("2022-01-01", "last spring")))

    assert (error.code, error.details["line"]) == ("invalid_date", 12)
    assert "last spring" in error.sentence


def test_an_activity_without_a_title_is_refused(tmp_path: Path) -> None:
    path = file_of(tmp_path, activity().replace("A day centre for families", " "))

    assert refused(path).code == "missing_title"


def test_elements_nested_without_end_are_refused(tmp_path: Path) -> None:
    deep = "<x>" * 5000 + "</x>" * 5000

    assert refused(file_of(tmp_path, activity(rest=deep))).code == "malformed_xml"


def test_lines_beyond_65535_are_named_too(tmp_path: Path) -> None:
    path = file_of(
        tmp_path, activity(rest="\n" * 70_000 + result('<period><period-start iso-date="x"/></period>'))
    )

    line = refused(path).details["line"]

    assert isinstance(line, int)
    assert line == 70_000 + 17


def test_a_prefix_without_a_namespace_is_refused(tmp_path: Path) -> None:
    assert refused(file_of(tmp_path, activity(rest="<x:thing/>"))).details["line"] == 13


def test_more_than_a_thousand_prefixes_are_refused_before_they_are_kept(tmp_path: Path) -> None:
    bomb = "".join(f'<x xmlns:p{number}="urn:x"/>' for number in range(100_000))
    path = file_of(tmp_path, activity(rest=bomb))
    begun = time.monotonic()
    refusal = refused(path)
    assert refusal.code == "too_many_namespaces"
    assert time.monotonic() - begun < 5


def test_one_prefix_may_be_declared_as_often_as_a_publisher_likes(tmp_path: Path) -> None:
    extensions = '<p:x xmlns:p="urn:extension"/>' * 3_000
    found = read_one(file_of(tmp_path, activity(rest=extensions)))
    assert found.envelope.namespaces == {"p": "urn:extension"}


def test_an_activity_carries_the_prefixes_that_were_declared_up_to_it(tmp_path: Path) -> None:
    first, last = reading.read(
        file_of(
            tmp_path, activity("XX-1", '<a:x xmlns:a="urn:a"/>'), activity("XX-2", '<b:x xmlns:b="urn:b"/>')
        )
    )
    assert "a" in first.envelope.namespaces
    assert set(last.envelope.namespaces) == {"a", "b"}
