"""A browser, a house to look at, and people who are signed in."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.house import PASSWORD, House, build, furnish, kept, leave

CHROMIUM = shutil.which("chromium") or ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without Chromium these tests cannot run; where everything must be checked that is a failure, not a skip."""
    if CHROMIUM:
        return
    if os.environ.get("CI"):
        raise pytest.UsageError("The browser tests need Debian's package chromium.")
    for item in items:
        if "browser" in item.nodeid.split("/"):
            item.add_marker(
                pytest.mark.skip(reason="Chromium is not installed (Debian: apt install chromium)")
            )


@pytest.fixture(scope="session")
def chromium() -> Generator[Browser]:
    """Give a browser without a window."""
    with sync_playwright() as engine:
        browser = engine.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Generator[House]:
    """Give an installation in which the demonstration programme was handed over; workers share it."""
    yield from _shared(tmp_path_factory, "after", handed_over=True)


@pytest.fixture(scope="session")
def house_before(tmp_path_factory: pytest.TempPathFactory) -> Generator[House]:
    """Give an installation in which the demonstration programme waits to be handed over."""
    yield from _shared(tmp_path_factory, "before", handed_over=False)


def _shared(factory: pytest.TempPathFactory, name: str, *, handed_over: bool) -> Generator[House]:
    """Build a house, or find the one that another worker has built; the last one to leave takes it down.

    One that stands already is named by ``HOUSE_AFTER`` or ``HOUSE_BEFORE``: a file that ``tests.browser`` has written.
    """
    if (standing := os.environ.get(f"HOUSE_{name.upper()}")) is not None:
        yield House(**json.loads(Path(standing).read_text()))
        return
    base = factory.getbasetemp()
    root = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    # The server's files are read by another user where tests run as root: not below pytest's own closed folder.
    note, lock, users = (root / f"house-{name}.{kind}" for kind in ("json", "lock", "users"))
    with _Locked(lock):
        if note.exists():
            found = House(**json.loads(note.read_text()))
        else:
            found = build(_open_folder(name), _furnished(root), handed_over=handed_over)
            note.write_text(kept(found))
        users.write_text(str(int(users.read_text() or 0) + 1 if users.exists() else 1))
    yield found
    with _Locked(lock):
        left = int(users.read_text()) - 1
        users.write_text(str(left))
        if left == 0:
            note.unlink()
            leave(found)


def _furnished(root: Path) -> Path:
    """Give the installation from which houses are copied, made once a run. It is left to the system's own cleaning of
    temporary folders."""
    note = root / "house-furnished"
    with _Locked(root / "house-furnished.lock"):
        if not note.exists():
            note.write_text(str(furnish(_open_folder("furnished"))))
    return Path(note.read_text())


def _open_folder(name: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=f"handover-browser-{name}-"))
    folder.chmod(0o711)
    return folder


class _Locked:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        self.stream = self.path.open("w")
        fcntl.flock(self.stream, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self.stream.close()


Visitor = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def signed_in(chromium: Browser) -> Callable[[House, str], Any]:
    """Give what a browser keeps of somebody who signed in: each person signs in once."""
    known: dict[tuple[str, str], Any] = {}

    def sign_in(at: House, address: str) -> Any:
        if (at.address, address) not in known:
            context = chromium.new_context(base_url=at.address)
            page = context.new_page()
            page.goto("/sign-in/")
            page.fill("[name=login]", address)
            page.fill("[name=password]", PASSWORD)
            page.locator("main form").first.locator("button").first.click()
            page.wait_for_url(lambda url: "/sign-in/" not in url)
            known[at.address, address] = context.storage_state()
            context.close()
        return known[at.address, address]

    return sign_in


@pytest.fixture
def visitor(chromium: Browser, signed_in: Callable[[House, str], Any]) -> Generator[Visitor]:
    """Give a window of somebody who is signed in (nobody, with an empty address), of a width in pixels."""
    opened: list[BrowserContext] = []

    def visit(at: House, address: str = "", *, width: int = 1280, **how: Any) -> BrowserContext:
        state = signed_in(at, address) if address else None
        context = chromium.new_context(
            base_url=at.address, storage_state=state, viewport={"width": width, "height": 900}, **how
        )
        opened.append(context)
        return context

    yield visit
    for context in opened:
        context.close()
