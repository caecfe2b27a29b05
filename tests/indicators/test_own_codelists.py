"""Code lists that organisations bring along: all of a file or nothing, whose they are, and what the ledger keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from handover.access import Actor, asking
from handover.errors import DomainError, Invalid, NotAllowed
from handover.models import LedgerEntry
from handover.queries.chains import verify_chain
from indicators.actions.codelists import MOST_CODES, Imported, Row, import_list, rows_of
from indicators.models import OwnCode, OwnList
from indicators.queries import codelists
from tests.conftest import WebSql
from tests.factories.cast import Cast
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

FILE = """\
code,title,title_ro,title_lt
A1,Mediation,Mediere,Tarpininkavimas
A2,Food parcels,,Maisto paketai
A10,Other,,
"""


def rows(text: str = FILE) -> Iterator[Row]:
    return rows_of(text.splitlines(keepends=True), "codes.csv")


def imported(
    by: Actor, text: str = FILE, *, vocabulary: str = "services", title: str = "Our services"
) -> Imported:
    return import_list(
        by=by, vocabulary=vocabulary, title=title, source="Board decision 3/2024", rows=rows(text)
    )


def counts(done: Imported) -> tuple[int, int, int, int]:
    return done.new, done.changed, done.same, done.withdrawn


def entries(by: Actor) -> list[dict[str, object]]:
    with asking(by):
        found = LedgerEntry.objects.filter(chain=by.organisation.uuid).order_by("seq")
        bodies = [json.loads(entry.body) for entry in found]
    return [body for body in bodies if body["verb"] == "code_list.imported"]


def state(by: Actor) -> list[tuple[object, ...]]:
    with asking(by):
        lists = list(OwnList.objects.order_by("id").values_list())
        codes = list(
            OwnCode.objects.order_by("id").values_list("id", "code", "title", "position", "withdrawn")
        )
    return [*lists, *((key, code, json.dumps(title), *rest) for key, code, title, *rest in codes)]


# --- importing ---------------------------------------------------------------------------------------------------


def test_a_list_comes_in_with_its_titles_in_its_order(cast: Cast) -> None:
    assert counts(imported(cast.giver)) == (3, 0, 0, 0)

    with asking(cast.giver):
        found = codelists.own(cast.giver.organisation)["services"]
    assert list(found.codes) == ["A1", "A2", "A10"]
    assert found.codes["A1"].title == {"": "Mediation", "ro": "Mediere", "lt": "Tarpininkavimas"}
    assert found.codes["A10"].title == {"": "Other"}
    assert (found.mark, found.source) == (codelists.Mark.OWN, "Board decision 3/2024")
    assert codelists.title("services", "A2", "lt", {"services": found}) == "Maisto paketai"
    assert codelists.title("services", "A2", "ro", {"services": found}) == "Food parcels"


def test_the_same_file_once_more_changes_nothing(cast: Cast) -> None:
    imported(cast.giver)
    before, written = state(cast.giver), entries(cast.giver)

    assert counts(imported(cast.giver_officer)) == (0, 0, 3, 0)
    assert (state(cast.giver), entries(cast.giver)) == (before, written)


def test_a_later_file_is_put_in_place_and_what_is_gone_is_withdrawn(cast: Cast) -> None:
    imported(cast.giver)

    done = imported(cast.giver, "code,title\nA10,Other\nA1,Mediation and advice\nB1,Transport\n")

    assert counts(done) == (1, 1, 1, 1)
    with asking(cast.giver):
        found = codelists.own(cast.giver.organisation)["services"].codes
    assert [code for code, item in found.items() if not item.withdrawn] == ["A10", "A1", "B1"]
    assert found["A2"].withdrawn
    assert found["A1"].title == {"": "Mediation and advice"}


def test_a_withdrawn_code_comes_back_with_the_file_that_has_it(cast: Cast) -> None:
    imported(cast.giver)
    imported(cast.giver, "code,title\nA1,Mediation\n")

    assert counts(imported(cast.giver)) == (0, 3, 0, 0)
    with asking(cast.giver):
        assert not any(
            item.withdrawn for item in codelists.own(cast.giver.organisation)["services"].codes.values()
        )


def test_the_organisations_ledger_says_what_came_in(cast: Cast) -> None:
    done = imported(cast.giver)
    imported(cast.giver, "code,title\nA2,Food parcels\nA1,Mediation\n")

    first, second = entries(cast.giver)
    assert first["subject"] == str(done.own_list.uuid)
    data = first["data"]
    assert isinstance(data, dict)
    assert (data["vocabulary"], data["codes"], data["new"], data["withdrawn"]) == ("services", 3, 3, 0)
    assert isinstance(second["data"], dict)
    assert (second["data"]["codes"], second["data"]["withdrawn"]) == (2, 1)
    assert second["data"]["digest"] != data["digest"]
    with asking(cast.giver):
        assert list(verify_chain(cast.giver.organisation.uuid)) == []


def test_another_order_is_a_change_that_is_kept(cast: Cast) -> None:
    imported(cast.giver, "code,title\nA,One\nB,Two\n")

    assert counts(imported(cast.giver, "code,title\nB,Two\nA,One\n")) == (0, 0, 2, 0)
    with asking(cast.giver):
        assert list(codelists.own(cast.giver.organisation)["services"].codes) == ["B", "A"]
    assert len(entries(cast.giver)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "code;title;title_ro\r\nA1;Mediation, advice;Mediere\r\n",
        "code\ttitle\ttitle_ro\nA1\tMediation, advice\tMediere\n",
        "\n".join(['"Code","Title","title_ro"', '"A1","Mediation, advice","Mediere"', "", ",,", ""]),
        'title_ro,code,title\nMediere, A1 ,"Mediation,\u00a0 advice"\n',
    ],
)
def test_the_heading_tells_how_the_file_is_written(text: str) -> None:
    (row,) = rows(text)

    assert row.code.strip() == "A1"
    assert {lang: " ".join(said.split()) for lang, said in row.title.items()} == {
        "": "Mediation, advice",
        "ro": "Mediere",
    }


# --- refusals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("", "wrong_columns", "must begin with a heading"),
        ("A1,Mediation\n", "wrong_columns", "must begin with a heading"),
        ("code,title,colour\nA1,Mediation,red\n", "wrong_columns", "must begin with a heading"),
        ("code\nA1\n", "wrong_columns", "must begin with a heading"),
        ("code,title,title\nA1,x,y\n", "repeated_column", "has a column twice"),
        ("code,title\n", "empty_list", "at least one code"),
        ("code,title\nA1,Mediation,more\n", "too_many_cells", "codes.csv, line 2: it has more cells"),
        ('code,title\nA1,"Media"tion\n', "not_csv", "codes.csv, line 2"),
        ("code,title\nA1,\n", "missing_title", "“A1” has no title"),
        ("code,title\n ,Mediation\n", "wrong_length", "The code of entry 1 must have 1 to 120"),
        ("code,title\nA1,x\nA1 ,y\n", "repeated_code", "“A1” stands twice"),
        (f"code,title\n{'A' * 121},x\n", "wrong_length", "1 to 120 characters"),
        (f"code,title\nA1,{'x' * 501}\n", "wrong_length", "1 to 500 characters"),
        ("code,title\nA1,bell\x07\n", "control_character", "cannot be printed"),
        ("code,title\nA\u202e1,x\n", "control_character", "In the code of entry 1"),
    ],
)
def test_a_file_that_is_wrong_changes_nothing(cast: Cast, text: str, code: str, part: str) -> None:
    imported(cast.giver)
    before = state(cast.giver)

    with pytest.raises(Invalid) as caught:
        imported(cast.giver, text)

    assert caught.value.code == code
    assert part in caught.value.sentence
    assert state(cast.giver) == before


def test_a_list_has_an_end(cast: Cast) -> None:
    endless = (Row(str(number), {"": "x"}) for number in iter(int, 1))
    numbered = (Row(f"{number}", {"": "x"}) for number in range(MOST_CODES + 1))

    for given, code in ((endless, "repeated_code"), (numbered, "too_many_codes")):
        with pytest.raises(Invalid) as caught:
            import_list(by=cast.giver, vocabulary="v", title="T", source="S", rows=given)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("vocabulary", "code"),
    [
        ("", "no_vocabulary"),
        ("Two words", "no_vocabulary"),
        ("https://x.example/a b", "no_vocabulary"),
        ("x" * 201, "no_vocabulary"),
        ("esf-plus", "reserved_vocabulary"),
        ("urn:handover:codelist:mine", "reserved_vocabulary"),
        ("URN:handover:codelist:esf-plus", "reserved_vocabulary"),
    ],
)
def test_a_name_that_ships_or_is_none_is_refused(cast: Cast, vocabulary: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        imported(cast.giver, vocabulary=vocabulary)
    assert caught.value.code == code


def test_only_managers_and_officers_bring_lists_in(cast: Cast) -> None:
    for actor in (cast.giver_reporter, cast.auditor):
        with pytest.raises(NotAllowed) as caught:
            imported(actor)
        assert caught.value.code == "not_keeper"
    assert entries(cast.giver) == []


# --- whose they are ----------------------------------------------------------------------------------------------


def test_an_organisation_sees_its_own_lists_alone(cast: Cast) -> None:
    imported(cast.giver)
    imported(cast.stranger, "code,title\nX,Theirs\n")

    with asking(cast.giver):
        assert list(codelists.own(cast.giver.organisation)["services"].codes) == ["A1", "A2", "A10"]
        assert codelists.own(cast.stranger.organisation) == {}
    with asking(cast.stranger):
        assert list(codelists.own(cast.stranger.organisation)["services"].codes) == ["X"]
        assert OwnCode.objects.count() == 1


def test_the_database_keeps_codes_with_the_list_of_their_organisation(
    cast: Cast, web_sql: Callable[[Actor | None], WebSql]
) -> None:
    imported(cast.giver)
    foreign = imported(cast.stranger, "code,title\nX,Theirs\n").own_list.pk

    for statement, values in (
        ("UPDATE indicators_owncode SET withdrawn = true WHERE own_list_id = %s", [foreign]),
        ("DELETE FROM indicators_ownlist WHERE id = %s", [foreign]),
    ):
        assert web_sql(cast.giver)(statement, values).count == 0
    with pytest.raises(Exception, match="indicators_owncode_bound"):
        web_sql(cast.giver)(
            "INSERT INTO indicators_owncode (organisation_id, own_list_id, code, title, position, withdrawn)"
            " VALUES (%s, %s, 'Y', '[]', 0, false)",
            [cast.giver.organisation.pk, foreign],
        )


def test_references_are_held_against_own_lists_too(cast: Cast) -> None:
    imported(cast.giver)
    imported(cast.giver, vocabulary="https://lists.example/services")
    with asking(cast.giver):
        lists = {**codelists.shipped(), **codelists.own(cast.giver.organisation)}

    short = codelists.reference("services", "A1", lists)
    assert short["indicator_uri"] == f"urn:handover:codelist:{cast.giver.organisation.uuid}:services"
    named = codelists.reference("https://lists.example/services", "A2", lists)
    assert named["indicator_uri"] == "https://lists.example/services"
    codelists.check([short, named], lists=lists)
    with pytest.raises(DomainError) as caught:
        codelists.check([{**short, "code": "A3"}], lists=lists)
    assert caught.value.code == "unknown_code"


# --- on the command line -----------------------------------------------------------------------------------------

GIVER = ("--as", "manager@giver.example")
NAMED = ("--vocabulary", "services", "--source", "Board decision 3/2024")


def file_of(folder: Path, text: str | bytes = FILE) -> Path:
    path = folder / "codes.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_the_command_imports_and_counts(cast: Cast, tmp_path: Path) -> None:
    typed = (
        "import_codes",
        file_of(tmp_path),
        *NAMED,
        "--title",
        "Services",
        "--title",
        "ro=Servicii",
        *GIVER,
    )

    assert said(*typed) == "services: 3 new, 0 changed, 0 same, 0 withdrawn.\n"
    document = told(*typed)
    assert {name: document[name] for name in ("new", "changed", "same", "withdrawn")} == {
        "new": 0,
        "changed": 0,
        "same": 3,
        "withdrawn": 0,
    }


def test_a_file_with_a_byte_order_mark_is_read_and_other_encodings_are_refused(
    cast: Cast, tmp_path: Path
) -> None:
    title = ("--title", "Services", *GIVER)

    assert "3 new" in said("import_codes", file_of(tmp_path, b"\xef\xbb\xbf" + FILE.encode()), *NAMED, *title)
    latin = file_of(tmp_path, "code,title\nA1,Mediere și sprijin\n".encode("iso8859-16"))
    assert (
        refused("import_codes", latin, *NAMED, *title)
        == "error: codes.csv, line 2: it is not UTF-8. [not_utf8]"
    )
    binary = file_of(tmp_path, b"PK\x03\x04\0\0")
    assert "[not_text]" in refused("import_codes", binary, *NAMED, *title)
    assert "[file_unusable]" in refused("import_codes", tmp_path / "none.csv", *NAMED, *title)


def test_two_titles_in_one_language_are_refused(cast: Cast, tmp_path: Path) -> None:
    titles = ("--title", "ro=Servicii", "--title", "ro=Alte servicii")

    assert "[repeated_language]" in refused("import_codes", file_of(tmp_path), *NAMED, *titles, *GIVER)


def test_the_command_lists_what_ships_and_to_its_people_what_is_their_own(cast: Cast) -> None:
    imported(cast.giver)

    assert "services" not in said("codes")
    assert "services" in said("codes", *GIVER)
    assert "services" not in said("codes", "--as", "manager@stranger.example")
    lists = {item["vocabulary"]: item for item in told("codes", *GIVER)["lists"]}
    assert (lists["esf-plus"]["mark"], lists["services"]["mark"]) == ("secondary", "own")
    assert lists["sdg-targets"]["codes"] == 169


def test_the_command_shows_a_list_with_its_source_and_searches(cast: Cast) -> None:
    shown = said("codes", "esf-plus", "--language", "ro")
    assert shown.startswith("Source: Regulation (EU) 2021/1057, Annex I")
    assert "EECO03  Șomeri de lungă durată" in shown
    found = told("codes", "--search", "someri lunga")
    assert [item["code"] for item in found["codes"]] == ["EECO02", "EECO03"]
    assert said("codes", "--search", "nothing of the kind") == "No code has these words.\n"
    assert "[not_found]" in refused("codes", "none")


def test_a_withdrawn_code_is_shown_as_such(cast: Cast) -> None:
    imported(cast.giver)
    imported(cast.giver, "code,title\nA1,Mediation\n")

    assert "Food parcels (withdrawn)" in said("codes", "services", *GIVER)
