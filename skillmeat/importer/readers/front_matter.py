"""The reader of front matter: the YAML between two `---` lines at the start of a file.

Claude Code reads a value such as `description: Use when: …`, which is not valid YAML. If the YAML
of a file is not valid, this module reads it field by field, and takes the value that YAML refuses
as plain text. A field that cannot be read so is left out; the other fields stay.
"""

import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from skillmeat.importer.readers.model import JSON, SourceReadError
from skillmeat.importer.readers.safe_yaml import LARGEST, LimitError, NotPlainError, YamlReader
from skillmeat.importer.readers.text import escape, is_storable

# These columns are text. YAML would read `version: 1.10` as 1.1 and the tag `on` as true.
_COLUMNS = frozenset(
    ("title", "description", "author", "license", "licence", "version", "tags", "name")
)

# The Agent Skills format keeps author and version in a mapping with this name.
NESTED = "metadata"

_OPENING = re.compile(r"---[ \t]*\r?\n")
_VISIBLE = re.compile(r"\S")
_CLOSING = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)
# The first line of the YAML is the second line of the file.
_FIRST_LINE = 2

_FIELD = re.compile(r"(?P<quote>[\"']?)(?P<key>\w[\w.-]*)(?P=quote)[ \t]*:(?:[ \t]+(?P<value>.*))?")
_ELEMENT = re.compile(r"<(\w+)>")
_BLOCK_SCALAR = re.compile(r"[|>][-+0-9]*")
_INDENTATION = re.compile(r"^[ \t]+")
_NESTED_VALUE = re.compile(
    r"(?P<start> *(?:- +)*(?:(?P<key>\w[\w.-]*): +)?)(?!\w[\w.-]*:$)(?P<value>[^\s#].*)"
)


class FrontMatter(NamedTuple):
    """The fields of a file, safe to store, and the problems that were found in them."""

    fields: dict[str, JSON]
    problems: list[SourceReadError]


class _Field(NamedTuple):
    """The lines of one top-level field, and the number of the first line in the file."""

    number: int
    lines: list[str]

    @property
    def key(self) -> str:
        """The field's key, or an empty text for lines without a key, which may hold a secret."""
        field = _FIELD.fullmatch(self.lines[0])
        return field["key"][:80] if field else ""


def read_front_matter(text: str) -> FrontMatter:
    """Return the mapping at the start of `text`, without the fields that cannot be read."""
    opening = _OPENING.match(text)
    if opening is None:
        return _refuse(_explain_absence(text))
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        reason = "front matter is not closed"
        return _refuse(SourceReadError(reason, advice="add a line --- after its last field"))
    if closing.start() - opening.end() > LARGEST:
        return _refuse(
            SourceReadError(
                f"front matter is larger than {LARGEST // 1024} KiB", advice="shorten it"
            )
        )
    return _read_fields(text[opening.end() : closing.start()])


def find_front_matter(text: str) -> tuple[int, int]:
    """Return where the front matter of `text` starts and ends, its closing line included.

    Front matter below comments and front matter that is not closed count, although they are not
    read. Both positions are 0 if there is none.
    """
    start = _skip_comments(text)
    opening = _OPENING.match(text, start)
    if opening is None:
        return 0, 0
    closing = _CLOSING.search(text, opening.end())
    return start, closing.start() + len("---") if closing else len(text)


def _refuse(error: SourceReadError) -> FrontMatter:
    return FrontMatter({}, [error])


def _explain_absence(text: str) -> SourceReadError:
    start = _skip_comments(text)
    opening = _OPENING.match(text, start)
    if opening is None or not _FIELD.match(text, opening.end()):
        return SourceReadError("no front matter", advice="begin the file with fields between ---")
    line = text.count("\n", 0, start) + 1
    return SourceReadError(
        "the front matter does not begin on the first line, so it is not read",
        f"it begins on line {line}",
        "move it to the start of the file",
    )


def _skip_comments(text: str) -> int:
    """Return the position of the first text that is neither blank nor an HTML comment."""
    position = 0
    while True:
        visible = _VISIBLE.search(text, position)
        position = visible.start() if visible else len(text)
        end = text.find("-->", position) if text.startswith("<!--", position) else -1
        if end < 0:
            return position
        position = end + len("-->")


def _read_fields(text: str) -> FrontMatter:
    reader = YamlReader(verbatim=_COLUMNS, within=NESTED)
    try:
        value = reader.read(text, first_line=_FIRST_LINE)
    except LimitError as error:
        return _refuse(_describe_refusal(error))
    except NotPlainError as error:
        return _read_each_field(text, error)
    if value is None:
        return _refuse(SourceReadError("front matter is empty", advice="add a description"))
    if not isinstance(value, dict):
        reason = "front matter is not a mapping"
        return _refuse(SourceReadError(reason, advice="write each field as key: value"))
    return FrontMatter(value, _list_repeated(reader))


def _list_repeated(reader: YamlReader) -> list[SourceReadError]:
    return [_note_repeated(line, key) for line, key in reader.repeated]


def _note_repeated(line: int, key: str) -> SourceReadError:
    return SourceReadError(
        "the front matter has a key twice, and the last value counts",
        f"line {line}: {escape(key)[:80]}",
        "remove one of the two",
    )


def _read_each_field(text: str, error: NotPlainError) -> FrontMatter:
    """Read each field on its own: a broken field does not cost the others."""
    reader = YamlReader(verbatim=_COLUMNS, within=NESTED)
    fields: dict[str, JSON] = {}
    problems: list[SourceReadError] = []
    for field in _split_fields(text):
        value, found = _read_field(reader, field)
        problems += found
        problems += [_note_repeated(field.number, key) for key in value if key in fields]
        fields.update(value)
    problems += _list_repeated(reader)
    return FrontMatter(fields, problems or [_describe_refusal(error)])


def _split_fields(text: str) -> Iterator[_Field]:
    """Yield the lines of each top-level field.

    A line without a key belongs to the field above, and so does a line in an element such as
    <example>: descriptions of agents have examples with lines like `user: "…"`.
    """
    lines = re.split(r"\r\n|\r|\n", text)
    rest = Counter(line.strip() for line in lines)
    field = _Field(_FIRST_LINE, [])
    end: str | None = None
    for number, line in enumerate(lines, start=_FIRST_LINE):
        text = line.strip()
        rest[text] -= 1
        if end is None and field.lines and _FIELD.fullmatch(line):
            yield field
            field = _Field(number, [])
        # YAML refuses a tab as indentation.
        field.lines.append(_INDENTATION.sub(_expand_tabs, line).rstrip())
        if text == end:
            end = None
        elif end is None and (element := _ELEMENT.fullmatch(text)) and rest[f"</{element[1]}>"]:
            end = f"</{element[1]}>"
    yield field


def _expand_tabs(indentation: re.Match[str]) -> str:
    return indentation[0].expandtabs(4)


def _read_field(reader: YamlReader, field: _Field) -> FrontMatter:
    try:
        value = reader.read("\n".join(field.lines), first_line=field.number)
    except LimitError as error:
        return _refuse(_leave_out(field, f"it {error.reason}"))
    except NotPlainError as error:
        return _read_as_text(reader, field, error)
    if isinstance(value, dict) or value is None:
        return FrontMatter(value or {}, [])
    return _refuse(_leave_out(field, "it has no key"))


def _read_as_text(reader: YamlReader, field: _Field, error: SourceReadError) -> FrontMatter:
    """Return a field that YAML refuses, with plain text in place of the values that it refuses."""
    first, *others = field.lines
    start = _FIELD.fullmatch(first)
    if start is None or not is_storable("".join(field.lines)):
        return _refuse(_leave_out(field, error.detail or error.reason))
    key, value = start["key"], (start["value"] or "").strip()
    if not value:
        return _read_nested(reader, field)
    if _BLOCK_SCALAR.fullmatch(value):
        text = textwrap.dedent("\n".join(others)).strip()
    elif any(line[:1].strip() for line in others):
        text = "\n".join([value, *others]).strip()
    else:
        text = " ".join([value, *filter(None, map(str.strip, others))])
    return FrontMatter({key: text}, [_take_as_text(field.number, key)])


def _read_nested(reader: YamlReader, field: _Field) -> FrontMatter:
    """Read a list or a mapping again, with quotes around the values that YAML refuses."""
    lines = field.lines[:1]
    problems: list[SourceReadError] = []
    for number, line in enumerate(field.lines[1:], start=field.number + 1):
        nested = _NESTED_VALUE.fullmatch(line)
        if nested is None or _is_yaml(nested["value"]):
            lines.append(line)
        else:
            problems.append(_take_as_text(number, nested["key"] or field.key))
            lines.append(nested["start"] + "'" + nested["value"].replace("'", "''") + "'")
    try:
        value = reader.read("\n".join(lines), first_line=field.number)
    except SourceReadError as error:
        return _refuse(_leave_out(field, error.detail or error.reason))
    return FrontMatter(value if isinstance(value, dict) else {}, problems)


def _is_yaml(value: str) -> bool:
    """Return whether YAML accepts `value` as the value of a key."""
    if _BLOCK_SCALAR.fullmatch(value):
        return True
    try:
        YamlReader().read(f"key: {value}")
    except SourceReadError:
        return False
    return True


def _describe_refusal(error: SourceReadError) -> SourceReadError:
    return SourceReadError(f"front matter {error.reason}", error.detail, "correct the YAML")


def _take_as_text(line: int, key: str) -> SourceReadError:
    return SourceReadError(
        "YAML refuses a value in the front matter, so it is read as plain text",
        f"line {line}: {key}",
        "quote the value",
    )


def _leave_out(field: _Field, why: str) -> SourceReadError:
    return SourceReadError(
        "a field of the front matter cannot be read, so it is left out",
        ": ".join(filter(None, (f"line {field.number}", field.key, why))),
        "correct the field",
    )
