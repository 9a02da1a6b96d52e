"""A loader of YAML as plain JSON, within limits of size, depth and aliases.

PyYAML builds the nodes, and this module builds the values. It checks numbers and aliases before it
builds values from them. Columns keep their text: `version: 1.10` does not become a float.
"""

import math
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

import yaml

from skillmeat.importer.readers.model import JSON, SourceReadError
from skillmeat.importer.readers.text import escape, is_storable

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

DEEPEST = 32
LARGEST = 64 * 1024
# Every real number, date or boolean is shorter; a longer scalar is text.
_LONGEST_NUMBER = 64
_TOO_DEEP = f"is nested more than {DEEPEST} levels deep"
# libyaml's own limit is much deeper than `DEEPEST`, and raises an error with this text.
_TOO_DEEP_FOR_LIBYAML = "exceeded maximum nesting depth"

_PREFIX = "tag:yaml.org,2002:"
_TYPED = frozenset(_PREFIX + name for name in ("bool", "int", "float", "timestamp"))
_TEXTS = frozenset(_PREFIX + name for name in ("str", "value", "merge"))
_NULL = _PREFIX + "null"


class NotPlainError(SourceReadError):
    """A text that is not plain data."""


def load_yaml(text: str, *, verbatim: AbstractSet[str] = frozenset(), within: str = "") -> JSON:
    """Return the only document in `text`, as JSON that PostgreSQL can store.

    Scalars stay as written under the keys in `verbatim`, at the top level and inside the top-level
    mapping `within`. Raises `NotPlainError`.
    """
    if len(text) > LARGEST:
        message = f"is larger than {LARGEST // 1024} KiB"
        raise NotPlainError(message)
    _check_storable(text)
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            return (
                None if node is None else _Converter(loader, text, verbatim, within).convert(node)
            )
        finally:
            loader.dispose()
    except RecursionError:
        raise NotPlainError(_TOO_DEEP) from None
    except (yaml.YAMLError, ValueError) as error:
        # PyYAML's pure Python scanner raises ValueError for an escape beyond Unicode.
        raise _explain(error) from None


class _Converter:
    """A converter of nodes to values that counts the characters of all values, with copies."""

    def __init__(
        self,
        loader: Any,  # noqa: ANN401
        text: str,
        verbatim: AbstractSet[str],
        within: str,
    ) -> None:
        self.loader = loader
        self.text = text
        self.verbatim = verbatim
        self.within = within
        # Only aliases can produce more characters than the text has.
        self.budget = 2 * LARGEST
        self.parents: set[int] = set()

    def convert(
        self,
        node: yaml.Node,
        depth: int = 0,
        *,
        has_columns: bool = True,
        is_verbatim: bool = False,
    ) -> JSON:
        if isinstance(node, yaml.ScalarNode):
            return self.convert_scalar(node, is_verbatim=is_verbatim)
        self.spend(1)
        if id(node) in self.parents:
            # A node that can refer to itself begins with its anchor: &name.
            anchor = self.text[node.start_mark.index + 1 :].split(maxsplit=1)[0]
            reason = "has an alias to itself"
            raise NotPlainError(reason, f"*{escape(anchor)[:80]}")
        if depth == DEEPEST:
            raise NotPlainError(_TOO_DEEP)
        self.parents.add(id(node))
        value: JSON
        if isinstance(node, yaml.MappingNode):
            _check_tag(node.tag, "map")
            value = {}
            for key_node, value_node in node.value:
                if not isinstance(key_node, yaml.ScalarNode):
                    message = "has a key that is not plain text"
                    raise NotPlainError(message)
                key = self.spend_text(key_node.value)
                value[key] = self.convert(
                    value_node,
                    depth + 1,
                    has_columns=has_columns and depth == 0 and key == self.within,
                    is_verbatim=is_verbatim or (has_columns and key in self.verbatim),
                )
        else:
            _check_tag(node.tag, "seq")
            value = [
                self.convert(each, depth + 1, has_columns=False, is_verbatim=is_verbatim)
                for each in node.value
            ]
        self.parents.discard(id(node))
        return value

    def convert_scalar(self, node: yaml.ScalarNode, *, is_verbatim: bool) -> JSON:
        text = self.spend_text(node.value)
        if is_verbatim:
            return None if node.tag == _NULL else text
        if node.tag == _NULL:
            return None
        if node.tag in _TYPED:
            return self.construct(node) if len(text) <= _LONGEST_NUMBER else text
        if node.tag not in _TEXTS:
            _check_tag(node.tag, "str")
        return text

    def construct(self, node: yaml.ScalarNode) -> JSON:
        try:
            value = self.loader.yaml_constructors[node.tag](self.loader, node)
        except (ValueError, LookupError, OverflowError, AttributeError):
            # The scalar only looked like a typed value: 2024-13-45 is not a date.
            return str(node.value)
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, float) and not math.isfinite(value):
            return str(node.value)
        return value  # type: ignore[no-any-return]

    def spend_text(self, text: str) -> str:
        # An escape in a quoted scalar can add a character that PostgreSQL cannot store.
        _check_storable(text)
        self.spend(len(text) + 1)
        return text

    def spend(self, size: int) -> None:
        self.budget -= size
        if self.budget < 0:
            message = f"grows beyond {2 * LARGEST // 1024} KiB through its aliases"
            raise NotPlainError(message)


def _check_storable(text: str) -> None:
    if not is_storable(text):
        message = "holds a character that PostgreSQL cannot store (NUL or a lone surrogate)"
        raise NotPlainError(message)


def _check_tag(tag: str, plain: str) -> None:
    if tag != _PREFIX + plain:
        reason = "has a tag that is not plain data"
        raise NotPlainError(reason, escape(tag)[:80])


def _explain(error: Exception) -> NotPlainError:
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    if isinstance(error, yaml.composer.ComposerError) and error.context:
        # For "found duplicate anchor", PyYAML's `problem` is only "second occurrence".
        problem = error.context
    if problem == _TOO_DEEP_FOR_LIBYAML:
        return NotPlainError(_TOO_DEEP)
    mark = getattr(error, "problem_mark", None)
    # Add 2: the line `---` above the YAML is the first line of the file, and marks count from 0.
    line = f"line {mark.line + 2}: " if mark is not None else ""
    return NotPlainError("is not valid YAML", f"{line}{escape(str(problem))[:200]}")
