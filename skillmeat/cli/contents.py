"""Show the text of an artifact, and the difference between two texts."""

from difflib import unified_diff
from typing import Annotated, Final

import typer

from skillmeat.catalogue import ArtifactContent, get_content
from skillmeat.cli.connections import read
from skillmeat.cli.options import AsJson
from skillmeat.cli.output import escape_controls, escape_lines, print_json, print_notice
from skillmeat.database.query import Conn
from skillmeat.errors import SkillMeatError, UnknownArtifact

VERSION_HELP: Final = "its number, its hash or the first 8 or more characters of that"


def show_content(artifact_id: str, version: str | None, *, as_json: bool) -> None:
    """Print the text of a version."""
    found, text = read(lambda conn: _read_text(conn, artifact_id, version))
    if as_json:
        print_json(found)
        return
    for line in escape_lines(text):
        typer.echo(line)


def diff(
    artifact_id: str,
    other_id: Annotated[
        str | None, typer.Argument(metavar="[OTHER_ID]", help="By default the same artifact.")
    ] = None,
    *,
    from_version: Annotated[
        str | None,
        typer.Option("--from", metavar="VERSION", help=f"The first version: {VERSION_HELP}."),
    ] = None,
    to_version: Annotated[
        str | None,
        typer.Option("--to", metavar="VERSION", help="The second version; by default the newest."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare the texts of two artifacts, or of two versions of one artifact with --from."""
    if other_id is None and from_version is None:
        message = "one artifact is compared with itself: name a second one, or give --from"
        raise typer.BadParameter(message, param_hint="OTHER_ID")
    (first, first_text), (second, second_text) = read(
        lambda conn: (
            _read_text(conn, artifact_id, from_version),
            _read_text(conn, other_id or artifact_id, to_version),
        )
    )
    lines = list(
        unified_diff(
            escape_lines(first_text),
            escape_lines(second_text),
            _get_label(first),
            _get_label(second),
            lineterm="",
        )
    )
    if as_json:
        print_json({"from": first, "to": second, "diff": lines})
        return
    for line in lines:
        typer.echo(line)
    if not lines:
        print_notice("the texts have the same lines")


def _read_text(conn: Conn, artifact_id: str, version: str | None) -> tuple[ArtifactContent, str]:
    found = get_content(conn, artifact_id, version=version)
    if found is None:
        raise UnknownArtifact.from_ids(artifact_id)
    if found.content is not None:
        return found, found.content
    if version is not None and found.content_hash is None:
        message = f"{artifact_id} has no version {version!r}: {VERSION_HELP} names one"
    else:
        of_version = "" if version is None else f" of version {version!r}"
        message = f"no text{of_version} of {artifact_id} is kept: import it again with its text"
    raise SkillMeatError(message)


def _get_label(content: ArtifactContent) -> str:
    version = content.version or str(content.content_hash)[:12]
    return escape_controls(f"{content.artifact_id} {version}")
