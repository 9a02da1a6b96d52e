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
          +-- CannotConnect     08*, 28*, 3D*, 57P*  no server, wrong password, no such database
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

from skillmeat.errors.classes import (
    CannotConnect,
    DatabaseError,
    Duplicate,
    InvalidSchemaName,
    InvalidValue,
    NotAllowed,
    NotMigrated,
    NotPopulated,
    ReadOnly,
    Retry,
    RowChanged,
    ServerError,
    SkillMeatError,
    SourceError,
    TooStale,
    UnknownArtifact,
    UnknownArtifactType,
    UnknownCollection,
    UnknownGroup,
    UnknownKey,
    UnknownTag,
    UnknownToken,
)
from skillmeat.errors.translation import translate_errors

__all__ = [
    "CannotConnect",
    "DatabaseError",
    "Duplicate",
    "InvalidSchemaName",
    "InvalidValue",
    "NotAllowed",
    "NotMigrated",
    "NotPopulated",
    "ReadOnly",
    "Retry",
    "RowChanged",
    "ServerError",
    "SkillMeatError",
    "SourceError",
    "TooStale",
    "UnknownArtifact",
    "UnknownArtifactType",
    "UnknownCollection",
    "UnknownGroup",
    "UnknownKey",
    "UnknownTag",
    "UnknownToken",
    "translate_errors",
]
