"""The demonstration programme is handed over by clicks alone: the giver reads Romanian, the receiver Lithuanian, the
donor English, and the community signs last. Each starts at the sign-in page and follows links. Before it, a plan is
drawn up, returned and accepted, and each of its pages is looked at."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.house import PASSWORD, House
from tests.browser.looking import look, watched

pytestmark = pytest.mark.slow

GIVER: Final = "manager@punte.example"
RECEIVER: Final = "manager@savivaldybe.example"
DONOR: Final = "manager@fond.example"
HEALTH: Final = "manager@directia.example"
COMMUNITY: Final = "community-representative@pakrastys.example"
SIDES: Final = {"giver": GIVER, "receiver": RECEIVER, "donor": DONOR, "community": COMMUNITY}
LANGUAGES: Final = {HEALTH: "ro", GIVER: "ro", RECEIVER: "lt", DONOR: "en", COMMUNITY: "lt"}

TRANSFER: Final = """
    SELECT t.uuid FROM handover_transfer t JOIN handover_organisation o ON o.id = t.receiver_id
    WHERE o.country = 'LT' AND o.kind = 'municipality'"""
STEPS: Final = """
    SELECT m.uuid, m.signs, m.quorum IS NOT NULL, m.kind = 'council_decision'
    FROM handover_transfermilestone m JOIN handover_transfer t ON t.id = m.transfer_id
    WHERE t.uuid = '{}' AND m.done_at IS NULL ORDER BY m.due_on, m.id"""


@dataclass
class Person:
    """Somebody at a window of their own."""

    page: Page
    language: str
    heard: list[str]

    def follows(self, address: str) -> None:
        """Click the link that leads to an address; it must stand on the page."""
        self.page.locator(f'main a[href="{address}"]').first.click()
        self.page.wait_for_url(f"**{address}")
        expect(self.page.locator("html")).to_have_attribute("lang", re.compile(f"^{self.language}"))

    def opens(self, plan: str, part: str) -> None:
        """Go from a plan to one of its parts, and look at it."""
        self.page.goto(plan)
        self.follows(f"{plan}{part}")
        self.looks()

    def chooses(self, name: str, words: str) -> None:
        """Choose what begins with these words."""
        option = self.page.locator(f"[name={name}] option", has_text=re.compile(f"^\\s*{words}"))
        self.page.locator(f"[name={name}]").select_option(value=option.first.get_attribute("value"))

    def looks(self) -> None:
        """Look at the page as every page is looked at."""
        assert look(self.page, self.heard).wrong == []

    def presses(self, scope: str = "main form") -> None:
        """Press the button of the form on the page."""
        self.page.locator(f"{scope} button.govuk-button").first.click()
        self.page.wait_for_load_state()


Arrives = Callable[[str], Person]


@pytest.fixture
def arrives(house_before: House, visitor: Callable[..., BrowserContext]) -> Arrives:
    """Let somebody come to the sign-in page and go from there to their start page."""

    def come(address: str) -> Person:
        page = visitor(house_before).new_page()
        heard = watched(page)
        page.goto("/")
        page.wait_for_url("**/sign-in/**")
        page.fill("[name=login]", address)
        page.fill("[name=password]", PASSWORD)
        page.locator("main form").first.locator("button").first.click()
        page.wait_for_url(lambda url: "/sign-in/" not in url)
        return Person(page, LANGUAGES[address], heard)

    return come


def test_the_programme_is_handed_over_from_sign_in_to_protocol(
    house_before: House, arrives: Arrives, tmp_path: Path
) -> None:
    transfer = f"/transfers/{house_before.rows(TRANSFER)[0][0]}/"
    people = {address: arrives(address) for address in SIDES.values()}
    for person in people.values():
        _comes_to(person, transfer)
    paper = tmp_path / "minutes.pdf"
    paper.write_bytes(b"%PDF-1.4\n% minutes of the demonstration\n%%EOF\n")

    for step, signs, votes, decides in house_before.rows(STEPS.format(transfer.split("/")[2])):
        address = f"/milestones/{step}/"
        author = people[SIDES[list(signs)[-1]]]  # type: ignore[call-overload]
        _opens(author, transfer, address)
        _brings_evidence(author, address, paper)
        if decides:
            _names_the_act(people[RECEIVER], transfer, address)
        if votes:
            _records_the_vote(people[COMMUNITY], transfer, address)
        for side in list(signs):  # type: ignore[call-overload]
            _signs(people[SIDES[side]], transfer, address)

    reference = _carries_out(people[RECEIVER], transfer)
    _countersigns(people[GIVER], transfer)
    for side in (GIVER, RECEIVER):
        _prints(people[side], transfer, reference, tmp_path)
    assert {address: person.heard for address, person in people.items() if person.heard} == {}


OPEN_TO_HEALTH: Final = """
    SELECT t.uuid, t.programme_id FROM handover_transfer t JOIN handover_organisation o ON o.id = t.receiver_id
    WHERE o.kind = 'public_institution'"""


def test_a_plan_is_called_off_drawn_up_anew_returned_and_accepted(
    house_before: House, arrives: Arrives
) -> None:
    old = f"/transfers/{house_before.rows(OPEN_TO_HEALTH)[0][0]}/"
    giver, receiver = arrives(GIVER), arrives(HEALTH)
    _comes_to(giver, old)
    giver.follows(f"{old}plan/")
    giver.follows(f"{old}revoke/")
    giver.page.fill("[name=reason]", "Planul se reface.")
    giver.presses()

    # The giver draws it up: each page is looked at as it is reached.
    giver.page.locator('a[href$="/transfers/"]').first.click()
    giver.page.locator('main a[href$="/transfers/new/"]').first.click()
    giver.looks()
    giver.page.fill("[name=title]", "Medierea sanitară")
    giver.chooses("receiver", "Direcția")
    giver.page.fill("[name=retention_until]", "2031-12-31")
    giver.presses()
    giver.page.wait_for_url("**/plan/")
    plan = "/" + giver.page.url.split("/", 3)[3]
    transfer = plan.removesuffix("plan/")
    giver.follows(f"{plan}responsibility/")
    giver.looks()
    giver.chooses("responsibility", "Health mediation")
    giver.page.locator("[name=phase]").select_option(value="phase_over")
    giver.presses()
    giver.opens(plan, "step/")
    giver.page.locator("[name=kind]").select_option(value="training_completed")
    giver.page.fill("[name=title]", "Echipa este instruită")
    giver.page.fill("[name=due_on]", "2027-01-29")
    for side in ("giver", "receiver"):
        giver.page.locator(f"[name=signs][value={side}]").check()
    giver.presses()
    giver.opens(plan, "keep/")
    giver.page.fill("[name=until]", "2031-12-31")
    giver.presses()
    giver.opens(plan, "annex/")
    giver.page.goto(plan)
    giver.looks()
    giver.presses(f'form[action="{transfer}propose/"]')

    # The receiver returns it with a word, then accepts it.
    receiver.page.goto(transfer)
    receiver.follows(f"{transfer}answer/")
    receiver.looks()
    receiver.page.locator("button[name=verb][value=return]").click()
    expect(receiver.page.locator(".govuk-error-summary")).to_be_focused()  # a reason is missing
    receiver.looks()
    receiver.page.locator("[name=comment]:visible").first.fill("Cine plătește anul următor?")
    receiver.page.locator("button[name=verb][value=return]").click()
    giver.page.goto(transfer)
    expect(giver.page.locator("main")).to_contain_text("Cine plătește anul următor?")
    giver.page.goto(plan)
    giver.presses(f'form[action="{transfer}propose/"]')
    receiver.page.goto(transfer)
    receiver.follows(f"{transfer}answer/")
    receiver.page.locator("button[name=verb][value=accept]").click()
    receiver.page.wait_for_url(f"**{transfer}")
    state = house_before.rows(f"SELECT state FROM handover_transfer WHERE uuid = '{transfer.split('/')[2]}'")
    assert state == [("accepted",)]


def _comes_to(person: Person, transfer: str) -> None:
    """Go from the start page to the transfer, by links alone."""
    person.page.locator('a[href="/programmes/"]').first.click()
    person.page.wait_for_url("**/programmes/")
    person.page.locator('main th a[href^="/programmes/"]').first.click()
    person.page.wait_for_url("**/programmes/*-*/**")
    if not person.page.locator(f'main a[href="{transfer}"]').count():
        person.page.locator('a[href$="/transfers/"]').first.click()
    person.follows(transfer)


def _opens(person: Person, transfer: str, step: str) -> None:
    person.page.goto(transfer)
    person.follows(step)


def _brings_evidence(person: Person, step: str, paper: Path) -> None:
    person.follows(f"{step}evidence/")
    person.presses()  # without anything: the page says what is missing
    expect(person.page.locator(".govuk-error-summary")).to_be_focused()
    person.page.fill("[name=title]", "Minutes")
    person.page.set_input_files("[name=file]", paper)
    person.presses()
    person.page.wait_for_url(f"**{step}")
    expect(person.page.locator("main")).to_contain_text("minutes.pdf")


def _names_the_act(person: Person, transfer: str, step: str) -> None:
    _opens(person, transfer, step)
    person.follows(f"{step}act/")
    choices = person.page.locator("[name=legal_act]")
    if choices.first.evaluate("part => part.tagName") == "SELECT":
        choices.first.select_option(index=1)
    else:
        choices.first.check()
    person.presses()
    person.page.wait_for_url(f"**{step}")


def _records_the_vote(person: Person, transfer: str, step: str) -> None:
    person.page.goto(transfer)
    person.follows(f"{transfer}in-plain-words/")
    person.follows(f"{step}vote/")
    person.page.locator("main form [name^=asked]").first.fill("Ar tai gali pereiti savivaldybei?")
    for name, said in {"present": "60", "assent": "55", "dissent": "0", "abstained": "5"}.items():
        person.page.fill(f"[name={name}]", said)
    person.presses()
    person.page.wait_for_url(f"**{transfer}in-plain-words/**")


def _signs(person: Person, transfer: str, step: str) -> None:
    _opens(person, transfer, step)
    person.follows(f"{step}sign/")
    person.page.locator("[name=decision][value=agrees]").check()
    person.presses()
    person.page.wait_for_url(f"**{step}")


def _carries_out(person: Person, transfer: str) -> str:
    """Check the answers and carry the handover out; gives the reference number."""
    person.page.goto(transfer)
    person.follows(f"{transfer}execute/")
    person.page.locator("[name=checked]").check()
    person.presses()
    person.page.wait_for_url(f"**{transfer}done/")
    found = re.search(r"HO-[0-9A-F]{8}", person.page.inner_text(".govuk-panel"))
    assert found is not None
    return found[0]


def _countersigns(person: Person, transfer: str) -> None:
    person.page.goto(transfer)
    person.follows(f"{transfer}proof/")
    person.presses()


def _prints(person: Person, transfer: str, reference: str, folder: Path) -> None:
    person.page.goto(transfer)
    person.follows(f"{transfer}papers/")
    expect(person.page.locator("main")).to_contain_text(reference)
    with person.page.expect_download() as download:
        person.page.locator('button[formaction$="/protocol.pdf"]').click()
    kept = folder / f"{person.language}.pdf"
    download.value.save_as(kept)
    assert kept.read_bytes().startswith(b"%PDF")
