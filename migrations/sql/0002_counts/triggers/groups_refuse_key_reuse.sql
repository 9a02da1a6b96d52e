-- Refuses a statement that frees a key of groups and gives it to another row.
-- The children of the first row still carry the key when the trigger counts them, so they would be
-- counted for the second row.

create or replace function groups_refuse_key_reuse()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    if
        (tg_op = 'DELETE' or new.id <> old.id)
        and exists (select from groups as p where p.id = old.id)
    then
        raise unique_violation using
            message = format(
                'key %L of groups is given up and taken in one statement', old.id
            ),
            hint = 'Use two statements.';
    end if;

    return null;
end;
$$;

revoke execute on function groups_refuse_key_reuse() from public;

comment on function groups_refuse_key_reuse() is
    'Refuses a statement that frees a key of groups and gives it to another row.';

create or replace trigger groups_refuse_key_reuse
    after delete or update of id on groups
    for each row execute function groups_refuse_key_reuse();

comment on trigger groups_refuse_key_reuse on groups is
    'Refuses a statement that frees a key and gives it to another row.';
