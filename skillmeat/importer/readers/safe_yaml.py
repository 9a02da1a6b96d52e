"""A reader of YAML as plain JSON, within limits of size, depth and aliases.

PyYAML builds the nodes, and this module builds the values. It checks numbers and aliases before it
builds values from them. Columns keep their text: `version: 1.10` does not become a float.
"""

import math
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any, NamedTuple

import yaml

from skillmeat.importer.readers.model import JSON, SourceReadError
from skillmeat.importer.readers.text import escape, is_storable

DEEPEST = 32
LARGEST = 64 * 1024
# Every real number, date or boolean is shorter; a longer scalar is text.
_LONGEST_NUMBER = 64
_TOO_DEEP = f"is nested more than {DEEPEST} levels deep, or an alias in it refers to itself"
_TOO_LARGE = f"is larger than {LARGEST // 1024} KiB"
_TOO_MANY_ALIASES = f"grows beyond {2 * LARGEST // 1024} KiB through its aliases"
# libyaml's own limit is much deeper than `DEEPEST`, and raises an error with this text.
_TOO_DEEP_FOR_LIBYAML = "exceeded maximum nesting depth"

_PREFIX = "tag:yaml.org,2002:"
_TYPED = frozenset(_PREFIX + name for name in ("bool", "int", "float", "timestamp"))
_TEXTS = frozenset(_PREFIX + name for name in ("str", "value", "merge"))
_NULL = _PREFIX + "null"


_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """PyYAML's loader without path resolvers, which cost a seventh of the time of reading."""

    def resolve(self, kind: type[yaml.Node], value: str, implicit: tuple[bool, bool]) -> str:
        if kind is yaml.MappingNode:
            return _PREFIX + "map"
        if kind is yaml.SequenceNode:
            return _PREFIX + "seq"
        if implicit[0]:
            for tag, pattern in self.yaml_implicit_resolvers.get(value[:1], ()):
                if pattern.match(value):
                    return str(tag)
        return _PREFIX + "str"

    def descend_resolver(self, _parent: object, _index: object) -> None: ...

    def ascend_resolver(self) -> None: ...


class NotPlainError(SourceReadError):
    """A text that is not valid YAML, or not plain data that PostgreSQL can store."""


class LimitError(SourceReadError):
    """A text that is larger or deeper than this module reads."""


class RepeatedKey(NamedTuple):
    """A key that one mapping has more than once."""

    line: int
    key: str


class YamlReader:
    """A reader of documents that counts the characters of all their values, with copies.

    Scalars stay as written under the keys in `verbatim`, at the top level and inside the top-level
    mapping `within`.
    """

    def __init__(self, *, verbatim: AbstractSet[str] = frozenset(), within: str = "") -> None:
        self.verbatim = verbatim
        self.within = within
        self.budget = 2 * LARGEST
        self.repeated: list[RepeatedKey] = []
        self._loader: Any = None
        self._first_line = 1
        self._has_aliases = False
        self._has_escapes = False

    def read(self, text: str, *, first_line: int = 1) -> JSON:
        """Return the only document in `text`, as JSON that PostgreSQL can store.

        `first_line` is the number of the text's first line in its file. Raises `NotPlainError` and
        `LimitError`.
        """
        if len(text) > LARGEST:
            raise LimitError(_TOO_LARGE)
        _check_storable(text)
        self._first_line = first_line
        # Only an alias can produce more characters than the text has, and only an escape in a
        # quoted scalar can add a character that PostgreSQL cannot store. Most texts have neither.
        self._has_aliases = "&" in text and "*" in text
        self._has_escapes = "\\" in text
        try:
            self._loader = _Loader(text)
            try:
                node = self._loader.get_single_node()
                return None if node is None else self._convert(node)
            finally:
                self._loader.dispose()
        except RecursionError:
            raise LimitError(_TOO_DEEP) from None
        except (yaml.YAMLError, ValueError) as error:
            # PyYAML's pure Python scanner raises ValueError for an escape beyond Unicode.
            raise self._explain(error) from None

    def _convert(
        self,
        node: yaml.Node,
        depth: int = 0,
        *,
        has_columns: bool = True,
        is_verbatim: bool = False,
    ) -> JSON:
        if isinstance(node, yaml.ScalarNode):
            return self._convert_scalar(node, is_verbatim=is_verbatim)
        self._spend(1)
        if depth == DEEPEST:
            raise LimitError(_TOO_DEEP)
        if isinstance(node, yaml.SequenceNode):
            _check_tag(node.tag, "seq")
            return [
                self._convert(each, depth + 1, has_columns=False, is_verbatim=is_verbatim)
                for each in node.value
            ]
        _check_tag(node.tag, "map")
        value: dict[str, JSON] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                reason = "has a key that is not plain text"
                raise NotPlainError(reason)
            key = self._check(key_node.value)
            if key in value:
                self.repeated.append(RepeatedKey(self._get_line(key_node.start_mark), key))
            value[key] = self._convert(
                value_node,
                depth + 1,
                has_columns=has_columns and depth == 0 and key == self.within,
                is_verbatim=is_verbatim or (has_columns and key in self.verbatim),
            )
        return value

    def _convert_scalar(self, node: yaml.ScalarNode, *, is_verbatim: bool) -> JSON:
        text = self._check(node.value)
        tag = node.tag
        if tag in _TEXTS:
            return text
        if tag == _NULL:
            return None
        if tag not in _TYPED:
            _check_tag(tag, "str")
        if is_verbatim:
            return text
        return self._construct(node) if len(text) <= _LONGEST_NUMBER else text

    def _construct(self, node: yaml.ScalarNode) -> JSON:
        try:
            value = self._loader.yaml_constructors[node.tag](self._loader, node)
        except (ValueError, LookupError, OverflowError, AttributeError):
            # The scalar only looked like a typed value: 2024-13-45 is not a date.
            return str(node.value)
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, float) and not math.isfinite(value):
            return str(node.value)
        return value  # type: ignore[no-any-return]

    def _check(self, text: str) -> str:
        if self._has_escapes:
            _check_storable(text)
        if self._has_aliases:
            self._spend(len(text) + 1)
        return text

    def _spend(self, size: int) -> None:
        self.budget -= size
        if self.budget < 0:
            raise LimitError(_TOO_MANY_ALIASES)

    def _get_line(self, mark: Any) -> int:  # noqa: ANN401
        return int(mark.line) + self._first_line

    def _explain(self, error: Exception) -> SourceReadError:
        problem = getattr(error, "problem", None) or getattr(error, "reason", None)
        if isinstance(error, yaml.composer.ComposerError) and error.context:
            # For "found duplicate anchor", PyYAML's `problem` is only "second occurrence".
            problem = error.context
        if problem == _TOO_DEEP_FOR_LIBYAML:
            return LimitError(_TOO_DEEP)
        mark = getattr(error, "problem_mark", None)
        line = f"line {self._get_line(mark)}: " if mark is not None else ""
        problem = escape(str(problem or "cannot be read"))[:200]
        return NotPlainError("is not valid YAML", line + problem)


def _check_storable(text: str) -> None:
    if not is_storable(text):
        reason = "holds a character that PostgreSQL cannot store (NUL or a lone surrogate)"
        raise NotPlainError(reason)


def _check_tag(tag: str, plain: str) -> None:
    if tag != _PREFIX + plain:
        reason = "has a tag that is not plain data"
        raise NotPlainError(reason, escape(tag)[:80])
