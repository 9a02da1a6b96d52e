"""The paths of a source, and what a scan of them has found so far."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH112, PTH118, PTH119

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from skillmeat.importer.readers import safe_files
from skillmeat.importer.readers.artifact_file import Candidate, Parse, parse_artifact
from skillmeat.importer.readers.model import Omission, Problem, SourceReadError
from skillmeat.importer.readers.text import escape, is_valid_name

INVALID_NAME = "its name is not valid"
NAME_RULE = "use 1 to 255 characters of UTF-8, no control characters, no leading or trailing space"


@dataclass(frozen=True, slots=True)
class SourcePath:
    """A path in a source: its real path, the path to show, and the collection of its artifacts."""

    real: str
    """Absolute; followed links are resolved. Empty for an entry of a manifest."""
    path: str
    """Relative to the source's root, with slashes."""
    collection_id: str | None = None
    tags: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The last part of the path; the folder's own name for the root of a source."""
        return self.path.rpartition("/")[2] or os.path.basename(self.real)

    def join(self, name: str, real: str | None = None) -> "SourcePath":
        """Return the path of `name` in this folder; `real` is its real path if it is a link."""
        return SourcePath(
            real or os.path.join(self.real, name),
            f"{self.path}/{name}" if self.path else name,
            self.collection_id,
            self.tags,
        )


@dataclass(frozen=True, slots=True)
class ScanResult:
    """The artifacts and problems that a scan of a source has found so far."""

    root: str
    """The real path of the folder that the paths to show start at."""
    boundaries: tuple[str, ...]
    """The real paths of the folders that no link may lead out of."""
    candidates: list[Candidate] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    omissions: list[Omission] = field(default_factory=list)
    plugins: list[SourcePath] = field(default_factory=list)
    """The plugins in the skills folder of a project or home; they are scanned last."""
    files: dict[tuple[str, str, str | None], str] = field(default_factory=dict)
    """The path to show of each file that is a candidate, by type, real path and collection."""
    told: set[Problem] = field(default_factory=set)
    """The problems above that the scan found; two declared paths may lead to one."""
    scanned: set[tuple[str, str]] = field(default_factory=set)
    """The components of the plugin that were scanned, and their real paths."""
    versions: dict[str, str] = field(default_factory=dict)
    """The versions of plugins, by the ids of their collections."""
    read_folders: set[tuple[str, str]] = field(default_factory=set)
    """The default folders that a plugin reads whole: their components, and their real paths."""
    partly_read: dict[tuple[str, str], tuple[SourcePath, set[str]]] = field(default_factory=dict)
    """The default folders of which manifests declare some files only, and those files' real paths.
    """

    def add_candidate(  # noqa: PLR0913 - what tells two artifacts apart
        self,
        type_: str,
        name: str,
        source_path: SourcePath,
        *,
        parse: Parse = parse_artifact,
        data: bytes | None = None,
        is_renamed: bool = False,
    ) -> None:
        """Add an artifact, or a problem if its name is not valid.

        `parse` reads its content, which is `data`, or the whole file if that is None. A file is one
        artifact, unless `is_renamed`: a manifest may give it several names.
        """
        if not is_valid_name(name):
            self.add_problem(source_path, INVALID_NAME, advice=NAME_RULE)
            return
        if data is None:
            key = type_, source_path.real, source_path.collection_id
            path = self.files.get(key)
            if path is not None and not (is_renamed and path == source_path.path):
                if path != source_path.path:
                    self.add_omission("links to files that have another path", source_path)
                return
            self.files[key] = source_path.path
        self.candidates.append(
            Candidate(
                type_,
                name,
                source_path.real,
                source_path.path,
                source_path.collection_id,
                source_path.tags,
                parse,
                data,
            )
        )

    def add_problem(  # noqa: PLR0913 - the fields of a problem
        self,
        source_path: SourcePath,
        reason: str | SourceReadError,
        detail: str | None = None,
        advice: str | None = None,
        *,
        artifact: str | None = None,
        is_skipped: bool = True,
        hides_artifacts: bool = False,
    ) -> None:
        """Add a path that cannot be read; `artifact` is its id if it is an artifact.

        An error brings its own detail and advice, unless they are given. The detail of a problem in
        a marketplace's entry begins with the name of the plugin.
        """
        if isinstance(reason, SourceReadError):
            detail = detail or reason.detail
            advice = advice or reason.advice
            reason = reason.reason
        if not source_path.real and source_path.collection_id:
            plugin = escape(source_path.collection_id)[:80]
            detail = f"{plugin}, {detail}" if detail else plugin
        problem = Problem(
            escape(source_path.path or "."),
            reason,
            detail,
            advice,
            artifact,
            source_path.collection_id,
            is_skipped=is_skipped,
            hides_artifacts=hides_artifacts,
        )
        if problem not in self.told:
            self.told.add(problem)
            self.problems.append(problem)

    def add_repeated_keys(self, source_path: SourcePath, keys: Sequence[str]) -> None:
        """Add the problem that an object in a JSON file has these keys twice, if there are any."""
        if keys:
            self.add_problem(
                source_path,
                "has a key twice in one object",
                ", ".join(keys[:3]),
                "the last one counts: remove the others",
                is_skipped=False,
            )

    def get_version(self, source_path: SourcePath) -> str | None:
        """Return the version of the plugin that the path belongs to."""
        return self.versions.get(source_path.collection_id or "")

    def add_omission(self, kind: str, source_path: SourcePath) -> None:
        """Add a path of a kind that is not imported; `kind` is a plural noun."""
        self.omissions.append(Omission(kind, escape(source_path.path or ".")))

    def resolve(self, source_path: SourcePath) -> SourcePath:
        """Resolve the links in a path. Raises `UnreadableError` unless it exists and is inside."""
        real = safe_files.resolve_inside(source_path.real, *self.boundaries)
        if (target := safe_files.read_written_link(real)) is not None:
            real = safe_files.resolve_inside(target, *self.boundaries)
            self.add_problem(
                source_path,
                safe_files.WRITTEN_LINK,
                advice="check it out again, with `git config core.symlinks true`",
                is_skipped=False,
            )
        return SourcePath(real, source_path.path, source_path.collection_id, source_path.tags)


def resolve_entry(
    entry: os.DirEntry[str], source_path: SourcePath, result: ScanResult
) -> tuple[SourcePath, bool]:
    """Resolve `entry` if it is a link, and return whether it is a folder.

    Raises `UnreadableError` if the link is broken, leads outside, or leads to a folder that it is
    in itself.
    """
    is_folder = safe_files.is_folder(entry)
    if is_folder or not (entry.is_symlink() or safe_files.read_written_link(source_path.real)):
        return source_path, is_folder
    resolved = result.resolve(source_path)
    is_folder = os.path.isdir(resolved.real)
    if is_folder:
        safe_files.check_loop(source_path.real, resolved.real)
    return resolved, is_folder
