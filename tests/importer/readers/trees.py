"""Small sources on disk, written in one call."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from skillmeat.importer.readers import FoundArtifact, Omission, Problem, Source, read_sources

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


@dataclass(frozen=True)
class ReadCollection:
    """A plugin with its artifacts, in the order in which they were read."""

    id: str
    name: str
    description: str | None
    artifacts: tuple[FoundArtifact, ...]


@dataclass(frozen=True)
class ReadSource:
    """A source whose files are read; the collections are in the order of their ids."""

    name: str
    kind: str
    root: str
    collections: tuple[ReadCollection, ...]
    artifacts: tuple[FoundArtifact, ...]
    """The artifacts that are in no plugin."""
    problems: tuple[Problem, ...]
    omissions: tuple[Omission, ...]


def read_whole(source: Source) -> ReadSource:
    """Read all files of a source."""
    artifacts: dict[str | None, list[FoundArtifact]] = {}
    for collection_id, artifact in source.copies:
        artifacts.setdefault(collection_id, []).append(artifact)
    collections = tuple(
        ReadCollection(each.id, each.name, each.description, tuple(artifacts.pop(each.id, ())))
        for each in sorted(source.collections, key=lambda each: each.id)
    )
    assert [len(each.artifacts) for each in collections] == [
        each.artifact_count for each in sorted(source.collections, key=lambda each: each.id)
    ]
    return ReadSource(
        source.name,
        source.kind,
        source.root,
        collections,
        tuple(artifacts.pop(None, ())),
        tuple(source.problems),
        tuple(source.omissions),
    )


def read_all(path: Path) -> list[ReadSource]:
    """Return every source at `path`."""
    return [read_whole(source) for source in read_sources(path)]


def read_one(root: Path) -> ReadSource:
    """Return the only source at `root`."""
    (source,) = read_all(root)
    return source


def ids(source: ReadSource) -> dict[str | None, list[str]]:
    """Return the artifact ids of every collection, and under None those that are in no plugin."""
    found: dict[str | None, list[str]] = {
        collection.id: [artifact.id for artifact in collection.artifacts]
        for collection in source.collections
    }
    if source.artifacts:
        found[None] = [artifact.id for artifact in source.artifacts]
    return found


def only_artifact(source: ReadSource) -> FoundArtifact:
    """Return the only artifact, which is in no plugin."""
    (artifact,) = source.artifacts
    return artifact


def only_problem(source: ReadSource) -> Problem:
    """Return the only problem."""
    (problem,) = source.problems
    return problem
