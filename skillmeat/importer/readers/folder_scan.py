"""Where artifacts lie in a folder: agents/**/*.md, commands/**/*.md, skills/<name>/SKILL.md."""
# Strings, not Paths: there may be 100,000 of them.
# ruff: noqa: PTH112, PTH114, PTH118, PTH120

import os
from dataclasses import dataclass, field

from skillmeat.importer.readers import safe_files
from skillmeat.importer.readers.artifact_file import Candidate
from skillmeat.importer.readers.model import Flaw
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.text import is_name, shown

TYPES = {"agents": "agent", "commands": "command", "skills": "skill"}
SUFFIX = ".md"
SKILL = "SKILL.md"


@dataclass(frozen=True, slots=True)
class Place:
    """A folder to look into: where it really is, what to call it, and whose artifacts it holds."""

    folder: str
    path: str
    collection_id: str | None = None
    tags: tuple[str, ...] = ()

    def below(self, name: str, folder: str | None = None) -> "Place":
        """The place `name` in this one, which is really in `folder`."""
        return Place(
            folder or os.path.join(self.folder, name),
            f"{self.path}/{name}" if self.path else name,
            self.collection_id,
            self.tags,
        )


@dataclass(frozen=True, slots=True)
class Findings:
    """What looking around in a source found so far."""

    root: str
    candidates: list[Candidate] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)

    def add(self, type_: str, name: str, place: Place) -> None:
        """A file that is an artifact by its place; an impossible name is a flaw."""
        if not is_name(name):
            reason = "its name will not do: use 1 to 255 characters of UTF-8, no control "
            reason += "characters, no leading or trailing space"
            self.flaws.append(Flaw(shown(place.path), reason, None, place.collection_id))
            return
        self.candidates.append(
            Candidate(type_, name, place.folder, place.path, place.collection_id, place.tags)
        )

    def refuse(
        self, place: Place, reason: object, artifact: str | None = None, *, unseen: bool = False
    ) -> None:
        """A place that cannot be looked into; `artifact` is the id it has, if it is one."""
        self.flaws.append(
            Flaw(shown(place.path), str(reason), artifact, place.collection_id, unseen=unseen)
        )


def look_into(place: Place, kind: str, findings: Findings) -> None:
    """Finds the artifacts in the agents, commands or skills folder of `place`, if it has one."""
    component = place.below(kind)
    try:
        if safe_files.exists(component.folder):
            look_into_component(kind, component, findings)
    except UnreadableError as error:
        findings.refuse(component, error, unseen=True)


def look_into_component(kind: str, place: Place, findings: Findings) -> None:
    """Finds the artifacts in one agents, commands or skills folder, or the one that it is."""
    try:
        real = safe_files.inside(place.folder, findings.root)
    except UnreadableError as error:
        findings.refuse(place, error, unseen=True)
        return
    found = Place(real, place.path, place.collection_id, place.tags)
    name = place.path.rpartition("/")[2]
    if not os.path.isdir(real):
        if kind != "skills" and name.lower().endswith(SUFFIX):
            findings.add(TYPES[kind], name[: -len(SUFFIX)], found)
    elif kind == "skills":
        if os.path.lexists(os.path.join(real, SKILL)):
            _look_into_skill(name, found, findings)
        else:
            _look_into_skills(found, findings)
    else:
        _look_into_documents(TYPES[kind], found, findings)


def _look_into_documents(type_: str, top: Place, findings: Findings) -> None:
    """Markdown files, in subfolders too: `git/commit.md` is named `git/commit`."""
    pending = [(top, "")]
    # A link is followed once for all, so that links to each other cannot multiply.
    followed = {top.folder}
    while pending:
        place, prefix = pending.pop()
        try:
            entries = safe_files.entries(place.folder)
        except UnreadableError as error:
            findings.refuse(place, error, unseen=True)
            continue
        for entry in entries:
            is_document = entry.name.lower().endswith(SUFFIX)
            name = prefix + (entry.name[: -len(SUFFIX)] if is_document else entry.name)
            at = place.below(entry.name)
            artifact = f"{type_}:{name}" if is_document and is_name(name) else None
            try:
                at, is_folder = _followed(entry, at, findings.root, followed)
            except UnreadableError as error:
                if is_document or not entry.name.startswith("."):
                    findings.refuse(at, error, artifact, unseen=artifact is None)
                continue
            if not is_folder:
                if is_document:
                    findings.add(type_, name, at)
            elif is_document:
                findings.refuse(at, "is a folder, not a file", artifact)
            elif not entry.name.startswith("."):
                pending.append((at, f"{name}/"))


def _followed(
    entry: os.DirEntry[str], at: Place, root: str, followed: set[str]
) -> tuple[Place, bool]:
    """Where `entry` really is, and whether it is a folder."""
    if not entry.is_symlink():
        return at, entry.is_dir(follow_symlinks=False)
    real = safe_files.inside(entry.path, root)
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
    return Place(real, at.path, at.collection_id, at.tags), is_folder


def _look_into_skills(top: Place, findings: Findings) -> None:
    try:
        entries = safe_files.entries(top.folder)
    except UnreadableError as error:
        findings.refuse(top, error, unseen=True)
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        place = top.below(entry.name)
        try:
            place, is_folder = _followed(entry, place, findings.root, set())
        except UnreadableError as error:
            findings.refuse(place, error, _skill_id(entry.name))
            continue
        if is_folder:
            _look_into_skill(entry.name, place, findings)


def _look_into_skill(name: str, folder: Place, findings: Findings) -> None:
    place = folder.below(SKILL)
    try:
        if not safe_files.exists(place.folder):
            findings.refuse(folder, f"holds no {SKILL}")
            return
        if os.path.islink(place.folder):
            place = folder.below(SKILL, safe_files.inside(place.folder, findings.root))
    except UnreadableError as error:
        findings.refuse(place, error, _skill_id(name))
        return
    findings.add("skill", name, place)


def _skill_id(name: str) -> str | None:
    return f"skill:{name}" if is_name(name) else None
