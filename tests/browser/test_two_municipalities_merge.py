"""Two municipalities become one by clicks: drawn up, stated by both, heard, signed by all, carried out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.house import PASSWORD, House, seat_all, seated
from tests.browser.looking import look, watched

ALL = "/organisation/reorganisations/"
TOWNS = {"upper": "Upper Town", "lower": "Lower Town", "whole": "Town of Both"}
WORD = "Our mediator stays in the lower town."


def manager(town: str) -> str:
    return f"manager@{town}.example"


VOICE = "representative@riverside.example"


def furnished(house: House) -> None:
    """Enter the towns with a programme each, and a community that speaks in the lower one."""
    commands = []
    for slug, name in TOWNS.items():
        commands.append(
            ["organisation", "add", name, "--slug", slug, "--kind", "municipality", "--country", "RO"]
        )
        commands += seated(manager(slug), f"Manager of {name}", "en", slug)
    commands.append(
        ["organisation", "add", "Riverside Council", "--slug", "riverside", "--kind", "community",
         "--country", "RO"]
    )  # fmt: skip
    commands += seated(VOICE, "Representative", "en", "riverside", "community_representative")
    for slug in ("upper", "lower"):
        commands.append(
            ["programme", "create", f"XX-{slug.upper()}", "--title", f"Work in the {slug} town",
             "--as", manager(slug)]
        )  # fmt: skip
    commands.append(["programme", "admit", "XX-LOWER", "riverside", "community", "--as", manager("lower")])
    seat_all(Path(house.state), commands)


def presses(page: Page) -> None:
    page.locator("main form button.govuk-button").first.click()
    page.wait_for_load_state()


def follows(page: Page, ending: str) -> None:
    page.locator(f'main a[href$="{ending}"]').first.click()
    page.wait_for_url(f"**{ending}")


def test_two_municipalities_merge(house: House, visitor: Callable[..., BrowserContext]) -> None:
    furnished(house)
    said: list[str] = []

    def enters(address: str) -> Page:
        """Sign in, and open the merger."""
        page = visitor(house).new_page()
        heard = watched(page)
        page.goto("/sign-in/")
        page.fill("[name=login]", address)
        page.fill("[name=password]", PASSWORD)
        presses(page)
        page.goto(ALL)
        if page.get_by_role("link", name="The two towns become one").count():
            page.get_by_role("link", name="The two towns become one").click()
            page.wait_for_load_state()
        said.extend(look(page, heard).wrong)
        return page

    # The upper town draws it up; a mistake is named where it is.
    upper = enters(manager("upper"))
    follows(upper, "/new/")
    upper.fill("[name=title]", "The two towns become one")
    upper.fill("[name=legal_act]", "Law 7 of 1 March 2026")
    upper.fill("[name=effective_on]", "2026-04-01")
    upper.fill("[name=predecessors]", "Upper Town\nLower Twon")
    upper.fill("[name=successors]", "Town of Both")
    presses(upper)
    expect(upper.locator(".govuk-error-summary")).to_contain_text("“Lower Twon” is not in the directory.")
    upper.fill("[name=predecessors]", "Upper Town\nLower Town")
    upper.fill("[name=heard]", "riverside")
    presses(upper)
    expect(upper.locator("main")).to_contain_text("Lower Town has not stated what it answers for.")

    # Each predecessor states its part; whoever is asked reads it, and no names of people.
    for town in ("upper", "lower"):
        page = upper if town == "upper" else enters(manager(town))
        follows(page, "/part/")
        presses(page)
        expect(page.locator("main")).to_contain_text(f"XX-{town.upper()}: Work in the {town} town")
    voice = enters(VOICE)
    expect(voice.locator("main")).to_contain_text("XX-LOWER: Work in the lower town")
    expect(voice.locator("main")).not_to_contain_text("Manager of Lower Town")
    follows(voice, "/sign/")
    voice.locator("[name=decision][value=agrees_with_dissent]").check()
    presses(voice)
    expect(voice.locator(".govuk-error-summary")).to_contain_text("Say why")
    voice.fill("[name=remark]", WORD)
    presses(voice)
    expect(voice.locator("main")).to_contain_text(WORD)

    # Without signatures nothing happens, and it says what is missing; with all of them it is carried out.
    whole = enters(manager("whole"))
    follows(whole, "/execute/")
    whole.locator("[name=meant]").check()
    presses(whole)
    expect(whole.locator(".govuk-error-summary")).to_contain_text("Upper Town has not signed")
    for town in TOWNS:
        page = whole if town == "whole" else enters(manager(town))
        if town == "whole":
            page.goto(ALL)
            page.get_by_role("link", name="The two towns become one").click()
        follows(page, "/sign/")
        page.locator("[name=decision][value=agrees]").check()
        presses(page)
    follows(whole, "/execute/")
    whole.locator("[name=meant]").check()
    presses(whole)
    expect(whole.locator("main")).to_contain_text("Your organisation answers from now on.")
    expect(whole.locator("main")).to_contain_text("Executed")
    assert look(whole, watched(whole)).wrong == []

    # The town of both stewards what the lower town did; its manager acts for it, and the old one is nobody's.
    whole.goto("/programmes/")
    expect(whole.locator("main")).to_contain_text("Work in the lower town")
    expect(whole.locator("main")).to_contain_text("Work in the upper town")
    lower = visitor(house).new_page()
    lower.goto("/sign-in/")
    lower.fill("[name=login]", manager("lower"))
    lower.fill("[name=password]", PASSWORD)
    presses(lower)
    expect(lower.locator("header").first).to_contain_text("Town of Both")
    lower.goto("/programmes/")
    expect(lower.locator("main")).to_contain_text("Work in the lower town")
    assert said == []
