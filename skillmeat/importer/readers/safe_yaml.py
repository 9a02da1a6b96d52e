"""YAML as plain JSON, within a budget.

Built from the safe loader's events instead of its objects: nesting, aliases and numbers are
checked before anything is built from them, and text stays text where a caller wants it verbatim
(`version: 1.10` is no float). It takes as long as the safe loader does.
"""

import math
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

import yaml

from skillmeat.importer.readers.model import JSON
from skillmeat.importer.readers.text import escape, is_storable

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

DEEPEST = 32
LARGEST = 64 * 1024
# No number, date or boolean that anyone means is longer; what is longer is text.
_LONGEST_NUMBER = 64
_TOO_DEEP = f"is nested more than {DEEPEST} levels deep"
# libyaml stops by itself at a depth far beyond ours, while it reads ahead of its events.
_TOO_DEEP_FOR_LIBYAML = "exceeded maximum nesting depth"

_PREFIX = "tag:yaml.org,2002:"
_TYPED = frozenset(_PREFIX + name for name in ("bool", "int", "float", "timestamp"))
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))


class NotPlainError(Exception):
    """Why a text is not plain data, in one line."""


def load(text: str, *, verbatim: AbstractSet[str] = frozenset(), within: str = "") -> JSON:
    """The one document in `text`, as JSON that PostgreSQL can store.

    Under the top-level keys in `verbatim`, and those inside the top-level mapping `within`,
    scalars stay as they were written. Raises `NotPlainError`.
    """
    if len(text) > LARGEST:
        message = f"is larger than {LARGEST // 1024} KiB"
        raise NotPlainError(message)
    _demand_storable(text)
    try:
        loader = _Loader(text)
        try:
            # Only an escape in a quoted scalar can still bring in what cannot be stored.
            return _Reader(loader, verbatim, within, escapes="\\" in text).document()
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError) as error:
        # ValueError: how the pure Python scanner takes an escape beyond Unicode.
        raise NotPlainError(_why(error)) from None


class _Reader:
    __slots__ = ("anchors", "budget", "escapes", "loader", "verbatim", "within")

    def __init__(
        self,
        loader: Any,  # noqa: ANN401
        verbatim: AbstractSet[str],
        within: str,
        *,
        escapes: bool,
    ) -> None:
        self.escapes = escapes
        self.loader = loader
        self.verbatim = verbatim
        self.within = within
        self.anchors: dict[str, tuple[JSON, int]] = {}
        # Characters that may be built; only aliases can make them more than were read.
        self.budget = 2 * LARGEST

    def document(self) -> JSON:
        next_event = self.loader.get_event
        next_event()
        if isinstance(next_event(), yaml.StreamEndEvent):
            return None
        value = self.node(next_event(), 0, chosen=True, as_text=False)
        next_event()
        if not isinstance(next_event(), yaml.StreamEndEvent):
            message = "is more than one YAML document"
            raise NotPlainError(message)
        return value

    def node(self, event: Any, depth: int, *, chosen: bool, as_text: bool) -> JSON:  # noqa: ANN401
        before = self.budget
        value: JSON
        if isinstance(event, yaml.ScalarEvent):
            self.spend(len(event.value) + 1)
            if self.escapes:
                _demand_storable(event.value)
            value = self.verbatim_scalar(event) if as_text else self.scalar(event)
        elif isinstance(event, yaml.AliasEvent):
            return self.alias(event.anchor or "")
        else:
            self.spend(1)
            if depth == DEEPEST:
                raise NotPlainError(_TOO_DEEP)
            if isinstance(event, yaml.MappingStartEvent):
                _check_tag(event.tag, "map")
                value = self.mapping(depth, chosen=chosen, as_text=as_text)
            else:
                _check_tag(event.tag, "seq")
                value = self.sequence(depth, as_text=as_text)
        if event.anchor is not None:
            self.anchors[event.anchor] = value, before - self.budget
        return value

    def mapping(self, depth: int, *, chosen: bool, as_text: bool) -> JSON:
        result: dict[str, JSON] = {}
        while not isinstance(event := self.loader.get_event(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                message = "has a key that is not plain text"
                raise NotPlainError(message)
            key = event.value
            self.spend(len(key) + 1)
            if self.escapes:
                _demand_storable(key)
            value = self.loader.get_event()
            within = chosen and depth == 0 and key == self.within
            text = as_text or (chosen and key in self.verbatim)
            result[key] = self.node(value, depth + 1, chosen=within, as_text=text)
        return result

    def sequence(self, depth: int, *, as_text: bool) -> JSON:
        result: list[JSON] = []
        while not isinstance(event := self.loader.get_event(), yaml.SequenceEndEvent):
            result.append(self.node(event, depth + 1, chosen=False, as_text=as_text))
        return result

    def alias(self, anchor: str) -> JSON:
        if anchor not in self.anchors:
            message = f"has an alias *{escape(anchor)} to itself or to nothing"
            raise NotPlainError(message)
        value, size = self.anchors[anchor]
        self.spend(size)
        return value

    def spend(self, size: int) -> None:
        self.budget -= size
        if self.budget < 0:
            message = f"grows beyond {2 * LARGEST // 1024} KiB through its aliases"
            raise NotPlainError(message)

    def verbatim_scalar(self, event: Any) -> str | None:  # noqa: ANN401
        if event.implicit[0] and event.value in _NULLS:
            return None
        return str(event.value)

    def scalar(self, event: Any) -> JSON:  # noqa: ANN401
        text: str = event.value
        tag = event.tag
        if tag is None or tag == "!":
            if len(text) > _LONGEST_NUMBER:
                return text
            tag = self.loader.resolve(yaml.ScalarNode, text, event.implicit)
        if tag in _TYPED and len(text) <= _LONGEST_NUMBER:
            return self.typed(tag, text)
        if tag == _PREFIX + "null":
            return None
        if tag not in _TYPED and tag not in (_PREFIX + "str", _PREFIX + "value", _PREFIX + "merge"):
            _check_tag(tag, "str")
        return text

    def typed(self, tag: str, text: str) -> JSON:
        try:
            value = self.loader.yaml_constructors[tag](self.loader, yaml.ScalarNode(tag, text))
        except (ValueError, LookupError, OverflowError, AttributeError):
            # It only looked like one: 2024-13-45 is no date.
            return text
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, float) and not math.isfinite(value):
            return text
        return value  # type: ignore[no-any-return]


def _demand_storable(text: str) -> None:
    if not is_storable(text):
        message = "holds a character that PostgreSQL cannot store (NUL or a lone surrogate)"
        raise NotPlainError(message)


def _check_tag(tag: str | None, plain: str) -> None:
    if tag not in (None, "!", _PREFIX + plain):
        message = f"has a tag that is not plain data: {escape(str(tag))[:80]}"
        raise NotPlainError(message)


def _why(error: Exception) -> str:
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    if problem == _TOO_DEEP_FOR_LIBYAML:
        return _TOO_DEEP
    mark = getattr(error, "problem_mark", None)
    # The first line of the file is the one above the YAML, and people count from one.
    line = f"line {mark.line + 2}: " if mark is not None else ""
    return f"is not valid YAML: {line}{escape(str(problem))[:200]}"
