"""What is looked for on every page: accessibility, layout, and a browser that complains of nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

AXE: Final = Axe()
RULES: Final = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations", "incomplete"],
}
UNCERTAIN: Final[dict[str, str]] = {
    "color-contrast": "axe cannot tell the ground of text over a drawing, or partly covered; checked by eye",
}
"""Rules that axe may leave open, each with why that is fine."""


@dataclass
class Looked:
    """What was found on a page: nothing, if all is well."""

    wrong: list[str] = field(default_factory=list)


def watched(page: Page) -> list[str]:
    """Listen to what the browser complains of from now on: errors, warnings, policies that were broken."""
    heard: list[str] = []
    page.on(
        "console",
        lambda said: heard.append(f"console: {said.text}") if said.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: heard.append(f"script: {error}"))
    page.on("requestfailed", lambda asked: heard.append(f"not loaded: {asked.url}"))
    return heard


def look(page: Page, heard: list[str]) -> Looked:
    """Look at an open page."""
    found = Looked(list(heard))
    heard.clear()
    found.wrong += _accessible(page)
    found.wrong += _layout(page)
    return found


def _accessible(page: Page) -> list[str]:
    told: Any = AXE.run(page, options=RULES).response
    wrong = [_said(item) for item in told["violations"]]
    return wrong + [
        f"unexplained: {_said(item)}" for item in told["incomplete"] if item["id"] not in UNCERTAIN
    ]


def _said(item: Any) -> str:
    nodes = "; ".join(node["html"][:160] for node in item["nodes"][:3])
    return f"{item['id']}: {item['help']} ({nodes})"


def _layout(page: Page) -> list[str]:
    """Find what scrolls sideways, a title that says nothing, and headings that are missing."""
    wrong = []
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if over > 0:
        widest = page.evaluate(WIDEST)
        wrong.append(f"scrolls sideways by {over} px: {widest}")
    if page.locator("h1").count() != 1:
        wrong.append(f"{page.locator('h1').count()} main headings")
    return wrong


WIDEST: Final = """() => {
  const edge = document.documentElement.clientWidth;
  return [...document.querySelectorAll('body *')]
    .filter((part) => part.getBoundingClientRect().right > edge + 1 && !part.closest('.table'))
    .slice(0, 3).map((part) => part.outerHTML.slice(0, 120)).join(' | ');
}"""
