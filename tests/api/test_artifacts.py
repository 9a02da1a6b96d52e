"""`/artifacts`: every filter, alone and combined, against its plain definition."""

import base64
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from psycopg import Connection

from skillmeat.catalogue.artifact_filters import ArtifactFilters
from skillmeat.catalogue.artifact_page import count_total, select_page
from skillmeat.database.query import Conn
from tests.api.serving import RunningServer

KINDS = ("agent", "hook", "skill")
UNUSED = ("command", "composite", "mcp", "mcp_server", "rule_file", "spec_file", "workflow")
TAGS = ("Red Tag", "blue", "green")
TOOLS = ("Bash", "Read", "Write")
COLLECTIONS = ("default", "few", "none")


@dataclass(frozen=True)
class ExpectedArtifact:
    """An artifact as `artifact_summaries_live` shows it."""

    id: str
    type: str
    tags: set[str]
    tools: set[str]
    collections: set[str]


@pytest.fixture(scope="module")
def stored(shared_conn: Connection) -> list[ExpectedArtifact]:
    """Add sixty artifacts, with tools in every format that the catalogue reads."""
    draw = random.Random(5)  # noqa: S311 - no secret
    conn = shared_conn
    for name in COLLECTIONS:
        conn.execute("insert into collections (id, name) values (%s, %s)", [name, name.title()])
    for tag in TAGS:
        conn.execute("insert into tags (name, slug) values (%s, %s)", [tag, tag.lower()])
    for number in range(60):
        kind = draw.choice(KINDS)
        tools = draw.sample(TOOLS, draw.randint(0, 2))
        metadata = draw.choice(
            [{"tools": tools}, {"tools": ", ".join(tools)}, {"allowed-tools": tools}]
        )
        name = f"needle {number:02}" if number % 4 == 0 else f"thing {number:02}"
        conn.execute(
            "insert into artifacts (type, name, metadata) values (%s, %s, %s)",
            [kind, name, json.dumps(metadata)],
        )
        artifact = f"{kind}:{name}"
        for collection, share in (("default", 1.0), ("few", 0.4)):
            if draw.random() < share:
                conn.execute(
                    "insert into collection_artifacts (collection_id, artifact_id) values (%s, %s)",
                    [collection, artifact],
                )
        conn.execute(
            "insert into artifact_tags (artifact_id, tag_id)"
            " select %s, id from tags where name = any (%s)",
            [artifact, draw.sample(TAGS, draw.randint(0, 2))],
        )
    return list(_read_expected(conn))


def _read_expected(conn: Conn) -> Iterator[ExpectedArtifact]:
    for id_, kind, tags, collections, metadata in conn.execute(
        "select id, type, tags, collections, metadata from artifact_summaries_live order by id"
    ):
        tools = metadata.get("tools", metadata.get("allowed-tools"))
        listed = tools if isinstance(tools, list) else [t for t in tools.split(", ") if t]
        yield ExpectedArtifact(
            id_, kind, set(tags), set(listed), {each["id"] for each in collections}
        )


@dataclass(frozen=True)
class Filters:
    """A random combination of filters."""

    types: list[str]
    collection: str | None
    tags: list[str]
    tools: list[str]
    search: str | None

    def matches(self, artifact: ExpectedArtifact) -> bool:
        """Return whether an artifact matches every filter: their plain definition."""
        return (
            (not self.types or artifact.type in self.types)
            and (self.collection is None or self.collection in artifact.collections)
            and (not self.tags or bool(artifact.tags & set(self.tags)))
            and (not self.tools or bool(artifact.tools & set(self.tools)))
            and (self.search is None or self.search in artifact.id)
        )

    def parameters(self) -> dict[str, str]:
        """Return the filters as query parameters."""
        given = {
            "artifact_type": ",".join(self.types),
            "collection": self.collection,
            "tags": ",".join(self.tags),
            # Tools match in upper or lower case.
            "tools": ",".join(self.tools).swapcase(),
            "search": self.search,
        }
        return {name: value for name, value in given.items() if value}


def draw_filters(seed: int) -> Filters:
    draw = random.Random(seed)  # noqa: S311 - no secret
    return Filters(
        types=draw.choice([[], ["skill"], ["agent", "hook"], ["mcp"]]),
        collection=draw.choice([None, None, *COLLECTIONS]),
        tags=draw.choice([[], [], ["blue"], ["Red Tag", "green"], ["unheard of"]]),
        tools=draw.choice([[], [], ["Read"], ["Bash", "Write"]]),
        search=draw.choice([None, None, "needle"]),
    )


@pytest.mark.parametrize("seed", range(20))
def test_pages_contain_the_artifacts_that_match_every_filter(
    client: httpx.Client, stored: list[ExpectedArtifact], seed: int
) -> None:
    chosen = draw_filters(seed)
    expected = [artifact.id for artifact in stored if chosen.matches(artifact)]

    found: list[str] = []
    totals: set[int] = set()
    after: dict[str, str] = {}
    while True:
        page = client.get(
            "/artifacts", params={"limit": "7", **chosen.parameters(), **after}
        ).json()
        found += [item["id"] for item in page["items"]]
        totals.add(page["page_info"]["total_count"])
        if not page["page_info"]["has_next_page"]:
            break
        after = {"after": page["page_info"]["end_cursor"]}

    assert (found, totals) == (expected, {len(expected)})


@pytest.mark.parametrize("types", [["skill"], ["agent", "hook", *UNUSED]])
@pytest.mark.parametrize("collection", [None, "few"])
def test_long_lists_of_tags_and_types_match_like_short_lists(
    client: httpx.Client, stored: list[ExpectedArtifact], types: list[str], collection: str | None
) -> None:
    tags = [f"unheard of {number}" for number in range(100)]
    chosen = Filters(types, collection, ["green", *tags, "Red Tag"], [], None)
    expected = [artifact.id for artifact in stored if chosen.matches(artifact)]

    page = client.get("/artifacts", params={"limit": "500", **chosen.parameters()}).json()

    found = [item["id"] for item in page["items"]]
    assert (found, page["page_info"]["total_count"]) == (expected, len(expected))


def test_a_statement_does_not_grow_with_long_lists_of_tags_and_types() -> None:
    some, many = (
        [
            part.as_bytes()
            for filters in (
                ArtifactFilters.from_parameters({"tags": names}),
                ArtifactFilters.from_parameters({"types": names}),
                ArtifactFilters.from_parameters({"tags": names, "types": names}),
            )
            for part in (select_page(filters, 50), count_total(filters))
        ]
        for names in (["name"] * 10, ["name"] * 1000)
    )

    assert some == many


@pytest.mark.parametrize("seed", range(20, 26))
def test_a_page_before_a_cursor_ends_at_the_row_before_it(
    client: httpx.Client, stored: list[ExpectedArtifact], seed: int
) -> None:
    chosen = draw_filters(seed)
    expected = [artifact.id for artifact in stored if chosen.matches(artifact)]
    end = stored[-1].id if not expected else expected[-1]
    # Every name that matches begins with the search, so its rank is 32.
    cursor = f"32:{end}" if chosen.search else end
    before = base64.b64encode(cursor.encode()).decode()

    page = client.get(
        "/artifacts", params={"limit": "5", "before": before, **chosen.parameters()}
    ).json()

    ids = [item["id"] for item in page["items"]]
    assert (ids, page["page_info"]["has_previous_page"]) == (expected[:-1][-5:], len(expected) > 6)


@pytest.mark.usefixtures("stored")
def test_a_cursor_still_works_after_its_artifact_was_deleted(
    client: httpx.Client, shared_conn: Connection
) -> None:
    shared_conn.execute(
        "insert into artifacts (type, name) values ('agent', 'aa'), ('agent', 'ab')"
    )
    page = client.get("/artifacts?limit=1").json()
    shared_conn.execute("delete from artifacts where id = 'agent:aa'")

    following = client.get(
        "/artifacts", params={"limit": "1", "after": page["page_info"]["end_cursor"]}
    ).json()

    shared_conn.execute("delete from artifacts where id = 'agent:ab'")
    assert [item["id"] for item in following["items"]] == ["agent:ab"]


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("path", ["/artifacts", "/user-collections/few/artifacts", "/tags"])
def test_an_empty_cursor_is_the_first_page(client: httpx.Client, path: str) -> None:
    first, with_none = (client.get(path + query) for query in ("?limit=2", "?limit=2&after="))

    assert (with_none.status_code, with_none.json()) == (200, first.json())


@pytest.mark.usefixtures("stored")
def test_a_collection_filter_accepts_the_name(client: httpx.Client) -> None:
    by_id, by_name = (client.get("/artifacts", params={"collection": c}) for c in ("few", "Few"))

    assert by_id.json() == by_name.json()


def test_a_filter_prefers_the_id_of_a_collection_and_the_name_of_a_tag(
    client: httpx.Client, shared_conn: Connection, stored: list[ExpectedArtifact]
) -> None:
    wanted = stored[0].id
    with shared_conn.transaction():
        shared_conn.execute(
            "insert into collections (id, name) values ('before', 'twin'), ('twin', 'after')"
        )
        shared_conn.execute(
            "insert into tags (id, name, slug) values ('s', 'other', 'twin'), ('n', 'twin', 'last')"
        )
        shared_conn.execute(
            "insert into collection_artifacts (collection_id, artifact_id) values ('twin', %s)",
            [wanted],
        )
        shared_conn.execute(
            "insert into artifact_tags (artifact_id, tag_id) values (%s, 'n')", [wanted]
        )

    found = [
        client.get(f"/artifacts?{each}=twin").json()["items"] for each in ("collection", "tags")
    ]

    shared_conn.execute("delete from collections where 'twin' in (id, name)")
    shared_conn.execute("delete from tags where id in ('s', 'n')")
    assert [[item["id"] for item in items] for items in found] == [[wanted], [wanted]]


def test_a_page_between_two_cursors_is_the_first_one(
    client: httpx.Client, stored: list[ExpectedArtifact]
) -> None:
    ids = [each.id for each in stored]
    after, before = (base64.b64encode(each.encode()).decode() for each in (ids[0], ids[5]))

    pages = [
        client.get("/artifacts", params={"limit": limit, "after": after, "before": before}).json()
        for limit in (2, 9)
    ]

    assert [[item["id"] for item in page["items"]] for page in pages] == [ids[1:3], ids[1:5]]
    assert [page["page_info"]["has_next_page"] for page in pages] == [True, True]


def test_a_cursor_of_any_length_is_one_line(
    client: httpx.Client, shared_conn: Connection, stored: list[ExpectedArtifact]
) -> None:
    assert stored
    shared_conn.execute("insert into artifacts (type, name) values ('agent', %s)", ["a" * 200])

    cursor = client.get("/artifacts?limit=1").json()["page_info"]["end_cursor"]

    shared_conn.execute("delete from artifacts where name = %s", ["a" * 200])
    assert base64.b64decode(cursor, validate=True).decode() == f"agent:{'a' * 200}"


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("artifact_type=nope", 400),
        ("artifact_type=skill,nope", 400),
        ("collection=nope", 404),
        ("limit=0", 422),
        ("limit=501", 422),
        ("limit=x", 422),
        ("after=%25%25%25", 400),
        ("after=YQ", 400),
        ("after=YWJj=", 400),
        ("after=/////w==", 404),
        ("after=AAAA", 404),
        # A cursor of the other order: `skill:a` of a list, and `8:skill:a` of a search.
        ("search=a&after=c2tpbGw6YQ==", 422),
        ("search=a&before=c2tpbGw6YQ==", 422),
        ("after=ODpza2lsbDph", 422),
        ("search=" + "%20".join(f"word{n}" for n in range(17)), 422),
        ("search=%00", 422),
        ("tags=%00", 422),
        ("tag=%00", 422),
    ],
)
def test_an_invalid_parameter_is_refused(client: httpx.Client, query: str, status: int) -> None:
    assert client.get(f"/artifacts?{query}").status_code == status


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("cursor", ["8:skill:a", "0#skill:a", "2026-01-01T00:00:00|skill:a"])
def test_the_artifacts_of_a_collection_have_cursors_by_id_only(
    client: httpx.Client, cursor: str
) -> None:
    after = base64.b64encode(cursor.encode()).decode()

    answer = client.get("/user-collections/few/artifacts", params={"after": after})

    assert (answer.status_code, "is not a cursor of a list by id" in answer.text) == (422, True)


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("blank", ["tag=", "tag=%20", "tag=&tags=,&tools=&search=%20&group_id="])
def test_a_blank_filter_is_none(client: httpx.Client, blank: str) -> None:
    assert client.get(f"/artifacts?{blank}").json() == client.get("/artifacts").json()


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/artifacts/pdf", 400),
        ("/artifacts/:pdf", 400),
        ("/artifacts/skill:", 400),
        ("/artifacts/skill:nope", 404),
        ("/artifacts/skill:%00", 400),
        ("/artifacts/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 400),
        ("/artifacts/skill:'%20or%20true--", 404),
        ("/artifacts/skill:%ff", 400),
    ],
)
def test_an_invalid_artifact_id_is_refused(client: httpx.Client, path: str, status: int) -> None:
    assert client.get(path).status_code == status


@pytest.mark.parametrize(
    "metadata",
    [
        {"tools": "Untidy, Other"},
        {"tools": "  Untidy ,\n Other\n"},
        {"tools": "Untidy,, Other,"},
        {"tools": "", "allowed-tools": "Untidy, Other"},
    ],
)
def test_tools_are_found_in_any_format_of_their_list(
    client: httpx.Client, shared_conn: Connection, metadata: dict[str, str]
) -> None:
    shared_conn.execute(
        "insert into artifacts (type, name, metadata) values ('mcp', 'untidy', %s)",
        [json.dumps(metadata)],
    )

    page = client.get("/artifacts?tools=untidy").json()

    shared_conn.execute("delete from artifacts where id = 'mcp:untidy'")
    assert [item["metadata"]["tools"] for item in page["items"]] == [["Untidy", "Other"]]


@pytest.mark.parametrize(
    "text", ['"" : null}', '\\"" : null}', "null}\n\t\\", "ä 😀 \x7f", "", None]
)
def test_an_artifact_has_its_texts_and_the_types_of_its_lists(
    client: httpx.Client, shared_conn: Connection, text: str | None
) -> None:
    metadata = {"aliases": [text, 1], "dependencies": text, "linked_artifacts": [{"name": text}]}
    shared_conn.execute(
        "insert into artifacts (type, name, title, description, author, license, metadata)"
        " values ('mcp', 'quoted', %(text)s, %(text)s, %(text)s, %(text)s, %(metadata)s)",
        {"text": text, "metadata": json.dumps(metadata)},
    )

    item = client.get("/artifacts?artifact_type=mcp").json()["items"][0]

    shared_conn.execute("delete from artifacts where id = 'mcp:quoted'")
    read = item["metadata"]
    assert (read["title"], read["description"], read["author"], read["license"]) == (text,) * 4
    assert item["aliases"] == read["dependencies"] == ([] if text is None else [text])
    assert read["linked_artifacts"] == [{"name": text}]
    assert (item["tags"], item["collections"], item["target_platforms"]) == ([], [], None)


def test_an_artifact_is_the_same_alone_as_on_a_page(
    client: httpx.Client, stored: list[ExpectedArtifact]
) -> None:
    page = client.get("/artifacts?limit=500").json()

    alone = [client.get(f"/artifacts/{artifact.id}").json() for artifact in stored]

    assert alone == page["items"]


def test_the_page_and_the_openapi_document_offer_every_type_of_a_new_catalogue(
    server: RunningServer, shared_conn: Connection
) -> None:
    types = {row[0] for row in shared_conn.execute("select type from artifact_types")}

    with httpx.Client(base_url=server.address) as client:
        script = client.get("/page/sorting.js").text.partition("TYPES = [")[2].partition("]")[0]
        paths = client.get("/openapi.json").json()["paths"]
    parameters = paths["/api/v1/artifacts"]["get"]["parameters"]
    pattern = next(each["schema"] for each in parameters if each["name"] == "artifact_type")

    assert set(json.loads(f"[{script.rstrip().rstrip(',')}]")) == types
    assert set(re.findall("[a-z_]+", str(pattern["pattern"]))) == types
