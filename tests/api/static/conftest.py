"""A real Chromium that shows the page of a real server."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.api.serving import RunningServer

# A busy machine takes longer than Playwright's five seconds to read five hundred collections.
expect.set_options(timeout=30_000)

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Yield the Chromium of this machine in headless mode."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        pytest.skip("no Chromium on PATH: install Debian's chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def page_with_errors(browser: Browser, server: RunningServer) -> Iterator[Page]:
    """Yield the page at `/`; it may log errors to the console."""
    context = browser.new_context(base_url=server.address, viewport={"width": 1200, "height": 800})
    opened = context.new_page()
    opened.goto("/")
    yield opened
    context.close()


@pytest.fixture
def page(browser: Browser, server: RunningServer) -> Iterator[Page]:
    """Yield the page at `/`; the test fails if it logs an error to the console."""
    context = browser.new_context(base_url=server.address, viewport={"width": 1200, "height": 800})
    opened = context.new_page()
    errors: list[str] = []
    opened.on(
        "console", lambda message: errors.append(message.text) if message.type == "error" else None
    )
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto("/")
    yield opened
    context.close()
    assert errors == []
