"""The tables of a catalogue, and their triggers for edits, moves and renames.

Revises: nothing
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, DOMAIN, JSONB

from skillmeat.migration.environment import install, lock_tables, revoke_default_privileges, run

revision = "0001_catalogue"
down_revision = None

ID = sa.Text(collation="C")
NAME = DOMAIN("catalogue_name", ID, create_type=False)
TAG_NAME = DOMAIN("tag_name", ID, create_type=False)
TYPE_NAME = DOMAIN("type_name", ID, create_type=False)
TIME = sa.DateTime(timezone=True)
NEW_ID = sa.text("replace(gen_random_uuid()::text, '-', '')")
NOW = sa.text("now()")
EMPTY_OBJECT = sa.text("'{}'")
COUNTED = {"fillfactor": 70}
OUT_OF_LINE = {"toast_tuple_target": 128}

TABLES = (
    "source_artifacts",
    "source_collections",
    "sources",
    "project_templates",
    "group_artifacts",
    "groups",
    "collection_artifacts",
    "collections",
    "artifact_tags",
    "tags",
    "artifact_contents",
    "artifact_versions",
    "artifacts",
    "artifact_types",
)


def upgrade() -> None:
    """Create the tables, their triggers and SkillMeat's artifact types."""
    install(revision, "domains.sql")
    create_artifacts()
    create_tags()
    create_collections()
    create_groups()
    create_project_templates()
    create_sources()
    install(
        revision,
        "triggers/artifacts_set_id.sql",
        "triggers/artifact_versions_delete_contents.sql",
        "artifact_types.sql",
        "triggers/updated_at.sql",
        "triggers/collection_artifacts_leave_groups.sql",
        "triggers/collections_defer_group_checks.sql",
        "triggers/collections_set_json_prefix.sql",
        "views/artifact_history.sql",
    )
    revoke_default_privileges()


def downgrade() -> None:
    """Drop the tables, the trigger functions and the domains."""
    lock_tables(revision, *TABLES)
    run("drop view artifact_history;")
    for table in TABLES:
        op.drop_table(table)
    for function in (
        "collections_check_groups",
        "collections_defer_group_checks",
        "collections_set_json_prefix",
        "collection_artifacts_leave_groups",
        "set_updated_at",
        "artifact_versions_delete_contents",
        "artifacts_set_id",
    ):
        run(f"drop function {function}();")
    for domain in ("catalogue_name", "tag_name", "type_name"):
        run(f"drop domain {domain};")


def mark_imported() -> sa.Column[bool]:
    return sa.Column(
        "is_imported",
        sa.Boolean,
        nullable=False,
        server_default=sa.text("false"),
        comment="Whether an import of folders added the row; a prune removes no other row.",
    )


def refers_to(table: str, *, name: str, ondelete: str = "CASCADE") -> sa.ForeignKey:
    return sa.ForeignKey(table, name=name, onupdate="CASCADE", ondelete=ondelete)


def create_artifacts() -> None:
    op.create_table(
        "artifact_types",
        sa.Column("type", TYPE_NAME),
        sa.PrimaryKeyConstraint("type", name="artifact_types_pkey"),
        comment="Each row is a kind of artifact, such as skill or agent.",
        postgresql_with=COUNTED,
    )

    op.create_table(
        "artifacts",
        sa.Column(
            "type",
            ID,
            refers_to("artifact_types.type", name="artifacts_are_of_a_type"),
            nullable=False,
        ),
        sa.Column("name", NAME, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("description", sa.Text),
        sa.Column("author", sa.Text),
        sa.Column("license", sa.Text),
        sa.Column("source", sa.Text),
        sa.Column("origin", sa.Text),
        sa.Column("metadata", JSONB, nullable=False, server_default=sa.text("'{}'")),
        sa.Column("added_at", TIME, nullable=False, server_default=NOW),
        sa.Column("updated_at", TIME, nullable=False, server_default=NOW),
        mark_imported(),
        sa.PrimaryKeyConstraint("id", name="artifacts_pkey"),
        sa.CheckConstraint("id = type || ':' || name", name="artifacts_id_is_type_and_name"),
        sa.CheckConstraint(
            "jsonb_typeof(metadata) = 'object'", name="artifacts_metadata_is_an_object"
        ),
        comment="Each row is an artifact (skill, command, agent …) with the id type:name.",
    )
    op.create_index("artifacts_type_name_idx", "artifacts", ["type", "name"], unique=True)
    op.create_index("artifacts_updated_at_id_idx", "artifacts", ["updated_at", "id"])

    op.create_table(
        "artifact_versions",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True)),
        sa.Column(
            "artifact_id",
            ID,
            refers_to("artifacts.id", name="artifact_versions_are_of_an_artifact"),
            nullable=False,
        ),
        sa.Column("content_hash", ID, nullable=False),
        sa.Column("version", sa.Text),
        sa.Column("change_origin", sa.Text),
        sa.Column("created_at", TIME, nullable=False, server_default=NOW),
        sa.Column("metadata", JSONB, nullable=False, server_default=sa.text("'{}'")),
        sa.PrimaryKeyConstraint("id", name="artifact_versions_pkey"),
        sa.CheckConstraint(
            "char_length(content_hash) between 1 and 255",
            name="artifact_versions_content_hash_is_short",
        ),
        comment="Each row is a version of an artifact's content; the newest is current.",
    )
    op.create_index(
        "artifact_versions_artifact_id_created_at_id_idx",
        "artifact_versions",
        ["artifact_id", sa.text("created_at desc"), sa.text("id desc")],
    )
    op.create_index("artifact_versions_content_hash_idx", "artifact_versions", ["content_hash"])
    op.create_table(
        "artifact_contents",
        sa.Column("content_hash", ID, comment="The hash that its versions have."),
        sa.Column("content", sa.Text, nullable=False, comment="The text, at most 1 MiB in UTF-8."),
        sa.PrimaryKeyConstraint("content_hash", name="artifact_contents_pkey"),
        sa.CheckConstraint(
            "octet_length(content) <= 1048576", name="artifact_contents_content_is_at_most_1_mib"
        ),
        comment="Each row is the text of the versions that have its hash.",
        postgresql_with=OUT_OF_LINE,
    )


def create_tags() -> None:
    op.create_table(
        "tags",
        sa.Column("id", NAME, server_default=NEW_ID),
        sa.Column("name", TAG_NAME, nullable=False),
        sa.Column("slug", TAG_NAME, nullable=False),
        sa.Column("color", sa.Text),
        sa.Column("created_at", TIME, nullable=False, server_default=NOW),
        sa.Column("updated_at", TIME, nullable=False, server_default=NOW),
        mark_imported(),
        sa.PrimaryKeyConstraint("id", name="tags_pkey"),
        sa.UniqueConstraint("name", name="tags_name_is_unique"),
        sa.UniqueConstraint("slug", name="tags_slug_is_unique"),
        sa.CheckConstraint("color ~ '^#[0-9A-Fa-f]{6}$'", name="tags_color_is_a_hex_color"),
        comment="Each row is a tag, which any number of artifacts can have.",
        postgresql_with=COUNTED,
    )
    op.create_table(
        "artifact_tags",
        sa.Column(
            "artifact_id", ID, refers_to("artifacts.id", name="artifact_tags_are_of_an_artifact")
        ),
        sa.Column("tag_id", ID, refers_to("tags.id", name="artifact_tags_name_a_tag")),
        sa.Column("created_at", TIME, nullable=False, server_default=NOW),
        mark_imported(),
        sa.PrimaryKeyConstraint("artifact_id", "tag_id", name="artifact_tags_pkey"),
        comment="Each row gives a tag to an artifact.",
    )
    op.create_index(
        "artifact_tags_tag_id_artifact_id_idx", "artifact_tags", ["tag_id", "artifact_id"]
    )


def create_collections() -> None:
    op.create_table(
        "collections",
        sa.Column("id", NAME, server_default=NEW_ID),
        sa.Column("name", NAME, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("created_by", sa.Text),
        sa.Column("collection_type", sa.Text),
        sa.Column("context_category", sa.Text),
        sa.Column("source", sa.Text),
        sa.Column("created_at", TIME, nullable=False, server_default=NOW),
        sa.Column("updated_at", TIME, nullable=False, server_default=NOW),
        sa.Column(
            "json_prefix",
            sa.Text,
            nullable=False,
            comment="The JSON of the collection in a summary, up to its count.",
        ),
        sa.PrimaryKeyConstraint("id", name="collections_pkey"),
        sa.UniqueConstraint("name", name="collections_name_is_unique"),
        comment="Each row is a collection: a named set of artifacts.",
        postgresql_with=COUNTED,
    )
    op.create_index("collections_id_idx", "collections", ["id"], postgresql_using="hash")
    op.create_table(
        "collection_artifacts",
        sa.Column(
            "collection_id",
            ID,
            refers_to("collections.id", name="collection_artifacts_are_in_a_collection"),
        ),
        sa.Column(
            "artifact_id",
            ID,
            refers_to("artifacts.id", name="collection_artifacts_name_an_artifact"),
        ),
        sa.Column("added_at", TIME, nullable=False, server_default=NOW),
        mark_imported(),
        sa.PrimaryKeyConstraint("collection_id", "artifact_id", name="collection_artifacts_pkey"),
        comment="Each row makes an artifact a member of a collection.",
    )
    op.create_index(
        "collection_artifacts_artifact_id_collection_id_idx",
        "collection_artifacts",
        ["artifact_id", "collection_id"],
    )


def create_groups() -> None:
    op.create_table(
        "groups",
        sa.Column("id", NAME, server_default=NEW_ID),
        sa.Column(
            "collection_id",
            ID,
            refers_to("collections.id", name="groups_are_in_a_collection"),
            nullable=False,
        ),
        sa.Column("name", NAME, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("color", sa.Text, nullable=False, server_default=sa.text("'slate'")),
        sa.Column("icon", sa.Text, nullable=False, server_default=sa.text("'layers'")),
        sa.Column("position", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("tags", ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("created_at", TIME, nullable=False, server_default=NOW),
        sa.Column("updated_at", TIME, nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("id", name="groups_pkey"),
        sa.UniqueConstraint(
            "collection_id", "name", name="groups_name_is_unique_in_its_collection"
        ),
        sa.UniqueConstraint("collection_id", "id", name="groups_id_is_unique_in_its_collection"),
        sa.CheckConstraint("position >= 0", name="groups_position_is_not_negative"),
        sa.CheckConstraint("array_position(tags, null) is null", name="groups_tags_are_not_null"),
        comment="Each row is a group: an ordered part of a collection.",
        postgresql_with=COUNTED,
    )
    op.create_table(
        "group_artifacts",
        sa.Column("collection_id", ID, nullable=False),
        sa.Column("group_id", ID),
        sa.Column("artifact_id", ID),
        sa.Column("position", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("added_at", TIME, nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("group_id", "artifact_id", name="group_artifacts_pkey"),
        # Deferrable, because the rename of a collection cascades through one key after the other.
        sa.ForeignKeyConstraint(
            ["collection_id", "group_id"],
            ["groups.collection_id", "groups.id"],
            name="group_artifacts_are_in_a_group",
            onupdate="CASCADE",
            ondelete="CASCADE",
            deferrable=True,
            initially="IMMEDIATE",
        ),
        sa.ForeignKeyConstraint(
            ["collection_id", "artifact_id"],
            ["collection_artifacts.collection_id", "collection_artifacts.artifact_id"],
            name="group_artifacts_are_members",
            onupdate="CASCADE",
            ondelete="CASCADE",
            deferrable=True,
            initially="IMMEDIATE",
        ),
        sa.CheckConstraint("position >= 0", name="group_artifacts_position_is_not_negative"),
        comment="Each row gives an artifact a position in a group of its collection.",
    )
    op.create_index(
        "group_artifacts_collection_id_artifact_id_idx",
        "group_artifacts",
        ["collection_id", "artifact_id"],
    )
    op.create_index(
        "group_artifacts_collection_id_group_id_idx",
        "group_artifacts",
        ["collection_id", "group_id"],
    )


def create_project_templates() -> None:
    op.create_table(
        "project_templates",
        sa.Column("id", NAME, server_default=NEW_ID),
        sa.Column("name", NAME, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column(
            "collection_id",
            ID,
            refers_to(
                "collections.id",
                name="project_templates_draw_on_a_collection",
                ondelete="SET NULL",
            ),
        ),
        sa.Column("created_at", TIME, nullable=False, server_default=NOW),
        sa.Column("updated_at", TIME, nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("id", name="project_templates_pkey"),
        sa.UniqueConstraint("name", name="project_templates_name_is_unique"),
        comment="Each row is a template for new projects.",
    )
    op.create_index("project_templates_collection_id_idx", "project_templates", ["collection_id"])


def create_sources() -> None:
    op.create_table(
        "sources",
        sa.Column("id", ID, server_default=NEW_ID),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", ID, nullable=False),
        sa.Column("root", ID, nullable=False, comment="The real path of its folder."),
        sa.PrimaryKeyConstraint("id", name="sources_pkey"),
        sa.UniqueConstraint("root", "kind", name="sources_root_is_unique_in_its_kind"),
        comment="Each row is a source: a marketplace, plugin or Claude folder, as imported.",
    )
    op.create_table(
        "source_collections",
        sa.Column(
            "source_id", ID, refers_to("sources.id", name="source_collections_are_of_a_source")
        ),
        sa.Column("plugin", ID),
        sa.Column(
            "collection_id",
            ID,
            refers_to("collections.id", name="source_collections_fill_a_collection"),
            nullable=False,
        ),
        sa.Column("description", sa.Text),
        sa.Column(
            "is_current",
            sa.Boolean,
            nullable=False,
            comment="False if the source no longer has the plugin, and was not pruned since.",
        ),
        sa.PrimaryKeyConstraint("source_id", "plugin", name="source_collections_pkey"),
        comment="Each row is a plugin of a source, with the collection that it fills.",
    )
    op.create_index("source_collections_collection_id_idx", "source_collections", ["collection_id"])
    op.create_table(
        "source_artifacts",
        sa.Column(
            "source_id", ID, refers_to("sources.id", name="source_artifacts_are_of_a_source")
        ),
        sa.Column("plugin", ID, comment="The plugin that has it; empty if none has."),
        sa.Column(
            "artifact_id",
            ID,
            refers_to("artifacts.id", name="source_artifacts_are_copies_of_an_artifact"),
        ),
        sa.Column("path", sa.Text, nullable=False, comment="Relative to the root of the source."),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("version", sa.Text),
        sa.Column(
            "version_rank",
            sa.LargeBinary,
            nullable=False,
            comment="A key that sorts versions: 1.9 before 1.10.",
        ),
        sa.Column("title", sa.Text),
        sa.Column("description", sa.Text),
        sa.Column("author", sa.Text),
        sa.Column("license", sa.Text),
        sa.Column("origin", sa.Text),
        sa.Column("metadata", JSONB, nullable=False),
        sa.Column(
            "tags",
            JSONB,
            nullable=False,
            server_default=EMPTY_OBJECT,
            comment="The names of its tags, by their slugs.",
        ),
        sa.Column(
            "dropped_tags",
            JSONB,
            nullable=False,
            server_default=EMPTY_OBJECT,
            comment="Tags that the copy no longer has, and that were not pruned since.",
        ),
        sa.Column(
            "is_current",
            sa.Boolean,
            nullable=False,
            comment="False if the source no longer has the copy, and was not pruned since.",
        ),
        sa.PrimaryKeyConstraint("source_id", "plugin", "artifact_id", name="source_artifacts_pkey"),
        comment="Each row is a source's copy of an artifact, in one plugin or in none.",
    )
    op.create_index("source_artifacts_artifact_id_idx", "source_artifacts", ["artifact_id"])
