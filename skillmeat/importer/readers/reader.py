"""Reads the sources at a path into plain data."""
# Strings, not Paths: there may be 100,000 of them.
# ruff: noqa: PTH111, PTH118, PTH119, PTH120

import itertools
import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

from skillmeat.errors import SourceError
from skillmeat.importer.readers import manifest, marketplace, safe_files
from skillmeat.importer.readers.artifact_file import Candidate, parse
from skillmeat.importer.readers.discovery import CLAUDE, LOOKED_FOR, Location, find_locations
from skillmeat.importer.readers.folder_scan import (
    SUFFIX,
    TYPES,
    ScanResult,
    SourcePath,
    scan_folder,
)
from skillmeat.importer.readers.model import FoundArtifact, FoundCollection, Origin, Problem, Source
from skillmeat.importer.readers.plugin import Plugin, read_plugin_manifest, scan_plugin
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.text import escape, is_valid_name

_PROGRESS_STEP = 256


class _Survey(NamedTuple):
    """A source whose files are known, but not yet read."""

    name: str
    location: Location
    plugins: list[Plugin]
    result: ScanResult


def read_sources(
    path: str | os.PathLike[str], *, on_progress: Callable[[int, int], None] | None = None
) -> tuple[Source, ...]:
    """Everything importable at `path`; `on_progress` is told files done and files in all.

    What is wrong with single files is in each source's flaws. Raises `SourceError` where nothing
    at all can be imported.
    """
    surveys = [_survey(location) for location in find_locations(path)]
    total = sum(len(survey.result.candidates) for survey in surveys)
    one_more = _counter(on_progress, total)
    sources = [_read(survey, one_more) for survey in surveys]
    if on_progress:
        on_progress(total, total)
    if not any(_holds_something(source) for source in sources):
        message = f"{escape(os.fspath(path))} holds nothing importable: {LOOKED_FOR}"
        problems = [problem for source in sources for problem in source.problems]
        if problems:
            message += f"; found {problems[0].path}: {problems[0].reason}"
        raise SourceError(message)
    return tuple(source for source in sources if source.collections or _holds_something(source))


def _counter(on_progress: Callable[[int, int], None] | None, total: int) -> Callable[[], None]:
    done = itertools.count()

    def one_more() -> None:
        count = next(done)
        if on_progress and count % _PROGRESS_STEP == 0:
            on_progress(count, total)

    return one_more


def _holds_something(source: Source) -> bool:
    return bool(
        source.artifacts
        or any(collection.artifacts for collection in source.collections)
        or any(problem.artifact_id for problem in source.problems)
    )


def _survey(location: Location) -> _Survey:
    result = ScanResult(location.root)
    here = SourcePath(location.root, "")
    plugins: list[Plugin] = []
    name = _folder_name(location)
    if location.kind == "claude":
        for kind in TYPES:
            scan_folder(here, kind, result)
    elif location.kind == "plugin":
        own = read_plugin_manifest(here, result)
        name = _declared_name(own) or name
        plugins = [scan_plugin(name, here, {}, own, result)]
    else:
        listing = _listing(location.root)
        declared = _declared_name(listing)
        if listing and declared is None:
            reason = f"declares no usable name; the source is called {name}, after its folder"
            result.problems.append(Problem(marketplace.PATH, reason, is_skipped=False))
        name = declared or name
        plugins = marketplace.scan_marketplace(listing, result)
    return _Survey(name, location, plugins, result)


def _listing(root: str) -> manifest.Manifest:
    # Without it neither the source's identity nor its plugins are known, so nothing is guessed.
    try:
        return manifest.read_manifest(os.path.join(root, marketplace.PATH), root) or {}
    except UnreadableError as error:
        message = f"{escape(os.path.join(root, marketplace.PATH))} {error}: mend it, then import"
        raise SourceError(message) from None


def _declared_name(declared: manifest.Manifest) -> str | None:
    name = manifest.get_text(declared, "name")
    return name if name and is_valid_name(name) else None


def _folder_name(location: Location) -> str:
    folder = location.root
    if location.kind == "claude":
        if os.path.basename(folder) == CLAUDE:
            folder = os.path.dirname(folder)
        if folder == os.path.realpath(os.path.expanduser("~")):
            return "claude-home"
        # Many projects share a folder's name, and pruning one must not touch another.
        return escape(folder)
    name = escape(os.path.basename(folder)).strip(" ")
    return name if is_valid_name(name) else "root"


def _read(survey: _Survey, one_more: Callable[[], None]) -> Source:
    problems = list(survey.result.problems)
    loose: list[FoundArtifact] = []
    members: dict[str, list[FoundArtifact]] = {plugin.name: [] for plugin in survey.plugins}
    origin: Origin = "marketplace" if survey.location.kind == "marketplace" else "local"
    for candidate in _each_once(survey.result.candidates, problems):
        one_more()
        reason: str | None
        try:
            artifact, reason = parse(candidate, safe_files.read_file(candidate.file), origin)
        except UnreadableError as error:
            problems.append(_make_problem(candidate, str(error)))
            continue
        if reason:
            problems.append(_make_problem(candidate, reason, is_skipped=False))
        belongs = candidate.collection_id
        (loose if belongs is None else members[belongs]).append(artifact)
    return Source(
        survey.name,
        survey.location.kind,
        survey.location.root,
        tuple(
            FoundCollection(
                plugin.name, plugin.name, plugin.description, tuple(members[plugin.name])
            )
            for plugin in sorted(survey.plugins, key=lambda plugin: plugin.name)
        ),
        tuple(loose),
        tuple(problems),
    )


def _each_once(candidates: list[Candidate], problems: list[Problem]) -> Iterator[Candidate]:
    """In the order of ids; of two files with one id in one collection, `x.md` before `x.MD`."""
    last: Candidate | None = None
    for one in sorted(candidates, key=_order):
        if last is None or (one.id, one.collection_id) != (last.id, last.collection_id):
            last = one
            yield one
        elif one.path != last.path:
            problems.append(_make_problem(one, f"has the same name as {escape(last.path)}"))


def _order(candidate: Candidate) -> tuple[str, str, bool, str]:
    exact = candidate.path.endswith(SUFFIX)
    return candidate.id, candidate.collection_id or "", not exact, candidate.path


def _make_problem(candidate: Candidate, reason: str, *, is_skipped: bool = True) -> Problem:
    return Problem(
        escape(candidate.path), reason, candidate.id, candidate.collection_id, is_skipped=is_skipped
    )
