"""The reader of all sources at a path, which reads a file when its artifact is asked for."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain

from skillmeat.errors import SourceError
from skillmeat.importer.readers import safe_files
from skillmeat.importer.readers.artifact_file import Candidate
from skillmeat.importer.readers.content import check_content
from skillmeat.importer.readers.discovery import explain_nothing
from skillmeat.importer.readers.document_scan import SUFFIX
from skillmeat.importer.readers.model import FoundCollection, FoundCopy, Origin, Problem, Source
from skillmeat.importer.readers.plugin import Plugin
from skillmeat.importer.readers.problem_groups import summarize_problems
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.source_scan import ScannedSource, scan_sources
from skillmeat.importer.readers.text import escape

_PROGRESS_STEP = 256
# pathlib makes one slash of two. A drive letter of Windows is one letter.
_URL = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]+):/")

_SAME_NAME = "has the same name as another file"
_DEFINED_TWICE = "defines a name that is defined again, and the last definition counts"

_Step = tuple[Plugin | None, list[Candidate]]
"""A plugin, or None for the files in no plugin, and its files."""


def read_sources(
    path: str | os.PathLike[str], *, on_progress: Callable[[int, int], None] | None = None
) -> tuple[Source, ...]:
    """Return all sources at `path`, whose files are read while their `copies` are iterated.

    `on_progress` gets the number of files read, and the number found so far. Raises `SourceError`
    if nothing can be imported.
    """
    _refuse_url(os.fspath(path))
    progress = _Progress(on_progress or (lambda _done, _total: None))
    sources: list[Source] = []
    problems: list[Problem] = []
    has_artifacts = False
    for scanned in scan_sources(path):
        # The scan goes on to the first file: then it is known whether there is one.
        steps = _take_steps(scanned)
        first: list[_Step] = []
        for step in steps:
            first.append(step)
            if step[1]:
                break
        result = scanned.result
        has_own = any(candidates for _, candidates in first) or any(
            problem.artifact_id for problem in result.problems
        )
        # A source without artifacts beside another one still has a report, and what it hides.
        if has_own or any(plugin for plugin, _ in first) or result.problems or result.omissions:
            collections: list[FoundCollection] = []
            copies = _read_copies(scanned, chain(first, steps), collections, progress)
            sources.append(
                Source(
                    scanned.name,
                    scanned.kind,
                    scanned.root,
                    copies,
                    collections,
                    result.problems,
                    result.omissions,
                    scanned.is_part,
                )
            )
        has_artifacts |= has_own
        problems += result.problems
    if not has_artifacts:
        raise SourceError(explain_nothing(path, summarize_problems(problems)))
    return tuple(sources)


def _refuse_url(path: str) -> None:
    # The message names the scheme only: an address may hold a password.
    url = _URL.match(path)
    if url is None or os.path.lexists(path):
        return
    scheme = url[1].lower()
    message = f"an address that begins with {scheme}: is not a folder: "
    if scheme.startswith("postgres"):
        message += "import reads folders; SKILLMEAT_DATABASE_URL names the database"
    else:
        message += "clone the repository, then import the clone"
    raise SourceError(message)


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
        self.on_progress(self.done, self.total)


def _take_steps(scanned: ScannedSource) -> Iterator[_Step]:
    result = scanned.result
    for plugin in scanned.steps:
        candidates = list(_deduplicate(result.candidates, result.problems))
        result.candidates.clear()
        yield plugin, candidates


def _read_copies(
    scanned: ScannedSource,
    steps: Iterator[_Step],
    collections: list[FoundCollection],
    progress: _Progress,
) -> Iterator[FoundCopy]:
    problems = scanned.result.problems
    origin: Origin = "marketplace" if scanned.kind == "marketplace" else "local"
    for plugin, candidates in steps:
        progress.total += len(candidates)
        count = 0
        for candidate in candidates:
            progress.read_file()
            try:
                data = candidate.data
                if data is None:
                    data = safe_files.read_file(candidate.file)
                artifact, found = candidate.parse(candidate, data, origin)
            except UnreadableError as error:
                problems.append(candidate.make_problem(error))
                continue
            problems.extend(found)
            refusal = check_content(artifact.content) if artifact.content else None
            if refusal:
                problems.append(candidate.make_problem(refusal, is_skipped=False))
                artifact = replace(artifact, content=None)
            count += 1
            yield FoundCopy(plugin.name if plugin else None, artifact)
        if plugin:
            collections.append(FoundCollection(plugin.name, plugin.name, plugin.description, count))
    progress.end()


def _deduplicate(candidates: list[Candidate], problems: list[Problem]) -> Iterator[Candidate]:
    """Yield each id of a collection once, in order.

    `x.md` takes precedence over `x.MD`, and of two definitions in JSON files the later one.
    """
    last: Candidate | None = None
    for _, candidate in sorted(enumerate(candidates), key=_get_order):
        key = candidate.id, candidate.collection_id
        if last is None or key != (last.id, last.collection_id):
            last = candidate
            yield candidate
        elif candidate.data is None:
            if candidate.path != last.path:
                problems.append(
                    candidate.make_problem(_SAME_NAME, escape(last.path), "rename one of them")
                )
        elif candidate.data != last.data:
            problems.append(
                candidate.make_problem(_DEFINED_TWICE, escape(last.path), "rename one of them")
            )


def _get_order(numbered: tuple[int, Candidate]) -> tuple[str, str, int, str]:
    number, candidate = numbered
    rank = -number if candidate.data else int(not candidate.path.endswith(SUFFIX))
    return candidate.id, candidate.collection_id or "", rank, candidate.path
