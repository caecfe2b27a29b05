"""What is read comes out equal, element by element, by way of the model's columns too."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.exchange.iati import reading, tree, writing
from indicators.exchange.iati.columns import ROWS, node_of, row_of
from indicators.exchange.iati.tree import Activity, Extra, Node
from indicators.exchange.iati.writing import Draft
from tests.indicators.iati_files import (
    EXAMPLE,
    PERIOD,
    REAL,
    activity,
    file_of,
    result,
    results_of,
    root_of,
    schema,
    shape,
    shared,
)

N = TypeVar("N", bound=Node)


def by_way_of_rows(node: N) -> N:
    """Take a node apart into rows, as the model keeps it, and put it together again."""
    row = row_of(node)
    below = {name: tuple(map(by_way_of_rows, getattr(node, name))) for name in ROWS.get(type(node), ())}
    return node_of(type(node), row, **below)


def written(read: Activity) -> bytes:
    results = tuple(map(by_way_of_rows, read.results))
    return writing.document(Draft(read.attributes, read.parts, results, read.envelope))


def read_one(path: Path) -> Activity:
    (found,) = reading.read(path)
    return found


@pytest.mark.parametrize("name", [REAL, EXAMPLE])
def test_a_shared_file_comes_out_equal_and_valid(name: str) -> None:
    path = shared(name)

    again = root_of(written(read_one(path)))

    assert shape(again) == shape(root_of(path))
    schema().assertValid(again)


def test_a_real_programme_fits_the_models_columns_but_for_nothing() -> None:
    def extras(node: Node) -> list[Any]:
        below = [
            extra
            for name in ROWS.get(type(node), ())
            for child in getattr(node, name)
            for extra in extras(child)
        ]
        own = row_of(node)["extra"]
        return [*([own] if own else []), *below]

    assert [extra for item in read_one(shared(REAL)).results for extra in extras(item)] == []


UNTIDY = """<result xmlns:x="http://extension.example" type="2" aggregation-status="" x:colour="green" stray="yes">
      <title x:short="S"><narrative xml:lang="ro">Familii</narrative><narrative> Families </narrative></title>
      <description/>
      <document-link url="" format="text/html" x:a="1">
        <title><narrative>T</narrative></title><description><narrative>D</narrative></description>
        <category code="A01"/><category code="B02" x:why="both"/><language code="ro"/>
        <document-date iso-date="2020-01-01Z"/>
        <x:size>12 MB</x:size>
      </document-link>
      <reference vocabulary="99" code="ROMA-1" vocabulary-uri="http://example.com/?a=1&amp;b=2"/>
      <indicator measure="5" x:own="1">
        <title><narrative/></title>
        <reference vocabulary="" code="é" indicator-uri=""/>
        <baseline year="0020" value=""><location/><dimension name="sex"/><comment/></baseline>
        <baseline year=""/>
        <period x:id="p">
          <period-start iso-date="2023-01-01+02:00" x:approx="1"/>
          <period-end iso-date="2023-12-31"><x:note>about</x:note></period-end>
          <target/>
          <target value="  1 000 "><dimension name="a|b=c\\d" value="&#9;x&#10;"/>
            <comment><narrative>&lt;b&gt; ]]&gt;</narrative></comment></target>
          <actual value="1e3" x:by="me"/>
          <actual value="-0.50"><location ref="L1"/><dimension name="age" value="adult"/>
            <dimension name="age" value="adult"/></actual>
          <x:quality level="2"><x:deep>kept <x:b/> as <x:c/> it is</x:deep></x:quality>
        </period>
        <x:formula>a/b</x:formula>
      </indicator>
      <x:more/>
    </result>"""


def test_untidy_and_extended_results_come_out_equal(tmp_path: Path) -> None:
    path = file_of(tmp_path, activity(rest=UNTIDY))

    again = root_of(written(read_one(path)))

    assert results_of(again) == results_of(root_of(path))


def test_everything_that_is_no_result_comes_out_equal(tmp_path: Path) -> None:
    rest = (
        '<budget type="1"><period-start iso-date="2022-01-01"/><period-end iso-date="2022-12-31"/>'
        '<value value-date="2022-01-01">1000.50</value></budget>'
        '<transaction><transaction-type code="2"/><transaction-date iso-date="2022-02-01"/>'
        '<value value-date="2022-02-01">5</value></transaction>'
        f"{result()}"
        '<x:own xmlns:x="http://extension.example" kind="x:thing">mixed <x:b>text</x:b> stays</x:own>'
    )
    path = file_of(
        tmp_path, activity(rest=rest).replace("<iati-activity ", '<iati-activity xmlns:y="urn:y" y:z="1" ')
    )

    again = written(read_one(path))

    assert shape(root_of(again)) == shape(root_of(path))
    assert b'y:z="1"' in again
    assert b'kind="x:thing"' in again


def test_children_in_the_wrong_order_come_out_in_the_schemas(tmp_path: Path) -> None:
    swapped = result(PERIOD) + '<capital-spend percentage="5"/><activity-scope code="1"/>' + "<crs-add/>"
    path = file_of(tmp_path, activity(rest=swapped))

    again = root_of(written(read_one(path)))

    tags = [str(child.tag) for child in again[0]]
    assert tags[-4:] == ["activity-scope", "capital-spend", "result", "crs-add"]
    schema().assertValid(again)


# --- trees that nobody thought of --------------------------------------------------------------------------------

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"),
    max_size=12,
) | st.sampled_from(["", " ", "\t", "a\nb", "\r", "&amp;", "<", '"', "ș ț ą", "]]>", "1", "0.10", "n/a"])
DAYS = st.dates().map(lambda day: day.isoformat())
# Sparse, or a tree of six levels grows beyond what finds anything.
MANY = st.sampled_from([0, 0, 0, 1, 1, 2])
ONE = st.sampled_from([0, 0, 1])
FOREIGN = st.sampled_from(["{http://extension.example}a", "{urn:other}b", "unknown"])
ELEMENTS = st.sampled_from(
    [
        '<x:e xmlns:x="http://extension.example" k="v">t <x:f/> u</x:e>',
        '<y:e xmlns:y="urn:other"/>',
        "<unknown/>",
    ]
)


def extras(*, content: bool) -> st.SearchStrategy[Extra]:
    attributes = st.lists(st.tuples(FOREIGN, TEXTS), max_size=2, unique_by=lambda pair: pair[0]).map(tuple)
    if content:
        return st.builds(Extra, attributes=attributes)
    stray = st.sampled_from(["", "", "", "stray text"])
    return st.builds(
        Extra, attributes=attributes, elements=st.lists(ELEMENTS, max_size=1).map(tuple), text=stray
    )


@st.composite
def nodes(draw: st.DrawFn, kind: type[Node]) -> Any:
    """Give any node of a kind that can stand in a file."""
    fields: dict[str, Any] = {name: draw(TEXTS) for name in kind.ATTRIBUTES if draw(st.booleans())}
    for child in kind.CHILDREN:
        found = [draw(nodes(child.node)) for _ in range(draw(MANY if child.many else ONE))]
        fields[child.field] = tuple(found) if child.many else next(iter(found), None)
    if kind.CONTENT:
        fields[kind.CONTENT] = draw(TEXTS)
    if kind is tree.Period:
        spelt = st.sampled_from(["2023-06-30", "2023-06-30Z", " 2023-06-30 "])
        for name in ("start", "end"):
            fields[name] = tree.Day(iso_date=draw(spelt), extra=draw(extras(content=False)))
    return kind(**fields, extra=draw(extras(content=kind.CONTENT is not None)))


def comparable(nodes: Iterable[Node]) -> Any:
    """Give nodes for comparison: of kept XML, prefixes and layout do not matter."""

    def walk(part: Any) -> Any:
        if isinstance(part, list):
            return [walk(item) for item in part]
        if isinstance(part, dict):
            return {name: walk(item) for name, item in part.items()}
        return (
            shape(root_of(part.encode()))
            if isinstance(part, str) and part.startswith("<") and ">" in part
            else part
        )

    return walk([node.as_json() for node in nodes])


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(nodes(tree.Result), min_size=1, max_size=2))
def test_any_tree_comes_out_equal(results: list[tree.Result]) -> None:
    parts = (
        tree.Part("iati-identifier", "<iati-identifier>XX-1</iati-identifier>"),
        tree.Part("title", "<title><narrative>T</narrative></title>"),
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "any.xml"
        path.write_bytes(writing.document(Draft((), parts, results, tree.Envelope())))

        read = read_one(path)

        assert comparable(read.results) == comparable(results)
        assert tuple(map(by_way_of_rows, read.results)) == read.results
        assert results_of(root_of(written(read))) == results_of(root_of(path))


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(nodes(tree.Baseline))
def test_json_holds_a_whole_node(node: tree.Baseline) -> None:
    assert tree.Baseline.from_json(node.as_json()) == node


def test_what_people_changed_wins_over_what_was_kept() -> None:
    kept = tree.Measurement(value="", comment=tree.Text(extra=Extra(attributes=(("unknown", "1"),))))
    row = row_of(kept)

    row["value_text"] = "12"
    again = node_of(tree.Measurement, row)

    assert again.value == "12"
    assert again.comment == kept.comment
