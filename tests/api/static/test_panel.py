"""The panel of an artifact on the page: what it shows, how it is reached, and what it edits."""

import re

import httpx
import pytest
from playwright.sync_api import Page, Route, expect
from psycopg import Connection

from tests.api.static.accessibility import find_violations

TEXT = "# Ship\n\n<b>Ships</b> & reports.\n"
# The longest text that is kept. Its one line is the dearest to lay out.
LONGEST = "word " * 209_715


@pytest.fixture(scope="module", autouse=True)
def catalogue(shared_conn: Connection) -> None:
    """Add an artifact with two versions of its text, a tag, a collection and a group."""
    shared_conn.execute(
        "insert into artifacts (type, name, title, description, author, license, source, origin)"
        " values ('skill', 'ship it', 'Ship', %s, 'Ada', 'MIT', 'example/skills', 'github'),"
        " ('skill', 'long', null, null, null, null, null, null)",
        ["First line.\nSecond line. " + "It goes on. " * 50],
    )
    shared_conn.execute(
        "insert into artifact_versions (artifact_id, content_hash, version, created_at) values"
        " ('skill:ship it', repeat('a', 64), '1.0', '2026-01-01'),"
        " ('skill:ship it', repeat('b', 64), '2.0', '2026-02-01'),"
        " ('skill:long', repeat('c', 64), '1.0', '2026-02-01')"
    )
    shared_conn.execute(
        "insert into artifact_contents (content_hash, content)"
        " values (repeat('a', 64), 'the older text'), (repeat('b', 64), %s), (repeat('c', 64), %s)",
        [TEXT, LONGEST],
    )
    shared_conn.execute("insert into collections (id, name) values ('r', 'Reading'), ('w', 'Work')")
    shared_conn.execute("insert into groups (id, collection_id, name) values ('g', 'r', 'First')")
    shared_conn.execute(
        "insert into collection_artifacts (collection_id, artifact_id)"
        " values ('r', 'skill:ship it')"
    )
    shared_conn.execute(
        "insert into group_artifacts (collection_id, group_id, artifact_id)"
        " values ('r', 'g', 'skill:ship it')"
    )
    shared_conn.execute("insert into tags (id, name, slug) values ('t', 'tag', 'tag')")
    shared_conn.execute(
        "insert into artifact_tags (artifact_id, tag_id) values ('skill:ship it', 't')"
    )


def test_the_panel_shows_all_about_an_artifact_and_passes_the_rules_of_accessibility(
    page: Page,
) -> None:
    page.goto("/?artifact=skill:ship+it")
    panel = page.locator("#panel")

    expect(panel.locator("pre")).to_have_text(TEXT.strip())
    for text in ("Second line.", "example/skills", "github", "Ada", "MIT", "Jan 1, 2026", "#tag"):
        expect(panel).to_contain_text(text.removeprefix("#"))
    for name in ("Reading", "First", "1.0", "2.0"):
        expect(panel.get_by_role("link", name=name).first).to_be_visible()
    expect(page).to_have_title("ship it · SkillMeat")
    narrow = find_violations(page)
    page.set_viewport_size({"width": 1600, "height": 900})
    expect(page.locator("#artifacts > li").first).to_be_visible()
    expect(page.locator("#artifacts .chips").first).to_be_hidden()
    assert (narrow, find_violations(page)) == ([], [])


def test_long_names_and_versions_stay_within_their_space(
    page: Page, shared_conn: Connection
) -> None:
    long = "long-name-without-end-" * 11
    shared_conn.execute("insert into artifacts (type, name) values ('hook', 'h')")
    shared_conn.execute("insert into collections (id, name) values ('l', %s)", [long])
    shared_conn.execute("insert into groups (id, collection_id, name) values ('lg', 'l', 'Short')")
    shared_conn.execute("insert into collection_artifacts values ('l', 'hook:h')")
    shared_conn.execute("insert into group_artifacts values ('l', 'lg', 'hook:h')")
    shared_conn.execute(
        "insert into artifact_versions (artifact_id, content_hash, version)"
        " values ('hook:h', repeat('d', 64), repeat('9', 200))"
    )
    shared_conn.execute("insert into artifact_contents values (repeat('d', 64), 'text')")

    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/?collection=l&artifact=hook:h")
    name = page.locator("#panel .chips .name", has_text="Short")
    expect(name).to_be_visible()
    is_cut = name.evaluate("each => each.scrollWidth > each.clientWidth")
    reaches = page.locator("#artifacts .line .kind").last.evaluate(
        "each => each.getBoundingClientRect().right"
    )
    begins = page.get_by_role("button", name="Add to… h").bounding_box()
    page.set_viewport_size({"width": 360, "height": 740})
    width = page.evaluate("document.documentElement.scrollWidth")
    page.goto("about:blank")
    shared_conn.execute("delete from artifacts where type = 'hook'")
    shared_conn.execute("delete from collections where id = 'l'")

    assert begins is not None
    assert (is_cut, reaches < begins["x"], width) == (False, True, 360)


def test_the_groups_of_the_collection_stay_in_sight_beside_the_panel(page: Page) -> None:
    page.set_viewport_size({"width": 1600, "height": 900})
    page.goto("/?collection=r&artifact=skill:ship+it")
    expect(page.locator("#panel-title")).to_have_text("ship it")

    expect(page.locator("#group-links a", has_text="First")).to_be_visible()


def test_an_older_text_has_an_address_and_back_returns_to_the_newest(page: Page) -> None:
    page.goto("/?artifact=skill:ship+it")
    page.locator("#panel .versions a", has_text="1.0").click()
    expect(page.locator("#panel pre")).to_have_text("the older text")
    page.reload()
    expect(page.locator("#panel pre")).to_have_text("the older text")
    page.go_back()

    expect(page.locator("#panel pre")).to_contain_text("<b>Ships</b>")


def test_the_keyboard_opens_and_closes_the_panel_and_keeps_the_focus(page: Page) -> None:
    page.goto("/")
    name = page.locator('[data-artifact="skill:ship it"] a.name')
    name.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_be_focused()
    page.keyboard.press("Escape")

    expect(name).to_be_focused()
    expect(page.locator("#panel")).to_be_hidden()


def test_the_longest_text_is_shown_whole_in_blocks(page: Page) -> None:
    page.goto("/?artifact=skill:long")
    page.locator("#panel pre").nth(60).wait_for(state="attached")

    shown = page.evaluate(
        "[...document.querySelectorAll('#panel pre')].map((each) => each.textContent).join('')"
    )
    assert shown == LONGEST


def test_the_reader_keeps_the_place_in_the_text_when_another_client_changes_the_artifact(
    page: Page, client: httpx.Client
) -> None:
    page.clock.install()
    # One block: the browser lays out the blocks of a longer text when they come into sight.
    page.route("**/content", lambda route: route.fulfill(json={"content": "line\n" * 500}))
    page.goto("/?artifact=skill:long")
    block = page.locator("#panel pre")
    expect(block).to_contain_text("line")
    page.evaluate("scrollTo({ top: 5_000 })")
    place = block.evaluate("pre => pre.getBoundingClientRect().top")

    client.post("/user-collections/w/artifacts", json={"artifact_ids": ["skill:long"]})
    page.clock.run_for(15_000)

    expect(page.locator("#panel .chips a", has_text="Work")).to_be_attached()
    assert abs(block.evaluate("pre => pre.getBoundingClientRect().top") - place) < 2


def test_a_change_while_the_text_is_read_does_not_end_the_reading(page: Page) -> None:
    held: list[Route] = []
    page.route("**/content", lambda route: held.append(route))  # noqa: PLW0108 - no builtin
    page.goto("/?artifact=skill:ship+it")
    expect(page.locator("#panel")).to_contain_text("Reading…")
    page.evaluate("new BroadcastChannel('skillmeat-changes').postMessage({})")
    with page.expect_response("**/groups"):
        pass
    for each in held:
        each.continue_()

    expect(page.locator("#panel pre")).to_have_text(TEXT.strip())


def test_a_list_that_becomes_empty_leaves_the_panel_open(page: Page) -> None:
    page.goto("/?collection=r&artifact=skill:long&after=c2tpbGw6eg==")

    expect(page).to_have_url(re.compile(r"\?collection=r&artifact=skill%3Along$"))
    expect(page.locator("#panel-title")).to_have_text("long")


def test_a_time_that_the_browser_lacks_is_shown_as_it_is(
    page: Page, shared_conn: Connection
) -> None:
    shared_conn.execute(
        "insert into artifacts (type, name, added_at) values ('hook', 'for ever', 'infinity')"
    )
    page.goto("/?artifact=hook:for+ever")
    expect(page.locator("#panel dl")).to_contain_text("infinity")
    page.goto("about:blank")
    shared_conn.execute("delete from artifacts where type = 'hook'")


def test_an_edit_of_an_edited_artifact_shows_both_versions(
    page_with_errors: Page, client: httpx.Client
) -> None:
    page = page_with_errors
    page.goto("/?artifact=skill:ship+it")
    page.get_by_role("button", name="Edit…").click()
    page.get_by_label("Author").fill("Mine")
    client.put("/artifacts/skill:ship%20it", json={"author": "Theirs", "license": "BSD"})
    page.get_by_role("button", name="Save").click()
    expect(page.locator("dialog .said td").nth(1)).to_have_text("Theirs")
    expect(page.locator("dialog .said td").nth(2)).to_have_text("Mine")
    page.get_by_role("button", name="Save").click()

    expect(page.locator("#panel dl")).to_contain_text("Mine")
    metadata = client.get("/artifacts/skill:ship%20it").json()["metadata"]
    assert (metadata["author"], metadata["license"]) == ("Mine", "BSD")


def test_a_deleted_artifact_leaves_the_panel_and_the_list(page: Page, client: httpx.Client) -> None:
    page.goto("/?artifact=skill:long")
    page.get_by_role("button", name="Delete…").click()
    page.wait_for_load_state("networkidle")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(page.locator("#panel")).to_be_hidden()
    expect(page.locator("#artifacts > li")).to_have_count(1)
    assert client.get("/artifacts/skill:long").status_code == 404
    assert [each.split()[0] for each in sent if "long" in each] == ["DELETE"]


def test_a_late_deletion_leaves_the_panel_of_another_artifact_open(
    page: Page, client: httpx.Client, shared_conn: Connection
) -> None:
    shared_conn.execute("insert into artifacts (type, name) values ('hook', 'late')")
    held: list[Route] = []
    page.goto("/?artifact=hook:late")
    page.get_by_role("button", name="Delete…").click()
    page.route("**/artifacts/hook*", lambda route: held.append(route))  # noqa: PLW0108 - no builtin
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.keyboard.press("Escape")
    page.locator('[data-artifact="skill:ship it"] a.name').click()
    for each in held:
        each.continue_()

    expect(page.get_by_role("status").filter(has_text="Deleted")).to_be_visible()
    expect(page.locator("#panel-title")).to_have_text("ship it")
    assert client.get("/artifacts/hook:late").status_code == 404


def test_an_artifact_that_is_opened_right_after_typing_stays_open(page: Page) -> None:
    page.clock.install()
    page.goto("/")
    expect(page.locator("#artifacts .name").first).to_be_visible()
    page.evaluate("""
        const search = document.querySelector("#search");
        search.value = "x";
        search.dispatchEvent(new Event("input"));
        document.querySelector("#artifacts a.name").click();
    """)
    page.clock.run_for(1_000)

    expect(page.locator("#panel-title")).to_be_visible()
    expect(page).to_have_url(re.compile("search=x&artifact="))
