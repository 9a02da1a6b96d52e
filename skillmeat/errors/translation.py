"""The translation of psycopg's errors into the classes of this package."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from skillmeat.errors.classes import (
    CannotConnect,
    DatabaseError,
    Duplicate,
    InvalidValue,
    NotAllowed,
    NotMigrated,
    NotPopulated,
    Retry,
    SkillMeatError,
    UnknownArtifact,
    UnknownArtifactType,
    UnknownCollection,
    UnknownGroup,
    UnknownKey,
    UnknownTag,
    UnknownToken,
)

_UNKNOWN: Final = (
    UnknownCollection,
    UnknownArtifact,
    UnknownGroup,
    UnknownTag,
    UnknownArtifactType,
    UnknownToken,
)
_CLASSES: Final[tuple[type[DatabaseError], ...]] = (
    CannotConnect,
    NotAllowed,
    Duplicate,
    *_UNKNOWN,
    UnknownKey,
    InvalidValue,
    Retry,
)
# PostgreSQL's function that refuses to read an empty snapshot; the message may be translated.
_READS_SNAPSHOT = "ExecOpenScanRelation"
_UNDEFINED = ("42P01", "42703", "42883", "3F000")
# A schema looks empty to a role without USAGE on it.
_UNDEFINED_HINT: Final = (
    "run `skillmeat migrate up` in this schema first, or connect as a role that may use the schema"
)
_NOT_ALLOWED_HINT: Final = "connect as the schema's owner, or as a role that has the privilege"
# The SQLSTATE, and libpq's message without one if the URL has target_session_attrs=read-write.
_READ_ONLY: Final = ("25006", "session is read-only")
_READ_ONLY_HINT: Final = (
    "the server is a standby, or default_transaction_read_only is on: name the primary in "
    "SKILLMEAT_DATABASE_URL, or turn that setting off"
)
_OUT_OF_RANGE: Final = "22003"
_OUT_OF_RANGE_HINT: Final = "use a smaller number; a position is at most 2147483647"
# PostgreSQL has more times than Python's datetime, which is why psycopg cannot read them.
_TIME_HINT: Final = (
    "Python has no such time: in psql, set added_at, created_at and updated_at to years 1 to 9999"
)
# The server was stopped, or it crashed or starts; 57P04 is a database that was dropped.
_STOPPED: Final = ("57P01", "57P02", "57P03")
_STOPPED_HINT: Final = "the server ended the session or refuses it: connect again when it runs"
_TRIMMED = "one of them visible, without control characters or a space at either end"
_MEANINGS = {
    "name_is_short_printable_and_trimmed": f"a name is 1 to 255 characters, {_TRIMMED}",
    "tag_is_short_printable_and_trimmed": f"a tag is 1 to 100 characters, {_TRIMMED}; "
    "so is its slug, which has no - and _ at its ends, and may be longer than the tag",
    "type_is_an_identifier": "a type is lowercase letters, digits and underscores, a letter first",
    "tags_color_is_a_hex_color": "a colour is # and six hex digits",
    "api_tokens_scope_is_known": "the scope of a token is read or write",
}
# By unique constraint; the detail of the server's message names the key.
_TAKEN: Final = {
    "collections_name_is_unique": "a collection has this name: choose another",
    "groups_name_is_unique_in_its_collection": "the collection has a group of this name: choose "
    "another",
    "tags_name_is_unique": "a tag has this name: choose another",
    "tags_slug_is_unique": "a tag has this slug: choose another name or slug",
    "api_tokens_pkey": "a token has this name, or had it until it was revoked: choose another",
}


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise psycopg's errors as classes of this package.

    The message is one line, with the hint, and never holds a URL or a password.
    """
    try:
        yield
    except psycopg.Error as error:
        raise _translate(error) from error
    except UnicodeEncodeError as error:
        message = "text that is not valid Unicode cannot be stored"
        raise InvalidValue(message, sqlstate="22021") from error


_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def _one_line(text: str) -> str:
    # The message quotes the refused value, which may contain control characters.
    return _UNPRINTABLE.sub(lambda found: f"\\x{ord(found[0]):02x}", " ".join(text.split()))


def _translate(error: psycopg.Error) -> SkillMeatError:
    state = error.sqlstate
    diagnostic = error.diag
    message = _one_line(diagnostic.message_primary or str(error) or type(error).__name__)
    details = (diagnostic.message_detail, diagnostic.message_hint)
    line = ": ".join([message, *(_one_line(each) for each in details if each)])
    if state in _UNDEFINED:
        return NotMigrated(f"{message}: {_UNDEFINED_HINT}")
    if state in NotPopulated.sqlstates and diagnostic.source_function == _READS_SNAPSHOT:
        return NotPopulated(f"{message}: run `skillmeat refresh`", sqlstate=state)
    if state == _READ_ONLY[0] or _READ_ONLY[1] in line:
        line = f"{line}: {_READ_ONLY_HINT}"
    if state in _STOPPED and not diagnostic.message_hint:
        line = f"{line}: {_STOPPED_HINT}"
    if state in NotAllowed.sqlstates and not diagnostic.message_hint:
        line = f"{line}: {_NOT_ALLOWED_HINT}"
    if state == _OUT_OF_RANGE:
        line = f"{line}: {_OUT_OF_RANGE_HINT}"
    constraint = diagnostic.constraint_name
    line = _describe_violation(diagnostic) or line
    if state is None and isinstance(error, psycopg.OperationalError):
        return CannotConnect(line)
    if state is None and isinstance(error, psycopg.DataError):
        # psycopg sends no text with this character, because PostgreSQL cannot store it.
        if "NUL" in line:
            return InvalidValue("a text must not contain the character NUL", sqlstate="22021")
        return InvalidValue(f"{line}: {_TIME_HINT}", sqlstate="22008")
    return _class_of(state, constraint)(line, sqlstate=state, constraint=constraint)


def _describe_violation(diagnostic: psycopg.errors.Diagnostic) -> str | None:
    constraint = diagnostic.constraint_name or ""
    if constraint not in _TAKEN:
        return _MEANINGS.get(constraint)
    return f"{_TAKEN[constraint]} ({_one_line(diagnostic.message_detail or '').rstrip('.')})"


def _class_of(state: str | None, constraint: str | None) -> type[DatabaseError]:
    if state in UnknownKey.sqlstates:
        for unknown in _UNKNOWN:
            if constraint in unknown.foreign_keys:
                return unknown
    for kind in _CLASSES:
        if state is not None and state.startswith(kind.sqlstates):
            return kind
    return DatabaseError
