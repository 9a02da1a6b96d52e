"""The classes of all errors, each with its SQLSTATEs."""

from datetime import timedelta
from typing import ClassVar, Final, Self

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
