"""What is looked for on every page: accessibility, layout, and a browser that complains of nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, ViewportSize

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
    page.on(
        "requestfailed",
        # What is saved as a file instead of shown ends its navigation.
        lambda asked: (
            heard.append(f"not loaded: {asked.url}") if asked.failure != "net::ERR_ABORTED" else None
        ),
    )
    return heard


def look(page: Page, heard: list[str]) -> Looked:
    """Look at an open page."""
    found = Looked(list(heard))
    heard.clear()
    found.wrong += _accessible(page)
    found.wrong += _layout(page)
    found.wrong += page.evaluate(FOCUS)
    found.wrong += _spaced(page)
    found.wrong += _forced(page)
    if (size := page.viewport_size) is not None and size["width"] > ZOOMED:
        found.wrong += _zoomed(page, size)
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
    wrong = _sideways(page, "as it is")
    if page.locator("h1").count() != 1:
        wrong.append(f"{page.locator('h1').count()} main headings")
    return wrong


def _sideways(page: Page, how: str) -> list[str]:
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{how}: scrolls sideways by {over} px: {page.evaluate(WIDEST)}"] if over > 0 else []


def _zoomed(page: Page, size: ViewportSize) -> list[str]:
    """Look at a window at 200 %: half as wide in the page's own pixels (WCAG 1.4.4, 1.4.10)."""
    page.set_viewport_size({"width": size["width"] // 2, "height": size["height"] // 2})
    found = _sideways(page, "at 200 %")
    page.set_viewport_size(size)
    return found


def _spaced(page: Page) -> list[str]:
    """Space the text as readers may (WCAG 1.4.12): nothing is cut off, nothing scrolls sideways."""
    page.evaluate(SPACED)
    found: list[str] = _sideways(page, "spaced") + page.evaluate(CUT)
    page.evaluate("document.adoptedStyleSheets = []")
    return found


def _forced(page: Page) -> list[str]:
    """Look with the reader's own colours: what is pressed keeps an edge, and what has the focus shows it."""
    page.emulate_media(forced_colors="active")
    found: list[str] = page.evaluate(EDGES) + [f"forced colours: {said}" for said in page.evaluate(FOCUS)]
    page.emulate_media(forced_colors="none")
    return found


FOCUS: Final = """() => {
  const wrong = [];
  const reached = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
    .filter((part) => part.tabIndex >= 0 && !part.disabled && part.checkVisibility({visibilityProperty: true}));
  for (const part of reached) {
    if (part.tabIndex > 0) wrong.push(`out of order: ${part.outerHTML.slice(0, 120)}`);
    part.focus({focusVisible: true, preventScroll: true});
    if (document.activeElement !== part) { wrong.push(`takes no focus: ${part.outerHTML.slice(0, 120)}`); continue; }
    const drawn = [part, ...(part.labels ?? []), part.parentElement]
      .flatMap((near) => [getComputedStyle(near), getComputedStyle(near, '::before')]);
    const seen = drawn.some((style) => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
      || style.boxShadow !== 'none');
    if (!seen) wrong.push(`shows no focus: ${part.outerHTML.slice(0, 120)}`);
    const box = part.getBoundingClientRect();
    if (box.width && box.right < 0 && !part.matches('.govuk-skip-link, .govuk-visually-hidden-focusable'))
      wrong.push(`focus off the page: ${part.outerHTML.slice(0, 120)}`);
  }
  document.activeElement?.blur();
  return wrong.slice(0, 5);
}"""
"""Focus goes everywhere in the order of the document, and is seen (WCAG 2.4.3, 2.4.7)."""

SPACED: Final = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
    word-spacing: .16em !important; } p { margin-bottom: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""

CUT: Final = """() => [...document.querySelectorAll('main *')]
  .filter((part) => part.childElementCount === 0 && part.textContent.trim() && !part.closest('svg')
    && ['hidden', 'clip'].includes(getComputedStyle(part).overflowY)
    && !part.closest('.govuk-visually-hidden') && part.scrollHeight > part.clientHeight + 1)
  .slice(0, 3).map((part) => `cut off when spaced: ${part.outerHTML.slice(0, 120)}`)"""

EDGES: Final = """() => [...document.querySelectorAll('.govuk-button, input, select, textarea')]
  .filter((part) => part.checkVisibility() && !['hidden', 'radio', 'checkbox', 'file'].includes(part.type))
  .filter((part) => {
    const style = getComputedStyle(part);
    return !['Top', 'Bottom'].some((side) => parseFloat(style[`border${side}Width`]) > 0)
      && !(style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0);
  })
  .slice(0, 3).map((part) => `forced colours: no edge: ${part.outerHTML.slice(0, 120)}`)"""

ZOOMED: Final = 640
"""Pixels: windows that are wider are looked at once more at 200 %."""

WIDEST: Final = """() => {
  const edge = document.documentElement.clientWidth;
  return [...document.querySelectorAll('body *')]
    .filter((part) => part.getBoundingClientRect().right > edge + 1 && !part.closest('.table'))
    .slice(0, 3).map((part) => part.outerHTML.slice(0, 120)).join(' | ');
}"""
