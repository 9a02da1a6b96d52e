"""The tables that take over whole rows, each known by its id, and the statements for one."""

from dataclasses import dataclass
from typing import Final

from psycopg.sql import SQL, Composed, Identifier


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose rows have an id, a name and the times of their making and last edit."""

    name: str
    columns: tuple[str, ...]
    """What is taken over, beside the id and the times."""
    unique: tuple[str, ...]
    """Those of which no two rows may have the same, perhaps within something."""

    @property
    def staged(self) -> Identifier:
        """The temporary table that its rows come from."""
        return Identifier("pg_temp", f"adopted_{self.name}")

    def create(self) -> Composed:
        """Create it; `wins` says that a row is to replace the one that is here."""
        return SQL(
            "create temporary table {staged} on commit drop as"
            " select id, {columns}, created_at, updated_at, true as wins from {table} limit 0"
        ).format(
            staged=Identifier(f"adopted_{self.name}"),
            columns=_list(self.columns),
            table=Identifier(self.name),
        )

    def insert(self) -> Composed:
        """Add the rows that are not here, with their times."""
        return SQL(
            "insert into {table} (id, {columns}, created_at, updated_at)"
            " select i.id, {incoming}, coalesce(i.created_at, now()),"
            " coalesce(i.updated_at, i.created_at, now())"
            " from {staged} as i"
            " where not exists (select from {table} as t where t.id = i.id)"
            " order by i.id"
        ).format(
            table=Identifier(self.name),
            columns=_list(self.columns),
            incoming=_list(self.columns, of="i"),
            staged=self.staged,
        )

    def make_way(self) -> Composed:
        """Give up the names that other rows are to take, since two may have to swap theirs."""
        wanted = SQL(" or ").join(
            SQL("o.{column} = t.{column}").format(column=Identifier(column))
            for column in self.unique
        )
        return SQL(
            "update {table} as t set {given_up} from {staged} as i"
            " where i.id = t.id and i.wins"
            " and exists (select from {staged} as o where o.id <> t.id and ({wanted}))"
            " and ({here}) is distinct from ({incoming})"
        ).format(
            table=Identifier(self.name),
            given_up=SQL(", ").join(
                SQL("{column} = md5(t.id)").format(column=Identifier(column))
                for column in self.unique
            ),
            staged=self.staged,
            wanted=wanted,
            here=_list(self.unique, of="t"),
            incoming=_list(self.unique, of="i"),
        )

    def update(self) -> Composed:
        """Replace the rows that differ and are to be replaced."""
        return SQL(
            "update {table} as t set {assigned}, created_at = coalesce(i.created_at, t.created_at),"
            " updated_at = coalesce(i.updated_at, t.updated_at)"
            " from {staged} as i where i.id = t.id and i.wins"
            " and ({here}, t.created_at, t.updated_at) is distinct from ({incoming},"
            " coalesce(i.created_at, t.created_at), coalesce(i.updated_at, t.updated_at))"
        ).format(
            table=Identifier(self.name),
            assigned=SQL(", ").join(
                SQL("{column} = i.{column}").format(column=Identifier(column))
                for column in self.columns
            ),
            staged=self.staged,
            here=_list(self.columns, of="t"),
            incoming=_list(self.columns, of="i"),
        )

    def restore_times(self) -> Composed:
        """Undo what a trigger noted: that a row was edited just now, when it was taken over."""
        return SQL(
            "update {table} as t set updated_at = i.updated_at from {staged} as i"
            " where i.id = t.id and i.wins and t.updated_at <> i.updated_at"
        ).format(table=Identifier(self.name), staged=self.staged)


COLLECTIONS: Final = Table(
    "collections",
    ("name", "description", "created_by", "collection_type", "context_category"),
    ("name",),
)
GROUPS: Final = Table(
    "groups",
    ("collection_id", "name", "description", "color", "icon", "tags", "position"),
    ("name",),
)
TAGS: Final = Table("tags", ("name", "slug", "color"), ("name", "slug"))
TEMPLATES: Final = Table("project_templates", ("name", "description", "collection_id"), ("name",))


def _list(columns: tuple[str, ...], *, of: str | None = None) -> Composed:
    return SQL(", ").join(
        Identifier(column) if of is None else Identifier(of, column) for column in columns
    )
