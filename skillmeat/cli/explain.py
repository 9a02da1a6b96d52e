"""`skillmeat explain`: the statements of a read, and the work of the server for them."""

from collections.abc import Callable, Iterator
from typing import Annotated

import typer

from skillmeat.catalogue import (
    Collection,
    find_collection,
    list_artifacts,
    list_collections,
    list_groups,
)
from skillmeat.cli.connections import read as read_snapshot
from skillmeat.cli.explain_output import ExplainReport, OutputFormat, build_report, print_report
from skillmeat.cli.filters import check_filters
from skillmeat.cli.options import (
    After,
    ArtifactType,
    AsJson,
    Before,
    IdOrName,
    InCollection,
    Limit,
    NameSearch,
    Search,
    WithTag,
)
from skillmeat.database.query import Conn
from skillmeat.explain import ExplainedRead, explain_read

app = typer.Typer(
    no_args_is_help=True,
    help="Run a read, and explain in words which statements it sends and what they cost.",
)

AsSql = Annotated[
    bool, typer.Option("--sql", help="Print only the statements, with their values, for psql.")
]
AsPlan = Annotated[bool, typer.Option("--plan", help="Print PostgreSQL's own plans.")]


@app.command("list")
def list_(  # noqa: PLR0913 - an option each
    *,
    limit: Limit = 50,
    after: After = None,
    before: Before = None,
    artifact_type: ArtifactType = None,
    collection: InCollection = None,
    tag: WithTag = None,
    search: Search = None,
    as_sql: AsSql = False,
    as_plan: AsPlan = False,
    as_json: AsJson = False,
) -> None:
    """Explain a page of artifacts, as `skillmeat artifacts list` and applications read it.

    The statements that look up the type, the tag and the collection are not explained.
    """

    def read(conn: Conn) -> Iterator[ExplainedRead]:
        member_of = check_filters(conn, artifact_type=artifact_type, collection=collection, tag=tag)
        yield explain_read(
            conn,
            "list_artifacts",
            lambda: list_artifacts(
                conn,
                limit=limit,
                after=after,
                before=before,
                type=artifact_type,
                collection=member_of,
                tag=tag,
                search=search,
            ),
        )

    _explain(read, OutputFormat.from_options(as_sql=as_sql, as_plan=as_plan, as_json=as_json))


@app.command("collection")
def collection_(  # noqa: PLR0913 - an option each
    id_or_name: IdOrName,
    *,
    limit: Limit = 50,
    after: After = None,
    as_sql: AsSql = False,
    as_plan: AsPlan = False,
    as_json: AsJson = False,
) -> None:
    """Explain a collection, its groups and a page of its artifacts: three reads."""

    def read(conn: Conn) -> Iterator[ExplainedRead]:
        found = explain_read(conn, "find_collection", lambda: find_collection(conn, id_or_name))
        yield found
        assert isinstance(found.result, Collection)  # noqa: S101 - an unknown one has raised
        collection = found.result.id
        yield explain_read(conn, "list_groups", lambda: list_groups(conn, collection))
        yield explain_read(
            conn,
            "list_artifacts",
            lambda: list_artifacts(conn, limit=limit, after=after, collection=collection),
        )

    _explain(read, OutputFormat.from_options(as_sql=as_sql, as_plan=as_plan, as_json=as_json))


@app.command()
def collections(  # noqa: PLR0913 - an option each
    *,
    limit: Limit = 50,
    after: After = None,
    search: NameSearch = None,
    as_sql: AsSql = False,
    as_plan: AsPlan = False,
    as_json: AsJson = False,
) -> None:
    """Explain a page of collections."""

    def read(conn: Conn) -> Iterator[ExplainedRead]:
        yield explain_read(
            conn,
            "list_collections",
            lambda: list_collections(conn, limit=limit, after=after, search=search),
        )

    _explain(read, OutputFormat.from_options(as_sql=as_sql, as_plan=as_plan, as_json=as_json))


def _explain(read: Callable[[Conn], Iterator[ExplainedRead]], output_format: OutputFormat) -> None:
    def explain(conn: Conn) -> ExplainReport:
        report = build_report(conn, tuple(read(conn)), output_format)
        conn.rollback()
        return report

    print_report(read_snapshot(explain), output_format)
