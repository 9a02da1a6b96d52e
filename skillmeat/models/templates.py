"""Named starting points for projects."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from skillmeat.models.base import ID, NAME, NEW_ID, Base, now


class ProjectTemplate(Base):
    """A named starting point for projects, drawn from a collection."""

    __tablename__ = "project_templates"
    __table_args__ = (
        UniqueConstraint("name", name="project_templates_name_is_unique"),
        Index("project_templates_collection_id_idx", "collection_id"),
        {"comment": "A named starting point for projects."},
    )

    id: Mapped[str] = mapped_column(NAME, primary_key=True, server_default=NEW_ID)
    name: Mapped[str] = mapped_column(NAME)
    description: Mapped[str | None]
    collection_id: Mapped[str | None] = mapped_column(
        ID,
        ForeignKey(
            "collections.id",
            name="project_templates_draw_on_a_collection",
            onupdate="CASCADE",
            ondelete="SET NULL",
        ),
    )
    created_at: Mapped[datetime] = now()
    updated_at: Mapped[datetime] = now()
