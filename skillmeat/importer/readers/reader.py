"""The reader of all sources at a path."""

import os
from collections.abc import Callable, Iterator

from skillmeat.errors import SourceError
from skillmeat.importer.readers import safe_files
from skillmeat.importer.readers.artifact_file import Candidate
from skillmeat.importer.readers.discovery import LOOKED_FOR
from skillmeat.importer.readers.document_scan import SUFFIX
from skillmeat.importer.readers.model import FoundArtifact, FoundCollection, Origin, Problem, Source
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.source_scan import ScannedSource, scan_sources
from skillmeat.importer.readers.text import escape

_PROGRESS_STEP = 256


def read_sources(
    path: str | os.PathLike[str], *, on_progress: Callable[[int, int], None] | None = None
) -> tuple[Source, ...]:
    """Read all sources at `path`; `on_progress` gets the number of files read and found so far.

    Each source lists the problems of single files. Raises `SourceError` if nothing can be imported.
    """
    progress = _Progress(on_progress or (lambda _done, _total: None))
    sources = [_read_source(scanned, progress) for scanned in scan_sources(path)]
    progress.end()
    if not any(_has_artifacts(source) for source in sources):
        message = f"{escape(os.fspath(path))} holds nothing importable: {LOOKED_FOR}"
        problems = [problem for source in sources for problem in source.problems]
        if problems:
            message += f"; found {problems[0].path}: {problems[0].message}"
        raise SourceError(message)
    return tuple(source for source in sources if source.collections or _has_artifacts(source))


class _Progress:
    """The number of files that are found and read, told at each 256th file."""

    def __init__(self, on_progress: Callable[[int, int], None]) -> None:
        self.on_progress = on_progress
        self.done = self.total = 0

    def read_file(self) -> None:
        if self.done % _PROGRESS_STEP == 0:
            self.on_progress(self.done, self.total)
        self.done += 1

    def end(self) -> None:
        self.on_progress(self.total, self.total)


def _has_artifacts(source: Source) -> bool:
    return bool(
        source.artifacts
        or any(collection.artifacts for collection in source.collections)
        or any(problem.artifact_id for problem in source.problems)
    )


def _read_source(scanned: ScannedSource, progress: _Progress) -> Source:
    result = scanned.result
    without_plugin: list[FoundArtifact] = []
    collections: list[FoundCollection] = []
    origin: Origin = "marketplace" if scanned.kind == "marketplace" else "local"
    for plugin in scanned.steps:
        artifacts: list[FoundArtifact] = [] if plugin else without_plugin
        candidates = list(_deduplicate(result.candidates, result.problems))
        result.candidates.clear()
        progress.total += len(candidates)
        for candidate in candidates:
            progress.read_file()
            try:
                data = candidate.data
                if data is None:
                    data = safe_files.read_file(candidate.file)
                artifact, found = candidate.parse(candidate, data, origin)
            except UnreadableError as error:
                result.problems.append(candidate.make_problem(error))
                continue
            result.problems.extend(found)
            artifacts.append(artifact)
        if plugin:
            collections.append(
                FoundCollection(plugin.name, plugin.name, plugin.description, tuple(artifacts))
            )
    return Source(
        scanned.name,
        scanned.kind,
        scanned.root,
        tuple(sorted(collections, key=lambda collection: collection.id)),
        tuple(without_plugin),
        tuple(result.problems),
        tuple(result.omissions),
    )


def _deduplicate(candidates: list[Candidate], problems: list[Problem]) -> Iterator[Candidate]:
    """Yield each id of a collection once, in order; `x.md` takes precedence over `x.MD`."""
    last: Candidate | None = None
    for candidate in sorted(candidates, key=_get_order):
        key = candidate.id, candidate.collection_id
        if last is None or key != (last.id, last.collection_id):
            last = candidate
            yield candidate
        elif candidate.path != last.path and not (candidate.data and candidate.data == last.data):
            problems.append(
                candidate.make_problem("has the same name as another file", escape(last.path))
            )


def _get_order(candidate: Candidate) -> tuple[str, str, bool, str]:
    exact = candidate.path.endswith(SUFFIX)
    return candidate.id, candidate.collection_id or "", not exact, candidate.path
