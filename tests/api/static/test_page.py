"""The page at `/`, used by mouse, by keyboard and on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect
from psycopg import Connection

import skillmeat
from skillmeat.catalogue.tokens import create_token
from tests.api.serving import ALL_SERVICES, run_server, write_section
from tests.api.static.accessibility import find_violations
from tests.conftest import database

HOSTILE = '<img src=x onerror="alert(1)"> & co'
# A screen reader cannot announce a control without a name.
NAMELESS = """
    () => [...document.querySelectorAll('button, a, input, select, textarea')]
        .filter((each) => each.checkVisibility())
        .filter((each) => !(each.ariaLabel || each.textContent.trim() || each.labels?.length))
        .map((each) => each.outerHTML)
"""


@pytest.fixture(scope="module", autouse=True)
def catalogue(shared_conn: Connection) -> None:
    """Add three collections and sixty artifacts; one more artifact has a name like HTML."""
    shared_conn.execute(
        "insert into artifacts (type, name) select 'skill', 's' || n"
        " from generate_series(10, 69) as n"
    )
    shared_conn.execute("insert into artifacts (type, name) values ('agent', %s)", [HOSTILE])
    shared_conn.execute(
        "insert into collections (id, name) values"
        " ('default', 'Default Collection'), ('r/1', 'Reading'), ('e', 'Empty')"
    )
    shared_conn.execute(
        "insert into collection_artifacts (collection_id, artifact_id)"
        " select 'default', id from artifacts union all select 'r/1', 'skill:s10'"
    )


def badge(page: Page, name: str) -> str:
    """Return the number beside a collection's name."""
    place = page.locator("#collections li", has_text=name).first
    return re.sub(r"\D", "", place.inner_text().replace(name, ""))


def row(artifact: str) -> str:
    """Return the selector of an artifact's row."""
    return f'[data-artifact="{artifact}"]'


def test_the_sidebar_shows_the_count_of_each_collection(page: Page) -> None:
    page.goto("/")
    expect(page.locator("#artifacts > li")).to_have_count(50)

    assert [badge(page, name) for name in ("Default Collection", "Reading", "Empty")] == [
        "61",
        "1",
        "0",
    ]


def test_adding_by_click_updates_the_count_at_once(page: Page, client: httpx.Client) -> None:
    page.goto("/")
    page.locator(row("skill:s11")).get_by_role("button", name="Add to… s11").click()
    page.get_by_role("checkbox", name="Reading").check()
    page.get_by_role("button", name="Done").click()

    expect(page.locator("#collections li", has_text="Reading")).to_contain_text("2")
    assert client.get("/user-collections/r%2F1").json()["artifact_count"] == 2


def test_dragging_an_artifact_onto_a_collection_adds_it(page: Page, client: httpx.Client) -> None:
    page.goto("/")
    before = client.get("/user-collections/r%2F1").json()["artifact_count"]

    page.locator(row("skill:s12")).drag_to(page.locator("#collections li", has_text="Reading"))

    expect(page.locator("#collections li", has_text="Reading")).to_contain_text(str(before + 1))


def test_a_user_adds_and_removes_an_artifact_by_keyboard(page: Page, client: httpx.Client) -> None:
    page.goto("/")
    expect(page.locator(row("skill:s13"))).to_be_visible()
    page.locator(row("skill:s13")).get_by_role("button", name="Add to… s13").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Empty")
    expect(page.get_by_role("dialog").get_by_role("checkbox")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("#collections li", has_text="Empty")).to_contain_text("1")
    page.keyboard.press("Escape")
    page.goto(
        "/?" + page.locator("#collections a", has_text="Empty").evaluate("a => a.search.slice(1)")
    )
    page.get_by_role("button", name="Remove s13 from Empty").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#collections li", has_text="Empty")).to_contain_text("0")
    assert client.get("/user-collections/e").json()["artifact_count"] == 0


def test_the_url_keeps_the_page_and_the_filters(page: Page) -> None:
    page.goto("/")
    expect(page.locator("#range")).to_contain_text("50 of 61")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#range")).to_contain_text("61 of 61")
    page.reload()
    expect(page.locator("#range")).to_contain_text("of 61")
    page.go_back()
    expect(page.locator("#range")).to_contain_text("50 of 61")
    page.get_by_label("Type").select_option("agent")

    expect(page.locator("#artifacts > li")).to_have_count(1)


@pytest.mark.parametrize(
    ("action", "address"),
    [
        ("get('#artifacts a.name').click()", "search=s1&artifact=agent"),
        ("get('#collections-title').click()", "search=s1$"),
        (
            "get('#type').value = 'skill'; get('#type').dispatchEvent(new Event('change'))",
            "type=skill&search=s1$",
        ),
        (
            "get('#tag').value = 't'; get('#tag').dispatchEvent(new Event('change'))",
            "search=s1&tag=t$",
        ),
        ("get('#next').click()", "search=s1$"),
        ("get('#places a').click()", "collection=default$"),
    ],
)
def test_what_the_user_has_just_typed_counts_for_the_next_action(
    page: Page, action: str, address: str
) -> None:
    page.clock.install()
    page.goto("/")
    expect(page.locator("#artifacts > li")).to_have_count(50)
    expect(page.locator("#places li")).to_have_count(3)

    page.evaluate(f"""
        const get = (selector) => document.querySelector(selector);
        get("#search").value = "s1";
        get("#search").dispatchEvent(new Event("input"));
        {action};
    """)

    expect(page).to_have_url(re.compile(address))
    page.clock.run_for(1_000)
    expect(page).to_have_url(re.compile(address))
    if "collection" in address:
        page.go_back()
        expect(page.get_by_label("Search", exact=True)).to_have_value("s1")


def test_links_and_pages_follow_the_filters_before_the_server_has_answered(page: Page) -> None:
    page.goto("/?type=skill")
    expect(page.locator("#artifacts > li")).to_have_count(50)
    held: list[Route] = []
    page.route("**/artifacts?*search=*", lambda route: held.append(route))  # noqa: PLW0108 - no builtin
    page.get_by_label("Search", exact=True).fill("s")
    expect(page).to_have_url(re.compile("search=s"))
    page.get_by_role("button", name="Next").dispatch_event("click")
    link = page.locator("#artifacts a.name").first
    here = page.url.partition("?")[2]
    found = (link.get_attribute("href") or "").startswith(f"?{here}&artifact=")
    for each in held:
        each.continue_()
    page.unroute("**/artifacts?*search=*")

    assert (found, "after=" in here) == (True, False)
    expect(page.get_by_role("button", name="Next")).to_have_attribute("aria-disabled", "false")


def test_a_search_for_collections_lasts_while_the_user_reads_the_list(page: Page) -> None:
    page.goto("/?artifact=skill:s10")
    expect(page.locator("#panel-title")).to_have_text("s10")
    page.get_by_label("Search collections").fill("read")
    expect(page.locator("#places li")).to_have_count(1)
    page.locator("#panel .close").click()
    expect(page.locator("#artifacts > li")).to_have_count(50)
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#artifacts > li")).to_have_count(11)

    expect(page.locator("#places li")).to_have_count(1)
    expect(page).to_have_url(re.compile("find=read"))


def test_the_page_never_parses_a_name_as_markup(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Type").select_option("agent")

    expect(page.locator("#artifacts .name").first).to_have_text(HOSTILE)


def test_a_user_creates_renames_and_deletes_a_collection(page: Page, client: httpx.Client) -> None:
    page.goto("/")
    page.get_by_role("button", name="New collection").click()
    page.keyboard.type("Fresh")
    page.keyboard.press("Enter")
    expect(page.locator("#title")).to_have_text("Fresh")
    page.get_by_role("button", name="Edit").click()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("Fresher")
    page.keyboard.press("Enter")
    expect(page.locator("#title")).to_have_text("Fresher")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(page.locator("#collections li", has_text="Fresher")).to_have_count(0)
    assert client.get("/user-collections?search=Fresh").json()["items"] == []


def test_the_footer_shows_the_health_of_the_server(overview: Page) -> None:
    expect(overview.locator("#health")).to_contain_text("no drift")


def test_every_control_has_a_name(overview: Page) -> None:
    expect(overview.locator("#artifacts > li")).to_have_count(50)

    assert overview.evaluate(NAMELESS) == []


def test_a_phone_shows_the_page_without_scrolling_sideways(page: Page) -> None:
    page.goto("/")
    page.set_viewport_size({"width": 360, "height": 740})
    page.get_by_role("button", name="Collections", exact=True).click()
    expect(page.locator("#collections a", has_text="Reading")).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.fixture
def neighbour(
    url: str, server_url: str, template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Make a second catalogue; yield its URL, and name both in the service file."""
    with database(server_url, template=template) as other:
        file = tmp_path / "services"
        file.write_text(write_section("first", url) + write_section("second", other))
        monkeypatch.setenv("PGSERVICEFILE", str(file))
        yield other


def test_all_tabs_share_a_token_which_names_the_catalogue_and_a_reader_sees_no_write_buttons(
    browser: Browser, url: str, neighbour: str
) -> None:
    with skillmeat.connect(neighbour, autocommit=True) as conn:
        elsewhere = create_token(conn, name="w", scope="write").secret
    with skillmeat.connect(url, autocommit=True) as conn:
        conn.execute("insert into collections (id, name) values ('s', 'Secret')")
        conn.execute("insert into artifacts (type, name) values ('skill', 'kept')")
        reading = create_token(conn, name="r").secret
        writing = create_token(conn, name="w", scope="write").secret
    with run_server("", ALL_SERVICES) as server_with_tokens:
        context = browser.new_context(base_url=server_with_tokens.address)
        page = context.new_page()
        page.goto("/")
        page.locator("#token").fill("пароль")
        page.keyboard.press("Enter")
        expect(page.locator("dialog .said")).to_contain_text("This is no token")
        assert find_violations(page) == []
        page.keyboard.press("Escape")
        page.locator("#nothing").get_by_role("button", name="Try again").click()
        page.locator("#token").fill(reading)
        page.keyboard.press("Enter")
        expect(page.locator("#collections li", has_text="Secret")).to_be_visible()
        expect(page.locator("#service")).to_have_text("first")
        expect(page.locator("#message")).not_to_contain_text("could not be read")

        other = context.new_page()
        other.goto("/?collection=s")
        expect(other.locator("#title")).to_have_text("Secret")
        expect(other.locator("html[data-access=read]")).to_have_count(1)
        assert other.locator("[data-write]:visible").count() == 0
        assert find_violations(other) == []

        page.get_by_role("button", name="Token").click()
        page.locator("#token").fill(writing)
        page.keyboard.press("Enter")
        expect(other.get_by_role("button", name="New collection")).to_be_visible()

        page.get_by_role("button", name="Token").click()
        page.locator("#token").fill(elsewhere)
        page.keyboard.press("Enter")
        expect(other.locator("#service")).to_have_text("second")
        expect(other.locator("#collections li", has_text="Secret")).to_have_count(0)
        expect(other.locator("#health")).to_contain_text("Healthy")

        page.get_by_role("button", name="Token").click()
        page.get_by_role("button", name="Forget").click()
        expect(other.get_by_role("dialog")).to_contain_text("This server needs a token")
        context.close()
