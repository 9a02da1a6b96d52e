"""The scan of a folder for artifacts: agents/**/*.md, commands/**/*.md, skills/<name>/SKILL.md."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH112, PTH114, PTH118, PTH120

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from skillmeat.importer.readers import safe_files
from skillmeat.importer.readers.artifact_file import Candidate, Parse, parse_artifact
from skillmeat.importer.readers.model import Omission, Problem, SourceReadError
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.text import escape, is_valid_name

SUFFIX = ".md"
SKILL = "SKILL.md"
INVALID_NAME = "its name is not valid"
NAME_RULE = "use 1 to 255 characters of UTF-8, no control characters, no leading or trailing space"


@dataclass(frozen=True, slots=True)
class SourcePath:
    """A path in a source: its real path, the path to show, and the collection of its artifacts."""

    real: str
    """Absolute; followed links are resolved."""
    path: str
    """Relative to the source's root, with slashes."""
    collection_id: str | None = None
    tags: tuple[str, ...] = ()

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
    candidates: list[Candidate] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    omissions: list[Omission] = field(default_factory=list)

    def add_candidate(
        self,
        type_: str,
        name: str,
        source_path: SourcePath,
        *,
        parse: Parse = parse_artifact,
        data: bytes | None = None,
    ) -> None:
        """Add an artifact, or a problem if its name is not valid.

        `parse` reads its content, which is `data`, or the whole file if that is None.
        """
        if not is_valid_name(name):
            self.add_problem(source_path, INVALID_NAME, advice=NAME_RULE)
            return
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

        An error brings its own detail and advice, unless they are given.
        """
        if isinstance(reason, SourceReadError):
            detail = detail or reason.detail
            advice = advice or reason.advice
            reason = reason.reason
        self.problems.append(
            Problem(
                escape(source_path.path or "."),
                reason,
                detail,
                advice,
                artifact,
                source_path.collection_id,
                is_skipped=is_skipped,
                hides_artifacts=hides_artifacts,
            )
        )

    def add_omission(self, kind: str, source_path: SourcePath) -> None:
        """Add a path of a kind that is not imported; `kind` is a plural noun."""
        self.omissions.append(Omission(kind, escape(source_path.path or ".")))


def scan_documents(
    type_: str,
    source_path: SourcePath,
    result: ScanResult,
    *,
    suffix: str = SUFFIX,
    parse: Parse = parse_artifact,
) -> None:
    """Add the file at `source_path`, or the files of a folder: `git/commit.md` is `git/commit`."""
    name = source_path.path.rpartition("/")[2]
    if not os.path.isdir(source_path.real):
        if name.lower().endswith(suffix):
            result.add_candidate(type_, name[: -len(suffix)], source_path, parse=parse)
        return
    for entry_path, name in _walk(source_path, suffix, type_, result):
        result.add_candidate(type_, name, entry_path, parse=parse)


def _walk(
    source_path: SourcePath, suffix: str, type_: str, result: ScanResult
) -> Iterator[tuple[SourcePath, str]]:
    """Yield each file with the suffix below a folder, and its path without the suffix."""
    pending = [(source_path, "")]
    # Follow each link once: folders that link to each other would multiply the paths.
    followed = {source_path.real}
    while pending:
        folder, prefix = pending.pop()
        try:
            entries = safe_files.list_entries(folder.real)
        except UnreadableError as error:
            result.add_problem(folder, error, hides_artifacts=True)
            continue
        for entry in entries:
            is_document = entry.name.lower().endswith(suffix)
            is_hidden = entry.name.startswith(".") and not is_document
            name = prefix + (entry.name[: -len(suffix)] if is_document else entry.name)
            entry_path = folder.join(entry.name)
            artifact = f"{type_}:{name}" if is_document and is_valid_name(name) else None
            try:
                entry_path, is_folder = _resolve_entry(entry, entry_path, result.root, followed)
                if is_folder and is_document:
                    result.add_problem(entry_path, "is a folder, not a file", artifact=artifact)
                elif is_folder and not is_hidden:
                    pending.append((entry_path, f"{name}/"))
                elif is_document:
                    yield entry_path, name
            except UnreadableError as error:
                if not is_hidden:
                    result.add_problem(
                        entry_path, error, artifact=artifact, hides_artifacts=artifact is None
                    )


def scan_skills(source_path: SourcePath, result: ScanResult) -> None:
    """Add the skill in the folder `source_path`, or the skill in each of its folders."""
    if not os.path.isdir(source_path.real):
        return
    if os.path.lexists(os.path.join(source_path.real, SKILL)):
        _scan_skill(source_path.path.rpartition("/")[2], source_path, result)
    else:
        _scan_skills(source_path, result)


def _resolve_entry(
    entry: os.DirEntry[str], entry_path: SourcePath, root: str, followed: set[str]
) -> tuple[SourcePath, bool]:
    """Resolve `entry` if it is a link, and return whether it is a folder."""
    if not entry.is_symlink():
        return entry_path, entry.is_dir(follow_symlinks=False)
    real = safe_files.resolve_inside(entry.path, root)
    is_folder = os.path.isdir(real)
    if is_folder:
        here = os.path.realpath(os.path.dirname(entry.path))
        if os.path.join(here, "").startswith(os.path.join(real, "")):
            message = "is a symlink loop"
            raise UnreadableError(message)
        if real in followed:
            message = "leads to the same folder as another link"
            raise UnreadableError(message)
        followed.add(real)
    return SourcePath(real, entry_path.path, entry_path.collection_id, entry_path.tags), is_folder


def _scan_skills(folder: SourcePath, result: ScanResult) -> None:
    try:
        entries = safe_files.list_entries(folder.real)
    except UnreadableError as error:
        result.add_problem(folder, error, hides_artifacts=True)
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        source_path = folder.join(entry.name)
        try:
            source_path, is_folder = _resolve_entry(entry, source_path, result.root, set())
        except UnreadableError as error:
            result.add_problem(source_path, error, artifact=_make_skill_id(entry.name))
            continue
        if is_folder:
            _scan_skill(entry.name, source_path, result)


def _scan_skill(name: str, folder: SourcePath, result: ScanResult) -> None:
    source_path = folder.join(SKILL)
    try:
        if not safe_files.exists(source_path.real):
            result.add_problem(folder, f"holds no {SKILL}")
            return
        if os.path.islink(source_path.real):
            source_path = folder.join(
                SKILL, safe_files.resolve_inside(source_path.real, result.root)
            )
    except UnreadableError as error:
        result.add_problem(source_path, error, artifact=_make_skill_id(name))
        return
    result.add_candidate("skill", name, source_path)


def _make_skill_id(name: str) -> str | None:
    return f"skill:{name}" if is_valid_name(name) else None
