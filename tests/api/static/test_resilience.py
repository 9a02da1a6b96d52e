"""The page during changes by other clients and server failures, and its accessibility."""

import httpx
import pytest
from playwright.sync_api import Page, Route, expect
from psycopg import Connection

from tests.api.serving import RunningServer

# Users of voice control say the visible text.
UNSPEAKABLE = """
    () => [...document.querySelectorAll('[aria-label]')]
        .filter((each) => each.matches('button, a'))
        .filter((each) => !each.ariaLabel.includes(each.textContent.trim()))
        .map((each) => each.outerHTML)
"""
OPPOSITE = "\u202eno\u05e9\u05dc\u05d5\u05dd"
SOON = 15_000


@pytest.fixture(scope="module", autouse=True)
def catalogue(shared_conn: Connection) -> None:
    """Add three artifacts: one is in a collection, one has a right-to-left name."""
    shared_conn.execute(
        "insert into artifacts (type, name) values"
        " ('skill', 'one'), ('skill', 'two'), ('hook', %s)",
        ["\u05e9\u05dc\u05d5\u05dd"],
    )
    shared_conn.execute(
        "insert into collections (id, name) values ('r', 'Reading'), ('o', %s)", [OPPOSITE]
    )
    shared_conn.execute(
        "insert into collection_artifacts (collection_id, artifact_id) values ('r', 'skill:one')"
    )
    shared_conn.execute("insert into tags (id, name, slug) values ('t', 'tag', 'tag')")
    shared_conn.execute("insert into artifact_tags (artifact_id, tag_id) values ('skill:one', 't')")


def test_polling_shows_artifacts_that_another_client_adds(page: Page, client: httpx.Client) -> None:
    page.clock.install()
    page.goto("/?collection=r")
    expect(page.locator("#artifacts > li")).to_have_count(1)

    client.post("/user-collections/r/artifacts", json={"artifact_ids": ["skill:two"]})
    page.clock.run_for(SOON)

    expect(page.locator("#artifacts > li")).to_have_count(2)
    expect(page.locator("#collections li", has_text="Reading")).to_contain_text("2")


def test_a_drag_ends_even_if_its_row_was_replaced(page: Page) -> None:
    page.goto("/")
    expect(page.locator("#artifacts > li")).to_have_count(3)
    page.locator("#artifacts > li").first.hover()
    page.mouse.down()
    page.mouse.move(600, 500, steps=5)
    expect(page.locator("body.dragging")).to_have_count(1)
    page.evaluate("document.querySelector('#artifacts').replaceChildren()")
    page.mouse.up()
    page.mouse.move(700, 500, steps=5)

    expect(page.locator("body.dragging")).to_have_count(0)


def test_the_page_reports_a_collection_that_another_client_deleted(
    page_with_errors: Page, client: httpx.Client
) -> None:
    gone = client.post("/user-collections", json={"name": "Gone"}).json()["id"]
    client.post(f"/user-collections/{gone}/artifacts", json={"artifact_ids": ["skill:two"]})
    page_with_errors.goto(f"/?collection={gone}")
    expect(page_with_errors.locator("#artifacts > li")).to_have_count(1)
    client.delete(f"/user-collections/{gone}")

    page_with_errors.get_by_role("button", name="Remove two from Gone").click()

    expect(page_with_errors.locator("#title")).to_have_text("Not found", timeout=2_000)
    expect(page_with_errors.locator("#collections li", has_text="Gone")).to_have_count(0)


def test_a_screen_reader_announces_an_empty_result(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Search", exact=True).fill("nowhere")

    expect(page.get_by_role("status").filter(has_text="0 artifacts")).to_be_visible()


def test_accessible_names_begin_with_the_visible_text(overview: Page) -> None:
    expect(overview.locator("#artifacts > li")).to_have_count(3)

    assert overview.evaluate(UNSPEAKABLE) == []


def test_a_tag_is_large_enough_to_touch(overview: Page) -> None:
    tag = overview.locator(".tags a").first

    assert tag.evaluate("a => a.getBoundingClientRect().height") >= 24


def test_a_name_has_its_own_text_direction(overview: Page) -> None:
    name = overview.locator('[data-artifact^="hook:"] .name').first

    assert name.evaluate("each => getComputedStyle(each).direction") == "rtl"


def test_a_right_to_left_name_does_not_reverse_a_sentence(page: Page) -> None:
    page.goto("/")
    page.locator('[data-artifact="skill:one"] [aria-haspopup="dialog"]').click()
    page.get_by_role("checkbox").nth(0).wait_for()
    page.locator("dialog label", has_text=OPPOSITE).locator("input").check()

    expect(page.locator("dialog .said")).to_contain_text(f"\u2068{OPPOSITE}\u2069")


def test_the_sidebar_lists_any_number_of_collections_from_a_to_z(
    page: Page, shared_conn: Connection
) -> None:
    shared_conn.execute(
        "insert into collections (id, name)"
        " select md5(n::text), 'Many ' || n from generate_series(1, 150) as n"
        " union all values ('default', 'Zoo')"
    )
    page.goto("/")
    expect(page.locator("#places a .name").nth(99)).to_have_text("Many 99")
    assert page.locator("#places a .name").first.inner_text() == "Zoo"
    expect(page.locator("#places-note")).to_have_text("The first 100 of 153 collections.")
    page.get_by_role("button", name="Show more").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#places a").nth(100)).to_be_focused()
    expect(page.locator("#places a .name").nth(100)).to_have_text("Many 100")

    page.get_by_label("Search collections").fill("any 14")

    expect(page.locator("#places a .name")).to_have_text(
        ["Many 14", *(f"Many {n}" for n in range(140, 150))]
    )
    shared_conn.execute("delete from collections where name like 'Many %' or id = 'default'")


def test_a_creation_is_not_retried(page_with_errors: Page) -> None:
    page_with_errors.goto("/")
    expect(page_with_errors.locator("#artifacts > li")).to_have_count(3)
    page_with_errors.route("**/api/v1/**", lambda route: route.abort())
    page_with_errors.locator("#collections a", has_text="Reading").click()
    page_with_errors.get_by_role("button", name="New collection").click()
    page_with_errors.keyboard.type("Unheard")
    page_with_errors.keyboard.press("Enter")
    expect(page_with_errors.locator("dialog .said")).to_contain_text("then try again")
    # When the second request starts, the first has failed.
    for _ in range(2):
        with page_with_errors.expect_request("**/user-collections/r"):
            pass

    expect(page_with_errors.locator("dialog .said")).to_contain_text("then try again")


def test_the_footer_says_at_once_that_the_server_does_not_answer(page_with_errors: Page) -> None:
    page_with_errors.goto("/")
    footer = page_with_errors.locator("#health strong")
    expect(footer).to_have_text("Healthy")
    page_with_errors.route("**/*", lambda route: route.abort())
    page_with_errors.locator("#collections a", has_text="Reading").click()
    expect(footer).to_have_text("The server does not answer", timeout=5_000)
    page_with_errors.unroute("**/*")
    page_with_errors.get_by_role("button", name="Try now").click()

    expect(footer).to_have_text("Healthy", timeout=5_000)


def test_focus_is_kept_when_the_server_answers_again(page_with_errors: Page) -> None:
    page_with_errors.goto("/")
    expect(page_with_errors.locator("#artifacts > li")).to_have_count(3)
    page_with_errors.route("**/api/v1/**", lambda route: route.abort())
    page_with_errors.locator("#collections a", has_text="Reading").click()
    page_with_errors.get_by_role("button", name="Try now").focus()
    page_with_errors.unroute("**/api/v1/**")
    page_with_errors.keyboard.press("Enter")

    expect(page_with_errors.locator("#title")).to_be_focused()


def test_the_notice_ends_with_the_view_whose_requests_are_retried(
    page_with_errors: Page, client: httpx.Client
) -> None:
    page = page_with_errors
    page.goto("/?collection=o")
    expect(page.locator("#artifacts")).to_have_attribute("aria-busy", "false")
    page.route("**/history", lambda route: route.fulfill(status=503, body="{}"))
    page.evaluate("history.pushState(null, '', '?collection=o&artifact=skill:one')")
    page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
    expect(page.locator("#retry-notice")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.locator("#retry-notice")).to_be_hidden()
    # The page polls again.
    client.post("/user-collections/o/artifacts", json={"artifact_ids": ["skill:two"]})
    expect(page.locator("#artifacts > li")).to_have_count(1)
    client.delete("/user-collections/o/artifacts/skill:two")


def test_an_edit_whose_answer_is_lost_is_saved_once_and_conflicts_with_nothing(
    page_with_errors: Page, client: httpx.Client
) -> None:
    page = page_with_errors
    lost: list[int] = []

    def lose_first_answer(route: Route) -> None:
        if route.request.method == "PUT" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.goto("/?artifact=skill:two")
    page.get_by_role("button", name="Edit…").click()
    page.get_by_label("Author").fill("Ada")
    page.route("**/artifacts/*", lose_first_answer)
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert lost == [200]
    assert client.get("/artifacts/skill:two").json()["metadata"]["author"] == "Ada"


def test_a_box_that_is_ticked_and_unticked_at_once_is_unticked(
    page: Page, client: httpx.Client
) -> None:
    held: list[Route] = []
    sent: list[str] = []
    page.on("request", lambda each: sent.append(each.method) if "r/artifacts" in each.url else None)
    client.delete("/user-collections/r/artifacts/skill:two")
    page.goto("/?artifact=skill:two")
    page.locator("#panel").get_by_role("button", name="Add to…").click()
    box = page.get_by_role("checkbox", name="Reading")
    page.route("**/user-collections/r/artifacts", lambda route: held.append(route))  # noqa: PLW0108 - no builtin
    box.check()
    box.uncheck()
    page.get_by_label("Search collections").last.fill("read")
    expect(page.get_by_role("dialog").locator("ul .name")).to_have_count(1)
    assert sent == ["POST"]
    for each in held:
        each.continue_()

    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("Removed")
    expect(box).not_to_be_checked()
    assert [each["id"] for each in client.get("/artifacts/skill:two").json()["collections"]] == []


@pytest.mark.parametrize("name", ["index.html", "app.js", "base.css"])
def test_static_files_are_revalidated_and_cannot_be_framed(
    server: RunningServer, name: str
) -> None:
    headers = httpx.get(f"{server.address}/page/{name}").headers

    assert headers["Cache-Control"] == "no-cache"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_the_docs_cannot_be_framed(server: RunningServer) -> None:
    headers = httpx.get(f"{server.address}/docs").headers

    assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"
