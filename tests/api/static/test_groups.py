"""Groups, tags and the number of collections on the page at `/`."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, Request, Route, expect
from psycopg import Connection

from tests.api.static.accessibility import find_violations


@pytest.fixture(scope="module", autouse=True)
def catalogue(shared_conn: Connection) -> None:
    """Add a collection of two artifacts, and an artifact outside it."""
    shared_conn.execute(
        "insert into artifacts (type, name)"
        " values ('skill', 'one'), ('skill', 'two'), ('agent', 'other')"
    )
    shared_conn.execute("insert into collections (id, name) values ('r/1', 'Reading')")
    shared_conn.execute(
        "insert into collection_artifacts (collection_id, artifact_id)"
        " select 'r/1', id from artifacts where type = 'skill'"
    )


def test_a_user_makes_orders_fills_and_deletes_groups_by_keyboard(
    page: Page, client: httpx.Client
) -> None:
    def groups() -> list[tuple[str, int]]:
        listed = client.get("/groups", params={"collection_id": "r/1"}).json()["groups"]
        return [(each["name"], each["artifact_count"]) for each in listed]

    page.goto("/?collection=r/1")
    page.get_by_role("button", name="New group…").press("Enter")
    for name in ("First", "Second, third"):
        page.get_by_role("button", name="New group", exact=True).press("Enter")
        page.keyboard.type(name)
        page.keyboard.press("Enter")
        expect(page.locator(".movable li", has_text=name)).to_be_visible()
    page.get_by_role("button", name="Down First").press("Enter")
    expect(page.get_by_role("status").filter(has_text="number 2 of 2")).to_be_visible()
    assert groups() == [("Second, third", 0), ("First", 0)]
    assert find_violations(page) == []
    page.get_by_role("button", name="Edit First").press("Enter")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("Last")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Edit Last")).to_be_focused()

    for artifact in ("two", "one"):
        page.keyboard.press("Escape")
        page.get_by_role("button", name=f"Add to… {artifact}").press("Enter")
        page.get_by_role("group", name="Reading").get_by_label("Last").press("Space")
        expect(page.locator("dialog .said")).to_contain_text("Last")
    assert find_violations(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#group-links a", has_text="Last")).to_contain_text("2")
    page.locator("#group-links a", has_text="Second").press("Enter")
    expect(page.locator("#nothing")).to_contain_text("No artifact is in this group")
    page.locator("#group-links a", has_text="Last").press("Enter")
    expect(page.locator("#artifacts .line .name")).to_have_text(["two", "one"])

    page.get_by_role("button", name="Edit groups").press("Enter")
    page.get_by_role("button", name="Order Last").press("Enter")
    page.get_by_role("button", name="Up skill:one").press("Enter")
    expect(page.get_by_role("status").filter(has_text="is number 1")).to_be_visible()
    assert find_violations(page) == []
    page.get_by_role("button", name="Remove skill:two from the group").press("Enter")
    expect(page.get_by_role("dialog", name="Order of Last").locator("li")).to_have_count(1)
    assert groups() == [("Second, third", 0), ("Last", 1)]
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete Last").press("Enter")
    expect(page.get_by_role("dialog", name="Delete this group?")).to_contain_text("1 artifact.")
    page.get_by_role("dialog", name="Delete this group?").get_by_role(
        "button", name="Delete"
    ).click()

    expect(page.locator("#group-links a", has_text="Last")).to_have_count(0)
    expect(page.locator("#artifacts > li")).to_have_count(2)
    assert groups() == [("Second, third", 0)]


@pytest.fixture
def group(client: httpx.Client) -> Iterator[str]:
    """Add a group of both artifacts; return its id."""
    made = client.post("/groups", json={"collection_id": "r/1", "name": "Both"}).json()["id"]
    ids = ["skill:two", "skill:one"]
    client.post(f"/groups/{made}/artifacts", json={"artifact_ids": ids})
    yield made
    client.delete(f"/groups/{made}")


def test_a_removal_from_a_group_is_undone_in_its_place_and_adds_nothing_else(
    page: Page, client: httpx.Client, group: str
) -> None:
    def members() -> list[str]:
        return [each["artifact_id"] for each in client.get(f"/groups/{group}").json()["artifacts"]]

    client.post("/user-collections/r%2F1/artifacts", json={"artifact_ids": ["agent:other"]})
    page.goto("/?collection=r/1")
    page.get_by_label("Select two").check()
    page.get_by_label("Select other").check()
    page.locator("#group-links a", has_text="Both").click()
    expect(page.locator("#selected")).to_have_text("2 selected, 1 on other pages")
    page.locator("#remove-selected").click()
    expect(page.get_by_role("status").filter(has_text="Removed “\u2068two")).to_be_visible()
    removed = members()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").filter(has_text="Restored “\u2068two")).to_be_visible()
    expect(page.locator("#artifacts .line .name")).to_have_text(["two", "one"])
    client.delete("/user-collections/r%2F1/artifacts/agent:other")

    assert (removed, members()) == (["skill:one"], ["skill:two", "skill:one"])


def test_a_new_order_sends_only_the_artifacts_whose_position_changes(
    page: Page, client: httpx.Client, shared_conn: Connection
) -> None:
    members = [f"hook:{letter}" for letter in "abcde"]
    shared_conn.execute(
        "insert into artifacts (type, name)"
        " select 'hook', split_part(id, ':', 2) from unnest(%s::text[]) as id",
        [members],
    )
    collection = client.post("/user-collections", json={"name": "Ordered"}).json()["id"]
    client.post(f"/user-collections/{collection}/artifacts", json={"artifact_ids": members})
    group = client.post("/groups", json={"collection_id": collection, "name": "G"}).json()["id"]
    client.post(f"/groups/{group}/artifacts", json={"artifact_ids": members})
    sent: list[list[tuple[str, int]]] = []

    def note(request: Request) -> None:
        if request.url.endswith("/reorder-artifacts"):
            moved = (request.post_data_json or {})["artifacts"]
            sent.append([(each["artifact_id"], each["position"]) for each in moved])

    page.on("request", note)
    page.goto(f"/?collection={collection}")
    page.get_by_role("button", name="Edit groups").click()
    page.get_by_role("button", name="Order G").click()
    page.get_by_role("button", name="Down hook:a").press("Enter")
    page.get_by_role("button", name="Down hook:a").press("Enter")
    expect(page.get_by_role("status").filter(has_text="is number 3")).to_be_visible()
    page.get_by_role("button", name="Up hook:a").press("Enter")
    expect(page.get_by_role("status").filter(has_text="is number 2")).to_be_visible()
    artifacts = client.get(f"/groups/{group}").json()["artifacts"]
    client.delete(f"/user-collections/{collection}")
    shared_conn.execute("delete from artifacts where type = 'hook'")

    assert sent == [
        [("hook:b", 0), ("hook:a", 1)],
        [("hook:c", 1), ("hook:a", 2)],
        [("hook:a", 1), ("hook:c", 2)],
    ]
    assert [each["artifact_id"][-1] for each in artifacts] == list("bacde")


@pytest.mark.usefixtures("group")
def test_the_link_of_a_group_keeps_the_filters_that_are_set_now(page: Page) -> None:
    page.goto("/?collection=r/1&search=one")
    expect(page.locator("#artifacts > li")).to_have_count(1)
    page.get_by_role("button", name="Clear filters").click()
    expect(page.locator("#artifacts > li")).to_have_count(2)
    page.locator("#group-links a", has_text="Both").click()
    expect(page.locator("#artifacts .line .name")).to_have_text(["two", "one"])
    page.get_by_label("Search", exact=True).fill("two")
    expect(page.locator("#artifacts > li")).to_have_count(1)
    page.locator("#group-links a", has_text="All").click()

    expect(page.locator("#group-links a", has_text="All")).to_have_attribute("aria-current", "true")
    expect(page.get_by_label("Search", exact=True)).to_have_value("two")


@pytest.mark.usefixtures("group")
def test_the_buttons_of_a_group_stay_within_the_dialog_on_the_narrowest_phone(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/?collection=r/1")
    page.get_by_role("button", name="Edit groups").click()
    button = page.get_by_role("button", name="Delete Both").bounding_box()
    dialog = page.get_by_role("dialog").bounding_box()

    assert button is not None
    assert dialog is not None
    assert button["x"] + button["width"] < dialog["x"] + dialog["width"]


def test_an_edit_of_another_client_is_shown_beside_ones_own_and_not_lost(
    page_with_errors: Page, client: httpx.Client
) -> None:
    page = page_with_errors
    made = client.post("/user-collections", json={"name": "Before", "description": "old"}).json()
    page.goto(f"/?collection={made['id']}")
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("Name").fill("Mine")
    client.put(f"/user-collections/{made['id']}", json={"name": "Theirs", "description": "new"})
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", name="Name Theirs Mine")).to_be_visible()
    expect(page.get_by_label("Description")).to_have_value("new")
    assert client.get(f"/user-collections/{made['id']}").json()["name"] == "Theirs"
    assert find_violations(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#title")).to_have_text("Mine")

    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("“\u2068Mine\u2069” holds 0 artifacts")
    client.put(f"/user-collections/{made['id']}", json={"name": "Kept"})
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("alert").filter(has_text="has just changed")).to_contain_text("Kept")
    page.keyboard.press("Escape")

    kept = client.get(f"/user-collections/{made['id']}").json()
    client.delete(f"/user-collections/{made['id']}")
    assert (kept["name"], kept["description"]) == ("Kept", "new")


def test_a_user_edits_the_tags_of_an_artifact(page_with_errors: Page, client: httpx.Client) -> None:
    page = page_with_errors
    client.post("/tags", json={"name": "red, green"})
    page.goto("/?artifact=skill:one")
    page.get_by_role("button", name="Edit tags").click()
    dialog = page.get_by_role("dialog", name="Tags of one")
    # The user types the next tag before the list shows the last one.
    held: list[Route] = []
    page.get_by_label("Add a tag").fill("blue, yellow")
    page.route("**/artifacts/*/tags", lambda route: held.append(route))  # noqa: PLW0108 - no builtin
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_contain_text("blue, yellow")
    page.get_by_label("Add a tag").fill("red, green")
    for each in held:
        each.continue_()
    page.unroute("**/artifacts/*/tags")
    expect(dialog.locator("li .name")).to_have_text(["blue", "yellow"])
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_contain_text("red, green")
    page.get_by_label("Add a tag").fill("\u200b")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("no visible character")
    assert find_violations(page) == []
    dialog.get_by_role("button", name="Remove blue").click()
    expect(dialog.locator("li .name")).to_have_text(["red, green", "yellow"])

    assert client.get("/artifacts/skill:one").json()["tags"] == ["red, green", "yellow"]


def test_a_name_that_cannot_be_seen_is_refused_in_plain_words(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="New collection").click()
    said = page.get_by_role("dialog").get_by_role("alert")
    for name in ("", "  ", "\u200b", "\u00ad\u2060", "x" * 300):
        page.get_by_label("Name").fill("…")
        page.get_by_label("Name").evaluate("(field, name) => { field.value = name; }", name)
        page.keyboard.press("Enter")

        expect(said).to_contain_text("300" if len(name) == 300 else "no visible character")


def test_add_to_lists_any_number_of_collections_from_a_to_z(
    page: Page, shared_conn: Connection
) -> None:
    shared_conn.execute(
        "insert into collections (name) select 'Many ' || n from generate_series(1, 120) as n"
    )
    page.goto("/")
    page.get_by_role("button", name="Add to… one").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".name").nth(1)).to_have_text("Many 1")
    expect(dialog.get_by_role("status")).to_have_text("101 of 121 collections.")
    dialog.get_by_role("button", name="Show more").press("Enter")
    expect(dialog.locator("ul .name").last).to_have_text("Many 120")
    expect(dialog.get_by_role("checkbox", name="Many 101")).to_be_focused()

    dialog.get_by_label("Search collections").fill("ny 12")

    expect(dialog.locator("ul .name")).to_have_text(["Many 12", "Many 120"])
