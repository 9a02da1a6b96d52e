"""The tables whose rows are imported whole, by id, and their statements."""

from dataclasses import dataclass
from typing import Final

from psycopg.sql import SQL, Composed, Identifier


@dataclass(frozen=True, slots=True)
class StagedTable:
    """A table whose rows have an id, a name, `created_at` and `updated_at`."""

    name: str
    columns: tuple[str, ...]
    """The imported columns, besides the id and the times."""
    unique: tuple[str, ...]
    """Columns that are unique, in the table or in a collection."""

    @property
    def staged_name(self) -> str:
        """The name of the temporary table that its rows come from."""
        return f"skillmeat_{self.name}"

    @property
    def staged(self) -> Identifier:
        """The temporary table, with its schema."""
        return Identifier("pg_temp", self.staged_name)

    def create(self) -> Composed:
        """Create the temporary table; `replaces_existing` says whether a row replaces another."""
        return SQL(
            "create temporary table {staged} on commit drop as"
            " select id, {columns}, created_at, updated_at,"
            " true as replaces_existing from {table} limit 0"
        ).format(
            staged=Identifier(self.staged_name),
            columns=_join(self.columns),
            table=Identifier(self.name),
        )

    def insert(self) -> Composed:
        """Insert the rows that the catalogue does not have, with their times."""
        return SQL(
            "insert into {table} (id, {columns}, created_at, updated_at)"
            " select i.id, {incoming}, coalesce(i.created_at, now()),"
            " coalesce(i.updated_at, i.created_at, now())"
            " from {staged} as i"
            " where not exists (select from {table} as t where t.id = i.id)"
            " order by i.id"
        ).format(
            table=Identifier(self.name),
            columns=_join(self.columns),
            incoming=_join(self.columns, of="i"),
            staged=self.staged,
        )

    def release_names(self) -> Composed:
        """Release the names that other rows will take, because two rows may swap their names."""
        wanted = SQL(" or ").join(
            SQL("o.{column} = t.{column}").format(column=Identifier(column))
            for column in self.unique
        )
        return SQL(
            "update {table} as t set {released} from {staged} as i"
            " where i.id = t.id and i.replaces_existing"
            " and exists (select from {staged} as o where o.id <> t.id and ({wanted}))"
            " and ({existing}) is distinct from ({incoming})"
        ).format(
            table=Identifier(self.name),
            released=SQL(", ").join(
                SQL("{column} = md5(t.id)").format(column=Identifier(column))
                for column in self.unique
            ),
            staged=self.staged,
            wanted=wanted,
            existing=_join(self.unique, of="t"),
            incoming=_join(self.unique, of="i"),
        )

    def update(self) -> Composed:
        """Update the existing rows that differ."""
        return SQL(
            "update {table} as t set {assigned}, created_at = coalesce(i.created_at, t.created_at),"
            " updated_at = coalesce(i.updated_at, t.updated_at)"
            " from {staged} as i where i.id = t.id and i.replaces_existing"
            " and ({existing}, t.created_at, t.updated_at) is distinct from ({incoming},"
            " coalesce(i.created_at, t.created_at), coalesce(i.updated_at, t.updated_at))"
        ).format(
            table=Identifier(self.name),
            assigned=SQL(", ").join(
                SQL("{column} = i.{column}").format(column=Identifier(column))
                for column in self.columns
            ),
            staged=self.staged,
            existing=_join(self.columns, of="t"),
            incoming=_join(self.columns, of="i"),
        )

    def restore_times(self) -> Composed:
        """Restore `updated_at`, which a trigger sets to the time of the edit."""
        return SQL(
            "update {table} as t set updated_at = i.updated_at from {staged} as i"
            " where i.id = t.id and i.replaces_existing and t.updated_at <> i.updated_at"
        ).format(table=Identifier(self.name), staged=self.staged)


COLLECTIONS: Final = StagedTable(
    "collections",
    ("name", "description", "created_by", "collection_type", "context_category"),
    ("name",),
)
GROUPS: Final = StagedTable(
    "groups",
    ("collection_id", "name", "description", "color", "icon", "tags", "position"),
    ("name",),
)
TAGS: Final = StagedTable("tags", ("name", "slug", "color"), ("name", "slug"))
TEMPLATES: Final = StagedTable(
    "project_templates", ("name", "description", "collection_id"), ("name",)
)


def _join(columns: tuple[str, ...], *, of: str | None = None) -> Composed:
    return SQL(", ").join(
        Identifier(column) if of is None else Identifier(of, column) for column in columns
    )
