"""Where artifacts lie in a folder: agents/**/*.md, commands/**/*.md, skills/<name>/SKILL.md."""
# Strings, not Paths: there may be 100,000 of them.
# ruff: noqa: PTH112, PTH114, PTH118, PTH120

import os
from dataclasses import dataclass, field

from skillmeat.importer.readers import safe_files
from skillmeat.importer.readers.artifact_file import Candidate
from skillmeat.importer.readers.model import Problem
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.text import escape, is_valid_name

TYPES = {"agents": "agent", "commands": "command", "skills": "skill"}
SUFFIX = ".md"
SKILL = "SKILL.md"


@dataclass(frozen=True, slots=True)
class SourcePath:
    """A folder to look into: where it really is, what to call it, and whose artifacts it holds."""

    folder: str
    path: str
    collection_id: str | None = None
    tags: tuple[str, ...] = ()

    def join(self, name: str, folder: str | None = None) -> "SourcePath":
        """The place `name` in this one, which is really in `folder`."""
        return SourcePath(
            folder or os.path.join(self.folder, name),
            f"{self.path}/{name}" if self.path else name,
            self.collection_id,
            self.tags,
        )


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What looking around in a source found so far."""

    root: str
    candidates: list[Candidate] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add_candidate(self, type_: str, name: str, place: SourcePath) -> None:
        """A file that is an artifact by its place; an impossible name is a flaw."""
        if not is_valid_name(name):
            reason = "its name will not do: use 1 to 255 characters of UTF-8, no control "
            reason += "characters, no leading or trailing space"
            self.problems.append(Problem(escape(place.path), reason, None, place.collection_id))
            return
        self.candidates.append(
            Candidate(type_, name, place.folder, place.path, place.collection_id, place.tags)
        )

    def add_problem(
        self,
        place: SourcePath,
        reason: object,
        artifact: str | None = None,
        *,
        hides_artifacts: bool = False,
    ) -> None:
        """A place that cannot be looked into; `artifact` is the id it has, if it is one."""
        self.problems.append(
            Problem(
                escape(place.path),
                str(reason),
                artifact,
                place.collection_id,
                hides_artifacts=hides_artifacts,
            )
        )


def scan_folder(place: SourcePath, kind: str, result: ScanResult) -> None:
    """Finds the artifacts in the agents, commands or skills folder of `place`, if it has one."""
    component = place.join(kind)
    try:
        if safe_files.exists(component.folder):
            scan_component(kind, component, result)
    except UnreadableError as error:
        result.add_problem(component, error, hides_artifacts=True)


def scan_component(kind: str, place: SourcePath, result: ScanResult) -> None:
    """Finds the artifacts in one agents, commands or skills folder, or the one that it is."""
    try:
        real = safe_files.resolve_inside(place.folder, result.root)
    except UnreadableError as error:
        result.add_problem(place, error, hides_artifacts=True)
        return
    found = SourcePath(real, place.path, place.collection_id, place.tags)
    name = place.path.rpartition("/")[2]
    if not os.path.isdir(real):
        if kind != "skills" and name.lower().endswith(SUFFIX):
            result.add_candidate(TYPES[kind], name[: -len(SUFFIX)], found)
    elif kind == "skills":
        if os.path.lexists(os.path.join(real, SKILL)):
            _scan_skill(name, found, result)
        else:
            _scan_skills(found, result)
    else:
        _scan_documents(TYPES[kind], found, result)


def _scan_documents(type_: str, top: SourcePath, result: ScanResult) -> None:
    """Markdown files, in subfolders too: `git/commit.md` is named `git/commit`."""
    pending = [(top, "")]
    # A link is followed once for all, so that links to each other cannot multiply.
    followed = {top.folder}
    while pending:
        place, prefix = pending.pop()
        try:
            entries = safe_files.list_entries(place.folder)
        except UnreadableError as error:
            result.add_problem(place, error, hides_artifacts=True)
            continue
        for entry in entries:
            is_document = entry.name.lower().endswith(SUFFIX)
            name = prefix + (entry.name[: -len(SUFFIX)] if is_document else entry.name)
            at = place.join(entry.name)
            artifact = f"{type_}:{name}" if is_document and is_valid_name(name) else None
            try:
                at, is_folder = _resolve_entry(entry, at, result.root, followed)
            except UnreadableError as error:
                if is_document or not entry.name.startswith("."):
                    result.add_problem(at, error, artifact, hides_artifacts=artifact is None)
                continue
            if not is_folder:
                if is_document:
                    result.add_candidate(type_, name, at)
            elif is_document:
                result.add_problem(at, "is a folder, not a file", artifact)
            elif not entry.name.startswith("."):
                pending.append((at, f"{name}/"))


def _resolve_entry(
    entry: os.DirEntry[str], at: SourcePath, root: str, followed: set[str]
) -> tuple[SourcePath, bool]:
    """Where `entry` really is, and whether it is a folder."""
    if not entry.is_symlink():
        return at, entry.is_dir(follow_symlinks=False)
    real = safe_files.resolve_inside(entry.path, root)
    is_folder = os.path.isdir(real)
    if is_folder:
        here = os.path.realpath(os.path.dirname(entry.path))
        if os.path.join(here, "").startswith(os.path.join(real, "")):
            message = "is a symlink loop"
            raise UnreadableError(message)
        if real in followed:
            message = "leads to a folder that another link led to already"
            raise UnreadableError(message)
        followed.add(real)
    return SourcePath(real, at.path, at.collection_id, at.tags), is_folder


def _scan_skills(top: SourcePath, result: ScanResult) -> None:
    try:
        entries = safe_files.list_entries(top.folder)
    except UnreadableError as error:
        result.add_problem(top, error, hides_artifacts=True)
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        place = top.join(entry.name)
        try:
            place, is_folder = _resolve_entry(entry, place, result.root, set())
        except UnreadableError as error:
            result.add_problem(place, error, _skill_id(entry.name))
            continue
        if is_folder:
            _scan_skill(entry.name, place, result)


def _scan_skill(name: str, folder: SourcePath, result: ScanResult) -> None:
    place = folder.join(SKILL)
    try:
        if not safe_files.exists(place.folder):
            result.add_problem(folder, f"holds no {SKILL}")
            return
        if os.path.islink(place.folder):
            place = folder.join(SKILL, safe_files.resolve_inside(place.folder, result.root))
    except UnreadableError as error:
        result.add_problem(place, error, _skill_id(name))
        return
    result.add_candidate("skill", name, place)


def _skill_id(name: str) -> str | None:
    return f"skill:{name}" if is_valid_name(name) else None
