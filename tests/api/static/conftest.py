"""A real Chromium that shows the page of a real server."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

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


# Debian's chromium-headless-shell opens a page at a third of the cost of its chromium.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


# Not of the session: asyncio.run() fails while Playwright's loop runs.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Yield the Chromium of this machine in headless mode."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("no Chromium on PATH: install Debian's chromium-headless-shell")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield opened
        opened.close()


@contextmanager
def new_page(browser: Browser, server: RunningServer) -> Iterator[Page]:
    """Yield an empty page, for addresses of the server."""
    context = browser.new_context(base_url=server.address, viewport={"width": 1200, "height": 800})
    yield context.new_page()
    context.close()


@contextmanager
def refusing_errors(page: Page) -> Iterator[Page]:
    """Yield the page; errors that it logs to the console fail the test."""
    errors: list[str] = []
    page.on(
        "console", lambda message: errors.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []


@pytest.fixture
def page_with_errors(browser: Browser, server: RunningServer) -> Iterator[Page]:
    """Yield an empty page, which may log errors to the console."""
    with new_page(browser, server) as page:
        yield page


@pytest.fixture
def page(page_with_errors: Page) -> Iterator[Page]:
    """Yield an empty page; errors in the console fail the test."""
    with refusing_errors(page_with_errors) as page:
        yield page


@pytest.fixture(scope="module")
def overview(browser: Browser, server: RunningServer) -> Iterator[Page]:
    """Yield the page at `/` with its artifacts, at which the tests of a module only look."""
    with new_page(browser, server) as page, refusing_errors(page):
        page.goto("/")
        page.locator("#artifacts > li").first.wait_for()
        yield page
