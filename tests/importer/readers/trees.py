"""Small sources on disk, written in one call."""

import json
from collections.abc import Mapping
from pathlib import Path

from skillmeat.importer.readers import FoundArtifact, Problem, Source, read_sources

PLAIN = "---\ndescription: Plain.\n---\n\n# Plain\n"


def write_files(root: Path, files: Mapping[str, str | bytes | Mapping[str, object]]) -> Path:
    """Write every file below `root`; an object becomes JSON."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content)
            path.write_bytes(text.encode())
    return root


def listing(*plugins: object, **more: object) -> dict[str, object]:
    """Return the object of a marketplace.json."""
    return {"name": "market", "plugins": list(plugins), **more}


def read_one(root: Path) -> Source:
    """Return the only source at `root`."""
    (source,) = read_sources(root)
    return source


def ids(source: Source) -> dict[str | None, list[str]]:
    """Return the artifact ids of every collection, and under None those that are in no plugin."""
    found: dict[str | None, list[str]] = {
        collection.id: [artifact.id for artifact in collection.artifacts]
        for collection in source.collections
    }
    if source.artifacts:
        found[None] = [artifact.id for artifact in source.artifacts]
    return found


def only_artifact(source: Source) -> FoundArtifact:
    """Return the only artifact, which is in no plugin."""
    (artifact,) = source.artifacts
    return artifact


def only_problem(source: Source) -> Problem:
    """Return the only problem."""
    (problem,) = source.problems
    return problem
