"""The privileges of each kind of role on each object, written down once.

Letters are psql's: r select, a insert, w update, d delete, D truncate, x references, t trigger,
m maintain (from 17 on), X execute, U usage, C create. The owner has them all. The others are a
login role that is a member of neither group, and PUBLIC. A table's r, a, w and x hold for each of
its columns; `columns` adds those that only some columns have.
"""

from collections.abc import Iterator
from dataclasses import dataclass

# kind     | object                       | <schema>_app | <schema>_reader | the others
MATRIX = """
schema     | skillmeat                    | U    | U | -

table      | artifacts                    | rawd | r | -
table      | artifact_versions            | rawd | r | -
table      | artifact_contents            | rawd | - | -
table      | artifact_tags                | rawd | r | -
table      | collection_artifacts         | rawd | r | -
table      | group_artifacts              | rawd | r | -
table      | project_templates            | rawd | - | -
table      | sources                      | rawd | - | -
table      | source_collections           | rawd | - | -
table      | source_artifacts             | rawd | - | -
table      | artifact_types               | rd   | - | -
columns    | artifact_types: type         | aw   | - | -
table      | tags                         | rd   | - | -
columns    | tags: id name slug color created_at updated_at is_imported | aw | - | -
table      | collections                  | rd   | - | -
columns    | collections: id name description created_by collection_type context_category source \
created_at updated_at | aw | - | -
table      | groups                       | rd   | - | -
columns    | groups: id collection_id name description color icon position tags created_at \
updated_at | aw | - | -

table      | count_changes                | -    | - | -
table      | artifact_changes             | -    | - | -
table      | last_refresh                 | -    | - | -
table      | alembic_version              | r    | r | -
table      | api_tokens                   | r    | - | -

view       | artifact_history             | r    | r | -
view       | artifact_summaries           | r    | r | -
view       | artifact_summaries_live      | r    | r | -
view       | artifact_summaries_json    | r    | r | -
view       | artifact_type_summaries      | r    | r | -
view       | collection_summaries         | r    | r | -
view       | group_summaries              | r    | r | -
view       | tag_summaries                | r    | r | -
view       | count_drift                  | r    | r | -
view       | summary_drift                | r    | r | -
view       | snapshot_age                 | r    | r | -
view       | snapshot_bypass              | r    | r | -
view       | artifact_details             | -    | - | -
view       | searchable_artifacts         | -    | - | -
view       | searchable_contents          | -    | - | -
view       | searchable_tags              | -    | - | -
snapshot   | artifact_summaries_snapshot  | r    | r | -

sequence   | count_changes_seq_seq        | -    | - | -
sequence   | artifact_changes_seq_seq     | -    | - | -
sequence   | artifact_versions_id_seq     | -    | - | -

domain     | catalogue_name               | U    | U | U
domain     | settled_count                | U    | U | U
domain     | tag_name                     | U    | U | U
domain     | type_name                    | U    | U | U

function   | settle_counts()              | X    | - | -
function   | refresh_artifact_summaries() | X    | - | -
function   | pending_counts()             | X    | X | -
function   | refresh_status()             | X    | X | -
function   | search_artifacts(text)       | X    | X | -
function   | summary_drift_of(text[])     | X    | X | -
function   | search_terms(text)           | -    | - | -
function   | preallocate_log_pages()      | -    | - | -
function   | analyze_grown_tables()       | X    | - | -
function   | refuse_stale_truncate()      | -    | - | -
function   | repair_counts(text,text[])   | -    | - | -
function   | repair_summaries(text[])     | -    | - | -
function   | recount_artifact_types_artifact_count(text[]) | - | - | -
function   | recount_collections_artifact_count(text[])    | - | - | -
function   | recount_collections_group_count(text[])       | - | - | -
function   | recount_groups_artifact_count(text[])         | - | - | -
function   | recount_tags_artifact_count(text[])           | - | - | -
function   | settle_artifact_types_artifact_count(text[])  | - | - | -
function   | settle_collections_artifact_count(text[])     | - | - | -
function   | settle_collections_group_count(text[])        | - | - | -
function   | settle_groups_artifact_count(text[])          | - | - | -
function   | settle_tags_artifact_count(text[])            | - | - | -

trigger    | artifact_tags_record_changes()      | - | - | -
trigger    | artifacts_record_changes()          | - | - | -
trigger    | collection_artifacts_record_changes() | - | - | -
trigger    | group_artifacts_record_changes()    | - | - | -
trigger    | groups_record_changes()             | - | - | -
trigger    | count_changes_settle()              | - | - | -
trigger    | artifact_types_refuse_key_reuse()   | - | - | -
trigger    | collections_refuse_key_reuse()      | - | - | -
trigger    | groups_refuse_key_reuse()           | - | - | -
trigger    | tags_refuse_key_reuse()             | - | - | -
trigger    | artifact_types_refuse_stale_artifact_count() | - | - | -
trigger    | collections_refuse_stale_artifact_count()    | - | - | -
trigger    | collections_refuse_stale_group_count()       | - | - | -
trigger    | groups_refuse_stale_artifact_count()         | - | - | -
trigger    | tags_refuse_stale_artifact_count()           | - | - | -
trigger    | artifact_types_reset_counts()       | - | - | -
trigger    | collections_reset_counts()          | - | - | -
trigger    | groups_reset_counts()               | - | - | -
trigger    | tags_reset_counts()                 | - | - | -
trigger    | artifact_versions_record_changes()  | - | - | -
trigger    | collections_log_changes()           | - | - | -
trigger    | tags_log_changes()                  | - | - | -
trigger    | artifact_versions_delete_contents() | - | - | -
trigger    | artifacts_set_id()                  | - | - | -
trigger    | collection_artifacts_leave_groups() | - | - | -
trigger    | collections_check_groups()          | - | - | -
trigger    | collections_defer_group_checks()    | - | - | -
trigger    | collections_set_json_prefix()       | - | - | -
trigger    | set_updated_at()                    | - | - | -
"""

LETTERS = {
    "r": "SELECT",
    "a": "INSERT",
    "w": "UPDATE",
    "d": "DELETE",
    "D": "TRUNCATE",
    "x": "REFERENCES",
    "t": "TRIGGER",
    "m": "MAINTAIN",
    "X": "EXECUTE",
    "U": "USAGE",
    "C": "CREATE",
}
OF_A_RELATION = "rawdDxtm"
OF_A_COLUMN = "rawx"
POSSIBLE = {
    "schema": "UC",
    "table": OF_A_RELATION,
    "view": OF_A_RELATION,
    "snapshot": OF_A_RELATION,
    "column": OF_A_COLUMN,
    "sequence": "rwU",
    "domain": "U",
    "function": "X",
    "trigger": "X",
}
ROLES = ("owner", "app", "reader", "outsider", "public")

Privileges = dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the matrix."""

    kind: str
    object: str
    app: str
    reader: str
    others: str

    def of(self, role: str) -> str:
        """Return the letters of a role."""
        if role == "owner":
            return POSSIBLE[self.kind]
        letters = {"app": self.app, "reader": self.reader}.get(role, self.others)
        return letters.replace("-", "")


def rows() -> Iterator[Row]:
    """Yield each line of the matrix."""
    for line in MATRIX.splitlines():
        if line:
            yield Row(*(cell.strip() for cell in line.split("|")))


def expected(role: str, columns: dict[str, list[str]], *, has_maintain: bool) -> Privileges:
    """Return the privileges of a role on each object; `columns` are those of each relation."""
    found: Privileges = {}
    for row in rows():
        if row.kind == "columns":
            table, _, names = row.object.partition(": ")
            for name in names.split():
                key = ("column", f"{table}.{name}")
                letters = found[key] + (row.of(role) if role != "owner" else "")
                found[key] = in_order(letters, OF_A_COLUMN)
            continue
        possible = POSSIBLE[row.kind].replace("m", "m" if has_maintain else "")
        found[row.kind, row.object] = in_order(row.of(role), possible)
        for name in columns.get(row.object, []):
            found["column", f"{row.object}.{name}"] = in_order(row.of(role), OF_A_COLUMN)
    return found


def in_order(letters: str, possible: str) -> str:
    """Return the possible letters, each once, in order."""
    return "".join(each for each in possible if each in letters)
