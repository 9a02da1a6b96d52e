"""Every error that a caller may meet, and the translation of psycopg's errors into them.

    SkillMeatError
     +-- InvalidSchemaName      a schema name that is too long or reserved
     +-- ServerError            the embedded server cannot be found, started or stopped
     +-- SourceError            a path holds nothing to import, or a strict import met a problem
     +-- NotMigrated            the schema lacks tables or views that this version needs
     +-- TooStale               the snapshot may be older than the caller allows
     +-- ReadOnly               a session of the ORM tried to write a summary
     +-- RowChanged             the row was edited after the caller read it
     +-- DatabaseError          the database refused; carries its SQLSTATE
          +-- CannotConnect     08*, 28*, 3D*   no server, wrong password, no such database
          +-- NotAllowed        42501           the role may not do this
          +-- Duplicate         23505           a name, slug or key that is taken
          +-- UnknownKey        23503           a statement refers to something that does not exist
          |    +-- UnknownCollection    SM001, or 23503 of a foreign key to collections
          |    +-- UnknownArtifact      SM002, or 23503 of one to artifacts or members
          |    +-- UnknownGroup         SM003, or 23503 of one to groups
          |    +-- UnknownTag           SM004, or 23503 of one to tags
          |    +-- UnknownArtifactType  SM005, or 23503 of one to artifact_types
          |    +-- UnknownToken         SM006
          +-- InvalidValue      22*, 23502, 23514  a value that a constraint refuses
          +-- NotPopulated      55000           the snapshot is empty
          +-- Retry             40001, 40P01, 55P03  run the transaction again

The codes `SM...` are the project's own. A function raises them before it writes, so the transaction
stays usable. The server reports 23503 if a row disappears during the call.
Only `skillmeat.errors.translate_errors()` turns psycopg's errors into these classes.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import ClassVar, Final, Self

import psycopg

# The message of an UnknownKey names at most this many ids.
_NAMED: Final = 10


class SkillMeatError(Exception):
    """The base of all errors here: one line with the error and its cure."""


class InvalidSchemaName(SkillMeatError):
    """A schema's name is too long or reserved."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"schema name {name!r} is not allowed: use 1 to 56 bytes without control characters, "
            "and no name that starts with pg_"
        )


class ServerError(SkillMeatError):
    """The embedded server cannot be found, started or stopped."""


class SourceError(SkillMeatError):
    """A path holds nothing to import, or a strict import met a problem.

    A second line of the message names the kinds of sources that the import looked for.
    """


class NotMigrated(SkillMeatError):
    """The schema lacks tables or views that this version needs."""


class TooStale(SkillMeatError):
    """The snapshot may be older than `max_age`; `age` says how old."""

    def __init__(self, age: timedelta, *, max_age: timedelta) -> None:
        super().__init__(
            f"the snapshot is up to {age} old, which is more than {max_age}: "
            "refresh it, allow a greater age, or read the exact page"
        )
        self.age = age


class ReadOnly(SkillMeatError):
    """A session tried to write a summary, whose rows are computed."""


class RowChanged(SkillMeatError):
    """The row was edited after the caller read it, so nothing was written (a lost update)."""

    @classmethod
    def from_id(cls, id: str, *, noun: str) -> Self:  # noqa: A002
        """Make the error for the row with this id."""
        return cls(f"{noun} {id!r} was edited after you read it: read it again, then repeat this")


class DatabaseError(SkillMeatError):
    """The database refused a statement.

    `sqlstate` is its five-character code, or None where no server answered; `constraint` names the
    constraint that was violated, or is None.
    """

    sqlstates: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self, message: str, *, sqlstate: str | None = None, constraint: str | None = None
    ) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate
        self.constraint = constraint


class CannotConnect(DatabaseError):
    """No server answers, or the server refuses the login."""

    sqlstates = ("08", "28", "3D", "57P")


class NotAllowed(DatabaseError):
    """The role may not do this."""

    sqlstates = ("42501",)


class Duplicate(DatabaseError):
    """A name, slug or key is taken."""

    sqlstates = ("23505",)


class UnknownKey(DatabaseError):
    """A statement refers to something that does not exist.

    `unknown` holds the ids that do not exist; it is empty where the server refused a foreign key.
    """

    sqlstates = ("23503",)
    noun: ClassVar[str] = "row"
    foreign_keys: ClassVar[frozenset[str]] = frozenset()
    hint: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        sqlstate: str | None = None,
        constraint: str | None = None,
        unknown: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, sqlstate=sqlstate or self.sqlstates[0], constraint=constraint)
        self.unknown = unknown

    @classmethod
    def from_ids(cls, *ids: str, where: str = "") -> Self:
        """Make the error for ids that do not exist; its message names the first ten."""
        named = ", ".join(map(repr, ids[:_NAMED]))
        more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
        return cls(f"there is no {cls.noun} {named}{more}{where}{cls.hint}", unknown=ids)


class UnknownCollection(UnknownKey):
    """A collection does not exist."""

    sqlstates = ("SM001",)
    noun = "collection"
    foreign_keys = frozenset(
        {
            "collection_artifacts_are_in_a_collection",
            "groups_are_in_a_collection",
            "project_templates_draw_on_a_collection",
            "source_collections_fill_a_collection",
        }
    )


class UnknownArtifact(UnknownKey):
    """An artifact does not exist, or is not in the collection or group that the call names."""

    sqlstates = ("SM002",)
    noun = "artifact"
    foreign_keys = frozenset(
        {
            "artifact_tags_are_of_an_artifact",
            "artifact_versions_are_of_an_artifact",
            "collection_artifacts_name_an_artifact",
            "group_artifacts_are_members",
            "source_artifacts_are_copies_of_an_artifact",
        }
    )


class UnknownGroup(UnknownKey):
    """A group does not exist."""

    sqlstates = ("SM003",)
    noun = "group"
    foreign_keys = frozenset({"group_artifacts_are_in_a_group"})


class UnknownTag(UnknownKey):
    """A tag does not exist."""

    sqlstates = ("SM004",)
    noun = "tag"
    foreign_keys = frozenset({"artifact_tags_name_a_tag"})


class UnknownArtifactType(UnknownKey):
    """An artifact type does not exist."""

    sqlstates = ("SM005",)
    noun = "artifact type"
    hint = ": insert it into artifact_types first"
    foreign_keys = frozenset({"artifacts_are_of_a_type"})


class UnknownToken(UnknownKey):
    """No valid API token has this name."""

    sqlstates = ("SM006",)
    noun = "valid token"


class InvalidValue(DatabaseError):
    """A value that a constraint or a type refuses."""

    sqlstates = ("22", "23502", "23514")


class NotPopulated(DatabaseError):
    """The snapshot that pages are read from is empty."""

    sqlstates = ("55000",)


class Retry(DatabaseError):
    """The transaction conflicts with another one; run it again."""

    sqlstates = ("40001", "40P01", "55P03")


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
# The SQLSTATE, and libpq's message without one if the URL has target_session_attrs=read-write.
_READ_ONLY: Final = ("25006", "session is read-only")
_READ_ONLY_HINT: Final = (
    "the server is a standby, or default_transaction_read_only is on: name the primary in "
    "SKILLMEAT_DATABASE_URL, or turn that setting off"
)
_TRIMMED = "one of them visible, without control characters or a space at either end"
_MEANINGS = {
    "name_is_short_printable_and_trimmed": f"a name is 1 to 255 characters, {_TRIMMED}",
    "tag_is_short_printable_and_trimmed": f"a tag is 1 to 100 characters, {_TRIMMED}",
    "type_is_an_identifier": "a type is lowercase letters, digits and underscores, a letter first",
    "tags_color_is_a_hex_color": "a colour is # and six hex digits",
}


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise psycopg's errors as classes of this module.

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
        return NotMigrated(f"{message}: run `skillmeat migrate up` in this schema first")
    if state in NotPopulated.sqlstates and diagnostic.source_function == _READS_SNAPSHOT:
        return NotPopulated(f"{message}: run `skillmeat refresh`", sqlstate=state)
    if state == _READ_ONLY[0] or _READ_ONLY[1] in line:
        line = f"{line}: {_READ_ONLY_HINT}"
    constraint = diagnostic.constraint_name
    line = _MEANINGS.get(constraint or "", line)
    if state is None and isinstance(error, psycopg.OperationalError):
        return CannotConnect(line)
    if state is None and isinstance(error, psycopg.DataError):
        # psycopg sends no text with this character, because PostgreSQL cannot store it.
        line = "a text must not contain the character NUL" if "NUL" in line else line
        return InvalidValue(line, sqlstate="22021")
    return _class_of(state, constraint)(line, sqlstate=state, constraint=constraint)


def _class_of(state: str | None, constraint: str | None) -> type[DatabaseError]:
    if state in UnknownKey.sqlstates:
        for unknown in _UNKNOWN:
            if constraint in unknown.foreign_keys:
                return unknown
    for kind in _CLASSES:
        if state is not None and state.startswith(kind.sqlstates):
            return kind
    return DatabaseError
