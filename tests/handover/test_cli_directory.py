"""Organisations, accounts, programmes and places from the command line, typed rightly and wrongly."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from handover.actions.places import COLUMNS
from handover.models import Place, Programme, User
from tests.factories.cast import Cast
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

GIVER = ("--as", "manager@giver.example")
HEAD = ",".join(COLUMNS)


# --- organisations -----------------------------------------------------------------------------------------------


def test_an_organisation_is_entered_listed_and_shown(cast: Cast) -> None:
    said(
        "organisation",
        "add",
        "Town of Example",
        "--kind",
        "municipality",
        "--country",
        "lt",
        "--slug",
        "town",
    )
    said(
        "organisation",
        "add",
        "Its museum",
        "--kind",
        "public_institution",
        "--country",
        "LT",
        "--parent",
        "town",
    )

    assert told("organisation", "show", "town")["organisation"]["country"] == "LT"
    assert told("organisation", "show", "town")["bodies"] == ["its-museum"]
    assert "town" in said("organisation", "list", "--kind", "municipality")
    assert "giver" not in said("organisation", "list", "--kind", "municipality")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (("add", "X", "--kind", "shop", "--country", "RO"), "usage"),
        (("add", "X", "--kind", "ngo"), "usage"),
        (("add", "X", "--kind", "ngo", "--country", "ROU"), "invalid"),
        (("add", "X", "--kind", "ngo", "--country", "RO", "--slug", "a b"), "invalid"),
        (("add", "X", "--kind", "ngo", "--country", "RO", "--slug", "giver"), "slug_taken"),
        (("add", "...", "--kind", "ngo", "--country", "RO"), "invalid"),
        (("add", "X" * 400, "--kind", "ngo", "--country", "RO"), "invalid"),
        (("add", "X", "--kind", "ngo", "--country", "RO", "--parent", "nobody"), "unknown_organisation"),
        (("show", "givr"), "unknown_organisation"),
        (("show",), "usage"),
        ((), "usage"),
        (("feed", "giver"), "usage"),
        (("represent", "--capacity", "mayor", "--act", "HCL 1", "--from", "2024-01-01"), "who_acts"),
        (("represent", "--capacity", "mayor", "--act", "HCL 1", "--from", "01.01.2024", *GIVER), "usage"),
    ],
)
def test_wrong_words_about_organisations_are_one_line(cast: Cast, typed: tuple[str, ...], code: str) -> None:
    text = refused("organisation", *typed)

    assert text.endswith(f"[{code}]")
    assert "\n" not in text


def test_a_slug_that_is_nearly_right_is_suggested(cast: Cast) -> None:
    assert "did you mean giver?" in refused("organisation", "show", "givr")


def test_a_manager_names_who_represents_the_organisation_and_only_its_own_people_read_it(cast: Cast) -> None:
    said(
        "organisation",
        "represent",
        "--capacity",
        "president",
        "--act",
        "statute 1",
        "--from",
        "2024-01-01",
        *GIVER,
    )

    assert "president" in said("organisation", "show", "giver", *GIVER)
    assert "president" not in said("organisation", "show", "giver")
    assert "president" not in said("organisation", "show", "giver", "--as", cast.stranger.user.email)
    officer = ("--as", cast.giver_officer.user.email)
    text = refused(
        "organisation", "represent", "--capacity", "x", "--act", "y", "--from", "2024-01-01", *officer
    )
    assert "[not_manager]" in text


# --- accounts ----------------------------------------------------------------------------------------------------


def test_an_account_is_made_seated_unseated_closed_and_pseudonymised(cast: Cast) -> None:
    email = "clerk@receiver.example"
    said("account", "add", email, "Clerk of the receiver", "--no-password")
    said("account", "seat", email, "receiver", "officer", "--until", "2024-12-31")
    assert told("account", "list", "--organisation-slug", "receiver")["accounts"][0]["seats"] == [
        {"organisation": "receiver", "role": "officer", "until": "2025-01-01T00:00:00.000000Z"}
    ]
    said("account", "unseat", email, "receiver", "officer")
    assert "no role" in said("account", "list")
    assert "[still_active]" in refused("account", "pseudonymise", email, "--reason", "Asked for it", "--yes")
    said("account", "deactivate", email)
    assert "is now called Former user" in said(
        "account", "pseudonymise", email, "--reason", "Asked for it", "--yes"
    )
    assert "[unknown_account]" in refused("account", "deactivate", email)


def test_a_password_comes_from_standard_input_and_never_from_the_command(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery staple\n"))

    said("account", "add", "clerk@receiver.example", "Clerk", "--password-stdin")

    assert User.objects.get(email="clerk@receiver.example").check_password("correct horse battery staple")
    assert "[usage]" in refused("account", "add", "a@b.example", "A", "--password", "secret")


@pytest.mark.parametrize(
    ("password", "code"), [("short\n", "invalid"), ("\n", "password_missing"), ("", "password_missing")]
)
def test_a_weak_or_missing_password_is_refused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, password: str, code: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(password))

    assert f"[{code}]" in refused("account", "add", "clerk@receiver.example", "Clerk", "--password-stdin")
    assert not User.objects.filter(email="clerk@receiver.example").exists()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (("add", "manager@giver.example", "Again", "--no-password"), "email_taken"),
        (("add", "no address", "X", "--no-password"), "invalid"),
        (("add", "a@b.example", "X" * 300, "--no-password"), "invalid"),
        (("add", "a@b.example", "X", "--no-password", "--password-stdin"), "usage"),
        (("add", "a@b.example"), "usage"),
        (("seat", "nobody@giver.example", "giver", "officer"), "unknown_account"),
        (("seat", "manager@giver.example", "nobody", "officer"), "unknown_organisation"),
        (("seat", "manager@giver.example", "giver", "boss"), "usage"),
        (("seat", "manager@giver.example", "giver", "officer", "--until", "soon"), "usage"),
        (("seat", "manager@giver.example", "giver", "officer", "--until", "2020-01-01"), "ends_in_past"),
        (
            ("seat", "manager@giver.example", "giver", "officer", "--as", "manager@receiver.example"),
            "not_manager",
        ),
        (("unseat", "manager@giver.example", "receiver", "officer"), "no_seat"),
        (("deactivate", "nobody@giver.example"), "unknown_account"),
        (("list", "--organisation-slug", "nobody"), "unknown_organisation"),
    ],
)
def test_wrong_words_about_accounts_are_one_line(cast: Cast, typed: tuple[str, ...], code: str) -> None:
    text = refused("account", *typed)

    assert text.endswith(f"[{code}]")
    assert "\n" not in text


# --- who acts ----------------------------------------------------------------------------------------------------


def test_a_person_of_several_organisations_says_for_which(cast: Cast, programme: Programme) -> None:
    said("account", "seat", "manager@giver.example", "receiver", "viewer")

    assert "--for: giver, receiver. [which_organisation]" in refused("programme", "list", *GIVER)
    assert len(told("programme", "list", *GIVER, "--for", "giver")["programmes"]) == 1
    assert told("programme", "list", *GIVER, "--for", "receiver")["programmes"] == []
    assert "[no_seat]" in refused("programme", "list", *GIVER, "--for", "donor")


def test_a_closed_account_acts_no_more(cast: Cast, programme: Programme) -> None:
    said("account", "deactivate", "manager@giver.example", "--last")

    assert "[no_seat]" in refused("programme", "list", *GIVER)


def test_an_organisation_with_one_manager_acts_by_them(cast: Cast, programme: Programme) -> None:
    assert len(told("programme", "list", "--for", "giver")["programmes"]) == 1
    assert "has no manager today" in refused("programme", "list", "--for", "auditor")
    assert "[who_acts]" in refused("programme", "list")


# --- programmes --------------------------------------------------------------------------------------------------


def test_a_programme_is_founded_with_its_guests_and_responsibilities(cast: Cast) -> None:
    made = ("create", "XX-CLI", "--title", "en=Bridges", "--title", "ro=Poduri", "--from", "2024-01-01")
    assert told("programme", *made, *GIVER)["programme"]["title"] == [
        {"lang": "en", "text": "Bridges"},
        {"lang": "ro", "text": "Poduri"},
    ]
    said("programme", "admit", "XX-CLI", "donor", "donor", *GIVER)
    said("programme", "admit", "XX-CLI", "auditor", "auditor", "--until", "2024-09-30", *GIVER)
    said(
        "programme",
        "responsibility",
        "XX-CLI",
        "Day centre",
        "--kind",
        "service",
        "--debtor",
        "giver",
        *GIVER,
    )

    shown = told("programme", "show", "XX-CLI", "--as", cast.auditor.user.email)
    assert [item["kind"] for item in shown["standings"]] == ["steward", "donor", "auditor"]
    assert shown["responsibilities"][0] | {"uuid": ""} == {
        "uuid": "",
        "title": "Day centre",
        "kind": "service",
        "phase": "phase_over",
        "holder": "giver",
        "provider": "giver",
        "debtor": "giver",
    }
    assert "execute_transfer" not in shown["you_may"]
    text = said("programme", "show", "XX-CLI", "--people", *GIVER)
    assert "auditor: auditor, until 2024-10-01 00:00 UTC" in text
    assert "Who can do what" in text

    said("programme", "dismiss", "XX-CLI", "auditor", "auditor", "--reason", "The audit is over", *GIVER)
    assert "[not_found]" in refused("programme", "show", "XX-CLI", "--as", cast.auditor.user.email)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (("create", "XX-TEST-HOME", "--title", "Again"), "identifier_taken"),
        (("create", " ", "--title", "Nameless"), "identifier_missing"),
        (("create", "XX-2", "--title", " "), "usage"),
        (("create", "XX-2"), "usage"),
        (("create", "X" * 300, "--title", "Long"), "not_storable"),
        (("create", "XX-2", "--title", "T", "--from", "2024-02-30"), "usage"),
        (
            ("create", "XX-2", "--title", "T", "--from", "2024-02-01", "--until", "2024-01-01"),
            "dates_reversed",
        ),
        (("show", "XX-NONE"), "not_found"),
        (("show", "00000000-0000-0000-0000-000000000000"), "not_found"),
        (("admit", "XX-TEST-HOME", "donor", "donor"), "stands_already"),
        (("admit", "XX-TEST-HOME", "donor", "steward"), "usage"),
        (("admit", "XX-TEST-HOME", "nobody", "donor"), "unknown_organisation"),
        (("admit", "XX-TEST-HOME", "stranger", "auditor"), "end_missing"),
        (("admit", "XX-TEST-HOME", "stranger", "auditor", "--until", "2020-01-01"), "ends_in_past"),
        (("dismiss", "XX-TEST-HOME", "stranger", "donor", "--reason", "x"), "stands_not"),
        (("dismiss", "XX-TEST-HOME", "donor", "donor"), "usage"),
        (("responsibility", "XX-TEST-HOME", "Heat", "--kind", "warmth"), "usage"),
        (
            ("responsibility", "XX-TEST-HOME", "Heat", "--kind", "service", "--holder", "stranger"),
            "no_standing",
        ),
        (("responsibility", "XX-TEST-HOME", "Heat", "--kind", "service", "--place", "RO:0"), "unknown_place"),
        (("responsibility", "XX-TEST-HOME", "H" * 400, "--kind", "service"), "not_storable"),
    ],
)
def test_wrong_words_about_programmes_are_one_line(
    cast: Cast, programme: Programme, typed: tuple[str, ...], code: str
) -> None:
    text = refused("programme", *typed, *GIVER)

    assert text.endswith(f"[{code}]")
    assert "\n" not in text


def test_what_a_role_may_not_do_is_said_and_what_it_may_not_see_is_not(
    cast: Cast, programme: Programme
) -> None:
    typed = ("programme", "admit", "XX-TEST-HOME", "stranger", "partner", "--as")

    assert "[not_allowed]" in refused(*typed, cast.giver_reporter.user.email)
    assert "[not_found]" in refused(*typed, cast.stranger.user.email)


# --- places ------------------------------------------------------------------------------------------------------


def test_places_are_imported_and_brought_up_to_date(tmp_path: Path) -> None:
    file = tmp_path / "lau.csv"
    file.write_bytes(f"\ufeff{HEAD}\nRO,RO424,1,Timişoara,,305977,1\nLT,LT011,2,Širvintos,,,\n".encode())

    assert "2 new places, 0 known" in said("import_places", file)
    assert told("import_places", file, "--source", "Eurostat 2019") == {
        "source": "Eurostat 2019",
        "new": 0,
        "known": 2,
    }
    assert Place.objects.get(code="2").name == "Širvintos"


@pytest.mark.parametrize(
    ("content", "said_of"),
    [
        (b"", "has no column country"),
        (b"a,b\n1,2\n", "has no column country"),
        (HEAD.encode(), "holds no places"),
        (f"{HEAD}\nRO,,1,A,,,\nRO,,1,B,,,\n".encode(), "names RO 1 twice"),
        (f"{HEAD}\nRO,,1,A,,,\nRO,,,B,,,\n".encode(), "lau.csv, line 3: country"),
        (f"{HEAD}\nRO,,1,A,,many,\n".encode(), "lau.csv, line 2: population: “many” is no number"),
        (f"{HEAD}\nRO,,1,A,,99999999999,\n".encode(), "lau.csv, line 2: population"),
        (f"{HEAD}\nRO,,{'1' * 50},A,,,\n".encode(), "lau.csv, line 2: code"),
        (f"{HEAD}\nRO,,1,A\xe9,,,\n".encode("latin-1"), "lau.csv, line 2: it is not UTF-8"),
        (f"{HEAD}\nRO,,1,{'A' * 200_000},,,\n".encode(), "lau.csv, line 2: field larger than field limit"),
        (f"{HEAD}\nRO,,1,A\x00,,,\n".encode(), "lau.csv, line 2"),
    ],
)
def test_a_wrong_file_of_places_is_one_line_that_names_the_row(
    db: None, tmp_path: Path, content: bytes, said_of: str
) -> None:
    file = tmp_path / "lau.csv"
    file.write_bytes(content)

    text = refused("import_places", file)

    assert said_of in text
    assert "\n" not in text
    assert not Place.objects.exists()


def test_a_file_of_places_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    assert "No such file or directory. [file_unusable]" in refused("import_places", tmp_path / "none.csv")
    assert "[file_unusable]" in refused("import_places", tmp_path)
