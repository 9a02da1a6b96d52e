"""The reader of marketplace.json and plugin.json, in which a field may hold any JSON value."""

from collections.abc import Iterator, Mapping

from skillmeat.importer.readers import safe_files
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath
from skillmeat.importer.readers.json_file import name_type, read_json
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.text import is_storable

FOLDER = ".claude-plugin"
_TEXT_FIELDS = ("name", "description", "version")
_TAG_FIELDS = ("category", "keywords", "tags")

Manifest = Mapping[str, object]


def read_manifest(source_path: SourcePath, result: ScanResult) -> Manifest | None:
    """Return the object in the file, or None if there is no file. Raises `UnreadableError`."""
    if not safe_files.exists(source_path.real):
        return None
    value, repeated = read_json(safe_files.resolve_inside(source_path.real, *result.boundaries))
    result.add_repeated_keys(source_path, repeated)
    if not isinstance(value, dict):
        message = "is not a JSON object"
        raise UnreadableError(message, f"it is {name_type(value)}", "write an object")
    return value


def get_text(manifest: Manifest, key: str) -> str | None:
    """Return the text under `key`, or None if it holds no text that can be stored."""
    value = manifest.get(key)
    return value.strip() or None if isinstance(value, str) and is_storable(value) else None


def get_strings(manifest: Manifest, key: str) -> list[str]:
    """Return the strings under `key`, which may hold one string or a list."""
    value = manifest.get(key)
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, str)]


def get_tags(*manifests: Manifest) -> list[str]:
    """Return category, keywords and tags as written, each from the first manifest that has it."""
    names: list[str] = []
    for key in _TAG_FIELDS:
        found = next(filter(None, (get_strings(manifest, key) for manifest in manifests)), [])
        names += [name for item in found for name in item.split(",")]
    return names


def find_unusable_fields(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Yield each name, description, version and tag that is no text, as its field and its type."""
    for key in _TEXT_FIELDS:
        value = manifest.get(key)
        if isinstance(value, str) and not is_storable(value):
            yield key, "a text with characters that cannot be stored"
        elif value is not None and not isinstance(value, str):
            yield key, name_type(value)
    for key in _TAG_FIELDS:
        value = manifest.get(key)
        for item in value if isinstance(value, list) else [value]:
            if item is not None and not isinstance(item, str):
                yield key, name_type(item)


def get_field(manifest: Manifest, path: str) -> object:
    """Return the value at `path`, in which a dot leads into an object, or None.

    Claude Code also reads a field of an object, such as `experimental.themes`, at the top.
    """
    value: object = manifest
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return manifest.get(path.rpartition(".")[2]) if value is None else value


def get_path(manifest: Manifest) -> str | None:
    """Return the path in an object that stands for a path, such as `{"source": "./x"}`."""
    found = (manifest.get(key) for key in ("source", "path", "file"))
    return next((path for path in found if isinstance(path, str)), None)
