"""A search finds the rows that its transaction sees, by index."""

from collections.abc import Iterator

import pytest
from psycopg import Connection

import skillmeat
from tests.catalogue.plans import count_rows_read, plans
from tests.conftest import database
from tests.db.test_search import found

# Each statement adds a result to a search for `word`.
CHANGES = (
    ("wombat", "insert into artifacts (type, name) values ('skill', 'wombat')", ["skill:wombat"]),
    ("wombat", "update artifacts set name = 'wombat' where name = 's1'", ["skill:wombat"]),
    ("wombats", "update artifacts set title = 'A wombat' where name = 's1'", ["skill:s1"]),
    ("wombats", "update artifacts set description = 'A wombat' where name = 's1'", ["skill:s1"]),
    (
        "omba",
        "update tags set name = 'Wombat' where id = 'q'",
        ["agent:a1", "agent:a2", "agent:a3"],
    ),
    (
        "wombat",
        (
            "insert into tags (id, name, slug) values ('w', 'wombat', 'w');"
            "insert into artifact_tags (artifact_id, tag_id) values ('skill:s1', 'w')"
        ),
        ["skill:s1"],
    ),
    (
        "wombat",
        (
            "insert into artifact_contents (content_hash, content) values ('w', '- Wombats!');"
            "insert into artifact_versions (artifact_id, content_hash)"
            " values ('skill:s1', 'w'), ('agent:a2', 'w')"
        ),
        ["agent:a2", "skill:s1"],
    ),
)
# Each statement removes results from a search for `quokka`.
QUOKKAS = """
update artifacts set description = 'quokka' where name in ('s1', 's2', 's3');
insert into artifacts (type, name) values ('skill', 'quokka');
insert into tags (id, name, slug) values ('w', 'quokka', 'w');
insert into artifact_tags (artifact_id, tag_id) values ('agent:a1', 'w'), ('agent:a2', 'w');
insert into artifact_contents (content_hash, content) values ('w', 'A quokka.');
insert into artifact_versions (artifact_id, content_hash) values ('agent:a3', 'w');
"""
FOUND = {"skill:s1", "skill:s2", "skill:s3", "skill:quokka", "agent:a1", "agent:a2", "agent:a3"}
TAKEN = (
    ("update artifacts set description = null where name = 's1'", {"skill:s1"}),
    ("update artifacts set name = 'other' where name = 'quokka'", {"skill:quokka"}),
    ("delete from artifacts where name in ('s1', 'quokka')", {"skill:s1", "skill:quokka"}),
    ("delete from artifact_tags where artifact_id = 'agent:a1'", {"agent:a1"}),
    ("update tags set name = 'other' where id = 'w'", {"agent:a1", "agent:a2"}),
    ("delete from tags where id = 'w'", {"agent:a1", "agent:a2"}),
    ("update artifact_contents set content = 'A wombat.'", {"agent:a3"}),
    ("delete from artifact_versions where content_hash = 'w'", {"agent:a3"}),
    (
        (
            "insert into artifact_versions (artifact_id, content_hash, created_at)"
            " values ('agent:a3', 'no text', 'infinity')"
        ),
        {"agent:a3"},
    ),
    ("truncate artifacts cascade", FOUND),
)


@pytest.mark.parametrize(("search", "change", "ids"), CHANGES)
def test_a_search_finds_an_uncommitted_change_in_its_own_session_only(
    sample: Connection, observer: Connection, search: str, change: str, ids: list[str]
) -> None:
    before = found(sample, search)

    sample.execute(change)

    inside, outside = sorted(found(sample, search)), found(observer, search)
    sample.commit()
    after = sorted(found(observer, search))
    assert (before, inside, outside, after) == ([], ids, [], ids)


@pytest.mark.parametrize(("change", "gone"), TAKEN, ids=[change for change, _ in TAKEN])
def test_a_search_does_not_find_removed_text(
    sample: Connection, change: str, gone: set[str]
) -> None:
    sample.execute(QUOKKAS)
    before = set(found(sample, "quokka"))

    sample.execute(change)

    assert (before, set(found(sample, "quokka"))) == (FOUND, FOUND - gone)


def test_a_search_does_not_find_a_rolled_back_change(sample: Connection) -> None:
    sample.execute(QUOKKAS)
    sample.rollback()

    assert found(sample, "quokka") == []


MANY = """
insert into artifacts (type, name, title, description)
select 'skill', 'name-' || n, 'Title ' || n, 'Does this and that for ' || n
from generate_series(1, 5000) as n;
insert into artifacts (type, name, description) values ('agent', 'zebrafish', 'A rare quokka');
insert into tags (id, name, slug)
select 't' || n, 'tag ' || n, n from generate_series(1, 1000) as n;
insert into artifact_tags (artifact_id, tag_id)
select id, 't' || 1 + ((hashtext(id) & 65535) + n) % 1000
from artifacts, generate_series(1, 4) as n;
insert into tags (id, name, slug) values ('rare', 'Wombats', 'wombats');
insert into artifact_tags (artifact_id, tag_id) values ('agent:zebrafish', 'rare');
insert into artifact_versions (artifact_id, content_hash) select id, md5(id) from artifacts;
insert into artifact_contents (content_hash, content)
select md5(id), 'A text' || case when type = 'agent' then ' of a platypus' else '' end
from artifacts;
"""
LARGE = frozenset({"artifacts", "artifact_contents", "artifact_tags", "artifact_versions", "tags"})


@pytest.fixture(scope="module", params=["analysed", "never analysed"])
def many(request: pytest.FixtureRequest, server_url: str, template: str) -> Iterator[str]:
    """Yield the URL of a database with 5,001 artifacts, one of which has rare words only."""
    with database(server_url, template=template) as url:
        with skillmeat.connect(url, autocommit=True) as conn:
            conn.execute(MANY)
            if request.param == "analysed":
                conn.execute("analyze")
        yield url


@pytest.mark.parametrize("plan", ["custom", "generic"])
@pytest.mark.parametrize(
    "search",
    ["quokkas", "quok", "brafi", "wombat", "omba", "wombat fish quokka", "platypus", "absent", "~"],
)
def test_a_search_for_a_rare_word_reads_only_its_rows(many: str, search: str, plan: str) -> None:
    with skillmeat.connect(many, autocommit=True) as conn:
        conn.execute(f"set plan_cache_mode = force_{plan}_plan")
        with plans(conn) as told:
            conn.execute("set auto_explain.log_nested_statements = on")
            found(conn, search)

    assert len(told) > 2
    assert sum(count_rows_read(each, of=LARGE) for each in told) <= 12


def test_analyze_computes_no_words(sample: Connection) -> None:
    sample.execute("analyze artifacts, artifact_contents, tags")

    with_statistics = sample.execute(
        "select s.tablename from pg_stats as s"
        " inner join pg_class as c on c.relname = s.tablename and c.relkind = 'i'"
        " inner join pg_am as m on m.oid = c.relam and m.amname = 'gin'"
    ).fetchall()
    assert with_statistics == []
