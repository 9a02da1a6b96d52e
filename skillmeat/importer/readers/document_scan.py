"""The scan of folders in which each Markdown file is an artifact, such as agents/ and commands/."""
# Paths are strings, not Path objects, because a source may have 100,000 of them.
# ruff: noqa: PTH112

import os
from collections.abc import Iterator

from skillmeat.importer.readers import safe_files
from skillmeat.importer.readers.artifact_file import Parse, parse_artifact
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath, resolve_entry
from skillmeat.importer.readers.omissions import BESIDE
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.skill_scan import add_skill, has_skill_file, read_declared_name
from skillmeat.importer.readers.text import is_documentation_name, is_valid_name

SUFFIX = ".md"


def scan_documents(  # noqa: PLR0913 - each parameter tells two kinds apart
    type_: str,
    source_path: SourcePath,
    result: ScanResult,
    *,
    suffix: str = SUFFIX,
    parse: Parse = parse_artifact,
    has_skills: bool = False,
    has_documentation: bool = False,
    is_flat: bool = False,
    prefix: str = "",
) -> None:
    """Add the file at `source_path`, or the files of a folder: `git/commit.md` is `git/commit`.

    With `has_skills`, a subfolder with a SKILL.md is a skill. With `has_documentation`, a README
    and the like are passed over, unless they declare a name. If the place `is_flat`, its subfolders
    are only counted. Each name starts with `prefix`.
    """
    name = source_path.name
    if not os.path.isdir(source_path.real):
        if name.lower().endswith(suffix):
            result.add_candidate(type_, prefix + name[: -len(suffix)], source_path, parse=parse)
        else:
            reason = f"is neither a folder nor a {suffix} file"
            result.add_problem(source_path, reason, advice="correct the path, or rename the file")
        return
    walk = _Walk(type_, source_path, result, suffix, prefix, is_flat=is_flat)
    for entry_path, name in walk.list_files(has_skills=has_skills):
        if has_documentation and is_documentation(entry_path):
            result.add_omission("documentation files", entry_path)
        else:
            result.add_candidate(type_, name, entry_path, parse=parse)


def scan_documents_beside(type_: str, source_path: SourcePath, result: ScanResult) -> None:
    """Add the Markdown files of a plugin's own folder, but none of its subfolders."""
    for entry in safe_files.list_entries(source_path.real):
        if not entry.name.lower().endswith(SUFFIX):
            continue
        entry_path = source_path.join(entry.name)
        name = entry.name[: -len(SUFFIX)]
        try:
            entry_path, is_folder = resolve_entry(entry, entry_path, result)
        except UnreadableError as error:
            result.add_problem(entry_path, error, artifact=_make_id(type_, name))
            continue
        if not is_folder and not is_documentation(entry_path):
            result.add_candidate(type_, name, entry_path)


def is_documentation(source_path: SourcePath) -> bool:
    """Return whether the file has a name such as README.md, and declares no name of its own."""
    is_named_so = is_documentation_name(source_path.name)
    return is_named_so and read_declared_name(source_path.real) is None


class _Walk:
    """A walk through a folder, which yields each file with the suffix and its name."""

    def __init__(  # noqa: PLR0913 - the parameters of the scan
        self,
        type_: str,
        source_path: SourcePath,
        result: ScanResult,
        suffix: str,
        prefix: str,
        *,
        is_flat: bool,
    ) -> None:
        self.type = type_
        self.is_flat = is_flat
        self.result = result
        self.top = source_path
        self.suffix = suffix
        self.folders = [(source_path, prefix)]
        # Links come last, so that a file keeps its own path. Each is followed once: folders that
        # link to each other would multiply the paths.
        self.links: list[tuple[SourcePath, str]] = []
        self.followed = {source_path.real}

    def list_files(self, *, has_skills: bool) -> Iterator[tuple[SourcePath, str]]:
        """Yield the files; with `has_skills`, add a subfolder with a SKILL.md as a skill."""
        while self.folders or self.links:
            folder, prefix = (self.folders or self.links).pop()
            try:
                entries = safe_files.list_entries(folder.real)
            except UnreadableError as error:
                self.result.add_problem(folder, error, hides_artifacts=True)
                continue
            if has_skills and folder is not self.top and has_skill_file(entries):
                add_skill(prefix[:-1], folder, self.result)
                continue
            for entry in entries:
                is_document = entry.name.lower().endswith(self.suffix)
                if not is_document and entry.name.startswith("."):
                    continue
                name = prefix + (entry.name[: -len(self.suffix)] if is_document else entry.name)
                artifact = _make_id(self.type, name) if is_document else None
                entry_path = folder.join(entry.name)
                try:
                    entry_path, is_folder = resolve_entry(entry, entry_path, self.result)
                except UnreadableError as error:
                    self.result.add_problem(
                        entry_path, error, artifact=artifact, hides_artifacts=artifact is None
                    )
                    continue
                if is_folder and is_document:
                    advice = safe_files.ADVICE[safe_files.IS_FOLDER]
                    self.result.add_problem(
                        entry_path, safe_files.IS_FOLDER, advice=advice, artifact=artifact
                    )
                elif is_folder:
                    self._add_folder(entry_path, f"{name}/", is_link=entry.is_symlink())
                elif is_document:
                    yield entry_path, name
                else:
                    self._omit_file(entry_path)

    def _omit_file(self, file: SourcePath) -> None:
        if not is_documentation_name(file.name):
            kind = f"{BESIDE} {self.type.replace('_', ' ')}s that are not {self.suffix}"
            self.result.add_omission(kind, file)

    def _add_folder(self, folder: SourcePath, prefix: str, *, is_link: bool) -> None:
        if self.is_flat:
            self.result.add_omission(f"subfolders of {self.type}s", folder)
        elif not is_link:
            self.folders.append((folder, prefix))
        elif folder.real in self.followed:
            self.result.add_omission("links to folders that have another path", folder)
        else:
            self.followed.add(folder.real)
            self.links.append((folder, prefix))


def _make_id(type_: str, name: str) -> str | None:
    return f"{type_}:{name}" if is_valid_name(name) else None
