"""The rules of axe-core, applied to what the page shows."""

from importlib.resources import files

from playwright.sync_api import Page

SCRIPT = files("axe_playwright_python").joinpath("axe.min.js").read_text()
SUMMARY = "() => axe.run({resultTypes: ['violations']}).then((r) => r.violations.map("
SUMMARY += "({id, nodes}) => `${id}: ${nodes.map(({html}) => html.slice(0, 200)).join(' ')}`))"


def find_violations(page: Page) -> list[str]:
    """Return each rule that the page violates now, with the elements that violate it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    violations: list[str] = page.evaluate(SUMMARY)
    return violations
