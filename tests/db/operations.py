"""Statements on the sample: on each counted table, and on its parents."""

from tests.db.sample import CHILDREN

# Filled in for every child of the sample. {first}, {second} and {third} are its fresh rows.
ON_A_CHILD = {
    "insert_one_row": "insert into {table} ({columns}) values ({first})",
    "insert_rows_of_two_parents": (
        "insert into {table} ({columns}) values ({first}), ({second}), ({third})"
    ),
    "insert_nothing": "insert into {table} ({columns}) select {first} where false",
    "delete_one_row": "delete from {table} where ({columns}) = ({taken})",
    "delete_the_rows_of_one_parent": "delete from {table} where {key} = '{p}'",
    "delete_everything": "delete from {table}",
    "delete_nothing": "delete from {table} where false",
    "move_many_rows_between_parents": (
        "update {table} set {key} = case {key} when '{p}' then '{q}' else '{p}' end "
        "where {key} in ('{p}', '{q}')"
    ),
    "move_all_rows_to_an_empty_parent": (
        "update {table} set {key} = '{empty}' where {key} in ('{p}', '{q}')"
    ),
    "set_a_key_to_itself": "update {table} set {key} = {key}",
    "update_nothing": "update {table} set {key} = '{q}' where false",
    "truncate_and_cascade": "truncate {table} cascade",
    "truncate_then_insert": (
        "truncate {table} cascade; insert into {table} ({columns}) values ({third})"
    ),
    "truncate_undone": (
        "savepoint s; truncate {table} cascade; rollback to s; "
        "delete from {table} where {key} = '{q}'"
    ),
    "on_conflict_do_nothing": (
        "insert into {table} ({columns}) values ({taken}), ({first}), ({second}), ({third}) "
        "on conflict do nothing"
    ),
    "on_conflict_do_update": (
        "insert into {table} ({columns}) values ({taken}), ({first}), ({third}) "
        "on conflict ({unique}) do update set {key} = excluded.{key}"
    ),
    "on_conflict_do_move": (
        "insert into {table} ({columns}) values ({taken}), ({first}), ({third}) "
        "on conflict ({unique}) do update set {key} = '{empty}'"
    ),
    "merge_inserts_moves_and_deletes": (
        "merge into {table} as t using ("
        " select null as parent, t.ctid as row, t.{key} as old from {table} as t"
        " where t.{key} in ('{p}', '{q}')"
        " union all select '{q}', null, null"
        ") as s on t.ctid = s.row "
        "when matched and s.old = '{p}' then update set {key} = '{empty}' "
        "when matched then delete "
        "when not matched then insert ({columns}) values ({first})"
    ),
    "one_statement_inserts_moves_and_deletes": (
        "with added as (insert into {table} ({columns}) values ({first}), ({third})),"
        " moved as (update {table} set {key} = '{empty}' where ({columns}) = ({taken})) "
        "delete from {table} where {key} = '{q}'"
    ),
    "a_cte_inserts_what_another_deleted": (
        "with gone as (delete from {table} where {key} = '{p}' returning {columns}) "
        "insert into {table} ({columns}) select {third} from gone limit 1"
    ),
    "a_savepoint_rolled_back": (
        "insert into {table} ({columns}) values ({first}); savepoint s; "
        "insert into {table} ({columns}) values ({second}); delete from {table} "
        "where {key} = '{q}'; rollback to s; insert into {table} ({columns}) values ({third})"
    ),
    "savepoints_released_and_rolled_back": (
        "savepoint a; insert into {table} ({columns}) values ({first}); savepoint b; "
        "delete from {table} where ({columns}) = ({taken}); release b; savepoint c; "
        "delete from {table}; rollback to c; release a"
    ),
    "settled_at_once": (
        "set constraints all immediate; insert into {table} ({columns}) values ({first}); "
        "delete from {table} where {key} = '{p}'; "
        "insert into {table} ({columns}) values ({second}), ({third})"
    ),
    "settled_now_and_then": (
        "insert into {table} ({columns}) values ({first}); set constraints all immediate; "
        "set constraints all deferred; delete from {table} where ({columns}) = ({taken})"
    ),
    "the_same_row_in_and_out": (
        "insert into {table} ({columns}) values ({first}); "
        "delete from {table} where ({columns}) = ({first}); "
        "insert into {table} ({columns}) values ({first})"
    ),
}

ON_A_PARENT = {
    "rename_a_collection": "update collections set id = 'new' where id = 'p'",
    "rename_a_collection_of_one_member": (
        "delete from collection_artifacts where collection_id = 'q' and artifact_id <> 'agent:a1'; "
        "update collections set id = 'new' where id = 'q'"
    ),
    "rename_a_collection_with_groups": "update collections set id = 'new' where id = 'default'",
    "rename_a_collection_by_name": "update collections set name = 'New' where id = 'p'",
    "rename_every_collection": "update collections set id = id || '!'",
    "rename_a_group": "update groups set id = 'new' where id = 'gp'",
    "rename_every_group": "update groups set id = id || '!'",
    "rename_a_tag": "update tags set id = 'new' where id = 'p'",
    "rename_a_type": "update artifact_types set type = 'ability' where type = 'skill'",
    "rename_an_artifact": "update artifacts set name = 'new' where name = 's1'",
    "rename_every_artifact": "update artifacts set name = name || '!'",
    "change_the_type_of_an_artifact": "update artifacts set type = 'agent' where name = 's1'",
    "rename_after_writing": (
        "delete from collection_artifacts where artifact_id = 'skill:s1'; "
        "update collections set id = 'new' where id = 'p'; "
        "insert into collection_artifacts (collection_id, artifact_id) values ('new', 'agent:a1')"
    ),
    "rename_there_and_back": (
        "update collections set id = 'new' where id = 'p'; "
        "insert into collection_artifacts (collection_id, artifact_id) values ('new', 'agent:a1'); "
        "update collections set id = 'p' where id = 'new'"
    ),
    "rename_to_a_key_just_given_up": (
        "update collections set id = 'was_p' where id = 'p'; "
        "update collections set id = 'p' where id = 'q'"
    ),
    "rename_undone": (
        "savepoint s; update collections set id = 'new' where id = 'p'; "
        "delete from collection_artifacts; rollback to s; "
        "delete from collection_artifacts where artifact_id = 'skill:s1'"
    ),
    "rename_and_settle_at_once": (
        "set constraints all immediate; delete from groups where id = 'p1'; "
        "update collections set id = 'new' where id in ('p', 'nothing'); "
        "insert into groups (collection_id, name) values ('new', 'N')"
    ),
    "rename_by_conflict": (
        "insert into collections (id, name) values ('p', 'P') on conflict (id) "
        "do update set id = 'new'"
    ),
    "rename_and_move_in_one_statement": (
        "with renamed as (update collections set id = 'new' where id = 'empty') "
        "update collection_artifacts set collection_id = 'q' where collection_id = 'p'"
    ),
    "delete_a_collection": "delete from collections where id = 'p'",
    "delete_a_collection_with_groups": "delete from collections where id = 'default'",
    "delete_every_collection": "delete from collections",
    "delete_a_group": "delete from groups where id = 'gp'",
    "delete_a_tag": "delete from tags where id = 'p'",
    "delete_a_type": "delete from artifact_types where type = 'skill'",
    "delete_an_artifact": "delete from artifacts where name = 's1'",
    "delete_every_artifact": "delete from artifacts",
    "delete_an_artifact_and_a_membership": (
        "with gone as (delete from artifacts where name = 's1') "
        "delete from collection_artifacts where artifact_id = 'skill:s2'"
    ),
    "delete_a_collection_and_its_memberships": (
        "with gone as (delete from collections where id = 'p') "
        "delete from collection_artifacts where collection_id = 'p'"
    ),
    "delete_a_collection_and_create_it_again": (
        "delete from collections where id = 'p'; "
        "insert into collections (id, name) values ('p', 'P'); "
        "insert into collection_artifacts (collection_id, artifact_id) values ('p', 'agent:a1')"
    ),
    "delete_undone": (
        "savepoint s; delete from collections; delete from tags; rollback to s; "
        "delete from collections where id = 'q'"
    ),
    "create_a_collection_with_its_members": (
        "with made as (insert into collections (id, name) values ('new', 'N') returning id) "
        "insert into collection_artifacts (collection_id, artifact_id) "
        "select made.id, artifacts.id from made, artifacts"
    ),
    "create_a_type_with_its_artifacts": (
        "with made as (insert into artifact_types (type) values ('new') returning type) "
        "insert into artifacts (type, name) select type, 'n' from made"
    ),
    "move_a_member_out_of_its_groups": (
        "update collection_artifacts set collection_id = 'empty' where collection_id = 'default'"
    ),
    "leave_a_collection_and_its_groups": (
        "delete from collection_artifacts where collection_id = 'default'"
    ),
    "move_a_group_to_another_collection": (
        "insert into collection_artifacts (collection_id, artifact_id) "
        "select 'empty', id from artifacts; "
        "update groups set collection_id = 'empty' where id = 'gp'"
    ),
    "truncate_collections": "truncate collections cascade",
    "truncate_groups": "truncate groups cascade",
    "truncate_tags": "truncate tags cascade",
    "truncate_types": "truncate artifact_types cascade",
    "truncate_artifacts": "truncate artifacts cascade",
    "truncate_several": "truncate collection_artifacts, groups, group_artifacts, artifact_tags",
}

# A key that one statement frees and reuses. Its children are about to leave: neither the old nor
# the new row may count them. The database may also refuse the statement.
REPLACEMENTS = {
    f"replace_a_row_of_{table}": (
        f"with gone as (delete from {table} where {key} = '{old}' returning {columns}) "
        f"insert into {table} ({columns}) select {columns} from gone"
    )
    for table, key, old, columns in (
        ("collections", "id", "p", "id, name"),
        ("groups", "id", "gp", "collection_id, id, name"),
        ("tags", "id", "p", "id, name, slug"),
        ("artifact_types", "type", "skill", "type"),
    )
} | {
    "rename_a_collection_and_take_its_id": (
        "with renamed as (update collections set id = 'new', name = 'N' where id = 'p' "
        "returning 1) insert into collections (id, name) select 'p', 'P' from renamed"
    ),
    "merge_deletes_a_collection_and_takes_its_id": (
        "merge into collections as c using (values ('p', null), ('none', 'p')) as v (old, new) "
        "on c.id = v.old when matched then delete "
        "when not matched then insert (id, name) values (v.new, 'New')"
    ),
    "delete_a_collection_and_rename_another_to_its_id": (
        "with gone as (delete from collections where id = 'p' returning 1) "
        "update collections set id = 'p' where id = 'q' and exists (select from gone)"
    ),
    "rename_a_collection_to_an_id_that_is_given_up": (
        "update collections set id = case id when 'p' then 'new' else 'p' end "
        "where id in ('p', 'q')"
    ),
}


def operations() -> dict[str, str]:
    """Return every operation that the database must accept, by name."""
    named = dict(ON_A_PARENT)
    for child in CHILDREN:
        first, second, third = child.fresh
        for name, statement in ON_A_CHILD.items():
            named[f"{name}[{child.table}]"] = statement.format(
                table=child.table,
                columns=child.columns,
                unique=child.unique,
                key=child.key,
                p=child.p,
                q=child.q,
                empty=child.empty,
                first=first,
                second=second,
                third=third,
                taken=child.taken,
            )
    return named
