"""The arguments and options that several commands share."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

Limit = Annotated[int, typer.Option(min=1, help="The most rows to print.")]
After = Annotated[str | None, typer.Option(metavar="ID", help="Start after this id or cursor.")]
Before = Annotated[str | None, typer.Option(metavar="ID", help="End before this id or cursor.")]

ArtifactType = Annotated[
    str | None, typer.Option("--type", help="Only artifacts of this type, such as skill.")
]
InCollection = Annotated[
    str | None, typer.Option(help="Only artifacts in the collection with this id or name.")
]
WithTag = Annotated[str | None, typer.Option(help="Only artifacts that have the tag of this slug.")]
Search = Annotated[
    str | None,
    typer.Option(help="Only artifacts that match these words or parts of names, best match first."),
]
NameSearch = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Only collections with this text in their name.")
]

IdOrName = Annotated[str, typer.Argument(metavar="COLLECTION", help="Its id or its name.")]
ArtifactIds = Annotated[list[str], typer.Argument(metavar="ARTIFACT_ID", help="Such as skill:pdf.")]
