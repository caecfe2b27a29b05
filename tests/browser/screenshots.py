"""Pictures of every page, for people to look at: ``python -m tests.browser.screenshots [FOLDER]``."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import django
from playwright.sync_api import Browser, sync_playwright

from tests.browser.house import PASSWORD, READERS, House, build, furnish, leave


def main(folder: Path) -> None:
    """Take a picture of every page, wide and narrow, each in one language after the other."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "handover.settings")
    django.setup()
    from tests.browser.addresses import pages

    standing = os.environ.get("HOUSE_AFTER")
    house = (
        House(**json.loads(Path(standing).read_text()))
        if standing
        else build(folder_of_its_own := _folder(), furnish(folder_of_its_own / "furnished"), handed_over=True)
    )
    languages = os.environ.get("LANGUAGES", ",".join(READERS)).split(",")
    try:
        with sync_playwright() as engine:
            browser = engine.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            for language in languages:
                for width in (1280, 320):
                    target = folder / language / str(width)
                    target.mkdir(parents=True, exist_ok=True)
                    _take(browser, house, language, width, target, [address.path for address in pages(house)])
    finally:
        if not standing:
            leave(house)
    print(f"The pictures are in {folder}.")


def _take(browser: Browser, house: House, language: str, width: int, target: Path, paths: list[str]) -> None:
    context = browser.new_context(base_url=house.address, viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto("/sign-in/")
    page.screenshot(path=target / "sign-in.png", full_page=True)
    page.fill("[name=login]", READERS[language])
    page.fill("[name=password]", PASSWORD)
    page.locator("main form").first.locator("button").first.click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    for path in paths:
        answer = page.goto(path)
        name = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "_", path).strip("/").replace("/", "-") or "home"
        if answer is not None and answer.ok:
            page.screenshot(path=target / f"{name}.png", full_page=True)
        else:
            print(f"{path}: {answer.status if answer else 'no answer'}", file=sys.stderr)
    context.close()


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="handover-browser-pictures-"))
    folder.chmod(0o711)
    return folder


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/screenshots"))
