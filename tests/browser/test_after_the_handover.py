"""After a handover by clicks: a promise is entered and broken, people say what they found, a check is held."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from handover import clock
from tests.browser.house import PASSWORD, READERS, House
from tests.browser.looking import look, watched

PROGRAMME = "SELECT uuid FROM handover_programme ORDER BY id LIMIT 1"


def presses(page: Page) -> None:
    page.locator("main form button.govuk-button").first.click()
    page.wait_for_load_state()


def follows(page: Page, ending: str) -> None:
    page.locator(f'main a[href$="{ending}"]').first.click()
    page.wait_for_url(f"**{ending}")


def test_a_promise_is_broken_and_a_check_is_held(
    house: House, visitor: Callable[..., BrowserContext]
) -> None:
    page = visitor(house).new_page()
    heard = watched(page)
    page.goto("/sign-in/")
    page.fill("[name=login]", READERS["en"])
    page.fill("[name=password]", PASSWORD)
    presses(page)
    home = f"/programmes/{house.rows(PROGRAMME)[0][0]}/after/"

    # The town enters what its council promised, and what became of the first year.
    page.goto(home)
    follows(page, "/undertakings/add/")
    presses(page)
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.locator("[name=kind]").select_option("budget")
    page.fill("[name=title]", "The firewood of the poorest is paid each winter")
    page.fill("[name=starts_on]", "2025-01-01")
    presses(page)
    expect(page.locator("main")).to_contain_text("is entered")
    follows(page, "/say/")
    page.locator("[name=year]").select_option("2025")
    page.locator("[name=outcome][value=broken]").check()
    presses(page)
    expect(page.locator("main")).to_contain_text("was not kept in 2025")  # a reason is missing
    page.fill("[name=reason]", "The line was struck when the budget was amended")
    presses(page)
    expect(page.locator("main")).to_contain_text("Broken")
    assert look(page, heard).wrong == []

    # The check is moved forward, so that it may be held; somebody counted the equipment.
    page.goto(home)
    page.locator('main a[href*="/after/checks/"]', has_text=re.compile("^6 months")).first.click()
    page.wait_for_url("**/after/checks/*/")
    follows(page, "/move/")
    page.fill("[name=due_on]", str(clock.today() + dt.timedelta(days=30)))
    presses(page)
    expect(page.locator("main")).to_contain_text("May be held now")
    follows(page, "/look/")
    page.locator("[name=part]").select_option("equipment")
    page.locator("[name=found][value=weaker]").check()
    page.fill("[name=counted]", "18")
    page.fill("[name=expected]", "20")
    page.fill("[name=remark]", "Two computers are gone")
    presses(page)
    expect(page.locator("main")).to_contain_text("Two computers are gone")

    # It is held, and what it found stays.
    follows(page, "/hold/")
    page.fill("[name=remark]", "The council buys two")
    presses(page)
    expect(page.locator("main")).to_contain_text("kept as it was on that day")
    expect(page.locator("main")).to_contain_text("The firewood of the poorest is paid each winter (2025)")
    assert look(page, heard).wrong == []
    page.goto(home)
    expect(page.locator("main")).to_contain_text("The last check, 6 months after the handover")
    page.goto("/exceptions/")
    expect(page.locator("main")).to_contain_text(
        "did not keep “The firewood of the poorest is paid each winter”"
    )

    # One paper about all of it, and the view over all handovers.
    page.goto(home)
    with page.expect_download() as report:
        page.locator("button", has_text="Download: PDF").click()
    kept = report.value
    assert kept.suggested_filename.startswith("sustainability-report-")
    assert kept.path().read_bytes().startswith(b"%PDF-")
    page.locator("nav a", has_text="After handovers").first.click()
    page.wait_for_url("**/after-handovers/")
    expect(page.locator("main")).to_contain_text("Scores by part")
    expect(page.locator("main")).to_contain_text("+6")
    assert look(page, heard).wrong == []
