"""The reader of all sources at a path."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH111, PTH118, PTH119, PTH120

import itertools
import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

from skillmeat.errors import SourceError
from skillmeat.importer.readers import manifest, marketplace, safe_files
from skillmeat.importer.readers.artifact_file import Candidate
from skillmeat.importer.readers.components import PLACES, scan_path
from skillmeat.importer.readers.discovery import CLAUDE, LOOKED_FOR, Location, find_locations
from skillmeat.importer.readers.document_scan import SUFFIX
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath
from skillmeat.importer.readers.model import FoundArtifact, FoundCollection, Origin, Problem, Source
from skillmeat.importer.readers.plugin import Plugin, read_plugin_manifest, scan_plugin
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.text import escape, is_valid_name

_PROGRESS_STEP = 256


class _ScannedSource(NamedTuple):
    """A source after the search for its files, before they are read."""

    name: str
    location: Location
    plugins: list[Plugin]
    result: ScanResult


def read_sources(
    path: str | os.PathLike[str], *, on_progress: Callable[[int, int], None] | None = None
) -> tuple[Source, ...]:
    """Read all sources at `path`; `on_progress` gets the number of files read and their total.

    Each source lists the problems of single files. Raises `SourceError` if nothing can be imported.
    """
    scanned_sources = [_scan(location) for location in find_locations(path)]
    total = sum(len(scanned.result.candidates) for scanned in scanned_sources)
    count_file = _make_counter(on_progress, total)
    sources = [_read_source(scanned, count_file) for scanned in scanned_sources]
    if on_progress:
        on_progress(total, total)
    if not any(_has_artifacts(source) for source in sources):
        message = f"{escape(os.fspath(path))} holds nothing importable: {LOOKED_FOR}"
        problems = [problem for source in sources for problem in source.problems]
        if problems:
            message += f"; found {problems[0].path}: {problems[0].message}"
        raise SourceError(message)
    return tuple(source for source in sources if source.collections or _has_artifacts(source))


def _make_counter(on_progress: Callable[[int, int], None] | None, total: int) -> Callable[[], None]:
    done = itertools.count()

    def count_file() -> None:
        count = next(done)
        if on_progress and count % _PROGRESS_STEP == 0:
            on_progress(count, total)

    return count_file


def _has_artifacts(source: Source) -> bool:
    return bool(
        source.artifacts
        or any(collection.artifacts for collection in source.collections)
        or any(problem.artifact_id for problem in source.problems)
    )


def _scan(location: Location) -> _ScannedSource:
    result = ScanResult(location.root, (location.root,))
    root = SourcePath(location.root, "")
    plugins: list[Plugin] = []
    name = _make_name(location)
    if location.kind == "claude":
        for place in PLACES:
            scan_path(place.scan, root.join(place.path), result)
    elif location.kind == "plugin":
        own = read_plugin_manifest(root, result)
        name = _get_declared_name(own or {}) or name
        plugins = [scan_plugin(name, root, None, own, result)]
    else:
        listing = _read_listing(location.root)
        declared = _get_declared_name(listing)
        if listing and declared is None:
            result.add_problem(
                root.join(marketplace.PATH),
                "declares no usable name",
                f"the source is called {name}, after its folder",
                is_skipped=False,
            )
        name = declared or name
        plugins = marketplace.scan_marketplace(listing, result)
    return _ScannedSource(name, location, plugins, result)


def _read_listing(root: str) -> manifest.Manifest:
    # Without the listing, the name and the plugins of the source are unknown, so the reader stops.
    try:
        return manifest.read_manifest(os.path.join(root, marketplace.PATH), root) or {}
    except UnreadableError as error:
        message = f"{escape(os.path.join(root, marketplace.PATH))} {error}: correct it, then import"
        raise SourceError(message) from None


def _get_declared_name(declared: manifest.Manifest) -> str | None:
    name = manifest.get_text(declared, "name")
    return name if name and is_valid_name(name) else None


def _make_name(location: Location) -> str:
    folder = location.root
    if location.kind == "claude":
        if os.path.basename(folder) == CLAUDE:
            folder = os.path.dirname(folder)
        if folder == os.path.realpath(os.path.expanduser("~")):
            return "claude-home"
        # The name is the whole path: two projects may share a folder's name, and pruning one must
        # not touch the other.
        return escape(folder)
    name = escape(os.path.basename(folder)).strip(" ")
    return name if is_valid_name(name) else "root"


def _read_source(scanned: _ScannedSource, count_file: Callable[[], None]) -> Source:
    problems = list(scanned.result.problems)
    without_plugin: list[FoundArtifact] = []
    members: dict[str, list[FoundArtifact]] = {plugin.name: [] for plugin in scanned.plugins}
    origin: Origin = "marketplace" if scanned.location.kind == "marketplace" else "local"
    for candidate in _deduplicate(scanned.result.candidates, problems):
        count_file()
        try:
            data = candidate.data
            if data is None:
                data = safe_files.read_file(candidate.file)
            artifact, found = candidate.parse(candidate, data, origin)
        except UnreadableError as error:
            problems.append(candidate.make_problem(error))
            continue
        problems += found
        collection_id = candidate.collection_id
        (without_plugin if collection_id is None else members[collection_id]).append(artifact)
    return Source(
        scanned.name,
        scanned.location.kind,
        scanned.location.root,
        tuple(
            FoundCollection(
                plugin.name, plugin.name, plugin.description, tuple(members[plugin.name])
            )
            for plugin in sorted(scanned.plugins, key=lambda plugin: plugin.name)
        ),
        tuple(without_plugin),
        tuple(problems),
        tuple(scanned.result.omissions),
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
