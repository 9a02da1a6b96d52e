"""The list of artifacts on the page: its rows, its filters, and the selection of many."""

import re

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from psycopg import Connection

from tests.api.serving import RunningServer
from tests.api.static.accessibility import find_violations


@pytest.fixture(scope="module", autouse=True)
def catalogue(shared_conn: Connection) -> None:
    """Add twelve artifacts with long descriptions and two tags, and two collections."""
    shared_conn.execute(
        "insert into artifacts (type, name, description) select 'skill', 'item ' || n,"
        " repeat('explains ', 40) from generate_series(10, 21) as n"
    )
    shared_conn.execute(
        "insert into collections (id, name) values ('default', 'Default'), ('r', 'Reading')"
    )
    shared_conn.execute(
        "insert into collection_artifacts (collection_id, artifact_id)"
        " select 'default', id from artifacts"
    )
    shared_conn.execute(
        "insert into tags (id, name, slug) values ('t', 'plain', 'plain'), ('u', 'a, b', 'a-b')"
    )
    shared_conn.execute(
        "insert into artifact_tags (artifact_id, tag_id)"
        " values ('skill:item 10', 't'), ('skill:item 11', 'u')"
    )


def test_eight_artifacts_fit_on_a_small_screen(page: Page) -> None:
    page.goto("/")
    page.set_viewport_size({"width": 1280, "height": 800})
    eighth = page.locator("#artifacts > li").nth(7)
    eighth.wait_for()

    bottom = eighth.evaluate("row => row.getBoundingClientRect().bottom")
    assert bottom <= page.locator("#health").evaluate("foot => foot.getBoundingClientRect().top")


def test_several_tags_show_artifacts_with_any_of_them(page: Page) -> None:
    page.goto("/")
    for tag in ("plain", "a, b"):
        page.get_by_role("combobox", name="Tags").fill(tag)
        page.keyboard.press("Enter")
    expect(page.locator("#artifacts > li")).to_have_count(2)
    page.get_by_role("link", name="plain: remove this filter").click()

    expect(page.locator("#artifacts > li")).to_have_count(1)
    expect(page.locator("#artifacts .name").first).to_have_text("item 11")
    page.goto("/?tag=plainly&tag=plain&type=agent")
    expect(page.locator("#nothing")).to_contain_text("There is no tag “\u2068plainly\u2069”.")


def test_selected_artifacts_are_added_and_failures_are_named(
    page_with_errors: Page, client: httpx.Client, shared_conn: Connection
) -> None:
    page = page_with_errors
    shared_conn.execute("insert into artifacts (type, name) values ('skill', 'item 10 gone')")
    page.goto("/")
    expect(page.locator("#artifacts > li")).to_have_count(13)
    page.get_by_role("checkbox", name="Select all on this page").check()
    expect(page.locator("#selected")).to_have_text("13 selected")
    shared_conn.execute("delete from artifacts where name = 'item 10 gone'")
    page.locator("#selection").get_by_role("button", name="Add to…").click()
    page.get_by_role("dialog").get_by_role("checkbox", name="Reading").check()

    expect(page.locator("dialog .said")).to_contain_text("12 of 13 artifacts added to")
    expect(page.locator("dialog .said")).to_contain_text("item 10 gone")
    assert client.get("/user-collections/r").json()["artifact_count"] == 12


def test_selected_artifacts_are_removed_at_once_and_restored_by_undo(
    page: Page, client: httpx.Client
) -> None:
    page.goto("/?collection=default")
    page.get_by_role("checkbox", name="Select item 12", exact=True).check()
    page.get_by_role("checkbox", name="Select item 15", exact=True).click(modifiers=["Shift"])
    page.locator("#selection").get_by_role("button", name="Remove").click()
    expect(page.locator("#artifacts > li")).to_have_count(8)
    removed = client.get("/user-collections/default").json()["artifact_count"]
    page.get_by_role("button", name="Undo").click()

    expect(page.locator("#artifacts > li")).to_have_count(12)
    assert (removed, client.get("/user-collections/default").json()["artifact_count"]) == (8, 12)


def test_a_deleted_artifact_is_not_selected_any_more(page: Page, shared_conn: Connection) -> None:
    shared_conn.execute("insert into artifacts (type, name) values ('theme', 'gone')")
    page.goto("/?type=theme")
    page.get_by_label("Select gone").check()
    expect(page.locator("#selected")).to_have_text("1 selected")
    page.get_by_role("link", name="gone").click()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(page.locator("#nothing")).to_contain_text("No artifact matches")
    expect(page.locator("#selection")).to_be_hidden()


def test_the_list_is_sorted_by_name_or_by_change_and_a_search_by_rank(
    page: Page, client: httpx.Client
) -> None:
    page.goto("/")
    client.put("/artifacts/skill:item%2015", json={"title": "Changed"})
    first = page.locator("#artifacts .name").first
    page.get_by_label("Sort by").select_option("updated")
    expect(first).to_have_text("item 15")
    page.get_by_label("Sort by").select_option("Name")
    expect(first).to_have_text("item 10")
    page.get_by_label("Sort by").select_option("Type and name")
    page.get_by_label("Search", exact=True).fill("20")

    expect(first).to_have_text("item 20")
    assert page.get_by_label("Sort by").evaluate("each => each.selectedOptions[0].text") == (
        "Best match"
    )


def test_an_unused_page_polls_once_a_minute_and_a_hidden_one_never(page: Page) -> None:
    page.clock.install()
    page.goto("/")
    expect(page.locator("#artifacts > li")).to_have_count(12)
    polls: list[str] = []
    page.on("request", lambda request: polls.extend(re.findall("limit=50", request.url)))
    page.clock.run_for(600_000)
    while_unused = len(polls)
    page.mouse.move(300, 300)
    page.clock.run_for(1_000)
    after_use = len(polls) - while_unused
    page.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    page.clock.run_for(600_000)

    assert (while_unused, after_use, len(polls) - while_unused - after_use) == (12, 1, 0)


def test_no_state_of_the_list_violates_a_rule_of_accessibility(
    browser: Browser, server: RunningServer
) -> None:
    context = browser.new_context(
        base_url=server.address, color_scheme="dark", viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    found = {}
    page.goto("/?collection=default")
    expect(page.locator("#artifacts > li")).to_have_count(12)
    found["list on a dark phone"] = find_violations(page)
    page.get_by_role("checkbox", name="Select all on this page").check()
    found["selection"] = find_violations(page)
    page.locator("#selection").get_by_role("button", name="Add to…").click()
    page.get_by_role("dialog").get_by_role("checkbox", name="Reading").wait_for()
    found["picker"] = find_violations(page)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/?search=nowhere&tag=plain&tag=a,+b")
    expect(page.locator("#nothing")).to_be_visible()
    found["nothing found"] = find_violations(page)
    context.close()

    assert found == {state: [] for state in found}
