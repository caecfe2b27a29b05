"""Every page, as people with different eyes, hands and languages meet it."""

from __future__ import annotations

import gzip
import os
from dataclasses import dataclass
from itertools import count
from typing import Final

import pytest
from playwright.sync_api import BrowserContext, Page, Response

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


CLICKED: Final = (
    "only in a plan that is being drawn up or answered: looked at in test_from_sign_in_to_protocol"
)
AUDITED: Final = "only for who opens an audit or audits: looked at in test_an_audit"
NEVER: Final = {
    "transfers/<uuid:transfer_uuid>/plan/responsibility/": CLICKED,
    "transfers/<uuid:transfer_uuid>/plan/keep/": CLICKED,
    "transfers/<uuid:transfer_uuid>/plan/step/": CLICKED,
    "transfers/<uuid:transfer_uuid>/plan/annex/": CLICKED,
    "transfers/<uuid:transfer_uuid>/answer/": CLICKED,
    **{
        f"programmes/<uuid:programme_uuid>/audits/{way}/": AUDITED
        for way in (
            "open",
            *(f"<uuid:audit_engagement_uuid>/{step}" for step in ("extend", "end", "ask", "sample", "find")),
            *(f"requests/<uuid:audit_request_uuid>/{step}" for step in ("accept", "return")),
            *(f"samples/<uuid:audit_sample_uuid>/{step}" for step in ("freeze", "reveal")),
            *(
                f"findings/<uuid:audit_finding_uuid>/{step}"
                for step in ("edit", "share", "follow-up", "propose-closure", "close")
            ),
        )
    },
    "organisation/reorganisations/<uuid:reorganisation_uuid>/proof/": "a document to keep, of one that was carried out",
    "security/app/off/": "nobody here has an authenticator app to switch off",
    "security/recovery-codes/": "nobody here has a second factor",
    "sign-in/openid/back/": "only a provider of identities leads there",
}
"""Routes that no reader here can open, in neither house, each with its reason."""


@dataclass
class Window:
    """A window that stays open from page to page."""

    page: Page
    heard: list[str]

    @classmethod
    def of(cls, context: BrowserContext) -> Window:
        """Open a window and listen to it."""
        page = context.new_page()
        return cls(page, watched(page))

    def sees(self, address: Address) -> tuple[int, list[str]]:
        """Look at a page as it is, and once more with the mistakes of a form that was sent empty."""
        self.heard.clear()
        answer = self.page.goto(address.path)
        status = answer.status if answer else 0
        if status in REFUSALS:
            self.heard[:] = [said for said in self.heard if "Failed to load resource" not in said]
        if status != 200 and status not in REFUSALS:
            return status, [f"status {status}"]
        found = look(self.page, self.heard).wrong
        if status == 200 and not address.public and self.page.locator(EMPTIED).count():
            found += _mistaken(self.page, self.heard)
        return status, found


@pytest.mark.parametrize(
    "turn", range(len(VARIANTS)), ids=[f"{language}-{width}" for language, width in VARIANTS]
)
def test_every_page_can_be_read_and_used_by_everybody(
    turn: int, house: House, house_before: House, visitor: Visitor
) -> None:
    language, width = VARIANTS[turn]
    now, then = (Window.of(visitor(at, READERS[language], width=width)) for at in (house, house_before))
    stranger = Window.of(visitor(house, width=width, locale={"en": "en-GB"}.get(language, language)))
    earlier = {address.route: address for address in pages(house_before)}
    wrong: dict[str, list[str]] = {}
    for number, address in zip(count(), pages(house)):
        if not ALL and number % len(VARIANTS) != turn:
            continue
        status, found = (stranger if address.public else now).sees(address)
        if status in REFUSALS and address.route in earlier:
            # What the demonstration has behind it is refused on a page of its own; it was open before the handover.
            status, more = then.sees(earlier[address.route])
            found += more
        if status != 200 and address.route not in NEVER:
            found.append(f"open in neither house: {status}")
        if found:
            wrong[address.route] = found
    assert wrong == {}


EMPTIED: Final = "main form[method=post] :is(input[type=text], input[type=number], textarea)[required]"
"""Fields without which a form is not taken."""


def _mistaken(page: Page, heard: list[str]) -> list[str]:
    """Send a form without what it needs: the page says so first, where the focus is, and beside each field."""
    page.locator(EMPTIED).first.evaluate(EMPTY_AND_SEND)
    page.wait_for_selector(".govuk-error-summary")
    found = [] if page.evaluate(SUMMARY) else ["the summary of mistakes does not have the focus"]
    if not page.evaluate("/^[^ ]+:/.test(document.title)"):
        found.append(f"the title does not say that there is a mistake: {page.title()}")
    found += [f"says of a mistake what is not there: {said}" for said in page.evaluate(UNRESOLVED)]
    return [f"with mistakes: {said}" for said in found + look(page, heard).wrong]


EMPTY_AND_SEND: Final = """(part) => {
  for (const field of part.form.querySelectorAll('input[required], textarea[required]'))
    if (!['radio', 'checkbox', 'file', 'hidden'].includes(field.type)) field.value = '';
  part.form.noValidate = true;
  part.form.requestSubmit(part.form.querySelector('button'));
}"""
SUMMARY: Final = "document.activeElement?.classList.contains('govuk-error-summary')"
UNRESOLVED: Final = """() => [...document.querySelectorAll('[aria-describedby]')]
  .flatMap((part) => part.getAttribute('aria-describedby').split(/\\s+/))
  .filter((id) => id && !document.getElementById(id))"""


def test_somebody_with_nothing_yet_is_told_what_to_do_next(house: House, visitor: Visitor) -> None:
    newcomer = Window.of(visitor(house, NEWCOMER, width=320))
    wrong = {}
    for address in pages(house):
        if "<" not in address.route:
            status, found = newcomer.sees(address)
            if status == 200 and found:
                wrong[address.path] = found
    assert wrong == {}


LIGHT: Final = 60 * 1024
"""Octets that a first load may weigh, compressed and without pictures."""


@pytest.mark.parametrize("path", ["/", "/programmes/", "/programmes/{}/", "/programmes/{}/indicators/"])
def test_a_first_load_is_light(path: str, house: House, visitor: Visitor) -> None:
    programme = house.rows("SELECT uuid FROM handover_programme ORDER BY id LIMIT 1")[0][0]
    weights: dict[str, int] = {}

    def weigh(answer: Response) -> None:
        if answer.ok and not answer.url.startswith("data:"):
            weights[answer.url] = len(gzip.compress(answer.body()))

    page = visitor(house, READERS["en"]).new_page()
    page.on("response", weigh)
    page.goto(path.format(programme), wait_until="networkidle")
    assert len(weights) >= 3
    assert sum(weights.values()) <= LIGHT, weights
