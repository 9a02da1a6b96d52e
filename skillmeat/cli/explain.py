"""`skillmeat explain`: what a read sends to the server, and what the server does for it."""

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
from skillmeat.cli.connections import open_snapshot
from skillmeat.cli.explain_output import ExplainReport, OutputFormat, build_report, print_report
from skillmeat.cli.output import After, AsJson, Before, Limit
from skillmeat.explain import ExplainedRead, explain_read
from skillmeat.query import Conn

app = typer.Typer(
    no_args_is_help=True,
    help="Run a read, and say which statements it is and what they cost, in words.",
)

AsSql = Annotated[
    bool, typer.Option("--sql", help="Print the statements alone, with their values, for psql.")
]
AsPlan = Annotated[bool, typer.Option("--plan", help="Print PostgreSQL's own plans instead.")]


@app.command("list")
def list_(  # noqa: PLR0913 - an option each
    *,
    limit: Limit = 50,
    after: After = None,
    before: Before = None,
    artifact_type: Annotated[
        str | None, typer.Option("--type", help="Only those of this type, such as skill.")
    ] = None,
    collection: Annotated[
        str | None,
        typer.Option(
            help="Only those of the collection of this id or name, which is looked up before."
        ),
    ] = None,
    tag: Annotated[str | None, typer.Option(help="Only those with the tag of this slug.")] = None,
    search: Annotated[
        str | None, typer.Option(help="Only those with these words or pieces of a name.")
    ] = None,
    as_sql: AsSql = False,
    as_plan: AsPlan = False,
    as_json: AsJson = False,
) -> None:
    """Explain a page of artifacts, as `skillmeat artifacts list` and applications read it."""

    def read(conn: Conn) -> Iterator[ExplainedRead]:
        member_of = None if collection is None else find_collection(conn, collection).id
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
    known_as: Annotated[str, typer.Argument(metavar="COLLECTION", help="Its id or its name.")],
    *,
    limit: Limit = 50,
    after: After = None,
    as_sql: AsSql = False,
    as_plan: AsPlan = False,
    as_json: AsJson = False,
) -> None:
    """Explain a collection, its groups and a page of its artifacts: three reads."""

    def read(conn: Conn) -> Iterator[ExplainedRead]:
        one = explain_read(conn, "find_collection", lambda: find_collection(conn, known_as))
        yield one
        assert isinstance(one.result, Collection)  # noqa: S101 - an unknown one is an error
        of = one.result.id
        yield explain_read(conn, "list_groups", lambda: list_groups(conn, of))
        yield explain_read(
            conn,
            "list_artifacts",
            lambda: list_artifacts(conn, limit=limit, after=after, collection=of),
        )

    _explain(read, OutputFormat.from_options(as_sql=as_sql, as_plan=as_plan, as_json=as_json))


@app.command()
def collections(  # noqa: PLR0913 - an option each
    *,
    limit: Limit = 50,
    after: After = None,
    search: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only those whose name holds this.")
    ] = None,
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
    with open_snapshot() as conn:
        report: ExplainReport = build_report(conn, tuple(read(conn)), output_format)
        conn.rollback()
    print_report(report, output_format)
