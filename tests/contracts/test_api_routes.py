"""No operation of the REST interface without a reviewed line that says what it asks for."""

from __future__ import annotations

from handover.permissions import PERSONAL_SCOPES, Permission, Scope
from tests.contracts import api_routes
from tests.contracts.api_routes import FILE, Open, listed
from tests.contracts.operations import operations

READING = {Permission.VIEW, Permission.EXPORT, Permission.READ_LEDGER, Scope.READ, Scope.ORGANISATION}
"""What a GET may ask for."""


def test_every_operation_is_on_the_reviewed_list() -> None:
    missing = [api_routes.line(item) for item in operations() if str(item) not in listed()]
    assert missing == [], f"review them, and add them to {FILE.name}"


def test_no_reviewed_operation_has_gone() -> None:
    assert listed().keys() - {str(item) for item in operations()} == set()


def test_every_handler_declares_what_the_list_says() -> None:
    other = {
        str(item): (api_routes.declared(item), listed()[str(item)])
        for item in operations()
        if str(item) in listed() and api_routes.declared(item) != listed()[str(item)]
    }
    assert other == {}


def test_the_list_is_sorted() -> None:
    assert list(listed()) == sorted(listed(), key=lambda line: tuple(reversed(line.split(" "))))


def test_what_asks_nothing_says_why() -> None:
    assert [line for line, asked in listed().items() if isinstance(asked, Open) and not asked.reason] == []


def test_reading_asks_for_something_that_reads_and_changing_for_something_that_changes() -> None:
    for line, asked in listed().items():
        if isinstance(asked, Open):
            assert line.startswith("GET "), line
        elif line.startswith("GET "):
            assert asked in READING, line
        elif asked in READING:
            assert asked is Scope.ORGANISATION or line in READING_COMMANDS, line


READING_COMMANDS = {
    "POST exports": "a copy is taken out, and nothing of the programme changes",
    "POST jobs/{id}/cancel": "whoever asked for a job may call it off; some jobs only read",
}
"""Commands that ask for no more than reading, each with the reason."""


def test_no_operation_asks_for_the_scope_of_an_organisations_directory() -> None:
    """That scope opens SCIM alone, and no person's token has it."""
    assert {asked for asked in listed().values() if isinstance(asked, Scope)} <= PERSONAL_SCOPES
