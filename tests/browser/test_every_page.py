"""Every page, as people with different eyes, hands and languages meet it."""

from __future__ import annotations

import os
from itertools import count
from typing import Final

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.addresses import Address, pages
from tests.browser.conftest import Visitor
from tests.browser.house import NEWCOMER, READERS, House
from tests.browser.looking import look, watched

pytestmark = pytest.mark.slow

WIDTHS: Final = (1280, 320)
REFUSALS: Final = (403, 404, 409)
ALL: Final = os.environ.get("A11Y") == "all"
"""All variants of every page, instead of one each, spread over them."""

VARIANTS: Final = [(language, width) for language in READERS for width in WIDTHS]


@pytest.mark.parametrize(
    "turn", range(len(VARIANTS)), ids=[f"{language}-{width}" for language, width in VARIANTS]
)
def test_every_page_can_be_read_and_used_by_everybody(turn: int, house: House, visitor: Visitor) -> None:
    language, width = VARIANTS[turn]
    known = visitor(house, READERS[language], width=width)
    stranger = visitor(house, width=width, locale={"en": "en-GB"}.get(language, language))
    wrong: dict[str, list[str]] = {}
    for number, address in zip(count(), pages(house)):
        if ALL or number % len(VARIANTS) == turn:
            found = _seen(stranger if address.public else known, address)
            if found:
                wrong[address.path] = found
    assert wrong == {}


def _seen(context: BrowserContext, address: Address) -> list[str]:
    page = context.new_page()
    heard = watched(page)
    answer = page.goto(address.path)
    status = answer.status if answer else 0
    # What cannot be done in the state of the demonstration is refused, on a page of its own.
    refused = [said for said in heard if "Failed to load resource" in said]
    heard[:] = [said for said in heard if said not in refused or status not in REFUSALS]
    found = look(page, heard).wrong if status == 200 or status in REFUSALS else [f"status {status}"]
    page.close()
    return found


def test_somebody_with_nothing_yet_is_told_what_to_do_next(house: House, visitor: Visitor) -> None:
    newcomer = visitor(house, NEWCOMER, width=320)
    wrong = {}
    for address in pages(house):
        if "<" not in address.route:
            page = newcomer.new_page()
            heard = watched(page)
            answer = page.goto(address.path)
            if answer and answer.status == 200 and (found := look(page, heard).wrong):
                wrong[address.path] = found
            page.close()
    assert wrong == {}
