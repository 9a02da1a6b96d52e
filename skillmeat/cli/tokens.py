"""`skillmeat token`: the tokens that the HTTP server accepts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer

from skillmeat.catalogue import Scope, create_token, list_tokens, revoke_token
from skillmeat.cli.options import AsJson
from skillmeat.cli.output import print_json, print_result, print_table
from skillmeat.database.connection import connect
from skillmeat.database.query import Conn
from skillmeat.errors import NotAllowed

app = typer.Typer(no_args_is_help=True, help="Create, list and revoke tokens of the HTTP server.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the token.")]


@contextmanager
def _connect_as_owner() -> Iterator[Conn]:
    try:
        with connect(autocommit=True) as conn:
            yield conn
    except NotAllowed as error:
        message = "only the owner of the schema writes tokens: connect as that role"
        raise NotAllowed(message, sqlstate=error.sqlstate) from error


@app.command()
def create(
    name: Name,
    *,
    scope: Annotated[Scope, typer.Option(help="What it allows; write includes read.")] = "read",
    as_json: AsJson = False,
) -> None:
    """Create a token and print it; print it only now, because the database keeps only its hash.

    Connect as the owner of the schema: the roles of services may only read tokens.
    """
    with _connect_as_owner() as conn:
        created = create_token(conn, name=name, scope=scope)
    document = {**asdict(created.token), "token": created.secret}
    print_result(created.secret, document, as_json=as_json)


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List tokens by name, revoked ones included."""
    with connect(autocommit=True) as conn:
        tokens = list_tokens(conn)
    if as_json:
        print_json([asdict(token) for token in tokens])
        return
    print_table(
        ("name", "scope", "created", "revoked"),
        [
            (
                token.name,
                token.scope,
                f"{token.created_at:%Y-%m-%d %H:%M}",
                f"{token.revoked_at:%Y-%m-%d %H:%M}" if token.revoked_at else "-",
            )
            for token in tokens
        ],
    )


@app.command()
def revoke(name: Name) -> None:
    """Revoke a token; a running server refuses it within seconds."""
    with _connect_as_owner() as conn:
        revoke_token(conn, name)
    typer.echo(f"revoked {name}")
