"""Who may use the HTTP server."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from skillmeat.models.base import ID, NAME, Base, now


class ApiToken(Base):
    """A token of the HTTP server, of which only the hash is kept."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        UniqueConstraint("token_hash", name="api_tokens_hash_is_unique"),
        CheckConstraint("scope in ('read', 'write')", name="api_tokens_scope_is_known"),
        CheckConstraint("token_hash ~ '^[0-9a-f]{64}$'", name="api_tokens_hash_is_sha256"),
        {"comment": "A token of the HTTP server, of which only the hash is kept."},
    )

    name: Mapped[str] = mapped_column(NAME, primary_key=True)
    token_hash: Mapped[str] = mapped_column(ID)
    scope: Mapped[str]
    created_at: Mapped[datetime] = now()
    revoked_at: Mapped[datetime | None]
