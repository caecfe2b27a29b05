"""Registers and budgets from the command line: what is entered, what it says, and what is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from handover.access import asking
from handover.models import BudgetLine, Equipment, LedgerEntry, Programme
from tests.factories.cast import Cast
from tests.factories.programmes import grant
from tests.handover.command_line import refused, said, told

pytestmark = pytest.mark.django_db

HOME = "XX-TEST-HOME"


@pytest.fixture
def me(cast: Cast, programme: Programme) -> tuple[str, str]:
    """Give who acts, as a command line says it."""
    return "--as", cast.giver.user.email


def test_a_line_is_entered_listed_and_changed(cast: Cast, programme: Programme, me: tuple[str, str]) -> None:
    grant(programme, by=cast.giver, donor=cast.donor.organisation)
    van = ("title=Van", "acquired_on=2024-01-01", "cost=6000", "currency=EUR")
    made = told(
        "register", "enter", HOME, "equipment", "Day centre", *van, "owner=receiver", "grant=XX-1", *me
    )
    assert made["line"]["owner"] == str(cast.receiver.organisation.uuid)

    assert "Van    6,000.00 EUR" in said("register", "list", HOME, "equipment", *me)
    said("register", "edit", HOME, "equipment", "van", "cost=6100.50", "owner=", *me)
    with asking(cast.giver):
        row = Equipment.objects.get()
    assert (str(row.cost), row.owner, row.version) == ("6100.50", None, 2)
    assert "no_disposal_before" in said("register", "fields", "equipment")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (("enter", HOME, "equipment", "Day centre", "colour=red"), "unknown_field"),
        (("enter", HOME, "equipment", "Day centre", "cost"), "unknown_field"),
        (("enter", HOME, "equipment", "Day centre", "cost=1", "cost=2"), "field_twice"),
        (("enter", HOME, "equipment", "Day centre", "title=Van"), "invalid"),
        (("enter", HOME, "equipment", "Day centre", "owner=nobody"), "unknown_organisation"),
        (("enter", HOME, "equipment", "Day centre", "grant=none"), "unknown_grant"),
        (("enter", HOME, "contract", "Day centre", "may_be_novated=maybe"), "not_yes_or_no"),
        (("enter", HOME, "equipment", "Nothing", "title=Van"), "unknown_responsibility"),
        (("enter", HOME, "boats", "Day centre", "title=Van"), "usage"),
        (("edit", HOME, "equipment", "van", "cost=1"), "unknown_line"),
        (("fund", HOME, "mediator", "grant", "50", "--from", "2024-01-01"), "unknown_post"),
        (("check", "XX-NOTHING"), "not_found"),
    ],
)
def test_what_is_typed_wrongly_is_one_line_and_writes_nothing(
    me: tuple[str, str], typed: tuple[str, ...], code: str
) -> None:
    entries = LedgerEntry.objects.count()
    text = refused("register", *typed, *me)
    assert f"[{code}]" in text
    assert len(text.splitlines()) == 1
    assert LedgerEntry.objects.count() == entries


def test_a_post_paid_twice_is_found_and_ends_with_one(me: tuple[str, str]) -> None:
    assert "✓" in said("register", "check", HOME, *me)
    said(
        "register",
        "enter",
        HOME,
        "post",
        "Day centre",
        "title=Mediator",
        "fte=1",
        "funded_by=grant",
        "starts_on=2024-01-01",
        *me,
    )
    for source in ("grant", "municipality"):
        said("register", "fund", HOME, "mediator", source, "50", "--from", "2024-07-01", *me)
    assert "1 thing is not well. [findings]" in refused("register", "check", HOME, *me)
    assert "[overfunded]" in refused(
        "register", "fund", HOME, "mediator", "state", "1", "--from", "2024-07-01", *me
    )


def entered(me: tuple[str, str], *more: str, amount: str = "1000") -> str:
    line = ("Day centre", "Running costs", "--year", "2025", "--source", "municipality")
    made = told("budget", "enter", HOME, *line, "--amount", amount, "--currency", "EUR", *more, *me)
    return str(made["line"]["uuid"])


def test_a_budget_line_goes_through_its_stages_on_the_curve(cast: Cast, me: tuple[str, str]) -> None:
    assert "No budget line is entered." in said("budget", "curve", HOME, *me)
    line = entered(me)
    said("budget", "stage", HOME, line[:8], "adopted", "--amount", "900", "--decided-on", "2025-02-14", *me)

    assert "2025 ==================== 900 EUR  municipality 100 % (decided 100 %)" in said(
        "budget", "curve", HOME, *me
    )
    with asking(cast.giver):
        assert BudgetLine.objects.count() == 2
    assert "[stage_recorded_already]" in refused(
        "budget", "stage", HOME, line[:8], "adopted", "--decided-on", "2025-02-14", *me
    )


def test_a_curve_in_another_currency_needs_a_rate(me: tuple[str, str]) -> None:
    entered(me)
    assert "[rate_missing]" in refused("budget", "curve", HOME, "--currency", "RON", *me)
    said("budget", "rate", HOME, "EUR", "RON", "5", "--since", "2024-01-01", "--source", "A bank", *me)
    assert told("budget", "curve", HOME, "--currency", "RON", *me)["years"][0]["total"] == "5000"
    assert "[unknown_currency]" in refused("budget", "curve", HOME, "--currency", "LEI", *me)


def test_a_calendar_is_taken_over_and_counted_back(me: tuple[str, str]) -> None:
    assert "no budget calendar here" in said("budget", "calendar", HOME, "receiver", "2025", *me)
    said("budget", "steps", HOME, "receiver", "--adopt", "RO", *me)
    said(
        "budget", "steps", HOME, "receiver", "--add", "hearing", "--title", "A hearing", "--on", "06-04", *me
    )
    text = said("budget", "calendar", HOME, "receiver", "2025", *me)
    assert "2024-05-15  LATE by 19 days: Costs of the services" in text
    assert "2024-06-04  tomorrow: A hearing" in text
    assert "2025-02-14  in 256 days: Local budget adopted" in text
    assert "[no_such_day]" in refused(
        "budget", "steps", HOME, "receiver", "--add", "x", "--title", "X", "--on", "June", *me
    )
    assert "[year_out_of_range]" in refused("budget", "calendar", HOME, "receiver", "99999", *me)


def test_a_request_is_shown_and_written_and_never_over_another_file(
    me: tuple[str, str], tmp_path: Path
) -> None:
    entered(me, "--stage", "requested")
    assert "1,000.00 EUR from the municipality (requested)" in said("budget", "request", HOME, "2025", *me)
    sheet, book = tmp_path / "request.csv", tmp_path / "request.xlsx"
    said("budget", "request", HOME, "2025", "--csv", sheet, "--xlsx", book, *me)
    assert sheet.read_text("utf-8-sig").splitlines()[1].endswith(",municipality,1000,requested,0,EUR")
    assert book.read_bytes()[:2] == b"PK"
    assert "[file_exists]" in refused("budget", "request", HOME, "2025", "--csv", sheet, *me)
    said("budget", "request", HOME, "2025", "--csv", sheet, "--force", *me)
    assert "[file_unusable]" in refused(
        "budget", "request", HOME, "2025", "--csv", tmp_path / "no" / "x.csv", *me
    )
