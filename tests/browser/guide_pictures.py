"""The pictures of the guides, made anew: ``python -m tests.browser.guide_pictures [FOLDER]``.

Each is the part of a page that its guide speaks of, in English, as the steward of the demonstration programme sees it.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.house import PASSWORD, READERS, House, build, furnish, leave

WIDTH: Final = 1000
"""Pixels from the left edge to the right one."""


@dataclass(frozen=True)
class Picture:
    """A picture: of which page, before or after the handover, and how much of it."""

    name: str
    path: str
    before: bool = False
    tall: int = 760
    person: str = READERS["en"]


LEAD: Final = "SELECT uuid FROM handover_transfer WHERE lead"
KEYS: Final = {
    "programme": "SELECT uuid FROM handover_programme ORDER BY id LIMIT 1",
    "transfer": LEAD,
    "step": f"SELECT uuid FROM handover_transfermilestone WHERE transfer_id = (SELECT id FROM handover_transfer"
    f" WHERE uuid IN ({LEAD})) ORDER BY due_on LIMIT 1",
    "indicator": "SELECT uuid FROM indicators_indicator ORDER BY id LIMIT 1",
}

PICTURES: Final = (
    Picture("waiting-for-you", "/", before=True, tall=620),
    Picture("programme", "/programmes/{programme}/"),
    Picture("needs", "/programmes/{programme}/needs/", tall=640),
    Picture("you-said-we-did", "/programmes/{programme}/consultations/", tall=640),
    Picture("indicator", "/programmes/{programme}/indicators/{indicator}/", tall=900),
    Picture("what-moves", "/transfers/{transfer}/plan/", before=True),
    Picture("who-can-do-what", "/transfers/{transfer}/permissions/", before=True),
    Picture("task-list", "/transfers/{transfer}/", before=True),
    Picture("step", "/milestones/{step}/", before=True, tall=700),
    Picture("in-plain-words", "/transfers/{transfer}/in-plain-words/", before=True),
    Picture("handed-over", "/transfers/{transfer}/done/", tall=620),
    Picture("papers", "/transfers/{transfer}/papers/", tall=620),
    Picture("what-we-hold", "/held/"),
    Picture("exceptions", "/exceptions/", tall=620),
)


def main(folder: Path) -> None:
    """Take the pictures in houses that stand already (``HOUSE_BEFORE``, ``HOUSE_AFTER``) or that are built for it."""
    folder.mkdir(parents=True, exist_ok=True)
    built: list[House] = []
    houses = {before: _house(before=before, built=built) for before in (True, False)}
    try:
        with sync_playwright() as engine:
            browser = engine.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            for before, house in houses.items():
                _take(browser, house, [item for item in PICTURES if item.before is before], folder)
    finally:
        for house in built:
            leave(house)
    print(f"The pictures are in {folder}.")


def _house(*, before: bool, built: list[House]) -> House:
    standing = os.environ.get("HOUSE_BEFORE" if before else "HOUSE_AFTER")
    if standing is not None:
        return House(**json.loads(Path(standing).read_text()))
    folder = Path(tempfile.mkdtemp(prefix="handover-browser-guides-"))
    folder.chmod(0o711)
    built.append(build(folder, furnish(folder / "furnished"), handed_over=not before))
    return built[-1]


def _take(browser: Browser, house: House, pictures: list[Picture], folder: Path) -> None:
    keys = {name: str(house.rows(statement)[0][0]) for name, statement in KEYS.items()}
    page = browser.new_context(
        base_url=house.address, viewport={"width": WIDTH, "height": 900}, locale="en-GB"
    ).new_page()
    signed_in = ""
    for picture in pictures:
        if picture.person != signed_in:
            page.context.clear_cookies()
            _sign_in(page, picture.person)
            signed_in = picture.person
        answer = page.goto(picture.path.format(**keys))
        assert answer is not None
        assert answer.ok, f"{picture.name}: {answer.status}"
        box = page.locator("main").bounding_box()
        assert box is not None
        clip = {"x": 0, "y": box["y"], "width": WIDTH, "height": min(box["height"], picture.tall)}
        page.screenshot(path=folder / f"{picture.name}.png", clip=clip, full_page=True)  # type: ignore[arg-type]


def _sign_in(page: Page, address: str) -> None:
    page.goto("/sign-in/")
    page.fill("[name=login]", address)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form").first.locator("button").first.click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/guides/pictures"))
