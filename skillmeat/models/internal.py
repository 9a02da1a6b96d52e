"""Internal tables: pending counts, changed artifacts, the last refresh, API tokens."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Identity,
    PrimaryKeyConstraint,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from skillmeat.models.base import ID, NAME, Base, map_time

# Autovacuum starts early and runs at full speed, because the rows are short-lived; inserts alone do
# not start it. The file is never truncated: a plan made for an empty table would scan all of it.
LOG_STORAGE = {
    "autovacuum_vacuum_scale_factor": 0,
    "autovacuum_vacuum_threshold": 1000,
    "autovacuum_vacuum_insert_threshold": -1,
    "autovacuum_vacuum_cost_delay": 0,
    "vacuum_truncate": "false",
}


class CountChange(Base):
    """A committed change that is not yet added to its count."""

    # No foreign key: its check would wait while another transaction deletes the parent.
    __tablename__ = "count_changes"
    __table_args__ = (
        PrimaryKeyConstraint("count_key", "seq", name="count_changes_pkey"),
        {
            "comment": "Each row is a committed change that is not yet added to its count.",
            "postgresql_with": LOG_STORAGE,
        },
    )

    count_key: Mapped[int] = mapped_column(
        comment="The count: the value of its key column in the parent's row."
    )
    seq: Mapped[int] = mapped_column(
        BigInteger, Identity(always=True), comment="A number that grows with each change."
    )
    counter: Mapped[str] = mapped_column(ID, comment="The table and the column of the count.")
    parent: Mapped[str] = mapped_column(
        ID, comment="The parent's key when the change was appended."
    )
    delta: Mapped[int] = mapped_column(comment="The number to add to the count.")
    settles_batch: Mapped[bool | None] = mapped_column(
        comment="True settles its batch at commit, false waits for it, null settles its count."
    )


class ArtifactChange(Base):
    """A changed artifact, whose row in the snapshot may be stale; the empty id means all."""

    # No foreign key: deleting an artifact is a change, too.
    __tablename__ = "artifact_changes"
    __table_args__ = (
        PrimaryKeyConstraint("artifact_id", "seq", name="artifact_changes_pkey"),
        {
            "comment": "Each row names an artifact whose row in the snapshot may be stale.",
            "postgresql_with": LOG_STORAGE,
        },
    )

    artifact_id: Mapped[str] = mapped_column(
        ID, comment="The id of the changed artifact; the empty id stands for all artifacts."
    )
    seq: Mapped[int] = mapped_column(
        BigInteger, Identity(always=True), comment="A number that grows with each change."
    )
    changed_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), comment="The start of the transaction that made the change."
    )


class LastRefresh(Base):
    """The last refresh of the snapshot: one row, or none."""

    __tablename__ = "last_refresh"
    __table_args__ = (
        CheckConstraint("is_only_row", name="last_refresh_is_one_row"),
        {"comment": "The only row describes the last refresh; no row means no refresh yet."},
    )

    is_only_row: Mapped[bool] = mapped_column(
        primary_key=True,
        server_default=text("true"),
        comment="Always true: the primary key therefore allows one row only.",
    )
    started_at: Mapped[datetime] = mapped_column(comment="The time at which the refresh began.")
    finished_at: Mapped[datetime] = mapped_column(comment="The time at which the refresh ended.")
    changes: Mapped[int] = mapped_column(comment="The number of changes that the refresh absorbed.")
    bypass_after_seq: Mapped[int] = mapped_column(
        comment="Pages bypass the snapshot when a change has a larger seq."
    )
    snapshot_xmin: Mapped[int] = mapped_column(
        comment="The xmin that the refresh gave to the snapshot's row in pg_class."
    )


class ApiToken(Base):
    """A token of the HTTP server; only its hash is stored."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        UniqueConstraint("token_hash", name="api_tokens_hash_is_unique"),
        CheckConstraint("scope in ('read', 'write')", name="api_tokens_scope_is_known"),
        CheckConstraint("token_hash ~ '^[0-9a-f]{64}$'", name="api_tokens_hash_is_sha256"),
        {"comment": "Each row is a token of the HTTP server; the table stores only its hash."},
    )

    name: Mapped[str] = mapped_column(NAME, primary_key=True)
    token_hash: Mapped[str] = mapped_column(ID)
    scope: Mapped[str]
    created_at: Mapped[datetime] = map_time()
    revoked_at: Mapped[datetime | None]
