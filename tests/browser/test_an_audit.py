"""An audit by clicks: opened by the donor, asked and answered, drawn, found, replied to, closed by two people."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from handover import clock
from tests.browser.house import PASSWORD, House, seat_all, seated
from tests.browser.looking import look, watched

PROGRAMME = "SELECT uuid FROM handover_programme ORDER BY id LIMIT 1"
DONOR, TOWN = "grants@fond.example", "audited@primaria.example"
FIRST, SECOND = "first@inspectors.example", "second@inspectors.example"
SEED = bytes(range(32))


def presses(page: Page) -> None:
    page.locator("main form button.govuk-button").first.click()
    page.wait_for_load_state()


def follows(page: Page, name: str) -> None:
    page.locator("main a", has_text=name).first.click()
    page.wait_for_load_state()


def test_an_audit_from_engagement_to_closed_finding(
    house: House, visitor: Callable[..., BrowserContext]
) -> None:
    body = [
        "organisation",
        "add",
        "Inspectors",
        "--slug",
        "inspectors",
        "--kind",
        "audit_body",
        "--country",
        "RO",
    ]
    seat_all(
        Path(house.state),
        [
            body,
            *seated(DONOR, "Grant officer", "en", "fond-demo"),
            *seated(TOWN, "Head of the department", "en", "primaria-valea-exemplu"),
            *seated(FIRST, "First inspector", "en", "inspectors", "auditor"),
            *seated(SECOND, "Second inspector", "en", "inspectors", "auditor"),
        ],
    )
    room = f"/programmes/{house.rows(PROGRAMME)[0][0]}/audits/"
    wrong: list[str] = []

    def enters(address: str) -> Page:
        page = visitor(house).new_page()
        page.goto("/sign-in/")
        page.fill("[name=login]", address)
        page.fill("[name=password]", PASSWORD)
        presses(page)
        page.wait_for_url(lambda url: "/sign-in/" not in url)
        page.goto(room)
        if page.get_by_role("link", name="The day centre, on the spot").count():
            follows(page, "The day centre, on the spot")
        return page

    def looks(page: Page) -> None:
        wrong.extend(look(page, watched(page)).wrong)

    # The donor opens it; a mistake is named first.
    donor = enters(DONOR)
    follows(donor, "Open an audit")
    presses(donor)
    expect(donor.locator(".govuk-error-summary")).to_contain_text("Choose who audits.")
    looks(donor)
    donor.locator("[name=auditor]").select_option(label="Inspectors")
    donor.fill("[name=reference]", "INS-1")
    donor.fill("[name=title]", "The day centre, on the spot")
    donor.fill("[name=purpose]", "Whether what was funded is there")
    donor.fill("[name=legal_basis]", "Grant agreement, article 9")
    donor.fill("[name=last_day]", str(clock.today() + dt.timedelta(days=30)))
    presses(donor)
    expect(donor.locator("main")).to_contain_text("is opened, and the audited see it")

    # The inspectors ask, the town answers, it is enough.
    first, town = enters(FIRST), enters(TOWN)
    follows(first, "Ask for something")
    first.fill("[name=title]", "Inventory of the day centre")
    first.fill("[name=asked]", "The list with serial numbers")
    first.fill("[name=due_on]", str(clock.today() + dt.timedelta(days=7)))
    presses(first)
    town.reload()
    follows(town, "Answer the request")
    town.fill("[name=answer]", "It stands in the register of equipment")
    presses(town)
    expect(town.locator("main")).to_contain_text("The answer is given.")
    first.reload()
    follows(first, "Take the answer as enough")
    presses(first)

    # A sample that neither side chose.
    follows(first, "Draw a sample")
    first.fill("[name=title]", "Equipment to be seen")
    first.locator("[name=population]").select_option("equipment")
    first.locator("[name=method]").select_option("simple")
    first.fill("[name=size]", "2")
    first.fill("[name=commitment]", hashlib.sha256(SEED).hexdigest())
    presses(first)
    follows(first, "Freeze the frame")
    presses(first)
    follows(first, "Reveal the seed")
    first.fill("[name=seed]", SEED.hex())
    presses(first)
    expect(first.locator("main")).to_contain_text("The sample is drawn.")
    looks(first)

    # A draft is theirs; shared, it is replied to, followed up, and closed by somebody else.
    follows(first, "Draft a finding")
    first.fill("[name=title]", "A computer carries no number")
    first.locator("[name=severity]").select_option("low")
    first.fill("[name=criterion]", "Everything is marked")
    first.fill("[name=condition]", "One computer is not")
    presses(first)
    town.reload()
    expect(town.locator("main")).not_to_contain_text("A computer carries no number")
    follows(first, "Share the finding")
    presses(first)
    town.reload()
    follows(town, "Reply to the finding")
    town.fill("[name=reply]", "It is marked now")
    presses(town)
    looks(town)
    first.reload()
    follows(first, "Follow it up")
    first.fill("[name=text]", "Seen on the spot")
    presses(first)
    follows(first, "Propose to close it")
    first.fill("[name=reason]", "Everything is marked")
    presses(first)
    expect(first.locator("main")).to_contain_text("somebody else of your side closes it")
    second = enters(SECOND)
    follows(second, "Close the finding")
    presses(second)
    expect(second.locator("main")).to_contain_text("The finding is closed.")
    town.reload()
    expect(town.locator("main")).to_contain_text("closed")
    with town.expect_download() as whole:
        town.locator("button", has_text="Download: workbook (XLSX)").click()
    assert whole.value.suggested_filename.startswith("audit-file-ins-1-")
    assert whole.value.path().read_bytes().startswith(b"PK")

    # Every form of it can be read and used by everybody.
    keys = {
        "": "SELECT uuid FROM handover_auditengagement WHERE reference = 'INS-1'",
        "requests/": "SELECT uuid FROM handover_auditrequest ORDER BY id DESC LIMIT 1",
        "samples/": "SELECT uuid FROM handover_auditsample ORDER BY id DESC LIMIT 1",
        "findings/": "SELECT uuid FROM handover_auditfinding ORDER BY id DESC LIMIT 1",
    }
    ways = {
        "": ("ask", "sample", "find"),
        "requests/": ("accept", "return"),
        "samples/": ("freeze", "reveal"),
        "findings/": ("edit", "share", "follow-up", "propose-closure", "close"),
    }
    for noun, statement in keys.items():
        for way in ways[noun]:
            first.goto(f"{room}{noun}{house.rows(statement)[0][0]}/{way}/")
            looks(first)
    for way in ("extend", "end"):
        donor.goto(f"{room}{house.rows(keys[''])[0][0]}/{way}/")
        looks(donor)

    # The donor ends it; who audited reads no more.
    donor.goto(f"{room}{house.rows(keys[''])[0][0]}/")
    follows(donor, "End the audit now")
    donor.fill("[name=reason]", "Everything was seen")
    presses(donor)
    expect(donor.locator("main")).to_contain_text("Its access has ended.")
    answer = second.reload()
    assert answer is not None
    assert answer.status == 404
    assert wrong == []
