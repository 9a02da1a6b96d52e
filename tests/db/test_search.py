"""search_artifacts() finds and ranks artifacts, and reads no character as an operator."""

import random
import re
import string
from collections.abc import Iterator
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from psycopg import Connection, errors, sql

import skillmeat
from skillmeat.models.base import INVISIBLE
from tests.conftest import database

HOSTILE = r"""it's "a" \ & | ! : * ( ) % _ , <-> $$ ?"""

CATALOGUE = """
insert into artifacts (type, name, title, description)
values
    ('skill', 'kube-deploy', 'Deployment', 'Ships containers to Kubernetes'),
    ('agent', 'code-reviewer', 'Reviewer', 'Tests what it reads, then says so'),
    ('agent', 'CodeBot', null, null),
    ('skill', 'node.js', null, 'JavaScript on a server, see https://nodejs.org/en/learn'),
    ('command', 'pdf/fill_form', 'Forms', null),
    ('skill', 'c++', 'C++', 'The language'),
    ('skill', 'x', 'Feline', 'Cats and career advice'),
    ('skill', 'Émile\u2013Ωmega', null, 'Schreibt Ärgerliches'),
    ('skill', '日本語', null, null),
    ('skill', 'the who', null, null);
insert into tags (id, name, slug)
values ('ml', 'Machine Learning', 'ml'), ('q', 'Quality/Tests', 'q'), ('none', 'Unused', 'u');
insert into artifact_tags (artifact_id, tag_id)
values ('skill:kube-deploy', 'ml'), ('skill:node.js', 'ml'), ('skill:x', 'q');
"""


@pytest.fixture(scope="module")
def catalogue(server_url: str, template: str) -> Iterator[Connection]:
    """Yield a connection to artifacts to search; the tests roll their rows back."""
    with database(server_url, template=template) as url, skillmeat.connect(url) as conn:
        conn.execute(CATALOGUE)
        conn.execute("insert into artifacts (type, name) values ('hook', %s)", [HOSTILE])
        conn.commit()
        yield conn


@pytest.fixture
def searched(catalogue: Connection) -> Iterator[Connection]:
    """Yield the connection of `catalogue`, and roll it back after the test."""
    yield catalogue
    catalogue.rollback()


FINDS: tuple[tuple[str, list[str]], ...] = (
    # A piece of a name, of any length and anywhere.
    ("kube-deploy", ["skill:kube-deploy"]),
    ("be-dep", ["skill:kube-deploy"]),
    ("y", ["skill:kube-deploy", "skill:x"]),
    ("oy", ["skill:kube-deploy"]),
    ("/fill_f", ["command:pdf/fill_form"]),
    ("++", ["skill:c++"]),
    ("本", ["skill:日本語"]),
    ("odeb", ["agent:CodeBot"]),
    ("codeview", []),
    # A word beside any signs, by its stem or its beginning.
    ("reviewing", ["agent:code-reviewer"]),
    ("form", ["command:pdf/fill_form"]),
    ("kubern", ["skill:kube-deploy"]),
    ("testing", ["agent:code-reviewer", "skill:x"]),
    ("nodejs.org", ["skill:node.js"]),
    ("felines", ["skill:x"]),
    ("learn", ["skill:kube-deploy", "skill:node.js"]),
    # Caring has the stem of care, and a career does not begin with it.
    ("caring", []),
    # A single letter is a word, not the beginning of one.
    (
        "l",
        [
            "command:pdf/fill_form",
            "skill:kube-deploy",
            "skill:node.js",
            "skill:x",
            "skill:Émile\u2013Ωmega",
        ],
    ),
    # A tag.
    ("machine-learning", ["skill:kube-deploy", "skill:node.js"]),
    ("achin", ["skill:kube-deploy", "skill:node.js"]),
    ("y/t", ["skill:x"]),
    ("quaests", []),
    ("unused", []),
    # Every term, wherever it is found.
    ("machine kubernetes", ["skill:kube-deploy"]),
    ("code tests", ["agent:code-reviewer"]),
    ("kube  \t kube\n", ["skill:kube-deploy"]),
    ("kubernetes javascript", []),
    # Stop words and signs count where there is nothing else.
    ("the", ["skill:the who"]),
    ("the server", ["skill:node.js"]),
    ("forms & the pdf", ["command:pdf/fill_form"]),
    ("the ++", []),
    # Case does not matter.
    ("CODEBOT", ["agent:CodeBot"]),
    ("KUBERNETES", ["skill:kube-deploy"]),
    ("", []),
    (" \n", []),
)


@pytest.mark.parametrize(("search", "ids"), FINDS, ids=[search for search, _ in FINDS])
def test_a_search_finds(searched: Connection, search: str, ids: list[str]) -> None:
    assert sorted(found(searched, search)) == ids


@pytest.mark.parametrize("search", ["émile", "ÉMILE\u2013", "ωmega", "ÄRGERLICHES", "ärger"])
def test_case_does_not_matter_beyond_ascii(searched: Connection, search: str) -> None:
    if searched.execute("""select lower('É' collate "default")""").fetchone() == ("É",):
        pytest.skip("the locale of this server knows no letters but ASCII's")

    assert found(searched, search) == ["skill:Émile\u2013Ωmega"]


def test_a_blank_search_finds_nothing(searched: Connection) -> None:
    assert searched.execute("select * from search_artifacts(null)").fetchall() == []


@pytest.mark.parametrize("term", HOSTILE.split())
def test_a_search_takes_signs_as_text(searched: Connection, term: str) -> None:
    assert f"hook:{HOSTILE}" in found(searched, term)


@pytest.mark.parametrize(
    "search",
    [
        "') or true --",
        "kube:*|c",
        "!kube",
        "'kube' & 'x'",
        r"\kube",
        "%ube",
        "kube_deploy!",
        "kube:A",
        "<-> <2> :*",
        "\x01\x7f",
        "🚀" * 500,
        "k" * 500,
    ],
)
def test_a_search_has_no_operators(searched: Connection, search: str) -> None:
    assert set(found(searched, search)) <= {"skill:kube-deploy"}


@pytest.mark.parametrize(
    "search",
    ["x" * 501, "x " * 5000, " ".join(f"w{n}" for n in range(17))],
    ids=["501 characters", "10,000 characters", "17 words"],
)
def test_too_long_a_search_is_refused(searched: Connection, search: str) -> None:
    with pytest.raises(errors.InvalidParameterValue, match="at most 16 different words and 500"):
        found(searched, search)


def test_a_word_repeated_counts_once(searched: Connection) -> None:
    assert found(searched, "kube " * 100) == ["skill:kube-deploy"]


# The catalogue refuses a name of invisible characters alone.
VISIBLE = re.compile(f"[^{INVISIBLE}]")
NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60
).filter(lambda text: text == text.strip() and VISIBLE.search(text))


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(data=st.data())
def test_any_substring_of_a_name_finds_it(searched: Connection, data: st.DataObject) -> None:
    name = data.draw(NAMES)
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    pieces = name[start:end].split()
    assume(pieces and len(set(pieces)) <= 16)
    searched.rollback()
    searched.execute(
        "insert into artifacts (type, name) values ('workflow', %s) on conflict do nothing", [name]
    )

    assert f"workflow:{name}" in found(searched, " ".join(pieces))


RANKED = """
insert into artifacts (type, name, description)
values
    ('hook', 'zebra', null), ('hook', 'zebras', null), ('hook', 'a-zebra', null),
    ('hook', 'azebra', null), ('hook', 'tagged', null), ('hook', 'described', 'Zebras graze'),
    ('hook', 'b-zebra-graze', 'Zebras graze'), ('hook', 'told', null), ('hook', 'retold', null);
insert into tags (id, name, slug) values ('z', 'Zebra', 'z');
insert into artifact_tags (artifact_id, tag_id) values ('hook:tagged', 'z'), ('hook:zebra', 'z');
insert into artifact_versions (artifact_id, content_hash, created_at)
values
    ('hook:told', 'old', '2026-01-01'), ('hook:told', 'both', '2026-01-02'),
    ('hook:zebra', 'both', '2026-01-01'), ('hook:retold', 'both', '2026-01-01'),
    ('hook:retold', 'new', '2026-01-02');
insert into artifact_contents (content_hash, content)
values ('old', 'Ancient'), ('both', '# zebra/graze'), ('new', 'Nothing');
"""


def test_names_come_first_then_tags_then_descriptions_then_texts(searched: Connection) -> None:
    searched.execute(RANKED)

    assert ranks(searched, "zebra") == [
        ("hook:zebra", 64),
        ("hook:zebras", 32),
        ("hook:a-zebra", 16),
        ("hook:b-zebra-graze", 16),
        ("hook:azebra", 8),
        ("hook:tagged", 4),
        ("hook:described", 2),
        ("hook:told", 1),
    ]
    # Only the text of the newest version is searched.
    assert (found(searched, "ancient"), found(searched, "nothing")) == ([], ["hook:retold"])


def test_ranks_of_terms_add_up(searched: Connection) -> None:
    searched.execute(RANKED)

    assert ranks(searched, "zebra graze") == [
        ("hook:zebra", 33),
        ("hook:b-zebra-graze", 32),
        ("hook:described", 4),
        ("hook:told", 2),
    ]


def test_a_name_of_several_words_is_found_exactly(searched: Connection) -> None:
    assert ranks(searched, " The WHO ") == [("skill:the who", 128)]


@pytest.mark.parametrize("role", ["skillmeat_app", "skillmeat_reader"])
def test_both_roles_may_search(searched: Connection, role: str) -> None:
    searched.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))

    assert found(searched, "kubernetes") == ["skill:kube-deploy"]


def test_a_writer_of_artifacts_needs_no_privilege_for_the_index(searched: Connection) -> None:
    searched.execute(
        sql.SQL(
            "create role {0}; grant usage on schema skillmeat to {0}; "
            "grant select, update (name) on artifacts to {0}; set local role {0}"
        ).format(sql.Identifier(f"guest_{uuid4().hex}"))
    )

    searched.execute("update artifacts set name = 'quagga' where name = 'x'")

    searched.execute("reset role")
    assert found(searched, "quagga") == ["skill:quagga"]


def test_a_description_of_any_size_can_be_written(searched: Connection) -> None:
    searched.execute(
        "update artifacts set description = 'w ' || (select string_agg(chr(n), ' ') "
        "from generate_series(66000, 366000) as n) || repeat(' w' || repeat('x', 3000), 500) "
        "where name = 'x'"
    )

    assert found(searched, "x w")[:1] == ["skill:x"]


@pytest.mark.parametrize(
    "words",
    [
        # As many different words as fit, of characters of one byte and of four bytes.
        "string_agg(to_hex(n), ' ') from generate_series(1000000, 1149000) as n",
        "string_agg(chr(n), ' ') from generate_series(66000, 275000) as n",
        "string_agg(chr(n) || chr(n + 1), ' ') from generate_series(66000, 180000) as n",
    ],
)
def test_a_text_of_any_words_can_be_written(searched: Connection, words: str) -> None:
    searched.execute(
        f"insert into artifact_contents (content_hash, content) select 'w', 'wombat ' || {words}"
    )
    searched.execute(
        "insert into artifact_versions (artifact_id, content_hash) values ('skill:x', 'w')"
    )

    assert found(searched, "wombats") == ["skill:x"]


def test_any_punctuation_of_ascii_separates_words(searched: Connection) -> None:
    # The index replaces only the punctuation of which the parser makes words.
    others = ["e", "5", "0", "x1", "http", "www", "com", "é", "漢", " ", "\n"]
    parts = random.Random(1).choices([*string.punctuation, *others], k=20_000)  # noqa: S311 - no secret
    texts = {"".join(parts[i : i + 10]): "" for i in range(0, len(parts), 5)}
    for text in texts:
        texts[text] = re.sub(f"[{re.escape(string.punctuation)}]", " ", text)
    with (
        searched.cursor() as cursor,
        cursor.copy("copy artifact_contents (content_hash, content) from stdin") as copy,
    ):
        for text in texts:
            copy.write_row((text, text))

    differing = searched.execute(
        """
        select c.content_hash, c.content_words::text
        from unnest(%s::text[], %s::text[]) as t (text, separated)
        inner join searchable_contents as c on c.content_hash = t.text
        where c.content_words <> to_tsvector('pg_catalog.english', t.separated)
        """,
        (list(texts), list(texts.values())),
    ).fetchall()

    assert differing == []


def found(conn: Connection, search: str) -> list[str]:
    """Return the ids that a search finds, in order of rank."""
    return [artifact for artifact, _ in ranks(conn, search)]


def ranks(conn: Connection, search: str) -> list[tuple[str, int]]:
    """Return the ids that a search finds, with their ranks."""
    return conn.execute(
        "select artifact_id, rank from search_artifacts(%s) order by rank desc, artifact_id",
        [search],
    ).fetchall()
